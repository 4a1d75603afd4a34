"""Sentences that runs left in English, in the reader's language: also those with values in them."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext, ngettext

from connectors.base.protocol import Connector
from frontend.words import stored
from frontend.words.numbers import number
from sync.engine import sentences
from vault.text import LONGEST


def told(sentence: str, connector: type[Connector] | None, guard: Mapping[str, Any]) -> str:
    """What a run or a receipt of this connection says. `guard`: what its row says is held back.
    A sentence that nothing knows, such as a vendor's own, stays as it is."""
    if not sentence:
        return ""
    if sentence == guard.get("said"):
        return held_back(guard)
    if connector is not None:
        for english, words in _of_connector(connector):
            if sentence == english:
                return words
    return stored.told(sentence)


def held_back(guard: Mapping[str, Any]) -> str:
    """Why a run does not go on, from the name and the counts of what held it back."""
    said, counts = str(guard.get("said", "")), guard.get("counts") or {}
    make = _GUARDS.get(str(guard.get("name", "")))
    try:
        return make(counts) if make else gettext(said) if said else ""
    except (KeyError, TypeError):  # another version counted other things
        return said


def _of_connector(connector: type[Connector]) -> Iterator[tuple[str, str]]:
    named = {"name": gettext(connector.name)}
    room = {"most": number(connector.room.text or 0)}
    yield sentences.cannot_delete(connector), gettext(sentences.CANNOT_DELETE) % named
    yield sentences.no_way_to_delete(connector), gettext(sentences.NO_WAY_TO_DELETE) % named
    yield sentences.longer_there(connector), gettext(sentences.LONGER_THERE) % (named | room)
    longest = {"most": number(LONGEST)}
    yield sentences.longer_here(), gettext(sentences.LONGER_HERE) % longest


def _other_account(counts: Mapping[str, int]) -> str:
    return gettext(
        "The sign-in now leads to another account than before. %(paired)s Sign in to the former"
        " account again, or confirm that this one takes its place."
    ) % {"paired": _paired(counts["links"])}


def _emptied(counts: Mapping[str, int]) -> str:
    return gettext(
        "Nothing is there any more. %(paired)s Look at the account first. If it was emptied on"
        " purpose, confirm, and the same is forgotten here."
    ) % {"paired": _paired(counts["links"])}


def _deleted_there(counts: Mapping[str, int]) -> str:
    return ngettext(
        "%(count)s of %(links)s entries was deleted there, and would be forgotten here. Confirm if"
        " that was meant; otherwise restore it there, and run again.",
        "%(count)s of %(links)s entries were deleted there, and would be forgotten here. Confirm if"
        " that was meant; otherwise restore them there, and run again.",
        counts["forget"],
    ) % {"count": counts["forget"], "links": counts["links"]}


def _forgotten_here(counts: Mapping[str, int]) -> str:
    return ngettext(
        "%(count)s of %(links)s memories was forgotten here, and would be deleted there. Confirm if"
        " that was meant; otherwise restore it here, and run again.",
        "%(count)s of %(links)s memories were forgotten here, and would be deleted there. Confirm"
        " if that was meant; otherwise restore them here, and run again.",
        counts["delete"],
    ) % {"count": counts["delete"], "links": counts["links"]}


def _everything_changed(counts: Mapping[str, int]) -> str:
    return ngettext(
        "%(count)s of %(links)s entries says something else than before. Look at it there. Confirm"
        " if it should be changed here as well.",
        "%(count)s of %(links)s entries say something else than before. Look at a few of them"
        " there. Confirm if they should be changed here as well.",
        counts["changed"],
    ) % {"count": counts["changed"], "links": counts["links"]}


def _paired(links: int) -> str:
    return ngettext(
        "One entry was paired with memories here.",
        "%(count)s entries were paired with memories here.",
        links,
    ) % {"count": links}


_GUARDS = {
    "other account": _other_account,
    "emptied": _emptied,
    "many deletions here": _deleted_there,
    "many deletions there": _forgotten_here,
    "everything changed": _everything_changed,
}
