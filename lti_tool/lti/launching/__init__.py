"""A launch, from the login to what it says: read, judged, kept when refused, and explained."""
