"""Taking what is there as what must be there, without making good what somebody else wrote into it.

Nobody can tell any more what the plain columns of an altered row said before: so it loses what
these could give it, and waits for its owner's word.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.utils import timezone

from vault.access import Access
from vault.changes import next_seqs
from vault.errors import Tampered
from vault.integrity import heads, manifests
from vault.keys.keyring import Key
from vault.models import Memory, Vault
from vault.records import open_content
from vault.scope import vault_scope
from vault.types import KINDS

ALTERED = "altered"
"""Why such a memory waits, as `Memory.held` keeps it."""
_ORDERS = frozenset({"instruction", "profile"})  # what a model is told whatever it is asked
_SOME = 500
_HELD = ("kind", "pinned", "trusted", "held", "arrived", "entry", "seq")
_GIVEN_UP = ("sealed", "digest", "forgotten_at", "entry", "seq")


@dataclass(slots=True)
class Remade:
    """How many memories a collection holds now, how many of its rows wait as altered, and how many
    did not open and were given up."""

    count: int = 0
    held: int = 0
    given_up: int = 0
    _total: int = field(default=0, repr=False)

    def counted(self, row: Memory) -> None:
        if row.forgotten_at is None and row.sealed:
            self.count, self._total = self.count + 1, self._total + int.from_bytes(row.entry)

    @property
    def total(self) -> int:
        return self._total


def remake(access: Access, collection: UUID) -> Remade:
    """Take what is there as what must be there, because its owner says so.

    A row that its entry does not vouch for is kept as nobody's word, held back. What does not open
    any more is given up: nobody could ever read or forget it.
    """
    access.must_own()
    with vault_scope(access.vault_id):
        hold(access, collection)
        key, made = manifests.key_of(access, collection), Remade()
        altered, lost = list[Memory](), list[Memory]()
        now = Vault.objects.values_list("seq", flat=True).get(id=access.vault_id) + 1
        for row in _rows(access, collection):
            if not _opens(access, row):
                lost.append(_give_up(row))
            elif not _genuine(key, row):
                altered.append(_hold_back(key, row, now))
            made.counted(row)
        _save(access, altered, _HELD)
        _save(access, lost, _GIVEN_UP)
        made.held, made.given_up = len(altered), len(lost)
        heads.make(access.vault_id, collection, key, made.count, made.total)
    return made


def hold(access: Access, collection: UUID) -> None:
    """Lock its memories, then the vault, as every writer does: nothing changes until the
    transaction ends. Within a scope, before anything else is locked."""
    rows = Memory.objects.filter(vault_id=access.vault_id, collection_id=collection)
    list(rows.exclude(sealed=b"").order_by("id").select_for_update().values_list("id", flat=True))
    heads.hold(access.vault_id)


def doubtful(access: Access, collection: UUID) -> Remade:
    """What `remake` would answer now. Within a scope."""
    key, made = manifests.key_of(access, collection), Remade()
    for row in _rows(access, collection):
        if not _opens(access, row):
            made.given_up += 1
        else:
            made.held += not _genuine(key, row)
            made.count += row.forgotten_at is None
    return made


def _rows(access: Access, collection: UUID) -> Iterator[Memory]:
    rows = Memory.objects.filter(vault_id=access.vault_id, collection_id=collection)
    return rows.exclude(sealed=b"").order_by("id").iterator(chunk_size=_SOME)


def _opens(access: Access, row: Memory) -> bool:
    try:
        open_content(access.keyring, row)
    except Tampered:
        return False
    return True


def _genuine(key: Key, row: Memory) -> bool:
    try:
        manifests.must_be_genuine(key, row)
    except Tampered:
        return False
    return True


def _give_up(row: Memory) -> Memory:
    row.sealed, row.digest, row.entry, row.forgotten_at = b"", b"", b"", timezone.now()
    return row


def _hold_back(key: Key, row: Memory, now: int) -> Memory:
    """Also one that was forgotten, or was said to be: whichever it is, it is restored held. It
    counts as having arrived now."""
    row.arrived = now
    row.pinned, row.trusted, row.held = False, False, ALTERED
    row.kind = row.kind if row.kind in KINDS and row.kind not in _ORDERS else "fact"
    row.entry = manifests.entry_of(key, row)
    return row


def _save(access: Access, rows: list[Memory], columns: tuple[str, ...]) -> None:
    """With a number each, so that what others have in memory of them is read again."""
    for row, seq in zip(rows, next_seqs(access, len(rows)) if rows else (), strict=True):
        row.seq = seq
    Memory.objects.bulk_update(rows, columns, batch_size=_SOME)
