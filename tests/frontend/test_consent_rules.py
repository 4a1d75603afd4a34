"""The rules of the consent page, in every language and with an app that means no good."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings

from tests.api.oauth.apps import registered
from tests.frontend.conftest import Visit
from tests.frontend.hostile import HOSTILE
from tests.frontend.test_access_for_all import runs_over
from tests.frontend.test_consent import Comes, comes
from tests.frontend.test_expiry import BACK, Browser, open_one
from tests.frontend.test_hostile import inert
from tests.people import PASSWORD, Person
from vault.granting import grants

__all__ = ["comes", "open_one"]
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


def test_what_one_app_was_to_get_is_not_offered_to_another(
    open_one: Browser, person: Person
) -> None:
    work, one, other = person.collection("Work"), registered("One").asks(), registered("Two").asks()
    token, purpose = open_one.token(one), "Planning a holiday"
    open_one.lock()
    said = {"preset": "open", "ends": "365", "purpose": purpose, f"see-{work}": "on"}
    door = open_one.client.post(one, said | {"csrfmiddlewaretoken": token})["Location"]
    open_one.unlock()
    page = open_one.client.get(other).content.decode()
    assert "“Two”" in page and purpose not in page and BACK not in page
    assert not re.search(rf'name="see-{work}"[^>]* checked', page)
    page = open_one.client.get(parse_qs(urlsplit(door).query)["next"][0]).content.decode()
    assert "“One”" in page and purpose in page and BACK in page
    assert re.search(rf'name="see-{work}"[^>]* checked', page)


def test_an_app_that_ended_while_one_line_was_asked_is_let_in_by_no_old_page(
    open_one: Browser, person: Person
) -> None:
    asked = registered("One").asks(scope="memory.read offline_access")
    work = person.collection("Work")
    token = {"csrfmiddlewaretoken": open_one.token(asked), "password": PASSWORD}
    first = {"preset": "custom", "ends": "30", f"see-{work}": "on"}
    assert open_one.client.post(asked, token | first).status_code == 302
    assert "It asks for nothing new." in open_one.client.get(asked).content.decode()
    (grant,) = grants.listing(person.access)
    grants.revoke(person.access, grant.id)
    page = open_one.client.post(asked, token | {"again": "1"}).content.decode()
    assert "Nothing was allowed: what this app had was changed or ended meanwhile." in page
    assert f'name="see-{work}"' in page
    assert [one.state for one in grants.listing(person.access)] == ["revoked"]
