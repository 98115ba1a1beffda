"""One file a release step, oldest first."""
