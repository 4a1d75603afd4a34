"""Who keeps the server's peppers: secrets that live outside the database and its backups.

The pepper goes into every password; the pepper of a day into every slot of a job or token made
that day, that of a grant into each slot of its tokens. When a day's or a grant's pepper is
destroyed, old copies of those slots open nothing, even with the token.
"""

import os
import secrets
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Protocol
from uuid import UUID

from django.conf import settings

from vault.crypto.errors import CannotOpen, CryptoError

PEPPER_BYTES = 32


class PepperGone(CannotOpen):
    """The pepper of that day was destroyed or never was: what it sealed opens no more. Ask for a
    new token."""


class KeysFolderError(CryptoError):
    """The folder of peppers is not as it was left. Restore it from its own backup, or correct its
    permissions; the message says which."""


class KeyServerError(CryptoError):
    """The key server does not answer, or refuses. See that it runs, is unsealed, and that the
    token's policy allows what docs/hosting.md lists; then try again."""


class KeyCustodian(Protocol):
    """Keeps peppers of 32 bytes. All days are UTC days."""

    def pepper(self) -> bytes:
        """The lasting pepper, for passwords."""

    def pepper_of(self, day: date) -> bytes:
        """The pepper of a day; today's is made on demand. PepperGone for any other without one."""

    def destroy_before(self, day: date) -> Sequence[date]:
        """Destroy every pepper older than `day`; which days those were."""

    def days(self) -> Sequence[date]:
        """The days whose pepper still exists, oldest first."""

    def grant_pepper(self, grant: UUID) -> bytes:
        """The pepper of one grant. PepperGone when it was destroyed or never made."""

    def new_grant_pepper(self, grant: UUID) -> bytes:
        """Make the pepper of a new grant; the one there already if there is one."""

    def destroy_grants(self, grants: Iterable[UUID]) -> None:
        """Destroy their peppers, where there are any: their tokens open nothing from now on, in no
        old copy of the database either."""

    def renew(self) -> None:
        """Keep our own way in open, where it ends unless renewed. Called every hour."""


def today() -> date:
    """The day it is for peppers."""
    return datetime.now(UTC).date()


class FileCustodian:
    """Peppers as files of mode 0400 in a folder of mode 0700 that only the service may read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def pepper(self) -> bytes:
        """The lasting pepper, made once in an empty folder. KeysFolderError when it is missing
        from a folder already in use: a new one would shut everybody out without a word."""
        found = self._read("pepper")
        return found if found is not None else self._first_pepper()

    def pepper_of(self, day: date) -> bytes:
        """See KeyCustodian. Safe under processes that race: all get the same."""
        found = self._read(_name(day))
        if found is None and day == today():
            self.pepper()
            found = self._make(_name(day))
        if found is None:
            raise PepperGone
        return found

    def destroy_before(self, day: date) -> list[date]:
        """See KeyCustodian. Overwrites before unlinking, which a journal or a flash disk may
        defeat: keep the folder on an encrypted disk."""
        gone = [each for each in self.days() if each < day]
        for each in gone:
            with suppress(FileNotFoundError):  # another process was faster
                _destroy(self._folder / _name(each))
        self._sync()
        return gone

    def days(self) -> list[date]:
        """See KeyCustodian."""
        self._prepare()
        try:
            return sorted(date.fromisoformat(path.stem) for path in self._folder.glob("*.day"))
        except ValueError:
            raise KeysFolderError("The keys folder holds a .day file that is no day.") from None

    def grant_pepper(self, grant: UUID) -> bytes:
        """See KeyCustodian."""
        found = self._read(_grant_name(grant))
        if found is None:
            raise PepperGone
        return found

    def new_grant_pepper(self, grant: UUID) -> bytes:
        """See KeyCustodian."""
        self.pepper()
        return self._read(_grant_name(grant)) or self._make(_grant_name(grant))

    def destroy_grants(self, grants: Iterable[UUID]) -> None:
        """See KeyCustodian; of overwriting, what `destroy_before` says."""
        for grant in grants:
            with suppress(FileNotFoundError):
                _destroy(self._folder / _grant_name(grant))
        self._sync()

    def renew(self) -> None:
        """A folder stays open."""

    def _first_pepper(self) -> bytes:
        used = self.days()
        # Looked at again after the days, since a racing process makes the pepper before any day.
        found = self._read("pepper")
        if found is None and used:
            raise KeysFolderError("The pepper is missing. Restore the keys folder from its backup.")
        return found or self._make("pepper")

    def _prepare(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if stat.S_IMODE(self._folder.stat().st_mode) & 0o077:
            raise KeysFolderError("The keys folder is open to others. Set its mode to 0700.")

    def _read(self, name: str) -> bytes | None:
        try:
            descriptor = os.open(self._folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            private = not os.fstat(descriptor).st_mode & 0o077
            pepper = file.read(PEPPER_BYTES + 1)
        if not private or len(pepper) != PEPPER_BYTES:
            raise KeysFolderError("A pepper file has another size or mode. Restore it, mode 0400.")
        return pepper

    def _make(self, name: str) -> bytes:
        """Write the whole file under another name, then link it: it appears complete or not at
        all, and whoever comes second takes what the first one made."""
        draft = self._folder / f".{name}.{secrets.token_hex(8)}"
        _write_new(draft, secrets.token_bytes(PEPPER_BYTES))
        try:
            with suppress(FileExistsError):
                (self._folder / name).hardlink_to(draft)
            self._sync()
        finally:
            draft.unlink()
        made = self._read(name)
        if made is None:
            raise PepperGone
        return made

    def _sync(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def custodian() -> KeyCustodian:
    """The custodian of the settings: the key server, or else the folder SATCHEL_KEYS_DIR."""
    if settings.SATCHEL_TRANSIT_URL:
        server = (settings.SATCHEL_TRANSIT_URL, settings.SATCHEL_TRANSIT_TOKEN)
        return _server(*server, settings.SATCHEL_TRANSIT_MOUNT)
    return _folder(Path(settings.SATCHEL_KEYS_DIR))


@lru_cache
def _folder(folder: Path) -> KeyCustodian:
    return FileCustodian(folder)


@lru_cache
def _server(url: str, token: str, mount: str) -> KeyCustodian:
    from vault.keys.transit import TransitCustodian

    return TransitCustodian(url, token, mount)


def _name(day: date) -> str:
    return f"{day.isoformat()}.day"


def _grant_name(grant: UUID) -> str:
    return f"{grant.hex}.grant"


def _write_new(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o400)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def _destroy(path: Path) -> None:
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.write(secrets.token_bytes(PEPPER_BYTES))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
