"""How a connection stands: one of a few states, why, and the one thing to do about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from connectors.base.protocol import Connector
from frontend.words.connectionwords import STAGES
from frontend.words.runwords import told
from sync.connections.connections import Connection

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Look:
    """`tone` is the end of a CSS class, `icon` a drawing, `meaning` why it is so, in a sentence.

    `group` is one of `connectionwords.GROUPS`, or "" for what has ended; `again`: when it is tried
    again by itself.
    """

    word: "StrOrPromise"
    tone: str
    icon: str
    meaning: "StrOrPromise" = ""
    group: str = ""
    again: datetime | None = None


@dataclass(frozen=True, slots=True)
class Todo:
    """The one thing to do: an address by its name, and words. With `do` it is posted."""

    address: str
    words: "StrOrPromise"
    do: str = ""


def look_of(one: Connection, known: type[Connector] | None = None) -> Look:
    if one.state == "gone":
        return Look(pgettext_lazy("a connection", "Ended"), "off", "ban")
    if one.state == "retracting":
        return _retracting(one)
    if one.running:
        return _running(one)
    if one.state in ("active", "paused"):
        return _at_rest(one, told(one.said, known, one.guard))
    return _stopped(one, told(one.said, known, one.guard))


def _running(one: Connection) -> Look:
    waits = one.stage == "waiting"
    word = pgettext_lazy("connections", "Waiting") if waits else _("Syncing")
    icon = "clock" if waits else "rotate-ccw"
    return Look(word, "wait", icon, STAGES.get(one.stage, STAGES[""]), "going")


def _at_rest(one: Connection, said: str) -> Look:
    if one.state == "paused":
        meaning = _("No run begins until you resume it.")
        return Look(pgettext_lazy("connections", "Paused"), "off", "clock", meaning, "paused")
    if one.last is None:
        word, meaning = pgettext_lazy("connections", "Waiting"), _("It has not run yet.")
        return Look(word, "wait", "clock", said or meaning, "going")
    by_hand = not (one.settings.background and one.settings.every)
    plain = _("As of its last run. It runs when you start it.") if by_hand else ""
    word = pgettext_lazy("connections", "Up to date")
    return Look(word, "good", "circle-check", said or plain, "ok")


def _stopped(one: Connection, said: str) -> Look:
    if one.state == "needs sign-in":
        meaning = said or _("It refused what you entered.")
        return Look(_("Needs sign-in"), "stop", "key-round", meaning, "you")
    if one.state == "blocked":
        meaning = _("The last run was held back: nothing was changed.")
        return Look(_("Waiting for you"), "stop", "triangle-alert", meaning, "you")
    itself = one.settings.background and one.next_at is not None
    plain = _("It is tried again by itself.") if itself else _("Try again.")
    again = one.next_at if itself else None
    word = pgettext_lazy("connections", "Failed")
    return Look(word, "wait", "triangle-alert", said or plain, "failed", again)


def _retracting(one: Connection) -> Look:
    word = pgettext_lazy("a connection", "Being ended")
    if one.running or one.settings.background:
        meaning = _("What was sent is being taken back.")
        return Look(word, "wait", "undo-2", meaning, "going")
    meaning = _("It needs your password to take back what it sent.")
    return Look(word, "stop", "undo-2", meaning, "you")


def todo_of(one: Connection, known: type[Connector] | None) -> Todo | None:
    """The action that leads on from here."""
    if one.running or one.state == "gone":
        return None
    if one.state == "retracting":
        again = Todo("connection-end", _("Take it back now"))
        return None if one.settings.background else again
    if known is None:
        return Todo("connection-end", _("End it"))
    return {
        "active": Todo("connection-run", _("Run now"), "run"),
        "failing": Todo("connection-run", _("Try again now"), "run"),
        "paused": Todo("connection-resume", _("Resume")),
        "needs sign-in": Todo("connection-reconnect", _("Sign in again")),
        "blocked": Todo("connection", _("Look at what is held back")),
    }[one.state]
