"""Who may launch us: platforms, their deployments, and how they come to be connected."""
