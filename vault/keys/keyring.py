"""Opens and seals for whoever holds the keys: the caller of `vault.crypto` for all but a few.

A `Keyring` is what an `Access` carries: the keys of exactly the collections that its asker may
see. Who may only add holds a letterbox instead: it can seal to a collection and open nothing.
"""

import json
from collections.abc import Iterable, Mapping
from uuid import UUID

from django.utils.translation import gettext

from vault.crypto import letterbox
from vault.crypto.aead import open_, seal, unwrap, wrap
from vault.crypto.cloak import Cloak, Floats, Halves, turned_size
from vault.crypto.envelope import Binding
from vault.crypto.errors import CannotOpen
from vault.crypto.keys import Key
from vault.errors import KeyChanged, Refused, Tampered
from vault.ids import NIL
from vault.integrity.newest import newest_epoch
from vault.keys.slots import NoWay, Record

# Which of a collection's subkeys seals which field. A field missing here cannot be sealed.
_SUBKEYS = {
    "memory": "content",
    "revision": "content",
    "source": "content",
    "name": "content",
    "upload": "content",
    "preview": "content",
    "embedder": "content",
    "distilling": "content",
    "rule": "content",
    "view": "content",
    "letterbox": "letterbox",
    "names": "names",
    "passages": "vector",
    "tokens": "vector",
    "segment": "vector",
    "shelf": "content",
}


class Keyring:
    """Opened collection keys by (collection, epoch), and perhaps the access log's private key."""

    __slots__ = ("_cloaks", "_derived", "_log", "_log_opened", "_names", "_roots", "vault_id")

    def __init__(
        self,
        vault_id: UUID,
        roots: Mapping[tuple[UUID, int], Key],
        log: bytes | None = None,
    ) -> None:
        self.vault_id = vault_id
        self._roots = dict(roots)
        self._log = log
        self._log_opened: letterbox.PrivateKey | None = None
        self._names: dict[UUID, Key] = {}
        self._derived: dict[tuple[UUID, int, str], Key] = {}
        self._cloaks: dict[tuple[UUID, int, str, int], Cloak] = {}

    def __repr__(self) -> str:
        return f"<Keyring of {len(self.collections)} collections>"

    @property
    def collections(self) -> frozenset[UUID]:
        return frozenset(collection for collection, _ in self._roots)

    @property
    def opens_log(self) -> bool:
        return self._log is not None

    def epochs(self, collection: UUID) -> list[int]:
        return sorted(epoch for c, epoch in self._roots if c == collection)

    def add(self, collection: UUID, epoch: int, root: Key) -> None:
        self._roots[collection, epoch] = root

    def take_in(self, other: "Keyring") -> None:
        """Hold the collection keys of this other keyring of the vault as well."""
        self._roots = other._roots | self._roots

    def root(self, collection: UUID, epoch: int) -> Key:
        """The collection's key itself, for wrapping it under a grant's. Refused if none of it is
        held, KeyChanged if a newer one came, Tampered if there is no such epoch."""
        if (found := self._roots.get((collection, epoch))) is not None:
            return found
        held = self.epochs(collection)
        if not held:
            raise Refused(gettext("This collection's key is not open here."))
        newest = newest_epoch(self.vault_id, collection)
        if held[-1] < newest and epoch <= newest:
            raise KeyChanged
        raise tampered()  # to repeat it would never help: somebody wrote that number into a row

    def seal(
        self, collection: UUID, epoch: int, field: str, id: UUID, revision: int, data: bytes
    ) -> bytes:
        key = self._subkey(collection, epoch, _SUBKEYS[field])
        binding = Binding(self.vault_id, collection, epoch, id, field, revision)
        # A segment's size tells how many vectors it holds, which the row says anyway.
        return seal(key, data, binding, pad=field != "segment")

    def open(
        self, collection: UUID, epoch: int, field: str, id: UUID, revision: int, record: Record
    ) -> bytes:
        """The sealed bytes. Tampered when they are not what was sealed at exactly this place."""
        key = self._subkey(collection, epoch, _SUBKEYS[field])
        binding = Binding(self.vault_id, collection, epoch, id, field, revision)
        try:
            return open_(key, bytes(record), binding)
        except CannotOpen:
            raise tampered() from None

    def digest(self, collection: UUID, epoch: int, what: str, value: str) -> bytes:
        """A keyed fingerprint: equal for equal values in one collection, else unrelated."""
        key = self._subkey(collection, epoch, "duplicate")
        return key.mac(what.encode() + b"\0" + value.encode("utf-8", "surrogatepass"))

    def turn(self, collection: UUID, epoch: int, model: str, vectors: Halves | Floats) -> Halves:
        """Vectors of a model, a row each, as the database may compare them: obfuscated only."""
        return self._cloak(collection, epoch, model, vectors.shape[1]).turn(vectors)

    def turn_back(
        self, collection: UUID, epoch: int, model: str, dim: int, turned: Halves
    ) -> Floats:
        """What was turned, but for rounding. It is not authenticated."""
        return self._cloak(collection, epoch, model, dim).turn_back(turned)

    def names(self, collection: UUID) -> Key | None:
        """The key of the names that outlive an epoch; None until `learn_names`."""
        return self._names.get(collection)

    def names_subkey(self, collection: UUID, label: str) -> Key | None:
        """A key for one purpose, derived from the names key; None until `learn_names`."""
        slot = (collection, 0, label)
        if slot not in self._derived and (names := self.names(collection)) is not None:
            self._derived[slot] = names.derive(label)
        return self._derived.get(slot)

    def take_names(self, collection: UUID, names: Key) -> None:
        """Learn the names key from whoever opened it before, with the same collection key."""
        if collection in self.collections:
            self._names[collection] = names

    def learn_names(self, collection: UUID, epoch: int, sealed: Record) -> Key:
        """Open the collection's names key, sealed under the key of `epoch`, and keep it."""
        key = Key(self.open(collection, epoch, "names", collection, 0, sealed))
        self._names[collection] = key
        return key

    def seal_names(self, collection: UUID, epoch: int) -> bytes:
        """The same names key under the key of another epoch. It must have been learnt."""
        return self.seal(collection, epoch, "names", collection, 0, self._names[collection].raw)

    def fingerprint(self, collection: UUID, epoch: int) -> bytes:
        """Names this very key without telling it: caches of opened data are kept under it."""
        return self._subkey(collection, epoch, "cache").mac(b"")

    def public_half(self, collection: UUID, epoch: int, private_key: Record) -> bytes:
        """The letterbox's public half, from the sealed private one: nobody can have swapped it."""
        return letterbox.public_of(
            self.open(collection, epoch, "letterbox", collection, 0, private_key)
        )

    def collect(
        self, collection: UUID, epoch: int, private_key: Record, id: UUID, letter: Record
    ) -> bytes:
        """Open a letter that was posted to the collection's letterbox."""
        private = self.open(collection, epoch, "letterbox", collection, 0, private_key)
        binding = Binding(self.vault_id, collection, epoch, id, "letter", 0)
        try:
            return letterbox.collect(private, bytes(letter), binding)
        except CannotOpen:
            raise tampered() from None

    def read_log(self, seq: int, sealed: Record) -> bytes:
        if self._log is None:
            raise Tampered(gettext("The key of the access log is missing or was altered."))
        if self._log_opened is None:
            self._log_opened = letterbox.private_key(self._log)
        try:
            return letterbox.collect(
                self._log_opened, bytes(sealed), log_binding(self.vault_id, seq)
            )
        except CannotOpen:
            raise tampered() from None

    def to_bytes(self) -> bytes:
        keys = [[str(c), epoch, key.raw.hex()] for (c, epoch), key in self._roots.items()]
        return json.dumps({"keys": keys, "log": self._log.hex() if self._log else None}).encode()

    @classmethod
    def from_bytes(cls, vault_id: UUID, data: bytes) -> "Keyring":
        parsed = json.loads(data)
        roots = {(UUID(c), epoch): Key(bytes.fromhex(key)) for c, epoch, key in parsed["keys"]}
        log = bytes.fromhex(parsed["log"]) if parsed["log"] else None
        return cls(vault_id, roots, log)

    def _cloak(self, collection: UUID, epoch: int, model: str, dim: int) -> Cloak:
        slot = (collection, epoch, model, dim)
        if slot not in self._cloaks:
            self._cloaks[slot] = Cloak(self.root(collection, epoch), model, dim)
        return self._cloaks[slot]

    def _subkey(self, collection: UUID, epoch: int, label: str) -> Key:
        slot = (collection, epoch, label)
        if slot not in self._derived:
            self._derived[slot] = self.root(collection, epoch).derive(label)
        return self._derived[slot]


def tampered() -> Tampered:
    return Tampered(gettext("Stored data was altered, moved or damaged, so it was not opened."))


def wrap_collection(vault_id: UUID, under: Key, collection: UUID, epoch: int, root: Key) -> bytes:
    return wrap(under.derive("collections"), root, _collection_binding(vault_id, collection, epoch))


def unwrap_collection(
    vault_id: UUID, under: Key, collection: UUID, epoch: int, wrapped: Record
) -> Key:
    binding = _collection_binding(vault_id, collection, epoch)
    try:
        return unwrap(under.derive("collections"), bytes(wrapped), binding)
    except CannotOpen:
        raise tampered() from None


def new_names(keyring: Keyring, collection: UUID, epoch: int) -> bytes:
    """A fresh names key, sealed under the collection's."""
    return keyring.seal(collection, epoch, "names", collection, 0, Key.generate().raw)


def new_letterbox(keyring: Keyring, collection: UUID, epoch: int) -> tuple[bytes, bytes]:
    """A letterbox's public half, and its private half sealed under the collection key."""
    private, public = letterbox.generate_pair()
    return public, keyring.seal(collection, epoch, "letterbox", collection, 0, private)


def post_letter(
    vault_id: UUID, collection: UUID, epoch: int, public: Record, id: UUID, data: bytes
) -> bytes:
    binding = Binding(vault_id, collection, epoch, id, "letter", 0)
    return letterbox.post(bytes(public), data, binding)


def seal_ring(under: Key, keyring: Keyring, slot: UUID) -> bytes:
    """A whole keyring under a session's or job's key."""
    return seal(under, keyring.to_bytes(), _slot_binding(keyring.vault_id, slot))


def open_ring(under: Key, vault_id: UUID, slot: UUID, record: Record) -> Keyring:
    """NoWay when the key is not the slot's: the caller says what that means."""
    try:
        data = open_(under, bytes(record), _slot_binding(vault_id, slot))
    except CannotOpen:
        raise NoWay("That does not open this keyring.") from None
    return Keyring.from_bytes(vault_id, data)


def only(keyring: Keyring, collections: Iterable[UUID]) -> Keyring:
    """The same keyring with fewer collections, and without the log."""
    wanted = set(collections)
    roots = {
        (c, epoch): keyring.root(c, epoch)
        for c in keyring.collections & wanted
        for epoch in keyring.epochs(c)
    }
    return Keyring(keyring.vault_id, roots)


def _collection_binding(vault_id: UUID, collection: UUID, epoch: int) -> Binding:
    return Binding(vault_id, collection, epoch, collection, "collection-key", 0)


def log_binding(vault_id: UUID, seq: int) -> Binding:
    """The place of a line of the access log."""
    return Binding(vault_id, NIL, 1, vault_id, "log-entry", seq)


def _slot_binding(vault_id: UUID, slot: UUID) -> Binding:
    return Binding(vault_id, NIL, 1, slot, "ring", 0)


__all__ = ["Key", "Keyring", "turned_size"]
