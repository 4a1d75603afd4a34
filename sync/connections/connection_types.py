"""What connections are to their owner: settings to choose, and how each one stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from sync.engine.conflicts import POLICIES
from sync.models import Connection as Row
from sync.models import Link, Run
from vault.errors import Invalid
from vault.types import KINDS, Grant, Right

SENT_KINDS: tuple[str, ...] = ("profile", "preference", "fact", "instruction", "skill", "event")
"""What is sent unless its owner says otherwise: not conversations, not documents."""
INTERVALS = (0, 15, 60, 360, 1440)
"""Minutes between runs; 0: only when its owner says so."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a connection is kept in step. See `sync.models.Connection`."""

    into_id: UUID | None = None
    kinds: Sequence[str] = SENT_KINDS
    policy: str = "ask"
    every: int = 60
    background: bool = False
    """It may run while its owner is away: the server then holds a key for its collections."""

    def must_fit(self, rights: Mapping[UUID, Right]) -> None:
        """Invalid, naming the field, unless a connection with these rights can be run so."""
        if self.policy not in dict(POLICIES):
            raise Invalid("Choose what happens when both sides changed.", "policy")
        if self.every not in INTERVALS:
            raise Invalid("Choose how often it runs.", "every")
        if not set(self.kinds) <= set(KINDS):
            raise Invalid("Choose kinds from the list.", "kinds")
        if self.into_id is not None and rights.get(self.into_id, Right()).add == "no":
            said = "It may not add to the collection where new entries should go."
            raise Invalid(said, "into_id")

    def columns(self) -> dict[str, Any]:
        """What a row keeps of them as it is."""
        return {
            "into_id": self.into_id,
            "kinds": list(self.kinds),
            "policy": self.policy,
            "every": self.every,
        }


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection as pages show it."""

    id: UUID
    connector: str
    grant: Grant
    state: str
    said: str
    guard: Mapping[str, Any]
    settings: Settings
    next_at: datetime | None
    failures: int
    running: bool
    stage: str
    done: int
    total: int
    created_at: datetime
    last: Run | None
    linked: int
    notices: bool
    """It has an address at which its vendor may call: see `sync.connections.notices`."""

    @property
    def name(self) -> str:
        return self.grant.name


def shown(row: Row, grant: Grant) -> Connection:
    """A row as pages show it. Within a scope."""
    links = Link.objects.filter(vault_id=row.vault_id, connection_id=row.id)
    runs = Run.objects.filter(vault_id=row.vault_id, connection_id=row.id)
    held = row.lease_until is not None and row.lease_until > timezone.now()
    settings = Settings(row.into_id, row.kinds, row.policy, row.every, bool(row.server_slot))
    return Connection(
        id=row.id,
        connector=row.connector,
        grant=grant,
        state=row.state,
        said=row.said,
        guard=row.guard,
        settings=settings,
        next_at=row.next_at,
        failures=row.failures,
        running=row.stage == "waiting" or (row.lease_owner is not None and held),
        stage=row.stage,
        done=row.done,
        total=row.total,
        created_at=row.created_at,
        last=runs.order_by("-started_at").first(),
        linked=links.exclude(remote_mark=None).count(),
        notices=row.notice_mark is not None,
    )
