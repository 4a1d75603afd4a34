"""What became of grants that have ended: what is proven, what was asked, what nobody can check."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext, ngettext

from frontend.words.numbers import number
from sync.connections import overview
from vault.access import Access
from vault.types import Grant


@dataclass(frozen=True, slots=True)
class Step:
    """A line of a receipt. `tone`: done, open, or unknown."""

    tone: str
    icon: str
    words: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A grant that has ended, and the receipt for it."""

    grant: Grant
    connection_id: UUID | None
    steps: list[Step]


def ended(access: Access, grants: Iterable[Grant], connections: Mapping[UUID, UUID]) -> list[Ended]:
    """Of these grants, in their order; `connections` by grant."""
    gone = list(grants)
    counts = overview.receipts(access) if any(one.id in connections for one in gone) else {}
    return [
        Ended(one, connections.get(one.id), _steps(one, connections.get(one.id), counts))
        for one in gone
    ]


def _steps(
    one: Grant, connection_id: UUID | None, counts: Mapping[UUID, Mapping[str, int]]
) -> list[Step]:
    if one.state != "revoked":
        return []
    if connection_id is None:
        return [Step("unknown", "info", gettext("Removed? Cannot check: what it read is with it."))]
    found = counts.get(connection_id, {})
    return [step for state in _STATES if (step := _step(state, found.get(state, 0)))] or [
        Step("unknown", "info", gettext("Removal was not asked: what was sent there stays there."))
    ]


_STATES = ("asked", "gone", "still there", "cannot check")


def _step(state: str, count: int) -> Step | None:
    """None for nothing in this state."""
    if not count:
        return None
    shown = {"count": number(count)}
    match state:
        case "asked":
            words = ngettext(
                "Removal asked: %(count)s entry.", "Removal asked: %(count)s entries.", count
            )
            return Step("open", "clock", words % shown)
        case "gone":
            words = ngettext(
                "Removed, checked: %(count)s entry.", "Removed, checked: %(count)s entries.", count
            )
            return Step("done", "check", words % shown)
        case "still there":
            words = ngettext(
                "Still there: %(count)s entry. It is tried again for two weeks.",
                "Still there: %(count)s entries. It is tried again for two weeks.",
                count,
            )
            return Step("open", "clock", words % shown)
    words = ngettext(
        "Cannot check %(count)s entry: nobody could be asked. Look there by hand.",
        "Cannot check %(count)s entries: nobody could be asked. Look there by hand.",
        count,
    )
    return Step("unknown", "info", words % shown)
