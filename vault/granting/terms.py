"""A grant's terms: what was given in one collection, sealed under the grant's own key.

The columns beside it may say less, after its owner took something away; what they say beyond it was
written by somebody else, and does not count.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vault.granting.grant_seals import open_terms, seal_terms
from vault.keys.keyring import Key
from vault.models import GrantRight
from vault.types import Add, Right

_ADDS: tuple[Add, ...] = ("no", "ask", "yes")


@dataclass(frozen=True, slots=True)
class Terms:
    """`until` is in seconds since 1970, None for no end. `upto`: see `GrantRight`; terms of before
    there was one say nothing of it, and let it see what came later."""

    name: str
    public: bytes
    right: Right
    confirmed_only: bool
    until: float | None
    upto: int | None = None

    def over(self, now: datetime) -> bool:
        return self.until is not None and self.until <= now.timestamp()

    def at_most(self, right: Right) -> Right:
        """What both these terms and the columns allow."""
        add = min(self.right.add, right.add, key=_ADDS.index)
        return Right(see=self.right.see and right.see, add=add)


def read(key: Key, row: GrantRight) -> Terms:
    """Tampered when they were altered or belong elsewhere."""
    data = open_terms(key, row.vault_id, row.grant_id, row.collection_id, row.terms or b"")
    name, public, see, add, confirmed_only, until, *upto = json.loads(data)
    return Terms(name, bytes.fromhex(public), Right(see, add), confirmed_only, until, *upto)


def bound(row: GrantRight, given: Terms | None) -> int | None:
    """Up to which change it sees: the lesser of what the column and the terms say."""
    said = [n for n in (row.upto, given.upto if given else None) if n is not None]
    return min(said, default=None)


def sealed(key: Key, vault_id: UUID, grant_id: UUID, collection_id: UUID, given: Terms) -> bytes:
    right = given.right
    fields = [given.name, given.public.hex(), right.see, right.add]
    data = json.dumps([*fields, given.confirmed_only, given.until, given.upto]).encode()
    return seal_terms(key, vault_id, grant_id, collection_id, data)
