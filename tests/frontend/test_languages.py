"""In which language an answer is: what a browser asks for or chose; dates and numbers; machines are
answered in English."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.utils import timezone, translation
from playwright.sync_api import expect

from frontend.templatetags import ui
from frontend.words.numbers import number
from tests.frontend.conftest import Visit, h1, in_language
from tests.frontend.test_memories import remember
from tests.people import Person, signed_in
from vault.types import Right


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("de", "de"),
        ("fr-CH, fr;q=0.9, en;q=0.8", "fr"),
        ("pt-BR", "pt-br"),
        ("pt", "pt-br"),
        ("es-MX", "es"),
        ("ja, nl;q=0.5", "en"),
        ("de;q=0.1, en;q=0.9", "en"),
        ("../../etc/passwd", "en"),
        ("x" * 5000, "en"),
        ("", "en"),
    ],
)
def test_a_page_is_in_the_language_the_browser_asks_for(asked: str, language: str) -> None:
    answer = Client().get("/accounts/login/", headers={"accept-language": asked})
    assert answer.headers["Content-Language"] == language
    assert f'<html lang="{language}"' in answer.content.decode()
    assert {"Accept-Language", "Cookie"} <= set(answer.headers["Vary"].split(", "))


def test_what_was_chosen_here_counts_more_and_can_be_taken_back() -> None:
    client = Client(headers={"accept-language": "fr"})
    answer = client.post("/language/", {"language": "de", "next": "/accounts/signup/"})
    assert answer.headers["Location"] == "/accounts/signup/"
    kept = answer.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert (kept["httponly"], kept["samesite"], kept["path"]) == (True, "Lax", "/")
    assert kept["max-age"] == 365 * 24 * 60 * 60
    assert client.get("/accounts/login/").headers["Content-Language"] == "de"
    client.post("/language/", {"language": ""})
    assert client.get("/accounts/login/").headers["Content-Language"] == "fr"


@pytest.mark.parametrize(
    "language", ["xx", "klingon", "../de", "de\r\nX: y", "EN", "\0", "d" * 999]
)
def test_a_language_that_there_is_not_changes_nothing(language: str) -> None:
    client = in_language(Client(), "de")
    answer = client.post("/language/", {"language": language})
    assert answer.status_code == 302
    assert settings.LANGUAGE_COOKIE_NAME not in answer.cookies
    assert client.get("/accounts/login/").headers["Content-Language"] == "de"
    strange = in_language(Client(), language.replace("\r\n", "").replace("\0", "0"))
    assert strange.get("/accounts/login/").headers["Content-Language"] == "en"


@pytest.mark.parametrize("bad", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_chooser_leads_to_no_other_site(bad: str) -> None:
    answer = Client().post("/language/", {"language": "de", "next": bad})
    assert answer.headers["Location"] == "/"


def test_the_chooser_takes_no_link_and_no_forged_form() -> None:
    assert Client().get("/language/?language=de").status_code == 405
    forged = Client(enforce_csrf_checks=True).post("/language/", {"language": "de"})
    assert forged.status_code == 403


def test_the_choice_is_secure_where_the_server_speaks_https() -> None:
    with override_settings(LANGUAGE_COOKIE_SECURE=True):
        answer = Client().post("/language/", {"language": "de"})
    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME]["secure"] is True


def test_the_chooser_on_the_settings(person: Person) -> None:
    client = signed_in(person)
    page = client.get("/settings/").content.decode()
    for code, name in settings.LANGUAGES:
        assert f'<span lang="{code}" translate="no">{name}</span>' in page
    answer = client.post("/language/", {"language": "es", "next": "/settings/#language"})
    assert answer.headers["Location"] == "/settings/#language"
    assert '<html lang="es"' in client.get("/settings/").content.decode()


# Machines ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/memories",
        "/api/v1/no-such-thing",
        "/api/v1/health",
        "/oauth/token",
        "/.well-known/oauth-authorization-server",
        "/hooks/no-such-token",
    ],
)
def test_apps_are_answered_in_english(address: str, pseudo_locale: None) -> None:
    plain = Client().get(address)
    answer = in_language(Client(), "xx").get(address, headers={"accept-language": "xx"})
    assert answer.status_code == plain.status_code
    assert answer.content == plain.content
    assert "⟦" not in answer.content.decode()
    assert answer.headers.get("Content-Language", "en") == "en"


def test_what_the_api_refuses_is_said_in_english(person: Person, pseudo_locale: None) -> None:
    _, token = person.token("App", Work=Right(see=True, add="yes"))
    headers = {"authorization": f"Bearer {token}", "accept-language": "xx"}
    client = in_language(Client(), "xx")
    for said in ({}, {"text": ""}, {"text": "x", "collection": "no"}, {"text": "x", "kind": "no"}):
        answer = client.post(
            "/api/v1/memories", said, content_type="application/json", headers=headers
        )
        assert answer.status_code >= 400
        assert "⟦" not in answer.content.decode(), said


def test_the_thread_that_served_a_page_speaks_english_again(pseudo_locale: None) -> None:
    in_language(Client(), "xx").get("/accounts/login/")
    assert translation.get_language() == "en"
    in_language(Client(), "xx").get("/no-such-page/")
    assert translation.get_language() == "en"


# Dates and numbers -------------------------------------------------------------------------------

DAY = datetime(2026, 3, 5, 14, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "written", "count"),
    [
        ("en", "5 March 2026, 14:07 UTC", "1,234,567"),
        ("de", "5. März 2026 14:07 UTC", "1.234.567"),
        ("fr", "5 mars 2026 14:07 UTC", "1 234 567"),
        ("es", "5 de marzo de 2026 a las 14:07 UTC", "1 234 567"),
        ("pt-br", "5 de Março de 2026 às 14:07 UTC", "1.234.567"),
    ],
)
def test_dates_and_numbers_are_those_of_the_language(
    language: str, written: str, count: str
) -> None:
    with translation.override(language):
        assert f'title="{written}"' in ui.when(DAY)
        assert f'datetime="{DAY.isoformat()}"' in ui.when(DAY)
        assert " ".join(number(1_234_567).split()) == count  # some spaces do not break


def test_drawings_have_no_commas_for_numbers(person: Person) -> None:
    """What a browser draws by, whatever the language."""
    for vendor in ("openai", "anthropic", "google"):
        remember(person, f"Learnt from {vendor}", vendor=vendor)
    page = in_language(signed_in(person), "de").get("/").content.decode()
    assert "<rect" in page
    for part in page.split("<rect")[1:]:
        assert "," not in part.split(">")[0]


def test_relative_times_follow_the_language(pseudo_locale: None) -> None:
    with translation.override("xx"):
        assert ui.ago(timezone.now() - timedelta(hours=2, minutes=1)) == "⟦2 hourss agoo⟧"
        assert ui.until(None) == "⟦no endd⟧"
        assert ui.said("Your vault is locked").startswith("⟦")
        assert ui.said("") == ""
        assert ui.said("Nobody has translated this 😀") == "Nobody has translated this 😀"


# In the browser ----------------------------------------------------------------------------------


@pytest.mark.parametrize("scripts", [True, False])
def test_a_stranger_chooses_a_language(visit: Visit, scripts: bool) -> None:
    page = visit(java_script_enabled=scripts)
    page.goto("/accounts/login/")
    assert page.locator("html").get_attribute("lang") == "en"
    chooser = page.get_by_role("form", name="Language")
    expect(chooser.get_by_role("button")).to_have_count(len(settings.LANGUAGES))
    chooser.get_by_role("button", name="Deutsch").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/login/")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator(".tongues [aria-current]")).to_have_text("Deutsch")


@pytest.mark.parametrize("scripts", [True, False])
def test_an_owner_chooses_a_language(visit: Visit, person: Person, scripts: bool) -> None:
    page = visit(person, java_script_enabled=scripts)
    page.goto("/settings/")
    page.get_by_label("Français").check()
    page.get_by_role("button", name="Use this language").click()
    page.wait_for_url("**/settings/#language")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    assert page.locator("#language :checked").get_attribute("value") == "fr"


def test_exact_times_are_in_the_language_of_the_page(visit: Visit, person: Person) -> None:
    page = visit(person)
    cookie = {"name": settings.LANGUAGE_COOKIE_NAME, "value": "de", "domain": "127.0.0.1"}
    page.context.add_cookies([{**cookie, "path": "/"}])
    remember(person, "Likes trains")
    page.goto("/memories/")
    title = page.locator("time[data-local]").first.get_attribute("title") or ""
    german = page.evaluate(
        "new Date(document.querySelector('time[data-local]').dateTime)"
        ".toLocaleString('de', {dateStyle: 'long', timeStyle: 'short'})"
    )
    assert title == german
    assert h1(page)
