"""Settings: everything on one page, with how it is set now and the way to change it."""

import re

import pytest
from playwright.sync_api import expect

from sync.distilling import model
from sync.distilling.choice import ChatChoice
from tests.frontend.conftest import Visit
from tests.people import Person, opened_anew, signed_in
from vault.errors import Tampered
from vault.granting import grants
from vault.keys import passkeys
from vault.types import Right


def page_of(person: Person) -> str:
    answer = signed_in(person).get("/settings/")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_it_leads_to_everything_that_can_be_set(person: Person) -> None:
    page = page_of(person)
    for address in (
        "/accounts/password/change/",
        "/settings/recovery/",
        "/settings/keys/",
        "/settings/keys/passkeys/new/",
        "/settings/keys/app/",
        "/settings/collections/new/",
        "/grants/",
        "/grants/new/",
        "/settings/search/",
        "/settings/distilling/",
        "/settings/sorting/",
        "/settings/data/",
        "/settings/data/erase/",
        "/settings/check/",
        "/settings/log/",
        "/move/",
    ):
        assert f'href="{address}"' in page, address
    assert 'name="theme"' in page and 'name="keys"' in page and 'name="language"' in page


def test_it_says_how_things_are_set(person: Person) -> None:
    page = page_of(person)
    assert "None. One lets you in by fingerprint" in page
    assert "No app is connected. There is no token." in page
    assert "None chosen. One proposes memories" in page
    more = {"credential_id": b"phone", "prf_output": bytes(range(32))}
    passkeys.add(person.access, person.owner_key, name="Phone", **more)
    ended, _ = person.token("Old", Work=Right(see=True))
    grants.revoke(person.access, ended.id)
    person.token("Script", Work=Right(see=True))
    model.save(person.access, ChatChoice("https://models.example.org/v1", "large <b>"))
    page = page_of(person)
    assert "1, which opens your vault, too" in page
    assert "1 token works." in page
    assert "large &lt;b&gt;</span> proposes memories" in page


def test_a_model_that_cannot_be_read_is_not_called_built_in(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def altered(*_: object) -> None:
        raise Tampered("A collection's settings were altered.")

    monkeypatch.setattr("vault.embedding.embedders.chosen", altered)
    page = page_of(person)
    assert "Which model finds your memories cannot be read." in page
    assert "nothing leaves this server" not in page


def test_other_browsers_are_listed_and_locked_from_here(visit: Visit, person: Person) -> None:
    other = signed_in(person)
    opened_anew(person)
    page = visit(person)
    page.goto("/settings/")
    places = page.get_by_role("region", name="Where your vault is open")
    expect(places.get_by_text("This browser")).to_have_count(1)
    count = places.get_by_text("Another browser").count()
    assert count >= 2
    places.get_by_role("button", name=re.compile("Lock the one opened")).first.click()
    page.goto("/settings/")
    expect(places.get_by_text("Another browser")).to_have_count(count - 1)
    places.get_by_role("button", name="Lock all others").click()
    page.goto("/settings/")
    expect(places.get_by_text("Another browser")).to_have_count(0)
    assert other.get("/settings/").status_code == 302


def test_light_dark_or_as_the_system(visit: Visit, person: Person) -> None:
    page = visit(person, color_scheme="light")
    device = page.get_by_role("region", name="This device")
    for choice, theme in (("Dark", "dark"), ("Light", "light"), ("As the system", None)):
        page.goto("/settings/")
        device.get_by_label(choice).check()
        device.get_by_role("button", name="Save").click()
        expect(page.locator("#toasts")).to_contain_text("Saved for this device.")
        assert page.locator("html").get_attribute("data-theme") == theme
