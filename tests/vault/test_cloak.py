"""The keyed rotation: the same bits everywhere, lengths and angles kept, and no more than that."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tools import cloak_vectors
from vault.crypto.cloak import Cloak, turned_size
from vault.crypto.keys import Key

dims = st.integers(1, 200) | st.sampled_from([256, 384, 768, 1024])
keys = st.binary(min_size=32, max_size=32).map(Key)
models = st.text(st.characters(codec="utf-8"), max_size=12)
TURNED = "96cd1a66b397f6a224b82d364519a503418c5d6fab8f7efb2c35212ae31754b6"
TURNED_BACK = "5a734f0be892d252ca595b7efcc64a19dfcb37318afc4ace1a60aeda85bc6402"


def units(seed: int, rows: int, dim: int) -> NDArray[np.float16]:
    drawn = np.random.default_rng(seed).standard_normal((rows, dim))
    made: NDArray[np.float16] = (drawn / np.linalg.norm(drawn, axis=1)[:, None]).astype(np.float16)
    return made


def wide(vectors: NDArray[np.float16]) -> NDArray[np.float64]:
    return vectors.astype(np.float64)


@given(keys, models, dims, st.integers(0, 99))
@settings(deadline=None, max_examples=60)
def test_lengths_and_angles_stay(key: Key, model: str, dim: int, seed: int) -> None:
    vectors = units(seed, 6, dim)
    turned = Cloak(key, model, dim).turn(vectors)
    assert turned.shape == (6, turned_size(dim))
    assert turned.dtype == np.float16
    before, after = (wide(v) @ wide(v).T for v in (vectors, turned))
    assert np.abs(before - after).max() < 2e-3


@given(keys, models, dims)
@settings(deadline=None, max_examples=30)
def test_it_is_a_rotation_that_mixes_everything(key: Key, model: str, dim: int) -> None:
    turned = wide(Cloak(key, model, dim).turn(np.eye(dim, dtype=np.float32)))
    assert np.abs(turned @ turned.T - np.eye(dim)).max() < 2e-3
    # of random numbers of this spread, one in 10^15 would be larger
    assert np.abs(turned).max() * np.sqrt(turned.shape[1]) < 8


@given(keys, models, dims, st.integers(0, 99))
@settings(deadline=None, max_examples=30)
def test_it_can_be_turned_back(key: Key, model: str, dim: int, seed: int) -> None:
    vectors, cloak = units(seed, 4, dim), Cloak(key, model, dim)
    assert np.abs(cloak.turn_back(cloak.turn(vectors)) - vectors).max() < 2e-3


@given(keys, models, dims, st.integers(2, 9))
@settings(deadline=None, max_examples=30)
def test_a_vector_does_not_depend_on_its_neighbours(
    key: Key, model: str, dim: int, rows: int
) -> None:
    vectors = units(dim, rows, dim)
    before = vectors.copy()
    together = Cloak(key, model, dim).turn(vectors)
    alone = [Cloak(key, model, dim).turn(vectors[row : row + 1]) for row in range(rows)]
    assert np.concatenate(alone).tobytes() == together.tobytes()
    assert vectors.tobytes() == before.tobytes()


def test_turning_back_leaves_what_it_was_given_alone() -> None:
    cloak = Cloak(Key(bytes(32)), "m", 64)
    given = np.asfortranarray(units(1, 5, 64).astype(np.float32))
    before = given.copy()
    cloak.turn_back(given)
    assert np.array_equal(given, before)


@pytest.mark.parametrize(
    "other", [(bytes(31) + b"\1", "m", 384), (bytes(32), "n", 384)], ids=["key", "model"]
)
def test_another_key_or_model_is_another_rotation(other: tuple[bytes, str, int]) -> None:
    vectors = units(3, 50, 384)
    one = wide(Cloak(Key(bytes(32)), "m", 384).turn(vectors))
    two = wide(Cloak(Key(other[0]), *other[1:]).turn(vectors))
    assert np.abs((one * two).sum(axis=1)).max() < 0.3


def test_the_known_answers() -> None:
    kept = json.loads((Path(__file__).parent / "vectors" / "cloak.json").read_text())
    assert kept == cloak_vectors.cloaks()


def test_other_machine_code_gives_the_same_bits() -> None:
    code = (
        "import json; from tools.cloak_vectors import cloaks; print(json.dumps(cloaks()));"
        "from numpy._core._multiarray_umath import __cpu_features__ as f, __cpu_dispatch__ as d;"
        "print(sum(f[n] for n in d))"
    )
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    fast = [name for name in __cpu_dispatch__ if __cpu_features__[name]]
    if not fast:
        pytest.skip("numpy has only one way to compute on this machine")
    plain = {**os.environ, "NPY_DISABLE_CPU_FEATURES": " ".join(fast)}
    run = subprocess.run(
        (sys.executable, "-c", code), env=plain, capture_output=True, text=True, check=True
    )
    answers, left = run.stdout.splitlines()
    assert int(left) == 0
    assert json.loads(answers) == cloak_vectors.cloaks()


def test_it_does_what_the_format_says() -> None:
    """Read from FORMAT.md alone, number by number, without numpy's help."""
    key, model, dim, size = Key(bytes(range(32))), "a model", 70, 128
    (vector,) = units(9, 1, dim).tolist()
    stream = Cipher(
        ChaCha20(key.derive("turn", size.to_bytes(4, "big") + model.encode()).raw, bytes(16)), None
    ).encryptor()
    now = vector + [0.0] * (size - dim)
    for _ in range(3):
        data = stream.update(bytes(8 * size))
        order = [int.from_bytes(data[8 * i : 8 * i + 8], "little") for i in range(size)]
        bits = stream.update(bytes(size // 8))
        places = sorted(range(size), key=lambda i: (order[i], i))
        now = [now[place] for place in places]
        now = [-x if bits[i // 8] >> i % 8 & 1 else x for i, x in enumerate(now)]
        signs = [[(-1) ** (i & j).bit_count() for j in range(128)] for i in range(128)]
        now = [sum(map(float.__mul__, map(float, row), now)) / 128**0.5 for row in signs]
    turned = Cloak(key, model, dim).turn(np.array([vector], np.float16))
    assert turned[0].tolist() == pytest.approx(now, abs=1e-3)


def test_whoever_knows_enough_texts_reads_the_rest() -> None:
    """Why it is called obfuscation: with 64 known vectors of 64 numbers nothing is left."""
    vectors = units(5, 200, 64)
    turned = Cloak(Key.generate(), "m", 64).turn(vectors)
    undo, *_ = np.linalg.lstsq(wide(turned[:64]), wide(vectors[:64]), rcond=None)
    guessed = wide(turned[64:]) @ undo
    found = (guessed @ wide(vectors[64:]).T).argmax(axis=1)
    assert (found == np.arange(136)).mean() > 0.95


@pytest.mark.parametrize("dim", [0, -1, 16_001])
def test_impossible_sizes_are_refused(dim: int) -> None:
    with pytest.raises(ValueError, match=r"^A vector has between 1 and 16,000"):
        Cloak(Key(bytes(32)), "m", dim)


def test_the_longest_vector_is_as_long_as_pgvector_allows() -> None:
    assert turned_size(16_000) == 16_000


def test_not_a_bit_of_two_thousand_vectors_changes() -> None:
    """Single precision throughout, both ways: double would round some of them differently."""
    raw = hashlib.shake_256(b"vectors").digest(2 * 2000 * 384)
    vectors = (np.frombuffer(raw, "<i2").reshape(2000, 384) / 2**19).astype(np.float16)
    cloak = Cloak(Key(bytes(range(32))), "m", 384)
    turned = cloak.turn(vectors)
    back = cloak.turn_back(turned)
    assert hashlib.sha256(turned.astype("<f2").tobytes()).hexdigest() == TURNED
    assert hashlib.sha256(back.astype("<f4").tobytes()).hexdigest() == TURNED_BACK


@pytest.mark.parametrize("wrong", [np.ones(64), np.ones((2, 63)), np.full((1, 64), np.nan)])
def test_what_is_no_vector_is_refused(wrong: NDArray[np.float64]) -> None:
    cloak = Cloak(Key(bytes(32)), "m", 64)
    for way in (cloak.turn, cloak.turn_back):
        with pytest.raises(ValueError, match=r"^(These vectors do not|A vector holds)"):
            way(wrong)
