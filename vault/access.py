"""`Access`: who is asking, and the opened keys of exactly the collections they may use.

There are three ways to get one: the owner's session, a token of a grant, a job's token. Whatever
reads or writes the vault takes an Access; one with nothing opened sees nothing.
"""

import base64
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext

from vault.errors import Locked, NotFound, Refused
from vault.granting import grant_rows, terms, tokens
from vault.granting.grant_rows import Wrapped
from vault.granting.terms import Terms
from vault.granting.tokens import Reach
from vault.ids import new_id
from vault.keys import slots
from vault.keys.keyring import Key, Keyring, only, open_ring, seal_ring, unwrap_collection
from vault.keys.slots import NoWay
from vault.models import Grant, GrantRight, GrantSlot, SessionSlot, Vault
from vault.scope import vault_scope
from vault.types import Add, Asker, OpenSession, Right

IDLE_LIMIT = timedelta(minutes=30)
SESSION_LIMIT = timedelta(hours=12)
LONGEST_LIFE = timedelta(days=366)
"""No token lives longer: after it, the pepper of its day is destroyed."""
_TOUCH_EVERY = timedelta(minutes=1)
_ALL = Right(see=True, add="yes")


@dataclass(frozen=True, slots=True)
class Letterbox:
    """What a grantee needs to add to a collection that it may not see."""

    name: str
    public: bytes
    epoch: int


@dataclass(frozen=True, slots=True)
class Access:
    """An asker with opened keys. Everything else in the package trusts its `rights` alone."""

    vault_id: UUID
    asker: Asker
    rights: Mapping[UUID, Right]
    keyring: Keyring = field(repr=False)
    letterboxes: Mapping[UUID, Letterbox] = field(default_factory=dict, repr=False)
    session_key: Key | None = field(default=None, repr=False)
    expires_at: datetime | None = None
    confirmed_only: bool = False
    """Sees only what the owner wrote or confirmed."""
    upto: Mapping[UUID, int] = field(default_factory=dict)
    """Collections of which it sees only what was there at that change of the vault, and its own."""
    scopes: frozenset[str] | None = None
    """Of an app's token; None for whoever has no scopes, and so all that `rights` say."""
    looking: bool = False
    """The owner looks with a grantee's eyes: sees no more than it would, and changes nothing."""
    eyes: UUID | None = None
    """Then, the grant's id, if there is a grant yet."""
    chain_key: Key | None = field(default=None, repr=False)
    """Of the access log's chain: at hand before anything is locked, since a key server is slow."""

    @property
    def is_owner(self) -> bool:
        return self.asker.kind == "owner" and not self.looking

    @property
    def grant_id(self) -> UUID | None:
        """Of the grant whose eyes these are."""
        return self.asker.id if self.asker.kind == "token" else self.eyes

    @property
    def is_logged(self) -> bool:
        """Whether what is read belongs into the log. The owner's own looking around does not, with
        whose eyes ever."""
        return self.asker.kind != "owner"

    @property
    def visible(self) -> frozenset[UUID]:
        """The collections that may be seen: the only ones any read may name."""
        return frozenset(c for c, right in self.rights.items() if right.see)

    def may_see(self, collection_id: UUID) -> bool:
        right = self.rights.get(collection_id)
        return right is not None and right.see

    def may_add(self, collection_id: UUID) -> Add:
        right = self.rights.get(collection_id)
        return right.add if right else "no"

    def must_own(self) -> None:
        """Refused for everybody but the owner in their own session."""
        if not self.is_owner:
            raise Refused(gettext("Only the owner of the vault may do this."))

    def narrowed(self, collections: frozenset[UUID] | set[UUID] | None) -> frozenset[UUID]:
        """The visible ones among `collections`; all visible ones for None.

        NotFound for one that may not be seen: the same answer as for one that does not exist.
        """
        if collections is None:
            return self.visible
        if not set(collections) <= self.visible:
            raise NotFound(gettext("There is no such collection."))
        return frozenset(collections)


def start_session(vault: Vault, keyring: Keyring) -> OpenSession:
    """Seal the keyring in a new session row; only the returned secret opens it again."""
    session_id, secret = new_id(), base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    now = timezone.now()
    SessionSlot.objects.create(
        vault_id=vault.id,
        id=session_id,
        key_version=vault.key_version,
        sealed=seal_ring(slots.session_key(secret, session_id), keyring, session_id),
        created_at=now,
        used_at=now,
    )
    return OpenSession(vault.id, session_id, secret)


def open_session(session_id: UUID, vault_id: UUID, secret: str) -> Access:
    """The owner's Access. Locked when idle or open for too long, locked, or the secret is wrong."""
    with vault_scope(vault_id):
        slot = SessionSlot.objects.filter(vault_id=vault_id, id=session_id).first()
        version = Vault.objects.filter(id=vault_id).values_list("key_version", flat=True).first()
        if slot is None or slot.key_version != version or _session_over(slot):
            raise locked()
        try:
            key = slots.session_key(secret, session_id)
            keyring = open_ring(key, vault_id, session_id, slot.sealed)
        except NoWay:
            raise locked() from None
        chain_key = slots.log_chain_key_ahead(vault_id)
        _touch_session(slot)
    rights = dict.fromkeys(keyring.collections, _ALL)
    asker = Asker("owner", session_id, "You")
    return Access(vault_id, asker, rights, keyring, session_key=key, chain_key=chain_key)


def reseal_session(access: Access) -> None:
    """Keep the session open after its keyring grew and the vault's `key_version` with it; every
    other session must unlock again. Within the transaction that holds the vault's row.

    Locked when another browser, or a lock, was faster: this keyring lacks what that one made.
    """
    if access.session_key is None:
        raise Refused("Only an open session can take new keys.")
    version = Vault.objects.values_list("key_version", flat=True).get(id=access.vault_id)
    mine = SessionSlot.objects.filter(
        vault_id=access.vault_id, id=access.asker.id, key_version=version - 1
    )
    slot = mine.select_for_update(no_key=True).first()
    if slot is None:
        raise Locked(
            gettext("A key was changed elsewhere just now. Enter your password to open it again.")
        )
    # Another tab of this browser may have put in a key since this request opened the session.
    access.keyring.take_in(open_ring(access.session_key, access.vault_id, slot.id, slot.sealed))
    sealed = seal_ring(access.session_key, access.keyring, slot.id)
    SessionSlot.objects.filter(vault_id=access.vault_id, id=slot.id).update(
        key_version=version, sealed=sealed
    )


def open_token(token: str, *, audience: str = "") -> Access:
    """A grantee's Access. Locked for every token that does not work, whatever the reason.

    A token of an app works at the audience it was made for, and is capped by its scopes; an API
    token knows neither.
    """
    vault_id = tokens.vault_of(token)
    with vault_scope(vault_id):
        found = tokens.with_grant(token, tokens.API, tokens.ACCESS)
        if found is None:
            raise tokens.refusal()
        slot, grant = found
        _must_be_live(grant, slot)
        opened = tokens.opened(token, slot)
        reach = opened.reach
        if (slot.kind == tokens.ACCESS) != (reach is not None and reach.works(audience)):
            raise tokens.refusal()
        return granted(grant, opened.key, reach)


def live_grant(slot: GrantSlot) -> Grant:
    """The grant of a slot. Locked when it has ended, is paused, or its owner's login is off."""
    rows = Grant.objects.filter(vault_id=slot.vault_id, id=slot.grant_id)
    grant = rows.filter(vault__owner__is_active=True).first()
    if grant is None:
        raise tokens.refusal()
    _must_be_live(grant, slot)
    return grant


def granted(grant: Grant, key: Key, reach: Reach | None = None) -> Access:
    """What this grant's key opens, capped by what the token reaches. Within a scope."""
    vault_id = grant.vault_id
    found, keys = grant_rows.given(vault_id, grant.id)
    given = {row.collection_id: terms.read(key, row) for row in found if row.terms}
    keyring = _granted_keys(vault_id, key, keys)
    rights = {row.collection_id: _right(row, given.get(row.collection_id)) for row in found}
    seen = {collection for collection, right in rights.items() if right.see}
    over = not given or any(t.over(timezone.now()) for t in given.values())
    if over or len(given) < len(found) or not seen <= keyring.collections:
        raise tokens.refusal()  # revoked or narrowed between these queries, or over
    chain_key = slots.log_chain_key_ahead(vault_id)
    _touch_grant(grant)
    if reach:
        rights = {collection: reach.at_most(right) for collection, right in rights.items()}
        seen = {collection for collection, right in rights.items() if right.see}
    return Access(
        vault_id,
        Asker("token", grant.id, grant.name, grant.version),
        rights,
        only(keyring, seen),
        {row.collection_id: _letterbox(row, given) for row in found if row.terms},
        expires_at=grant.expires_at,
        confirmed_only=grant.confirmed_only or any(t.confirmed_only for t in given.values()),
        upto=_bounds(found, given),
        scopes=reach.scopes if reach else None,
        chain_key=chain_key,
    )


def _session_over(slot: SessionSlot) -> bool:
    now = timezone.now()
    return now - slot.used_at > IDLE_LIMIT or now - slot.created_at > SESSION_LIMIT


def _touch_session(slot: SessionSlot) -> None:
    now = timezone.now()
    if now - slot.used_at > _TOUCH_EVERY:
        SessionSlot.objects.filter(vault_id=slot.vault_id, id=slot.id).update(used_at=now)


def locked() -> Locked:
    """What whoever comes without open keys is told."""
    return Locked("Your vault is locked. Enter your password to open it.")


def _must_be_live(grant: Grant, slot: GrantSlot) -> None:
    now = timezone.now()
    if grant.revoked_at or _past(grant.expires_at, now) or _past(slot.expires_at, now):
        raise tokens.refusal()
    if grant.paused_at:
        raise Locked("The owner of this vault has paused this grant. Ask them to resume it.")


def _past(limit: datetime | None, now: datetime) -> bool:
    return limit is not None and limit <= now


def _right(row: GrantRight, given: Terms | None) -> Right:
    """What the owner gave and has not taken back; nothing where no terms say so."""
    add: Add = "yes" if row.add == "yes" else "ask" if row.add == "ask" else "no"
    return given.at_most(Right(see=row.see, add=add)) if given else Right()


def _bounds(found: Iterable[GrantRight], given: Mapping[UUID, Terms]) -> dict[UUID, int]:
    said = {row.collection_id: terms.bound(row, given[row.collection_id]) for row in found}
    return {collection: seq for collection, seq in said.items() if seq is not None}


def _granted_keys(vault_id: UUID, grant_key: Key, keys: Iterable[Wrapped]) -> Keyring:
    return Keyring(
        vault_id,
        {
            (collection, epoch): unwrap_collection(vault_id, grant_key, collection, epoch, wrapped)
            for collection, epoch, wrapped in keys
        },
    )


def _letterbox(row: GrantRight, given: Mapping[UUID, Terms]) -> Letterbox:
    said = given[row.collection_id]
    return Letterbox(said.name, said.public, row.epoch)


def _touch_grant(grant: Grant) -> None:
    now = timezone.now()
    if grant.last_used_at is None or now - grant.last_used_at > _TOUCH_EVERY:
        Grant.objects.filter(vault_id=grant.vault_id, id=grant.id).update(last_used_at=now)
