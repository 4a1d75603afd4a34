"""A passkey in the password's place: after a reset, for the vault's key, for a new password."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.frontend.conftest import Visit, sign_in
from tests.frontend.devices import Device, add_and_see, is_open, sign_out
from tests.people import PASSWORD, Person
from vault import vaults
from vault.errors import WrongSecret

NEW_PASSWORD = "another battery staple horse"


def test_after_a_reset_by_mail_a_passkey_lets_the_new_password_in(
    at_home: Visit, person: Person
) -> None:
    page = at_home()
    Device(page)
    sign_in(page, person)
    add_and_see(page)
    sign_out(page)
    person.user.set_password(NEW_PASSWORD)  # what the link in the mail does to the login
    person.user.save()
    sign_in(page, person, NEW_PASSWORD)
    page.get_by_label("Password", exact=True).fill(NEW_PASSWORD)
    page.get_by_role("button", name="Unlock", exact=True).click()
    page.wait_for_url("**/unlock/recover/")
    button = page.get_by_role("button", name="Open my vault with a passkey")
    own = page.locator("form", has=button)
    own.get_by_label("Password", exact=True).fill("not this one")
    button.click()
    expect(page.get_by_text("This is not your password.")).to_be_visible()
    own.get_by_label("Password", exact=True).fill(NEW_PASSWORD)
    button.click()
    page.wait_for_url(lambda url: urlsplit(url).path == "/")
    sign_out(page)
    sign_in(page, person, NEW_PASSWORD)
    assert is_open(page)  # from now on the new password is enough


def test_a_passkey_takes_the_place_of_the_password_where_the_vaults_key_is_needed(
    at_home: Visit, person: Person
) -> None:
    page = at_home()
    Device(page)
    sign_in(page, person)
    page.goto("/settings/recovery/")
    assert page.get_by_role("button", name="Use a passkey instead").count() == 0
    add_and_see(page)
    page.goto("/settings/collections/new/")
    page.get_by_role("button", name="Use a passkey instead").click()
    assert page.evaluate("document.activeElement.name") == "name"  # what is missing comes first
    page.get_by_label("Name").fill("Garden")
    page.get_by_role("button", name="Use a passkey instead").click()
    page.wait_for_url("**/settings/")
    expect(page.get_by_text("Made the collection Garden.")).to_be_visible()
    page.goto("/settings/collections/new/")
    page.get_by_label("Name").fill("Kitchen")
    page.get_by_label("Name").press("Enter")  # the password is still what Enter sends
    assert page.evaluate("document.activeElement.name") == "password"


def test_a_forgotten_password_is_replaced_by_passkey(at_home: Visit, person: Person) -> None:
    page = at_home()
    Device(page)
    sign_in(page, person)
    add_and_see(page)
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("Password", exact=True).fill(NEW_PASSWORD)
    page.get_by_label("Password (again)").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Set it with a passkey").click()
    page.wait_for_url("**/settings/keys/")
    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    assert is_open(page)
    sign_out(page)
    sign_in(page, person, NEW_PASSWORD)
    assert is_open(page)
    person.user.refresh_from_db()
    assert person.user.check_password(NEW_PASSWORD)
    with pytest.raises(WrongSecret):
        vaults.owner_key(
            owner_id=person.user.pk, password=PASSWORD, password_hash=person.user.password
        )


def test_an_open_browser_is_locked_from_another(visit: Visit, person: Person) -> None:
    here, there = visit(person), visit(person)
    vaults.lock(person.access)
    here.goto("/settings/keys/")
    expect(here.get_by_text("This browser", exact=True)).to_have_count(1)
    expect(here.locator("li", has_text="Another browser")).to_have_count(1)
    here.get_by_role("button", name="Lock the one opened").click()
    expect(here.get_by_text("Your vault is locked there.")).to_be_visible()
    there.goto("/memories/")
    assert urlsplit(there.url).path == "/unlock/"
    visit(person), visit(person)
    here.goto("/settings/keys/")
    here.get_by_role("button", name="Lock all others").click()
    expect(here.get_by_text("Your vault is locked in 2 other places.")).to_be_visible()
    assert is_open(here)
