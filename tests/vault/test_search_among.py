"""Searching within what a filter leaves: all of it is found, however little of the best it is."""

from tests.people import Person
from vault import bulk
from vault.recalling import recall
from vault.types import Draft, SourceDraft
from vault.visible import Selection

FEW = {f"{word} told us at length, one evening by the river, of honey" for word in "ABC"}


def filled(person: Person) -> None:
    home = person.collection("Work")
    many = [Draft(f"Honey {n}", source=SourceDraft(vendor="openai")) for n in range(997)]
    few = [Draft(text, source=SourceDraft(vendor="anthropic")) for text in sorted(FEW)]
    bulk.remember_many(person.access, [(home, draft) for draft in many + few])


def test_what_fits_is_found_though_hundreds_are_better(ana: Person) -> None:
    filled(ana)
    best = {hit.memory.text for hit in recall.search(ana.access, "honey", limit=200)}
    assert len(best) == 200 and not best & FEW
    among = Selection(vendors=["anthropic"])
    found = recall.search(ana.access, "honey", limit=50, among=among)
    assert {hit.memory.text for hit in found} == FEW
    assert not recall.search(ana.access, "honey", limit=50, among=Selection(vendors=["x"]))
    assert not recall.search(ana.access, "honey", limit=50, among=Selection(vendors=[]))
