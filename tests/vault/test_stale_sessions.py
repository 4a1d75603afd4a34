"""Two requests of one browser, or two browsers, that both change keys: no session that counts as
open lacks a key."""

import pytest

from sync.upkeep import resealing
from tests.people import Person
from tests.vault.test_checkup import filled
from tests.vault.test_key_races import meanwhile, opened, unlock
from vault import collections, memories, vaults
from vault.access import Access
from vault.errors import KeyChanged, Locked
from vault.keys import rotation
from vault.search import sealed


def names(access: Access) -> set[str]:
    return {one.name for one in collections.listing(access)}


def test_two_tabs_change_two_keys_at_once(ana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    work, family = filled(ana), filled(ana, "Family")
    session, owner = unlock(ana), ana.owner_key
    one, two = opened(session), opened(session)
    with meanwhile(
        monkeypatch, rotation, "names_key", lambda: rotation.rotate(two, owner, family)
    ) as other:
        rotation.rotate(one, owner, work)
    assert other.wrong is None
    now = opened(session).keyring
    assert now.epochs(work) == now.epochs(family) == [1, 2]


def test_two_tabs_change_two_keys_one_after_the_other(ana: Person) -> None:
    work, family = filled(ana), filled(ana, "Family")
    session, owner = unlock(ana), ana.owner_key
    one, two = opened(session), opened(session)
    rotation.rotate(one, owner, work)
    rotation.rotate(two, owner, family)
    assert [opened(session).keyring.epochs(home) for home in (work, family)] == [[1, 2], [1, 2]]
    resealing.start(opened(session), start=resealing.run)
    sealed.close(ana.vault_id)
    now = opened(session)
    assert {work, family} <= {memory.collection_id for memory in memories.listing(now).memories}


def test_two_tabs_change_the_same_key(ana: Person) -> None:
    work, session, owner = filled(ana), unlock(ana), ana.owner_key
    one, two = opened(session), opened(session)
    rotation.rotate(one, owner, work)
    with pytest.raises(KeyChanged):
        rotation.rotate(two, owner, work)
    assert opened(session).keyring.epochs(work) == [1, 2]


def test_two_tabs_make_a_collection_each(ana: Person) -> None:
    session, owner = unlock(ana), ana.owner_key
    one, two = opened(session), opened(session)
    collections.create(one, owner, name="One")
    collections.create(two, owner, name="Two")
    assert {"One", "Two"} <= names(opened(session))


def test_another_browser_that_was_overtaken_unlocks_again(ana: Person) -> None:
    """And leaves nothing half done."""
    owner = ana.owner_key
    here, there = unlock(ana), unlock(ana)
    late = opened(there)
    collections.create(opened(here), owner, name="One")
    with pytest.raises(Locked):
        collections.create(late, owner, name="Two")
    with pytest.raises(Locked):
        opened(there)
    assert "Two" not in names(opened(here))
    assert {"One"} == names(opened(unlock(ana))) - names(ana.access)


def test_a_session_that_was_locked_meanwhile_changes_no_key(ana: Person) -> None:
    session, owner = unlock(ana), ana.owner_key
    late = opened(session)
    vaults.lock(opened(session))
    with pytest.raises(Locked):
        collections.create(late, owner, name="One")
    assert "One" not in names(opened(unlock(ana)))
