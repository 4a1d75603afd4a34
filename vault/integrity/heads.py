"""Heads of manifests: what they say, which key vouches for it, and changing it.

The head of a collection's manifest vouches for the plain columns of the collection's own row as
well: whether it is private, how it is searched, with what it is embedded, its name and its epoch.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from struct import Struct
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext

from vault.errors import Tampered
from vault.keys.keyring import Key
from vault.models import Manifest, Vault

MODULUS = 1 << 256
_HEAD = Struct(">4s16sqq32s32s")  # what, of what, seq, count, total, traits of what
_SEALED = Struct(">qq32s32s32s")
_TRAITS = (
    "coalesce(sha256(int4send(c.epoch) || boolsend(c.private) || boolsend(c.indexed)"
    " || sha256(convert_to(c.becoming, 'UTF8')) || sha256(c.sealed_name)"
    " || sha256(c.sealed_embedder) || sha256(c.sealed_next_embedder)),"
    " decode(repeat('00', 32), 'hex'))"
)
"""The fingerprint of the row `c` of vault_collection; zeros for a vault, and for a collection that
has no row yet."""
SEALED_PARTS = f"int8send(m.seq) || int8send(m.count) || m.total || m.mac || {_TRAITS}"
"""What `parsed` reads, of `m` in vault_manifest and `c` in vault_collection."""
SEALED = (
    f"SELECT {SEALED_PARTS} FROM vault_manifest m"  # noqa: S608  (our own words)
    " LEFT JOIN vault_collection c ON c.vault_id = m.vault_id AND c.id = m.id"
    " WHERE m.vault_id = %s AND m.id = %s"
)
"""The same for one manifest: manifest and row are read in one statement, which sees one state."""
_FINGERPRINT = (
    f"SELECT {_TRAITS} FROM (SELECT 1) AS one"  # noqa: S608  (our own words)
    " LEFT JOIN vault_collection c ON c.vault_id = %s AND c.id = %s"
)


@dataclass(slots=True)
class Head:
    """What a manifest says. `traits` is the fingerprint of the collection's own row."""

    seq: int
    count: int
    total: int
    traits: bytes


def read(vault_id: UUID, of: UUID, key: Key) -> Head:
    """Tampered when there is none, or this key does not vouch for what is there."""
    return parsed(of, key, _one(SEALED, vault_id, of))


def parsed(of: UUID, key: Key, data: bytes) -> Head:
    """The head from what `SEALED` reads. Tampered as for `read`."""
    if len(data) != _SEALED.size:
        raise _lost()
    seq, count, total, mac, traits = _SEALED.unpack(data)
    head = Head(seq, count, int.from_bytes(total), traits)
    if not key.verifies(_packed(of, head), mac):
        raise _lost()
    return head


def make(vault_id: UUID, of: UUID, key: Key, count: int, total: int) -> None:
    """Write a manifest as it must be from now on; its `seq` only ever counts up."""
    lock(vault_id, [of])
    mine = Manifest.objects.filter(vault_id=vault_id, id=of)
    seq = mine.values_list("seq", flat=True).first()
    head = Head((seq or 0) + 1, count, total % MODULUS, _one(_FINGERPRINT, vault_id, of))
    _save(vault_id, of, key, head, new=seq is None)


def change(vault_id: UUID, of: UUID, key: Key, count: int, total: int) -> None:
    """Count so many more, with these entries. The manifest must be locked."""
    head = read(vault_id, of, key)
    head.seq += 1
    head.count += count
    head.total = (head.total + total) % MODULUS
    _save(vault_id, of, key, head)


@contextmanager
def altering(vault_id: UUID, collection: UUID, key: Key) -> Iterator[None]:
    """Change the collection's own row inside: its manifest vouches for what it says afterwards.
    Tampered when the row is not what it was left as."""
    hold(vault_id)
    lock(vault_id, [collection])
    head = read(vault_id, collection, key)
    yield
    head.seq += 1
    head.traits = _one(_FINGERPRINT, vault_id, collection)
    _save(vault_id, collection, key, head)


def hold(vault_id: UUID) -> None:
    """Every writer takes the vault's row before it saves: nobody else changes anything until the
    transaction ends. To be taken before the row of a collection, or two wait for each other."""
    Vault.objects.select_for_update(no_key=True).get(id=vault_id)


def lock(vault_id: UUID, of: Iterable[UUID]) -> None:
    """In one order for everybody, so that no two wait for each other."""
    rows = Manifest.objects.filter(vault_id=vault_id, id__in=sorted(of)).order_by("id")
    list(rows.select_for_update(no_key=True).values_list("id", flat=True))


def _save(vault_id: UUID, of: UUID, key: Key, head: Head, *, new: bool = False) -> None:
    row = Manifest(vault_id=vault_id, id=of, seq=head.seq, count=head.count)
    row.total, row.mac = head.total.to_bytes(32), key.mac(_packed(of, head))
    row.save(force_insert=new, force_update=not new)


def _packed(of: UUID, head: Head) -> bytes:
    total = head.total.to_bytes(32)
    return _HEAD.pack(b"head", of.bytes, head.seq, head.count, total, head.traits)


def _one(sql: str, vault_id: UUID, of: UUID) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(sql, [vault_id, of])
        found = cursor.fetchone()
    return bytes(found[0]) if found else b""


def _lost() -> Tampered:
    return Tampered(
        gettext(
            "The list of what must be in this vault is missing or was altered, or a collection's"
            " own name or settings were. Restore a backup of this vault."
        )
    )
