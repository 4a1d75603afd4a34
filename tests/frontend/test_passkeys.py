"""Passkeys in a real browser, with a virtual device: signing in and opening the vault."""

from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from playwright.sync_api import expect

from frontend.signin import passkeys as devices
from tests.frontend.conftest import Visit, h1, sign_in
from tests.frontend.devices import Device, add_and_see, add_passkey, is_open, lock, sign_out
from tests.frontend.test_access_for_all import complaints, go, runs_over
from tests.people import PASSWORD, Person
from vault.keys import passkeys, server_secrets

NEW_PASSWORD = "another battery staple horse"


def test_a_passkey_signs_in_and_opens_the_vault_in_one_gesture(
    at_home: Visit, person: Person
) -> None:
    page = at_home()
    device = Device(page)
    sign_in(page, person)
    add_and_see(page)
    expect(page.get_by_text("Signs you in and opens your vault", exact=True)).to_be_visible()
    assert len(device.passkeys()) == 1

    lock(page)
    page.get_by_role("button", name="Unlock with a passkey").click()
    page.wait_for_url(lambda url: urlsplit(url).path == "/")
    page.goto("/settings/keys/")
    expect(page.get_by_text("last used just now").first).to_be_visible()

    sign_out(page)
    page.goto("/accounts/login/?next=/memories/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(lambda url: urlsplit(url).path == "/memories/")
    assert h1(page) == "Memories"


def test_a_security_key_computes_only_when_it_is_used(at_home: Visit, person: Person) -> None:
    """It is asked twice when it is added, and opens the vault like any other."""
    page = at_home()
    Device(page, transport="usb", hasPrf=False, hasHmacSecret=True)
    sign_in(page, person)
    add_and_see(page, "Key on my ring")
    expect(page.get_by_text("Signs you in and opens your vault", exact=True)).to_be_visible()
    lock(page)
    page.get_by_role("button", name="Unlock with a passkey").click()
    page.wait_for_url(lambda url: urlsplit(url).path == "/")
    assert is_open(page)


def test_removed_it_opens_nothing(at_home: Visit, person: Person) -> None:
    page = at_home()
    device = Device(page)
    sign_in(page, person)
    add_and_see(page, "My phone")
    page.get_by_role("link", name="Change My phone").click()
    page.get_by_label("Name").fill("Lost phone")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Change Lost phone").click()
    page.get_by_role("link", name="Remove it").click()
    page.get_by_label("Your password").fill("not my password")
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("This is not your password.")).to_be_visible()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Remove it").click()
    page.wait_for_url("**/settings/keys/")
    expect(page.get_by_text("opens nothing any more")).to_be_visible()
    assert len(device.passkeys()) == 1  # the device does not know

    lock(page)
    expect(page.get_by_role("button", name="Unlock", exact=True)).to_be_visible()
    assert page.get_by_role("button", name="Unlock with a passkey").count() == 0
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("This passkey did not work.")).to_be_visible()
    assert h1(page) == "Sign in"


def test_a_device_that_keeps_no_key_signs_in_and_the_password_unlocks(
    at_home: Visit, person: Person
) -> None:
    page = at_home()
    Device(page, hasPrf=False)
    sign_in(page, person)
    add_and_see(page, "Old key")
    expect(page.get_by_text("Signs you in only")).to_be_visible()
    expect(page.get_by_text("your vault still asks for your password")).to_be_visible()
    assert passkeys.listing(person.access) == []
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/unlock/**")
    assert page.get_by_role("button", name="Unlock with a passkey").count() == 0
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Unlock").click()
    page.wait_for_url(lambda url: urlsplit(url).path == "/")
    assert is_open(page)


def test_a_wrong_password_leaves_no_passkey_behind(at_home: Visit, person: Person) -> None:
    page = at_home()
    device = Device(page)
    sign_in(page, person)
    add_passkey(page, password="not my password")
    expect(page.get_by_text("This is not your password.")).to_be_visible()
    assert device.passkeys() == []
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Make a passkey").click()
    page.wait_for_url("**/settings/keys/")
    add_passkey(page)
    expect(page.get_by_text("This device has a passkey for you already.")).to_be_visible()
    assert len(device.passkeys()) == 1


def test_whoever_does_not_prove_themselves_to_the_device_gets_nothing(
    at_home: Visit, person: Person
) -> None:
    page = at_home()
    device = Device(page)
    sign_in(page, person)
    add_and_see(page)
    lock(page)
    device.verified(False)
    page.get_by_role("button", name="Unlock with a passkey").click()
    expect(page.get_by_text("Nothing was sent")).to_be_visible()
    assert h1(page) == "Your vault is locked"


def test_a_passkey_needs_no_second_step(at_home: Visit, person: Person) -> None:
    page = at_home()
    Device(page)
    sign_in(page, person)
    add_and_see(page)
    assert not Authenticator.objects.exclude(type="webauthn").filter(user=person.user).exists()
    sign_out(page)
    sign_in(page, person)
    assert is_open(page)  # a passkey alone does not ask more of the password
    sealed = server_secrets.seal(person.user.pk, generate_totp_secret())
    Authenticator.objects.create(user=person.user, type="totp", data={"secret": sealed})
    sign_out(page)
    sign_in(page, person)
    assert h1(page) == "The second step"
    page.get_by_role("button", name="Sign in another way").click()
    page.wait_for_url("**/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(lambda url: urlsplit(url).path == "/")
    assert is_open(page)


def test_where_passkeys_cannot_work_the_page_says_so(visit: Visit, person: Person) -> None:
    page = visit(person)  # by 127.0.0.1
    page.goto("/settings/keys/")
    expect(page.get_by_text("Passkeys need an address with a name.")).to_be_visible()
    expect(page.get_by_role("link", name="Add a passkey")).to_be_hidden()
    page.goto("/settings/keys/passkeys/new/")
    expect(page.get_by_text("Passkeys need an address with a name.")).to_be_visible()
    expect(page.get_by_text("write localhost in place of the numbers")).to_be_visible()
    expect(page.get_by_role("button", name="Make a passkey")).to_be_hidden()
    plain = visit(person, java_script_enabled=False)
    plain.goto("/settings/keys/")
    expect(plain.get_by_text("Passkeys need JavaScript.")).to_be_visible()
    plain.goto("/accounts/logout/")
    plain.get_by_role("button", name="Sign out").click()
    expect(plain.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_are_for_everybody(at_home: Visit, person: Person, theme: str) -> None:
    page = at_home(color_scheme=theme, viewport={"width": 320, "height": 640})
    Device(page)
    sign_in(page, person)
    add_and_see(page)
    mark = devices.listing(person.user, person.access)[0].mark
    here = f"/settings/keys/passkeys/{mark}/"
    found = {}
    for address in (
        *("/settings/keys/", "/settings/keys/passkeys/new/", here, f"{here}remove/"),
        *("/settings/keys/password/", "/settings/recovery/", "/unlock/recover/"),
    ):
        go(page, address)
        found[address] = complaints(page) + runs_over(page)
    lock(page)
    found["locked"] = complaints(page) + runs_over(page)
    sign_out(page)
    found["sign in"] = complaints(page) + runs_over(page)
    assert {address: wrong for address, wrong in found.items() if wrong} == {}
