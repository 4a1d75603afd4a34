"""The opened vault key, as one act of the owner needs it."""

from dataclasses import dataclass, field
from uuid import UUID

from vault.keys.keyring import Key


@dataclass(frozen=True, slots=True)
class OwnerKey:
    """Step-up: opened by password or recovery code for one act; never stored, never passed on.

    `slot_id` is the way in that opened it.
    """

    vault_id: UUID
    key: Key = field(repr=False)
    slot_id: UUID
