"""Peppers kept by HashiCorp Vault or OpenBao: each is the HMAC of a fixed text under a transit key.

The keys never leave that server. A day's or a grant's pepper is destroyed by deleting its key.
API: the transit secrets engine (keys, keys/config, hmac), by `hvac`.
"""

import base64
import binascii
import threading
import time
from collections.abc import Iterable
from datetime import date
from uuid import UUID

import hvac
import requests
from hvac import exceptions

from vault.keys.custodian import PEPPER_BYTES, KeyServerError, KeysFolderError, PepperGone, today

PEPPER, DAY, GRANT = "satchel-pepper", "satchel-day-", "satchel-grant-"
SECONDS = 5.0
_REMEMBERED_FOR = 60.0  # seconds; the lasting pepper is asked for at every login and log line
_INPUT = base64.b64encode(b"satchel/v1/pepper").decode()


class TransitCustodian:
    """See KeyCustodian. What was asked for is remembered for a minute, in this process."""

    def __init__(self, url: str, token: str, mount: str = "transit") -> None:
        self._client = hvac.Client(  # type: ignore[no-untyped-call]
            url=url, token=token, timeout=SECONDS, allow_redirects=False
        )
        self._transit, self._mount = self._client.secrets.transit, mount
        self._known: dict[str, tuple[float, bytes]] = {}
        self._lock = threading.Lock()

    def pepper(self) -> bytes:
        """The lasting pepper, its key made once. KeysFolderError when that is missing although
        there are days: a new one would shut everybody out without a word."""
        try:
            return self._pepper(PEPPER)
        except PepperGone:
            if self.days():
                raise KeysFolderError(
                    f"The transit key {PEPPER} is missing. Restore the key server from its backup."
                ) from None
            return self._made(PEPPER)

    def pepper_of(self, day: date) -> bytes:
        name = DAY + day.isoformat()
        try:
            return self._pepper(name)
        except PepperGone:
            if day != today():
                raise
            self.pepper()
            return self._made(name)

    def destroy_before(self, day: date) -> list[date]:
        gone = [each for each in self.days() if each < day]
        for each in gone:
            self._destroy(DAY + each.isoformat())
        return gone

    def days(self) -> list[date]:
        names = [name.removeprefix(DAY) for name in self._names() if name.startswith(DAY)]
        try:
            return sorted(date.fromisoformat(name) for name in names)
        except ValueError:
            raise KeysFolderError("One satchel-day key over there is no day.") from None

    def grant_pepper(self, grant: UUID) -> bytes:
        return self._pepper(GRANT + grant.hex)

    def new_grant_pepper(self, grant: UUID) -> bytes:
        return self._made(GRANT + grant.hex)

    def destroy_grants(self, grants: Iterable[UUID]) -> None:
        for grant in grants:
            self._destroy(GRANT + grant.hex)

    def renew(self) -> None:
        """Keep our token alive, where it is one that can be renewed."""
        with _explained():
            if self._client.auth.token.lookup_self()["data"].get("renewable"):
                self._client.auth.token.renew_self()

    def _pepper(self, name: str) -> bytes:
        with self._lock:
            since, pepper = self._known.get(name, (0.0, b""))
        if pepper and time.monotonic() - since < _REMEMBERED_FOR:
            return pepper
        pepper = self._asked(name)
        with self._lock:
            self._known = {n: k for n, k in self._known.items() if _fresh(k)}
            self._known[name] = (time.monotonic(), pepper)
        return pepper

    def _asked(self, name: str) -> bytes:
        """Version 1 of the key for ever: somebody's `rotate` there must not shut everybody out."""
        with _explained():
            try:
                answer = self._transit.generate_hmac(
                    name, _INPUT, key_version=1, algorithm="sha2-256", mount_point=self._mount
                )
            except (exceptions.InvalidRequest, exceptions.InvalidPath):
                if self._there(name):
                    raise
                raise PepperGone from None
            return _parsed(answer)

    def _there(self, name: str) -> bool:
        try:
            self._transit.read_key(name, mount_point=self._mount)
        except exceptions.InvalidPath:
            return False
        return True

    def _made(self, name: str) -> bytes:
        """Making a key that is there changes nothing, so that processes may race."""
        with _explained():
            self._transit.create_key(name, key_type="aes256-gcm96", mount_point=self._mount)
        return self._pepper(name)

    def _destroy(self, name: str) -> None:
        with self._lock:
            self._known.pop(name, None)
        with _explained():
            if self._there(name):
                self._transit.update_key_configuration(
                    name, deletion_allowed=True, mount_point=self._mount
                )
                self._transit.delete_key(name, mount_point=self._mount)

    def _names(self) -> list[str]:
        with _explained():
            try:
                answer = self._transit.list_keys(mount_point=self._mount)
            except exceptions.InvalidPath:
                return []
            names: list[str] = answer["data"]["keys"]
            return names


class _explained:
    """Turns what hvac and requests raise into one error of ours, with no address or token in it."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, exceptions.VaultError | requests.RequestException | KeyError):
            raise KeyServerError(f"The key server failed ({type(error).__name__}).") from None


def _fresh(known: tuple[float, bytes]) -> bool:
    return time.monotonic() - known[0] < _REMEMBERED_FOR


def _parsed(answer: dict[str, dict[str, str]]) -> bytes:
    prefix, _, words = answer["data"]["hmac"].rpartition(":")
    try:
        pepper = base64.b64decode(words, validate=True)
    except binascii.Error:
        pepper = b""
    if prefix != "vault:v1" or len(pepper) != PEPPER_BYTES:
        raise KeyServerError("The key server answered something that is no HMAC-SHA256.")
    return pepper
