"""The connection test: whether what was agreed with a platform works."""
