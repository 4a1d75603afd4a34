"""Everything that can go wrong in the vault, split by what the asker does next.

VaultError
├── Locked            open the vault again: sign in or enter the password
├── WrongSecret       the password or recovery code does not open the vault: try again
├── NotFound          there is no such thing for this asker (also when it may not see it)
├── Refused           the grant does not allow this: ask the owner for more
│   └── KeyNeeded     only with the vault's own key: ask for the password on a page
├── Stale             it changed meanwhile: read it again, then repeat
│   └── KeyChanged    the owner changed a collection's key meanwhile: repeat as it is
├── Outdated          too old to go on from: start again
├── Invalid           the value itself is wrong: the message says which and how
└── Tampered          stored data was altered, moved or lost: stop, restore a backup
    └── OutsideScope  a bug of ours: tenant data was touched outside `vault_scope`
"""


class VaultError(Exception):
    """Base class. The message is shown to the person: no memory text, key or token in it."""


class Locked(VaultError):
    """The vault is locked. Enter your password to open it."""


class WrongSecret(VaultError):
    """That does not open this vault. Check it and try again."""


class NotFound(VaultError):
    """There is nothing here under that id."""


class Refused(VaultError):
    """The grant does not allow this. The owner can widen it under Grants."""


class KeyNeeded(Refused):
    """This needs the key of the whole vault. Enter your password."""


class Outdated(VaultError):
    """This is too old to go on from. Start again."""


class Stale(VaultError):
    """It changed meanwhile. Read it again, then repeat the change."""


class KeyChanged(Stale):
    """The owner gave a collection a new key just now. Repeat the same request."""

    def __init__(self) -> None:
        super().__init__("The key of this collection was changed just now. Repeat that.")


class Invalid(VaultError):
    """A value is wrong. `field` names it, the message says what would be right."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class Tampered(VaultError):
    """Stored data was altered or moved. Nothing was shown; restore a backup of this vault."""


class OutsideScope(Tampered):
    """A query touched a vault's table outside `vault_scope`."""
