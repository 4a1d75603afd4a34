"""Tokens of grants: what they look like, where their slots lie, and what they reach.

Each is a key: it opens its grant, and nothing but its hash is stored. What a token is good for is
sealed with it, so that whoever writes the database cannot make it good for more.
"""

import base64
import binascii
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

from django.utils import timezone

from vault.errors import Locked
from vault.granting import grant_rows
from vault.granting.scopes import ADD, SEE, SUGGEST
from vault.ids import new_id
from vault.keys import slots
from vault.keys.keyring import Key
from vault.keys.slots import NoWay, token_hash
from vault.models import Grant, GrantSlot
from vault.types import Add, Right

PREFIX = "satchel_"
"""Lets secret scanners know our tokens."""

API, CODE, ACCESS, REFRESH = "api-token", "code", "access", "refresh"
"""The kinds: made by hand; and an app's: a code of a minute, a token for requests, and one for the
next pair of tokens."""

_ADDS: tuple[Add, ...] = ("no", "ask", "yes")


@dataclass(frozen=True, slots=True)
class Reach:
    """What an app's token is good for: at which address, what of its grant, until when."""

    client: str
    """SHA-256 of the client id, in hex."""
    audience: str
    scopes: frozenset[str]
    until: datetime

    def at_most(self, right: Right) -> Right:
        """As much of this right as the scopes let through."""
        most: Add = "yes" if ADD in self.scopes else "ask" if SUGGEST in self.scopes else "no"
        add = min(right.add, most, key=_ADDS.index)
        return Right(see=right.see and SEE in self.scopes, add=add)

    def works(self, audience: str) -> bool:
        """At this address, and still."""
        return self.audience == audience and timezone.now() < self.until

    def written(self) -> bytes:
        until = self.until.timestamp()
        return json.dumps([self.client, self.audience, sorted(self.scopes), until]).encode()


@dataclass(frozen=True, slots=True)
class Opened:
    """A token's slot and the grant's key that it opened. `reach` is None for an API token."""

    slot: GrantSlot
    key: Key = field(repr=False)
    reach: Reach | None


def client_mark(client_id: str) -> str:
    return hashlib.sha256(client_id.encode()).hexdigest()


def new(vault_id: UUID) -> str:
    """A new token, which names the vault and holds 256 random bits."""
    return PREFIX + base64.urlsafe_b64encode(vault_id.bytes + secrets.token_bytes(32)).decode()


def vault_of(token: str) -> UUID:
    """Locked for what cannot be a token."""
    return UUID(bytes=_raw(token)[:16])


def slot_of(token: str, *kinds: str) -> GrantSlot | None:
    """Its slot, if it has one of one of these kinds. Inside `vault_scope`."""
    mine = {"vault_id": vault_of(token), "token_hash": token_hash(_raw(token))}
    return GrantSlot.objects.filter(**mine, kind__in=kinds).first()


def with_grant(token: str, *kinds: str) -> tuple[GrantSlot, Grant] | None:
    """The same with its grant, if the owner's login is on; what the grant says is for the caller
    to look at."""
    return grant_rows.of_token(vault_of(token), token_hash(_raw(token)), kinds)


def opened(token: str, slot: GrantSlot) -> Opened:
    """Locked when the slot was altered, or what it needs besides the token is destroyed."""
    place = (slot.pepper_day, slot.grant_id, slot.vault_id, slot.id)
    try:
        key = slots.open_token_slot(slot.kind, _raw(token), *place, slot.sealed)
    except NoWay:
        raise refusal() from None
    return Opened(slot, key, _reach(slots.reach_of(slot.sealed)))


def reach_in(sealed: bytes) -> Reach | None:
    """What a slot says of itself, not opened: for telling its owner, never for deciding."""
    return _reach(slots.reach_of(sealed))


def add_slot(
    row: Grant,
    key: Key,
    kind: str,
    token: str,
    today: date,
    until: datetime,
    *,
    reach: Reach | None = None,
    family: UUID | None = None,
) -> GrantSlot:
    """Let this token open the grant's key, until then."""
    raw, slot_id = _raw(token), new_id()
    said = reach.written() if reach else b""
    return GrantSlot.objects.create(
        vault_id=row.vault_id,
        id=slot_id,
        grant_id=row.id,
        kind=kind,
        family=family,
        token_hash=token_hash(raw),
        pepper_day=today,
        sealed=slots.token_slot(kind, raw, today, row.id, row.vault_id, slot_id, key, said),
        expires_at=until,
    )


def refusal() -> Locked:
    """One answer for every token that does not work, whatever the reason."""
    return Locked("This token does not work. It may have expired or been revoked.")


def _reach(written: bytes) -> Reach | None:
    if not written:
        return None
    client, audience, scopes, until = json.loads(written)
    return Reach(client, audience, frozenset(scopes), datetime.fromtimestamp(until, UTC))


def _raw(token: str) -> bytes:
    try:
        raw = base64.b64decode(token.removeprefix(PREFIX), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise refusal() from None
    if not token.startswith(PREFIX) or len(raw) != 48:
        raise refusal()
    return raw
