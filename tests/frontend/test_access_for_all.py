"""Every page for everybody: axe finds nothing in either theme, nothing runs over at 320 pixels,
and the main jobs work without JavaScript."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests import exports
from tests.frontend.conftest import Visit, h1
from tests.frontend.showcase import STRANGERS, Showcase, showcase
from tests.frontend.test_doors import code_on, sign_up
from tests.people import PASSWORD, Person
from tests.stack import Worker
from vault.middleware import KEY_COOKIE

LEVELS = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}
OF_COLOUR = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
DARK = "matchMedia('(prefers-color-scheme: dark)').matches"


@pytest.fixture(scope="module")
def shown(database: None) -> Showcase:
    return showcase()


def complaints(page: Page) -> list[Any]:
    """What axe finds. The themes differ in colours alone: the dark one is asked about those, and
    the light one about everything, so a test in dark has one in light beside it."""
    wanted = OF_COLOUR if page.evaluate(DARK) else LEVELS
    options = {"runOnly": wanted, "resultTypes": ["violations"]}  # the rest is not spelled out
    found = Axe().run(page, options=options).response["violations"]
    return [
        (rule["id"], node["target"], node["failureSummary"])
        for rule in found
        for node in rule["nodes"]
    ]


def go(page: Page, address: str) -> None:
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == (404 if address == "/no-such-page/" else 200), address


def runs_over(page: Page) -> list[str]:
    script = """() => [document.scrollingElement, document.querySelector("main")]
        .filter((box) => box.scrollWidth > box.clientWidth + 1)
        .map((box) => `${box.tagName}: ${box.scrollWidth} > ${box.clientWidth}`)"""
    over: list[str] = page.evaluate(script)
    return over


def crowded(page: Page) -> list[str]:
    """What sticks out of its card, what lies on its own label, and what is too small to touch."""
    script = """() => {
        const shown = (selector) => [...document.querySelectorAll(`main ${selector}`)]
            .map((one) => [one, one.getBoundingClientRect()]).filter(([, box]) => box.width > 1);
        const name = (one) => one.outerHTML.slice(0, 80);
        const found = shown(".card").filter(([card]) => card.scrollWidth > card.clientWidth + 1)
            .map(([card]) => `sticks out: ${name(card)}`);
        for (const [input, box] of shown("input[type=checkbox], input[type=radio]"))
            for (const label of input.labels) {
                const words = label.getBoundingClientRect();
                const apart = words.left >= box.right - 1 || words.right <= box.left + 1
                    || words.top >= box.bottom - 1 || words.bottom <= box.top + 1;
                const inside = label.contains(input);
                if (!inside && !apart) found.push(`lies on its label: ${name(input)}`);
                if (words.height < 24) found.push(`low: ${name(label)}`);
            }
        for (const [one, box] of shown("td a, button, a.button, input, select, summary"))
            if (box.width < 24 || box.height < 24) found.push(`small: ${name(one)}`);
        return found;
    }"""
    found: list[str] = page.evaluate(script)
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(visit: Visit, shown: Showcase, theme: str) -> None:
    page, stranger = visit(shown.person, color_scheme=theme), visit(color_scheme=theme)
    found = {}
    for one, addresses in ((page, shown.addresses), (stranger, STRANGERS)):
        for address in addresses:
            go(one, address)
            found[address] = complaints(one)
    assert {address: wrong for address, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_what_opens_later(visit: Visit, person: Person, theme: str) -> None:
    page = visit(color_scheme=theme)
    sign_up(page)
    found = {"kit": complaints(page)}
    groups = code_on(page).split("-")
    page.get_by_label("Group 2").fill(groups[1])
    page.get_by_label("Group 5").fill("nope")
    page.get_by_role("button", name="I have kept it").click()
    expect(page.locator(".error")).to_be_visible()
    found["kit with an error"] = complaints(page)
    page.get_by_label("Group 5").fill(groups[4])
    page.get_by_role("button", name="I have kept it").click()
    title = page.get_by_role("heading", level=1)
    expect(title).to_have_text("Bring what a model already knows about you")
    found["first memory"] = complaints(page)
    page.goto("/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    found["keys"] = complaints(page)
    page.goto("/grants/new/")
    page.get_by_label("Name").fill("Kitchen")
    page.get_by_label("See Work").check()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Make the token").click()
    expect(page.locator("#token")).to_be_visible()
    found["token"] = complaints(page)
    page.goto("/grants/new/")
    page.get_by_label("Name").fill("Kitchen")
    page.get_by_label("Your password").fill(PASSWORD)
    page.context.clear_cookies(name=KEY_COOKIE)
    page.get_by_role("button", name="Make the token").click()
    expect(title).to_have_text("Your vault is locked")
    expect(page.get_by_text("Not saved yet. What you entered waits here")).to_be_visible()
    found["locked, with words that wait"] = complaints(page)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Unlock", exact=True).click()
    expect(page.get_by_text("Enter again, since it is never kept: Your password.")).to_be_visible()
    found["words handed back"] = complaints(page)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_nothing_runs_over_at_320_pixels(visit: Visit, shown: Showcase) -> None:
    narrow = {"viewport": {"width": 320, "height": 640}}
    page, stranger = visit(shown.person, **narrow), visit(**narrow)
    found = {}
    for one, addresses in ((page, shown.addresses), (stranger, STRANGERS)):
        for address in addresses:
            go(one, address)
            found[address] = runs_over(one) + crowded(one)
    assert {address: wrong for address, wrong in found.items() if wrong} == {}


def test_one_heading_a_title_and_landmarks_on_every_page(visit: Visit, shown: Showcase) -> None:
    page = visit(shown.person)
    titles = {}
    for address in shown.addresses:
        go(page, address)
        assert page.get_by_role("heading", level=1).count() == 1, address
        assert page.get_by_role("main").count() == 1, address
        titles[address] = page.title()
    short = {a: t for a, t in titles.items() if not t.endswith(" · Satchel") or len(t) < 13}
    assert short == {}


def test_the_keyboard_reaches_the_content_past_the_navigation(
    visit: Visit, shown: Showcase
) -> None:
    page = visit(shown.person)
    page.goto("/memories/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_main_jobs_without_javascript(
    visit: Visit, person: Person, worker: Worker, tmp_path: Any
) -> None:
    page = visit(person, java_script_enabled=False)
    page.goto("/memories/new/")
    page.get_by_label("What should be remembered?").fill("Likes trains")
    page.get_by_role("button", name="Remember it").click()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Memory", exact=True).fill("Likes night trains")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".memory-text")).to_have_text("Likes night trains")
    page.get_by_role("button", name="Forget").click()
    page.get_by_role("button", name="Undo").click()
    page.goto("/memories/")
    page.get_by_label("Search memories").fill("trains")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#results mark")).to_have_text(["trains"])
    page.goto("/grants/new/")
    page.get_by_label("Name").fill("Script")
    page.get_by_label("See Personal").check()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Make the token").click()
    assert page.locator("#token").inner_text().startswith("satchel_")
    page.get_by_role("button", name="Revoke").click()
    assert page.get_by_role("heading", name="Receipt").is_visible()

    export = tmp_path / "export.zip"
    export.write_bytes(exports.zipped(exports.talks(2)))
    page.goto("/import/")
    page.get_by_label("Choose an export, or drop it here").set_input_files(export)
    page.get_by_role("button", name="Send and look inside").click()
    for _ in range(60):
        if h1(page).startswith("This is in"):
            break
        page.wait_for_timeout(500)
        page.reload()
    page.get_by_role("button", name="Add to my vault").click()
    page.get_by_role("button", name="Lock now").first.click()
    assert h1(page) == "Your vault is locked"
