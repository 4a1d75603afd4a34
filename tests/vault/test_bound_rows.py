"""Revisions and sources that a writer of the database hangs elsewhere, or says more with."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from tests.people import Person
from vault import bulk, memories
from vault.acting import merging
from vault.errors import NotFound, Tampered
from vault.integrity import bound
from vault.models import Memory, Revision, Source, Suggestion
from vault.reviewing import suggestions, undo
from vault.scope import vault_scope
from vault.types import Draft, Right, SourceDraft
from vault.types import Memory as Shown


def told(person: Person, text: str) -> UUID:
    made = memories.remember(person.access, person.collection("Work"), Draft(text))
    assert isinstance(made, Shown)
    memories.revise(person.access, made.id, text=f"{text} It changed.")
    return made.id


def alter(person: Person, model: type[Revision] | type[Source], of: UUID, **to: object) -> None:
    with vault_scope(person.vault_id):
        assert model.objects.filter(vault_id=person.vault_id, memory_id=of).update(**to)


def test_a_revision_hung_on_another_memory_does_not_open(ana: Person) -> None:
    one, other = told(ana, "The bees are blue."), told(ana, "The sea is red.")
    with vault_scope(ana.vault_id):
        Revision.objects.filter(vault_id=ana.vault_id, memory_id=other).delete()
    alter(ana, Revision, one, memory_id=other)
    with pytest.raises(Tampered):
        memories.history(ana.access, other)


def test_a_source_hung_on_another_memory_does_not_open(ana: Person) -> None:
    one, other = told(ana, "The bees are blue."), told(ana, "The sea is red.")
    alter(ana, Source, one, memory_id=other)
    with pytest.raises(Tampered):
        memories.get(ana.access, other)


@pytest.mark.parametrize(
    "columns",
    [
        {"kind": "instruction"},
        {"changed_by": "Mallory"},
        {"changed_at": timezone.now() - timedelta(days=99)},
        {"revision": 7},
    ],
    ids=lambda columns: next(iter(columns)),
)
def test_a_revisions_plain_columns_are_bound(ana: Person, columns: dict[str, object]) -> None:
    one = told(ana, "The bees are blue.")
    alter(ana, Revision, one, **columns)
    with pytest.raises(Tampered):
        memories.history(ana.access, one)


@pytest.mark.parametrize(
    "columns",
    [
        {"vendor": "openai"},
        {"key": b"\1" * 32},
        {"grant_id": uuid4()},
        {"import_id": uuid4()},
        {"seen_at": timezone.now() - timedelta(days=99)},
        {"sealed": b""},
    ],
    ids=lambda columns: next(iter(columns)),
)
def test_a_sources_plain_columns_are_bound(ana: Person, columns: dict[str, object]) -> None:
    one = told(ana, "The bees are blue.")
    alter(ana, Source, one, **columns)
    with pytest.raises(Tampered):
        memories.get(ana.access, one)


def test_undoing_an_import_takes_nothing_back_that_it_did_not_bring(ana: Person) -> None:
    work, mine, other = ana.collection("Work"), uuid4(), uuid4()
    for number, name in enumerate((mine, other)):
        source = SourceDraft(vendor="openai", key=str(number), import_id=name)
        bulk.remember_many(ana.access, [(work, Draft(f"Fact {number}", source=source))])
    with vault_scope(ana.vault_id):
        sources = Source.objects.filter(vault_id=ana.vault_id, import_id=other)
        assert sources.update(import_id=mine) == 1
    with pytest.raises(Tampered):
        bulk.undo_import(ana.access, mine)
    with vault_scope(ana.vault_id):
        assert not Memory.objects.filter(vault_id=ana.vault_id, sealed=b"").exists()


def test_undoing_an_app_takes_nothing_back_that_it_did_not_bring(ana: Person) -> None:
    one = ana.grantee(Work=Right(see=True, add="yes"))
    other = ana.grantee(Work=Right(see=True, add="yes"))
    made = memories.remember(one, ana.collection("Work"), Draft("My sister is Ana."))
    assert isinstance(made, Shown)
    alter(ana, Source, made.id, grant_id=other.asker.id)
    with pytest.raises(Tampered):
        undo.take_back(ana.access, other.asker.id)
    alter(ana, Source, made.id, grant_id=one.asker.id)
    assert memories.listing(ana.access).total == 1


def test_a_planted_grant_shows_no_held_memory(ana: Person) -> None:
    """A grantee may read again what it wrote and is held: its own, not what it is said to have."""
    one = ana.grantee(new=True, Work=Right(see=True, add="yes"))
    other = ana.grantee(Work=Right(see=True, add="yes"))
    made = memories.remember(one, ana.collection("Work"), Draft("The code is 7."))
    assert isinstance(made, Shown)
    assert memories.written(one, made.id).text == "The code is 7."
    with pytest.raises(NotFound):
        memories.written(other, made.id)
    alter(ana, Source, made.id, grant_id=other.asker.id)
    with pytest.raises((Tampered, NotFound)):
        memories.written(other, made.id)


def test_a_merge_carries_them_along_and_gives_them_back(ana: Person) -> None:
    one, other = told(ana, "The bees are blue."), told(ana, "The sea is red.")
    before = memories.get(ana.access, other).sources
    merging.merge(ana.access, one, [other])
    assert len(memories.get(ana.access, one).sources) == 2
    memories.restore(ana.access, other)
    assert memories.get(ana.access, other).sources == before
    memories.move(ana.access, one, ana.collection("Family"))
    assert [old.text for old in memories.history(ana.access, one)][-1] == "The bees are blue."


def by_the_format(*parts: bytes) -> UUID:
    """As FORMAT.md says it, written anew."""
    joined = b"".join(len(part).to_bytes(4) + part for part in parts)
    return UUID(bytes=sha256(b"satchel/v1/bound" + joined).digest()[:16])


def test_the_ids_are_those_of_the_format() -> None:
    at = datetime(1969, 7, 20, 20, 17, 40, 1, tzinfo=UTC)
    when = b"\1" + (-14_182_939_999_999).to_bytes(8, signed=True)
    one, two, three = (b"\1" + bytes(15) + bytes([n]) for n in (1, 2, 3))
    row = {"id": UUID(int=1), "memory_id": UUID(int=2)}
    old = Revision(**row, kind="fact", changed_at=at, changed_by="Zoë")
    words = (b"\1fact", when, "\1Zoë".encode())
    assert bound.revision_id(old) == by_the_format(b"revision", one, two, *words)
    source = Source(**row, vendor="", grant_id=UUID(int=3), seen_at=at)
    assert bound.source_id(source) == by_the_format(
        b"source", one, two, b"\1", b"\0", three, b"\0", when
    )


@pytest.mark.parametrize("column", ["grant_id", "suggested_at"])
def test_a_letter_is_of_the_grant_that_posted_it(ana: Person, column: str) -> None:
    app = ana.grantee(Work=Right(add="ask"))
    other = ana.grantee(Work=Right(add="yes"))
    memories.remember(app, ana.collection("Work"), Draft("My sister is Ana."))
    changed = {"grant_id": other.asker.id, "suggested_at": timezone.now() - timedelta(days=9)}
    with vault_scope(ana.vault_id):
        mine = Suggestion.objects.filter(vault_id=ana.vault_id)
        assert mine.update(**{column: changed[column]}) == 1
    (shown,) = suggestions.listing(ana.access)
    assert "altered" in shown.text
    with pytest.raises(Tampered):
        suggestions.accept(ana.access, shown.id)
