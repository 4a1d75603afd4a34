"""Going on with what is there: a vault whose list of collections does not fit, and a collection."""

from uuid import UUID

import pytest

from tests.people import PASSWORD, Person
from tests.vault.database import copy_of, put_back
from vault import collections, memories, vaults
from vault.access import Access, open_session, open_token
from vault.embedding import embedders, switching
from vault.errors import Refused, Tampered
from vault.integrity import checkup, manifests
from vault.integrity.remaking import Remade
from vault.keys import rotation
from vault.log import access_log
from vault.models import Collection, CollectionKey, Manifest, Revision, Source
from vault.recalling import recall
from vault.scope import vault_scope
from vault.search import sealed
from vault.search.choice import Choice
from vault.types import Draft, Right


def filled(person: Person, name: str = "Work") -> UUID:
    home = person.collection(name)
    memories.remember(person.access, home, Draft("The bees are blue."))
    return home


def rows(person: Person, model: type[Collection] | type[CollectionKey], home: UUID):  # type: ignore[no-untyped-def]
    name = "collection_id" if model is CollectionKey else "id"
    return model.objects.filter(vault_id=person.vault_id, **{name: home})


def unlocked(person: Person) -> Access:
    secret = {"password": PASSWORD, "password_hash": person.user.password}
    opened = vaults.unlock(owner_id=person.user.pk, **secret)
    return open_session(opened.session_id, opened.vault_id, opened.secret)


def accepted(person: Person) -> Access:
    """Accept what is there; from then on nothing of the list is wrong and the password opens."""
    with pytest.raises(Tampered):
        unlocked(person)
    opened = checkup.accept_vault(person.owner_key)
    assert checkup.check_vault(person.owner_key) == ()
    assert unlocked(person).visible
    sealed.close(person.vault_id)
    return open_session(opened.session_id, opened.vault_id, opened.secret)


def accept(access: Access, home: UUID) -> Remade:
    """As its owner does who looked at it."""
    return checkup.accept(access, home, checkup.setup(access, home).seen)


def test_a_whole_vault_has_nothing_to_say(ana: Person) -> None:
    rotation.rotate(ana.access, ana.owner_key, filled(ana))
    assert checkup.check_vault(ana.owner_key) == ()
    assert checkup.check(ana.access, ana.collection("Work")) == 1


def test_a_collection_gone_with_its_key(ana: Person) -> None:
    work = filled(ana)
    with vault_scope(ana.vault_id):
        rows(ana, Collection, work).delete()
        rows(ana, CollectionKey, work).delete()
    first, *others = checkup.check_vault(ana.owner_key)
    assert first == "Your vault should have 6 collections and has 5."
    assert others == ["Memories of collections that are gone with their keys: 1."]
    access = accepted(ana)
    assert "Work" not in {one.name for one in collections.listing(access)}
    assert len(collections.listing(access)) == 5
    assert next(iter(access_log.listing(access))).action == "accepted"


def test_a_lost_row_comes_back_from_its_key(ana: Person) -> None:
    work = filled(ana)
    with vault_scope(ana.vault_id):
        rows(ana, Collection, work).delete()
    assert any("can be brought back" in words for words in checkup.check_vault(ana.owner_key))
    access = accepted(ana)
    back = collections.get(access, work)
    assert (back.name, back.private, back.altered) == ("Recovered collection", True, True)
    assert accept(access, work).count == 1
    collections.rename(access, work, name="Work again")
    assert [hit.memory.text for hit in recall.search(access, "bees")] == ["The bees are blue."]


def test_a_collection_whose_key_was_altered_is_given_up(ana: Person) -> None:
    work = filled(ana)
    filled(ana, "Family")
    with vault_scope(ana.vault_id):
        rows(ana, CollectionKey, work).update(wrapped=b"\1" * 100)
    said = checkup.check_vault(ana.owner_key)
    assert any("nobody can open them: 1. Memories in them: 1." in words for words in said)
    access = accepted(ana)
    assert work not in access.visible
    assert len(recall.search(access, "bees")) == 1


def test_an_earlier_key_put_back(ana: Person) -> None:
    work = filled(ana)
    before = copy_of(ana.vault_id, "collection", "collectionkey")
    rotation.rotate(ana.access, ana.owner_key, work)
    put_back(ana.vault_id, before)
    (words,) = checkup.check_vault(ana.owner_key)
    assert "at least one is another one, or stands at an earlier or later key" in words
    access = accepted(ana)
    with pytest.raises(Tampered):
        checkup.check(access, work)
    assert accept(access, work).count == 1
    assert [hit.memory.text for hit in recall.search(access, "bees")] == ["The bees are blue."]


def test_a_lost_list(ana: Person) -> None:
    filled(ana)
    with vault_scope(ana.vault_id):
        Manifest.objects.filter(vault_id=ana.vault_id, id=ana.vault_id).delete()
    said = ("The sealed list of your collections is missing or was altered.",)
    assert checkup.check_vault(ana.owner_key) == said
    assert len(recall.search(accepted(ana), "bees")) == 1


@pytest.mark.parametrize(
    "columns",
    [
        {"private": True},
        {"sealed_name": b"\1" * 90},
        {"sealed_embedder": b"\1" * 90},
        {"becoming": "indexed"},
        {"epoch": 7},
    ],
    ids=lambda columns: next(iter(columns)),
)
def test_a_collections_own_row_can_be_accepted(ana: Person, columns: dict[str, object]) -> None:
    work = filled(ana)
    with vault_scope(ana.vault_id):
        rows(ana, Collection, work).update(**columns)
    with pytest.raises(Tampered):
        checkup.check(ana.access, work)
    assert accept(ana.access, work).count == 1
    assert checkup.check(ana.access, work) == 1
    collections.rename(ana.access, work, name="Office")
    assert len(recall.search(ana.access, "bees")) == 1
    rotation.rotate(ana.access, ana.owner_key, work)
    unlocked(ana)


def test_the_owner_is_told_what_they_would_accept(ana: Person) -> None:
    work = filled(ana)
    other = Choice.endpoint("http://127.0.0.1:9/v1", "m").tested(8, 0.0)
    ring = ana.access.keyring
    with vault_scope(ana.vault_id):
        planted = embedders.seal(ring, work, 1, other, {"as": "now"})
        rows(ana, Collection, work).update(sealed_embedder=planted, indexed=True)
    setup = checkup.setup(ana.access, work)
    assert setup.said.indexed and setup.chosen and setup.chosen.now == other
    with vault_scope(ana.vault_id):
        rows(ana, Collection, work).update(sealed_embedder=b"\1" * 90)
    assert checkup.setup(ana.access, work).chosen is None


def test_strangers_are_found_and_given_up(ana: Person) -> None:
    work = filled(ana)
    other = memories.remember(ana.access, work, Draft("The sea is red."))
    memories.revise(ana.access, other.id, text="The sea is green.")
    mine = {"vault_id": ana.vault_id, "memory_id": other.id}
    with vault_scope(ana.vault_id):
        Source.objects.filter(**mine).update(vendor="openai")
        Revision.objects.filter(**mine).update(kind="profile")
    assert manifests.check(ana.access, work) == 2
    with pytest.raises(Tampered, match="altered or moved: 2"):
        checkup.check(ana.access, work)
    assert accept(ana.access, work).count == 2
    assert checkup.check(ana.access, work) == 2
    assert memories.get(ana.access, other.id).sources == ()
    assert memories.history(ana.access, other.id) == []


def test_only_the_owner_accepts(ana: Person) -> None:
    work = filled(ana)
    app = ana.grantee(Work=Right(see=True, add="yes"))
    for act in (lambda: checkup.accept(app, work, ""), lambda: checkup.setup(app, work)):
        with pytest.raises(Refused):
            act()


def test_a_grant_outlives_the_accepting(ana: Person) -> None:
    work, family = filled(ana), filled(ana, "Family")
    _, token = ana.token(Work=Right(see=True), Family=Right(see=True))
    with vault_scope(ana.vault_id):
        rows(ana, Collection, work).delete()
        rows(ana, CollectionKey, work).delete()
    accepted(ana)
    found = recall.search(open_token(token), "bees", collections={family})
    assert len(found) == 1


def test_an_embedder_is_chosen_anew_afterwards(ana: Person) -> None:
    work = filled(ana)
    with vault_scope(ana.vault_id):
        rows(ana, Collection, work).update(sealed_next_embedder=b"\1" * 90)
    accept(ana.access, work)
    switching.switch(ana.access, Choice("wordllama"))
