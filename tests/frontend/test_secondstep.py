"""The second step at sign-in, in a browser: on, asked for, spare codes, off; and what is kept."""

import base64
import time
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.sessions.models import Session
from django.core.signing import BadSignature
from django.db import connection
from django.test import Client
from playwright.sync_api import Page, expect

from tests.frontend.conftest import Visit, h1, sign_in
from tests.frontend.test_access_for_all import complaints, runs_over
from tests.people import PASSWORD, Person
from vault.keys import sessions

NEW_PASSWORD = "another battery staple horse"


def code_of(secret: str, steps: int = 0) -> str:
    """What the app shows; shortly before it changes, the next one."""
    left = 30 - time.time() % 30
    if left < 8:
        time.sleep(left)
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def reauthenticate(page: Page) -> None:
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()


def switch_on(page: Page) -> tuple[str, list[str]]:
    """(the app's secret, spare codes)"""
    page.goto("/settings/keys/")
    page.get_by_role("link", name="Switch it on").click()
    reauthenticate(page)
    secret = page.locator("#secret").inner_text()
    page.get_by_label("Authenticator code").fill(code_of(secret))
    page.get_by_role("button", name="Switch it on").click()
    page.wait_for_url("**/settings/keys/codes/")
    codes = page.locator("#spare li").all_inner_texts()
    wide = "(all) => all.filter((one) => one.scrollWidth > one.clientWidth).length"
    assert page.locator("#spare li").evaluate_all(wide) == 0, "no code lies on the next one"
    page.get_by_role("link", name="I have kept them").click()
    return secret, codes


def second_step(page: Page, code: str) -> None:
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in and open my vault").click()


def is_open(page: Page) -> bool:
    page.goto("/memories/")
    return h1(page) == "Memories"


def test_password_and_code_sign_in_and_open_the_vault(visit: Visit, person: Person) -> None:
    page = visit(person)
    secret, codes = switch_on(page)
    assert len(set(codes)) == 10
    expect(page.get_by_text("10 spare codes left")).to_be_visible()
    page.goto("/settings/keys/codes/")
    expect(page.get_by_text("cannot be shown again")).to_be_visible()
    assert codes[0] not in page.content()

    new = visit()
    sign_in(new, person)
    assert h1(new) == "The second step"
    new.goto("/memories/")
    assert urlsplit(new.url).path == "/accounts/second-step/"  # nothing is open in between
    second_step(new, code_of(secret, steps=5))
    expect(new.locator(".error")).to_be_visible()
    second_step(new, code_of(secret))
    new.wait_for_url(lambda url: urlsplit(url).path == "/")
    assert is_open(new)  # the password was not asked twice

    lost = visit()
    sign_in(lost, person)
    second_step(lost, codes[3])
    lost.wait_for_url(lambda url: urlsplit(url).path == "/")
    assert is_open(lost)
    lost.goto("/settings/keys/")
    expect(lost.get_by_text("9 spare codes left")).to_be_visible()
    again = visit()
    sign_in(again, person)
    second_step(again, codes[3])
    expect(again.locator(".error")).to_be_visible()


def test_off_the_password_alone_signs_in_again(visit: Visit, person: Person) -> None:
    page = visit(person)
    _, codes = switch_on(page)
    page.get_by_role("link", name="Make new spare codes").click()
    page.get_by_role("button", name="Make new spare codes").click()
    page.wait_for_url("**/settings/keys/codes/")
    assert not set(codes) & set(page.locator("#spare li").all_inner_texts())
    page.goto("/settings/keys/")
    page.get_by_role("link", name="Switch it off").click()
    page.get_by_role("button", name="Switch it off").click()
    page.wait_for_url("**/settings/keys/")
    expect(page.get_by_text("The second step is off.", exact=True)).to_be_visible()
    assert not Authenticator.objects.filter(user=person.user).exists()
    new = visit()
    sign_in(new, person)
    assert is_open(new)


def test_a_wrong_code_switches_nothing_on(visit: Visit, person: Person) -> None:
    page = visit(person)
    page.goto("/settings/keys/app/")
    reauthenticate(page)
    secret = page.locator("#secret").inner_text()
    page.get_by_label("Authenticator code").fill(code_of(secret, steps=9))
    page.get_by_role("button", name="Switch it on").click()
    expect(page.locator(".error")).to_be_visible()
    assert page.locator("#secret").inner_text() == secret  # the app that has it goes on being right
    assert not Authenticator.objects.filter(user=person.user).exists()
    page.get_by_label("Authenticator code").fill(code_of(secret))
    page.get_by_role("button", name="Switch it on").click()
    page.wait_for_url("**/settings/keys/codes/")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_are_for_everybody(visit: Visit, person: Person, theme: str) -> None:
    page = visit(person, color_scheme=theme, viewport={"width": 320, "height": 640})
    found = {}

    def look(name: str) -> None:
        found[name] = complaints(page) + runs_over(page)

    page.goto("/settings/keys/app/")
    look("password again")
    reauthenticate(page)
    look("activate")
    secret = page.locator("#secret").inner_text()
    page.get_by_label("Authenticator code").fill(code_of(secret))
    page.get_by_role("button", name="Switch it on").click()
    page.wait_for_url("**/settings/keys/codes/")
    look("codes")
    for address in ("codes/", "codes/new/", "app/off/", ""):
        page.goto(f"/settings/keys/{address}")
        look(address)
    page.context.clear_cookies()
    sign_in(page, person)
    look("second step")
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_neither_the_accounts_table_nor_a_session_holds_the_secret(
    visit: Visit, person: Person
) -> None:
    page = visit(person)
    page.goto("/settings/keys/app/")
    reauthenticate(page)
    waiting = page.locator("#secret").inner_text()
    assert not held_anywhere(waiting)
    secret, codes = switch_on_again(page)
    for value in (secret, *codes):
        assert not held_anywhere(value)
    data = Authenticator.objects.get(user=person.user, type="totp").data
    assert len(base64.urlsafe_b64decode(data["secret"])) > 60  # sealed, not hashed away


def switch_on_again(page: Page) -> tuple[str, list[str]]:
    page.goto("/settings/keys/app/")
    secret = page.locator("#secret").inner_text()
    page.get_by_label("Authenticator code").fill(code_of(secret))
    page.get_by_role("button", name="Switch it on").click()
    page.wait_for_url("**/settings/keys/codes/")
    return secret, page.locator("#spare li").all_inner_texts()


def held_anywhere(value: str) -> bool:
    """In allauth's table or any session, also inside what Django signs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT data::text FROM mfa_authenticator")
        rows = [row[0] for row in cursor.fetchall()]
    for session in Session.objects.all():
        try:
            rows.append(str(session.get_decoded()))
        except BadSignature:
            continue
    assert rows
    return any(value in row for row in rows)


def test_the_secret_of_one_account_is_of_no_use_in_another(visit: Visit, person: Person) -> None:
    """Whoever writes the database can copy a row; it does not open there."""
    from tests.people import new_person

    page = visit(person)
    secret, _ = switch_on(page)
    other = new_person()
    mine = Authenticator.objects.get(user=person.user, type="totp")
    Authenticator.objects.create(user=other.user, type="totp", data=mine.data)
    client = Client(REMOTE_ADDR="10.9.8.1", raise_request_exception=False)
    client.post("/accounts/login/", {"login": other.user.email, "password": PASSWORD})
    answer = client.post("/accounts/second-step/", {"code": code_of(secret)})
    assert answer.status_code == 500
    assert "_auth_user_id" not in client.session


def test_who_took_over_a_mailbox_cannot_change_the_second_step(person: Person) -> None:
    """A reset login is signed in with the vault locked: none of these pages is for it."""
    person.user.set_password(NEW_PASSWORD)
    person.user.save()
    client = Client(REMOTE_ADDR="10.9.8.2")
    client.post("/accounts/login/", {"login": person.user.email, "password": NEW_PASSWORD})
    assert client.session["_auth_user_id"] == str(person.user.pk)
    pages = ("", "app/", "app/off/", "codes/", "codes/new/", "password/", "passkeys/new/")
    for address in (*pages, "passkeys/abc/", "passkeys/abc/remove/"):
        for act in (client.get, client.post):
            answer = act(f"/settings/keys/{address}")
            assert answer.status_code == 302, address
            assert urlsplit(answer["Location"]).path == "/unlock/", address


def test_the_vault_waits_in_two_halves_for_the_second_step(visit: Visit, person: Person) -> None:
    page = visit(person)
    secret, _ = switch_on(page)
    client = Client(REMOTE_ADDR="10.9.8.3")
    client.post("/accounts/login/", {"login": person.user.email, "password": PASSWORD})
    half, rest = client.session["once_held"], client.cookies["satchel_once_held"].value
    assert "satchel_key" not in client.cookies
    assert len(half) == len(rest) > 100
    del client.cookies["satchel_once_held"]
    before = len(sessions.listing(person.access))
    answer = client.post("/accounts/second-step/", {"code": code_of(secret)})
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(person.user.pk)
    assert client.get("/memories/")["Location"].startswith("/unlock/")  # half opens nothing
    assert len(sessions.listing(person.access)) == before


def test_changing_the_password_before_the_vault_knows_it_is_no_error(person: Person) -> None:
    """Reset by mail, then changed again in the settings: the vault still waits for the code."""
    person.user.set_password(NEW_PASSWORD)
    person.user.save()
    client = Client(REMOTE_ADDR="10.9.8.4")
    client.post("/accounts/login/", {"login": person.user.email, "password": NEW_PASSWORD})
    third = "a third battery staple"
    said = {"oldpassword": NEW_PASSWORD, "password1": third, "password2": third}
    assert client.post("/accounts/password/change/", said).status_code == 302
    answer = client.post("/unlock/", {"password": third})
    assert answer["Location"] == "/unlock/recover/"
    answer = client.post("/unlock/recover/", {"password": third, "code": person.recovery_code})
    assert answer.status_code == 302 and answer.cookies["satchel_key"].value
