"""Sorting in the browser: the piles of an import, rules, and what is out of place here."""

import pytest
from playwright.sync_api import expect

from sync.importing import imports, reading
from sync.types import Import, Placing
from tests import exports
from tests.frontend.conftest import Visit
from tests.frontend.test_access_for_all import complaints
from tests.people import PASSWORD, Person
from vault import memories
from vault.types import Draft

TALKS = [
    exports.conversation("c1", ["Which sights?", "Many."], title="Four days in Kyoto <i>"),
    exports.conversation("c2", ["I was diagnosed with diabetes", "I see."], title="Food"),
    exports.conversation("c3", ["My PIN is 4821", "Noted."], title="Hm"),
    exports.conversation("c4", ["Qwrtz", "Pardon?"], title="Hm"),
]


@pytest.fixture
def preview(person: Person) -> Import:
    files = [exports.upload(exports.zipped(TALKS))]
    return imports.begin(person.access, files, start=reading.run)


def remember(person: Person, text: str, home: str = "Personal") -> None:
    memories.remember(person.access, person.collection(home), Draft(text=text))


def texts(person: Person, home: str) -> set[str]:
    page = memories.listing(person.access, collections=[person.collection(home)])
    return {memory.text for memory in page.memories}


def test_the_piles_are_shown_and_each_can_go_elsewhere(
    visit: Visit, person: Person, preview: Import
) -> None:
    page = visit(person)
    page.goto(f"/import/{preview.id}/")
    table = page.get_by_role("table", name="What would go where")
    expect(table.get_by_role("row")).to_have_count(5)
    expect(page.get_by_label("Health goes to").locator("option:checked")).to_have_text(
        "Health (private)"
    )
    table.get_by_text("A few of them, and why").first.click()
    expect(table).not_to_contain_text("4821")
    page.get_by_label("Sort into collections").uncheck()
    expect(table).to_be_hidden()
    page.get_by_label("Sort into collections").check()
    page.get_by_label("Travel goes to").select_option(label="Family")
    page.get_by_label("Passwords, keys and codes goes to").select_option(label="Leave out")
    with page.expect_navigation():
        page.get_by_role("button", name="Add to my vault").click()
    now = imports.get(person.access, preview.id)
    assert now.sorted
    assert now.state != "preview"


def test_something_sensitive_goes_into_the_open_only_after_a_second_word(
    visit: Visit, person: Person, preview: Import
) -> None:
    page = visit(person)
    page.goto(f"/import/{preview.id}/")
    page.get_by_label("Health goes to").select_option(label="Work")
    page.get_by_role("button", name="Add to my vault").click()
    expect(page.get_by_text("would go to a collection that is not private")).to_be_visible()
    assert imports.get(person.access, preview.id).state == "preview"
    assert page.get_by_label("Health goes to").locator("option:checked").inner_text() == "Work"
    page.get_by_label("I mean it").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Add to my vault").click()
    assert imports.get(person.access, preview.id).state != "preview"


def test_a_private_collection_is_made_on_the_way(
    visit: Visit, person: Person, preview: Import
) -> None:
    page = visit(person)
    page.goto(f"/import/{preview.id}/")
    expect(page.get_by_text("There is no private collection made for this yet")).to_contain_text(
        "Passwords, keys and codes"
    )
    page.get_by_role("link", name="Make a private collection").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Make it").click()
    page.wait_for_url(f"**/import/{preview.id}/")
    chosen = page.get_by_label("Passwords, keys and codes goes to").locator("option:checked")
    expect(chosen).to_have_text("Private (private)")
    expect(page.get_by_text("There is no private collection made for this yet")).to_be_hidden()


def test_what_was_sorted_is_listed_by_collection(
    visit: Visit, person: Person, preview: Import
) -> None:
    imports.accept(person.access, preview.id, sort=Placing(), start=reading.run)
    page = visit(person)
    page.goto(f"/import/{preview.id}/")
    expect(page.get_by_text("8 memories added, sorted into your collections")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Travel 2").click()
    expect(page.locator("#count")).to_contain_text("2 memories")


def test_a_rule_is_tried_made_moved_changed_and_deleted(visit: Visit, person: Person) -> None:
    remember(person, "Invoice 12 from Acme")
    remember(person, "Likes trains")
    page = visit(person)
    page.goto("/settings/")
    page.get_by_role("main").get_by_role("link", name="Sorting").click()
    page.get_by_role("link", name="New rule").click()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".error")).to_contain_text("at least one")
    page.get_by_label("The text contains").fill("invoice*, <b>receipt</b>")
    page.get_by_label("Then it goes to").select_option(label="Work")
    page.get_by_role("button", name="Try it on my memories").click()
    expect(page.get_by_text("1 of the newest 2 memories")).to_be_visible()
    expect(page.get_by_role("link", name="Invoice 12 from Acme")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("the text contains “invoice*, <b>receipt</b>”")).to_be_visible()
    page.get_by_role("link", name="New rule").click()
    page.get_by_label("Or by somebody called").fill("Ann")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Move up rule 2").click()
    rows = page.get_by_role("region", name="Your rules").get_by_role("listitem")
    expect(rows.first).to_contain_text("Ann said it")
    page.get_by_role("link", name="Change rule 1").click()
    expect(page.get_by_label("Or by somebody called")).to_have_value("Ann")
    page.get_by_role("button", name="Delete this rule").click()
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Ann said it")
    page.get_by_role("link", name="Change rule 1").click()
    page.get_by_label("Or by somebody called").fill("Ben")
    page.get_by_role("button", name="Save").click()
    expect(rows.first).to_contain_text("Ben said it")
    page.get_by_role("button", name="Undo").click()
    expect(rows.first).to_contain_text("Ann said it")


def test_sort_what_is_here_moves_what_is_ticked_and_undoes_it(visit: Visit, person: Person) -> None:
    remember(person, "I take insulin for my diabetes")
    remember(person, "Book a flight and a hotel in Lisbon")
    remember(person, "My favourite colour is green")
    page = visit(person)
    page.goto("/settings/sorting/")
    page.get_by_role("link", name="Look through Personal").click()
    expect(page.get_by_role("checkbox")).to_have_count(2)
    expect(page.get_by_label("I take insulin")).to_be_checked()
    expect(page.get_by_label("Book a flight")).not_to_be_checked()
    page.get_by_role("button", name="Move what is ticked").click()
    expect(page.get_by_text("Moved 1 memory.")).to_be_visible()
    assert texts(person, "Health") == {"I take insulin for my diabetes"}
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("They are back where they were.")).to_be_visible()
    assert texts(person, "Health") == set()


def test_nothing_ticked_and_nothing_to_find_are_said(visit: Visit, person: Person) -> None:
    remember(person, "I take insulin for my diabetes")
    page = visit(person)
    page.goto(f"/settings/sorting/here/{person.collection('Personal')}/")
    page.get_by_label("I take insulin").uncheck()
    page.get_by_role("button", name="Move what is ticked").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing is selected")
    page.goto(f"/settings/sorting/here/{person.collection('Work')}/")
    expect(page.get_by_role("heading", name="Nothing here seems out of place")).to_be_visible()


def test_a_collection_is_suggested_while_a_memory_is_written(visit: Visit, person: Person) -> None:
    page = visit(person)
    page.goto("/memories/new/")
    page.get_by_label("What should be remembered?").fill("I am allergic to penicillin")
    page.get_by_label("Kind").focus()
    expect(page.get_by_text("This sounds like Health")).to_be_visible()


def test_sorting_works_without_javascript(visit: Visit, person: Person, preview: Import) -> None:
    page = visit(person, java_script_enabled=False)
    page.goto("/settings/sorting/new/")
    page.get_by_label("The text contains").fill("acme")
    page.get_by_role("button", name="Save").click()
    assert page.get_by_text("the text contains “acme”").is_visible()
    page.goto(f"/import/{preview.id}/")
    page.get_by_label("Travel goes to").select_option(label="Leave out")
    page.get_by_role("button", name="Add to my vault").click()
    assert imports.get(person.access, preview.id).sorted


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_of_sorting_are_for_everybody(
    visit: Visit, person: Person, preview: Import, theme: str
) -> None:
    remember(person, "I take insulin for my diabetes")
    page = visit(person, color_scheme=theme, viewport={"width": 320, "height": 640})
    home = person.collection("Personal")
    found = {}
    for address in (
        *("/settings/sorting/", "/settings/sorting/new/", f"/settings/sorting/here/{home}/"),
        *(f"/import/{preview.id}/", f"/import/{preview.id}/private/"),
    ):
        page.goto(address)
        wide = page.evaluate("document.scrollingElement.scrollWidth > innerWidth + 1")
        found[address] = [*complaints(page), *(["too wide"] if wide else [])]
    assert {address: wrong for address, wrong in found.items() if wrong} == {}
