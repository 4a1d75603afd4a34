"""Manifests: what must be there, so that rows put back or taken out are noticed.

Each memory that is not forgotten adds one number to its collection's total: a keyed hash of its
place, its plain columns and the tag of its sealed words. Count and total are authenticated with a
key that only those hold who may read the collection, and with them the plain columns of the
collection's own row.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hmac import compare_digest
from struct import Struct
from uuid import UUID

from django.db import connection
from django.db.models import BinaryField
from django.db.models.expressions import RawSQL
from django.utils.formats import number_format
from django.utils.translation import gettext

from vault.access import Access
from vault.errors import Stale, Tampered
from vault.ids import NIL
from vault.integrity import heads
from vault.integrity.bound import microseconds
from vault.keys.epochs import names_key
from vault.keys.keyring import Key
from vault.keys.slots import Record
from vault.models import Memory
from vault.scope import vault_scope

_COUNTED = 32  # bytes of an entry that counts
_GONE = b"\0"
_ENTRY = Struct(
    ">4s16sIIBqqqq16sI"
)  # what, id, revision, epoch, flags, four times, conversation, position
_ARRIVED = Struct(">q")
PLAIN = (
    *("id", "revision", "epoch", "kind", "pinned", "trusted", "held", "created_at"),
    *("occurred_at", "valid_from", "valid_until", "conversation", "position", "arrived", "sealed"),
)
"""The columns that an entry is made of, in order: read these to check a collection."""


def new(names: Key, vault_id: UUID, collection: UUID) -> None:
    """The empty manifest of a new collection, by its names key, after its row was made."""
    heads.make(vault_id, collection, names.derive("manifest"), 0, 0)


def settle(access: Access, rows: Sequence[Memory]) -> None:
    """Count these rows as they are now, also where they moved from. Call it before saving them; it
    sets their `entry`, and when they arrived of those that are new where they are. Tampered when
    one that is stored is not what it was left as.

    Within a scope, after `next_seqs`, once for all rows of a transaction where that can be done.
    """
    stored = _stored(access, rows)
    homes = {row.collection_id for row in rows} | {home for home, _ in stored.values()}
    keys = {home: _key(access, home) for home in homes}
    changes = {home: [0, 0] for home in homes}
    for row in rows:
        if row.id not in stored:
            row.arrived = row.arrived or row.seq
        home, before = stored.get(row.id, (row.collection_id, b""))
        if home != row.collection_id:
            row.arrived = row.seq
        row.entry = entry_of(keys[row.collection_id], row)
        for place, entry, sign in ((home, before, -1), (row.collection_id, row.entry, 1)):
            if len(entry) == _COUNTED:
                changes[place][0] += sign
                changes[place][1] += sign * int.from_bytes(entry)
    heads.lock(access.vault_id, homes)
    for home, (count, total) in changes.items():
        heads.change(access.vault_id, home, keys[home], count, total)


def entry_of(key: Key, row: Memory) -> bytes:
    """What vouches for a row, by its collection's manifest key. That of a forgotten row is longer
    and counts for nothing; that of a shredded one is empty."""
    if not row.sealed:
        return b""
    return _entry(key, _plain(row), gone=row.forgotten_at is not None)


def key_of(access: Access, collection: UUID) -> Key:
    """The manifest key of a collection that the asker may see."""
    return _key(access, collection)


def must_be_genuine(key: Key, row: Memory) -> None:
    """Tampered when a plain column of this row was changed behind our back."""
    if row.sealed:
        must_match(key, _plain(row), row.entry, gone=row.forgotten_at is not None)


def is_genuine(access: Access, row: Memory) -> bool:
    """Whether a row that the asker may see is what it was left as."""
    try:
        must_be_genuine(key_of(access, row.collection_id), row)
    except Tampered:
        return False
    return True


def must_match(key: Key, plain: tuple[object, ...], entry: Record, *, gone: bool = False) -> None:
    """The same for a row by its `PLAIN` columns and its entry."""
    if not compare_digest(bytes(entry), _entry(key, plain, gone=gone)):
        raise Tampered(gettext("Stored data was altered, moved or damaged, so it was not opened."))


class Check:
    """Adds up a collection's rows while it is opened, and compares."""

    def __init__(self, access: Access, collection: UUID) -> None:
        self._key = _key(access, collection)
        self._place = (access.vault_id, collection)
        self._head: bytes | None = None
        self._count = self._total = 0

    def head(self) -> RawSQL:
        """The manifest, to be read along with each row: one statement sees one state of both."""
        return RawSQL(heads.SEALED, self._place, output_field=BinaryField())  # noqa: S611  (ours)

    def add(self, plain: tuple[object, ...], head: bytes) -> None:
        """One memory that is not forgotten: its `PLAIN` columns, and the head read with it."""
        self._head = self._head or bytes(head or b"")
        self._count += 1
        self._total += int.from_bytes(_entry(self._key, plain))

    def add_entries(self, entries: Sequence[bytes], head: bytes) -> None:
        """As `add`, for memories that are known to be what their entries say."""
        self._head = self._head or bytes(head or b"")
        self._count += len(entries)
        self._total += sum(int.from_bytes(entry) for entry in entries)

    def finish(self) -> int:
        """How many there are. Tampered when these are more, fewer or other ones than must be; Stale
        when the first came a moment ago, so that they were not read."""
        read = self._count
        head = (self._head or b"") if read else self._head_of_none()
        manifest = heads.parsed(self._place[1], self._key, head)
        if self._count != manifest.count:
            raise Tampered(
                gettext(
                    "A collection should hold %(right)s memories and holds %(count)s: rows were"
                    " deleted or put back in the database. Restore a backup of this vault."
                )
                % {
                    "right": number_format(manifest.count, force_grouping=True),
                    "count": number_format(self._count, force_grouping=True),
                }
            )
        if self._count and not read:
            raise Stale(
                gettext("The first memories of a collection were added just now. Repeat that.")
            )
        if self._total % heads.MODULUS != manifest.total:
            raise Tampered(
                gettext(
                    "A collection holds an earlier or altered state of some memories: rows were put"
                    " back in the database. Restore a backup of this vault."
                )
            )
        return self._count

    def _head_of_none(self) -> bytes:
        """For a collection that had no rows a moment ago: its head, and how many it has now."""
        vault_id, collection = self._place
        kept = Memory.objects.filter(vault_id=vault_id, collection_id=collection, forgotten_at=None)
        with connection.cursor() as cursor:
            live = kept.exclude(sealed=b"").values("id").query
            words, params = live.sql_with_params()
            cursor.execute(
                f"SELECT ({heads.SEALED}), (SELECT count(*) FROM ({words}) AS live)",  # noqa: S608
                [*self._place, *params],
            )
            head, self._count = cursor.fetchone()
        return bytes(head or b"")


def check(access: Access, collection: UUID) -> int:
    """Read and compare a whole collection; how many memories it holds. See `Check`."""
    with vault_scope(access.vault_id):
        checking = Check(access, collection)
        rows = Memory.objects.filter(
            vault_id=access.vault_id, collection_id=collection, forgotten_at=None
        ).exclude(sealed=b"")
        for row in rows.values_list(*PLAIN, checking.head()).iterator(chunk_size=2000):
            checking.add(row[:-1], row[-1])
        return checking.finish()


@contextmanager
def altering(access: Access, collection: UUID) -> Iterator[None]:
    """Change the collection's own row inside: its manifest vouches for what it says afterwards.
    Tampered when the row is not what it was left as. Within a scope; see `heads.hold`."""
    with heads.altering(access.vault_id, collection, _key(access, collection)):
        yield


def _key(access: Access, collection: UUID) -> Key:
    known = access.keyring.names_subkey(collection, "manifest")
    return known or names_key(access, collection).derive("manifest")


def _plain(row: Memory) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in PLAIN)


def _entry(key: Key, plain: tuple[object, ...], *, gone: bool = False) -> bytes:
    id, revision, epoch, kind, pinned, trusted, held, made, at, start, end = plain[:11]
    talk, no, arrived, sealed = plain[11:]
    what = (b"gon2" if gone else b"row2") if arrived else (b"gone" if gone else b"row\0")
    packed = _ENTRY.pack(
        what,
        id.bytes,  # type: ignore[attr-defined]
        revision,
        epoch,
        bool(pinned) | bool(trusted) << 1,
        *(microseconds(each) for each in (made, at, start, end)),  # type: ignore[arg-type]
        (talk or NIL).bytes,  # type: ignore[attr-defined]
        no,
    )
    packed += _ARRIVED.pack(arrived) if arrived else b""
    entry = key.mac(packed + f"{kind}\0{held}\0".encode() + bytes(sealed))  # type: ignore[call-overload]
    return _GONE + entry if gone else entry


def _stored(access: Access, rows: Sequence[Memory]) -> dict[UUID, tuple[UUID, bytes]]:
    """Of those that the database has: (collection, entry), each looked at. Tampered when one was
    altered: what is written next must not make that good."""
    there = Memory.objects.filter(vault_id=access.vault_id, id__in=[row.id for row in rows])
    fields = ("collection_id", "forgotten_at", "entry", *PLAIN)
    found = {}
    for home, forgotten_at, entry, *plain in there.values_list(*fields):
        if plain[-1]:
            gone = forgotten_at is not None
            must_match(_key(access, home), tuple(plain), entry, gone=gone)
        found[plain[0]] = (home, bytes(entry) if plain[-1] else b"")
    return found


__all__ = [
    "PLAIN",
    "Check",
    "check",
    "entry_of",
    "is_genuine",
    "key_of",
    "must_be_genuine",
]
