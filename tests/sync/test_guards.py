"""A run that looks like an accident waits for a person."""

from dataclasses import replace
from uuid import UUID

import pytest

from sync.engine.guards import Guard, allowed, check
from sync.engine.pairing import Link, Pair
from sync.engine.reconcile import Action, Verb

LINK = Link(UUID(int=9), UUID(int=1), "r1", "a", "b", "k", True)


def some(verb: Verb, count: int, link: Link | None = LINK) -> list[Action]:
    return [Action(verb, Pair(link, None, None))] * count


def guard_of(
    actions: list[Action], links: int, listed: int = 1, complete: bool = True, account: str = "ada",
    waived: frozenset[str] = frozenset(),
) -> str | None:  # fmt: skip
    found = check(
        actions,
        links=links,
        listed=listed,
        complete=complete,
        account=account,
        account_before="ada",
        waived=waived,
    )
    assert found is None or found.said.endswith(".")
    return found and found.name


@pytest.mark.parametrize(
    ("links", "listed", "complete", "held"),
    [(1, 0, True, True), (0, 0, True, False), (1, 1, True, False), (50, 0, False, False)],
)
def test_an_emptied_remote(links: int, listed: int, complete: bool, held: bool) -> None:
    assert (guard_of([], links, listed, complete) == "emptied") is held


@pytest.mark.parametrize(
    ("count", "links", "held"),
    [(10, 10, False), (11, 11, True), (11, 43, True), (11, 44, False), (25, 100, False),
     (26, 100, True)],
)  # fmt: skip
@pytest.mark.parametrize(
    ("verb", "name"),
    [(Verb.FORGET, "many deletions here"), (Verb.DELETE, "many deletions there")],
)
def test_many_deletions(verb: Verb, name: str, count: int, links: int, held: bool) -> None:
    assert guard_of(some(verb, count), links) == (name if held else None)


def test_deletions_of_both_sides_are_not_added_up() -> None:
    assert guard_of(some(Verb.FORGET, 10) + some(Verb.DELETE, 10), 20) is None


def test_what_is_withdrawn_does_not_count() -> None:
    assert guard_of(some(Verb.WITHDRAW, 500), 500) is None


@pytest.mark.parametrize(
    ("verb", "count", "links", "held"),
    [
        (Verb.TAKE_CHANGE, 10, 10, False),
        (Verb.TAKE_CHANGE, 11, 11, True),
        (Verb.CONFLICT, 18, 20, True),
        (Verb.TAKE_BACK, 17, 20, False),
        (Verb.SETTLE, 20, 20, False),
        (Verb.SEND_CHANGE, 20, 20, False),
    ],
)
def test_everything_changed(verb: Verb, count: int, links: int, held: bool) -> None:
    assert (guard_of(some(verb, count), links) == "everything changed") is held


def test_what_was_never_listed_before_has_not_changed() -> None:
    assert guard_of(some(Verb.CONFLICT, 20, replace(LINK, theirs=None)), 20) is None


def test_another_account_comes_before_all_else() -> None:
    assert guard_of(some(Verb.FORGET, 90), 100, listed=0, account="bob") == "other account"


def test_the_first_account_is_no_other_account() -> None:
    found = check([], links=0, listed=3, complete=True, account="ada", account_before="")
    assert found is None


def test_a_waived_guard_does_not_cover_another_one() -> None:
    actions = some(Verb.FORGET, 30) + some(Verb.DELETE, 30)
    assert guard_of(actions, 100) == "many deletions here"
    here, there = "many deletions here", "many deletions there"
    assert guard_of(actions, 100, waived=frozenset({here})) == there
    assert guard_of(actions, 100, waived=frozenset({here, there})) is None


def test_allowed_is_what_was_waived_by_name() -> None:
    guard = Guard("emptied", "Nothing is there.", {})
    assert allowed(guard, frozenset({"emptied"}))
    assert not allowed(guard, frozenset({"other account"}))
    assert not allowed(guard, frozenset())


def test_the_sentence_has_the_counts() -> None:
    found = check(
        some(Verb.FORGET, 30), links=90, listed=60, complete=True, account="", account_before=""
    )
    assert found is not None
    assert "30 of 90" in found.said
    assert found.counts == {"forget": 30, "links": 90}
