"""Sealed files: read from anywhere, and every cut, swap or flip is found."""

import io
import itertools
import random
import zipfile
from contextlib import nullcontext
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vault.crypto import stream
from vault.crypto.errors import CannotOpen
from vault.crypto.keys import Key
from vault.crypto.stream import CHUNK_BYTES, HEADER_BYTES, SealedReader, SealedWriter

KEY, ID = Key(b"f" * 32), UUID(int=7)
SEALED_CHUNK = CHUNK_BYTES + 16
CONTENT = random.Random(1).randbytes(3 * CHUNK_BYTES + 1000)


def sealed(content: bytes, key: Key = KEY, id: UUID = ID) -> bytes:
    raw = io.BytesIO()
    with SealedWriter(raw, key, id) as writer:
        writer.write(content)
    return raw.getvalue()


def reader(data: bytes, key: Key = KEY, id: UUID = ID) -> SealedReader:
    return SealedReader(io.BytesIO(data), key, id)


def chunks(data: bytes) -> list[bytes]:
    body = data[HEADER_BYTES:]
    return [body[at : at + SEALED_CHUNK] for at in range(0, len(body), SEALED_CHUNK)]


SEALED = sealed(CONTENT)
FIRST, SECOND, THIRD, LAST = chunks(SEALED)
HEADER = SEALED[:HEADER_BYTES]


@pytest.mark.parametrize(
    "size", [0, 1, 15, 16, 17, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES]
)
def test_reads_what_was_written(size: int) -> None:
    content = CONTENT[:size]
    file = reader(sealed(content))
    assert file.size == size
    assert file.read() == content
    assert file.read() == b""


def test_the_pieces_it_is_written_in_do_not_matter() -> None:
    raw, pieces = io.BytesIO(), random.Random(2)
    writer, at = SealedWriter(raw, KEY, ID), 0
    while at < len(CONTENT):
        size = pieces.choice([0, 1, 5000, CHUNK_BYTES, CHUNK_BYTES + 3])
        assert writer.write(CONTENT[at : at + size]) == len(CONTENT[at : at + size])
        at += size
    writer.close()
    writer.close()
    assert reader(raw.getvalue()).read() == CONTENT
    assert len(raw.getvalue()) == len(SEALED)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(CONTENT) + 50), st.integers(0, 2**21)), max_size=6))
def test_reads_from_anywhere_like_an_open_file(reads: list[tuple[int, int]]) -> None:
    file, plain = reader(SEALED), io.BytesIO(CONTENT)
    for offset, size in reads:
        assert file.seek(offset) == plain.seek(offset)
        assert file.read(size) == plain.read(size)
        assert file.tell() == plain.tell()
        assert file.seek(-min(3, file.tell()), 1) == plain.seek(-min(3, plain.tell()), 1)
        assert file.read(7) == plain.read(7)
    assert file.seek(-5, 2) == plain.seek(-5, 2)
    assert file.read() == plain.read()


def test_it_is_a_readable_seekable_file_that_is_not_written() -> None:
    file = reader(SEALED)
    assert (file.readable(), file.seekable(), file.writable()) == (True, True, False)
    for offset, whence in ((-1, 0), (0, 3), (-len(CONTENT) - 1, 2)):
        with pytest.raises(ValueError, match=r"^There is nothing before the start"):
            file.seek(offset, whence)
    file.read(1)
    file.close()
    assert file.closed
    assert not file._cache


def test_only_a_few_chunks_stay_in_memory() -> None:
    file = reader(sealed(bytes(9 * CHUNK_BYTES)))
    file.read()
    assert len(file._cache) == 4


def test_what_was_read_last_stays_at_hand() -> None:
    raw = io.BytesIO(sealed(bytes(6 * CHUNK_BYTES)))
    file = SealedReader(raw, KEY, ID)
    for chunk in (0, 1, 2, 0, 3):
        file.seek(chunk * CHUNK_BYTES)
        file.read(1)
    assert list(file._cache) == [1, 2, 0, 3]
    raw.truncate(0)
    file.seek(2 * CHUNK_BYTES)
    assert file.read(1) == b"\0"


def test_zipfile_works_on_it() -> None:
    raw = io.BytesIO()
    with SealedWriter(raw, KEY, ID) as writer, zipfile.ZipFile(writer, "w") as archive:  # type: ignore[arg-type]
        archive.writestr("big.bin", CONTENT)
        archive.writestr("words.txt", "words " * 9000, zipfile.ZIP_DEFLATED)
    with zipfile.ZipFile(reader(raw.getvalue())) as archive:
        assert archive.testzip() is None
        assert archive.read("words.txt") == b"words " * 9000
        with archive.open("big.bin") as member:
            member.seek(2 * CHUNK_BYTES)
            assert member.read(100) == CONTENT[2 * CHUNK_BYTES :][:100]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        HEADER[:-1],
        HEADER,
        HEADER + bytes(15),
        SEALED[:-1],
        SEALED + b"\0",
        HEADER + FIRST,
        HEADER + FIRST + SECOND,
        HEADER + FIRST + SECOND + THIRD,
        SEALED[: HEADER_BYTES + SEALED_CHUNK + 5],
        HEADER + FIRST + LAST,
        HEADER + LAST,
        SEALED + LAST,
        SEALED + FIRST,
        b"SATB" + SEALED[4:],
        SEALED[:4] + b"\x02" + SEALED[5:],
        SEALED[:5] + b"\x02" + SEALED[6:],
        SEALED[:20] + bytes([SEALED[20] ^ 1]) + SEALED[21:],
    ],
    ids=itertools.count(),  # the bytes differ from process to process
)
def test_a_file_of_another_length_or_header_does_not_open(data: bytes) -> None:
    with pytest.raises(CannotOpen):
        reader(data)


@pytest.mark.parametrize(
    "body",
    [
        [SECOND, FIRST, THIRD, LAST],
        [FIRST, THIRD, SECOND, LAST],
        [FIRST, FIRST, THIRD, LAST],
        [FIRST, SECOND, chunks(sealed(CONTENT))[2], LAST],
        [FIRST, SECOND[:-1] + bytes([SECOND[-1] ^ 1]), THIRD, LAST],
        [FIRST, bytes([SECOND[0] ^ 1]) + SECOND[1:], THIRD, LAST],
    ],
)
def test_swapped_or_altered_chunks_are_found_when_read(body: list[bytes]) -> None:
    file = reader(HEADER + b"".join(body))
    with pytest.raises(CannotOpen):
        file.read()
    wrong = next(n for n, chunk in enumerate([FIRST, SECOND, THIRD]) if body[n] != chunk)
    file.seek(wrong * CHUNK_BYTES)
    with pytest.raises(CannotOpen):
        file.read(1)


def test_a_chunk_taken_for_the_last_is_found() -> None:
    """The last chunk of a shorter file, moved into a longer one at the same index."""
    shorter = chunks(sealed(CONTENT[: 2 * CHUNK_BYTES]))
    file = reader(HEADER + FIRST + shorter[1] + THIRD + LAST)
    with pytest.raises(CannotOpen):
        file.read()


def test_every_bit_of_a_small_file_counts() -> None:
    small = sealed(b"text")
    for bit in range(len(small) * 8):
        broken = bytearray(small)
        broken[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CannotOpen):
            reader(bytes(broken))


def test_another_key_or_id_does_not_open() -> None:
    for key, id in ((Key.generate(), ID), (KEY, UUID(int=8))):
        with pytest.raises(CannotOpen):
            reader(SEALED, key, id)


def test_what_was_not_finished_does_not_open() -> None:
    raw = io.BytesIO()
    writer = SealedWriter(raw, KEY, ID)
    writer.write(CONTENT)
    writer.flush()
    with pytest.raises(CannotOpen):
        reader(raw.getvalue())


def test_what_failed_half_way_does_not_open() -> None:
    raw = io.BytesIO()
    with pytest.raises(RuntimeError), SealedWriter(raw, KEY, ID) as writer:
        writer.write(CONTENT)
        raise RuntimeError
    writer.close()
    with pytest.raises(CannotOpen):
        reader(raw.getvalue())
    with pytest.raises(ValueError, match=r"^This sealed file is closed"):
        writer.write(b"more")


def test_a_file_cut_while_it_is_read_is_found() -> None:
    raw = io.BytesIO(SEALED)
    file = SealedReader(raw, KEY, ID)
    raw.truncate(HEADER_BYTES + SEALED_CHUNK + 100)
    with pytest.raises(CannotOpen):
        file.read()


def test_an_empty_last_chunk_after_others_does_not_open() -> None:
    salt = HEADER[len(stream.MAGIC) :]
    assert len(salt) == 32
    sealing = stream.chunks_of(KEY, ID, HEADER)
    with pytest.raises(CannotOpen):
        reader(HEADER + FIRST + sealing.seal(1, b"", last=True))


def test_a_header_of_another_version_does_not_open_even_with_chunks_that_fit_it() -> None:
    for magic, opens in ((stream.MAGIC, True), (b"SATC\x02\x01", False)):
        header = magic + bytes(stream.SALT_BYTES)
        data = header + stream.chunks_of(KEY, ID, header).seal(0, b"text", last=True)
        with nullcontext() if opens else pytest.raises(CannotOpen):
            assert reader(data).read() == b"text"


def test_the_same_content_is_never_sealed_the_same() -> None:
    assert sealed(b"text")[HEADER_BYTES:] != sealed(b"text")[HEADER_BYTES:]
