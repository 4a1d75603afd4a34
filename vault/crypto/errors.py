"""What can go wrong while sealing and opening.

CryptoError
├── CannotOpen        show "cannot be opened with this key"; never say which part was wrong
│   └── MistypedCode  ask the person to compare the recovery code with the printed one
└── WeakParameters    refuse: the password parameters are outside the limits in code
"""


class CryptoError(Exception):
    """Base class. The message holds no key, no plaintext and no reason an attacker could use."""


class CannotOpen(CryptoError):
    """Wrong key, or the bytes were altered, moved or cut. Nothing was opened; which it was is
    not told."""

    def __init__(self, message: str = "This cannot be opened with the key at hand.") -> None:
        super().__init__(message)


class MistypedCode(CannotOpen):
    """The recovery code has a typing mistake. Compare it with the printed one and try again."""

    def __init__(self) -> None:
        super().__init__("This recovery code has a typing mistake. Compare it with your copy.")


class WeakParameters(CryptoError):
    """The password parameters are below the floor, or too costly to run. Correct the setting; if
    they came from the database, someone changed it."""
