"""Collections: as lines, and as collections with new keys in another vault.

A restored collection gets its new key when the owner starts restoring, since that needs the vault
key. It stays out of sight until all of its memories are there: then `open_all` shows it.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Self
from uuid import UUID

from django.db.models import F

from vault.access import Access
from vault.archive import lines
from vault.archive.errors import Damaged
from vault.archive.memories import EPOCH
from vault.archive.taking import Taking, portions
from vault.collections import LONGEST_NAME
from vault.embedding import embedders
from vault.integrity import manifests, vaultmanifest
from vault.keys.epochs import names_key, new_epoch
from vault.keys.keyring import Key, Keyring, unwrap_collection
from vault.keys.slots import Record
from vault.keys.vaultkey import OwnerKey
from vault.models import (
    Collection,
    CollectionKey,
    GrantRight,
    Manifest,
    Memory,
    SavedView,
    SortingRule,
    Suggestion,
    Vault,
)
from vault.search.choice import BUNDLED, Choice
from vault.text import clean


@dataclass(frozen=True, slots=True)
class NewKey:
    """A restored collection's first key as its row will have it: wrapped, sealed or public."""

    collection_id: UUID
    wrapped: bytes
    public_key: bytes
    private_key: bytes
    names_key: bytes

    def to_json(self) -> dict[str, str]:
        return {name: _text(value) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, said: dict[str, str]) -> Self:
        rest = {f.name: bytes.fromhex(said[f.name]) for f in fields(cls)[1:]}
        return cls(UUID(said["collection_id"]), **rest)


def take(taking: Taking) -> Iterator[lines.Collection]:
    access = taking.access
    mine = Collection.objects.filter(vault_id=access.vault_id, id__in=access.visible)
    for portion in portions(mine.order_by("position", "created_at", "id")):
        yield from taking.each("collections", portion, lambda row: _line(taking, row))


def new_keys(owner: OwnerKey, wanted: Sequence[lines.Collection]) -> tuple[Keyring, list[NewKey]]:
    """A keyring with a new key for each of these, and what of it may be stored as it is."""
    keyring, keys = Keyring(owner.vault_id, {}), []
    for line in wanted:
        row = new_epoch(owner.key, keyring, line.id, EPOCH)
        names = keyring.seal(line.id, EPOCH, "names", line.id, 0, line.names_key)
        wrapped, public, private = map(bytes, (row.wrapped, row.public_key, row.private_key))
        keys.append(NewKey(line.id, wrapped, public, private, names))
    return keyring, keys


def ring_of(owner: OwnerKey, keys: Sequence[NewKey]) -> Keyring:
    """The keyring of `new_keys` again."""
    places = [(owner.vault_id, owner.key, key.collection_id, EPOCH) for key in keys]
    roots = {
        (key.collection_id, EPOCH): unwrap_collection(*place, key.wrapped)
        for key, place in zip(keys, places, strict=True)
    }
    return Keyring(owner.vault_id, roots)


def choice_of(line: lines.Collection) -> Choice:
    """What its memories are embedded with."""
    if not line.embedder:
        return BUNDLED
    try:
        return Choice.from_json(dict(json.loads(line.embedder)))
    except (ValueError, TypeError, RecursionError):
        raise Damaged from None


def check(wanted: Sequence[lines.Collection]) -> None:
    """Damaged when one could not be made."""
    for line in wanted:
        choice_of(line)
        _name(line)


def learn(access: Access, keys: Sequence[NewKey]) -> None:
    """Let this access write into collections that are not the vault's yet."""
    for key in keys:
        access.keyring.learn_names(key.collection_id, EPOCH, key.names_key)


def prepare(access: Access, keys: Sequence[NewKey]) -> None:
    """Begin their manifests. Damaged when the vault has one of them."""
    ids = [key.collection_id for key in keys]
    mine = {"vault_id": access.vault_id, "id__in": ids}
    if Collection.objects.filter(**mine).exists() or Manifest.objects.filter(**mine).exists():
        raise Damaged
    for id in ids:
        manifests.new(names_key(access, id), access.vault_id, id)


def open_all(
    access: Access, wanted: Sequence[lines.Collection], keys: Sequence[NewKey], manifest_key: Key
) -> None:
    """Make them the vault's, in place of those it has that are empty. Sessions unlock again."""
    _drop_empty(access)
    for line in wanted:
        with manifests.altering(access, line.id):
            _make(access, line)
    CollectionKey.objects.bulk_create(
        CollectionKey(
            vault_id=access.vault_id,
            collection_id=key.collection_id,
            epoch=EPOCH,
            wrapped=key.wrapped,
            public_key=key.public_key,
            private_key=key.private_key,
            names_key=key.names_key,
        )
        for key in keys
    )
    vaultmanifest.settle_with(access.vault_id, manifest_key)
    Vault.objects.filter(id=access.vault_id).update(key_version=F("key_version") + 1)


def _drop_empty(access: Access) -> None:
    used = {
        used
        for model in (Memory, Suggestion, GrantRight, SortingRule, SavedView)
        for used in model.objects.filter(vault_id=access.vault_id)
        .values_list("collection_id", flat=True)
        .distinct()
    }
    mine = Collection.objects.filter(vault_id=access.vault_id).exclude(id__in=used)
    ids = list(mine.values_list("id", flat=True))
    CollectionKey.objects.filter(vault_id=access.vault_id, collection_id__in=ids).delete()
    Manifest.objects.filter(vault_id=access.vault_id, id__in=ids).delete()
    mine.filter(id__in=ids).delete()


def _make(access: Access, line: lines.Collection) -> None:
    name = _name(line)
    place = (line.id, EPOCH, "name", line.id, EPOCH)
    Collection.objects.create(
        vault_id=access.vault_id,
        id=line.id,
        sealed_name=access.keyring.seal(*place, name.encode()),
        private=line.private,
        position=line.position,
        epoch=EPOCH,
        indexed=line.indexed,
        sealed_embedder=embedders.seal(
            access.keyring, line.id, EPOCH, choice_of(line), {"as": "now"}
        )
        if line.embedder
        else b"",
    )
    # The moment of making is set by itself on saving.
    mine = Collection.objects.filter(vault_id=access.vault_id, id=line.id)
    mine.update(created_at=line.created_at)


def _name(line: lines.Collection) -> str:
    name = " ".join(clean(line.name).split())[:LONGEST_NAME]
    if not name:
        raise Damaged
    return name


def _line(taking: Taking, row: Collection) -> lines.Collection:
    def opened(field: str, sealed: Record) -> str:
        place = (row.id, row.epoch, field, row.id, row.epoch)
        return taking.access.keyring.open(*place, sealed).decode() if sealed else ""

    embedder = opened("embedder", row.sealed_embedder)
    return lines.Collection(
        id=row.id,
        name=opened("name", row.sealed_name),
        private=row.private,
        position=row.position,
        indexed=row.indexed,
        embedder=embedder if taking.embedder_keys else _without_key(embedder),
        names_key=names_key(taking.access, row.id).raw,
        created_at=row.created_at,
    )


def _without_key(embedder: str) -> str:
    """An embedder's settings without the secret that its service asks for."""
    if not embedder:
        return ""
    return json.dumps(replace(Choice.from_json(json.loads(embedder)), key="").to_json())


def _text(value: UUID | bytes | memoryview) -> str:
    return str(value) if isinstance(value, UUID) else bytes(value).hex()
