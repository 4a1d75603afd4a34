"""Signing in and opening the vault: accounts, passkeys, second steps, sessions, apps at the door."""
