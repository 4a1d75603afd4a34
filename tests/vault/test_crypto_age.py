"""The age format: what we write others open, what they write we open, and nothing else opens."""

import io
import os
import re

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vault.crypto import age
from vault.crypto.errors import CannotOpen, CryptoError, WeakParameters

SIZES = (0, 1, 65_535, 65_536, 65_537, 131_072, 200_001)
PASSPHRASE = "пароль 👍 with spaces "
HEADER, FILE_KEY = age.new_header(PASSPHRASE, 4)


def written(plain: bytes, header: bytes = HEADER, file_key: bytes = FILE_KEY) -> bytes:
    out, step = io.BytesIO(), 7_001
    writer = age.AgeWriter(out, header, file_key)
    for start in range(0, len(plain), step):
        writer.write(plain[start : start + step])
    writer.close()
    return out.getvalue()


def read(data: bytes, passphrase: str = PASSPHRASE) -> bytes:
    header = age.header_of(data[: age.LONGEST_HEADER])
    file = io.BytesIO(data)
    return age.AgeReader(file, header, age.open_header(header, passphrase)).read()


@pytest.mark.parametrize("size", SIZES)
def test_another_program_opens_what_we_write(size: int) -> None:
    plain = os.urandom(size)
    header, file_key = age.new_header(PASSPHRASE, 4)
    assert pyrage.passphrase.decrypt(written(plain, header, file_key), PASSPHRASE) == plain


@pytest.mark.parametrize("size", SIZES)
def test_we_open_what_another_program_writes(size: int) -> None:
    """Its payload: its own headers ask for as much work as its machine can do in a second."""
    plain, theirs = os.urandom(size), pyrage.x25519.Identity.generate()
    data = pyrage.encrypt(plain, [theirs.to_public()])
    end = re.search(rb"\n---[^\n]*\n", data)
    assert end
    swapped = with_file_key_of(data[: end.end()], theirs)
    assert read(swapped + data[end.end() :]) == plain


def with_file_key_of(header: bytes, theirs: pyrage.x25519.Identity) -> bytes:
    """Our header around the file key that another program's header holds."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    stanza = re.search(rb"-> X25519 (\S+)\n(\S+)\n", header)
    assert stanza
    share, body = (age._unbase64(part) for part in stanza.groups())
    private = X25519PrivateKey.from_private_bytes(bech32(str(theirs)))
    mine = private.public_key().public_bytes_raw()
    shared = private.exchange(X25519PublicKey.from_public_bytes(share))
    key = HKDF(SHA256(), 32, salt=share + mine, info=b"age-encryption.org/v1/X25519")
    file_key = ChaCha20Poly1305(key.derive(shared)).decrypt(bytes(12), body, None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(age, "urandom", lambda n: file_key if n == 16 else os.urandom(n))
        return age.new_header(PASSPHRASE, 4)[0]


def bech32(text: str) -> bytes:
    """The 32 bytes of an AGE-SECRET-KEY-1…"""
    letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    number = 0
    for letter in text.lower().rsplit("1", 1)[1][:-6]:
        number = number << 5 | letters.index(letter)
    return (number >> 4).to_bytes(32)


def test_the_work_is_what_the_age_program_uses() -> None:
    header, file_key = age.new_header("seven unlikely otters")
    assert header.startswith(b"age-encryption.org/v1\n-> scrypt ")
    assert re.search(rb" 18\n", header)
    assert age.open_header(header, "seven unlikely otters") == file_key


def test_reading_goes_anywhere() -> None:
    plain = os.urandom(200_001)
    file = age.AgeReader(io.BytesIO(written(plain)), HEADER, FILE_KEY)
    assert file.size == len(plain)
    for start, size in ((0, 10), (65_530, 20), (131_071, 70_000), (199_990, 500), (200_001, 5)):
        file.seek(start)
        assert file.read(size) == plain[start : start + size]
    assert file.seek(-5, os.SEEK_END) == 199_996
    assert (file.readable(), file.seekable(), file.writable()) == (True, True, False)
    with pytest.raises(ValueError, match=r"^There is nothing before the start"):
        file.seek(-1)


def test_what_was_read_last_stays_at_hand_but_no_more() -> None:
    raw = io.BytesIO(written(bytes(6 * 65_536)))
    file = age.AgeReader(raw, HEADER, FILE_KEY)
    for chunk in (0, 1, 2, 0, 3):
        file.seek(chunk * 65_536)
        file.read(1)
    assert list(file._cache) == [1, 2, 0, 3]
    raw.truncate(0)
    file.seek(2 * 65_536)
    assert file.read(1) == b"\0"


def test_a_forked_process_does_not_wait_for_its_parents_run() -> None:
    with age._runs:
        child = os.fork()
        if child == 0:
            free = []
            try:
                free = [age._runs.acquire(blocking=False) for _ in range(2)]
            finally:
                os._exit(0 if free == [True, False] else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_starting_over_under_the_same_key_repeats_nothing() -> None:
    """A worker that died in the middle leaves bytes; those of the next share no keystream."""
    plain = bytes(70_000)
    one, other = written(plain)[len(HEADER) :], written(plain)[len(HEADER) :]
    assert one[:16] != other[:16]
    pairs = zip(one[16:1016], other[16:1016], strict=True)
    assert sum(a == b for a, b in pairs) < 50


def test_another_passphrase_opens_nothing() -> None:
    data = written(b"words")
    for wrong in ("", PASSPHRASE.strip(), PASSPHRASE + "x", "\ud800"):
        with pytest.raises(CannotOpen):
            read(data, wrong)


@pytest.mark.parametrize("work", [19, 22, 63, 99])
def test_a_header_cannot_ask_for_more_work_than_is_done_here(work: int) -> None:
    more = re.sub(rb" 4\n", b" %d\n" % work, HEADER)
    with pytest.raises(WeakParameters, match=r"^This age file asks for more work"):
        age.open_header(more, PASSPHRASE)


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        (rb"org/v1", b"org/v2"),
        (rb"-> scrypt", b"-> SCRYPT"),
        (rb"-> scrypt", b"-> scrypt extra"),
        (rb" 4\n", b" 04\n"),
        (rb" 4\n", b" +4\n"),
        (rb" 4\n", b" 0\n"),
        (rb" 4\n", b" 4 \n"),
        (rb" 4\n", b" \n"),
        (rb" 4\n", b" 5\n"),
        (rb"\n---", b"\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 4\nAAAA\n---"),
        (rb"\n---", b"=\n---"),
        (rb"--- .", b"--- !"),
        (rb"\n$", b"\r\n"),
    ],
)
def test_a_header_has_one_spelling(there: bytes, instead: bytes) -> None:
    other = re.sub(there, instead, HEADER, count=1)
    assert other != HEADER
    with pytest.raises(CannotOpen):
        age.open_header(age.header_of(other + bytes(256)), PASSPHRASE)


@settings(deadline=None)
@given(st.data())
def test_no_altered_byte_opens(data: st.DataObject) -> None:
    whole = bytearray(written(bytes(140_000)))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(CryptoError):
        read(bytes(whole))


@settings(deadline=None)
@given(st.integers(0, 140_500))
def test_no_cut_file_opens(size: int) -> None:
    whole = written(bytes(140_000))
    with pytest.raises(CannotOpen):
        read(whole[: min(size, len(whole) - 1)])


def test_chunks_do_not_change_places() -> None:
    whole = written(os.urandom(3 * 65_536))
    start, size = len(HEADER) + 16, 65_536 + 16
    chunks = [whole[start + i * size : start + (i + 1) * size] for i in range(3)]
    for order in ((1, 0, 2), (0, 1), (0, 2), (0, 1, 2, 2), (0, 0, 2)):
        with pytest.raises(CannotOpen):
            read(whole[:start] + b"".join(chunks[i] for i in order))
