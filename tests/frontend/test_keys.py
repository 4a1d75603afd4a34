"""Keyboard shortcuts: each does what the overview says, none where people type, none when off.
Those of the review page are in `test_review_keys.py`."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.frontend.conftest import Visit
from tests.frontend.test_memories import remember
from tests.people import Person, new_person

PLACES = {
    "h": "/",
    "m": "/memories/",
    "r": "/review/",
    "g": "/grants/",
    "c": "/connections/",
    "a": "/activity/",
    "p": "/map/",
    "i": "/import/",
    "s": "/settings/",
}


@pytest.fixture(scope="module")
def ana(database: None) -> Person:
    person = new_person()
    for text in ("Likes tea", "Likes trains", "Sails"):
        remember(person, text)
    return person


def focused(page: Page) -> str:
    said: str = page.evaluate("document.activeElement.closest('[data-item]')?.innerText ?? ''")
    return said


def test_g_and_a_letter_go_where_the_overview_says(visit: Visit, ana: Person) -> None:
    page = visit(ana)
    page.keyboard.press("?")
    overview = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(overview).to_be_visible()
    section = overview.get_by_role("region", name="g and then")
    assert set(section.locator("kbd").all_inner_texts()[1:]) == set(PLACES)
    page.keyboard.press("Escape")
    expect(overview).to_be_hidden()
    expect(page.locator("[inert]")).to_have_count(0)
    for letter, address in PLACES.items():
        page.keyboard.press("g")
        page.keyboard.press(letter)
        page.wait_for_url(lambda url, end=address: url.split("?")[0].endswith(end))


def test_what_lies_over_the_page_keeps_the_focus_and_gives_it_back(
    visit: Visit, ana: Person
) -> None:
    page = visit(ana)
    write = page.get_by_role("main").get_by_role("link").first
    for keys, closed_by in (("?", "Escape"), ("Control+k", "Escape"), ("?", "a click beside it")):
        write.focus()
        page.keyboard.press(keys)
        expect(page.locator(".shell")).to_have_attribute("inert", "")
        for _ in range(12):  # round, or out to the browser, but never to the page behind
            page.keyboard.press("Tab")
            assert page.evaluate("!document.activeElement.closest('.shell, .skip, #toasts')")
        if closed_by == "Escape":
            page.keyboard.press(closed_by)
        else:
            page.mouse.click(5, 5)
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(write).to_be_focused()
        expect(page.locator("[inert]")).to_have_count(0)
    page.keyboard.press("?")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(write).to_be_focused()


def test_in_a_list(visit: Visit, ana: Person) -> None:
    page = visit(ana)
    page.goto("/memories/")
    for _ in range(2):
        page.keyboard.press("j")
    assert "Likes trains" in focused(page)
    page.keyboard.press("k")
    assert "Sails" in focused(page)
    page.keyboard.press("x")
    expect(page.get_by_role("checkbox", name="Select: Sails")).to_be_checked()
    page.keyboard.press("x")
    expect(page.get_by_role("checkbox", name="Select: Sails")).not_to_be_checked()
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("k")
    one = page.locator("[data-item]").first.get_by_role("link").first
    one.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/memories/[0-9a-f-]{36}/"))
    page.keyboard.press("e")
    expect(page.get_by_label("Memory", exact=True)).to_be_visible()


def test_search_new_and_undo(visit: Visit, person: Person) -> None:
    gone = remember(person, "Owns a red bicycle")
    page = visit(person)
    page.keyboard.press("/")
    page.wait_for_url("**/memories/#q")
    field = page.get_by_label("Search memories")
    expect(field).to_be_focused()
    page.keyboard.type("gn?")  # what is typed is typed
    expect(field).to_have_value("gn?")
    page.keyboard.press("Escape")
    expect(field).to_have_value("")
    page.goto(f"/memories/{gone.id}/")
    page.get_by_role("button", name="Forget").click()
    page.get_by_role("button", name="Undo").wait_for()
    page.keyboard.press("u")
    page.wait_for_url(f"**/memories/{gone.id}/")
    page.keyboard.press("n")
    page.wait_for_url("**/memories/new/")
    page.get_by_role("heading", level=1).click()
    page.locator("main").focus()
    page.keyboard.press("Escape")
    page.wait_for_url("**/memories/")


def test_none_with_a_modifier_and_none_when_switched_off(visit: Visit, ana: Person) -> None:
    page = visit(ana)
    for keys in ("Control+n", "Alt+n", "Control+/"):
        page.keyboard.press(keys)
    assert page.url.endswith("/")
    page.goto("/settings/")
    page.get_by_role("checkbox", name="Keyboard shortcuts").uncheck()
    page.get_by_role("region", name="This device").get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text("Saved for this device.")
    for keys in ("n", "?", "g", "h", "/", "Control+k"):
        page.keyboard.press(keys)
    page.wait_for_timeout(300)
    assert page.url.endswith("/settings/")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("link", name="Go to, or do").first.click()  # what is pressed still opens it
    expect(page.locator("#palette-q")).to_be_focused()
