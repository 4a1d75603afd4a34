"""What can be wrong with a vault archive that somebody brings, split by what they do next.

ArchiveError
├── NotAnArchive   it is another file: choose the one that Satchel made
├── WrongPassphrase   type it again
├── TooNew         restore it on a newer Satchel
├── TooMuchWork    lock it again with the age program's own setting
└── Damaged        it was cut, altered or made by something else: take another copy
"""

from vault.errors import VaultError


class ArchiveError(VaultError):
    """Base class. The message is one plain sentence, and quotes nothing from the archive."""


class NotAnArchive(ArchiveError):
    """Another file than a vault archive. Choose the one that Satchel made."""

    def __init__(self) -> None:
        super().__init__(
            "This is not a vault archive. Choose the file that ends in .age, as Satchel made it."
        )


class WrongPassphrase(ArchiveError):
    """The passphrase does not open the archive. Type it again."""

    def __init__(self) -> None:
        super().__init__(
            "This passphrase does not open the archive. Type it as you did when you made it."
        )


class TooNew(ArchiveError):
    """The archive was made by a newer version. Restore it there."""

    def __init__(self) -> None:
        super().__init__(
            "This archive was made by a newer version of Satchel. Restore it on one as new as that."
        )


class TooMuchWork(ArchiveError):
    """The archive asks for more memory than this server gives."""

    def __init__(self) -> None:
        super().__init__(
            "This archive was locked again by another program, with more work than is done here."
            " Lock it with `age -p` and its own settings, or use the file as Satchel made it."
        )


class Damaged(ArchiveError):
    """The archive is not as it was made. Take another copy of it, or make a new one."""

    def __init__(self) -> None:
        super().__init__(
            "This archive is damaged, cut short or was not made by Satchel. Nothing of it was kept."
            " Try another copy of the file."
        )
