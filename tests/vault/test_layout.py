"""Places on the map: the same again, near what is alike, and hardly moved by one memory more."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vault.mapping import layout
from vault.mapping.frames import frame_of
from vault.mapping.layout import apart, lay_out
from vault.mapping.regions import MOST, regions
from vault.mapping.typical import typical

DIM = 24
FRAME = frame_of("made up", DIM)


def made(count: int, seed: int, groups: int = 4) -> tuple[Any, Any, Any]:
    """Ids, vectors of length 1 in groups, and which group each is of."""
    dice = np.random.default_rng(seed)
    middles = dice.normal(size=(groups, DIM))
    group = dice.integers(0, groups, count)
    rows = middles[group] + 0.5 * dice.normal(size=(count, DIM))
    rows /= np.sqrt((rows * rows).sum(axis=1, keepdims=True))
    return dice.integers(0, 256, (count, 16), dtype=np.uint8), rows.astype(np.float32), group


def distances(one: Any, other: Any) -> Any:
    return np.sqrt(((one - other) ** 2).sum(axis=1))


@given(st.integers(0, 60), st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_places_are_inside_and_the_same_again_in_any_order(count: int, seed: int) -> None:
    ids, rows, _ = made(count, seed)
    places, _ = lay_out(ids, rows, FRAME)
    assert places.shape == (count, 2)
    assert np.isfinite(places).all()
    assert ((places >= 0) & (places <= 1)).all()
    mixed = np.random.default_rng(seed).permutation(count)
    again, _ = lay_out(ids[mixed], rows[mixed], FRAME)
    assert np.array_equal(again, places[mixed])


@pytest.mark.parametrize(("count", "most"), [(80, 0.05), (160, 0.05), (400, 0.01)])
def test_one_memory_more_moves_the_others_little(count: int, most: float) -> None:
    """On the average of twenty vaults, in parts of the width: a small one may move more."""
    moves = []
    for seed in range(20):
        ids, rows, _ = made(count, seed)
        fewer, _ = lay_out(ids[:-1], rows[:-1], FRAME)
        more, _ = lay_out(ids, rows, FRAME)
        moves.append(distances(fewer, more[:-1]).mean())
    assert np.mean(moves) < most


@pytest.mark.parametrize("count", [1, 2, 3, 5, 40])
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_equal_vectors_and_zeros_are_places_too(count: int, value: float) -> None:
    rows = np.zeros((count, DIM), np.float32)
    rows[:, 0] = value
    ids, _, _ = made(count, 1)
    places, kept = lay_out(ids, rows, FRAME)
    assert np.allclose(places, 0.5)
    assert np.isfinite(apart(places, ids)).all()
    assert np.allclose(kept.beside(rows, lambda share: None), 0.5)


def test_equals_lie_side_by_side_not_on_each_other() -> None:
    ids, _, _ = made(40, 1)
    places = apart(np.full((40, 2), 0.5), ids)
    assert len({tuple(place) for place in places.tolist()}) == 40
    assert distances(places, np.full((40, 2), 0.5)).max() <= 0.04


def test_what_is_alike_lies_together() -> None:
    ids, rows, group = made(300, 5)
    places, _ = lay_out(ids, rows, FRAME)
    apart_from = np.sqrt(((places[:, None] - places[None]) ** 2).sum(axis=2))
    np.fill_diagonal(apart_from, np.inf)
    nearest = np.argsort(apart_from, axis=1)[:, :5]
    assert (group[nearest] == group[:, None]).mean() > 0.9


def test_a_newcomer_to_a_large_map_goes_where_its_neighbours_are() -> None:
    ids, rows, _ = made(300, 5)
    places, kept = lay_out(ids, rows, FRAME)
    there = kept.beside(rows[:20])
    assert distances(there, places[:20]).max() < 0.25
    assert np.median(distances(there, places[:20])) < 0.06


def test_beyond_the_landmarks_all_have_a_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "LANDMARKS", 100)
    ids, rows, group = made(400, 8)
    shares: list[float] = []
    places, kept = lay_out(ids, rows, FRAME, shares.append)
    assert len(kept.places) == 100
    assert np.isfinite(places).all()
    assert shares == sorted(shares)
    assert shares[-1] == 1
    middles = np.stack([places[group == one].mean(axis=0) for one in range(4)])
    own = distances(places, middles[group])
    assert np.median(own) < 0.2


def test_a_frame_is_the_same_for_every_vault_of_a_model() -> None:
    assert np.array_equal(frame_of("endpoint/a", 7), frame_of("endpoint/b", 7))
    measured = frame_of("all-minilm-l6-v2/int8-1", 384)
    assert measured.shape == (3, 384)
    assert np.allclose((measured[1:] ** 2).sum(axis=1), 1, atol=1e-5)
    assert not np.array_equal(measured, frame_of("endpoint/a", 384))


@given(st.integers(0, 400), st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_every_memory_is_in_one_region_and_the_fullest_comes_first(count: int, seed: int) -> None:
    places = np.random.default_rng(seed).random((count, 2))
    mine, middles = regions(places)
    assert len(mine) == count
    assert len(middles) <= MOST
    sizes = np.bincount(mine, minlength=len(middles)).tolist() if count else []
    assert sizes == sorted(sizes, reverse=True)
    assert all(sizes)


def test_words_of_a_region_are_those_the_others_lack() -> None:
    texts = ["The tram to Porto", "A tram at night", "Bread and rye", "Rye bread", "and so on"]
    trams, bread, nothing = typical(texts, [0, 0, 1, 1, 1], 3)
    assert trams[0] == "tram"
    assert set(map(str.casefold, bread[:2])) == {"bread", "rye"}
    assert nothing == ()
