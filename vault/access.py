"""`Access`: who is asking, and the opened keys of exactly the collections they may use.

There are three ways to get one: the owner's session, a token of a grant, a job's token. Whatever
reads or writes the vault takes an Access; one with nothing opened sees nothing.
"""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from vault import slots, terms, tokens
from vault.errors import Locked, NotFound, Refused
from vault.ids import new_id
from vault.keyring import Key, Keyring, only, open_ring, seal_ring, unwrap_collection
from vault.models import Grant, GrantKey, GrantRight, GrantSlot, JobSlot, SessionSlot, Vault
from vault.scope import vault_scope
from vault.slots import NoWay, token_hash
from vault.terms import Terms
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
    scopes: frozenset[str] | None = None
    """Of an app's token; None for whoever has no scopes, and so all that `rights` say."""
    looking: bool = False
    """The owner looks with a grantee's eyes: sees no more than it would, and changes nothing."""
    chain_key: Key | None = field(default=None, repr=False)
    """Of the access log's chain: at hand before anything is locked, since a key server is slow."""

    @property
    def is_owner(self) -> bool:
        return self.asker.kind == "owner" and not self.looking

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
        return collection_id in self.visible

    def may_add(self, collection_id: UUID) -> Add:
        right = self.rights.get(collection_id)
        return right.add if right else "no"

    def must_own(self) -> None:
        """Refused for everybody but the owner in their own session."""
        if not self.is_owner:
            raise Refused("Only the owner of the vault may do this.")

    def narrowed(self, collections: frozenset[UUID] | set[UUID] | None) -> frozenset[UUID]:
        """The visible ones among `collections`; all visible ones for None.

        NotFound for one that may not be seen: the same answer as for one that does not exist.
        """
        if collections is None:
            return self.visible
        if not set(collections) <= self.visible:
            raise NotFound("There is no such collection.")
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
            raise _locked()
        try:
            key = slots.session_key(secret, session_id)
            keyring = open_ring(key, vault_id, session_id, slot.sealed)
        except NoWay:
            raise _locked() from None
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
        raise Locked("A key was changed elsewhere just now. Enter your password to open it again.")
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
        slot = tokens.slot_of(token, tokens.API, tokens.ACCESS)
        if slot is None:
            raise tokens.refusal()
        rows = Grant.objects.filter(vault_id=vault_id, id=slot.grant_id)
        grant = rows.filter(vault__owner__is_active=True).first()
        if grant is None:
            raise tokens.refusal()
        _must_be_live(grant, slot)
        opened = tokens.opened(token, slot)
        reach = opened.reach
        if (slot.kind == tokens.ACCESS) != (reach is not None and reach.works(audience)):
            raise tokens.refusal()
        found = list(GrantRight.objects.filter(vault_id=vault_id, grant_id=grant.id))
        given = {row.collection_id: terms.read(opened.key, row) for row in found if row.terms}
        keyring = _granted_keys(vault_id, grant.id, opened.key)
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
        scopes=reach.scopes if reach else None,
        chain_key=chain_key,
    )


def start_job(access: Access, purpose: str, keyring: Keyring, lasts: timedelta) -> str:
    """A one-job token: with its slot's row it opens these keys until `end_job`; neither alone.

    Within a scope. Locked when the asker's own session was ended meanwhile.
    """
    mine = SessionSlot.objects.filter(vault_id=access.vault_id, id=access.asker.id)
    if access.is_owner and not list(mine.select_for_update(no_key=True)):
        raise _locked()
    slot_id, raw = new_id(), access.vault_id.bytes + secrets.token_bytes(32)
    now = timezone.now()
    key = slots.job_key(raw, now.date())
    JobSlot.objects.create(
        vault_id=access.vault_id,
        id=slot_id,
        token_hash=token_hash(raw),
        pepper_day=now.date(),
        sealed=seal_ring(key, keyring, slot_id),
        purpose=purpose,
        expires_at=now + lasts,
    )
    return base64.urlsafe_b64encode(raw).decode()


def open_job(job_token: str, name: str) -> Access:
    """A job's Access: sees and adds in the collections it was started for. Locked when it ended."""
    raw = base64.urlsafe_b64decode(job_token)
    vault_id = UUID(bytes=raw[:16])
    gone = Locked("This job's keys are gone. Open your vault and continue it.")
    with vault_scope(vault_id):
        slot = JobSlot.objects.filter(vault_id=vault_id, token_hash=token_hash(raw)).first()
        if slot is None or slot.expires_at <= timezone.now():
            raise gone
        try:
            key = slots.job_key(raw, slot.pepper_day)
            keyring = open_ring(key, vault_id, slot.id, slot.sealed)
        except NoWay:
            raise gone from None
    rights = dict.fromkeys(keyring.collections, _ALL)
    chain_key = slots.log_chain_key_ahead(vault_id)
    return Access(vault_id, Asker("job", slot.id, name), rights, keyring, chain_key=chain_key)


def end_job(access: Access) -> None:
    """Shred the job's slot: its token opens nothing from now on."""
    with vault_scope(access.vault_id):
        JobSlot.objects.filter(vault_id=access.vault_id, id=access.asker.id).delete()


def _session_over(slot: SessionSlot) -> bool:
    now = timezone.now()
    return now - slot.used_at > IDLE_LIMIT or now - slot.created_at > SESSION_LIMIT


def _touch_session(slot: SessionSlot) -> None:
    now = timezone.now()
    if now - slot.used_at > _TOUCH_EVERY:
        SessionSlot.objects.filter(vault_id=slot.vault_id, id=slot.id).update(used_at=now)


def _locked() -> Locked:
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


def _granted_keys(vault_id: UUID, grant_id: UUID, grant_key: Key) -> Keyring:
    keys = GrantKey.objects.filter(vault_id=vault_id, grant_id=grant_id)
    return Keyring(
        vault_id,
        {
            (row.collection_id, row.epoch): unwrap_collection(
                vault_id, grant_key, row.collection_id, row.epoch, row.wrapped
            )
            for row in keys
        },
    )


def _letterbox(row: GrantRight, given: Mapping[UUID, Terms]) -> Letterbox:
    said = given[row.collection_id]
    return Letterbox(said.name, said.public, row.epoch)


def _touch_grant(grant: Grant) -> None:
    now = timezone.now()
    if grant.last_used_at is None or now - grant.last_used_at > _TOUCH_EVERY:
        Grant.objects.filter(vault_id=grant.vault_id, id=grant.id).update(last_used_at=now)
