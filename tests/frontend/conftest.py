"""People at the browser: signed in, on the real server, with what went wrong on the page kept."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client, override_settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.browser import CONTEXT
from tests.people import PASSWORD, Person, new_person, opened_anew
from tests.stack import ROOT, Live, environment
from tools import pseudo
from vault.middleware import KEY_COOKIE, SESSION_KEY, VAULT_KEY

Visit = Callable[..., Page]

expect.set_options(timeout=15_000)


@pytest.fixture(scope="session", autouse=True)
def collected(stack: object) -> None:
    """The live server serves what is collected, by names with a hash, as it does for people."""
    subprocess.run(
        [sys.executable, "-m", "django", "collectstatic", "--noinput", "--verbosity", "0"],
        env=environment(PYTHONPATH=str(ROOT)),
        cwd=ROOT,
        check=True,
    )


@pytest.fixture
def person() -> Person:
    return new_person()


@pytest.fixture
def visit(browser: Browser, live: Live) -> Iterator[Visit]:
    with visiting(browser, live) as open_page:
        yield open_page


@contextmanager
def visiting(browser: Browser, live: Live) -> Iterator[Visit]:
    """A visitor: `visit(person)` is signed in; `visit()` is a stranger.

    Every error on the console and every refusal by the content security policy fails the test.
    """
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def open_page(person: Person | None = None, **options: Any) -> Page:
        context = browser.new_context(**{"base_url": live.url, **CONTEXT, **options})
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: _note(wrong, message))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        _wait_before_keys(page)
        if person is not None:
            let_in(page, person)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == [], live.log[-3000:]


def _wait_before_keys(page: Page) -> None:
    """A key pressed on what is in sight already, but has not run its scripts yet, goes unheard."""
    press = page.keyboard.press

    def once_loaded(key: str, **options: Any) -> None:
        page.wait_for_load_state()
        press(key, **options)

    page.keyboard.press = once_loaded  # type: ignore[method-assign]


@pytest.fixture
def at_home(visit: Visit, live: Live) -> Visit:
    """A visitor who comes by the name of the host: passkeys need one."""
    return lambda **options: visit(base_url=live.url.replace("127.0.0.1", "localhost"), **options)


def _note(wrong: list[str], message: ConsoleMessage) -> None:
    # A refused form and a broken connection are what some tests are about.
    meant = "status of 4" in message.text or "net::ERR_FAILED" in message.text
    if message.type == "error" and not meant:
        wrong.append(message.text)


def let_in(page: Page, person: Person) -> None:
    """What signing in leaves in the browser, without the form: that allows thirty a minute."""
    place = {"domain": "127.0.0.1", "path": "/"}
    kept = signed_in(person)
    page.context.add_cookies([{"name": n, "value": v, **place} for n, v in kept.items()])
    page.goto("/")


def signed_in(person: Person) -> dict[str, str]:
    """The cookies of a browser in which this person's vault is open."""
    user = person.user
    opened = opened_anew(person)
    session = SessionStore()
    session[auth.SESSION_KEY] = str(user.pk)
    session[auth.BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[auth.HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[VAULT_KEY] = str(opened.vault_id)
    session[SESSION_KEY] = str(opened.session_id)
    session.save()
    return {settings.SESSION_COOKIE_NAME: str(session.session_key), KEY_COOKIE: opened.secret}


def sign_in(page: Page, person: Person, password: str = PASSWORD) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(person.user.email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in and open my vault").click()
    page.wait_for_url(lambda url: "/accounts/login" not in url)


def h1(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


@pytest.fixture(scope="session")
def pseudo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pseudo")
    pseudo.write(folder)
    return folder


@pytest.fixture
def pseudo_locale(pseudo_folder: Path) -> Iterator[None]:
    """Within this process: the languages that nobody speaks."""
    with override_settings(
        LANGUAGES=(*settings.LANGUAGES, *pseudo.LANGUAGES.items()),
        LOCALE_PATHS=[pseudo_folder, *settings.LOCALE_PATHS],
        LANGUAGES_BIDI=["xr"],
    ):
        yield


def in_language(client: Client, language: str) -> Client:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client


def text_of(owner: Client, address: str) -> str:
    """The page, for somebody who is signed in."""
    answer = owner.get(address)
    assert answer.status_code == 200
    return answer.content.decode()
