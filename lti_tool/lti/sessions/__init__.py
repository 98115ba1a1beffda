"""The session that a launch opens, and how it is bound to one browser."""
