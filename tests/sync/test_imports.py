"""An export becomes memories: counted honestly, once, and undone whole."""

import json
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from sync.errors import NotNow
from sync.importing import imports, reading, uploads
from sync.importing.import_work import Work
from sync.importing.uploads import SealedUpload
from sync.types import Import
from tests.exports import conversation, talks, upload, zipped
from tests.people import Person, new_person
from vault import memories
from vault.errors import Invalid, NotFound
from vault.log import access_log
from vault.recalling import recall


@pytest.fixture
def ana() -> Person:
    return new_person()


def begin(person: Person, *contents: bytes) -> Import:
    files = [upload(content) for content in contents]
    return imports.begin(person.access, files, start=reading.run)


def accept(person: Person, found: Import) -> Import:
    return imports.accept(person.access, found.id, start=reading.run)


def bring_in(person: Person, *contents: bytes) -> Import:
    return accept(person, begin(person, *contents))


def test_the_preview_tells_what_would_come_and_writes_nothing(ana: Person) -> None:
    hidden = conversation("c9", ["Do not keep this"], is_do_not_remember=True)
    found = begin(ana, zipped([*talks(3, 4), hidden, {"title": "no mapping"}]))
    assert found.state == "preview"
    assert found.vendor_name == "ChatGPT"
    assert found.found["conversations"] == 3
    assert found.found["turns"] == 12
    assert found.found["skipped"] == 1
    assert found.found["unreadable"] == 1
    assert found.problems[0].reason
    assert memories.counts(ana.access).total == 0


def test_what_was_accepted_is_there_with_its_source_and_is_found(ana: Person) -> None:
    talk = conversation("c1", ["I am a hydrologist in Utrecht", "Noted."], title="About my work")
    done = bring_in(ana, zipped([talk]))
    assert (done.state, done.written, done.indexed) == ("done", 2, 2)
    (first, *_) = recall.search(ana.access, "what does she do for a living")
    assert first.memory.text == "I am a hydrologist in Utrecht"
    (source,) = first.memory.sources
    assert (source.vendor, source.conversation_title) == ("openai", "About my work")
    assert source.message_id == "c1-m0"
    assert access_log.verify(ana.access) > 0


def test_the_same_export_again_doubles_nothing(ana: Person) -> None:
    content = zipped(talks(5))
    assert bring_in(ana, content).written == 50
    again = begin(ana, content)
    assert again.found["known"] == 50
    assert accept(ana, again).written == 0
    assert memories.counts(ana.access).total == 50


def test_a_newer_export_adds_only_what_is_new(ana: Person) -> None:
    bring_in(ana, zipped(talks(2)))
    longer = conversation("c1", [f"Turn {t} of talk 1 about topic 1" for t in range(12)])
    done = bring_in(ana, zipped([talks(1)[0], longer]))
    assert (done.written, done.known) == (2, 20)


def test_what_was_forgotten_or_moved_does_not_come_back(ana: Person) -> None:
    content = zipped([conversation("c1", ["Has asthma", "I see"])])
    bring_in(ana, content)
    one, two = memories.listing(ana.access).memories
    memories.forget(ana.access, one.id)
    memories.move(ana.access, two.id, ana.collection("Health"))
    assert bring_in(ana, content).written == 0
    assert memories.counts(ana.access).total == 1


def test_undo_takes_back_all_that_nobody_confirmed_and_lets_it_come_again(ana: Person) -> None:
    content = zipped(talks(3))
    done = bring_in(ana, content)
    kept = memories.listing(ana.access).memories[0]
    memories.revise(ana.access, kept.id, text="I corrected this myself")
    undone = imports.undo(ana.access, done.id, start=reading.run)
    assert undone.state == "undone"
    assert [m.text for m in memories.listing(ana.access).memories] == ["I corrected this myself"]
    assert recall.search(ana.access, "talk about topic 1", kinds=["episode"])[1:] == []
    assert bring_in(ana, content).written == 30


def test_files_are_deleted_when_the_import_ends(ana: Person) -> None:
    def left() -> set[str]:
        return {path.name for path in Path(settings.SATCHEL_UPLOADS_DIR).glob("*.sealed")}

    before = left()
    found = begin(ana, zipped(talks(1)))
    assert len(left() - before) == 1
    imports.cancel(ana.access, found.id)
    assert left() == before
    with pytest.raises(NotNow):
        accept(ana, found)
    bring_in(ana, zipped(talks(1)))
    assert left() == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7 a letter", "PDF"),
        (b"just words", ""),
        (zipped(talks(2))[:-40], ""),
        (b"", ""),
        (b"[" * 100_000, ""),
    ],
    ids=["pdf", "text", "cut short", "empty", "nested deep"],
)
def test_a_file_that_is_no_export_gets_one_clear_sentence(
    ana: Person, content: bytes, words: str
) -> None:
    found = begin(ana, content)
    assert found.state == "failed"
    assert found.error.endswith(".")
    assert words in found.error
    assert memories.counts(ana.access).total == 0


def test_a_file_that_is_too_large_is_refused_in_words(ana: Person) -> None:
    with pytest.raises(Invalid) as refused:
        imports.begin(ana.access, [SealedUpload("big.zip", "", None)])
    assert "larger than 1 GB" in str(refused.value)


def test_the_handler_keeps_nothing_of_a_file_that_is_too_large(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.test import RequestFactory

    monkeypatch.setattr(uploads, "LARGEST", 5_000_000)
    before = set(Path(settings.SATCHEL_UPLOADS_DIR).glob("*"))
    for size, kept in ((4_000_000, True), (6_000_000, False)):
        request = RequestFactory().post("/import/", {"files": BytesIO(b"x" * size)})
        request.access = ana.access  # type: ignore[attr-defined]
        (file,) = request.FILES.getlist("files")
        assert isinstance(file, SealedUpload)
        assert (file.sealed is not None) == kept
        request.close()
    assert set(Path(settings.SATCHEL_UPLOADS_DIR).glob("*")) <= before


def test_another_persons_import_does_not_exist(ana: Person) -> None:
    found = begin(ana, zipped(talks(1)))
    ben = new_person()
    for attempt in (imports.get, imports.accept, imports.cancel, imports.undo, imports.resume):
        with pytest.raises(NotFound):
            attempt(ben.access, found.id)


def test_samples_and_names_are_sealed(ana: Person) -> None:
    from sync.models import Import as Row
    from vault.scope import vault_scope

    found = begin(ana, zipped([conversation("c1", ["x"], title="Secret title")]))
    assert "Secret title" in [sample.text for sample in found.samples]
    with vault_scope(ana.vault_id):
        row = Row.objects.filter(vault_id=ana.vault_id).values().get()
    assert "Secret title" not in str(row)
    assert "export.zip" not in str(row)
    assert json.dumps(row["found"])


def test_a_stalled_import_is_continued_by_its_owner(ana: Person) -> None:
    """The worker and its message are gone: nothing is left but the rows and the owner."""
    from datetime import timedelta

    from django.utils import timezone

    from sync.models import Import as Row
    from vault.scope import vault_scope

    files = [upload(zipped(talks(2)))]
    found = imports.begin(ana.access, files, start=lambda *_: None)
    with pytest.raises(NotNow):
        imports.resume(ana.access, found.id, start=reading.run)
    with vault_scope(ana.vault_id):
        long_ago = timezone.now() - timedelta(minutes=10)
        Row.objects.filter(vault_id=ana.vault_id).update(lease_until=long_ago)
    assert imports.get(ana.access, found.id).stalled
    assert imports.resume(ana.access, found.id, start=reading.run).state == "preview"


def test_an_import_that_fails_on_our_side_leaves_no_key_and_no_file(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vault.models import JobSlot
    from vault.scope import vault_scope

    def fail(work: object) -> None:
        raise RuntimeError("canary")

    monkeypatch.setitem(reading._STEPS, reading.State.READING, fail)
    found = begin(ana, zipped(talks(1)))
    assert (found.state, "on our side" in found.error) == ("failed", True)
    with vault_scope(ana.vault_id):
        assert not JobSlot.objects.filter(vault_id=ana.vault_id).exists()


def test_the_reason_of_a_refusal_is_sealed_for_it_may_name_a_file(ana: Person) -> None:
    from sync.models import Import as Row
    from vault.scope import vault_scope

    files = [upload(b"", name="divorce-letters.json")]
    found = imports.begin(ana.access, files, start=reading.run)
    assert "divorce-letters.json" in found.error
    with vault_scope(ana.vault_id):
        assert "divorce" not in str(Row.objects.filter(vault_id=ana.vault_id).values().get())


def test_progress_counts_what_is_read_and_not_what_was_looked_at(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some dozens of readers look at each part of an export before one of them reads it."""
    packed, told = BytesIO(), list[int]()
    with zipfile.ZipFile(packed, "w") as archive:
        for part in range(30):
            talk = conversation(f"c{part}", [f"{part} {n} " + "x" * 2_000 for n in range(50)])
            archive.writestr(f"conversations-{part:03}.json", json.dumps([talk]))
    update = Work.update

    def telling(work: Work, **fields: Any) -> None:
        told.extend([fields["bytes_read"]] if "bytes_read" in fields else [])
        update(work, **fields)

    monkeypatch.setattr(Work, "update", telling)
    found = bring_in(ana, packed.getvalue())
    assert found.written == 1_500
    total = len(packed.getvalue())
    assert 0 < told[0] < total / 2
