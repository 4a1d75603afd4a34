"""What the owner did to several memories at once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vault.types.kinds import ActState, Related
from vault.types.memories import Memory


@dataclass(frozen=True, slots=True)
class Act:
    """Something the owner did to many memories at once. `done` of `total` were looked at, `changed`
    is how many it changed. It can be undone as a whole for 30 days."""

    id: UUID
    verb: str
    param: str
    state: ActState
    total: int
    done: int
    changed: int
    made_at: datetime

    @property
    def working(self) -> bool:
        return self.state in ("running", "undoing")


@dataclass(frozen=True, slots=True)
class Relation:
    """A merge or a split, seen from one memory. `memories` are the others, as far as they are still
    kept; `gone` counts those that are not."""

    act_id: UUID
    what: Related
    at: datetime
    memories: tuple[Memory, ...]
    gone: int
