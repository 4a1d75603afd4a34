"""Where memories can be taken: forms of hand-offs by group, and what is kept in step instead."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from connectors.base.handoff import Group, Handoff, Part, length
from connectors.base.registry import connectors, handoffs, vendors

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

GROUPS: "Mapping[Group, tuple[StrOrPromise, StrOrPromise]]" = {
    "assistant": (_("Assistants"), _("Text to paste, in the form and length each of them takes.")),
    "project": (
        _("Projects and spaces"),
        _("A file for a project, a space or a custom assistant."),
    ),
    "agent": (_("Coding agents"), _("A short rules file for a repository or your home folder.")),
    "own": (
        _("Your own models"),
        _("For models that run on your own hardware, or that you train."),
    ),
    "format": (
        _("Open formats"),
        _("Files that other memory tools read; some of them keep everything."),
    ),
}
"""What each group is called and brings, in the order shown."""
_COUNTED = re.compile(r"(?P<word>\w+) (?P<number>\d+) of (?P<count>\d+)")
_NAMES = (
    *(gettext_noop("Message"), gettext_noop("Paste"), gettext_noop("Text")),
    *(gettext_noop("Memory"), gettext_noop("System prompt")),
)
_CHAT_APPS = ("librechat", "openwebui")
SHOWN = 4000
"""Characters of one file that a page shows."""
MOST_PARTS = 60
"""So many parts are shown; the download has all."""


@dataclass(frozen=True, slots=True)
class Target:
    """One form, with the vendor whose mark it bears."""

    slug: str
    vendor: str
    form: Handoff


@dataclass(frozen=True, slots=True)
class PartLine:
    """One part as a page shows it: all of a text to paste, of a file its beginning. `size` is None
    where it is only known once all of it was made. `cut`: there is more than is shown."""

    part: Part
    text: str
    size: int | None
    cut: bool

    @property
    def title(self) -> str:
        """Its name: of a text in the reader's language, of a file as it is."""
        counted = _COUNTED.fullmatch(self.part.name)
        if counted is None:
            return _translated(self.part.name)
        told = counted.groupdict()
        told["word"] = _translated(told["word"])
        return gettext("%(word)s %(number)s of %(count)s") % told

    @property
    def full(self) -> bool:
        """Whether little room is left."""
        most = self.part.most
        return most is not None and self.size is not None and self.size > 0.95 * most


def groups() -> "list[tuple[Group, StrOrPromise, StrOrPromise, list[Target]]]":
    """Every target, by group; groups without any are left out."""
    every = [Target(slug, vendor_of(slug), form) for slug, form in handoffs().items()]
    every.sort(key=lambda one: one.form.name.casefold())
    found = []
    for group, (name, words) in GROUPS.items():
        members = [one for one in every if one.form.group == group]
        if members:
            found.append((group, name, words, members))
    return found


def vendor_of(slug: str) -> str:
    """The vendor's slug: that of a hand-off begins with it."""
    return max((one for one in vendors() if _begins(slug, one)), key=len, default=slug)


def live_slug(slug: str) -> str:
    """A connector of the same vendor, which keeps in step what a hand-off copies once; "" where it
    reaches something else than the assistant's own memory."""
    vendor = vendor_of(slug)
    own = handoffs()[slug].group == "own"
    if own or vendor not in vendors() or vendors()[vendor].without_api:
        return ""
    return next((one for one in connectors() if _begins(one, vendor)), "")


def kept_in_step() -> list[tuple[str, str, str]]:
    """Chat apps on one's own hardware, which take memories by a connection: slug, name, vendor."""
    found = [one for one in connectors().values() if vendor_of(one.slug) in _CHAT_APPS]
    return [(one.slug, one.name, vendor_of(one.slug)) for one in found]


def lines(parts: Sequence[Part], *, whole: bool) -> list[PartLine]:
    """Of the first parts; `whole`: all of each, for copying."""
    return [_line(one, whole) for one in parts[:MOST_PARTS]]


def _line(part: Part, whole: bool) -> PartLine:
    if part.stream is not None:
        text = beginning(part.pieces())
        cut = len(text) > SHOWN
        return PartLine(part, text[:SHOWN], None if cut else length(text), cut)
    cut = not whole and len(part.text) > SHOWN
    return PartLine(part, part.text[:SHOWN] if cut else part.text, length(part.text), cut)


def beginning(pieces: Iterator[str]) -> str:
    """A little more than is shown of what may be long."""
    found, size = [], 0
    for piece in pieces:
        found.append(piece[: SHOWN + 1])
        size += len(piece)
        if size > SHOWN:
            break
    return "".join(found)


def _translated(name: str) -> str:
    return gettext(name) if name in _NAMES else name


def _begins(slug: str, vendor: str) -> bool:
    return slug == vendor or slug.startswith(f"{vendor}-")
