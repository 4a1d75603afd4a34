"""How a connection stands, as pages say it: its state in words, and the one thing to do now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from connectors.base.protocol import Connector
from connectors.base.registry import connectors
from frontend.words.connectionwords import OUTCOMES, RUNS, STAGES, counted
from sync.connections import connections
from sync.connections.connections import Connection
from sync.engine import conflicts
from sync.models import Run
from vault.access import Access

_MOST_PLACES = 20
_RUN_BY_THEMSELVES = ("active", "failing", "retracting")


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
    def next_words(self) -> str:
        """When it runs next, as in "in 25 minutes"."""
        one, at = self.connection, self.connection.next_at
        if one.running:
            return "now"
        if at is None or not one.settings.background or one.state not in _RUN_BY_THEMSELVES:
            return "when you start it" if one.state in ("active", "failing") else "not planned"
        return _until(at)

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

    @property
    def took_words(self) -> str:
        """As in "3 minutes"."""
        seconds = round(self.took.total_seconds()) if self.took else 0
        if seconds < 1:
            return "Less than a second"
        return _of("second", seconds) if seconds < 90 else _of("minute", round(seconds / 60))


def cards(access: Access) -> list[Card]:
    """Of every connection, the newest first; what is gone comes last."""
    return [card_of(access, one) for one in connections.listing(access)]


def card_of(access: Access, one: Connection) -> Card:
    known = connector_of(one.connector)
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


def connector_of(slug: str) -> type[Connector] | None:
    """None for one that this version does not have (any more)."""
    return connectors().get(slug)


def vendor_of(slug: str) -> str:
    return slug.partition("-")[0]


def look_of(one: Connection) -> Look:
    if one.running and one.state != "gone":
        word = "Waiting" if one.stage == "waiting" else "Running"
        return Look(word, "wait", "rotate-ccw", STAGES.get(one.stage, STAGES[""]))
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
    return Look(
        "Being ended", "stop", "undo-2", "It needs your password to take back what it sent."
    )


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


def _until(at: datetime) -> str:
    minutes = round((at - timezone.now()).total_seconds() / 60)
    if minutes < 1:
        return "within a minute"
    if minutes < 90:
        return f"in {_of('minute', minutes)}"
    return f"in {_of('hour', round(minutes / 60))}"


def _of(unit: str, count: int) -> str:
    return f"{count} {unit}{'' if count == 1 else 's'}"


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
