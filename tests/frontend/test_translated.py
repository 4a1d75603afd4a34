"""Each word of each page can be translated and has room for it, in letters from either side."""

import html
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.utils import translation
from playwright.sync_api import Page

from config import children
from config.processes import Service
from connectors.base.registry import connectors, handoffs, vendors
from tests.frontend.conftest import Visit, in_language
from tests.frontend.showcase import STRANGERS, Showcase, showcase
from tests.frontend.test_access_for_all import crowded, runs_over
from tests.frontend.unwrapped import unwrapped
from tests.people import Person, signed_in
from tests.stack import ROOT, Live, Stack, environment
from tools import pseudo
from vault import collections
from vault.granting import grants

SHOWN = (
    "The phone in the kitchen",
    *("The key has expired.", "It cannot be reached.", "It cannot be reached. It is tried again."),
    *("Nothing is there any more. Look at the account first.", "zork <b>"),
    *("lines", "on", "by.name", "by"),
)
"""What the showcase has people and vendors say: no sentences of ours, so nobody translates them."""
STORED = re.compile("The entry is longer than")
"""Reasons for a place that the worker writes down with the words it saw: they stay English."""


@pytest.fixture(scope="module")
def shown(database: None) -> Showcase:
    return showcase()


def names_of(person: Person) -> tuple[str, ...]:
    """Words of the showcase that are people's own, or brands, wherever they stand."""
    every = [one.name for one in collections.listing(person.access)]
    every += [one.name for one in grants.listing(person.access)]
    every += [name for one in vendors().values() for name in (one.name, one.company)]
    every += [one.name for one in connectors().values()]
    every += [one.name for one in handoffs().values()]
    return tuple({*every, person.user.email, *SHOWN})


def test_every_word_of_every_page_can_be_translated(shown: Showcase, pseudo_locale: None) -> None:
    client, stranger = in_language(signed_in(shown.person), "xx"), in_language(Client(), "xx")
    names = names_of(shown.person)
    found = {}
    for one, addresses in ((client, shown.addresses), (stranger, STRANGERS)):
        for address in addresses:
            cache.clear()
            page = one.get(address, follow=True).content.decode()
            assert '<html lang="xx"' in page, address
            found[address] = unwrapped(page, names=names)
    every = [(address, words) for address, words_ in found.items() for words in words_]
    lines = [f"{address}: {words}" for address, words in every if not STORED.search(words)]
    assert not lines, "\n".join(lines)


def test_error_pages_speak_the_language_too(pseudo_locale: None) -> None:
    page = in_language(Client(), "xx").get("/no-such-page/")
    assert page.status_code == 404
    assert unwrapped(page.content.decode()) == []
    client = Client(enforce_csrf_checks=True)
    refused = in_language(client, "xx").post("/accounts/login/", {})
    assert refused.status_code == 403
    assert unwrapped(refused.content.decode()) == []


def test_errors_of_forms_are_translated_whoever_wrote_them(pseudo_locale: None) -> None:
    """Ours, Django's (fields, passwords) and allauth's."""
    stranger = in_language(Client(), "xx")
    for address, said in (
        ("/accounts/login/", {"login": "nobody@example.org", "password": "wrong-" * 3}),
        ("/accounts/login/", {"login": "no address"}),
        ("/accounts/signup/", {"email": "a@example.org", "password1": "short", "password2": "x"}),
        ("/accounts/signup/", {"email": "a@example.org", "password1": "password123"}),
    ):
        cache.clear()
        page = stranger.post(address, said).content.decode()
        assert 'class="error"' in page or 'role="alert"' in page, address
        names = ("nobody@example.org", "a@example.org")
        assert unwrapped(page, names=names) == [], said


@pytest.mark.parametrize("language", ["de", "fr", "es", "pt-br"])
def test_django_and_allauth_bring_their_own_translations(language: str) -> None:
    stranger = in_language(Client(), language)
    page = stranger.post("/accounts/login/", {}).content.decode()
    assert "This field is required" not in page
    with translation.override(language):
        required = translation.gettext("This field is required.")
        email = translation.gettext("Email")
    assert html.escape(required) in page
    assert email in page


def test_the_log_says_in_the_readers_language_who_was_no_app(shown: Showcase) -> None:
    page = in_language(signed_in(shown.person), "de").get("/activity/").content.decode()
    who = re.findall(r'data-label="Wer"><span[^>]*>([^<]+)</span>', page)
    assert "Du" in who
    assert "You" not in who


# In the browser ----------------------------------------------------------------------------------


class _Pseudo(Live):
    """The web server with the languages that nobody speaks."""

    def service(self) -> Service:
        pseudo_settings = environment(
            DJANGO_SETTINGS_MODULE="tests.pseudosettings", PYTHONPATH=str(ROOT)
        )
        made = children.web(self.stack.home, pseudo_settings, "127.0.0.1", self.port)
        return replace(made, log=made.log.with_name("web-pseudo.log"))


@pytest.fixture(scope="module")
def pseudo_live(stack: Stack) -> Iterator[Live]:
    folder = stack.home.path / "pseudo"
    if not folder.exists():
        pseudo.write(folder)
    with _Pseudo(stack) as running:
        yield running


def in_pseudo(visit: Visit, live: Live, language: str, person: Person | None, width: int) -> Page:
    size = {"width": width, "height": 800}
    page = visit(person, base_url=live.url, viewport=size)
    cookie = {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live.url}
    page.context.add_cookies([cookie])
    return page


@pytest.mark.parametrize("language", ["xx", "xr"])
def test_longer_words_run_over_nowhere_at_320_pixels(
    visit: Visit, shown: Showcase, pseudo_live: Live, language: str
) -> None:
    """In letters from left to right and from right to left."""
    page = in_pseudo(visit, pseudo_live, language, shown.person, 320)
    stranger = in_pseudo(visit, pseudo_live, language, None, 320)
    found = {}
    for one, addresses in ((page, shown.addresses), (stranger, STRANGERS)):
        for address in addresses:
            one.goto(address)
            found[address] = runs_over(one) + crowded(one)
    lines = [f"{address}: {wrong}" for address, every in found.items() for wrong in every]
    assert not lines, "\n".join(lines)


def test_pages_run_from_the_right_where_letters_do(
    visit: Visit, shown: Showcase, pseudo_live: Live
) -> None:
    page = in_pseudo(visit, pseudo_live, "xr", shown.person, 1280)
    page.goto("/memories/")
    assert page.locator("html").get_attribute("dir") == "rtl"
    side, main = page.locator(".side").bounding_box(), page.locator("#main").bounding_box()
    assert side is not None
    assert main is not None
    assert side["x"] >= main["x"] + main["width"] - 1  # what is left elsewhere is right here
    plain = in_pseudo(visit, pseudo_live, "xx", shown.person, 1280)
    plain.goto("/memories/")
    assert plain.locator("html").get_attribute("dir") is None
