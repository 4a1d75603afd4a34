"""A connection to a real folder, through the real web server and worker; and axe on its pages."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.frontend.conftest import Visit
from tests.frontend.connectionshow import connection_pages
from tests.frontend.test_access_for_all import complaints, crowded, go, runs_over
from tests.frontend.test_memories import remember
from tests.people import PASSWORD, Person, new_person
from tests.stack import Worker


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tea.md").write_text("Likes tea\n")
    return tmp_path


@pytest.fixture(scope="module")
def shown(database: None) -> Iterator[tuple[Person, tuple[str, ...]]]:
    person = new_person()
    remember(person, "Works as a hydrologist in Utrecht")
    yield person, connection_pages(person)


def connect(page: Page, folder: Path, *, away: bool = True) -> None:
    page.goto("/connections/new/folder/")
    page.get_by_label("Folder", exact=True).fill(str(folder))
    page.get_by_label("See Personal").check()
    page.get_by_role("radiogroup", name="May add to Personal").get_by_label("yes").check()
    page.get_by_label("What is new there goes to").select_option(label="Personal")
    if away:
        page.get_by_label("It may run while I am away").check()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Try it and connect").click()
    page.wait_for_url(re.compile(r"/connections/[0-9a-f-]{36}/"))


def test_it_is_watched_while_it_runs_and_after_a_reload(
    visit: Visit, person: Person, worker: Worker, folder: Path
) -> None:
    remember(person, "Lives in Delft")
    page = visit(person)
    connect(page, folder)
    expect(page.locator(".state", has_text="Up to date")).to_be_visible()
    expect(page.get_by_text("Run: Done")).to_be_visible()
    assert "Lives in Delft" in "".join(one.read_text() for one in folder.rglob("*.md"))
    (folder / "new.md").write_text("Plays the cello\n")
    page.get_by_role("button", name="See what would happen").click()
    expect(page.get_by_text("Preview: Done")).to_be_visible()
    expect(page.get_by_text("1 would be taken in")).to_be_visible()


def test_states_keep_to_their_column(visit: Visit, shown: tuple[Person, tuple[str, ...]]) -> None:
    page = visit(shown[0])
    over = """() => [...document.querySelectorAll("td .state")]
        .filter(one => one.scrollWidth > one.clientWidth).map(one => one.textContent)"""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/connections/")
    assert page.locator("td .state", has_text="Needs sign-in").count() == 1
    page.evaluate("document.querySelector('table').style.inlineSize = '20rem'")
    assert page.evaluate(over) == [], "however little room there is"


def test_open_receipts_do_not_look_done(
    visit: Visit, shown: tuple[Person, tuple[str, ...]]
) -> None:
    page = visit(shown[0])
    page.goto("/connections/")
    page.get_by_role("link", name="Of before", exact=True).click()
    colour = "one => getComputedStyle(one.querySelector('.icon')).color"
    lines = page.locator(".receipt li")
    done, *rest = [lines.nth(place).evaluate(colour) for place in range(lines.count())]
    assert len(rest) == 3 and len(set(rest)) == 1 and done not in rest


def test_all_of_it_without_a_script(
    visit: Visit, person: Person, worker: Worker, folder: Path
) -> None:
    remember(person, "Lives in Delft")
    page = visit(person, java_script_enabled=False)
    connect(page, folder, away=False)
    _until(page, "Up to date")
    page.get_by_role("link", name="Disconnect").click()
    page.get_by_label("Take it back").check()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Disconnect").click()
    _until(page, "This connection has ended.")
    expect(page.get_by_role("heading", name="Receipt")).to_be_visible()
    assert [one.read_text() for one in folder.rglob("*.md")] == ["Likes tea\n"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_them(
    visit: Visit, shown: tuple[Person, tuple[str, ...]], theme: str
) -> None:
    person, addresses = shown
    page = visit(person, color_scheme=theme)
    found = {}
    for address in addresses:
        go(page, address)
        found[address] = complaints(page)
    assert {address: wrong for address, wrong in found.items() if wrong} == {}


def test_they_fit_into_320_pixels(visit: Visit, shown: tuple[Person, tuple[str, ...]]) -> None:
    person, addresses = shown
    page = visit(person, viewport={"width": 320, "height": 640})
    found = {}
    for address in addresses:
        go(page, address)
        found[address] = runs_over(page) + crowded(page)
    assert {address: wrong for address, wrong in found.items() if wrong} == {}


def _until(page: Page, words: str) -> None:
    """See how far it is, by the link that is there for those without a script."""
    for _ in range(60):
        if page.get_by_text(words).first.is_visible():
            return
        page.wait_for_timeout(500)
        link = page.get_by_role("link", name="See how far it is now")
        link.click() if link.is_visible() else page.reload()
    expect(page.get_by_text(words).first).to_be_visible()
