"""Grants: what an app or a connection may see and add, and the tokens that prove it."""
