"""What connectors say to people, where gettext finds it: pages show it with `|said`."""
