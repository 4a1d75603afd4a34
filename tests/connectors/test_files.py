"""Zips that a stranger made: each refused with a sentence of its own, none written to disk."""

import io
import stat
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest

from connectors.base.errors import ArchiveError
from connectors.base.limits import MIB, Limits
from connectors.base.reading import zips
from connectors.base.reading.files import Upload, open_archive
from tests.connectors.shapes import opened, upload, zipped


def refused(content: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(ArchiveError) as error:
        opened(content, limits=limits)
    return str(error.value)


def damage(content: bytes, name: str) -> str:
    """What reading the file says, of a zip that could be opened."""
    with (
        opened(content) as files,
        files[name].open() as stream,
        pytest.raises(ArchiveError) as error,
    ):
        stream.read()
    return str(error.value)


def entry(name: str, mode: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def with_entry(info: zipfile.ZipInfo, content: bytes = b"{}") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(info, content)
    return packed.getvalue()


def zeros(size: int) -> bytes:
    """A zip of one file of that many zeros, never held unpacked."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:  # noqa: SIM117
        with archive.open("conversations.json", "w") as inside:
            for _ in range(size // MIB):
                inside.write(bytes(MIB))
    return packed.getvalue()


def patched(packed: bytes, signature: bytes, offset: int, value: bytes) -> bytes:
    """`packed` with bytes changed in every header that begins with `signature`."""
    changed, at = bytearray(packed), packed.find(signature)
    while at >= 0:
        changed[at + offset : at + offset + len(value)] = value
        at = packed.find(signature, at + 1)
    return bytes(changed)


LOCAL, CENTRAL = b"PK\x03\x04", b"PK\x01\x02"


def test_files_of_one_zip_keep_their_names() -> None:
    with opened({"a.json": [1], "folder/b.json": {"x": 1}}) as files:
        assert list(files) == ["a.json", "folder/b.json"]
        with files["folder/b.json"].open() as stream:
            assert stream.read() == b'{"x": 1}'
        assert files["folder/b.json"].size == 8


def test_several_uploads_are_told_apart() -> None:
    with opened({"a.json": [1]}, {"a.json": [2]}, upload(b"[3]", "c.json")) as files:
        assert list(files) == ["export.zip/a.json", "export.zip (2)/a.json", "c.json"]
        assert files.uploads == ("export.zip", "export.zip", "c.json")


def test_a_file_can_be_opened_again_and_two_at_a_time() -> None:
    with opened({"a.json": [1] * 50_000, "b.json": [2] * 50_000}) as files:
        with files["a.json"].open() as one, files["b.json"].open() as two:
            assert one.read(6) + two.read(6) == b"[1, 1,[2, 2,"
        with files["a.json"].open() as again:
            assert len(again.read()) == files["a.json"].size


@pytest.mark.parametrize(
    "name",
    ["../evil.json", "a/../../evil.json", "/etc/passwd", "\\evil.json", "..\\evil.json", "C:\\x"],
)
def test_names_that_lead_outside_are_refused(name: str) -> None:
    assert refused(with_entry(entry(name))) == zips.UNSAFE_NAME


def test_a_name_that_hides_behind_a_nul_is_refused() -> None:
    packed = with_entry(entry("a.txtXb.json")).replace(b"a.txtXb.json", b"a.txt\x00b.json")
    assert refused(packed) == zips.UNSAFE_NAME


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(kind: int) -> None:
    assert refused(with_entry(entry("a.json", kind | 0o777), b"/etc/passwd")) == zips.LINK


def test_an_encrypted_zip_is_refused() -> None:
    packed = patched(zipped({"a.json": [1]}), CENTRAL, 8, b"\x01\x00")
    assert refused(packed) == zips.ENCRYPTED


def test_two_files_of_one_name_are_refused() -> None:
    packed = zipped({"a.json": [1], "b.json": [2]}).replace(b"b.json", b"a.json")
    assert refused(packed) == zips.DUPLICATE


def test_a_flat_bomb_is_refused_by_its_ratio() -> None:
    assert refused(zeros(500 * MIB)) == zips.BOMB


def test_a_bomb_that_understates_its_size_is_read_no_further() -> None:
    packed = patched(zeros(64 * MIB), CENTRAL, 24, struct.pack("<I", 1000))
    assert damage(packed, "conversations.json") == zips.TRUNCATED


def test_a_size_that_overstates_is_damage() -> None:
    packed = patched(zipped({"a.json": "[1, 2, 3]"}), CENTRAL, 24, struct.pack("<I", 1000))
    assert damage(packed, "a.json") == zips.TRUNCATED


def test_too_many_entries_are_refused() -> None:
    assert refused(zipped({f"{n}.json": "[]" for n in range(10_001)})) == zips.TOO_MANY


def test_a_table_of_contents_too_large_to_read_is_refused_unread() -> None:
    packed = zipped({f"{n}.json": "[]" for n in range(200)})
    assert refused(packed, Limits(directory=5_000)) == zips.TOO_MANY


def test_more_than_may_be_unpacked_is_refused_over_all_zips() -> None:
    half = zipped({"a.json": "[" + "1," * 300 + "1]"})
    with pytest.raises(ArchiveError) as error:
        opened(half, half, limits=Limits(unpacked=1_000))
    assert str(error.value) == zips.BOMB
    with opened(half, limits=Limits(unpacked=1_000)) as files:
        assert len(files) == 1


def test_entries_that_overlap_are_refused() -> None:
    """Two entries of the table of contents that point at the same bytes."""
    packed = bytearray(zipped({"a.json": "[1]" * 100, "b.json": "[1]" * 100}))
    second = packed.find(CENTRAL, packed.find(CENTRAL) + 1)
    packed[second + 42 : second + 46] = struct.pack("<I", 0)
    assert refused(bytes(packed)) == zips.OVERLAP


def test_an_unusual_compression_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.json", "[1]")
    assert refused(packed.getvalue()) == zips.METHOD


@pytest.mark.parametrize("keep", [4, 30, 100, -1, -10, -30])
def test_a_zip_cut_short_is_refused(keep: int) -> None:
    packed = zipped({"a.json": list(range(500)), "b.json": [2]})
    assert refused(packed[:keep]) == zips.TRUNCATED


def test_damage_inside_a_zip_appears_when_it_is_read() -> None:
    packed = bytearray(zipped({"a.json": list(range(5000))}))
    packed[2000:2100] = bytes(100)
    assert damage(bytes(packed), "a.json") == zips.TRUNCATED


def test_a_zip_in_a_zip_is_looked_into() -> None:
    with opened({"inner.zip": zipped({"a.json": [1]}), "note.txt": "hello"}) as files:
        assert list(files) == ["inner.zip/a.json", "note.txt"]
        with files["inner.zip/a.json"].open() as stream:
            assert stream.read() == b"[1]"


def test_zips_in_zips_in_zips_are_refused() -> None:
    packed = zipped({"b.zip": zipped({"c.zip": zipped({"d.json": [1]})})})
    assert refused(packed) == zips.NESTED


def test_a_nested_bomb_is_refused() -> None:
    assert refused(zipped({f"{n}.zip": zeros(8 * MIB) for n in range(3)})) == zips.BOMB


def test_an_attached_zip_that_is_refused_is_left_out_and_said() -> None:
    evil = with_entry(entry("../evil.json"))
    with opened({"conversations.json": [1], "project.zip": evil}) as files:
        assert list(files) == ["conversations.json"]
        assert [(one.where, one.reason) for one in files.unreadable] == [
            ("project.zip", zips.UNSAFE_NAME)
        ]


def test_nested_zips_share_their_room_in_memory() -> None:
    inner = zipped({"a.json": [1]})
    with opened({"a.zip": inner, "b.zip": inner}, limits=Limits(nested=len(inner))) as files:
        assert list(files) == ["a.zip/a.json"]
        assert files.unreadable[0].reason == zips.NESTED_TOO_LARGE


def tarred() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("conversations.json"), io.BytesIO())
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "export.zip is a picture."),
        (b"%PDF-1.7\n%", "export.zip is a PDF."),
        (tarred(), "export.zip is a gzip or tar.gz archive. Unpack it"),
        (b"7z\xbc\xaf\x27\x1c", "export.zip is a 7-Zip archive. Unpack it"),
        (b"\x00\x01\x02\x03" * 50, "export.zip is not a file that an assistant exports."),
        ("[1]".encode("utf-16"), "export.zip was saved as UTF-16. Save it as UTF-8"),
        (b"", "export.zip is empty."),
        (zipped({}), "export.zip is an empty zip."),
    ],
)
def test_foreign_files_are_named(content: bytes, says: str) -> None:
    assert refused(content).startswith(says)


def test_no_upload_at_all_is_refused() -> None:
    with pytest.raises(ArchiveError):
        open_archive([])


def test_refusals_are_one_or_two_plain_sentences_with_something_to_do() -> None:
    said = [
        value for name, value in vars(zips).items() if name.isupper() and isinstance(value, str)
    ]
    assert len(said) >= 10
    for sentence in said:
        assert sentence.endswith(".") and sentence.count(". ") == 1
        assert any(word in sentence for word in ("upload", "Upload"))


def test_uploads_are_closed_when_one_is_refused() -> None:
    good, bad = io.BytesIO(zipped({"a.json": [1]})), io.BytesIO(b"%PDF-1.7")
    with pytest.raises(ArchiveError):
        open_archive([Upload("a.zip", lambda: good), Upload("b.pdf", lambda: bad)])
    assert good.closed and bad.closed


def test_nothing_is_written_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with opened({"a.json": [1] * 100_000, "inner.zip": zipped({"b.json": [2]})}) as files:
        for file in files.values():
            with file.open() as stream:
                stream.read()
        assert list(tmp_path.iterdir()) == []


def test_a_zip_that_begins_like_a_full_one_and_lists_nothing_is_empty() -> None:
    hollow = zips.MAGIC + bytes(26) + zipped({})
    with pytest.raises(ArchiveError, match="This zip is empty"):
        opened(upload(hollow))
    with opened({"in.zip": hollow, "a.txt": "x"}) as files:
        assert list(files) == ["a.txt"]
