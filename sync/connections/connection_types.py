"""What connections are to their owner: settings to choose, and how each one stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext

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
            raise Invalid(gettext("Choose what happens when both sides changed."), "policy")
        if self.every not in INTERVALS:
            raise Invalid(gettext("Choose how often it runs."), "every")
        if not set(self.kinds) <= set(KINDS):
            raise Invalid(gettext("Choose kinds from the list."), "kinds")
        if self.into_id is not None and rights.get(self.into_id, Right()).add == "no":
            said = gettext("It may not add to the collection where new entries should go.")
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


def shown(rows: Sequence[Row], grants: Mapping[UUID, Grant]) -> list[Connection]:
    """Rows of one vault as pages show them: two questions to the database, however many there are.
    Within a scope."""
    if not rows:
        return []
    vault_id, ids = rows[0].vault_id, [row.id for row in rows]
    links = Link.objects.filter(vault_id=vault_id, connection_id__in=ids).exclude(remote_mark=None)
    counted = links.values("connection_id").annotate(n=Count("id")).order_by()
    linked = {one["connection_id"]: one["n"] for one in counted}
    mine = Run.objects.filter(vault_id=vault_id, connection_id=OuterRef("id"))
    newest = Subquery(mine.order_by("-started_at").values("id")[:1])
    runs = Run.objects.filter(
        id__in=Row.objects.filter(vault_id=vault_id, id__in=ids).values(newest=newest)
    )
    last = {run.connection_id: run for run in runs.filter(vault_id=vault_id)}
    return [
        _shown(row, grants[row.grant_id], last.get(row.id), linked.get(row.id, 0)) for row in rows
    ]


def _shown(row: Row, grant: Grant, last: Run | None, linked: int) -> Connection:
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
        last=last,
        linked=linked,
        notices=row.notice_mark is not None,
    )
