"""Back, forward and reload: pages show what the address says and what is there now, and nothing
of a vault that was left."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import CONTEXT, whole
from tests.frontend.conftest import Visit, h1, let_in
from tests.frontend.test_memories import remember, rows
from tests.people import PASSWORD, Person, new_person
from tests.stack import Live
from vault import bulk
from vault.types import Draft, Right

FOUND = """() => ({
    address: location.search,
    fields: ["q", "kind", "learnt"].map(name => document.getElementById(name).value),
})"""
TICKED = "#results [data-tick]:checked"


@pytest.fixture(scope="module")
def many(database: None) -> Person:
    person = new_person()
    home = person.collection("Personal")
    bulk.remember_many(person.access, [(home, Draft(f"Boat {n:02}")) for n in range(60)])
    return person


@pytest.fixture
def keeping(browser: Browser, live: Live) -> Iterator[Page]:
    """A browser that keeps whole pages to go back to, as people's do and Playwright's does not."""
    with whole(browser, ignore_default_args=["--disable-back-forward-cache"]) as other:
        yield other.new_context(base_url=live.url, **CONTEXT).new_page()  # type: ignore[arg-type]


def away_and_back(page: Page) -> None:
    page.locator(".entry-link").first.click()
    page.wait_for_url(re.compile(r"/memories/[0-9a-f-]{36}/"))
    page.go_back()


@pytest.mark.parametrize(
    ("at", "leave", "there"),
    [
        ("/settings/", "Lock now", "Your vault is locked"),
        ("/accounts/logout/", "Sign out", "Sign in"),
    ],
)
def test_of_a_vault_that_was_left_no_way_back_shows_anything(
    keeping: Page, person: Person, at: str, leave: str, there: str
) -> None:
    page = keeping
    remember(person, "Sings in a choir")
    let_in(page, person)
    page.goto("/memories/")
    assert rows(page) == ["Sings in a choir"]
    page.goto(at)
    page.go_back()
    why = "performance.getEntriesByType('navigation')[0].notRestoredReasons.reasons"
    assert page.evaluate(f"{why}.map(one => one.reason)") == ["response-cache-control-no-store"]
    page.go_forward()
    page.get_by_role("button", name=leave).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(there)
    for _ in range(2):
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_have_text(there)
        assert "choir" not in page.content()


def test_search_and_filters_are_as_the_address_says(visit: Visit, many: Person) -> None:
    page, asked = visit(many), []
    page.on("request", lambda request: asked.append(request.headers))
    page.goto("/memories/")
    page.get_by_label("Search memories").fill("boat")
    page.wait_for_url("**/?q=boat")
    page.get_by_label("Kind").first.select_option("fact")
    page.wait_for_url("**kind=fact")
    page.get_by_label("Learnt").select_option("7")
    page.wait_for_url("**learnt=7")
    one = page.evaluate(FOUND)
    assert one == {"address": "?q=boat&kind=fact&learnt=7", "fields": ["boat", "fact", "7"]}
    page.get_by_role("link", name="Kind: Fact").click()
    page.wait_for_url("**/?q=boat&learnt=7")
    other = page.evaluate(FOUND)
    page.go_back()
    assert page.evaluate(FOUND) == one
    away_and_back(page)
    assert page.evaluate(FOUND) == one
    page.reload()
    assert page.evaluate(FOUND) == one
    assert len(rows(page)) == 50 and h1(page) == "Memories"
    page.get_by_role("link", name="Kind: Fact").click()
    page.wait_for_url("**/?q=boat&learnt=7")
    page.go_back()
    page.go_forward()
    assert page.evaluate(FOUND) == other
    # Back is a whole page, so views know no other fragments than those they are asked for.
    assert any("hx-request" in one for one in asked)
    assert not [one for one in asked if "hx-history-restore-request" in one]


def test_a_search_left_by_the_skip_link_is_gone_back_to_whole(visit: Visit, many: Person) -> None:
    page = visit(many)
    page.goto("/memories/")
    search = page.get_by_label("Search memories")
    search.fill("boat")
    page.wait_for_url("**/?q=boat")
    page.get_by_role("link", name="Skip to the content").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=boat#main")
    search.fill("ship")
    page.wait_for_url("**/?q=ship")
    page.go_back()
    page.wait_for_url("**/?q=boat")
    expect(search).to_have_value("boat")
    expect(page.locator("#count")).to_contain_text("closest to “boat”")


@pytest.mark.parametrize("width", [1280, 360])
def test_the_list_is_where_it_was(visit: Visit, many: Person, width: int) -> None:
    page = visit(many, viewport={"width": width, "height": 640})
    page.goto("/memories/?kind=fact")
    link = page.locator(".entry-link").nth(40)
    link.scroll_into_view_if_needed()
    page.wait_for_timeout(300)  # it has come to rest
    link.click()
    page.wait_for_url(re.compile(r"/memories/[0-9a-f-]{36}/"))
    page.go_back()
    expect(link).to_be_in_viewport()


def test_no_tick_comes_back_on_another_memory(visit: Visit, person: Person) -> None:
    for name in ("Boat", "Car", "Bicycle"):
        remember(person, name)
    page = visit(person)
    page.goto("/memories/")
    page.get_by_role("checkbox", name="Select: Car").check()
    page.locator(".entry-link").first.click()
    page.wait_for_url(re.compile(r"/memories/[0-9a-f-]{36}/"))
    remember(person, "Came meanwhile")
    page.go_back()
    assert rows(page)[0] == "Came meanwhile"
    expect(page.locator(TICKED)).to_have_count(0)
    expect(page.get_by_role("form", name="What to do with")).to_be_hidden()


def test_what_looks_out_of_place_is_ticked_anew(visit: Visit, person: Person) -> None:
    for text in ("I was diagnosed with asthma", "I take insulin for my diabetes"):
        remember(person, text)
    page = visit(person)
    page.goto(f"/settings/sorting/here/{person.collection('Personal')}/")
    page.get_by_label("I take insulin").uncheck()
    page.goto("/settings/")
    remember(person, "My therapist treats my depression")
    page.go_back()
    expect(page.locator("input[name=move]")).to_have_count(3)
    expect(page.locator("input[name=move]:checked")).to_have_count(3)


def test_the_rights_of_an_app_are_shown_as_they_are(visit: Visit, person: Person) -> None:
    grant, _ = person.token("Reader", Work=Right(see=True), Travel=Right(see=True))
    page = visit(person)
    page.goto(f"/grants/{grant.id}/change/")
    expect(page.get_by_label("See Work")).to_be_checked()
    page.goto("/grants/")
    cell = page.get_by_role("combobox", name="Reader, Work", exact=True)
    cell.select_option("not-no")
    expect(page.locator("#live")).to_contain_text("Saved.")
    page.go_back()
    expect(page.get_by_label("See Work")).not_to_be_checked()
    page.go_forward()
    expect(cell).to_have_value("not-no")
    page.reload()
    expect(cell).to_have_value("not-no")
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)


def test_a_grant_that_was_revoked_stays_so(visit: Visit, person: Person) -> None:
    person.token("Reader", Work=Right(see=True))
    page = visit(person)
    page.goto("/grants/")
    page.get_by_role("button", name="Revoke Reader").click()
    expect(page.locator("#live")).to_have_text("Reader: access stopped.")
    page.goto("/activity/")
    page.go_back()
    expect(page.get_by_text("Access stopped")).to_be_visible()
    expect(page.get_by_role("combobox")).to_have_count(0)


def test_looking_as_an_app_is_kept_in_the_address(visit: Visit, person: Person) -> None:
    for text in ("Works on tide gauges", "Sings in a choir"):
        remember(person, text, "Work")
    grant, _ = person.token("Reader", Work=Right(see=True))
    page = visit(person)
    page.goto(f"/grants/{grant.id}/see/")
    page.get_by_label("Search as Reader").fill("tide")
    page.wait_for_url("**/see/?q=tide")
    away_and_back(page)
    expect(page.get_by_label("Search as Reader")).to_have_value("tide")
    expect(page.locator("#found")).to_contain_text("for “tide”")


def test_what_goes_along_is_chosen_by_the_address_alone(visit: Visit, person: Person) -> None:
    remember(person, "Sings in a choir")
    page = visit(person)
    page.goto("/move/to/anthropic/")
    page.get_by_label("Work").uncheck()
    page.wait_for_url("**chosen=yes**")
    other = page.context.new_page()
    other.goto("/settings/collections/new/")
    other.get_by_label("Name").fill("A first one")
    other.get_by_label("Your password").fill(PASSWORD)
    other.get_by_role("button", name="Make it").click()
    expect(other.get_by_text("Made the collection A first one.")).to_be_visible()
    page.goto("/settings/")
    page.go_back()
    expect(page.get_by_label("Work")).not_to_be_checked()
    expect(page.get_by_label("A first one")).not_to_be_checked()
    expect(page.get_by_label("Travel")).to_be_checked()
