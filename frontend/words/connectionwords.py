"""What people read for what a connection calls by a code: its states, counts, runs and receipts."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy

from frontend.words.numbers import number

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
    from django_stubs_ext import StrPromise as Counted

INTERVALS: Mapping[int, "StrOrPromise"] = {
    0: _("Only when I start it"),
    15: _("Every 15 minutes"),
    60: _("Every hour"),
    360: _("Every 6 hours"),
    1440: _("Once a day"),
}
POLICIES: Sequence[tuple[str, "StrOrPromise"]] = (
    ("ask", _("Ask me under Review")),
    ("newest", _("Take the newer one")),
    ("vault", _("Keep mine, in the vault")),
    ("vendor", _("Take theirs")),
    ("both", _("Keep both")),
)
GROUPS: Mapping[str, "StrOrPromise"] = {
    "you": _("Needs you"),
    "failed": pgettext_lazy("connections", "Failed"),
    "going": _("Syncing or waiting"),
    "ok": pgettext_lazy("connections", "Up to date"),
    "paused": pgettext_lazy("connections", "Paused"),
}
"""What a list is grouped and filtered by, what needs its owner first."""


def _n(one: str, many: str) -> "Counted":
    return ngettext_lazy(one, many, "count")


DONE: Mapping[str, "Counted"] = {
    "taken": _n("%(shown)s taken in", "%(shown)s taken in"),
    "suggested": _n(
        "%(shown)s waiting for your word under Review",
        "%(shown)s waiting for your word under Review",
    ),
    "sent": _n("%(shown)s sent", "%(shown)s sent"),
    "accepted there": _n(
        "%(shown)s accepted there, not shown there yet",
        "%(shown)s accepted there, not shown there yet",
    ),
    "deleted there": _n("%(shown)s deleted there", "%(shown)s deleted there"),
    "forgotten": _n("%(shown)s forgotten here", "%(shown)s forgotten here"),
    "settled": _n("%(shown)s the same on both sides", "%(shown)s the same on both sides"),
    "kept both": _n("%(shown)s kept in both versions", "%(shown)s kept in both versions"),
    "undecided": _n(
        "%(shown)s changed on both sides, waiting for you",
        "%(shown)s changed on both sides, waiting for you",
    ),
    "taken back": _n("%(shown)s taken back from there", "%(shown)s taken back from there"),
    "left here": _n("%(shown)s only here, not sent", "%(shown)s only here, not sent"),
    "left there": _n("%(shown)s only there, not taken in", "%(shown)s only there, not taken in"),
    "changed meanwhile": _n(
        "%(shown)s changed while it ran, left for the next run",
        "%(shown)s changed while it ran, left for the next run",
    ),
    "skipped": _n("%(shown)s skipped", "%(shown)s skipped"),
    "gone": _n("%(shown)s gone from there", "%(shown)s gone from there"),
    "asked": _n("%(shown)s asked to be deleted", "%(shown)s asked to be deleted"),
    "still there": _n("%(shown)s still there", "%(shown)s still there"),
    "cannot check": _n("%(shown)s that cannot be checked", "%(shown)s that cannot be checked"),
}
"""What a run counted, in the order it is shown."""

WOULD: Mapping[str, "Counted"] = {
    "take new": _n("%(shown)s would be taken in", "%(shown)s would be taken in"),
    "take change": _n(
        "%(shown)s would be changed here, as it was there",
        "%(shown)s would be changed here, as they were there",
    ),
    "take back": _n(
        "%(shown)s was forgotten here but changed there, and would come back",
        "%(shown)s were forgotten here but changed there, and would come back",
    ),
    "forget": _n(
        "%(shown)s would be forgotten here, as it was deleted there",
        "%(shown)s would be forgotten here, as they were deleted there",
    ),
    "conflict": _n("%(shown)s was changed on both sides", "%(shown)s were changed on both sides"),
    "send new": _n("%(shown)s would be sent there", "%(shown)s would be sent there"),
    "send change": _n(
        "%(shown)s would be changed there, as it was here",
        "%(shown)s would be changed there, as they were here",
    ),
    "send again": _n(
        "%(shown)s was deleted there but changed here, and would be sent again",
        "%(shown)s were deleted there but changed here, and would be sent again",
    ),
    "delete": _n(
        "%(shown)s would be deleted there, as it was forgotten here",
        "%(shown)s would be deleted there, as they were forgotten here",
    ),
    "withdraw": _n(
        "%(shown)s would be taken back from there, since it may no longer be seen there",
        "%(shown)s would be taken back from there, since they may no longer be seen there",
    ),
    "settle": _n("%(shown)s is the same on both sides", "%(shown)s are the same on both sides"),
    "alias": _n(
        "%(shown)s says there what another entry says already",
        "%(shown)s say there what another entry says already",
    ),
    "drop": _n("%(shown)s is gone on both sides", "%(shown)s are gone on both sides"),
    "wait": _n("%(shown)s waits to be shown there", "%(shown)s wait to be shown there"),
    "skipped": _n(
        "%(shown)s would be skipped, or held back", "%(shown)s would be skipped, or held back"
    ),
}
"""What a preview counted, in the order it is shown."""

OUTCOMES: Mapping[str, "StrOrPromise"] = {
    "done": pgettext_lazy("a run", "Done"),
    "guarded": pgettext_lazy("a run", "Held back"),
    "refused": _("Sign-in refused"),
    "rate limited": _("Asked to slow down"),
    "unavailable": _("Could not be reached"),
    "bad response": _("Answered what it should not"),
    "stopped": _("Stopped half-way, goes on"),
    "interrupted": pgettext_lazy("a run", "Broke off"),
    "still there": _("Not all is gone yet"),
    "failed": pgettext_lazy("a run", "Failed"),
    "": pgettext_lazy("a run", "Syncing"),
}
RUNS: Mapping[str, "StrOrPromise"] = {
    "sync": pgettext_lazy("a run", "Run"),
    "preview": pgettext_lazy("a run", "Preview"),
    "retract": pgettext_lazy("a run", "Taking back"),
}
STAGES: Mapping[str, "StrOrPromise"] = {
    "waiting": _("Waiting for the server to begin"),
    "applying": _("Bringing both sides in step"),
    "": _("Looking at both sides"),
}
RECEIPTS: Mapping[str, "StrOrPromise"] = {
    "gone": _(
        "Gone. It was deleted there, and a listing made afterwards does not show it any more."
    ),
    "asked": _("Asked. It is to be deleted there; nothing has confirmed that yet."),
    "still there": _("Still there. It is tried again, for two weeks."),
    "cannot check": _("Cannot check. Nobody could be asked for two weeks: look there by hand."),
}
"""What a receipt says, by its state, in the order shown."""


def counted(counts: Mapping[str, int], *, preview: bool = False) -> list[str]:
    """Each count with its words; what is not known by name is shown as it is."""
    words = WOULD if preview else DONE
    known = [_said(words[key], counts[key]) for key in words if counts.get(key)]
    return known + [f"{n} {key}" for key, n in counts.items() if n and key not in words]


def _said(words: "Counted", count: int) -> str:
    return str(words % {"count": count, "shown": number(count)})
