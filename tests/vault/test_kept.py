"""Kept shelves: the same answers as from the rows, the same alarm when rows are missing."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.people import Person
from vault import memories
from vault.embedding import folding
from vault.errors import Tampered
from vault.models import Memory, Shelf
from vault.recalling import recall
from vault.scope import vault_scope
from vault.search import kept, opening, sealed, shelves
from vault.types import Draft
from vault.types import Memory as Remembered

NOTES = [f"Note {number} about the {word}" for number, word in enumerate(("sea", "bees", "moon"))]


@pytest.fixture(autouse=True)
def keep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "LEAST", 2)
    monkeypatch.setattr(folding, "FOLD_FROM", 1)


@pytest.fixture
def made(ana: Person) -> list[Remembered]:
    found = []
    for text in NOTES:
        one = memories.remember(ana.access, ana.collection("Work"), Draft(text))
        assert isinstance(one, Remembered)
        found.append(one)
    folding.fold(ana.access)
    sealed.close(ana.vault_id)
    return found


def texts(person: Person, query: str = "note sea bees moon") -> list[str]:
    sealed.close(person.vault_id)
    return sorted(hit.memory.text for hit in recall.search(person.access, query))


@contextlib.contextmanager
def database(person: Person) -> Iterator[dict[str, Any]]:
    """As whoever can write the rows: filters for this vault."""
    with vault_scope(person.vault_id):
        yield {"vault_id": person.vault_id}


def from_rows(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts how often a collection with memories is opened from its rows."""
    opened: list[int] = []
    real = opening._load_all

    def load(*args: Any) -> None:
        real(*args)
        opened.extend([1] * bool(len(args[2].index)))

    monkeypatch.setattr(opening, "_load_all", load)
    return opened


def test_a_kept_shelf_opens_the_collection(
    ana: Person, made: list[Remembered], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = from_rows(monkeypatch)
    assert texts(ana) == sorted(NOTES)
    assert opened == []


def test_a_row_taken_away_is_noticed(ana: Person, made: list[Remembered]) -> None:
    with database(ana) as mine:
        Memory.objects.filter(**mine, id=made[1].id).delete()
    with pytest.raises(Tampered):
        texts(ana)


def test_a_row_put_back_is_noticed(ana: Person, made: list[Remembered]) -> None:
    with database(ana) as mine:
        before = Memory.objects.filter(**mine, id=made[1].id).values().get()
    memories.revise(ana.access, made[1].id, text="Something else")
    with database(ana) as mine:
        Memory.objects.filter(**mine, id=made[1].id).update(**before)
    with pytest.raises(Tampered):
        texts(ana)


def test_an_altered_entry_is_noticed(ana: Person, made: list[Remembered]) -> None:
    with database(ana) as mine:
        Memory.objects.filter(**mine, id=made[1].id).update(entry=bytes(31))
    with pytest.raises(Tampered):
        texts(ana)


def test_a_changed_row_with_a_false_column_is_noticed(ana: Person, made: list[Remembered]) -> None:
    memories.revise(ana.access, made[1].id, text="Something else")
    with database(ana) as mine:
        Memory.objects.filter(**mine, id=made[1].id).update(pinned=True)
    with pytest.raises(Tampered):
        texts(ana)


def test_what_the_shelf_says_of_an_unchanged_row_is_what_counts(
    ana: Person, made: list[Remembered]
) -> None:
    """A plain column changed behind our back moves nothing, and is noticed on reading."""
    with database(ana) as mine:
        Memory.objects.filter(**mine, id=made[1].id).update(kind="instruction")
    with pytest.raises(Tampered):
        texts(ana)


def test_an_altered_shelf_is_passed_over(
    ana: Person, made: list[Remembered], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = from_rows(monkeypatch)
    with database(ana) as mine:
        row = Shelf.objects.get(**mine)
        row.sealed = bytes(row.sealed)[:-1] + bytes([bytes(row.sealed)[-1] ^ 1])
        row.save(update_fields=["sealed"])
    assert texts(ana) == sorted(NOTES)
    assert opened == [1]


def test_a_shelf_of_an_earlier_time_is_only_out_of_date(
    ana: Person, made: list[Remembered]
) -> None:
    with database(ana) as mine:
        before = Shelf.objects.filter(**mine).values().get()
    memories.revise(ana.access, made[0].id, text="Note of the wind")
    memories.forget(ana.access, made[1].id)
    memories.remember(ana.access, ana.collection("Work"), Draft("Note of the rain"))
    folding.fold(ana.access)
    with database(ana) as mine:
        Shelf.objects.filter(**mine).delete()
        Shelf.objects.create(**before)
    assert texts(ana) == ["Note 2 about the moon", "Note of the rain", "Note of the wind"]


def test_a_shelf_put_elsewhere_is_passed_over(
    ana: Person, made: list[Remembered], monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in NOTES:
        memories.remember(ana.access, ana.collection("Health"), Draft(f"{text} again"))
    folding.fold(ana.access)
    opened = from_rows(monkeypatch)
    with database(ana) as mine:
        (one, other) = Shelf.objects.filter(**mine).order_by("collection_id")
        Shelf.objects.filter(**mine, id=one.id).update(sealed=other.sealed)
    assert texts(ana) == sorted([*NOTES, *(f"{text} again" for text in NOTES)])
    assert opened == [1]


def test_a_shelf_in_many_parts_needs_all_of_them(
    ana: Person, monkeypatch: pytest.MonkeyPatch, made: list[Remembered]
) -> None:
    monkeypatch.setattr(kept, "_PART", 1 << 10)
    with database(ana) as mine:
        Shelf.objects.filter(**mine).delete()
    assert shelves.keep_due(ana.access) == [ana.collection("Work")]
    opened = from_rows(monkeypatch)
    assert texts(ana) == sorted(NOTES)
    assert opened == []
    with database(ana) as mine:
        parts = list(Shelf.objects.filter(**mine).order_by("part"))
        assert len(parts) > 4
        parts[-1].delete()
    assert texts(ana) == sorted(NOTES)
    assert opened == [1]
    with database(ana) as mine:
        two, three = parts[2:4]
        Shelf.objects.filter(**mine, id=two.id).update(sealed=three.sealed)
    assert texts(ana) == sorted(NOTES)
    assert opened == [1, 1]


def test_what_changed_while_it_was_drawn_counts_as_unknown(
    ana: Person, made: list[Remembered], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = kept.present

    def changing(*args: Any) -> kept.Present:
        memories.revise(ana.access, made[0].id, pinned=True)
        return real(*args)

    monkeypatch.setattr(kept, "present", changing)
    home, space = ana.collection("Work"), {"model": "all-minilm-l6-v2/int8-1", "dim": 384}
    assert sealed.keep_shelf(ana.access, home, **space) > 0  # type: ignore[arg-type]
    monkeypatch.setattr(kept, "present", real)
    with database(ana):
        read = kept.read(ana.access, home, texts=True)
        assert read is not None
        altered, gone = kept.changes(read, kept.present(ana.access, home))
    assert (altered, gone) == ([made[0].id], [])
    sealed.close(ana.vault_id)
    (hit, *_) = recall.search(ana.access, "sea")
    assert hit.memory.pinned
    assert "pinned" in hit.why


def test_a_small_collection_keeps_none(
    ana: Person, made: list[Remembered], monkeypatch: pytest.MonkeyPatch
) -> None:
    with database(ana) as mine:
        Shelf.objects.filter(**mine).delete()
    monkeypatch.setattr(kept, "LEAST", 100)
    assert shelves.keep_due(ana.access) == []
    assert texts(ana) == sorted(NOTES)
