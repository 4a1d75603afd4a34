"""The owner's choice of an embedder: sealed, switched while search goes on, and when it fails."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from django.db import connection, connections

from tests import embeddings_api
from tests.embeddings_api import EmbeddingsApi
from tests.people import Person
from vault import memories
from vault.access import Access
from vault.embedding import embedders, folding, indexing, switching
from vault.embedding.embedders import Chosen
from vault.errors import Refused, Tampered
from vault.integrity import manifests
from vault.models import Collection, Segment, Vector
from vault.recalling import opening, recall
from vault.scope import vault_scope
from vault.search import sealed
from vault.search.choice import BUNDLED, Choice
from vault.search.errors import EmbedderRefused
from vault.search.models.wordllama import WordLlama
from vault.types import Draft, Memory, Right

LIGHT = Choice("wordllama")
NOTES = (
    "Keeps bees on the roof of the old brewery",
    "Allergic to peanuts, carries an EpiPen",
    "Works as a hydrologist for the river authority",
    "Plays the cello on Thursdays",
)


@pytest.fixture
def api() -> Iterator[EmbeddingsApi]:
    with EmbeddingsApi() as running:
        yield running


def remember(person: Person, text: str, collection: str = "Personal") -> Memory:
    made = memories.remember(person.access, person.collection(collection), Draft(text))
    assert isinstance(made, Memory)
    return made


def move_to(person: Person, choice: Choice) -> None:
    """The whole switch, as the background job does it."""
    switching.switch(person.access, choice)
    embed_all(person.access)
    for collection in person.access.visible:
        assert switching.complete(person.access, collection)
    switching.sweep(person.access)


def embed_all(access: Access) -> None:
    with vault_scope(access.vault_id):
        wanted = {c: one.next for c, one in embedders.choices(access).items() if one.next}
    after: UUID | None = None
    while (portion := indexing.embed_next(access, after, 2, wanted)).last is not None:
        after = portion.last


def models(person: Person) -> set[str]:
    with vault_scope(person.vault_id):
        rows = Vector.objects.filter(vault_id=person.vault_id)
        return set(rows.values_list("model", flat=True))


def texts(person: Person, query: str) -> list[str]:
    return [hit.memory.text for hit in recall.search(person.access, query)]


def rows(person: Person) -> list[tuple[UUID, bytes, bytes]]:
    with vault_scope(person.vault_id), connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, sealed_embedder, sealed_next_embedder FROM vault_collection"
            " WHERE vault_id = %s ORDER BY id",
            [person.vault_id],
        )
        return [(id, bytes(now), bytes(after)) for id, now, after in cursor.fetchall()]


def test_a_vault_begins_with_the_bundled_model(ana: Person) -> None:
    assert embedders.chosen(ana.access) == Chosen(BUNDLED)
    assert embedders.choice(ana.access, ana.collection("Work")) == BUNDLED
    made = embedders.embedder_for(ana.access, ana.collection("Work"))
    assert made.model == embedders.space_of(BUNDLED).model


def test_the_choice_is_sealed_and_opens_only_with_the_collections_key(
    ana: Person, api: EmbeddingsApi
) -> None:
    remember(ana, NOTES[0], "Work")
    choice = embedders.try_out(api.choice(key="sk-very-secret")).choice
    switching.switch(ana.access, choice)
    for _, now, after in rows(ana):
        for sealed_choice in (now, after):
            assert b"sk-very" not in sealed_choice
            assert b"127.0.0.1" not in sealed_choice
    assert {bool(after) for _, _, after in rows(ana)} == {True, False}
    work, app = ana.collection("Work"), ana.grantee(Work=Right(see=True))
    with vault_scope(ana.vault_id):
        assert embedders.choices(app) == {work: Chosen(BUNDLED, choice)}
        assert embedders.choices(ana.grantee(Travel=Right(add="yes"))) == {}


def test_only_the_owner_chooses(ana: Person) -> None:
    app = ana.grantee(Work=Right(see=True, add="yes"))
    for act in (
        lambda: switching.switch(app, LIGHT),
        lambda: switching.cancel_switch(app),
        lambda: switching.change_key(app, "x"),
        lambda: switching.progress(app),
        lambda: switching.estimate(app),
        lambda: embedders.chosen(app),
    ):
        with pytest.raises(Refused):
            act()


@pytest.mark.parametrize("column", ["sealed_embedder", "sealed_next_embedder"])
def test_an_altered_choice_is_reported(ana: Person, api: EmbeddingsApi, column: str) -> None:
    remember(ana, NOTES[0])
    home = ana.collection("Personal")
    move_to(ana, LIGHT)
    switching.switch(ana.access, embedders.try_out(api.choice()).choice)
    with vault_scope(ana.vault_id):
        mine = Collection.objects.filter(vault_id=ana.vault_id, id=home)
        before = bytes(mine.values_list(column, flat=True).get())
        other = {"sealed_embedder", "sealed_next_embedder"} - {column}
        exchanged = bytes(mine.values_list(*other, flat=True).get())
    elsewhere = next(now for id, now, _ in rows(ana) if id != home)
    for wrong in (before[:-1] + bytes([before[-1] ^ 1]), exchanged, elsewhere, b"short"):
        with vault_scope(ana.vault_id):
            mine.update(**{column: wrong})
        with pytest.raises(Tampered):
            recall.search(ana.access, "bees")


def test_the_old_model_answers_until_the_last_memory_has_its_vector(
    ana: Person, api: EmbeddingsApi
) -> None:
    for note in NOTES:
        remember(ana, note)
    old, home = embedders.space_of(BUNDLED).model, ana.collection("Personal")
    before = texts(ana, "an insect hobby")
    choice = embedders.try_out(api.choice()).choice
    new = embedders.space_of(choice).model
    switching.switch(ana.access, choice)
    assert switching.progress(ana.access).done == 0
    assert switching.progress(ana.access).now == BUNDLED
    assert not switching.complete(ana.access, home)
    assert texts(ana, "an insect hobby") == before
    remember(ana, "Came while it was switched")
    embed_all(ana.access)
    assert models(ana) == {old, new}
    progress = switching.progress(ana.access)
    assert (progress.total, progress.done, progress.waiting) == (5, 5, 0)
    assert progress.next == choice
    assert switching.complete(ana.access, home)
    assert switching.progress(ana.access).next is None
    assert models(ana) == {old, new}  # searches that began before may need them
    switching.sweep(ana.access)
    assert models(ana) == {new}
    assert texts(ana, "bees on the roof")[0] == NOTES[0]
    (opened,) = opening.open_all(ana.access, [home])
    assert opened.model == new
    assert not opened.index.missing()


def test_searches_answer_by_meaning_at_every_moment_of_a_switch(ana: Person) -> None:
    for note in NOTES:
        remember(ana, note)
    stop, found = threading.Event(), list[tuple[str, ...]]()

    def ask() -> None:
        while not stop.is_set():
            hits = recall.search(ana.access, "an insect hobby")
            found.append(next((hit.why for hit in hits if "bees" in hit.memory.text), ()))
        connections.close_all()

    thread = threading.Thread(target=ask)
    thread.start()
    for choice in (LIGHT, BUNDLED, LIGHT):
        switching.switch(ana.access, choice)
        embed_all(ana.access)
        for collection in ana.access.visible:
            sealed.close(ana.vault_id)
            switching.complete(ana.access, collection)
        seen = len(found)
        while thread.is_alive() and len(found) < seen + 2:
            time.sleep(0.01)
    stop.set()
    thread.join()
    assert len(found) > 5
    assert all("meaning" in why for why in found)


def test_a_switch_can_be_given_up(ana: Person, api: EmbeddingsApi) -> None:
    remember(ana, NOTES[0])
    before = models(ana)
    switching.switch(ana.access, embedders.try_out(api.choice()).choice)
    embed_all(ana.access)
    assert len(models(ana)) == 2
    switching.cancel_switch(ana.access)
    assert models(ana) == before
    assert switching.progress(ana.access).next is None
    assert texts(ana, "bees") == [NOTES[0]]


def test_another_switch_takes_the_place_of_the_first(ana: Person, api: EmbeddingsApi) -> None:
    remember(ana, NOTES[0])
    switching.switch(ana.access, embedders.try_out(api.choice()).choice)
    embed_all(ana.access)
    switching.switch(ana.access, LIGHT)
    embed_all(ana.access)
    assert models(ana) == {embedders.space_of(BUNDLED).model, WordLlama.model}
    switching.switch(ana.access, BUNDLED)
    assert models(ana) == {embedders.space_of(BUNDLED).model}
    assert switching.progress(ana.access).next is None


def test_a_vector_that_comes_after_the_switch_was_given_up_is_not_kept(
    ana: Person, api: EmbeddingsApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(ana, NOTES[0])
    switching.switch(ana.access, embedders.try_out(api.choice()).choice)
    real = indexing.embed_all

    def slowly(*args: object) -> object:
        made = real(*args)  # type: ignore[arg-type]
        switching.cancel_switch(ana.access)
        return made

    monkeypatch.setattr(indexing, "embed_all", slowly)
    embed_all(ana.access)
    assert models(ana) == {embedders.space_of(BUNDLED).model}


def test_folded_vectors_are_switched_like_others(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "FOLD_FROM", 2)
    for note in NOTES:
        remember(ana, note)
    folding.fold(ana.access)
    switching.switch(ana.access, LIGHT)
    embed_all(ana.access)
    folding.fold(ana.access)
    with vault_scope(ana.vault_id):
        segments = Segment.objects.filter(vault_id=ana.vault_id)
        assert set(segments.values_list("model", flat=True)) == models(ana)
    assert switching.complete(ana.access, ana.collection("Personal"))
    switching.sweep(ana.access)
    with vault_scope(ana.vault_id):
        assert set(segments.values_list("model", flat=True)) == {WordLlama.model}
    sealed.close(ana.vault_id)
    assert texts(ana, "bees")[0] == NOTES[0]


def test_vectors_of_one_model_do_not_pass_for_those_of_another(
    ana: Person, api: EmbeddingsApi
) -> None:
    """Both choices have as many numbers, so that only the seal tells them apart."""
    remember(ana, NOTES[0])
    one, other = (embedders.try_out(api.choice()).choice for _ in range(2))
    move_to(ana, one)
    switching.switch(ana.access, other)
    embed_all(ana.access)
    with vault_scope(ana.vault_id):
        mine = Vector.objects.filter(vault_id=ana.vault_id)
        new = mine.get(model=embedders.space_of(other).model)
        mine.filter(model=embedders.space_of(one).model).update(passages=new.passages)
    sealed.close(ana.vault_id)
    assert not any("meaning" in hit.why for hit in recall.search(ana.access, "bees"))


def test_collections_of_different_models_are_searched_together(
    ana: Person, api: EmbeddingsApi
) -> None:
    api.offset, api.dim = 1.5, 512  # a model that finds everything alike
    remember(ana, NOTES[0], "Work")
    for text in ("The bees swarmed today", "Nothing in common at all", "Cello strings are dear"):
        remember(ana, text, "Personal")
    switching.switch(ana.access, embedders.try_out(api.choice()).choice)
    embed_all(ana.access)
    assert switching.complete(ana.access, ana.collection("Personal"))
    with vault_scope(ana.vault_id):
        assert len({one.now for one in embedders.choices(ana.access).values()}) == 2
    hits = recall.search(ana.access, "the bees")
    assert {hit.memory.text for hit in hits[:2]} == {NOTES[0], "The bees swarmed today"}
    assert "Nothing in common at all" not in {hit.memory.text for hit in hits}
    assert not any(hit.degraded for hit in hits)
    assert recall.context(ana.access, query="the bees").text.count("bees") == 2


def test_when_the_server_is_down_words_answer_and_say_so(ana: Person, api: EmbeddingsApi) -> None:
    for note in NOTES:
        remember(ana, note)
    move_to(ana, embedders.try_out(api.choice()).choice)
    assert not recall.search(ana.access, "cello")[0].degraded
    api.mood = embeddings_api.status(500)
    hits = recall.search(ana.access, "peanuts")
    assert [hit.memory.text for hit in hits] == [NOTES[1]]
    assert hits[0].degraded
    assert "words-only" in hits[0].why
    context = recall.context(ana.access, query="peanuts and the hydrologist")
    assert context.degraded
    assert NOTES[1] in context.text
    app = ana.grantee(Personal=Right(see=True))
    assert recall.search(app, "peanuts")[0].degraded


def test_what_is_written_while_the_server_is_down_is_kept_and_embedded_later(
    ana: Person, api: EmbeddingsApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(ana, NOTES[0])
    move_to(ana, embedders.try_out(api.choice()).choice)
    api.mood, before = embeddings_api.status(503), len(api.requests)
    kept = [remember(ana, note).id for note in NOTES[1:]]
    assert indexing.waiting(ana.access) == len(kept)
    assert texts(ana, "peanuts") == [NOTES[1]]
    assert len(api.requests) == before + 1  # the others did not wait for it
    api.mood = None
    model = embedders.embedder_for(ana.access, ana.collection("Personal"))
    monkeypatch.setattr(model, "_resting_until", 0.0)  # some time later
    remember(ana, "One more, and the others come along")
    assert indexing.waiting(ana.access) == 0


def test_a_text_the_model_does_not_take_stays_findable_and_stops_nothing(
    ana: Person, api: EmbeddingsApi
) -> None:
    for note in (*NOTES, "A poison note"):
        remember(ana, note)
    api.mood = embeddings_api.unless(lambda texts: any("poison" in text for text in texts))
    choice = embedders.try_out(api.choice()).choice
    switching.switch(ana.access, choice)
    home = ana.collection("Personal")
    portion = indexing.embed_next(ana.access, None, 10, {home: choice})
    assert (portion.count, len(portion.refused)) == (4, 1)
    assert not switching.complete(ana.access, home)
    assert switching.complete(ana.access, home, allowed=1)
    assert texts(ana, "poison")[0] == "A poison note"


def test_only_what_is_embedded_is_sent(ana: Person, api: EmbeddingsApi) -> None:
    gone = remember(ana, "Forgotten before the switch")
    memories.forget(ana.access, gone.id)
    remember(ana, NOTES[0])
    move_to(ana, embedders.try_out(api.choice()).choice)
    assert not [text for text in api.texts if "Forgotten" in text]
    assert [text for text in api.texts if NOTES[0] in text] == [NOTES[0]]


def test_the_bundled_model_sends_nothing(ana: Person, api: EmbeddingsApi) -> None:
    remember(ana, NOTES[0])
    texts(ana, "bees")
    assert api.texts == []
    assert not BUNDLED.leaves
    assert api.choice().leaves
    assert api.choice().host == f"127.0.0.1:{api.port}"


def test_a_new_key_keeps_the_vectors(ana: Person, api: EmbeddingsApi) -> None:
    remember(ana, NOTES[0])
    move_to(ana, embedders.try_out(api.choice(key="sk-old")).choice)
    switching.change_key(ana.access, "sk-new")
    assert indexing.waiting(ana.access) == 0
    texts(ana, "insects")
    assert api.headers[-1]["Authorization"] == "Bearer sk-new"


def test_empty_collections_change_at_once_and_new_ones_follow(
    ana: Person, api: EmbeddingsApi
) -> None:
    choice = embedders.try_out(api.choice()).choice
    switching.switch(ana.access, choice)
    with vault_scope(ana.vault_id):
        assert set(embedders.choices(ana.access).values()) == {Chosen(choice)}
        work = ana.collection("Work")
        with manifests.altering(ana.access, work):
            Collection.objects.filter(vault_id=ana.vault_id, id=work).update(sealed_embedder=b"")
        switching.adopt(ana.access, work)
    assert embedders.choice(ana.access, work) == choice


def test_trouble_is_kept_for_the_owner_to_see(ana: Person, api: EmbeddingsApi) -> None:
    remember(ana, NOTES[0])
    switching.switch(ana.access, embedders.try_out(api.choice()).choice)
    switching.note_trouble(ana.access, "It is out of order.")
    assert switching.progress(ana.access).trouble == "It is out of order."
    switching.note_trouble(ana.access, "")
    assert switching.progress(ana.access).trouble == ""


def test_the_estimate_says_how_much_would_be_sent(ana: Person) -> None:
    assert switching.estimate(ana.access) == switching.Estimate(0, 0)
    for note in NOTES:
        remember(ana, note)
    made = switching.estimate(ana.access)
    assert made.memories == 4
    assert 30 < made.tokens < 80


def test_a_model_that_is_no_longer_on_the_server_degrades_too(ana: Person) -> None:
    remember(ana, NOTES[0])
    gone = Choice("fastembed", "0123456789abcdef", model="nobody/knows").tested(384, 0.0)
    with pytest.raises(EmbedderRefused):
        embedders.try_out(gone)
    switching.switch(ana.access, gone)
    assert switching.complete(ana.access, ana.collection("Personal"), allowed=1)
    assert recall.search(ana.access, "bees")[0].degraded
    remember(ana, "Written all the same")
    assert texts(ana, "written") == ["Written all the same"]


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "magic"},
        {"dim": "48"},
        {"base": 7},
        {"unlike": None},
        {"key": ["sk"]},
    ],
)
def test_a_choice_of_the_wrong_shape_is_not_read(change: dict[str, object]) -> None:
    good = replace(Choice.endpoint("https://api.example.com/v1", "m"), dim=48)
    assert Choice.from_json({**good.to_json(), "as": "now"}) == good
    with pytest.raises(ValueError, match="embedder"):
        Choice.from_json({**good.to_json(), **change})
