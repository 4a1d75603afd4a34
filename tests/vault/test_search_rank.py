"""Recall as a whole: real model, real indexes; what comes first, what is shown once, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vault.search.documents import Document, Filter, indexed_text
from vault.search.embed import Embedder, Embedding, default_embedder
from vault.search.index import CollectionIndex
from vault.search.rank import DEFAULT, Hit, search_all

NAMES = ("Tom", "Mia")
NOW = datetime(2024, 6, 1, tzinfo=UTC)
FACTS = [
    "My sister Anna works as a veterinarian in Lyon.",
    "I am allergic to peanuts.",
    "We adopted two kittens last spring.",
    "The printer in the office is an XK-42.",
    "I prefer trains to planes.",
    "Our wedding was in Porto.",
    "I am learning to play the cello.",
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    return default_embedder(tmp_path_factory.mktemp("models"))


class Recall:
    """Collections of documents, and one question at a time."""

    def __init__(self, model: Embedder, *collections: Sequence[Document | str]) -> None:
        self.model = model
        self.text: dict[UUID, str] = {}
        self.indexes = [self._index(documents) for documents in collections]

    def _index(self, documents: Sequence[Document | str]) -> CollectionIndex:
        index = CollectionIndex(self.model.dim)
        for item in documents:
            one = Document(uuid4(), item) if isinstance(item, str) else item
            embedding = one.embedding or self.model.embed(indexed_text(one))
            index.put(replace(one, embedding=embedding))
            self.text[one.id] = one.text
        return index

    def hits(self, query: str, **options: Any) -> list[Hit]:
        hits = search_all(self.indexes, query, self.model, now=NOW, **options)
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        assert all(0 <= hit.score <= 1 and hit.why for hit in hits)
        return hits

    def __call__(self, query: str, **options: Any) -> list[str]:
        return [self.text[hit.id] for hit in self.hits(query, **options)]


def said(text: str, **fields: Any) -> Document:
    return Document(**{"id": uuid4(), "text": text} | fields)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("Do we have pets at home?", 2),
        ("XK-42", 3),
        ("food that makes me ill", 1),
        ("which musical instrument", 6),
        ("where did you two marry", 5),
        ("how to travel to Berlin", 4),
        ("anna", 0),
    ],
)
def test_the_answer_comes_first(model: Embedder, query: str, first: int) -> None:
    assert Recall(model, FACTS)(query)[0] == FACTS[first]


def test_why_says_what_led_there(model: Embedder) -> None:
    recall = Recall(model, FACTS)
    assert "words" in recall.hits("XK-42")[0].why
    assert recall.hits("Do we have pets at home?")[0].why == ("meaning",)
    fresh = said("I bought a tent", occurred_at=NOW - timedelta(days=2), pinned=True)
    assert {"recent", "pinned"} <= set(Recall(model, [fresh]).hits("camping gear")[0].why)


def test_nothing_is_an_answer_to_noise_or_to_nothing(model: Embedder) -> None:
    recall = Recall(model, [text for text in FACTS if "printer" not in text])
    for query in ("", "  \n", "qwzx vbnmk plrt", "?!"):
        assert recall(query) == [], query
    assert recall("kittens", limit=0) == []
    assert search_all([], "kittens", model, now=NOW) == []


def test_words_alone_do_without_an_embedder(model: Embedder) -> None:
    recall = Recall(model, FACTS)
    hits = search_all(recall.indexes, "adopted kitten", None, now=NOW)
    assert [recall.text[hit.id] for hit in hits] == [FACTS[2]]
    assert hits[0].why == ("words",)


def test_what_is_not_embedded_yet_is_found_by_words(model: Embedder) -> None:
    recall = Recall(model, FACTS)
    recall.indexes[0].put(said("The spare key lies under the azalea"))
    (new,) = recall.indexes[0].missing()
    assert recall.hits("where is the azalea?")[0].id == new


def test_collections_are_ranked_together(model: Embedder) -> None:
    apart = Recall(model, FACTS[:1], FACTS[1:3], FACTS[3:])
    together = Recall(model, FACTS)
    for query in ("Do we have pets at home?", "XK-42", "anna's job", "peanut butter"):
        assert apart(query)[0] == together(query)[0]
    off_topic = [f"Note {number}: the meeting was moved." for number in range(200)]
    assert Recall(model, off_topic, FACTS)("pets")[0] == FACTS[2]


def test_whoever_is_named_comes_first(model: Embedder) -> None:
    # one vector for both, and words do not count, so that only the speakers differ
    vectors, by_meaning = model.embed("I went hiking"), replace(DEFAULT, words=0.0)
    tom, mia = (said("I went hiking", speaker=f"{name} Baker", embedding=vectors) for name in NAMES)
    recall = Recall(model, [tom, mia])
    for name, person in zip(NAMES, (tom, mia), strict=True):
        first, second = recall.hits(f"Where did {name} go hiking?", weights=by_meaning)
        assert first.id == person.id
        assert first.score > second.score


def test_the_persons_own_words_come_before_their_echo(model: Embedder) -> None:
    vectors = model.embed("I want to repaint the kitchen")
    mine = said("I want to repaint the kitchen", role="user", embedding=vectors)
    echo = said("You want to repaint the kitchen", role="assistant", embedding=vectors)
    recall = Recall(model, [echo, mine])
    assert recall("repaint the kitchen") == [mine.text, echo.text]
    assert recall("What did you say on the kitchen?") == [echo.text, mine.text]


def test_a_conversation_on_the_matter_backs_its_turns(model: Embedder) -> None:
    remark = "It was better than I had expected"
    opera = [said(f"The opera {verb} last night", conversation="x") for verb in ("began", "ended")]
    other = [said(f"My tax return was {how}", conversation="y") for how in ("late", "wrong")]
    about = said(remark, conversation="x", kind="episode", occurred_at=NOW)
    aside = said(remark, conversation="y", kind="episode", occurred_at=NOW - timedelta(days=1))
    recall = Recall(model, [*opera, *other, aside, about])
    ids = [hit.id for hit in recall.hits("How was the opera?")]
    assert ids.index(about.id) < ids.index(aside.id)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"pinned": True}, {}),
        ({"trust": 1.0}, {"trust": 0.2}),
        ({"occurred_at": NOW}, {"occurred_at": NOW - timedelta(days=700)}),
    ],
)
def test_of_equals_the_better_backed_comes_first(
    model: Embedder, better: dict[str, Any], worse: dict[str, Any]
) -> None:
    # one vector for both, so that only what is compared here differs
    vectors = model.embed("Drinks oat milk in coffee")
    good = said("Drinks oat milk in coffee", speaker="A", embedding=vectors, **better)
    poor = said("Drinks oat milk in coffee", speaker="B", embedding=vectors, **worse)
    for order in ([good, poor], [poor, good]):
        assert Recall(model, order).hits("oat milk")[0].id == good.id


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("I have two kittens.", "i  have two KITTENS.", True),
        ("Born on 3 May 1990 in Lyon.", "Born on 3 May 1991 in Lyon.", False),
        ("I do eat fish.", "I do not eat fish.", False),
        ("My sister is Anna.", "My sister is Hanna.", False),
        ("I like my tea with milk and sugar", "I like my tea with milk and sugar!", True),
    ],
)
def test_the_same_is_shown_once_and_a_changed_fact_is_not_the_same(
    model: Embedder, one: str, other: str, alike: bool
) -> None:
    found = Recall(model, [one], [other])(f"{one} {other}")
    assert len(found) == (1 if alike else 2)


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        ("Rent is 900 a month", "Rent is 950 a month", 2),
        ("My sister is called Anna", "My sister is called Hanna", 2),
        ("I do eat fish", "I do not eat fish", 2),
        ("I can eat fish", "I can't eat fish", 2),
        ("The rent is due monthly", "The rent falls due monthly", 1),
    ],
)
def test_near_vectors_alone_do_not_make_the_same(
    model: Embedder, one: str, other: str, shown: int
) -> None:
    vectors = model.embed(one)
    pair = [said(text, embedding=vectors) for text in (one, other)]
    assert len(Recall(model, pair)(one)) == shown


def test_the_same_happening_on_two_days_is_two(model: Embedder) -> None:
    runs = [
        said("Ran five kilometres", kind="event", occurred_at=NOW - timedelta(days=days))
        for days in (1, 2)
    ]
    assert len(Recall(model, runs)("running")) == 2
    assert len(Recall(model, [replace(run, kind="fact") for run in runs])("ran")) == 1


def test_a_context_can_ask_for_variety(model: Embedder) -> None:
    cats = [f"The cat {verb} on the sofa" for verb in ("sleeps", "naps", "dozes", "rests")]
    recall = Recall(model, [*cats, "The cat is allergic to chicken"])
    query = "What does the cat do on the sofa?"
    assert set(recall(query, limit=2)) < set(cats)
    varied = search_all(recall.indexes, query, model, now=NOW, limit=2, diversity=0.6)
    assert recall.text[varied[0].id] == recall(query, limit=1)[0]
    assert recall.text[varied[1].id] not in cats


def test_fetched_token_vectors_rank_as_held_ones(model: Embedder) -> None:
    documents = [said(text) for text in FACTS]
    whole = {one.id: model.embed(indexed_text(one)) for one in documents}
    held = Recall(model, documents)
    light = Recall(model, [replace(d, embedding=whole[d.id].without_tokens()) for d in documents])
    asked: list[UUID] = []

    def tokens_of(ids: Sequence[UUID]) -> Mapping[UUID, Embedding]:
        asked.extend(ids)
        return {id: whole[id] for id in ids}

    for query in ("Do we have pets at home?", "anna the veterinarian"):
        assert light.hits(query, tokens_of=tokens_of) == held.hits(query)
    assert asked
    asked.clear()
    held.hits("Do we have pets at home?", tokens_of=tokens_of)
    assert asked == []
    assert light.hits("pets", tokens_of=lambda ids: {})[0].score > 0


def test_a_filter_holds_in_every_collection(model: Embedder) -> None:
    diary = [said(text, kind="event", occurred_at=NOW) for text in FACTS[:3]]
    recall = Recall(model, diary, FACTS[3:])
    events = Filter(kinds=frozenset({"event"}), exclude=frozenset({diary[0].id}))
    found = recall("Anna, kittens, peanuts, trains, cello and the printer", filter=events, limit=50)
    assert set(found) == set(FACTS[1:3])
    assert recall("kittens", filter=Filter(kinds=frozenset())) == []


def test_long_memories_are_found_in_their_later_parts(model: Embedder) -> None:
    filling = "The committee met again and talked about the budget of the town. " * 60
    recall = Recall(model, [*FACTS, filling + "The beekeeper sold us heather honey. " + filling])
    assert recall("Who sold the honey?")[0].startswith("The committee")


@given(query=st.text(max_size=200), prefix=st.booleans(), diversity=st.sampled_from([0.0, 0.5]))
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_question_is_answered_in_order(
    model: Embedder, query: str, prefix: bool, diversity: float
) -> None:
    recall = Recall(model, FACTS[:3], FACTS[3:])
    hits = search_all(
        *(recall.indexes, query, model), now=NOW, limit=3, prefix=prefix, diversity=diversity
    )
    assert len(hits) <= 3
    assert len({hit.id for hit in hits}) == len(hits)
    assert all(0 <= hit.score <= 1 and hit.why for hit in hits)
