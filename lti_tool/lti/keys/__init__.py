"""Our own keys, by organisation, and those of platforms."""
