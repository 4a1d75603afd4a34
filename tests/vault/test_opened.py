"""What stays open in memory: as much as fits, and whatever is in use."""

from collections.abc import Iterator

import pytest
from django.conf import settings

from tests.people import Person
from vault import memories
from vault.embedding import folding
from vault.recalling import recall
from vault.search import opening, sealed
from vault.types import Draft, Right


def fill(person: Person) -> None:
    for place in ("Work", "Health"):
        memories.remember(person.access, person.collection(place), Draft(f"The sea, {place}"))


def held(person: Person) -> int:
    return sum(place[0] == person.vault_id for place in sealed._cache)


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one whenever a collection is opened anew."""
    opened: list[int] = []
    real = opening._load

    def load(*args: object) -> None:
        opened.append(1)
        real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(opening, "_load", load)
    return opened


def test_a_vault_larger_than_the_limit_stays_open_while_it_is_asked(
    ana: Person, ben: Person, monkeypatch: pytest.MonkeyPatch, loads: list[int]
) -> None:
    fill(ana)
    fill(ben)
    monkeypatch.setattr(settings, "SATCHEL_SEARCH_MEMORY", 1)
    recall.search(ana.access, "sea")
    loads.clear()
    for _ in range(3):
        assert len(recall.search(ana.access, "sea")) == 2
    assert loads == []
    app = ben.grantee(Work=Right(see=True))
    recall.search(app, "sea")
    assert (held(ana), held(ben)) == (0, 1)


def test_what_is_idle_is_closed(ana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(ana)
    recall.search(ana.access, "sea")
    assert held(ana)
    for opened in sealed._cache.values():
        opened.used -= sealed.IDLE_LIMIT.total_seconds() + 1
    sealed._close_idle()
    assert not held(ana)


def test_what_is_held_counts(ana: Person) -> None:
    fill(ana)
    recall.search(ana.access, "sea")
    opened = next(one for place, one in sealed._cache.items() if place[0] == ana.vault_id)
    before = opened.nbytes
    assert before >= opened.index.nbytes > 0
    opened.tokens.clear()
    assert opened.nbytes <= before


def test_token_vectors_stay_between_questions(ana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of as many memories as may be, also when they were opened from segments."""
    monkeypatch.setattr(folding, "FOLD_FROM", 1)
    monkeypatch.setattr(settings, "SATCHEL_SEARCH_TOKENS", 4)
    home, read = ana.collection("Work"), list[int]()
    for number in range(4):
        memories.remember(ana.access, home, Draft(f"The sea, {number} miles away"))
    folding.fold(ana.access)
    sealed.close(ana.vault_id)
    recall.search(ana.access, "the sea")

    def reading(*_: object) -> Iterator[object]:
        read.append(1)
        return iter(())

    monkeypatch.setattr(sealed, "read_tokens", reading)
    assert recall.search(ana.access, "how far is the coast")
    assert read == []
