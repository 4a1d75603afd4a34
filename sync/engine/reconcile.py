"""Decides, without doing: what must happen so that both sides agree again. Pure.

Each side is compared with its own base, so a remote that cannot keep kinds does not look edited for
ever. Edits win over deletions; equal words are never a conflict; what only one side has stays.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from sync.engine.pairing import Link, Ours, Pair, Theirs


class Verb(Enum):
    """What to do with a pair, in the order in which it is done: first what costs no call and makes
    room for other links, then what is taken, then what leaves the remote, then what goes there."""

    DROP = auto()
    """Both are gone, or out of sight: forget the link, touch neither side."""
    SETTLE = auto()
    """They agree: write down what both are now."""
    ALIAS = auto()
    """An entry with words that another one stands for: write down that it is only theirs."""
    TAKE_CHANGE = auto()
    """Before what is new: that may have the words which a memory only now loses."""
    TAKE_NEW = auto()
    TAKE_BACK = auto()
    """It was forgotten here and edited there: the edit wins."""
    FORGET = auto()
    """It was deleted there and is as it was here."""
    CONFLICT = auto()
    WITHDRAW = auto()
    """We brought it there, and this connection may no longer see it."""
    DELETE = auto()
    """It was forgotten here and is as it was there."""
    SEND_CHANGE = auto()
    SEND_AGAIN = auto()
    """It was deleted there and edited here: the edit wins, as an entry of its own."""
    SEND_NEW = auto()
    """Under the key of its link where it has one: it may have been sent before a crash."""
    WAIT = auto()
    """Not to be decided now: sent but not listed yet, or not readable."""
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class Action:
    verb: Verb
    pair: Pair


class Side(Enum):
    """One side of a pair against its own base."""

    NONE = auto()
    """Not there, and was not."""
    SAME = auto()
    CHANGED = auto()
    NEW = auto()
    """There, without a base to compare it with."""
    GONE = auto()
    UNSEEN = auto()
    """Accepted by the remote, and not listed yet."""


def reconcile(pairs: Sequence[Pair]) -> list[Action]:
    """One action for each pair, in the order of `Verb`; within a verb in that of `pairs`."""
    actions = [Action(_verb(pair), pair) for pair in pairs]
    known = {words for action in actions for words in _words_after(action)}
    actions = list(_with_aliases(actions, known))
    return sorted(actions, key=lambda action: action.verb.value)


V, S = Verb, Side
# fmt: off
_THEIRS: Final = (S.NONE,     S.SAME,        S.CHANGED,     S.NEW,       S.GONE,       S.UNSEEN)
_OURS: Final = {
    S.NONE:      (V.DROP,     V.NOTHING,     V.TAKE_CHANGE, V.TAKE_NEW,  V.DROP,       V.DROP),
    S.SAME:      (V.SEND_NEW, V.NOTHING,     V.TAKE_CHANGE, V.CONFLICT,  V.FORGET,     V.WAIT),
    S.CHANGED:   (V.SEND_NEW, V.SEND_CHANGE, V.CONFLICT,    V.CONFLICT,  V.SEND_AGAIN, V.WAIT),
    S.NEW:       (V.SEND_NEW, V.SEND_CHANGE, V.CONFLICT,    V.CONFLICT,  V.SEND_AGAIN, V.WAIT),
    S.GONE:      (V.DROP,     V.DELETE,      V.TAKE_BACK,   V.TAKE_BACK, V.DROP,       V.WAIT),
}
# fmt: on


def _verb(pair: Pair) -> Verb:
    link, theirs = pair.link, pair.theirs
    if link is not None and link.hidden:
        return _of_hidden(link, theirs)
    ours_side, theirs_side = _ours_side(link, pair.ours), _theirs_side(link, theirs)
    if theirs is not None and not theirs.readable:
        return _of_unreadable(link, ours_side)
    verb = _OURS[ours_side][_THEIRS.index(theirs_side)]
    undecided = verb is Verb.CONFLICT or (ours_side, theirs_side) == (Side.NEW, Side.SAME)
    if undecided and _agree(pair):
        return Verb.SETTLE
    return Verb.SETTLE if verb is Verb.NOTHING and not _is_written_down(pair) else verb


def _of_hidden(link: Link, theirs: Theirs | None) -> Verb:
    """Never FORGET, never DELETE: the memory is still the owner's, and what is theirs theirs."""
    if theirs is not None:
        return Verb.WITHDRAW if link.by_us else Verb.DROP
    return Verb.WAIT if _theirs_side(link, None) is Side.UNSEEN else Verb.DROP


def _of_unreadable(link: Link | None, ours: Side) -> Verb:
    """Left alone: neither overwritten nor deleted, for nobody knows what it says."""
    if link is None or (ours in {Side.NONE, Side.SAME} and link.theirs is not None):
        return Verb.NOTHING
    return Verb.WAIT


def _ours_side(link: Link | None, ours: Ours | None) -> Side:
    if ours is None:
        return Side.NONE if link is None or link.memory_id is None else Side.GONE
    if link is None or link.ours is None or link.memory_id != ours.id:
        return Side.NEW
    return Side.SAME if ours.mark == link.ours else Side.CHANGED


def _theirs_side(link: Link | None, theirs: Theirs | None) -> Side:
    if theirs is None:
        return _missing(link)
    if link is None:
        return Side.NEW
    if link.theirs is None:  # just found: as we sent it, or already edited there?
        return Side.SAME if link.words and theirs.words == link.words else Side.NEW
    return Side.SAME if theirs.mark == link.theirs else Side.CHANGED


def _missing(link: Link | None) -> Side:
    if link is None:
        return Side.NONE
    if link.remote_id is not None:
        return Side.GONE
    return Side.NONE if link.ours is None else Side.UNSEEN


def _agree(pair: Pair) -> bool:
    ours, theirs = pair.ours, pair.theirs
    return ours is not None and theirs is not None and ours.words == theirs.words != ""


def _is_written_down(pair: Pair) -> bool:
    """Whether the link says what is so: false for an entry just found, or moved to a new id."""
    link, theirs = pair.link, pair.theirs
    if link is None or theirs is None:
        return True
    return link.remote_id == theirs.remote_id and link.theirs is not None


def _words_after(action: Action) -> Iterable[str]:
    """The words for which a memory or an entry with a link will stand after this action."""
    verb, pair = action.verb, action.pair
    if verb in {Verb.DROP, Verb.FORGET, Verb.DELETE, Verb.WITHDRAW, Verb.TAKE_NEW}:
        return
    if pair.ours is not None and verb is not Verb.TAKE_CHANGE:
        yield pair.ours.words
    if pair.theirs is not None and pair.link is not None:
        yield pair.theirs.words


def _with_aliases(actions: Iterable[Action], known: set[str]) -> Iterable[Action]:
    """A remote may hold the same words twice: the second one is no second memory."""
    for action in actions:
        theirs = action.pair.theirs
        if action.verb is not Verb.TAKE_NEW or theirs is None or not theirs.words:
            yield action
        elif theirs.words in known and action.pair.link is None:
            yield Action(Verb.ALIAS, action.pair)
        else:
            known.add(theirs.words)
            yield action
