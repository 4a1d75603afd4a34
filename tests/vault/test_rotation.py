"""A new key for a collection: who holds it, what is sealed anew, and that the old one goes."""

from datetime import timedelta

import pytest

from tests.people import PASSWORD, Person
from vault import bulk, collections, memories, vaults
from vault.access import open_session, open_token
from vault.embedding import folding, indexing
from vault.errors import KeyChanged, Locked, Stale
from vault.granting import grants
from vault.integrity import manifests
from vault.keys import rotation
from vault.keys.jobs import open_job, start_job
from vault.models import CollectionKey, GrantKey, Memory
from vault.recalling import opening, recall
from vault.reviewing import suggestions
from vault.scope import vault_scope
from vault.search import sealed
from vault.types import Draft, Right, SourceDraft

SEE, ADD = Right(see=True), Right(see=True, add="yes")


def rotate(person: Person, name: str = "Work") -> None:
    rotation.rotate(person.access, person.owner_key, person.collection(name))


def finish(person: Person, name: str = "Work") -> bool:
    home = person.collection(name)
    while rotation.reseal_next(person.access, home, limit=3):
        pass
    return rotation.finish(person.access, home, lambda _: False)


def found(person: Person, token: str | None = None) -> set[str]:
    sealed.close(person.vault_id)
    access = open_token(token) if token else person.access
    return {hit.memory.text for hit in recall.search(access, "sea bees")}


@pytest.fixture
def sea(ana: Person) -> Person:
    work = ana.collection("Work")
    made = memories.remember(ana.access, work, Draft("The sea was calm."))
    memories.revise(ana.access, made.id, text="The sea is loud.")
    memories.remember(ana.access, work, Draft("The bees are dear."))
    gone = memories.remember(ana.access, work, Draft("The sea is gone."))
    memories.forget(ana.access, gone.id)
    return ana


def test_everything_opens_before_during_and_after(sea: Person) -> None:
    _, token = sea.token(Work=ADD)
    both = {"The sea is loud.", "The bees are dear."}
    rotate(sea)
    assert found(sea) == found(sea, token) == both
    rotation.reseal_next(sea.access, sea.collection("Work"), limit=1)
    assert found(sea) == found(sea, token) == both
    assert finish(sea)
    assert found(sea) == found(sea, token) == both
    (loud,) = (m for m in memories.listing(sea.access).memories if "loud" in m.text)
    assert [old.text for old in memories.history(sea.access, loud.id)] == ["The sea was calm."]
    assert len(memories.listing(sea.access, forgotten=True).memories) == 1
    assert manifests.check(sea.access, sea.collection("Work")) == 2
    assert collections.get(open_token(token), sea.collection("Work")).name == "Work"


def test_the_old_keys_are_gone_in_the_end(sea: Person) -> None:
    grant, _ = sea.token(Work=SEE)
    rotate(sea)
    assert not rotation.finish(sea.access, sea.collection("Work"), lambda _: False)
    assert finish(sea)
    with vault_scope(sea.vault_id):
        place = {"vault_id": sea.vault_id, "collection_id": sea.collection("Work")}
        assert [k.epoch for k in CollectionKey.objects.filter(**place)] == [2]
        assert [k.epoch for k in GrantKey.objects.filter(**place, grant_id=grant.id)] == [2]
        assert set(Memory.objects.filter(**place).values_list("epoch", flat=True)) == {2}
        assert rotation.with_old_keys(sea.access) == []


def test_it_does_not_finish_while_others_need_the_old_key(sea: Person) -> None:
    rotate(sea)
    while rotation.reseal_next(sea.access, sea.collection("Work")):
        pass
    assert not rotation.finish(sea.access, sea.collection("Work"), lambda _: True)
    assert rotation.finish(sea.access, sea.collection("Work"), lambda _: False)


def test_who_was_revoked_before_never_gets_the_new_key(sea: Person) -> None:
    grant, token = sea.token(Work=SEE)
    kept = open_token(token)  # somebody who kept the keys of that day
    grants.revoke(sea.access, grant.id)
    rotate(sea)
    memories.remember(sea.access, sea.collection("Work"), Draft("The sea is new."))
    with vault_scope(sea.vault_id):
        new = Memory.objects.filter(vault_id=sea.vault_id).latest("seq")
    with pytest.raises(Stale):
        kept.keyring.root(new.collection_id, new.epoch)


def test_other_sessions_must_unlock_again_and_then_see_it(sea: Person) -> None:
    other = vaults.unlock(owner_id=sea.user.pk, password=PASSWORD, password_hash=sea.user.password)
    rotate(sea)
    with pytest.raises(Locked):
        open_session(other.session_id, other.vault_id, other.secret)
    again = vaults.unlock(owner_id=sea.user.pk, password=PASSWORD, password_hash=sea.user.password)
    access = open_session(again.session_id, again.vault_id, again.secret)
    assert recall.search(access, "bees")[0].memory.text == "The bees are dear."


def test_a_job_under_the_old_key_writes_on_until_that_is_gone(sea: Person) -> None:
    work = sea.collection("Work")
    with vault_scope(sea.vault_id):
        job = start_job(sea.access, "import", sea.access.keyring, timedelta(hours=1))
    access = open_job(job, "Import")
    rotate(sea)
    bulk.remember_many(access, [(work, Draft("The bees came late."))])
    assert finish(sea)
    assert "The bees came late." in found(sea)
    with pytest.raises(Stale):
        bulk.remember_many(open_job(job, "Import"), [(work, Draft("Too late."))])


def test_letters_posted_to_the_old_box_are_read(sea: Person) -> None:
    _, token = sea.token(Work=Right(add="ask"))
    before = open_token(token)
    memories.remember(before, sea.collection("Work"), Draft("Posted before."))
    rotate(sea)
    memories.remember(before, sea.collection("Work"), Draft("Posted by one who was under way."))
    memories.remember(open_token(token), sea.collection("Work"), Draft("Posted after."))
    assert finish(sea)
    said = [one.text for one in suggestions.listing(sea.access)]
    assert said == ["Posted before.", "Posted by one who was under way.", "Posted after."]
    with pytest.raises(Stale):
        memories.remember(before, sea.collection("Work"), Draft("To a box that is gone."))


def test_sources_told_before_are_known_after(sea: Person) -> None:
    work = sea.collection("Work")
    source = SourceDraft(vendor="openai", account="a", key="item:1")
    talk = Draft("Hello bees", kind="episode", conversation="c", source=source)
    assert bulk.remember_many(sea.access, [(work, talk)]).written == 1
    rotate(sea)
    assert finish(sea)
    assert bulk.remember_many(sea.access, [(work, talk)]).known == 1
    again = Draft("Fine bees", kind="episode", conversation="c", position=1)
    assert bulk.remember_many(sea.access, [(work, again)]).written == 1
    with vault_scope(sea.vault_id):
        turns = Memory.objects.filter(vault_id=sea.vault_id, kind="episode")
        assert len(set(turns.values_list("conversation", flat=True))) == 1


def test_the_same_words_are_the_same_memory_after(sea: Person) -> None:
    rotate(sea)
    assert finish(sea)
    count = collections.get(sea.access, sea.collection("Work")).count
    memories.remember(sea.access, sea.collection("Work"), Draft("The bees are dear."))
    assert collections.get(sea.access, sea.collection("Work")).count == count


def test_the_same_words_are_the_same_memory_while_it_is_sealed_anew(sea: Person) -> None:
    """Those told under the old key are known by it, whether or not they wait to be sealed anew."""
    work = sea.collection("Work")
    count = collections.get(sea.access, work).count
    _, token = sea.token(Work=ADD)
    rotate(sea)
    for access in (sea.access, open_token(token)):
        memories.remember(access, work, Draft("The bees are dear."))
    assert rotation.reseal_next(sea.access, work, limit=1)
    for words in ("The bees are dear.", "The sea is loud."):
        memories.remember(sea.access, work, Draft(words))
    assert collections.get(sea.access, work).count == count


def test_who_opened_before_the_new_key_tells_again_with_it(sea: Person) -> None:
    """With the old key alone it cannot be seen whether the words are there under the new one."""
    work = sea.collection("Work")
    _, token = sea.token(Work=ADD)
    before = open_token(token)
    rotate(sea)
    memories.remember(sea.access, work, Draft("The tide is high."))
    count = collections.get(sea.access, work).count
    with pytest.raises(KeyChanged):
        memories.remember(before, work, Draft("The tide is high."))
    memories.remember(open_token(token), work, Draft("The tide is high."))
    assert collections.get(sea.access, work).count == count


def test_segments_and_vectors_are_sealed_anew(sea: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "FOLD_FROM", 1)
    indexing.fold(sea.access)
    memories.remember(sea.access, sea.collection("Work"), Draft("The bees are back."))
    rotate(sea)
    assert finish(sea)
    sealed.close(sea.vault_id)
    (opened,) = opening.open_all(sea.access, [sea.collection("Work")])
    assert not opened.index.missing()


def test_twice_in_a_row(sea: Person) -> None:
    _, token = sea.token(Work=SEE)
    rotate(sea)
    rotate(sea)
    assert found(sea, token) == {"The sea is loud.", "The bees are dear."}
    assert finish(sea)
    assert found(sea, token) == {"The sea is loud.", "The bees are dear."}
