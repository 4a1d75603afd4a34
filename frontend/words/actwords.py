"""What people read for what is done to many memories at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from frontend.words import KIND_NAMES
from frontend.words.numbers import number
from vault.types import Act

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise, StrPromise
else:
    StrOrPromise = StrPromise = str


@dataclass(frozen=True, slots=True)
class VerbWords:
    """`choose` in a list of what can be done, `doing` and `done` of an act. Both take how many
    memories are meant (`n`, and `count` as people read it) and where `to`."""

    choose: StrOrPromise
    doing: StrPromise
    done: StrPromise


VERB_WORDS: Mapping[str, VerbWords] = {
    "move": VerbWords(
        _("Move to …"),
        ngettext_lazy(
            "Moving %(count)s memory to %(to)s", "Moving %(count)s memories to %(to)s", "n"
        ),
        ngettext_lazy(
            "Moved %(count)s memory to %(to)s.", "Moved %(count)s memories to %(to)s.", "n"
        ),
    ),
    "forget": VerbWords(
        _("Forget"),
        ngettext_lazy("Forgetting %(count)s memory", "Forgetting %(count)s memories", "n"),
        ngettext_lazy("Forgot %(count)s memory.", "Forgot %(count)s memories.", "n"),
    ),
    "restore": VerbWords(
        _("Restore"),
        ngettext_lazy("Restoring %(count)s memory", "Restoring %(count)s memories", "n"),
        ngettext_lazy("Restored %(count)s memory.", "Restored %(count)s memories.", "n"),
    ),
    "pin": VerbWords(
        _("Pin"),
        ngettext_lazy("Pinning %(count)s memory", "Pinning %(count)s memories", "n"),
        ngettext_lazy("Pinned %(count)s memory.", "Pinned %(count)s memories.", "n"),
    ),
    "unpin": VerbWords(
        _("Unpin"),
        ngettext_lazy("Unpinning %(count)s memory", "Unpinning %(count)s memories", "n"),
        ngettext_lazy("Unpinned %(count)s memory.", "Unpinned %(count)s memories.", "n"),
    ),
    "confirm": VerbWords(
        _("Confirm as right"),
        ngettext_lazy("Confirming %(count)s memory", "Confirming %(count)s memories", "n"),
        ngettext_lazy("Confirmed %(count)s memory.", "Confirmed %(count)s memories.", "n"),
    ),
    "kind": VerbWords(
        _("Change the kind to …"),
        ngettext_lazy(
            "Making %(count)s memory “%(to)s”", "Making %(count)s memories “%(to)s”", "n"
        ),
        ngettext_lazy("Made %(count)s memory “%(to)s”.", "Made %(count)s memories “%(to)s”.", "n"),
    ),
    "until": VerbWords(
        _("Was true until …"),
        ngettext_lazy("Dating %(count)s memory", "Dating %(count)s memories", "n"),
        ngettext_lazy(
            "Marked %(count)s memory as true until %(to)s.",
            "Marked %(count)s memories as true until %(to)s.",
            "n",
        ),
    ),
    "still": VerbWords(
        _("Is still true"),
        ngettext_lazy("Dating %(count)s memory", "Dating %(count)s memories", "n"),
        ngettext_lazy(
            "Marked %(count)s memory as still true.",
            "Marked %(count)s memories as still true.",
            "n",
        ),
    ),
    "merge": VerbWords(
        _("Merge into one …"),
        ngettext_lazy("Merging %(count)s memory", "Merging %(count)s memories", "n"),
        ngettext_lazy("Merged %(count)s memory.", "Merged %(count)s memories.", "n"),
    ),
    "split": VerbWords(
        _("Split"),
        ngettext_lazy("Splitting %(count)s memory", "Splitting %(count)s memories", "n"),
        ngettext_lazy("Split it into %(count)s memory.", "Split it into %(count)s memories.", "n"),
    ),
}


def doing(act: Act, names: Mapping[UUID, str]) -> str:
    """As in "Moving 1,234 memories to Work"."""
    if act.state == "undoing":
        words = ngettext(
            "Taking back what was done to %(count)s memory",
            "Taking back what was done to %(count)s memories",
            act.total,
        )
        return words % {"count": number(act.total)}
    return _filled(_words(act).doing, act, act.total, names)


def done(act: Act, names: Mapping[UUID, str]) -> str:
    """As in "Moved 12 memories to Work. The other 3 stayed as they are."."""
    if act.state == "undone" and not act.changed:
        return gettext("Nothing was changed.")
    if act.state == "undone":
        return gettext("Undone: what was not changed since is as it was.")
    same = act.total - act.changed
    if not act.changed:
        return gettext("Nothing had to be changed.")
    said = _filled(_words(act).done, act, act.changed, names)
    if not same:
        return said
    rest = ngettext(
        "The other one stayed as it is.", "The other %(count)s stayed as they are.", same
    )
    return f"{said} {rest % {'count': number(same)}}"


def _words(act: Act) -> VerbWords:
    return VERB_WORDS["still" if act.verb == "until" and not act.param else act.verb]


def _filled(words: StrPromise, act: Act, count: int, names: Mapping[UUID, str]) -> str:
    return str(words % {"n": count, "count": number(count), "to": _target(act, names)})


def _target(act: Act, names: Mapping[UUID, str]) -> str:
    match act.verb:
        case "move":
            return names.get(UUID(act.param)) or gettext("a collection you removed")
        case "kind":
            return str(KIND_NAMES.get(act.param, act.param))
        case "until" if act.param:
            return date_format(datetime.fromisoformat(act.param), "DATE_FORMAT")
    return ""
