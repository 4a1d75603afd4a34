"""The access log in numbers: per day, asker and action how many lines and memories there are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate

from vault.access import Access
from vault.models import LogEntry
from vault.scope import vault_scope


@dataclass(frozen=True, slots=True)
class Tally:
    """So many `lines` of one asker and action on one day (of UTC), naming so many `memories`."""

    day: date
    asker_kind: str
    asker_id: UUID
    action: str
    lines: int
    memories: int


def tally(
    access: Access,
    after: datetime,
    *,
    grant_id: UUID | None = None,
    actions: Collection[str] | None = None,
) -> list[Tally]:
    """Of the lines since a moment, in the order of days.

    It opens no line and goes by the rows as they lie: `log_check` says whether they are as they
    were written.
    """
    access.must_own()
    with vault_scope(access.vault_id):
        rows = LogEntry.objects.filter(vault_id=access.vault_id, at__gte=after)
        rows = rows if grant_id is None else rows.filter(asker_id=grant_id)
        rows = rows if actions is None else rows.filter(action__in=actions)
        days = rows.annotate(day=TruncDate("at", tzinfo=UTC))
        groups = days.values_list("day", "asker_kind", "asker_id", "action")
        counted = groups.annotate(lines=Count("id"), memories=Sum("count")).order_by("day")
        return [Tally(*row) for row in counted]
