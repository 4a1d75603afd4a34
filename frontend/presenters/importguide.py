"""What can be imported and how a person gets it: by what it is, and by what they look for."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from connectors.base.registry import archives, vendors
from connectors.base.vendor import Group, Vendor

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as Words

GROUPS: "dict[Group, Words]" = {
    "assistant": _("Assistants"),
    "service": _("Memory services"),
    "agent": _("Coding agents"),
    "format": _("Formats"),
    "files": _("Your own files"),
}
PROMPT = """\
I want to keep what you know about me in a place of my own. List everything you remember about me: \
what was saved, and what you learnt from our conversations. Keep my own words where you can. Leave \
nothing out and do not sum up.

Write it as one code block. In it, one line for each thing, with the day you learnt it, or \
[unknown]:
[2026-01-31] - what you know

Put the lines under these headings:
# Instructions: how I want you to answer
# Personal details
# Projects and goals
# Tools
# Preferences
# Anything else

After the code block, say whether that was all."""
"""What makes an assistant list what it knows, in lines that are read here. It stays English: the
headings are what the reader knows the kinds by."""


@dataclass(frozen=True, slots=True)
class Way:
    """One vendor: what of it is read, and the steps to get that."""

    vendor: Vendor
    reads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """The vendors of one group, by name. `opened`: shown without being asked for."""

    name: "Words"
    ways: tuple[Way, ...]
    opened: bool


def sections(wanted: str = "") -> list[Section]:
    """Those with something to import; of them, those in which `wanted` is found."""
    words = wanted.casefold().split()
    ways = [way for way in _ways() if all(word in _said(way) for word in words)]
    made = []
    for group, name in GROUPS.items():
        found = tuple(way for way in ways if way.vendor.group == group)
        if found:
            made.append(Section(name, found, opened=bool(words) or group == "assistant"))
    return made


def _ways() -> list[Way]:
    reads: dict[str, list[str]] = {}
    for archive in archives().values():
        reads.setdefault(archive.vendor, []).append(archive.what)
    known = (Way(vendors()[slug], tuple(what)) for slug, what in reads.items())
    return sorted(known, key=lambda way: way.vendor.name.casefold())


def _said(way: Way) -> str:
    """Also in the reader's language: what is seen can be looked for."""
    one = way.vendor
    theirs = (*way.reads, *one.export_steps)
    translated = (gettext(words) for words in theirs if words)
    return " ".join((one.name, one.company, one.slug, *theirs, *translated)).casefold()
