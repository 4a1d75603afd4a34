"""What was just done can be undone from where it was said; pressed twice, it is done once."""

import re
from collections.abc import Mapping
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client
from playwright.sync_api import expect

from tests.frontend.conftest import Visit
from tests.people import PASSWORD, Person, signed_in
from vault import memories
from vault.granting import grants
from vault.types import Draft, Memory, Right

_UNDO = re.compile(r'<form method="post" action="([^"]+)">(?:(?!</form>).)*data-undo', re.DOTALL)


@pytest.fixture
def mine(person: Person) -> UUID:
    """A memory that an app brought: its owner has not confirmed it."""
    app = person.grantee(Work=Right(see=True, add="yes"))
    made = memories.remember(app, person.collection("Work"), Draft(text="Likes tea"))
    assert isinstance(made, Memory)
    return made.id


@pytest.fixture
def browser_of(person: Person) -> Client:
    return signed_in(person)


def sent(client: Client, address: str, said: Mapping[str, str] | None = None) -> HttpResponse:
    return client.post(address, said or {}, follow=True)


def undo_in(answer: HttpResponse) -> str:
    found = _UNDO.search(answer.content.decode())
    return found[1].replace("&amp;", "&") if found else ""


@pytest.mark.parametrize("act", ["move", "confirm", "span", "edit"])
def test_each_change_of_one_memory_has_an_undo_that_comes_back_to_it(
    browser_of: Client, person: Person, mine: UUID, act: str
) -> None:
    fields = {
        "move": {"collection": str(person.collection("Travel"))},
        "confirm": {},
        "span": {"valid_from": "2024-01-02", "valid_until": "2024-03-05"},
        "edit": {"text": "Likes coffee", "kind": "fact", "revision": "1"},
    }
    within = "?in=list&collection=" + str(person.collection("Work"))
    before = memories.get(person.access, mine)
    undo = undo_in(sent(browser_of, f"/memories/{mine}/{act}/{within}", fields[act]))
    assert state(memories.get(person.access, mine)) != state(before)
    answer = sent(browser_of, undo)
    assert answer.request["PATH_INFO"] == f"/memories/{mine}/"
    assert answer.request["QUERY_STRING"] == within[1:]
    restored = memories.get(person.access, mine)
    assert state(restored)[:4] == state(before)[:4]
    if act in ("span", "edit"):  # it made a state of its own, which is undone like any
        sent(browser_of, undo_in(answer))
        assert state(memories.get(person.access, mine))[:4] != state(before)[:4]
    else:
        assert state(restored) == state(before)
        assert "This was undone already." in sent(browser_of, undo).content.decode()
        assert state(memories.get(person.access, mine)) == state(before)


def state(one: Memory) -> tuple[object, ...]:
    return one.text, one.collection_id, one.valid_from, one.valid_until, one.trusted


def test_what_changed_nothing_offers_no_undo(
    browser_of: Client, person: Person, mine: UUID
) -> None:
    same = {"text": "Likes tea", "kind": "fact", "revision": "1"}
    for act, fields in (
        ("edit", same),
        ("move", {"collection": str(person.collection("Work"))}),
    ):
        answer = sent(browser_of, f"/memories/{mine}/{act}/", fields)
        assert answer.status_code == 200 and not undo_in(answer)


def test_a_form_pressed_twice_in_haste_is_sent_once(visit: Visit, person: Person) -> None:
    page = visit(person)
    page.goto("/grants/new/")
    page.get_by_label("Name").fill("Kitchen")
    page.get_by_label("See Work").check()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Make the token").evaluate(
        "button => { button.click(); setTimeout(() => button.click(), 100); }"
    )
    expect(page.locator("#token")).to_be_visible()
    assert [one.name for one in grants.listing(person.access)] == ["Kitchen"]
