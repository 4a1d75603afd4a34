"""How a connection stands, as pages say it: its state in words, and the one thing to do now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from connectors.base.protocol import Connector
from connectors.base.registry import connectors
from frontend.connectionwords import OUTCOMES, RUNS, STAGES, counted
from sync import conflicts
from sync.connections import Connection
from sync.models import Run
from vault.access import Access

_MOST_PLACES = 20


@dataclass(frozen=True, slots=True)
class Look:
    """`tone` is the end of a CSS class, `icon` a drawing, `meaning` what it says in a sentence."""

    word: str
    tone: str
    icon: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Todo:
    """The one thing to do: an address by its name, and words. With `do` it is posted."""

    address: str
    words: str
    do: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A connection as lists and its own page show it."""

    connection: Connection
    vendor: str
    connector_name: str
    look: Look
    todo: Todo | None
    undecided: int
    last: list[tuple[int, str]]

    @property
    def waits(self) -> bool:
        """Whether it goes no further without its owner."""
        return self.look.tone == "stop"


@dataclass(frozen=True, slots=True)
class Skip:
    """Why something was left, how often, and the memories it was about."""

    why: str
    count: int
    memories: list[UUID]


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run as its log shows it. `took` is None while it goes on."""

    kind: str
    preview: bool
    outcome: str
    good: bool
    said: str
    full: bool
    counts: list[tuple[int, str]]
    skips: list[Skip]
    requests: int
    started_at: datetime
    took: timedelta | None


def card_of(access: Access, one: Connection) -> Card:
    known = connectors().get(one.connector)
    waiting = [] if one.state == "gone" else conflicts.waiting(access, one.id)
    last = counted(one.last.counts, preview=one.last.kind == "preview") if one.last else []
    return Card(
        connection=one,
        vendor=vendor_of(one.connector),
        connector_name=known.name if known else one.connector,
        look=look_of(one),
        todo=todo_of(one, known),
        undecided=len(waiting),
        last=last,
    )


def vendor_of(slug: str) -> str:
    return slug.partition("-")[0]


def look_of(one: Connection) -> Look:
    if one.running and one.state != "gone":
        return Look(STAGES.get(one.stage, STAGES[""]), "wait", "rotate-ccw")
    if one.state == "active" and one.last is None:
        return Look("New", "wait", "clock", "It has not run yet.")
    return {
        "active": Look("In step", "good", "circle-check"),
        "paused": Look("Paused", "wait", "clock", "No run begins until you resume it."),
        "needs sign-in": Look("Needs sign-in", "stop", "key-round", "It refused what you entered."),
        "failing": Look("Failing", "wait", "triangle-alert", "It is tried again by itself."),
        "blocked": Look("Held back", "stop", "triangle-alert", "Nothing was changed."),
        "retracting": _retracting(one),
        "gone": Look("Ended", "off", "ban"),
    }[one.state]


def _retracting(one: Connection) -> Look:
    if one.settings.background:
        return Look("Being ended", "wait", "undo-2", "What was sent is being taken back.")
    return Look("Being ended", "stop", "undo-2", "It needs your password to take back what it sent.")


def todo_of(one: Connection, known: type[Connector] | None) -> Todo | None:
    """The action that leads on from here."""
    if one.running or one.state == "gone":
        return None
    if one.state == "retracting":
        again = Todo("connection-end", "Take it back now")
        return None if one.settings.background else again
    if known is None:
        return Todo("connection-end", "End it")
    return {
        "active": Todo("connection-run", "Run now", "run"),
        "failing": Todo("connection-run", "Try again now", "run"),
        "paused": Todo("connection-resume", "Resume"),
        "needs sign-in": Todo("connection-reconnect", "Sign in again"),
        "blocked": Todo("connection", "Look at what is held back"),
    }[one.state]


def run_lines(runs: Sequence[Run], *, running: bool) -> list[RunLine]:
    """The newest first. One that neither ended nor goes on broke off."""
    return [_line(run, going_on=running and place == 0) for place, run in enumerate(runs)]


def _line(run: Run, *, going_on: bool) -> RunLine:
    preview = run.kind == "preview"
    outcome = OUTCOMES.get(run.outcome, run.outcome) or ("Running" if going_on else "Broke off")
    return RunLine(
        kind=RUNS[run.kind],
        preview=preview,
        outcome=outcome,
        good=run.outcome == "done",
        said=run.said,
        full=run.full,
        counts=counted(run.counts, preview=preview),
        skips=_skips(run),
        requests=run.requests,
        started_at=run.started_at,
        took=run.finished_at - run.started_at if run.finished_at else None,
    )


def _skips(run: Run) -> list[Skip]:
    found: dict[str, list[str]] = {}
    for one in run.skipped:
        found.setdefault(one["why"], []).append(one["memory"])
    return [
        Skip(why, len(ids), [UUID(id) for id in ids if id][:_MOST_PLACES])
        for why, ids in found.items()
    ]
