"""Slices of a vault on their way to another model."""
