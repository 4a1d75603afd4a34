"""The whole run of grants by keyboard: from anywhere to the table, through it, less and back, and
the end of a grant. Where the focus is can be seen at every step."""

import pytest
from playwright.sync_api import Page, expect

from tests.frontend.conftest import Visit
from tests.frontend.test_grant_matrix import cell, focused, right
from tests.people import PASSWORD, Person
from vault.granting import grants
from vault.types import Grant, Right

ASKING = Right(see=True, add="ask")
LOOKING = Right(see=True)
# A ring of at least two pixels in sight, on what has the focus or on the label that stands for it.
SEEN = """() => {
    const one = document.activeElement;
    const ringed = [one, one.closest("label")].some(part => {
        const style = part && getComputedStyle(part);
        return style && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    });
    const box = one.getBoundingClientRect();
    const at = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return ringed && (one === at || one.contains(at) || Boolean(at?.contains(one)));
}"""


@pytest.fixture
def claude(person: Person) -> Grant:
    person.token("Llama", Work=LOOKING)
    return person.token("Claude", Work=ASKING, Travel=LOOKING)[0]


def go_by_palette(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-q")).to_be_focused()
    page.keyboard.type("who sees")
    first = page.locator("#palette-list [role=option]").first
    expect(first).to_have_text("Grants")
    expect(first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url("**/grants/")
    page.wait_for_load_state("networkidle")


def on(page: Page, name: str) -> None:
    """Tab to it, and see it at every stop."""
    for _ in range(80):
        page.keyboard.press("Tab")
        assert page.evaluate(SEEN), f"No focus to be seen on {focused(page)}."
        if focused(page) == name:
            return
    raise AssertionError(f"Tab never came to {name}.")


def test_less_and_back(visit: Visit, person: Person, claude: Grant) -> None:
    page = visit(person)
    go_by_palette(page)
    on(page, "Claude, Work")
    page.keyboard.press("ArrowUp")  # from "sees, asks" to "sees"
    expect(page.locator("#live")).to_contain_text("Claude, Work: sees. Saved.")
    assert right(person, claude, "Work") == LOOKING
    assert focused(page) == "Claude, Work"
    page.keyboard.press("u")
    expect(page.get_by_text("Undone. It may do again what it could before.")).to_be_visible()
    assert right(person, claude, "Work") == ASKING
    on(page, "Claude, Travel")
    expect(cell(page, "Claude, Work")).to_have_value("see-ask")


def test_more_with_the_password(visit: Visit, person: Person, claude: Grant) -> None:
    page = visit(person)
    page.goto("/grants/")
    on(page, "Claude, Travel")
    page.keyboard.press("ArrowDown")  # from "sees" to "sees, asks"
    expect(page.locator("#live")).to_contain_text("Claude, Travel: sees, asks. Not saved yet")
    on(page, "Enter your password")
    page.keyboard.press("Enter")
    page.wait_for_url("**/change/**")
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.get_by_label("Your password").evaluate("one => one === document.activeElement"):
            break
    assert page.evaluate(SEEN)
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/grants/")
    assert right(person, claude, "Travel") == ASKING


def test_the_end_of_a_grant(visit: Visit, person: Person, claude: Grant) -> None:
    page = visit(person)
    go_by_palette(page)
    on(page, "Revoke Claude")
    page.keyboard.press("Enter")
    expect(page.locator("#live")).to_have_text("Claude: access stopped.")
    assert page.evaluate(SEEN)
    page.keyboard.press("Tab")  # the focus is where the row was, and goes on from there
    assert page.evaluate(SEEN)
    assert page.evaluate("document.activeElement.closest('tbody')?.id ?? ''") != ""
    assert grants.get(person.access, claude.id).state == "revoked"
