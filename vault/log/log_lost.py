"""An access log that cannot be continued or read: what is wrong with it, and beginning it anew.

What its owner begins anew goes on after the last line that is still as it was written, and says so
in its own first line. Nobody else can: it takes the vault key, and the server's pepper.
"""

from dataclasses import dataclass

from django.db.models import F

from vault import vaults
from vault.access import Access, open_session
from vault.errors import Tampered
from vault.keys import ways_in
from vault.keys.keyring import Key, Keyring
from vault.keys.slots import log_chain_key
from vault.keys.vaultkey import OwnerKey
from vault.log import access_log
from vault.log.log_chain import Chain, Place
from vault.log.log_keys import log_pair, new_log
from vault.models import LogEntry, LogHead, Vault
from vault.scope import vault_scope
from vault.types import OpenSession

BEGUN = "begun anew"
UNREADABLE = (
    "Its key is missing or was altered, so that its lines cannot be read. They are still written,"
    " and each can be checked."
)


def trouble(access: Access) -> str:
    """What keeps the log from being continued or read, in plain words; "" for nothing."""
    access.must_own()
    try:
        with vault_scope(access.vault_id):
            Chain(access.vault_id, key=access.chain_key)
    except Tampered as wrong:
        return str(wrong)
    return "" if access.keyring.opens_log else UNREADABLE


def begin_anew(owner: OwnerKey) -> OpenSession:
    """A log that can be continued and read, and a session that holds its key; the others must
    unlock again. Lines that nobody can open any more are deleted. One that is right is left alone.
    """
    key = log_chain_key(owner.vault_id)
    with vault_scope(owner.vault_id):
        ways_in.hold(owner)
        found = _found(owner, key)
        told = "" if found.right else _mended(owner, found, key)
        if told:
            Vault.objects.filter(id=owner.vault_id).update(key_version=F("key_version") + 1)
        opened = vaults.open_with(owner)
        if told:
            access = open_session(opened.session_id, opened.vault_id, opened.secret)
            access_log.record(access, BEGUN, purpose=told)
    return opened


@dataclass(frozen=True, slots=True)
class _Found:
    """What is left of a log: its row, the lines between `start` and `end`, each as it was written,
    and its `pair` of keys (public, sealed private), None when that opens none of them."""

    head: LogHead | None
    authentic: bool
    start: Place
    end: Place
    pair: tuple[bytes, bytes] | None

    @property
    def right(self) -> bool:
        return self.authentic and self.pair is not None


def _found(owner: OwnerKey, key: Key) -> _Found:
    head = LogHead.objects.filter(vault_id=owner.vault_id, id=owner.vault_id)
    row = head.select_for_update().first()
    start = Place(row.cut, bytes(row.cut_chain)) if row else Place()
    last, authentic = _last_genuine(owner, key, start), _is_authentic(owner, key)
    if last is None and not authentic:
        start = Place()  # what the row says of it may be as wrong as the rest
        last = _last_genuine(owner, key, start)
    end = Place(last.seq, bytes(last.chain)) if last else start
    pair = _pair(owner, row, last) if row else None
    if row and pair and authentic and pair[0] != bytes(row.public_key):
        pair = None  # an earlier private half was put back
    return _Found(row, authentic, start, end, pair)


def _last_genuine(owner: OwnerKey, key: Key, start: Place) -> LogEntry | None:
    """The last of the lines that follow `start` without a gap, each as it was written."""
    last, place = None, start
    lines = LogEntry.objects.filter(vault_id=owner.vault_id, seq__gt=start.seq).order_by("seq")
    for line in lines.iterator(chunk_size=2000):
        if line.seq != place.seq + 1 or not Chain.line_follows(key, place.link, line):
            break
        last, place = line, Place(line.seq, bytes(line.chain))
    return last


def _is_authentic(owner: OwnerKey, key: Key) -> bool:
    try:
        Chain(owner.vault_id, key=key)
    except Tampered:
        return False
    return True


def _pair(owner: OwnerKey, head: LogHead, last: LogEntry | None) -> tuple[bytes, bytes] | None:
    try:
        public, private = log_pair(owner.vault_id, owner.key, head.private_key)
        if last is not None:
            Keyring(owner.vault_id, {}, private).read_log(last.seq, last.sealed)
    except Tampered:
        return None
    return public, bytes(head.private_key)


def _mended(owner: OwnerKey, found: _Found, key: Key) -> str:
    """What the first line says."""
    pair = found.pair or new_log(owner.vault_id, owner.key)
    start = found.start if found.pair else found.end
    lines = LogEntry.objects.filter(vault_id=owner.vault_id)
    gone = lines.count()
    lines.exclude(seq__gt=start.seq, seq__lte=found.end.seq).delete()
    gone -= lines.count()
    LogHead.objects.filter(vault_id=owner.vault_id).delete()
    head = LogHead(vault_id=owner.vault_id, id=owner.vault_id)
    head.public_key, head.private_key = pair
    head.cut, head.cut_chain = start.seq, start.link
    # An altered period would make lines go.
    head.keep_days = found.head.keep_days if found.head and found.authentic else None
    Chain.set_end(head, found.end, key)
    head.save(force_insert=True)
    return _words(found, gone)


def _words(found: _Found, gone: int) -> str:
    kept = found.end.seq - found.start.seq if found.pair else 0
    return (
        "The earlier log could not be continued. "
        + (f"Of its lines {kept:,} stay, up to line {found.end.seq:,}." if kept else "None stays.")
        + (f" Deleted since they were altered or open no more: {gone:,}." if gone else "")
    )
