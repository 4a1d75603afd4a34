"""Vendor code: plain Python that knows neither Django nor the vault."""
