"""Archives that somebody altered, or made to do harm: one plain sentence, and nothing kept."""

import io
import json
import os
import stat
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import settings as thoroughly
from hypothesis import strategies as st

from sync.archives import archives, archiving, restores
from sync.archives.unpacking import opened
from tests import archives as made
from tests.archives import PASSPHRASE, quick_locks
from tests.exports import upload
from tests.people import Person, new_person
from vault import collections, memories
from vault.archive import lines, locks
from vault.archive.codec import LONGEST_LINE, dump, parse
from vault.archive.errors import ArchiveError, Damaged, NotAnArchive, TooMuchWork, TooNew
from vault.archive.writing import Pack
from vault.crypto import age
from vault.models import Collection, Manifest, Memory, Revision, Source, TenantModel, Vector
from vault.scope import vault_scope

FOLDER = Path(settings.SATCHEL_UPLOADS_DIR)
HOME = made.collection()
ONE = made.memory(HOME.id, "I like tea")


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with quick_locks():
        yield


@pytest.fixture(scope="module")
def ana() -> Person:
    """One for all: after each archive her vault is as it was."""
    return new_person()


@pytest.fixture(scope="module")
def whole() -> bytes:
    now = ONE.created_at
    told = lines.Details("me@example.org", "c1", "Tea", "m1")
    source = lines.Source(uuid4(), ONE.id, "openai", bytes(32), told, None, None, now)
    words = lines.Words("I like coffee", "", "", "", 0)
    before = lines.Revision(uuid4(), ONE.id, "fact", 1, words, None, None, now, "You", None)
    line = lines.LogLine(1, now, "owner", uuid4(), "imported", 0, "You", 1, (), "", bytes(32))
    found = {"collections": [HOME], "memories": [ONE], "sources": [source]}
    return made.made_of({**found, "revisions": [before], "log": [line]})


def look_through(archive: bytes) -> None:
    """What checking an archive does before anything is written, without a vault."""
    sealed = upload(archive).sealed
    assert sealed is not None
    try:
        with sealed.path.open("rb"):
            file = locks.uploaded(sealed.path, sealed.id, sealed.key.raw)
        with file:
            lock = locks.open_lock(file, PASSPHRASE)
        with opened(sealed.path, sealed.id, sealed.key.raw, lock) as contents:
            assert len(contents.collections) <= 1000
            for name in lines.SHAPES:
                assert sum(1 for _ in contents.lines(name)) >= 0
    finally:
        sealed.path.unlink()


def test_the_whole_one_is_whole(whole: bytes) -> None:
    look_through(whole)


@thoroughly(deadline=None)
@given(st.data())
def test_no_altered_byte_of_the_file_passes(whole: bytes, data: st.DataObject) -> None:
    broken = bytearray(whole)
    at = data.draw(st.integers(0, len(broken) - 1))
    broken[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ArchiveError) as refused:
        look_through(bytes(broken))
    assert len(str(refused.value)) < 200


@thoroughly(deadline=None)
@given(st.data())
def test_bytes_altered_by_whoever_has_the_passphrase_end_in_a_sentence(
    whole: bytes, data: st.DataObject
) -> None:
    inside = made.unlocked(whole)
    plain = bytearray(made.zipped(inside, zipfile.ZIP_STORED))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(plain) - 1))
        plain[at] ^= data.draw(st.integers(1, 255))
    try:
        look_through(made.locked(bytes(plain)))
    except ArchiveError as refused:
        assert "tea" not in str(refused)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@thoroughly(deadline=None, max_examples=300)
@given(st.data())
def test_values_of_the_wrong_kind_end_in_a_sentence(whole: bytes, data: st.DataObject) -> None:
    """Any field of any line, with any JSON in its place."""
    told = made.told(whole)
    name = data.draw(st.sampled_from([name for name, found in told.items() if found]))
    line = told[name][0]
    field = data.draw(st.sampled_from(sorted(line)))
    line[field] = data.draw(values)
    text = json.dumps(line).encode("utf-8", "surrogatepass")
    try:
        back = parse(lines.SHAPES[name], text)
    except ArchiveError:
        return
    assert json.loads(dump(back)) == line  # it was of the right kind after all


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"\xff\xfe",
        b"[" * 1_000_000,
        b'{"id":' * 100_000,
        b'{"position": ' + b"9" * 5_000 + b"}",
        b'{"position": NaN}',
        b'{"a":1}' * 2,
    ],
)
def test_lines_that_are_no_line(line: bytes) -> None:
    with pytest.raises(Damaged):
        parse(lines.Collection, line)


@pytest.mark.parametrize(
    "change", [{"extra": 1}, {"name": None}, {"position": -1}, {"position": True}]
)
def test_a_line_has_exactly_its_fields(change: dict[str, Any]) -> None:
    line = {**json.loads(dump(HOME)), **change}
    with pytest.raises(Damaged):
        parse(lines.Collection, json.dumps(line).encode())


def bomb(whole: bytes) -> bytes:
    return made.altered(whole, {"log.ndjson": b" " * 30_000_000})


def endless_line(whole: bytes) -> bytes:
    rest = os.urandom(LONGEST_LINE // 2 + 1000).hex().encode()
    return made.altered(whole, {"memories.ndjson": b'{"id":"' + rest})


def many_files(whole: bytes) -> bytes:
    return made.altered(whole, {f"{number}.ndjson": b"" for number in range(20_000)})


def encrypted(whole: bytes) -> bytes:
    plain = bytearray(made.zipped(made.unlocked(whole)))
    for at in range(len(plain) - 10):
        if plain[at : at + 4] == b"PK\x01\x02":
            plain[at + 8] |= 1
    return made.locked(bytes(plain))


def link(whole: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in made.unlocked(whole).items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, data)
    return made.locked(out.getvalue())


def twice(whole: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, pytest.warns(UserWarning):
        for _ in range(2):
            for name, data in made.unlocked(whole).items():
                archive.writestr(name, data)
    return made.locked(out.getvalue())


def changed(name: str, **fields: Any) -> Callable[[bytes], bytes]:
    """The one line of a file with other values."""

    def alter(whole: bytes) -> bytes:
        line = {**made.told(whole)[name][0], **fields}
        return made.altered(whole, {f"{name}.ndjson": json.dumps(line).encode() + b"\n"})

    return alter


def manifest(**fields: Any) -> Callable[[bytes], bytes]:
    def alter(whole: bytes) -> bytes:
        said = {**json.loads(made.unlocked(whole)["manifest.json"]), **fields}
        return made.altered(whole, {"manifest.json": json.dumps(said).encode()})

    return alter


def without(name: str) -> Callable[[bytes], bytes]:
    return lambda whole: made.altered(whole, {name: None})


def doubled(name: str) -> Callable[[bytes], bytes]:
    """The same line two times, and the totals say so."""

    def alter(whole: bytes) -> bytes:
        inside = made.unlocked(whole)
        totals = json.loads(inside["totals.json"])
        totals["lines"][name] *= 2
        both = {f"{name}.ndjson": inside[f"{name}.ndjson"] * 2}
        return made.altered(whole, {**both, "totals.json": json.dumps(totals).encode()})

    return alter


HOSTILE: Mapping[str, tuple[Callable[[bytes], bytes], type[ArchiveError]]] = {
    "empty": (lambda whole: b"", NotAnArchive),
    "text": (lambda whole: b"just some notes\n" * 1000, NotAnArchive),
    "a zip": (lambda whole: made.zipped(made.unlocked(whole)), NotAnArchive),
    "armored": (lambda whole: b"-----BEGIN AGE ENCRYPTED FILE-----\n", NotAnArchive),
    "much work": (lambda whole: whole.replace(b" 4\n", b" 30\n", 1), TooMuchWork),
    "cut": (lambda whole: whole[:-1], Damaged),
    "longer": (lambda whole: whole + b"x", Damaged),
    "header alone": (lambda whole: whole[:170], Damaged),
    "no zip inside": (lambda whole: made.locked(b"hello" * 1000), Damaged),
    "nothing inside": (lambda whole: made.locked(b""), Damaged),
    "newer": (manifest(format="satchel-vault/5"), TooNew),
    "much newer": (manifest(format="satchel-vault/99999", other={}), TooNew),
    "another format": (manifest(format="something/1"), Damaged),
    "format of another kind": (manifest(format=["satchel-vault/1"]), Damaged),
    "no manifest": (without("manifest.json"), Damaged),
    "no totals": (without("totals.json"), Damaged),
    "no memories": (without("memories.ndjson"), Damaged),
    "another file": (lambda whole: made.altered(whole, {"evil.sh": b"rm"}), Damaged),
    "a path that leads out": (lambda w: made.altered(w, {"../../evil": b"x"}), Damaged),
    "an absolute path": (lambda whole: made.altered(whole, {"/etc/passwd": b"x"}), Damaged),
    "a zip bomb": (bomb, Damaged),
    "an endless line": (endless_line, Damaged),
    "many files": (many_files, Damaged),
    "encrypted entries": (encrypted, Damaged),
    "links": (link, Damaged),
    "every file twice": (twice, Damaged),
    "a line less than said": (lambda w: made.altered(w, {"log.ndjson": b""}), Damaged),
    "the same collection twice": (doubled("collections"), Damaged),
    "a memory twice": (doubled("memories"), Damaged),
    "a revision twice": (doubled("revisions"), Damaged),
    "a memory of no collection": (changed("memories", collection_id=str(uuid4())), Damaged),
    "a memory without words": (changed("memories", words=None), Damaged),
    "a revision of no memory": (changed("revisions", memory_id=str(uuid4())), Damaged),
    "a source of no memory": (changed("sources", memory_id=str(uuid4())), Damaged),
    "a source with a NUL": (changed("sources", vendor="open\0ai"), Damaged),
    "a names key too short": (changed("collections", names_key="AAAA"), Damaged),
    "an embedder that is none": (changed("collections", embedder="[1]"), Damaged),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_each_ends_in_one_sentence_and_nothing_is_kept(
    ana: Person, whole: bytes, name: str
) -> None:
    alter, expected = HOSTILE[name]
    before = state(ana)
    begun = restores.begin(ana.access, upload(alter(whole)))
    try:
        restores.start(ana.access, ana.owner_key, begun.id, PASSPHRASE, start=archiving.run)
    except ArchiveError as refused:
        assert type(refused) is expected
    one = archives.get(ana.access, begun.id)
    assert (one.state, one.error) == ("failed", str(expected()))
    said = one.error
    assert len(said) < 300
    assert said.endswith(".")
    assert "tea" not in said
    assert state(ana) == before


def state(person: Person) -> object:
    """What is in the vault and on the disk, sessions and the jobs' own rows aside."""
    mine = {"vault_id": person.vault_id}
    models: list[type[TenantModel]] = [Memory, Revision, Source, Vector, Manifest, Collection]
    with vault_scope(person.vault_id):
        counts = [model._default_manager.filter(**mine).count() for model in models]
        seqs = list(Manifest.objects.filter(**mine).order_by("id").values_list("id", "seq"))
    names = collections.listing(person.access)
    return counts, seqs, names, sorted(path.name for path in FOLDER.glob("*"))


def test_hidden_marks_are_taken_out_of_words_that_an_archive_brings(whole: bytes) -> None:
    """As from everything that comes from outside: what is clean stays as it is."""
    ben = new_person()
    words = {"text": "I like\u202e tea\u200b\u0007", "title": "a\u2066b"}
    words |= {"role": "", "speaker": "", "branch": 0}
    made.restore(ben, changed("memories", words=words)(whole))
    (memory,) = memories.listing(made.reopened(ben).access).memories
    assert (memory.text, memory.title) == ("I like tea", "ab")


def test_a_server_that_sees_every_word_is_not_taken_from_an_archive_by_itself() -> None:
    from vault.embedding import embedders
    from vault.search.choice import Choice

    choice = replace(Choice.endpoint("http://127.0.0.1:9/v1", "m", key="k"), dim=8, unlike=0.1)
    home = made.collection(embedder=json.dumps(choice.to_json()))
    archive = made.made_of({"collections": [home]})
    for wanted in (False, True):
        ben = new_person()
        made.restore(ben, archive, embedders=wanted)
        there = made.reopened(ben).access
        assert embedders.choice(there, home.id).leaves is wanted


def test_reading_an_archive_takes_no_more_memory_than_a_part_of_it() -> None:
    """Many times as many lines, about the same memory: two megabytes of them lie in the zip."""
    import tracemalloc

    def peak(count: int) -> int:
        found = [made.memory(HOME.id, f"I like tea number {n}") for n in range(count)]
        archive = made.made_of({"collections": [HOME], "memories": found})
        del found
        tracemalloc.start()
        look_through(archive)
        high = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return high

    small, large = peak(20), peak(5_000)
    assert large < small + 1_000_000


def test_writing_an_archive_holds_a_few_lines_only() -> None:
    import tracemalloc

    class Nothing:
        size = 0

        def write(self, data: bytes) -> int:
            self.size += len(data)
            return len(data)

        def flush(self) -> None:
            pass

    sink = Nothing()
    writer = age.AgeWriter(sink, *age.new_header(PASSPHRASE))  # type: ignore[arg-type]
    tracemalloc.start()
    pack = Pack(writer)
    pack.put_lines("memories", (replace(ONE, id=uuid4()) for _ in range(5_000)))
    pack.close()
    high = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert pack.counts == {"memories": 5_000}
    assert high < 1_000_000
