"""The frame of a sealed record, and the binding that ties it to its place."""

from dataclasses import dataclass
from struct import Struct, error
from uuid import UUID

from vault.crypto.errors import CannotOpen

NIL = UUID(int=0)
VERSION = 1
PADDED, EXACT, WRAPPED, LETTERBOX = 1, 2, 3, 4  # the alg byte
HEADER_BYTES, NONCE_BYTES, TAG_BYTES = 6, 12, 16
LEAST_BYTES = HEADER_BYTES + NONCE_BYTES + TAG_BYTES
_HEADER = Struct(">BBI")
_AAD = Struct(">BBI16s16s16sQB")


@dataclass(frozen=True, slots=True)
class Binding:
    """Where a record belongs. It opens only with the same seven answers it was sealed with.

    `collection` is NIL for things of the whole vault, `epoch` counts the key (0 to 2**32-1),
    `field` names the column (ASCII, at most 255), `revision` counts changes (0 to 2**64-1).
    """

    vault: UUID
    collection: UUID
    epoch: int
    id: UUID
    field: str
    revision: int = 0

    def aad(self, version: int, alg: int) -> bytes:
        """The bytes authenticated beside the ciphertext; the first six are the record's header.
        Every part has a fixed width except the last, which carries its length."""
        field = self.field.encode("ascii")
        try:
            return (
                _AAD.pack(
                    version,
                    alg,
                    self.epoch,
                    self.vault.bytes,
                    self.collection.bytes,
                    self.id.bytes,
                    self.revision,
                    len(field),
                )
                + field
            )
        except error:
            raise ValueError("A part of the binding is out of range.") from None


@dataclass(frozen=True, slots=True)
class Envelope:
    """A record taken apart, nothing opened yet. A letterbox record has no nonce of its own."""

    version: int
    alg: int
    epoch: int
    nonce: bytes
    ciphertext: bytes


def parse(record: bytes) -> Envelope:
    """Take a record apart, for instance to learn which epoch's key it needs; CannotOpen when it
    is not one. What it says is not authenticated until it is opened."""
    if len(record) < LEAST_BYTES:
        raise CannotOpen
    version, alg, epoch = _HEADER.unpack_from(record)
    if version != VERSION or alg not in (PADDED, EXACT, WRAPPED, LETTERBOX):
        raise CannotOpen
    end = HEADER_BYTES if alg == LETTERBOX else HEADER_BYTES + NONCE_BYTES
    return Envelope(version, alg, epoch, record[HEADER_BYTES:end], record[end:])
