"""Embeddings: their bytes, the real models, and what happens when files are damaged or absent."""

import math
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from safetensors.numpy import load_file

from vault.search.embed import MAX_PASSAGES, MAX_TOKENS, TOKEN_DIM, Embedding, default_embedder
from vault.search.models import files, minilm, wordllama
from vault.search.models.files import ModelFilesError, cached
from vault.search.models.passages import ends, split

SENTENCES = [
    "[8 May 2023] Caroline: I went to a support group yesterday and it was so powerful.",
    "My sister Anna works as a veterinarian in Lyon.",
    "Please answer in short bullet points.",
    "We adopted two kittens last spring!",
    "The deploy failed because the certificate had expired.",
    "cats",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def model(folder: Path) -> minilm.MiniLM:
    return minilm.load(folder)


def cosine(one: Embedding, other: Embedding) -> float:
    return float(one.passages[0].astype(np.float32) @ other.passages[0].astype(np.float32))


def unit(seed: int, rows: int, dim: int) -> NDArray[np.float16]:
    vectors = np.random.default_rng(seed).standard_normal((rows, dim))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)


embeddings = st.builds(
    lambda seed, rows, dim, ids, vectors: Embedding(
        unit(seed, rows, dim),
        np.full((len(ids), TOKEN_DIM), seed % 100, np.int8) if vectors and ids else None,
        np.array(ids, np.int32) if ids else None,
    ),
    st.integers(0, 1000),
    st.integers(1, MAX_PASSAGES),
    st.sampled_from([1, 8, 256, 384]),
    st.lists(st.integers(0, 2**31 - 1), max_size=MAX_TOKENS),
    st.booleans(),
)


def same(one: NDArray[Any] | None, other: NDArray[Any] | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.dtype == other.dtype and np.array_equal(one, other)


@given(embeddings)
def test_bytes_come_back_as_they_went(embedding: Embedding) -> None:
    again = Embedding.from_bytes(embedding.to_bytes())
    assert same(again.passages, embedding.passages)
    assert same(again.tokens, embedding.tokens)
    assert same(again.token_ids, embedding.token_ids)


@given(embeddings, st.data())
def test_damaged_bytes_are_refused_or_are_an_embedding(embedding: Embedding, data: Any) -> None:
    whole = embedding.to_bytes()
    assert_refused(whole[: data.draw(st.integers(0, len(whole) - 1))])
    assert_refused(whole + b"\0")
    place = data.draw(st.integers(0, len(whole) - 1))
    flipped = bytearray(whole)
    flipped[place] ^= data.draw(st.integers(1, 255))
    try:
        read = Embedding.from_bytes(bytes(flipped))
    except ValueError:
        return
    lengths = np.linalg.norm(read.passages.astype(np.float32), axis=1)
    assert np.allclose(lengths, 1, atol=0.02)


@given(st.binary(max_size=200))
def test_other_bytes_are_refused(data: bytes) -> None:
    assert_refused(data)


@pytest.mark.parametrize("value", [math.nan, math.inf, 0.0, 30.0])
def test_vectors_that_are_not_of_length_one_are_refused(value: float) -> None:
    assert_refused(Embedding(np.full((1, 8), value, np.float16)).to_bytes())


def assert_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="embedding"):
        Embedding.from_bytes(data)


def test_leaving_out_the_token_vectors_keeps_which_tokens_there_were(model: minilm.MiniLM) -> None:
    whole = model.embed(SENTENCES[0])
    light = Embedding.from_bytes(whole.without_tokens().to_bytes())
    assert light.tokens is None
    assert same(light.token_ids, whole.token_ids)
    assert len(light.to_bytes()) < len(whole.to_bytes()) / 2


def reference(ids: list[int]) -> NDArray[np.float32]:
    """The encoder written out in full precision, straight from the published weights."""
    path = files.package_file(minilm.PACKAGE, "model", "model.safetensors")
    assert path is not None
    weights = load_file(path)

    def normal(x: Any, name: str) -> Any:
        spread = np.sqrt(x.var(-1, keepdims=True) + 1e-12)
        x = (x - x.mean(-1, keepdims=True)) / spread
        return x * weights[f"{name}.LayerNorm.weight"] + weights[f"{name}.LayerNorm.bias"]

    def linear(x: Any, name: str) -> Any:
        return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def gelu(x: Any) -> Any:
        return 0.5 * x * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))

    at = "embeddings.{}_embeddings.weight".format
    x = weights[at("word")][ids] + weights[at("position")][: len(ids)]
    x = normal(x + weights[at("token_type")][0], "embeddings")
    for number in range(6):
        layer = f"encoder.layer.{number}"
        heads = [
            linear(x, f"{layer}.attention.self.{part}").reshape(len(ids), 12, 32).swapaxes(0, 1)
            for part in ("query", "key", "value")
        ]
        scores = np.exp(heads[0] @ heads[1].swapaxes(1, 2) / math.sqrt(32))
        mixed = scores / scores.sum(-1, keepdims=True) @ heads[2]
        mixed = mixed.swapaxes(0, 1).reshape(len(ids), 384)
        x = normal(
            linear(mixed, f"{layer}.attention.output.dense") + x, f"{layer}.attention.output"
        )
        wide = gelu(linear(x, f"{layer}.intermediate.dense"))
        x = normal(linear(wide, f"{layer}.output.dense") + x, f"{layer}.output")
    mean = x.mean(0)
    unit_length: NDArray[np.float32] = mean / np.linalg.norm(mean)
    return unit_length


@pytest.mark.parametrize("text", SENTENCES)
def test_the_small_model_agrees_with_the_full_one(model: minilm.MiniLM, text: str) -> None:
    ids = [minilm.START, *model._ids(text), minilm.END]
    assert float(model.embed(text).passages[0].astype(np.float32) @ reference(ids)) > 0.97


def test_meaning_is_closer_than_words(model: minilm.MiniLM) -> None:
    asked = model.query("Does she have any pets?")
    near = cosine(asked, model.embed("We adopted two kittens last spring!"))
    far = cosine(asked, model.embed("Does she have any certificates?"))
    unrelated = cosine(asked, model.embed("The deploy failed on Friday."))
    assert near > unrelated + 0.1
    assert far > unrelated


def test_narrow_token_vectors_rank_as_the_wide_ones_do(model: minilm.MiniLM) -> None:
    wide = np.concatenate([model.wide_tokens(text) for text in SENTENCES])
    narrow = np.concatenate([model._run(model._ids(text), "narrow")[0][1:-1] for text in SENTENCES])
    pairs = np.triu_indices(len(wide), 1)
    alike = np.corrcoef((wide @ wide.T)[pairs], (narrow @ narrow.T)[pairs])[0, 1]
    assert alike > 0.85


def test_token_vectors_leave_punctuation_out(model: minilm.MiniLM) -> None:
    plain, marked = model.embed("two kittens"), model.embed("two kittens?!...")
    assert same(plain.token_ids, marked.token_ids)
    assert marked.tokens is not None
    assert marked.tokens.shape == (len(plain.token_ids), TOKEN_DIM)  # type: ignore[arg-type]


@pytest.mark.parametrize("words", [400, 100_000])
def test_long_texts_become_passages_without_token_vectors(model: Any, words: int) -> None:
    embedded = model.embed("kitten " * words)
    assert len(embedded.passages) == (2 if words == 400 else MAX_PASSAGES)
    assert embedded.tokens is None
    assert embedded.token_ids is None


def test_a_long_question_is_one_passage_that_sees_its_end(model: minilm.MiniLM) -> None:
    filling = "The weather was nothing special and nobody said a word. " * 60
    asked = model.query(filling + "What does my kitten eat?")
    assert len(asked.passages) == 1
    kitten = model.embed("My kitten eats tuna.")
    assert cosine(asked, kitten) > cosine(model.query(filling), kitten) + 0.03


@pytest.mark.parametrize(
    "text", ["", " ", "\0", "\ud800", "😀" * 50, "a" * 100_000, "\u202eabc", "?!", "词" * 30]
)
def test_any_text_has_a_vector(model: minilm.MiniLM, text: str) -> None:
    for embedder in (model, wordllama.load()):
        for embedding in (embedder.embed(text), embedder.query(text)):
            Embedding.from_bytes(embedding.to_bytes())


def test_one_model_serves_many_threads(model: minilm.MiniLM) -> None:
    alone = [model.embed(text).to_bytes() for text in SENTENCES]
    results: list[list[bytes]] = []

    def work() -> None:
        results.append([model.embed(text).to_bytes() for text in SENTENCES * 5])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [alone * 5] * 4


@pytest.mark.usefixtures("socket_disabled")
def test_the_default_needs_no_network_and_builds_once(tmp_path: Path) -> None:
    built = default_embedder(tmp_path)
    (kept,) = tmp_path.iterdir()
    written = kept.stat().st_mtime_ns
    assert built.model == default_embedder(tmp_path).model
    assert kept.stat().st_mtime_ns == written


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-1000], lambda b: b"", lambda b: b[:40] + b"x" + b[41:]]
)
def test_a_damaged_cache_is_built_again(
    folder: Path, model: minilm.MiniLM, damage: Callable[[bytes], bytes]
) -> None:
    (kept,) = folder.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(damage(whole))
    again = minilm.load(folder)
    assert same(again.embed("cats").passages, model.embed("cats").passages)
    assert kept.read_bytes() == whole


def test_a_build_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def fails() -> bytes:
        raise ModelFilesError("no")

    with pytest.raises(ModelFilesError):
        cached(tmp_path / "models", "graph", fails)
    assert not list(tmp_path.rglob("*"))


def test_altered_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    altered = tmp_path / "model.safetensors"
    altered.write_bytes(b"not these")
    monkeypatch.setattr(minilm, "_file", lambda name: altered)
    with pytest.raises(ModelFilesError, match="is not the file"):
        minilm.load(tmp_path)


@pytest.mark.usefixtures("socket_disabled")
def test_without_its_files_the_light_model_takes_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(minilm, "PACKAGE", "no_such_package")
    light = default_embedder(tmp_path)
    assert (light.model, light.dim) == (wordllama.WordLlama.model, 256)
    near = cosine(light.query("kittens"), light.embed("We adopted two kittens last spring!"))
    assert near > cosine(light.query("kittens"), light.embed("The certificate had expired."))
    monkeypatch.setattr(wordllama, "WEIGHTS", ("weights", "absent"))
    with pytest.raises(ModelFilesError):
        default_embedder(tmp_path)


@given(st.integers(0, 3000), st.integers(40, 300), st.integers(1, 16))
def test_passages_cover_a_text_up_to_the_last_one(length: int, size: int, most: int) -> None:
    windows = split(range(length), size, most)
    assert 1 <= len(windows) <= most
    assert all(len(window) <= size for window in windows)
    covered = {id for window in windows for id in window}
    assert covered == set(range(len(covered)))
    assert len(covered) == length or len(windows) == most


@given(st.lists(st.integers(), max_size=50), st.integers(2, 20))
def test_the_ends_of_a_question_are_kept(ids: list[int], size: int) -> None:
    kept = list(ends(ids, size))
    assert kept == ids or (len(kept) == size and kept[0] == ids[0] and kept[-1] == ids[-1])
