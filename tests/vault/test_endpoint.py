"""The embedder behind an address: what it asks, what it believes, and how it takes failures."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import embeddings_api
from tests.embeddings_api import DIM, Asked, EmbeddingsApi, Mood, vector
from vault.embedding.embedders import try_out
from vault.outbound import Outbound, Rules
from vault.search.choice import Choice
from vault.search.embed import Batching, Embedding
from vault.search.errors import EmbedderDown, EmbedderRefused
from vault.search.models.endpoint import BATCH, PASSAGE, EndpointEmbedder
from vault.search.models.passages import split_text
from vault.search.models.vectors import LARGEST_DIM, unit, usual_likeness

OUTBOUND = Outbound(Rules.parse(["127.0.0.0/8"]))
TEXT = "Keeps bees on the roof of the old brewery"


@pytest.fixture
def api() -> Iterator[EmbeddingsApi]:
    with EmbeddingsApi() as running:
        yield running


class Waits:
    """Stands for `time.sleep`: notes how long it was asked to."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def embedder(api: EmbeddingsApi, waits: Waits | None = None, **more: Any) -> EndpointEmbedder:
    choice = api.choice(**more).tested(int(more.get("dimensions", api.dim)), 0.0)
    return EndpointEmbedder(choice, OUTBOUND, waits or Waits())


def test_it_asks_as_the_api_wants_to_be_asked(api: EmbeddingsApi) -> None:
    made = embedder(
        api, key="sk-secret", dimensions=16, query_prefix="query: ", document_prefix="passage: "
    )
    assert isinstance(made, Batching)
    assert made.embed(TEXT).dim == made.query("bees?").dim == made.dim == 16
    document, question = api.requests
    assert document == {
        "model": "toy",
        "input": ["passage: " + TEXT],
        "encoding_format": "float",
        "dimensions": 16,
    }
    assert question["input"] == ["query: bees?"]
    assert api.headers[0]["Authorization"] == "Bearer sk-secret"


def test_without_key_and_dimensions_none_are_sent(api: EmbeddingsApi) -> None:
    embedder(api).embed(TEXT)
    assert "Authorization" not in api.headers[0]
    assert "dimensions" not in api.requests[0]


@pytest.mark.parametrize("tail", ["", "/", "/embeddings", "/embeddings/", "  "])
def test_the_address_may_be_typed_as_people_find_it(api: EmbeddingsApi, tail: str) -> None:
    choice = Choice.endpoint(api.base + tail, " toy ")
    assert try_out(choice).choice.dim == DIM


def test_vectors_are_of_length_1_and_survive_being_stored(api: EmbeddingsApi) -> None:
    one = embedder(api).embed(TEXT)
    assert one.passages.dtype == np.float16
    assert np.linalg.norm(one.passages[0].astype(np.float64)) == pytest.approx(1, abs=0.002)
    again = Embedding.from_bytes(one.to_bytes())
    assert np.array_equal(again.passages, one.passages)
    expected = np.array(vector(TEXT))
    assert one.passages[0] @ expected / np.linalg.norm(expected) == pytest.approx(1, abs=0.002)


def test_many_texts_go_in_few_requests_and_come_back_in_order(api: EmbeddingsApi) -> None:
    texts = [f"number {n}" for n in range(BATCH * 2 + 5)]
    made = embedder(api).embed_many(texts, 10)
    assert [len(request["input"]) for request in api.requests] == [BATCH, BATCH, 5]
    for text, one in zip(texts, made, strict=True):
        assert one is not None
        expected = np.array(vector(text))
        assert one.passages[0] @ expected / np.linalg.norm(expected) > 0.99


def test_rows_out_of_order_are_put_right(api: EmbeddingsApi) -> None:
    def backwards(asked: Asked) -> bool:
        made = [vector(text) for text in asked.texts]
        asked.answer(made, order=range(len(made) - 1, -1, -1))
        return True

    plain = embedder(api).embed_many(["bees", "ducks", "cello"], 5)
    api.mood = backwards
    mixed = embedder(api).embed_many(["bees", "ducks", "cello"], 5)
    for one, other in zip(plain, mixed, strict=True):
        assert one is not None
        assert other is not None
        assert np.array_equal(one.passages, other.passages)


def test_long_texts_become_passages(api: EmbeddingsApi) -> None:
    one = embedder(api).embed("word " * 2_000)
    assert 8 < len(one.passages) <= 16
    assert all(len(text) <= PASSAGE for text in api.texts)


@given(st.text(max_size=3000), st.integers(8, 200), st.integers(1, 20))
def test_passages_lose_nothing_until_there_are_too_many(text: str, size: int, most: int) -> None:
    pieces = split_text(text, size, most)
    assert 1 <= len(pieces) <= most
    assert all(len(piece) <= size for piece in pieces)
    place = 0
    for piece in pieces:
        starts = range(place, max(-1, place - size), -1)
        start = next(each for each in starts if text.startswith(piece, each))
        place = start + len(piece)  # each begins where the one before ended, or earlier
    assert len(pieces) == most or place == len(text)


@given(st.text(max_size=40))
def test_any_text_can_be_sent(text: str) -> None:
    asked: list[bytes] = []

    class Recorder:
        def send(self, *args: object, content: bytes, **options: object) -> None:
            asked.append(content)
            raise KeyboardInterrupt

    one = EndpointEmbedder(Choice.endpoint("https://a.example", "m"), Recorder())  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        one.embed_many([text], 5)
    assert all(json.loads(asked[0])["input"])  # no empty text: the API refuses those


WRONG: dict[str, tuple[Mood, str]] = {
    "no json": (embeddings_api.body(b"<html>"), "not that of an embeddings API"),
    "not utf-8": (embeddings_api.body(b"\xff\xfe"), "not that of an embeddings API"),
    "empty": (embeddings_api.body(b""), "not that of an embeddings API"),
    "a list": (embeddings_api.body(b"[]"), "not that of an embeddings API"),
    "no data": (embeddings_api.body(b'{"data": null}'), "not that of an embeddings API"),
    "no vector": (embeddings_api.body(b'{"data": [{}]}'), "not that of an embeddings API"),
    "rows of text": (embeddings_api.body(b'{"data": ["a"]}'), "not that of an embeddings API"),
    "nested": (embeddings_api.body(b"[" * 100_000), "not that of an embeddings API"),
    "NaN": (embeddings_api.vectors(lambda a: [[float("nan")] * DIM]), "not that of an"),
    "infinite": (embeddings_api.vectors(lambda a: [[float("inf")] * DIM]), "not that of an"),
    "overflow": (embeddings_api.vectors(lambda a: [[10**400] * DIM]), "are no vector"),
    "1e999": (
        embeddings_api.body(b'{"data": [{"embedding": [' + b",".join([b"1e999"] * DIM) + b"]}]}"),
        "are no vector",
    ),
    "zeros": (embeddings_api.vectors(lambda a: [[0.0] * DIM]), "are no vector"),
    "words": (embeddings_api.vectors(lambda a: [["1.0"] * DIM]), "something else than numbers"),
    "booleans": (embeddings_api.vectors(lambda a: [[True] * DIM]), "something else than numbers"),
    "base64": (embeddings_api.vectors(lambda a: ["AAAA"]), "something else than numbers"),
    "too few": (embeddings_api.vectors(lambda a: []), "0 vectors for 1 texts"),
    "too many": (embeddings_api.vectors(lambda a: [[1.0] * DIM] * 2), "2 vectors for 1 texts"),
    "wrong dim": (embeddings_api.vectors(lambda a: [[1.0] * 7]), "7 numbers a text instead of 48"),
    "none": (embeddings_api.vectors(lambda a: [[]]), "0 numbers"),
    "huge": (embeddings_api.vectors(lambda a: [[1.0] * (LARGEST_DIM + 1)]), "4,001 numbers"),
    "redirect": (embeddings_api.status(307, Location="http://127.0.0.1:9/"), "another address"),
    "401": (embeddings_api.status(401), "did not accept the API key"),
    "402": (embeddings_api.status(402), "paid"),
    "403": (embeddings_api.status(403), "did not accept the API key"),
    "404": (embeddings_api.status(404), "no such model"),
    "405": (embeddings_api.status(405), "does not speak"),
    "400": (embeddings_api.status(400), "Check the name of the model"),
    "418": (embeddings_api.status(418), "check the address"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_refused_in_plain_words(api: EmbeddingsApi, name: str) -> None:
    api.mood, words = WRONG[name]
    waits = Waits()
    asking = embedder(api, waits, key="sk-secret")
    attempts: list[Callable[[], object]] = [
        lambda: asking.embed_many(["My secret"], 5),
        lambda: asking.query("My secret"),
    ]
    for attempt in attempts:
        with pytest.raises(EmbedderRefused, match=words) as refused:
            attempt()
        assert "secret" not in str(refused.value).lower()
    assert waits.seconds == []  # asking again would change nothing


@pytest.mark.parametrize("field", ["index"])
@pytest.mark.parametrize("places", [[0, 0], [1, 2], [-1, 0], ["0", "1"], [None, 1], [0.0, 1.0]])
def test_rows_that_name_no_order_are_refused(
    api: EmbeddingsApi, field: str, places: list[Any]
) -> None:
    rows = [{"embedding": [1.0] * DIM, field: place} for place in places]
    api.mood = embeddings_api.body(json.dumps({"data": rows}).encode())
    with pytest.raises(EmbedderRefused):
        embedder(api).embed_many(["a", "b"], 5)


def test_an_answer_beyond_all_measure_is_not_read(api: EmbeddingsApi) -> None:
    api.mood = embeddings_api.body(b" " * 2_000_000 + b"{}")
    with pytest.raises(EmbedderDown, match="larger than expected"):
        embedder(api).query("bees")


@pytest.mark.parametrize("code", [408, 429, 500, 502, 503, 529])
def test_what_passes_is_waited_for(api: EmbeddingsApi, code: int) -> None:
    waits = Waits()
    api.mood = embeddings_api.first(3, embeddings_api.status(code))
    assert embedder(api, waits).embed_many([TEXT], 60)[0] is not None
    assert waits.seconds == [0.5, 1.0, 2.0]


@pytest.mark.parametrize(
    ("said", "wait"), [("7", 7), ("0", 0), ("2.5", 2.5), ("soon", 0.5), ("-3", 0.5), ("", 0.5)]
)
def test_it_waits_as_long_as_it_is_asked_to(api: EmbeddingsApi, said: str, wait: float) -> None:
    waits = Waits()
    api.mood = embeddings_api.first(1, embeddings_api.status(429, Retry_After=said))
    embedder(api, waits).embed_many([TEXT], 60)
    assert waits.seconds == [wait]


def test_it_may_be_asked_to_wait_until_a_time(api: EmbeddingsApi) -> None:
    waits = Waits()
    mood = embeddings_api.status(503, Retry_After=embeddings_api.http_date(8))
    api.mood = embeddings_api.first(1, mood)
    embedder(api, waits).embed_many([TEXT], 60)
    assert 5 < waits.seconds[0] <= 8


def test_longer_than_there_is_patience_nobody_waits(api: EmbeddingsApi) -> None:
    waits = Waits()
    api.mood = embeddings_api.status(429, Retry_After="86400")
    with pytest.raises(EmbedderDown, match="quota") as down:
        embedder(api, waits).embed_many([TEXT], 60)
    assert waits.seconds == []
    assert down.value.wait == 3600


def test_a_server_that_hangs_is_left(api: EmbeddingsApi) -> None:
    api.mood = embeddings_api.slow(20)
    begun = time.monotonic()
    with pytest.raises(EmbedderDown, match="did not answer"):
        embedder(api).embed_many([TEXT], 1.0)
    assert time.monotonic() - begun < 10


def test_nobody_there_is_down() -> None:
    with EmbeddingsApi() as api:
        gone = embedder(api)
    with pytest.raises(EmbedderDown, match="did not answer"):
        gone.query("bees")


def test_after_a_failure_searches_do_not_wait_again(api: EmbeddingsApi) -> None:
    asking = embedder(api)
    known = asking.query("known before")
    api.mood = embeddings_api.status(500)
    for _ in range(5):
        with pytest.raises(EmbedderDown):
            asking.query("bees")
    assert len(api.requests) == 2
    assert np.array_equal(asking.query("known before").passages, known.passages)


def test_the_same_question_is_asked_once(api: EmbeddingsApi) -> None:
    asking = embedder(api)
    for _ in range(3):
        asking.query("bees")
    assert len(api.requests) == 1


def test_a_server_that_takes_fewer_at_once_gets_fewer(api: EmbeddingsApi) -> None:
    api.mood = embeddings_api.unless(lambda texts: len(texts) > 20, 413)
    asking = embedder(api)
    assert all(asking.embed_many([f"text {n}" for n in range(64)], 10))
    before = len(api.requests)
    assert all(asking.embed_many([f"more {n}" for n in range(64)], 10))
    assert len(api.requests) - before == 4  # it remembers: 16 at once


def test_a_text_that_is_not_taken_leaves_the_others_alone(api: EmbeddingsApi) -> None:
    api.mood = embeddings_api.unless(lambda texts: any("poison" in text for text in texts))
    made = embedder(api).embed_many(["good", "poison", "fine", "better"], 10)
    assert [one is None for one in made] == [False, True, False, False]
    (alone,) = embedder(api).embed_many(["poison"], 10)
    assert alone is None


def test_a_text_too_dense_for_the_model_is_cut_shorter(api: EmbeddingsApi) -> None:
    api.mood = embeddings_api.unless(lambda texts: any(len(text) > 500 for text in texts))
    (one,) = embedder(api).embed_many(["\u8702" * 3_000], 10)
    assert one is not None


def test_a_key_shows_nowhere() -> None:
    choice = Choice.endpoint("https://api.example.com/v1", "m", key="sk-secret")
    shown = f"{choice!r} {choice} {EndpointEmbedder(choice, OUTBOUND)!r}"
    assert "sk-secret" not in shown
    for key in ("sk secret", "sk-secret\r\nX: y", "sk-\u00e9"):
        with pytest.raises(EmbedderRefused) as refused:
            Choice.endpoint("https://api.example.com/v1", "m", key=key)
        assert key not in str(refused.value)


def test_a_test_call_measures_dimensions_and_how_alike_the_model_finds_strangers() -> None:
    with EmbeddingsApi() as plain, EmbeddingsApi(offset=1.5) as narrow:
        assert try_out(plain.choice()).choice.dim == DIM
        assert try_out(plain.choice()).choice.unlike < 0.2
        assert try_out(narrow.choice()).choice.unlike > 0.5


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_whatever_has_a_direction_becomes_a_vector_of_length_1(values: list[float]) -> None:
    if not any(values):
        with pytest.raises(EmbedderRefused):
            unit(values, 0)
        return
    made = unit(values, len(values))
    assert np.linalg.norm(made.astype(np.float64)) == pytest.approx(1, abs=0.01)


def test_how_alike_strangers_are_is_never_below_0_or_1() -> None:
    same = [np.ones(4, np.float16) / 2] * 3
    assert usual_likeness(same) < 1
    opposite = [np.array([1, 0], np.float16), np.array([-1, 0], np.float16)]
    assert usual_likeness(opposite) == 0
