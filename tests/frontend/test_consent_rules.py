"""The rules of the consent page, in every language and with an app that means no good."""

import pytest
from django.conf import settings

from tests.frontend.conftest import Visit
from tests.frontend.hostile import HOSTILE
from tests.frontend.test_access_for_all import runs_over
from tests.frontend.test_consent import Comes, comes
from tests.frontend.test_hostile import inert
from tests.people import PASSWORD, Person
from vault.granting import grants

__all__ = ["comes"]
LANGUAGES = [code for code, _ in settings.LANGUAGES]
NAME = f"{HOSTILE[0]} \u202eevil\u202c {'W' * 80}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_rules_hold_in_every_language(
    visit: Visit, person: Person, comes: Comes, language: str
) -> None:
    app = comes(NAME)
    page = visit(person, viewport={"width": 320, "height": 640})
    chosen = {"name": "satchel_language", "value": language, "url": app.base}
    page.context.add_cookies([chosen])  # type: ignore[list-item]
    page.goto(app.asks(purpose=NAME))
    inert(page)
    assert "\u202e" not in page.locator("main").inner_text()
    assert runs_over(page) == []

    no, yes = page.locator(".answer button").all()
    assert no.get_attribute("form") == "refuse" and yes.get_attribute("data-wait") == "1000"
    first, second = no.bounding_box(), yes.bounding_box()
    assert first and second and first["x"] < second["x"]
    assert (first["width"], first["height"]) == (second["width"], second["height"])

    assert page.locator("input[name^='see-']:checked").count() == 0
    adds = page.locator("input[name^='add-']:checked")
    assert {one.get_attribute("value") for one in adds.all()} <= {"no"}
    host = app.redirect.removeprefix("http://").removesuffix("/callback")
    assert page.locator(".host").inner_text() == host
    assert page.locator(".notice-warn").count() == 1  # a program on this device could be listening


def test_a_vault_locked_meanwhile_gives_nothing_and_leads_back(
    visit: Visit, person: Person, comes: Comes
) -> None:
    app, page = comes(), visit(person)
    asked = app.asks()
    page.goto(asked)
    page.get_by_label("See Work").check()
    page.get_by_label("Your password").fill(PASSWORD)
    other = page.context.new_page()
    other.goto("/")
    other.get_by_role("button", name="Lock now").first.click()
    other.wait_for_url("**/unlock/**")
    page.get_by_role("button", name="Allow", exact=True).click()
    page.wait_for_url("**/unlock/**")
    assert grants.listing(person.access) == []
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Unlock").click()
    page.wait_for_url("**/oauth/authorize**")
    assert page.url.endswith(asked)
