"""What people read for what an import counted, what it is called, and in which state it is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from connectors.base.registry import vendors

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as Words


@dataclass(frozen=True, slots=True)
class Counted:
    """Something that was counted: `key` as the import calls it, `words` for so many."""

    key: str
    words: str
    count: int


def counted(found: Mapping[str, int]) -> Iterator[Counted]:
    """What there is any of, in the order to show it."""
    for key, words in _FOUND.items():
        count = found.get(key, 0)
        if count:
            yield Counted(key, words(count), count)


def _conversations(count: int) -> str:
    return ngettext("conversation", "conversations", count)


def _turns(count: int) -> str:
    return ngettext(
        "message in them, kept as a memory", "messages in them, each kept as a memory", count
    )


def _memories(count: int) -> str:
    return ngettext("saved memory", "saved memories", count)


def _instructions(count: int) -> str:
    return ngettext("instruction", "instructions", count)


def _documents(count: int) -> str:
    return ngettext("document", "documents", count)


def _known(count: int) -> str:
    return ngettext("already in your vault", "already in your vault", count)


def _skipped(count: int) -> str:
    return ngettext(
        "left out, as you told the vendor not to use it",
        "left out, as you told the vendor not to use them",
        count,
    )


def _unreadable(count: int) -> str:
    return ngettext("could not be read", "could not be read", count)


_FOUND: Mapping[str, Callable[[int], str]] = {
    "conversations": _conversations,
    "turns": _turns,
    "memories": _memories,
    "instructions": _instructions,
    "documents": _documents,
    "known": _known,
    "skipped": _skipped,
    "unreadable": _unreadable,
}

_ANY: Mapping[str, "Words"] = {
    "asking": _("What is in these files?"),
    "indexing": _("Added. Now making it searchable"),
    "undoing": _("Taking the import back"),
    "failed": _("This could not be imported"),
    "cancelled": _("Import cancelled"),
    "undone": _("Import taken back"),
}
_OWN: Mapping[str, "Words"] = {
    "reading": _("Reading your files"),
    "preview": _("This is in your files"),
    "writing": _("Adding your files to your vault"),
    "done": _("Imported your files"),
}
_EXPORT: Mapping[str, "Words"] = {
    "reading": _("Reading your %(name)s export"),
    "preview": _("This is in your %(name)s export"),
    "writing": _("Adding your %(name)s export to your vault"),
    "done": _("Imported your %(name)s export"),
}
_THING: Mapping[str, "Words"] = {
    "reading": _("Reading your %(name)s"),
    "preview": _("This is in your %(name)s"),
    "writing": _("Adding your %(name)s to your vault"),
    "done": _("Imported your %(name)s"),
}
"""Of what is called a file or a folder already: nobody says "your PAM file export"."""


def title(state: str, vendor: str) -> str:
    """The heading of an import's page; `vendor` is a slug, or "" when it is not known yet."""
    if state in _ANY:
        return str(_ANY[state])
    known = vendors().get(vendor)
    if known is None or known.group == "files":
        return str(_OWN[state])
    words = _THING if known.group == "format" else _EXPORT
    return str(words[state]) % {"name": known.name}
