"""Sealing: the only package that imports `cryptography`. Plain Python; FORMAT.md has every byte."""
