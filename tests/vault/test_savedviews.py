"""Saved views: sealed, their owner's alone, and there after every change of keys."""

import pytest

from tests.people import Person
from vault import browse, collections, removal, savedviews
from vault.errors import Invalid, NotFound, Refused
from vault.keys import rotation
from vault.models import SavedView
from vault.scope import vault_scope
from vault.types import Right

QUERY = {"q": "canary-oncologist", "learnt": "7"}


def names(person: Person) -> list[str]:
    return [view.name for view in savedviews.listing(person.access)]


def test_views_are_saved_renamed_removed_and_put_back(ana: Person) -> None:
    one = savedviews.save(ana.access, "  zwei ", QUERY)
    savedviews.save(ana.access, "Eins", {"kind": "fact"})
    assert names(ana) == ["Eins", "zwei"]
    assert savedviews.get(ana.access, one.id).query == QUERY
    savedviews.rename(ana.access, one.id, "Drei")
    savedviews.rename(ana.access, one.id, "drei")  # its own name is not taken
    savedviews.remove(ana.access, one.id)
    assert names(ana) == ["Eins"]
    savedviews.save(ana.access, "drei", QUERY)
    assert savedviews.put_back(ana.access, one.id).query == QUERY
    with pytest.raises(NotFound):
        savedviews.put_back(ana.access, one.id)


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("", QUERY),
        (" \u200b", QUERY),
        ("x" * 61, QUERY),
        ("taken", QUERY),
        ("x", {}),
        ("x", {"q": ""}),
    ],
)
def test_what_says_nothing_is_not_kept(ana: Person, name: str, query: dict[str, str]) -> None:
    savedviews.save(ana.access, "Taken", {"kind": "fact"})
    with pytest.raises(Invalid):
        savedviews.save(ana.access, name, query)
    assert names(ana) == ["Taken"]


def test_there_is_an_end_to_them(ana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(savedviews, "MOST", 2)
    savedviews.save(ana.access, "1", QUERY)
    savedviews.save(ana.access, "2", QUERY)
    with pytest.raises(Invalid, match="There can be 2 saved views"):
        savedviews.save(ana.access, "3", QUERY)


def test_refusals_are_in_the_language_of_the_page(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A view too many, a name too long, and a cursor from elsewhere."""
    for module in (savedviews, browse):
        monkeypatch.setattr(module, "gettext", lambda words: f"⟦{words}⟧")
    monkeypatch.setattr(savedviews, "MOST", 0)
    with pytest.raises(Invalid, match=r"⟦There can be 0 saved views. .*⟧"):
        savedviews.save(ana.access, "1", QUERY)
    monkeypatch.setattr(savedviews, "MOST", 1)
    with pytest.raises(Invalid, match=r"⟦A name has at most 60 characters.⟧"):
        savedviews.save(ana.access, "x" * 61, QUERY)
    with pytest.raises(Invalid, match=r"⟦This cursor is not one of ours.*⟧"):
        browse.listing(ana.access, cursor="nonsense")


def test_neither_name_nor_search_is_readable_in_the_database(ana: Person) -> None:
    savedviews.save(ana.access, "canary-name", QUERY)
    with vault_scope(ana.vault_id):
        row = SavedView.objects.get(vault_id=ana.vault_id)
    assert b"canary" not in bytes(row.sealed)
    assert "canary" not in str(vars(row))


def test_they_survive_a_new_key_and_the_end_of_the_collection_they_are_sealed_under(
    ana: Person,
) -> None:
    view = savedviews.save(ana.access, "Mine", QUERY)
    with vault_scope(ana.vault_id):
        home = SavedView.objects.get(vault_id=ana.vault_id).collection_id
    rotation.rotate(ana.access, ana.owner_key, home)
    while rotation.reseal_next(ana.access, home):
        pass
    assert savedviews.get(ana.access, view.id).query == QUERY
    with vault_scope(ana.vault_id):
        assert SavedView.objects.get(vault_id=ana.vault_id).epoch == 2
    removal.remove(ana.access, ana.owner_key, home, shred=True)
    assert home not in [one.id for one in collections.listing(ana.access)]
    assert savedviews.get(ana.access, view.id).query == QUERY


def test_one_that_was_altered_says_so_and_can_be_removed(ana: Person) -> None:
    view = savedviews.save(ana.access, "Mine", QUERY)
    with vault_scope(ana.vault_id):
        SavedView.objects.filter(vault_id=ana.vault_id).update(sealed=b"altered")
    (found,) = savedviews.listing(ana.access)
    assert (found.broken, found.name, found.query) == (True, "", {})
    with pytest.raises(Invalid):
        savedviews.rename(ana.access, view.id, "Other")
    savedviews.remove(ana.access, view.id)
    assert names(ana) == []


def test_they_are_their_owners_alone(ana: Person, ben: Person) -> None:
    view = savedviews.save(ana.access, "Mine", QUERY)
    assert savedviews.listing(ben.access) == []
    grantee = ana.grantee(Work=Right(see=True, add="yes"))
    for attempt in (savedviews.get, savedviews.remove, savedviews.put_back):
        with pytest.raises(NotFound):
            attempt(ben.access, view.id)
        with pytest.raises(Refused):
            attempt(grantee, view.id)
    with pytest.raises(Refused):
        savedviews.listing(grantee)
    assert names(ana) == ["Mine"]


def test_there_are_no_more_by_putting_some_back(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(savedviews, "MOST", 1)
    one = savedviews.save(ana.access, "Eins", QUERY)
    savedviews.remove(ana.access, one.id)
    savedviews.save(ana.access, "Zwei", QUERY)
    with pytest.raises(Invalid):
        savedviews.put_back(ana.access, one.id)
    assert names(ana) == ["Zwei"]
