"""Signing up, the recovery kit, locking, unlocking, and every way a password can change."""

import re
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.test import Client
from playwright.sync_api import Page, expect

from tests.frontend.conftest import Visit, h1, sign_in
from tests.people import PASSWORD, Person

NEW_PASSWORD = "another battery staple horse"


def sign_up(page: Page, password: str = PASSWORD) -> str:
    email = f"{uuid4().hex}@example.org"
    page.goto("/accounts/signup/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_label("Password (again)").fill(password)
    page.get_by_role("button", name="Make my vault").click()
    page.wait_for_url("**/welcome/")
    return email


def code_on(page: Page) -> str:
    return (page.locator("#code").text_content() or "").strip()


def lock(page: Page) -> None:
    page.get_by_role("button", name="Lock now").first.click()
    page.wait_for_url("**/unlock/**")


@pytest.mark.parametrize(
    ("asked", "led"),
    [("/", "/welcome/"), ("/memories/", "/welcome/"), ("/oauth/authorize?a=b", None)],
)
def test_a_new_vault_s_code_comes_before_the_page_that_led_to_the_door(
    asked: str, led: str | None
) -> None:
    said = {"email": f"{uuid4().hex}@example.org", "password1": PASSWORD, "password2": PASSWORD}
    answer = Client(REMOTE_ADDR="10.9.8.6").post("/accounts/signup/", {**said, "next": asked})
    assert answer.status_code == 302
    assert answer["Location"] == (led or asked)


def test_there_is_one_address_and_allauth_s_own_page_adds_none(
    client: Client, person: Person
) -> None:
    client.force_login(person.user)
    for said in ({}, {"action_add": "", "email": "another@example.org"}):
        assert client.post("/accounts/email/", said)["Location"] == "/settings/address/"
    assert client.get("/accounts/email/")["Location"] == "/settings/address/"
    assert not EmailAddress.objects.filter(email="another@example.org").exists()


def test_sign_up_keeps_the_kit_until_it_is_confirmed(visit: Visit) -> None:
    page = visit()
    sign_up(page)
    code = code_on(page)
    assert re.fullmatch(r"(\w{4}-){6}\w{4}", code)

    page.goto("/")
    expect(page.get_by_text("Your recovery code is not confirmed.")).to_be_visible()
    page.get_by_role("link", name="Keep it now").click()
    assert code_on(page) == code  # still there after leaving: it can be resumed

    page.get_by_label("Group 2").fill("0000")
    page.get_by_role("button", name="I have kept it").click()
    expect(page.get_by_text("These are not the groups of your code.")).to_be_visible()

    groups = code.split("-")
    page.get_by_label("Group 2").fill(groups[1].lower())
    page.get_by_label("Group 5").fill(groups[4])
    page.get_by_role("button", name="I have kept it").click()
    assert h1(page) == "Bring what a model already knows about you"

    page.get_by_role("link", name="Write a memory").click()
    page.get_by_label("What should be remembered?").fill("I am vegetarian.")
    page.get_by_role("button", name="Remember it").click()
    expect(page.locator(".memory-text")).to_have_text("I am vegetarian.")
    page.goto("/")
    assert h1(page) == "Only you can read your 1 memory"


def test_the_whole_code_in_one_field_confirms_too(visit: Visit) -> None:
    page = visit()
    sign_up(page)
    page.get_by_label("Group 2").fill(code_on(page))
    page.get_by_role("button", name="I have kept it").click()
    assert h1(page) == "Bring what a model already knows about you"


def test_neither_session_table_nor_addresses_hold_the_code_or_the_key(visit: Visit) -> None:
    page = visit()
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    sign_up(page)
    code = code_on(page)
    cookies = {c["name"]: c for c in page.context.cookies()}
    key = cookies["satchel_key"]
    stored = [str(session.get_decoded()) for session in Session.objects.all()]
    assert len(stored) > 0
    for secret in (code, code.replace("-", ""), key["value"], PASSWORD):
        assert not any(secret in data for data in stored)
        assert not any(secret in url for url in seen)
    assert not any(code in cookie["value"] for cookie in cookies.values())
    assert key["httpOnly"] and key["sameSite"] == "Lax"


def test_a_kit_that_can_no_longer_be_shown_is_made_anew(visit: Visit) -> None:
    page = visit()
    sign_up(page)
    old = code_on(page)
    page.goto("/")
    lock(page)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Unlock").click()
    page.goto("/welcome/")
    assert h1(page) == "Make a new recovery code"  # the key that sealed the first is gone
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Make a new code").click()
    assert code_on(page) not in ("", old)


def test_locking_takes_the_words_away_and_unlocking_leads_back(
    visit: Visit, person: Person
) -> None:
    page = visit(person)
    page.goto("/settings/")
    lock(page)
    assert h1(page) == "Your vault is locked"
    page.goto("/memories/?kind=fact")
    assert urlsplit(page.url).path == "/unlock/"
    page.get_by_label("Password", exact=True).fill("not this one at all")
    page.get_by_role("button", name="Unlock").click()
    expect(page.get_by_text("This is not your password.")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Unlock").click()
    page.wait_for_url("**/memories/?kind=fact")


def test_going_back_after_locking_shows_nothing(visit: Visit, person: Person) -> None:
    page = visit(person)
    page.goto("/memories/")
    page.goto("/settings/")
    lock(page)
    page.go_back()
    assert urlsplit(page.url).path == "/unlock/"
    assert page.get_by_role("main").get_by_text("What opens your vault").count() == 0


def test_half_an_hour_without_a_key_or_a_click_locks(visit: Visit, person: Person) -> None:
    page = visit()
    page.clock.install()
    sign_in(page, person)
    page.goto("/memories/?kind=fact")
    page.clock.run_for("20:00")
    page.keyboard.press("Shift")
    page.clock.run_for("20:00")
    assert h1(page) == "Memories"
    page.clock.run_for("11:00")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your vault is locked")
    expect(page.get_by_text("It locked itself after 30 minutes")).to_be_visible()
    assert "next=%2Fmemories%2F%3Fkind%3Dfact" in page.url


def test_a_session_without_its_cookie_is_locked(visit: Visit, person: Person) -> None:
    page = visit(person)
    page.context.clear_cookies(name="satchel_key")
    page.goto("/memories/")
    assert urlsplit(page.url).path == "/unlock/"


def test_locking_everywhere_locks_the_other_browser(visit: Visit, person: Person) -> None:
    here, there = visit(person), visit(person)
    here.goto("/settings/")
    here.get_by_role("button", name="Lock on every device").click()
    there.goto("/memories/")
    assert urlsplit(there.url).path == "/unlock/"
    expect(there.get_by_text("It locked itself")).to_be_visible()


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/x", "javascript:alert(1)"]
)
def test_unlocking_never_leads_to_another_site(visit: Visit, person: Person, target: str) -> None:
    page = visit(person)
    page.goto(f"/unlock/?next={target}")
    assert urlsplit(page.url).path == "/"


def test_signing_out_ends_the_vaults_session(visit: Visit, person: Person) -> None:
    page = visit(person)
    key = next(c for c in page.context.cookies() if c["name"] == "satchel_key")
    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/")
    assert not [c for c in page.context.cookies() if c["name"] == "satchel_key" and c["value"]]
    page.context.add_cookies([key])  # a copy of the cookie opens nothing any more
    page.goto("/")
    assert urlsplit(page.url).path == "/accounts/login/"


def test_a_changed_password_opens_the_vault_and_the_old_one_does_not(
    visit: Visit, person: Person
) -> None:
    page = visit(person)
    page.goto("/accounts/password/change/")
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    page.get_by_label("New password (again)").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Change the password").click()
    page.wait_for_url("**/settings/")
    page.goto("/memories/")  # this browser stays open
    assert h1(page) == "Memories"

    again = visit()
    again.goto("/accounts/login/")
    again.get_by_label("Email").fill(person.user.email)
    again.get_by_label("Password", exact=True).fill(PASSWORD)
    again.get_by_role("button", name="Sign in and open my vault").click()
    expect(again.get_by_role("heading", level=1)).to_have_text("Sign in")
    sign_in(again, person, NEW_PASSWORD)
    again.goto("/memories/")
    assert h1(again) == "Memories"


def test_after_a_reset_by_mail_the_recovery_code_opens_the_vault(
    visit: Visit, person: Person
) -> None:
    person.user.set_password(NEW_PASSWORD)  # what the link in the mail does to the login
    person.user.save()
    page = visit()
    sign_in(page, person, NEW_PASSWORD)
    assert h1(page) == "Your vault is locked"
    page.get_by_label("Password", exact=True).fill(NEW_PASSWORD)
    page.get_by_role("button", name="Unlock").click()
    assert h1(page) == "Your vault needs your recovery code"
    page.get_by_label("Recovery code").fill("0000-0000-0000-0000-0000-0000-0000")
    page.get_by_label("Password", exact=True).fill(NEW_PASSWORD)
    page.get_by_role("button", name="Open my vault").click()
    expect(page.locator(".error")).to_be_visible()
    page.get_by_label("Recovery code").fill(person.recovery_code.lower().replace("-", " "))
    page.get_by_label("Password", exact=True).fill(NEW_PASSWORD)
    page.get_by_role("button", name="Open my vault").click()
    page.wait_for_url(lambda url: urlsplit(url).path == "/")

    later = visit()
    sign_in(later, person, NEW_PASSWORD)
    later.goto("/memories/")
    assert h1(later) == "Memories"  # from now on the new password is enough


def test_a_new_recovery_code_from_settings_replaces_the_old(visit: Visit, person: Person) -> None:
    page = visit(person)
    page.goto("/settings/recovery/")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Make a new code").click()
    page.wait_for_url("**/welcome/")
    assert code_on(page) != person.recovery_code
    page.get_by_label("Group 2").fill(person.recovery_code)
    page.get_by_role("button", name="I have kept it").click()
    expect(page.get_by_text("These are not the groups of your code.")).to_be_visible()


def test_guessing_at_the_unlock_page_is_slowed_down(person: Person) -> None:
    client = Client(REMOTE_ADDR="10.9.8.7")
    client.force_login(person.user)
    for _ in range(5):
        assert (
            b"This is not your password."
            in client.post("/unlock/", {"password": "a guess"}).content
        )
    answer = client.post("/unlock/", {"password": PASSWORD})
    assert b"Too many failed" in answer.content
    assert not answer.cookies.get("satchel_key")


def test_signing_in_and_opening_the_vault_cost_one_derivation(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vault.keys import hashers

    runs: list[int] = []
    derive = hashers.kdf.derive_password

    def counted(*args: object) -> object:
        runs.append(1)
        return derive(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(hashers.kdf, "derive_password", counted)
    client = Client(REMOTE_ADDR="10.9.8.8")
    said = {"login": person.user.email, "password": PASSWORD}
    answer = client.post("/accounts/login/", said)
    assert answer.cookies["satchel_key"].value
    assert len(runs) == 1
