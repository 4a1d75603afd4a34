"""What hand-offs share: harmless text, filling to a limit, and the forms that several take."""
