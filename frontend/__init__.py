"""The web interface: pages for a vault's owner. Thin: the layers below do the work."""
