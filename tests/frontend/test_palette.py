"""Go to, or do: what it finds, by which keys, without JavaScript, and how fast."""

import re

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from tests.frontend.conftest import Visit, h1
from tests.frontend.test_access_for_all import complaints
from tests.frontend.test_memories import remember
from tests.people import Person, new_person, signed_in
from vault import savedviews
from vault.types import Right

OPTIONS = "#palette-list [role=option]"


@pytest.fixture(scope="module")
def ana(database: None) -> Person:
    person = new_person()
    remember(person, "Works as a hydrologist in Utrecht", "Work", vendor="openai")
    remember(person, "Eats no fish <script>alert(1)</script>", vendor="anthropic")
    person.token("Überraschung für Küche", Work=Right(see=True))
    return person


@pytest.fixture
def owner(ana: Person) -> Client:
    return signed_in(ana)


def opened(page: Page) -> Page:
    page.wait_for_load_state("networkidle")
    page.keyboard.press("Control+k")
    expect(page.locator(OPTIONS).first).to_have_attribute("aria-selected", "true")
    return page


def list_of(owner: Client, words: str) -> str:
    answer = owner.get("/go/", {"q": words}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def names(html: str) -> list[str]:
    return re.findall(r'class="palette-words"[^>]*>([^<]*)<', html)


def test_without_words_it_offers_what_is_done_and_opened_most(owner: Client) -> None:
    found = names(list_of(owner, ""))
    assert found[:2] == ["Write a memory", "Import an export"]
    assert {"Lock now", "Stop all access", "Home", "Review", "Settings"} <= set(found)


def test_saved_views_are_found_by_name(ana: Person, owner: Client) -> None:
    savedviews.save(ana.access, "Rivers of late", {"q": "river", "kind": "fact", "learnt": "30"})
    assert 'href="/memories/?q=river&amp;kind=fact&amp;learnt=30"' in list_of(owner, "rivers")
    assert "Rivers of late" not in list_of(owner, "hydro")


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("grants", "Grants"),
        ("gra", "Grants"),
        ("who sees", "Grants"),
        ("REVOKE", "Stop all access"),
        ("backup", "Your data"),
        ("write", "Write a memory"),
        ("passk", "Add a passkey"),
        ("kuche", "Überraschung für Küche"),
        ("hydrolog", "Works as a hydrologist in Utrecht"),
    ],
)
def test_it_finds_pages_acts_grants_and_memories_by_the_beginnings_of_words(
    owner: Client, typed: str, first: str
) -> None:
    assert names(list_of(owner, typed))[0] == first


def test_collections_by_name_lead_to_what_is_in_them(owner: Client, ana: Person) -> None:
    html = list_of(owner, "travel")
    assert f"/memories/?collection={ana.collection('Travel')}" in html


def test_what_is_remembered_is_shown_as_words_alone(owner: Client) -> None:
    html = list_of(owner, "fish")
    assert "&lt;script&gt;" in html and "<script>" not in html
    assert 'translate="no"' in html
    assert "Search memories for “fish”" in html


def test_nothing_of_others_is_found(ana: Person) -> None:
    stranger = signed_in(new_person())
    assert "Utrecht" not in list_of(stranger, "hydrologist")
    assert "Küche" not in list_of(stranger, "kuche")


def test_a_locked_vault_is_not_looked_into(ana: Person, client: Client) -> None:
    assert client.get("/go/?q=fish").status_code == 302
    client.force_login(ana.user)
    answer = client.get("/go/?q=fish")
    assert answer.status_code == 302 and answer["Location"].startswith("/unlock/")


def test_the_list_and_the_page_of_one_address_are_kept_apart(owner: Client) -> None:
    page, part = owner.get("/go/?q=fish"), owner.get("/go/?q=fish", headers={"HX-Request": "true"})
    assert "HX-Request" in page["Vary"] and "HX-Request" in part["Vary"]
    assert b"<html" in page.content and b"<html" not in part.content
    assert "no-store" in part["Cache-Control"]


def test_by_keys_alone(visit: Visit, ana: Person) -> None:
    page = visit(ana)
    page.goto("/memories/")
    page.get_by_role("link", name="Write one").focus()
    opened(page)
    field = page.locator("#palette-q")
    expect(field).to_be_focused()
    first = page.locator(OPTIONS).first.get_attribute("id")
    assert field.get_attribute("aria-activedescendant") == first
    page.keyboard.press("ArrowDown")
    expect(page.locator(OPTIONS).nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")  # round to the end
    expect(page.locator(OPTIONS).last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    expect(page.get_by_role("link", name="Write one")).to_be_focused()
    opened(page)
    page.keyboard.type("activ")
    expect(page.locator(OPTIONS).first).to_have_text("Activity")
    expect(page.locator(OPTIONS).first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url("**/activity/")


def test_it_is_one_size_whatever_is_found_and_axe_finds_nothing(visit: Visit, ana: Person) -> None:
    for theme in ("light", "dark"):
        page = visit(ana, color_scheme=theme)
        opened(page)
        box = page.locator("#palette").bounding_box()
        wrong = complaints(page)
        page.keyboard.type("hydrologist")
        expect(page.locator(OPTIONS).first).to_contain_text("hydrologist")
        wrong += complaints(page)
        page.locator("#palette-q").fill("q")
        expect(page.locator("#palette .palette-note")).to_be_visible()
        wrong += complaints(page)
        assert page.locator("#palette").bounding_box() == box
        assert wrong == []


def test_locking_from_it(visit: Visit, person: Person) -> None:
    page = opened(visit(person))
    page.keyboard.type("lock now")
    expect(page.locator(OPTIONS)).to_have_count(2)  # and the search for these words
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your vault is locked")


def test_without_javascript_it_is_a_page(visit: Visit, ana: Person) -> None:
    page = visit(ana, java_script_enabled=False)
    page.get_by_role("link", name="Go to, or do").first.click()
    assert h1(page) == "Go to, or do"
    page.get_by_role("main").get_by_role("searchbox").fill("hydrologist")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("main").get_by_role("link", name="Works as a hydrologist").click()
    assert page.url.endswith("/") and "/memories/" in page.url
