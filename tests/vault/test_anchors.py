"""A database put back to an earlier day, told by what a browser remembers."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.logs import fill
from tests.people import Person
from tests.snapshots import snapshot
from vault import collections, memories
from vault.errors import Refused, Tampered
from vault.integrity import vaultmanifest
from vault.log import access_log, anchors, log_keeping
from vault.log.anchors import Anchor, Look, look, sealed
from vault.log.log_chain import Place
from vault.models import Collection, CollectionKey, LogEntry, LogHead, Manifest
from vault.scope import vault_scope
from vault.types import Draft, Right


def remembered(person: Person) -> str:
    """What the browser keeps after a look at which nothing was noticed."""
    seen = look(person.access, "")
    assert seen.older is None and seen.anchor is not None
    return sealed(person.access, seen.anchor)


def remember(person: Person, text: str, place: str = "Work") -> None:
    memories.remember(person.access, person.collection(place), Draft(text))


def test_what_goes_on_as_it_should_is_not_noticed(ana: Person) -> None:
    kept = remembered(ana)
    for turn in range(3):
        remember(ana, f"note {turn}")
        fill(ana, 2)
        collections.create(ana.access, ana.owner_key, name=f"New {turn}")
        seen = look(ana.access, kept)
        assert seen.older is None and seen.anchor is not None
        kept = sealed(ana.access, seen.anchor)
    assert look(ana.access, kept).older is None


def reads(person: Person) -> None:
    fill(person, 2)


def writes(person: Person) -> None:
    remember(person, f"Moved to {uuid4()}")


def both(person: Person) -> None:
    reads(person)
    writes(person)


@pytest.mark.parametrize("act", [reads, writes, both])
@pytest.mark.parametrize("after", [None, reads, writes, both])
def test_a_database_put_back_is_noticed_also_when_work_went_on_since(
    ana: Person, act: Callable[[Person], None], after: Callable[[Person], None] | None
) -> None:
    fill(ana, 3)
    remember(ana, "Lives in Utrecht")
    earlier = snapshot(ana.vault_id)
    act(ana)
    kept = remembered(ana)
    earlier.put_back()
    if after:
        for _ in range(3):
            after(ana)
    older = look(ana.access, kept).older
    if act is writes and after in (writes, both):
        # The limit of counting: nothing logged was lost, and more was changed since than was lost.
        assert older is None
        return
    assert older is not None and not older.broken
    assert older.reasons or older.collections
    assert older.since is not None and (datetime.now(UTC) - older.since).total_seconds() < 60


def test_as_many_changes_as_were_lost_are_still_others(ana: Person) -> None:
    remember(ana, "one")
    earlier = snapshot(ana.vault_id)
    remember(ana, "two")
    kept = remembered(ana)
    earlier.put_back()
    remember(ana, "three")
    older = look(ana.access, kept).older
    assert older is not None
    assert older.collections == (ana.collection("Work"),)


def test_as_many_lines_as_were_lost_are_still_others(ana: Person) -> None:
    earlier = snapshot(ana.vault_id)
    fill(ana, 2)
    kept = remembered(ana)
    earlier.put_back()
    fill(ana, 2)
    older = look(ana.access, kept).older
    assert older is not None
    assert older.reasons == ("Line 2 of the access log is another than it was.",)


def test_one_collection_put_back_is_told_by_its_manifest(ana: Person) -> None:
    remember(ana, "one")
    earlier = snapshot(ana.vault_id)
    remember(ana, "two")
    remember(ana, "three", "Travel")
    kept = remembered(ana)
    with vault_scope(ana.vault_id):
        travel = Manifest.objects.filter(vault_id=ana.vault_id, id=ana.collection("Travel"))
        now = travel.values("seq", "mac", "count", "total").get()
    earlier.put_back("vault_manifest", "vault_memory", "vault_source")
    with vault_scope(ana.vault_id):
        travel.update(**now)
    older = look(ana.access, kept).older
    assert older is not None
    assert (older.reasons, older.collections) == ((), (ana.collection("Work"),))


def test_a_collection_that_was_taken_out_is_noticed(ana: Person) -> None:
    kept = remembered(ana)
    with vault_scope(ana.vault_id):
        Manifest.objects.filter(vault_id=ana.vault_id, id=ana.collection("Travel")).delete()
    older = look(ana.access, kept).older
    assert older is not None and older.collections == (ana.collection("Travel"),)
    assert older.reasons == ("A collection is gone that nobody deleted.",)
    with vault_scope(ana.vault_id):
        Manifest.objects.filter(vault_id=ana.vault_id, id=ana.vault_id).delete()
    older = look(ana.access, kept).older
    assert older is not None and "The list of your collections is an earlier one." in older.reasons


def test_a_collection_that_its_owner_deleted_is_not_missed(ana: Person) -> None:
    kept = remembered(ana)
    gone = ana.collection("Travel")
    with vault_scope(ana.vault_id):
        for model in (Collection, CollectionKey, Manifest):
            name = "collection_id" if model is CollectionKey else "id"
            model.objects.filter(vault_id=ana.vault_id, **{name: gone}).delete()
        vaultmanifest.settle(ana.vault_id, ana.owner_key.key)
    assert look(ana.access, kept).older is None


def test_new_lines_are_verified_from_the_one_the_browser_saw(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in several steps, when there are many."""
    monkeypatch.setattr(anchors, "LINES_AT_ONCE", 4)
    fill(ana, 3)
    kept = remembered(ana)
    fill(ana, 10)
    seen = look(ana.access, kept)
    assert seen.older is None and seen.anchor is not None and seen.anchor.place.seq == 7
    kept = sealed(ana.access, seen.anchor)
    with vault_scope(ana.vault_id):
        LogEntry.objects.filter(vault_id=ana.vault_id, seq=9).update(action="x")
    older = look(ana.access, kept).older
    assert older is not None and "Line 9 " in older.reasons[0]
    with vault_scope(ana.vault_id):
        LogEntry.objects.filter(vault_id=ana.vault_id, seq=9).update(action="search")
    for reached in (11, 13):
        seen = look(ana.access, kept)
        assert seen.anchor is not None and seen.anchor.place.seq == reached
        kept = sealed(ana.access, seen.anchor)


def test_lines_deleted_for_their_age_are_no_rollback(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(ana, 5)
    kept = remembered(ana)
    fill(ana, 2)
    log_keeping.keep(ana.access, 30)
    from datetime import timedelta

    from django.utils import timezone

    later = timezone.now() + timedelta(days=31)
    monkeypatch.setattr(log_keeping.timezone, "now", lambda: later)
    assert log_keeping.cut(ana.vault_id) == 8
    seen = look(ana.access, kept)
    assert seen.older is None and seen.anchor is not None and seen.anchor.place.seq == 9


def test_a_forged_end_is_told_and_no_backup_is_offered_as_the_reason(ana: Person) -> None:
    fill(ana, 3)
    kept = remembered(ana)
    with vault_scope(ana.vault_id):
        LogHead.objects.filter(vault_id=ana.vault_id).update(count=2)
    for cookie in (kept, "", "x"):
        seen = look(ana.access, cookie)
        assert seen.anchor is None and seen.older is not None and seen.older.broken
    with pytest.raises(Tampered):
        anchors.accept(ana.access)


def test_accepting_is_logged_and_remembers_what_is_there_now(ana: Person) -> None:
    fill(ana, 2)
    earlier = snapshot(ana.vault_id)
    fill(ana, 2)
    kept = remembered(ana)
    earlier.put_back()
    assert look(ana.access, kept).older is not None
    kept = sealed(ana.access, anchors.accept(ana.access))
    assert look(ana.access, kept).older is None
    assert access_log.listing(ana.access, limit=1)[0].action == "accepted"


def test_what_the_browser_keeps_says_nothing_and_is_made_by_nobody_else(
    ana: Person, ben: Person
) -> None:
    kept = remembered(ana)
    assert kept.isascii() and len(kept) < 3_900
    assert kept != remembered(ana)
    for other in (remembered(ben), kept[:-8] + "AAAAAAA=", "x", "%", kept[:40]):
        seen = look(ana.access, other)
        assert seen.older is not None and seen.older.since is None


def test_only_the_owner_looks(ana: Person) -> None:
    app = ana.grantee(Work=Right(see=True))
    with pytest.raises(Refused):
        look(app, "")


def test_a_vault_of_very_many_collections_still_fits_into_a_cookie(ana: Person) -> None:
    many = {uuid4().bytes[:8]: (number, b"12345678") for number in range(500)}
    anchor = Anchor(datetime.now(UTC), 2**40, Place(2**40, b"x" * 32), many)
    assert len(sealed(ana.access, anchor)) < 3_900
    kept = Anchor.from_bytes(anchor.to_bytes()).manifests
    assert len(kept) == anchors.MOST_COLLECTIONS
    assert min(count for count, _ in kept.values()) == 400  # those with the most changes


@given(
    st.integers(0, 2**36),
    st.integers(0, 2**60),
    st.integers(0, 2**60),
    st.sampled_from((b"", b"y" * 32)),
    st.dictionaries(
        st.binary(min_size=8, max_size=8),
        st.tuples(st.integers(0, 2**60), st.binary(min_size=8, max_size=8)),
        max_size=20,
    ),
)
def test_an_anchor_comes_back_as_it_was(
    at: int, seq: int, line: int, link: bytes, manifests: dict[bytes, tuple[int, bytes]]
) -> None:
    anchor = Anchor(datetime.fromtimestamp(at, UTC), seq, Place(line, link), manifests)
    assert Anchor.from_bytes(anchor.to_bytes()) == anchor


@given(st.binary(max_size=300))
def test_what_is_no_anchor_is_refused(data: bytes) -> None:
    if data[:1] != b"\x01":
        with pytest.raises(ValueError):
            Anchor.from_bytes(data)


def test_looking_twice_changes_nothing(ana: Person) -> None:
    fill(ana, 2)
    kept = remembered(ana)
    assert isinstance(look(ana.access, kept), Look)
    assert access_log.verify(ana.access) == 2
