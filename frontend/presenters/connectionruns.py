"""What a connection's runs did, as its log shows them, and its receipts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext, ngettext

from connectors.base.protocol import Connector
from frontend.words.connectionwords import OUTCOMES, RECEIPTS, RUNS, counted
from frontend.words.runwords import told
from sync.models import Receipt, Run

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_MOST_PLACES = 20
_MOST_SAID = 5


@dataclass(frozen=True, slots=True)
class Skip:
    """Why something was left, how often, and the memories it was about."""

    why: str
    count: int
    memories: list[UUID]


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run as its log shows it. `took` is None while it goes on."""

    kind: "StrOrPromise"
    preview: bool
    outcome: "StrOrPromise"
    good: bool
    said: str
    full: bool
    counts: list[str]
    skips: list[Skip]
    requests: int
    started_at: datetime
    took: timedelta | None

    @property
    def took_words(self) -> str:
        """As in "3 minutes"."""
        seconds = round(self.took.total_seconds()) if self.took else 0
        if seconds < 1:
            return gettext("Less than a second")
        if seconds < 90:
            return ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds}
        minutes = round(seconds / 60)
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """The receipts in one state: how many, and what was said about some of them."""

    state: str
    sentence: "StrOrPromise"
    count: int
    said: list[str]


@dataclass(frozen=True, slots=True)
class Log:
    """Of one connection: what its sentences are read with."""

    connector: type[Connector] | None
    guard: Mapping[str, Any]

    def runs(self, runs: Sequence[Run], *, running: bool) -> list[RunLine]:
        """The newest first. One that neither ended nor goes on broke off."""
        return [self._line(run, running and place == 0) for place, run in enumerate(runs)]

    def receipts(self, listed: Sequence[Receipt]) -> list[ReceiptLine]:
        """By their states, in the order shown."""
        lines = []
        for state, sentence in RECEIPTS.items():
            mine = [one for one in listed if one.state == state]
            said = list(dict.fromkeys(one.said for one in mine if one.said))[:_MOST_SAID]
            if mine:
                lines.append(ReceiptLine(state, sentence, len(mine), [self._told(s) for s in said]))
        return lines

    def _line(self, run: Run, going_on: bool) -> RunLine:
        preview = run.kind == "preview"
        outcome = run.outcome or ("" if going_on else "interrupted")
        return RunLine(
            kind=RUNS[run.kind],
            preview=preview,
            outcome=OUTCOMES.get(outcome, outcome),
            good=run.outcome == "done",
            said=self._told(run.said),
            full=run.full,
            counts=counted(run.counts, preview=preview),
            skips=self._skips(run),
            requests=run.requests,
            started_at=run.started_at,
            took=run.finished_at - run.started_at if run.finished_at else None,
        )

    def _skips(self, run: Run) -> list[Skip]:
        found: dict[str, list[str]] = {}
        for one in run.skipped:
            found.setdefault(one["why"], []).append(one["memory"])
        return [
            Skip(self._told(why), len(ids), [UUID(id) for id in ids if id][:_MOST_PLACES])
            for why, ids in found.items()
        ]

    def _told(self, sentence: str) -> str:
        return told(sentence, self.connector, self.guard)
