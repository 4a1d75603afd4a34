"""The whole table of what happens, and what is beside it."""

from dataclasses import replace
from itertools import product
from uuid import UUID

import pytest

from sync.engine.pairing import Link, Ours, Pair, Theirs, pair
from sync.engine.reconcile import Action, Verb, reconcile

MEMORY = UUID(int=1)
LINK = Link(UUID(int=9), MEMORY, "r1", "our tea", "their tea", "k9", True, words="tea")
ONLY_THEIRS = replace(LINK, memory_id=None, ours=None, by_us=False)
SENT = replace(LINK, remote_id=None, theirs=None)
BEGUN = replace(SENT, ours=None)


def ours(words: str) -> Ours:
    return Ours(MEMORY, f"our {words}", words)


def theirs(words: str, remote_id: str = "r1") -> Theirs:
    return Theirs(remote_id, f"their {words}", words)


def verb_of(link: Link | None, mine: Ours | None, entry: Theirs | None) -> Verb:
    (action,) = reconcile([Pair(link, mine, entry)])
    return action.verb


HERE = {"same": ours("tea"), "changed": ours("milk"), "new": ours("milk"), "gone": None}
THERE = {"same": theirs("tea"), "changed": theirs("beer"), "new": theirs("beer"), "gone": None}
TABLE = {
    # here       there: same           changed             new             gone
    "same": (Verb.NOTHING, Verb.TAKE_CHANGE, Verb.CONFLICT, Verb.FORGET),
    "changed": (Verb.SEND_CHANGE, Verb.CONFLICT, Verb.CONFLICT, Verb.SEND_AGAIN),
    "new": (Verb.SEND_CHANGE, Verb.CONFLICT, Verb.CONFLICT, Verb.SEND_AGAIN),
    "gone": (Verb.DELETE, Verb.TAKE_BACK, Verb.TAKE_BACK, Verb.DROP),
}
CELLS = [(*cell, verb) for row, verbs in TABLE.items() for cell, verb in zip(
    product([row], THERE), verbs, strict=True)]  # fmt: skip


@pytest.mark.parametrize(("here", "there", "verb"), CELLS)
def test_the_table(here: str, there: str, verb: Verb) -> None:
    link = replace(LINK, ours=None) if here == "new" else LINK
    link = replace(link, theirs=None) if there == "new" else link
    assert verb_of(link, HERE[here], THERE[there]) is verb


@pytest.mark.parametrize(("here", "there", "verb"), CELLS)
def test_what_the_vault_does_not_see_is_withdrawn_or_left(
    here: str, there: str, verb: Verb
) -> None:
    for by_us in (True, False):
        link = replace(LINK, hidden=True, by_us=by_us)
        is_there = THERE[there] is not None
        wanted = Verb.WITHDRAW if by_us and is_there else Verb.DROP
        assert verb_of(link, HERE[here], THERE[there]) is wanted


CONFLICTS = [(here, there) for here, there, verb in CELLS if verb is Verb.CONFLICT]


@pytest.mark.parametrize(("here", "there"), CONFLICTS)
def test_equal_words_are_never_a_conflict(here: str, there: str) -> None:
    link = replace(LINK, ours=None if here == "new" else "our before", theirs="their before")
    link = replace(link, theirs=None) if there == "new" else link
    assert verb_of(link, ours("milk"), theirs("milk")) is Verb.SETTLE


@pytest.mark.parametrize(
    ("link", "mine", "entry", "verb"),
    [
        # without a link
        (None, ours("tea"), None, Verb.SEND_NEW),
        (None, None, theirs("tea"), Verb.TAKE_NEW),
        (None, ours("tea"), theirs("tea"), Verb.SETTLE),
        # sent, but not seen yet
        (SENT, ours("tea"), None, Verb.WAIT),
        (SENT, ours("milk"), None, Verb.WAIT),
        (SENT, None, None, Verb.WAIT),
        (replace(SENT, hidden=True), None, None, Verb.WAIT),
        # sent, and seen now
        (SENT, ours("tea"), theirs("tea"), Verb.SETTLE),
        (SENT, ours("milk"), theirs("tea"), Verb.SEND_CHANGE),
        (SENT, None, theirs("tea"), Verb.DELETE),
        (SENT, ours("tea"), theirs("beer"), Verb.CONFLICT),
        (SENT, None, theirs("beer"), Verb.TAKE_BACK),
        (replace(SENT, hidden=True), None, theirs("tea"), Verb.WITHDRAW),
        # perhaps sent, before a crash
        (BEGUN, ours("tea"), None, Verb.SEND_NEW),
        (BEGUN, ours("tea"), theirs("tea"), Verb.SETTLE),
        (BEGUN, ours("milk"), theirs("tea"), Verb.SEND_CHANGE),
        (BEGUN, None, theirs("tea"), Verb.DELETE),
        (BEGUN, None, None, Verb.DROP),
        (replace(BEGUN, hidden=True), None, None, Verb.DROP),
        (replace(BEGUN, words=""), None, theirs("tea"), Verb.TAKE_BACK),
        # only theirs: ignored, or waiting as a suggestion
        (ONLY_THEIRS, None, theirs("tea"), Verb.NOTHING),
        (ONLY_THEIRS, None, theirs("beer"), Verb.TAKE_CHANGE),
        (ONLY_THEIRS, None, None, Verb.DROP),
        (ONLY_THEIRS, ours("tea"), theirs("tea"), Verb.SETTLE),
        (ONLY_THEIRS, None, theirs("tea", "r7"), Verb.SETTLE),
        # moved to another id
        (LINK, ours("tea"), theirs("tea", "r7"), Verb.SETTLE),
        (LINK, None, theirs("tea", "r7"), Verb.DELETE),
        # words that nobody knows agree with nothing
        (LINK, Ours(MEMORY, "our milk", ""), Theirs("r1", "their beer", ""), Verb.CONFLICT),
        # the same words, and another title or kind
        (LINK, replace(ours("tea"), mark="titled"), theirs("tea"), Verb.SEND_CHANGE),
        (LINK, ours("tea"), replace(theirs("tea"), mark="titled"), Verb.TAKE_CHANGE),
    ],
)
def test_beside_the_table(
    link: Link | None, mine: Ours | None, entry: Theirs | None, verb: Verb
) -> None:
    assert verb_of(link, mine, entry) is verb


@pytest.mark.parametrize(
    ("link", "mine", "verb"),
    [
        (None, None, Verb.NOTHING),
        (ONLY_THEIRS, None, Verb.NOTHING),
        (LINK, ours("tea"), Verb.NOTHING),
        (LINK, ours("milk"), Verb.WAIT),
        (LINK, None, Verb.WAIT),
        (SENT, ours("tea"), Verb.WAIT),
        (replace(LINK, hidden=True), None, Verb.WITHDRAW),
    ],
)
def test_what_cannot_be_read_is_left_alone(
    link: Link | None, mine: Ours | None, verb: Verb
) -> None:
    assert verb_of(link, mine, Theirs("r1", "", "", readable=False)) is verb


def test_a_remote_that_keeps_no_kinds_is_not_edited_for_ever() -> None:
    link = replace(LINK, ours="tea, a preference", theirs="tea")
    mine, entry = Ours(MEMORY, "tea, a preference", "tea"), Theirs("r1", "tea", "tea")
    assert verb_of(link, mine, entry) is Verb.NOTHING


def verbs(actions: list[Action]) -> list[tuple[Verb, str | None]]:
    return [(one.verb, one.pair.theirs and one.pair.theirs.remote_id) for one in actions]


def test_the_second_entry_with_the_same_words_is_an_alias() -> None:
    found = reconcile(pair([], [], [theirs("tea", "r2"), theirs("tea", "r1")]))
    assert verbs(found) == [(Verb.ALIAS, "r2"), (Verb.TAKE_NEW, "r1")]


@pytest.mark.parametrize("link", [LINK, ONLY_THEIRS], ids=["a memory", "a suggestion"])
def test_an_entry_with_the_words_of_a_linked_one_is_an_alias(link: Link) -> None:
    mine = [ours("tea")] if link.memory_id else []
    found = reconcile(pair([link], mine, [theirs("tea"), theirs("tea", "r2")]))
    assert (Verb.ALIAS, "r2") in verbs(found)


def test_an_entry_with_the_words_that_a_change_brings_is_an_alias() -> None:
    found = reconcile(pair([LINK], [ours("tea")], [theirs("milk"), theirs("milk", "r2")]))
    assert verbs(found) == [(Verb.ALIAS, "r2"), (Verb.TAKE_CHANGE, "r1")]


def test_words_that_a_change_takes_away_are_no_alias() -> None:
    found = reconcile(pair([LINK], [ours("tea")], [theirs("milk"), theirs("tea", "r2")]))
    assert verbs(found) == [(Verb.TAKE_CHANGE, "r1"), (Verb.TAKE_NEW, "r2")]


def test_links_are_dropped_before_others_take_their_place() -> None:
    alias = replace(ONLY_THEIRS, id=UUID(int=3), remote_id="r2")
    found = reconcile(pair([LINK, alias], [ours("tea")], [theirs("tea", "r2")]))
    assert verbs(found) == [(Verb.DROP, None), (Verb.SETTLE, "r2")]
