"""What pages show: frozen dataclasses, and functions that make them of what workflows return. No rule lives here."""
