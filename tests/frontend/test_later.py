"""The switch "Later memories too": where it is chosen, what pages say of it, what comes of it."""

import pytest
from django.test import Client
from playwright.sync_api import expect

from tests.api.oauth.apps import allow, registered
from tests.frontend.conftest import Visit, text_of
from tests.frontend.test_memories import remember
from tests.people import PASSWORD, Person, new_person, signed_in
from vault import browse
from vault.access import open_token
from vault.granting import clients, grants
from vault.types import Grant, Right

READS, ADDS = "memory.read offline_access", "memory.write offline_access"
SWITCH = "Later memories too"


@pytest.fixture(scope="module")
def ana(database: None) -> Person:
    return new_person()


@pytest.fixture
def owner(ana: Person) -> Client:
    return signed_in(ana)


def known(ana: Person, client_id: str) -> Grant:
    grant = clients.known(ana.access, client_id)
    assert grant is not None
    return grant


def test_the_consent_page_offers_it_and_later_says_what_was_chosen(
    owner: Client, ana: Person
) -> None:
    app = registered()
    page = text_of(owner, app.asks(scope=READS))
    assert SWITCH in page
    assert 'name="later"' in page and page.split('name="later"')[1].split(">")[0].count("checked")
    allow(owner, ana, app.asks(scope=READS), later=False, Work=Right(see=True))
    grant = known(ana, app.client_id)
    assert not grant.later
    words = "Of all this only what was there when you gave it"
    assert words in text_of(owner, app.asks(scope=READS)), "asked again in one line"
    assert words in text_of(owner, f"/grants/{grant.id}/")
    assert "Nothing that came later" in text_of(owner, f"/grants/{grant.id}/see/")
    changing = text_of(owner, app.asks(scope=READS) + "&change=1")
    assert "checked" not in changing.split('name="later"')[1].split(">")[0]
    allow(owner, ana, app.asks(scope=READS) + "&change=1", Work=Right(see=True))
    assert known(ana, app.client_id).later
    assert words not in text_of(owner, f"/grants/{grant.id}/")
    assert SWITCH in text_of(owner, f"/grants/{grant.id}/")


def test_the_preview_of_a_grant_that_there_is_shows_no_later_ones(
    owner: Client, ana: Person
) -> None:
    app = registered()
    remember(ana, "Plans a move to Porto", "Travel")
    allow(owner, ana, app.asks(scope=READS), later=False, Travel=Right(see=True))
    remember(ana, "Plans a move to Lagos", "Travel")
    said = {f"see-{ana.collection('Travel')}": "on", "preset": "custom", "preview": "1"}
    address = app.asks(scope=READS) + "&change=1"
    shown = owner.post(address, said).content.decode()
    assert "Porto" in shown and "Lagos" not in shown
    assert "Lagos" in owner.post(address, said | {"later": "on"}).content.decode()


def test_a_request_without_a_say_in_it_leaves_it_as_it_is(owner: Client, ana: Person) -> None:
    app, work = registered(), ana.collection("Work")
    said = {"ends": "90", "password": PASSWORD, f"see-{work}": "on", "confirmed_only": "on"}
    assert owner.post(app.asks(scope=READS), said).status_code == 302
    before = known(ana, app.client_id)
    allow(owner, ana, app.asks(scope=ADDS), Work=Right(add="ask"))
    after = known(ana, app.client_id)
    assert after.rights == {work: Right(see=True, add="ask")}
    assert (before.later, before.confirmed_only) == (after.later, after.confirmed_only)
    assert (after.later, after.confirmed_only) == (False, True)


def test_a_token_without_it_and_switching_it(visit: Visit, person: Person) -> None:
    page = visit(person)
    remember(person, "Early", "Work")
    page.goto("/grants/new/")
    expect(page.get_by_label(SWITCH)).to_be_checked()
    page.get_by_label("Name").fill("my assistant")
    page.get_by_label("See Work").check()
    page.get_by_label(SWITCH).uncheck()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Make the token").click()
    expect(page.get_by_text("Of all this only what was there")).to_be_visible()
    remember(person, "Late", "Work")
    (grant,) = grants.listing(person.access)
    page.get_by_role("link", name="See what it sees").click()
    expect(page.locator("#found")).to_contain_text("Early")
    expect(page.locator("#found")).not_to_contain_text("Late")
    page.goto(f"/grants/{grant.id}/change/")
    page.get_by_label(SWITCH).check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("To give more than before")).to_be_visible()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(SWITCH)).to_be_visible()
    page.goto(f"/grants/{grant.id}/change/")
    page.get_by_label(SWITCH).uncheck()  # to take away needs no password
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Of all this only what was there")).to_be_visible()


def test_what_the_form_says_is_what_the_token_opens(owner: Client, ana: Person) -> None:
    token = ana.token(Work=Right(see=True))[1]
    grant = grants.listing(ana.access)[0]
    said = {f"see-{ana.collection('Work')}": "on", f"add-{ana.collection('Work')}": "no"}
    for place in ana.access.rights:
        said.setdefault(f"add-{place}", "no")
    assert owner.post(f"/grants/{grant.id}/change/", said).status_code == 302
    seen = browse.listing(open_token(token)).total
    remember(ana, "Came after the switch", "Work")
    assert browse.listing(open_token(token)).total == seen
