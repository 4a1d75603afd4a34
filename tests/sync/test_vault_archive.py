"""A whole vault out and back: every field as it was, and nothing of it in the clear on the way."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pyrage
import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import F
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as thoroughly

from sync.archives import archive_sweeping, archives, archiving, exports, restores
from sync.errors import NotNow
from sync.models import ArchiveJob
from tests import archives as made
from tests.archives import PASSPHRASE, export, quick_locks, reopened, restore, told
from tests.exports import conversation, talks, upload, zipped
from tests.people import Person, new_person
from tests.stack import ROOT
from tests.sync.test_imports import bring_in
from tests.sync.vault_lines import vaults
from vault import collections, memories, rules, savedviews
from vault.archive import lines, passphrases
from vault.archive.errors import WrongPassphrase
from vault.crypto import age
from vault.errors import Invalid, NotFound, Refused
from vault.granting import grants
from vault.log import access_log
from vault.models import Memory, Pair, TenantModel, TurnedVector, Vector
from vault.recalling import recall
from vault.reviewing import suggestions
from vault.scope import vault_scope
from vault.sorting.rules import Condition
from vault.types import Draft, Right

EXAMPLES = 40 if os.environ.get("SATCHEL_FULL") == "1" else 4
FOLDER = Path(settings.SATCHEL_UPLOADS_DIR)


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with quick_locks():
        yield


@pytest.fixture
def ana() -> Person:
    return new_person()


@pytest.fixture
def ben() -> Person:
    return new_person()


def comparable(archive: bytes) -> dict[str, Any]:
    """What must be equal: all but the log's own numbering, and the lines about the archive."""
    found: dict[str, Any] = told(archive)
    for line in found["log"]:
        del line["seq"], line["chain"]
    about = ("exported", "downloaded", "restored")
    found["log"] = [line for line in found["log"] if line["action"] not in about]
    for name in (
        "revisions",
        "sources",
        "pairs",
        "suggestions",
        "rules",
        "views",
        "grants",
        "imports",
    ):
        found[name] = sorted(found[name], key=lambda line: str(line["id"]))
    found["collections"] = sorted(found["collections"], key=lambda line: str(line["id"]))
    return found


@thoroughly(max_examples=EXAMPLES, deadline=None)
@given(vaults())
def test_what_goes_in_comes_out_equal_in_every_field(found: dict[str, list[Any]]) -> None:
    """Lines to rows, sealed under new keys, and back to lines, for vaults of every shape."""
    before = made.made_of(found)
    ana = new_person()
    done = restore(ana, before)
    assert (done.state, done.error) == ("done", "")
    after = export(reopened(ana))
    assert comparable(after) == comparable(before)


def fill(person: Person) -> None:
    """A life in a vault, through its front doors."""
    access, work = person.access, person.collection("Work")
    collections.create(access, person.owner_key, name="Garten 🌱", private=True)
    tea = memories.remember(access, work, Draft("I drink tea", title="Drinks", pinned=True))
    memories.revise(access, tea.id, text="I drink green tea")
    memories.revise(access, tea.id, text="I drink coffee", kind="preference")
    gone = memories.remember(access, work, Draft("I lived in Porto"))
    memories.forget(access, gone.id)
    moved = memories.remember(access, work, Draft("My doctor is in Delft"))
    memories.move(access, moved.id, person.collection("Health"))
    rules.create(access, person.collection("Money"), Condition(text="tax, invoice"))
    savedviews.save(access, "Taxes & co", {"q": "tax & invoice", "learnt": "year"})
    savedviews.remove(access, savedviews.save(access, "Not any more", {"q": "x"}).id)
    bring_in(person, zipped([conversation("c1", ["Where is Foz?", "In Porto."], title="Porto")]))
    reader = person.grantee(Work=Right(see=True, add="ask"))
    memories.remember(reader, work, Draft("The owner likes jazz"))
    recall.search(reader, "tea", purpose="a test")
    token = person.token("ended", Work=Right(see=True))[0]
    grants.revoke(access, token.id)
    with vault_scope(person.vault_id):
        first, second = sorted([tea.id, moved.id])
        Pair.objects.create(
            vault_id=person.vault_id,
            first_id=first,
            second_id=second,
            kind="duplicate",
            state="dismissed",
            found_at=timezone.now(),
        )
        # Forgotten so long ago that its words are destroyed.
        Memory.objects.filter(vault_id=person.vault_id, id=gone.id).update(
            forgotten_at=timezone.now() - timedelta(days=40)
        )
    from vault.tasks import shred_forgotten

    shred_forgotten()


def test_a_lived_in_vault_comes_back_as_it_was(ana: Person, ben: Person) -> None:
    """As its owner sees it, by the same functions that the pages use."""
    fill(ana)
    ana = reopened(ana)
    before = as_seen(ana)
    assert restore(ben, export(ana, vectors=True)).state == "done"
    there = reopened(ben)
    after = as_seen(there)
    assert after == before
    (line, *_) = access_log.listing(there.access)
    head = access_log.listing(ana.access)[1]
    assert line.action == "restored"
    assert f"{head.seq:,} log lines" in line.purpose
    assert access_log.verify(there.access) == head.seq + 1
    assert [hit.memory.text for hit in recall.search(there.access, "hot drinks", limit=1)] == [
        "I drink coffee"
    ]


def as_seen(person: Person) -> dict[str, Any]:
    access = person.access
    listed = memories.listing(access, limit=100).memories
    about = ("exported", "downloaded", "restored")
    log = access_log.listing(access, limit=1000)
    return {
        "collections": collections.listing(access),
        "memories": listed,
        "forgotten": memories.listing(access, limit=100, forgotten=True).memories,
        "histories": [memories.history(access, one.id) for one in listed],
        "suggestions": suggestions.listing(access),
        "rules": rules.listing(access),
        "views": savedviews.listing(access),
        "grants": [replace(g, state="revoked", revoked_at=None) for g in grants.listing(access)],
        "log": [replace(line, seq=0) for line in log if line.action not in about],
        "raw": raw(person),
    }


def raw(person: Person) -> list[tuple[Any, ...]]:
    """Plain columns that no view shows, and the ties between rows."""
    mine = {"vault_id": person.vault_id}
    with vault_scope(person.vault_id):
        columns = ("id", "revision", "held", "trusted", "conversation", "position", "sorted_at")
        found = list(Memory.objects.filter(**mine).order_by("id").values_list(*columns))
        vectors = Vector.objects.filter(**mine).order_by("memory_id")
        found += vectors.values_list("memory_id", "revision", "model")
        pairs = Pair.objects.filter(**mine).values_list("first_id", "second_id", "state")
        return [*found, *pairs]


ELSEWHERE = """
import sys
from pathlib import Path
import django
django.setup()
from django.conf import settings
from config.home import Home
from tests.stack import Stack
with Stack(Home(settings.SATCHEL_HOME)):
    from tests.archives import export, quick_locks, reopened, restore
    from tests.people import new_person
    with quick_locks():
        ben = new_person()
        assert restore(ben, Path(sys.argv[1]).read_bytes()).state == "done"
        Path(sys.argv[2]).write_bytes(export(reopened(ben), vectors=True))
"""


@pytest.mark.full
def test_another_installation_restores_it_just_so(ana: Person, tmp_path: Path) -> None:
    """A database, keys and peppers of its own: nothing in an archive is bound to ours."""
    fill(ana)
    there, back = tmp_path / "there.age", tmp_path / "back.age"
    there.write_bytes(export(reopened(ana), vectors=True))
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("SATCHEL_", "DATABASE_"))}
    code = [sys.executable, "-c", ELSEWHERE, str(there), str(back)]
    subprocess.run(code, cwd=ROOT, env=kept, check=True)
    before, after = (comparable(path.read_bytes()) for path in (there, back))
    for line in before["grants"]:
        line["revoked_at"] = next(g for g in after["grants"] if g["id"] == line["id"])["revoked_at"]
    for found in (before, after):
        found["vectors"] = sorted(found["vectors"], key=lambda line: str(line["memory_id"]))
    assert after == before


def test_grants_come_back_ended_and_their_tokens_open_nothing(ana: Person, ben: Person) -> None:
    from vault.access import open_token
    from vault.errors import Locked

    _, token = ana.token("my assistant", Work=Right(see=True))
    restore(ben, export(ana))
    (grant,) = grants.listing(reopened(ben).access)
    assert (grant.name, grant.state) == ("my assistant", "revoked")
    assert open_token(token).vault_id == ana.vault_id
    grants.revoke(ana.access, grant.id)
    with pytest.raises(Locked):
        open_token(token)


def test_the_same_vendor_export_imported_afterwards_adds_nothing(ana: Person, ben: Person) -> None:
    """Keyed names of sources and conversations are carried, with the key that makes them."""
    content = zipped(talks(4, 5))
    bring_in(ana, content)
    forgotten = memories.listing(ana.access, limit=1).memories[0]
    memories.forget(ana.access, forgotten.id)
    restore(ben, export(ana))
    there = reopened(ben)
    again = bring_in(there, content)
    assert (again.written, again.known) == (0, 20)
    longer = conversation("c0", [f"Turn {t} of talk 0 about topic 0" for t in range(7)])
    assert bring_in(there, zipped([longer])).written == 2
    with vault_scope(there.vault_id):
        mine = Memory.objects.filter(vault_id=there.vault_id)
        assert mine.exclude(conversation=None).values("conversation").distinct().count() == 4


def test_vectors_that_came_along_are_not_made_again(ana: Person, ben: Person) -> None:
    bring_in(ana, zipped(talks(30, 10)))  # enough to be folded into a segment
    archive = export(ana, vectors=True)
    assert len(told(archive)["vectors"]) == 300
    assert restore(ben, archive).done == 0
    assert restore(new_person(), export(ana)).done == 300


def test_an_indexed_collection_comes_back_indexed(ana: Person) -> None:
    home = made.collection(indexed=True)
    found = [made.memory(home.id, f"Fact number {n} about bees") for n in range(260)]
    assert restore(ana, made.made_of({"collections": [home], "memories": found})).state == "done"
    there = reopened(ana)
    assert [one.text for one in memories.listing(there.access, limit=1).memories]
    assert recall.search(there.access, "insects", limit=1)
    with vault_scope(ana.vault_id):
        mine = TurnedVector.objects.filter(vault_id=ana.vault_id, collection_id=home.id)
        assert mine.values("memory_id").distinct().count() == 260


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 200_000])
def test_any_age_program_opens_what_we_lock(size: int) -> None:
    plain = os.urandom(size)
    assert pyrage.passphrase.decrypt(made.locked(plain), PASSPHRASE) == plain


def test_the_archive_opens_with_age_and_unzip_alone(ana: Person) -> None:
    memories.remember(ana.access, ana.collection("Work"), Draft("I drink tea"))
    with pytest.MonkeyPatch.context() as patch:
        patch.undo()
        patch.setattr(age, "new_header", age.new_header.func)  # type: ignore[attr-defined]
        archive = export(ana)
    assert b" 18\n" in archive[:100]
    import io
    import zipfile

    plain = pyrage.passphrase.decrypt(archive, PASSPHRASE)
    with zipfile.ZipFile(io.BytesIO(plain)) as inside:
        assert inside.testzip() is None
        assert b"I drink tea" in inside.read("memories.ndjson")


def test_an_archive_shows_one_moment(ana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written while it is made is in none of its files, or in all."""
    work = ana.collection("Work")
    memories.remember(ana.access, work, Draft("before"))
    from sync.archives import exporting

    def meanwhile(taking: object) -> Iterator[object]:
        import threading

        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
        yield from once(taking)  # type: ignore[operator]

    def write() -> None:
        from django.db import connections

        memories.remember(ana.access, work, Draft("meanwhile"))
        connections.close_all()

    once = exporting._TAKES["memories"]
    monkeypatch.setitem(exporting._TAKES, "memories", meanwhile)  # type: ignore[arg-type]
    found = told(export(ana))
    assert [line["words"]["text"] for line in found["memories"]] == ["before"]
    assert len(found["sources"]) == 1
    assert memories.counts(ana.access).total == 2


def test_nothing_of_an_archive_stays_after_its_day(ana: Person) -> None:
    export(ana)
    (done,) = archives.listing(ana.access, "export")
    assert list(FOLDER.glob("*.age"))
    with vault_scope(ana.vault_id):
        ArchiveJob.objects.filter(vault_id=ana.vault_id).update(
            finished_at=F("finished_at") - timedelta(hours=25)
        )
    archive_sweeping.sweep()
    assert archives.get(ana.access, done.id).state == "gone"
    with vault_scope(ana.vault_id):
        row = ArchiveJob.objects.get(vault_id=ana.vault_id)
    assert not archives.path_of(row.kind, row.file_id).exists()
    with pytest.raises(NotFound):
        exports.open_file(ana.access, done.id)


def test_a_new_archive_takes_the_place_of_the_old(ana: Person) -> None:
    export(ana)
    export(ana)
    states = [one.state for one in archives.listing(ana.access, "export")]
    assert states == ["done", "gone"]


def test_one_archive_is_made_at_a_time_and_can_be_cancelled(ana: Person) -> None:
    def begin() -> archives.Archive:
        return exports.begin(
            ana.access,
            ana.owner_key,
            passphrase=PASSPHRASE,
            again=PASSPHRASE,
            start=lambda job_id, token: tokens.append(token),
        )

    tokens: list[str] = []
    first = begin()
    with pytest.raises(NotNow):
        begin()
    assert archives.cancel(ana.access, first.id).state == "cancelled"
    assert archiving.run(first.id, tokens[0])  # its keys are gone: there is nothing to do
    assert archives.get(ana.access, first.id).state == "cancelled"
    assert begin().state == "making"


@pytest.mark.parametrize(
    ("passphrase", "again"),
    [
        ("short", "short"),
        ("seven unlikely otters", "seven unlikely badgers"),
        ("aaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaa"),
        ("x" * 2000, "x" * 2000),
    ],
)
def test_a_passphrase_that_would_be_guessed_is_refused(
    ana: Person, passphrase: str, again: str
) -> None:
    with pytest.raises(Invalid):
        exports.begin(ana.access, ana.owner_key, passphrase=passphrase, again=again)
    assert archives.listing(ana.access, "export") == []


def test_a_made_up_passphrase_is_good_enough_and_new_each_time() -> None:
    found = {passphrases.made_up() for _ in range(50)}
    assert len(found) == 50
    for one in found:
        passphrases.check(one, one)


def test_a_vault_that_holds_something_is_not_restored_into(ana: Person, ben: Person) -> None:
    archive = export(ana)
    memories.remember(ben.access, ben.collection("Work"), Draft("here first"))
    with pytest.raises(Refused, match="erase everything"):
        restores.begin(ben.access, upload(archive))
    assert archives.listing(ben.access, "restore") == []
    late = new_person()
    begun = restores.begin(late.access, upload(archive))
    memories.remember(late.access, late.collection("Work"), Draft("meanwhile"))
    with pytest.raises(Refused):
        restores.start(late.access, late.owner_key, begun.id, PASSPHRASE)


def test_what_was_written_while_restoring_stays(ana: Person, ben: Person) -> None:
    memories.remember(ana.access, ana.collection("Work"), Draft("I drink tea"))
    archive = export(ana)
    begun = restores.begin(ben.access, upload(archive))

    def late(job_id: UUID, token: str) -> None:
        memories.remember(ben.access, ben.collection("Family"), Draft("meanwhile"))
        archiving.run(job_id, token)

    restores.start(ben.access, ben.owner_key, begun.id, PASSPHRASE, start=late)
    there = reopened(ben)
    texts = {one.text for one in memories.listing(there.access).memories}
    assert texts == {"I drink tea", "meanwhile"}
    names = [one.name for one in collections.listing(there.access)]
    assert sorted(names) == sorted([*(n for n, _ in collections.FIRST), "Family"])


def test_a_wrong_passphrase_can_be_typed_again(ana: Person, ben: Person) -> None:
    begun = restores.begin(ben.access, upload(export(ana)))
    for wrong in ("", PASSPHRASE + " ", "something else entirely"):
        with pytest.raises(WrongPassphrase):
            restores.start(ben.access, ben.owner_key, begun.id, wrong)
    done = restores.start(ben.access, ben.owner_key, begun.id, PASSPHRASE, start=archiving.run)
    assert done.state == "done"


def test_a_waiting_upload_is_deleted_after_a_day_or_when_another_comes(
    ana: Person, ben: Person
) -> None:
    archive = export(ana)
    first = restores.begin(ben.access, upload(archive))
    second = restores.begin(ben.access, upload(archive))
    assert archives.get(ben.access, first.id).state == "cancelled"
    with vault_scope(ben.vault_id):
        mine = ArchiveJob.objects.filter(vault_id=ben.vault_id, id=second.id)
        path = archives.path_of("restore", mine.get().file_id)
        assert path.exists()
        mine.update(started_at=timezone.now() - timedelta(hours=25))
    archive_sweeping.sweep()
    assert archives.get(ben.access, second.id).state == "cancelled"
    assert not path.exists()


def test_an_altered_vault_can_be_taken_out_and_the_archive_says_so(ana: Person) -> None:
    work = ana.collection("Work")
    kept = memories.remember(ana.access, work, Draft("kept"))
    lost = memories.remember(ana.access, work, Draft("lost"))
    with vault_scope(ana.vault_id):
        Memory.objects.filter(vault_id=ana.vault_id, id=lost.id).update(sealed=b"\x01" * 100)
    archive = export(ana)
    (one,) = archives.listing(ana.access, "export")
    assert one.left_out == 1
    assert len(one.notes) == 1
    assert [line["id"] for line in told(archive)["memories"]] == [str(kept.id)]


def test_another_persons_archives_do_not_exist(ana: Person, ben: Person) -> None:
    export(ana)
    (one,) = archives.listing(ana.access, "export")
    for act in (archives.get, archives.cancel, exports.open_file):
        with pytest.raises(NotFound):
            act(ben.access, one.id)
    with pytest.raises(Refused):
        archives.get(ana.grantee(Work=Right(see=True)), one.id)


LEFT_BEHIND = {
    "KeySlot": "what opens the old vault: the new one has its own",
    "SessionSlot": "open browsers",
    "JobSlot": "work in the background",
    "CollectionKey": "keys: each collection gets a new one; the names key is carried",
    "GrantSlot": "tokens",
    "GrantKey": "keys of grants",
    "Segment": "embeddings, carried one by one",
    "Shelf": "what search keeps ready, made again",
    "TurnedVector": "made again with the new key's turn",
    "Manifest": "made again from what is there",
    "Act": "the undo of bulk acts, which ends in 30 days anyway",
    "ActPart": "likewise",
    "ImportFile": "uploads, which are deleted after an import",
    "ArchiveJob": "archives are not in archives",
    "Connection": "credentials: a restored vault must not act at a vendor beside the old one",
    "Link": "of a connection",
    "Run": "of a connection",
    "Conflict": "of a connection; its suggestion is carried",
    "Receipt": "of a connection",
    "Handoff": "what was taken where, to be asked about; the access log has it",
    "DistillingModel": "an address and its key, which are typed again",
    "Distilling": "runs of distilling, to be looked at; the access log has them",
    "Distilled": "how far conversations were read: a restored vault may be read again",
    "Proposed": "likewise; what waits is carried as suggestions",
    "Told": "what the feed told grants of, which get new tokens anyway",
    "IdempotencyKey": "answers for apps that repeat a request, kept for a day",
}
CARRIED = {
    *("Collection", "Memory", "Source", "Revision", "Vector", "Suggestion", "Pair"),
    *("SortingRule", "SavedView", "Grant", "GrantRight", "Import", "LogEntry", "LogHead"),
}


def test_every_table_is_carried_or_named_here_with_a_reason() -> None:
    """A new table must be decided about: in the archive, or why not."""
    there = {m.__name__ for m in apps.get_models() if issubclass(m, TenantModel)}
    assert there == CARRIED | LEFT_BEHIND.keys()


REMADE = {
    "Collection": "sealed_name sealed_embedder sealed_next_embedder epoch becoming",
    "Memory": "sealed digest epoch seq arrived entry sorted_at",
    "Source": "sealed epoch",
    "Revision": "sealed epoch collection_id",
    "Vector": "id collection_id epoch",
    "Suggestion": "letter epoch",
    "Pair": "",
    "SortingRule": "sealed epoch",
    "SavedView": "sealed epoch collection_id removed_at",
    "Grant": "owner_slot client_id",
    "GrantRight": "id grant_id epoch terms upto",
    "Import": "sealed epoch lease_owner lease_until",
    "LogEntry": "id sealed",
    "LogHead": "id public_key private_key chain cut_chain",
}
"""Columns that hold what is sealed, which is carried opened, or that follow from the others; and of
an app's grant, which is over in a restored vault, the client that would ask again."""
SHAPES = {
    **{"Collection": lines.Collection, "Memory": lines.Memory, "Source": lines.Source},
    **{"Revision": lines.Revision, "Vector": lines.Vector, "Suggestion": lines.Suggestion},
    **{"Pair": lines.Pair, "SortingRule": lines.Rule, "SavedView": lines.View},
    **{"Grant": lines.Grant},
    **{"GrantRight": lines.Right, "Import": lines.Import, "LogEntry": lines.LogLine},
    **{"LogHead": lines.LogEnd},
}


def test_every_column_is_carried_or_made_again() -> None:
    for model in (m for m in apps.get_models() if m.__name__ in CARRIED):
        columns = {f.attname for f in model._meta.concrete_fields} - {"vault_id", "pk"}
        missing = columns - set(REMADE[model.__name__].split())
        assert missing <= {field.name for field in fields(SHAPES[model.__name__])}, model


def test_the_format_page_names_every_file_and_field() -> None:
    page = (ROOT / "docs" / "vault-archive.md").read_text("utf-8")
    for name, shape in lines.SHAPES.items():
        assert f"| `{name}.ndjson` |" in page
        part = page.split(f"### {name}.ndjson")[1].split("\n#")[0]
        missing = {field.name for field in fields(shape)} - set(re.findall(r"`(\w+)`", part))
        assert not missing, name
    for shape in (lines.Manifest, lines.Totals, lines.LogEnd, lines.Words, lines.Details):
        assert all(f"`{field.name}`" in page for field in fields(shape)), shape
