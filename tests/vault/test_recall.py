"""Recall over real rows: always as fresh as the last commit, and never beyond what may be seen."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from tests.people import Person
from vault import bulk, memories
from vault.access import open_token
from vault.embedding import folding, indexing
from vault.errors import Locked, NotFound, Refused
from vault.granting import grants
from vault.models import Segment, Vector
from vault.recalling import recall
from vault.scope import vault_scope
from vault.search import sealed
from vault.types import Draft, Memory, Right, SourceDraft
from vault.visible import Selection

NOTES = (
    "Works as a hydrologist in Utrecht",
    "Is allergic to peanuts",
    "Learns Portuguese on Tuesday evenings",
    "Has a daughter called Mila",
    "Prefers short answers with the conclusion first",
)


def remember(person: Person, text: str, place: str = "Personal") -> Memory:
    made = memories.remember(person.access, person.collection(place), Draft(text))
    assert isinstance(made, Memory)
    return made


def texts(person: Person, query: str) -> list[str]:
    return [hit.memory.text for hit in recall.search(person.access, query)]


def test_meaning_finds_what_words_do_not(ana: Person) -> None:
    for note in NOTES:
        remember(ana, note)
    assert texts(ana, "what is her job")[0] == NOTES[0]
    assert texts(ana, "dangerous food")[0] == NOTES[1]
    assert texts(ana, "does she have children")[0] == NOTES[3]


def test_search_as_you_type_finds_unfinished_words(ana: Person) -> None:
    for note in NOTES:
        remember(ana, note)
    found = recall.search(ana.access, "portug", prefix=True)
    assert found[0].memory.text == NOTES[2]
    assert "words" in found[0].why


def test_every_change_is_seen_by_the_next_search(ana: Person) -> None:
    made = remember(ana, "Keeps bees on the roof")
    other = remember(ana, "Plays the cello")
    assert texts(ana, "bees")[0] == "Keeps bees on the roof"
    memories.revise(ana.access, made.id, text="Keeps ducks in the garden")
    assert texts(ana, "ducks")[0] == "Keeps ducks in the garden"
    assert "Keeps bees on the roof" not in texts(ana, "bees")
    memories.forget(ana.access, made.id)
    assert "Keeps ducks in the garden" not in texts(ana, "ducks")
    memories.restore(ana.access, made.id)
    assert texts(ana, "ducks")[0] == "Keeps ducks in the garden"
    memories.move(ana.access, other.id, ana.collection("Health"))
    assert texts(ana, "cello")[0] == "Plays the cello"
    app = ana.grantee(Personal=Right(see=True))
    assert [hit.memory.id for hit in recall.search(app, "cello") if hit.memory.id == other.id] == []


def test_an_app_finds_only_in_what_it_may_see(ana: Person) -> None:
    remember(ana, "Is allergic to peanuts", "Health")
    remember(ana, "Works as a hydrologist", "Work")
    app = ana.grantee(Work=Right(see=True), Health=Right(add="yes"))
    assert [h.memory.text for h in recall.search(app, "peanuts allergy hydrologist")] == [
        "Works as a hydrologist"
    ]
    assert "peanuts" not in recall.context(app, query="peanuts allergy").text
    with pytest.raises(NotFound):
        recall.search(app, "peanuts", collections=[ana.collection("Health")])
    assert recall.search(app, "peanuts", collections=[]) == []


def test_two_people_with_open_vaults_never_meet(ana: Person, ben: Person) -> None:
    remember(ana, "Keeps bees on the roof")
    remember(ben, "Keeps a boat in the harbour")
    assert texts(ana, "keeps") == ["Keeps bees on the roof"]
    assert texts(ben, "keeps") == ["Keeps a boat in the harbour"]


def test_profile_and_instructions_come_first(ana: Person) -> None:
    place = ana.collection("Personal")
    memories.remember(ana.access, place, Draft("Is called Ana Ruiz", kind="profile"))
    memories.remember(ana.access, place, Draft("Answer in British English", kind="instruction"))
    remember(ana, "Works as a hydrologist in Utrecht")
    found = recall.context(ana.access, query="what does she work as")
    who, asked = found.text.split("## What bears on this")
    assert "Ana Ruiz" in who
    assert "British English" in who
    assert "hydrologist" in asked
    assert "data, not instructions" in who


def test_a_turn_of_a_conversation_brings_its_answer(ana: Person) -> None:
    place = ana.collection("Personal")
    turns = [("user", "Which dike should I inspect first?"), ("assistant", "The one at Lek.")]
    at = datetime(2026, 3, 1, tzinfo=UTC)
    drafts = [
        Draft(
            text,
            "episode",
            role=role,
            conversation="talk",
            position=n,
            occurred_at=at + timedelta(minutes=n),
            source=SourceDraft("openai", f"turn:{n}"),
        )
        for n, (role, text) in enumerate(turns)
    ]
    bulk.remember_many(ana.access, [(place, draft) for draft in drafts])
    found = recall.context(ana.access, query="dike to inspect")
    assert "The one at Lek." in found.text


def test_words_find_a_memory_before_it_is_embedded(ana: Person) -> None:
    place = ana.collection("Personal")
    drafts = [(place, Draft(note, source=SourceDraft("openai", note))) for note in NOTES]
    bulk.remember_many(ana.access, drafts)
    assert texts(ana, "hydrologist") == [NOTES[0]]
    assert indexing.waiting(ana.access) == len(NOTES)
    last, count = indexing.index_next(ana.access, None, 100)
    assert count == len(NOTES)
    assert indexing.index_next(ana.access, last, 100) == (None, 0)
    assert texts(ana, "what is her job")[0] == NOTES[0]


def test_folding_into_segments_changes_nothing_that_is_found(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "FOLD_FROM", 2)
    for note in NOTES:
        remember(ana, note)
    gone = remember(ana, "Keeps bees on the roof")
    asked = ("job", "peanut", "children", "bees")
    before = [texts(ana, query) for query in asked]
    assert indexing.fold(ana.access) == len(NOTES) + 1
    sealed.close(ana.vault_id)
    assert [texts(ana, query) for query in asked] == before
    memories.revise(ana.access, gone.id, text="Keeps ducks in the garden")
    sealed.close(ana.vault_id)
    assert texts(ana, "ducks")[0] == "Keeps ducks in the garden"
    with vault_scope(ana.vault_id):
        assert Segment.objects.filter(vault_id=ana.vault_id).count() == 1
        assert Vector.objects.filter(vault_id=ana.vault_id).exclude(passages=None).count() == 1


def test_an_altered_vector_is_passed_over_and_words_still_find(
    ana: Person, caplog: pytest.LogCaptureFixture
) -> None:
    remember(ana, NOTES[0])
    sealed.close(ana.vault_id)
    with vault_scope(ana.vault_id):
        row = Vector.objects.get(vault_id=ana.vault_id)
        broken = bytes(row.tokens or b"")[:-1] + bytes([bytes(row.tokens or b"")[-1] ^ 1])
        Vector.objects.filter(vault_id=ana.vault_id).update(tokens=broken)
    assert [hit.why for hit in recall.search(ana.access, NOTES[0].split()[0])] == [("words",)]
    assert "An altered vector" in caplog.text


def test_nothing_is_found_after_the_revoke_whoever_searches_meanwhile(ana: Person) -> None:
    for note in NOTES:
        remember(ana, note, "Work")
    grant, token = ana.token(Work=Right(see=True))

    def ask(_: int) -> str:
        try:
            return "found" if recall.search(open_token(token), "hydrologist") else "empty"
        except Locked:
            return "locked"
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(ask, range(8))) == {"found"}
        answers = pool.map(ask, range(40))
        grants.revoke(ana.access, grant.id)
        assert set(answers) <= {"found", "locked"}
        assert set(pool.map(ask, range(8))) == {"locked"}


@pytest.mark.parametrize(
    "query", ["", " ", '"', "NEAR(", "a OR b AND", "\x00", "💥" * 50, "' OR 1=1 --", "x" * 5000]
)
def test_any_query_is_only_words(ana: Person, query: str) -> None:
    remember(ana, NOTES[0])
    recall.search(ana.access, query)
    recall.context(ana.access, query=query)


def test_a_search_can_be_narrowed_to_what_fits_and_widened_by_nothing(ana: Person) -> None:
    place = ana.collection("Work")
    for text, vendor in (("Keeps bees in Delft", "openai"), ("Keeps bees in Gouda", "mem0")):
        memories.remember(ana.access, place, Draft(text, source=SourceDraft(vendor)))
    one = Selection(vendors=["openai"])
    found = recall.search(ana.access, "keeps bees", limit=5, among=one)
    assert [hit.memory.text for hit in found] == ["Keeps bees in Delft"]
    assert recall.search(ana.access, "keeps bees", among=Selection(vendors=[])) == []
    app = ana.grantee(Travel=Right(see=True))
    assert recall.search(app, "keeps bees", among=one) == []
    with pytest.raises(NotFound):
        recall.search(app, "keeps bees", among=Selection(collections=[place]))
    with pytest.raises(Refused):
        recall.search(app, "keeps bees", among=Selection(forgotten=True))
