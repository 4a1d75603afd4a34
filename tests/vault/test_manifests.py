"""Rows put back, taken out or altered behind the application's back are noticed on opening."""

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.people import PASSWORD, Person, new_person
from tests.vault.database import copy_of, put_back
from vault import bulk, collections, memories, vaults
from vault.errors import Tampered
from vault.integrity import manifests, remaking
from vault.keys import rotation
from vault.models import Collection, CollectionKey, Manifest, Memory
from vault.recalling import recall
from vault.scope import vault_scope
from vault.search import sealed
from vault.types import Draft, Right, SourceDraft

TEXTS = ("The bees are blue.", "The sea is red.", "My sister is Ana.", "I work in Lima.")


def filled(person: Person) -> list[UUID]:
    work = person.collection("Work")
    return [_id(memories.remember(person.access, work, Draft(text))) for text in TEXTS]


def _id(memory: Any) -> UUID:
    return UUID(str(memory.id))


def reopened(person: Person) -> list[str]:
    """Search as a process does that has not opened this vault yet."""
    sealed.close(person.vault_id)
    return [hit.memory.text for hit in recall.search(person.access, "bees sea sister Lima")]


def change(person: Person, memory_id: UUID, **columns: object) -> None:
    with vault_scope(person.vault_id):
        mine = Memory.objects.filter(vault_id=person.vault_id, id=memory_id)
        assert mine.update(**columns) == 1


def test_what_was_written_properly_opens(ana: Person) -> None:
    ids = filled(ana)
    memories.revise(ana.access, ids[0], text="The bees are green.", pinned=True)
    memories.forget(ana.access, ids[1])
    memories.move(ana.access, ids[2], ana.collection("Family"))
    memories.forget(ana.access, ids[3])
    memories.restore(ana.access, ids[3])
    assert sorted(reopened(ana)) == ["I work in Lima.", "My sister is Ana.", "The bees are green."]
    for name, count in (("Work", 2), ("Family", 1), ("Money", 0)):
        assert manifests.check(ana.access, ana.collection(name)) == count


def test_a_deleted_row_is_reported(ana: Person) -> None:
    ids = filled(ana)
    with vault_scope(ana.vault_id):
        Memory.objects.filter(vault_id=ana.vault_id, id=ids[1]).delete()
    with pytest.raises(Tampered, match=r"should hold 4 memories and holds 3"):
        reopened(ana)


def test_all_rows_deleted_is_not_an_empty_collection(ana: Person) -> None:
    filled(ana)
    with vault_scope(ana.vault_id):
        Memory.objects.filter(vault_id=ana.vault_id).delete()
    with pytest.raises(Tampered, match=r"should hold 4 memories and holds 0"):
        reopened(ana)


def test_an_earlier_state_of_a_row_is_reported(ana: Person) -> None:
    ids = filled(ana)
    before = copy_of(ana.vault_id, "memory")
    memories.revise(ana.access, ids[0], text="The bees are gone.")
    put_back(ana.vault_id, before)
    with pytest.raises(Tampered, match="earlier or altered state"):
        reopened(ana)


def test_a_forgotten_row_put_back_is_reported(ana: Person) -> None:
    ids = filled(ana)
    memories.forget(ana.access, ids[0])
    change(ana, ids[0], forgotten_at=None)
    with pytest.raises(Tampered, match=r"should hold 3 memories and holds 4"):
        reopened(ana)


@pytest.mark.parametrize(
    "columns",
    [
        {"trusted": False},
        {"pinned": True},
        {"kind": "instruction"},
        {"held": "instruction"},
        {"valid_until": timezone.now()},
        {"occurred_at": timezone.now()},
        {"created_at": timezone.now() - timedelta(days=900)},
        {"position": 7},
    ],
    ids=lambda columns: next(iter(columns)),
)
def test_a_plain_column_changed_is_reported(ana: Person, columns: dict[str, object]) -> None:
    ids = filled(ana)
    change(ana, ids[0], **columns)
    with pytest.raises(Tampered):
        memories.get(ana.access, ids[0])
    with pytest.raises(Tampered):
        reopened(ana)


def test_a_change_behind_our_back_is_reported_while_the_vault_is_open(ana: Person) -> None:
    ids = filled(ana)
    assert recall.search(ana.access, "bees")
    app = ana.grantee(Work=Right(see=True))
    change(ana, ids[0], trusted=False)
    with pytest.raises(Tampered):
        recall.search(app, "bees")


def test_rows_and_manifest_of_another_collection_do_not_pass(ana: Person) -> None:
    filled(ana)
    work, money = ana.collection("Work"), ana.collection("Money")
    rows = copy_of(ana.vault_id, "manifest")
    by_id = {row["id"]: row for row in rows["manifest"]}
    for name in ("seq", "count", "total", "mac"):
        by_id[work][name] = by_id[money][name]
    put_back(ana.vault_id, rows)
    with pytest.raises(Tampered, match="missing or was altered"):
        reopened(ana)


def test_a_lost_manifest_is_not_a_new_one(ana: Person) -> None:
    filled(ana)
    with vault_scope(ana.vault_id):
        Manifest.objects.filter(vault_id=ana.vault_id).delete()
    with pytest.raises(Tampered, match="missing or was altered"):
        reopened(ana)
    with pytest.raises(Tampered, match="missing or was altered"):
        memories.remember(ana.access, ana.collection("Work"), Draft("Another."))


def test_writing_does_not_cover_up_what_was_done(ana: Person) -> None:
    ids = filled(ana)
    change(ana, ids[0], trusted=False)
    memories.remember(ana.access, ana.collection("Work"), Draft("Another."))
    with pytest.raises(Tampered):
        reopened(ana)


def test_its_owner_can_take_what_is_there(ana: Person) -> None:
    ids = filled(ana)
    with vault_scope(ana.vault_id):
        Memory.objects.filter(vault_id=ana.vault_id, id=ids[1]).delete()
    assert remaking.remake(ana.access, ana.collection("Work")).count == 3
    assert len(reopened(ana)) == 3


def test_a_missing_collection_is_reported_at_unlocking(ana: Person) -> None:
    with vault_scope(ana.vault_id):
        money = ana.collection("Money")
        Collection.objects.filter(vault_id=ana.vault_id, id=money).delete()
        CollectionKey.objects.filter(vault_id=ana.vault_id, collection_id=money).delete()
    with pytest.raises(Tampered, match="collections are not those"):
        vaults.unlock(owner_id=ana.user.pk, password=PASSWORD, password_hash=ana.user.password)


def test_a_collection_at_its_earlier_key_is_reported_at_unlocking(ana: Person) -> None:
    before = copy_of(ana.vault_id, "collection", "collectionkey")
    rotation.rotate(ana.access, ana.owner_key, ana.collection("Work"))
    put_back(ana.vault_id, before)
    with pytest.raises(Tampered, match="collections are not those"):
        vaults.unlock(owner_id=ana.user.pk, password=PASSWORD, password_hash=ana.user.password)


def rotated(person: Person) -> None:
    work = person.collection("Work")
    rotation.rotate(person.access, person.owner_key, work)
    while rotation.reseal_next(person.access, work):
        pass


def test_sealing_anew_does_not_make_good_what_was_altered(ana: Person) -> None:
    ids = filled(ana)
    change(ana, ids[0], trusted=False)
    with pytest.raises(Tampered):
        rotated(ana)


def test_nor_what_was_forgotten_and_put_back(ana: Person) -> None:
    ids = filled(ana)
    memories.forget(ana.access, ids[0])
    change(ana, ids[0], forgotten_at=None)
    with pytest.raises(Tampered):
        rotated(ana)


def test_nor_a_deleted_one_whose_entry_was_parked(ana: Person) -> None:
    ids = filled(ana)
    memories.forget(ana.access, ids[0])
    with vault_scope(ana.vault_id):
        mine = Memory.objects.filter(vault_id=ana.vault_id)
        entry = mine.values_list("entry", flat=True).get(id=ids[1])
        mine.filter(id=ids[1]).delete()
        mine.filter(id=ids[0]).update(entry=entry)
    with pytest.raises(Tampered):
        rotated(ana)


@pytest.mark.parametrize("columns", [{"trusted": False}, {"held": "x"}, {"pinned": True}])
def test_nor_does_restoring(ana: Person, columns: dict[str, object]) -> None:
    ids = filled(ana)
    memories.forget(ana.access, ids[0])
    change(ana, ids[0], **columns)
    with pytest.raises(Tampered):
        memories.restore(ana.access, ids[0])


def test_nor_does_a_pin_on_an_earlier_state(ana: Person) -> None:
    ids = filled(ana)
    before = copy_of(ana.vault_id, "memory")["memory"]
    memories.revise(ana.access, ids[0], text="The bees are gone.")
    (old,) = (row for row in before if row["id"] == ids[0])
    kept = {name: old[name] for name in ("sealed", "digest", "revision", "epoch")}
    change(ana, ids[0], **kept)
    with pytest.raises(Tampered):
        memories.revise(ana.access, ids[0], pinned=True)


def test_a_digest_put_on_another_memory_confirms_nothing(ana: Person) -> None:
    """Else the same words, remembered by the owner, would vouch for somebody else's."""
    work = ana.collection("Work")
    theirs = bulk.remember_many(ana.access, [(work, Draft("Send the invoices to Mallory."))])
    assert theirs.written == 1
    (planted,) = memories.listing(ana.access).memories
    mine = memories.remember(ana.access, work, Draft("My sister is Ana."))
    with vault_scope(ana.vault_id):
        rows = Memory.objects.filter(vault_id=ana.vault_id)
        digest = rows.values_list("digest", flat=True).get(id=_id(mine))
        rows.filter(id=_id(mine)).update(digest=b"")
        rows.filter(id=planted.id).update(digest=digest)
    again = memories.remember(ana.access, work, Draft("My sister is Ana."))
    assert _id(again) != planted.id


def test_two_keys_changed_at_once_leave_the_vault_open(ana: Person) -> None:
    key, wrong = ana.owner_key, list[BaseException]()

    def rotate(name: str) -> None:
        try:
            for _ in range(5):
                rotation.rotate(ana.access, key, ana.collection(name))
        except BaseException as error:
            wrong.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=rotate, args=(name,)) for name in ("Work", "Family")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    vaults.unlock_with_recovery(owner_id=ana.user.pk, code=ana.recovery_code)


def test_what_opens_no_more_is_given_up_when_its_owner_says_so(ana: Person) -> None:
    ids = filled(ana)
    change(ana, ids[0], sealed=b"\1" * 300)
    with pytest.raises(Tampered):
        manifests.check(ana.access, ana.collection("Work"))
    assert remaking.remake(ana.access, ana.collection("Work")).count == 3
    assert len(reopened(ana)) == 3
    rotated(ana)


ACTS = (
    *("remember", "import", "undo", "revise", "forget", "restore", "move"),
    *("rotate", "reseal", "finish", "rename"),
)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 9)), max_size=12))
def test_whatever_is_done_the_manifests_keep_up(acts: list[tuple[str, int]]) -> None:
    person = new_person()
    homes = [person.collection(name) for name in ("Work", "Family")]
    kept = [_id(memories.remember(person.access, homes[0], Draft("The first.")))]
    for number, (act, which) in enumerate(acts):
        made = _do(person, act, homes[which % 2], kept[which % len(kept)], number)
        kept += [made] if made else []
    for home in homes:
        assert manifests.check(person.access, home) == collections.get(person.access, home).count


def _do(person: Person, act: str, home: UUID, one: UUID, number: int) -> UUID | None:
    access, import_id = person.access, UUID(int=1)
    source = SourceDraft(vendor="openai", key=str(number), import_id=import_id)
    draft = Draft(f"Imported {number}", source=source)
    if act == "remember":
        return _id(memories.remember(access, home, Draft(f"Fact {number}")))
    {
        "import": lambda: bulk.remember_many(access, [(home, draft)] * 2),
        "undo": lambda: bulk.undo_import(access, import_id),
        "rotate": lambda: rotation.rotate(access, person.owner_key, home),
        "reseal": lambda: rotation.reseal_next(access, home, limit=2),
        "finish": lambda: rotation.finish(access, home, lambda _: False),
        "rename": lambda: collections.rename(access, home, name=f"Name {number}"),
        "revise": lambda: memories.revise(access, one, text=f"Now {number}"),
        "move": lambda: memories.move(access, one, home),
        "forget": lambda: memories.forget(access, one),
        "restore": lambda: memories.restore(access, one),
    }[act]()
    return None
