"""Keys: what opens a vault, who keeps what, and new ones in place of old."""
