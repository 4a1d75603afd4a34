"""An app that means no good at the consent page: it misleads nobody, and leads nobody elsewhere."""

import re

import pytest
from playwright.sync_api import expect

from tests.frontend.conftest import Visit
from tests.frontend.test_access_for_all import complaints
from tests.frontend.test_consent import Comes, allow, comes
from tests.frontend.test_hostile import HOSTILE, inert
from tests.people import Person

__all__ = ["comes"]


def test_a_click_meant_for_another_window_allows_nothing(
    visit: Visit, person: Person, comes: Comes
) -> None:
    app, page = comes(), visit(person)
    page.goto(app.asks())
    button = page.get_by_role("button", name="Allow", exact=True)
    expect(button).to_be_enabled()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    assert button.is_disabled()
    expect(button).to_be_enabled()


@pytest.mark.parametrize("name", [HOSTILE[n] for n in (0, 2, 12, 18, 22)])
def test_a_hostile_name_is_only_words(
    visit: Visit, person: Person, comes: Comes, name: str
) -> None:
    app, page = comes(name), visit(person)
    page.goto(app.asks(purpose=name))
    given = page.locator(".given").inner_text()
    assert given.strip("“”…") and name.startswith(given.strip("“”…").rstrip())
    inert(page)
    page.get_by_label("See Work").check()
    allow(page)
    app.exchanges(app.answer()["code"])
    for address in ("/grants/", "/activity/", "/"):
        page.goto(address)
        inert(page)


@pytest.mark.parametrize(
    "more", [{"redirect_uri": "https://evil.example/"}, {"client_id": "nobody"}]
)
def test_what_cannot_be_right_is_a_calm_page(
    visit: Visit, person: Person, comes: Comes, more: dict[str, str]
) -> None:
    app, page = comes(), visit(person)
    answer = page.goto(app.asks(**more))
    assert answer is not None and answer.status == 400
    expect(page.get_by_role("heading", level=1)).to_have_text("This app cannot be connected")
    assert "evil.example" not in page.content()
    assert complaints(page) == []


def test_only_this_page_lets_a_form_lead_elsewhere(
    visit: Visit, person: Person, comes: Comes
) -> None:
    app, page = comes(), visit(person)
    answer = page.goto(app.asks())
    assert answer is not None
    (said,) = re.findall(r"form-action ([^;]*)", answer.headers["content-security-policy"])
    assert set(said.split()) == {"'self'", app.redirect.removesuffix("/callback")}
    answer = page.goto("/grants/")
    assert answer is not None
    (said,) = re.findall(r"form-action ([^;]*)", answer.headers["content-security-policy"])
    assert said.split() == ["'self'"]
