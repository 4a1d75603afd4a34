"""Signing in and opening the vault: accounts, passkeys, second step, sessions, apps at the door."""
