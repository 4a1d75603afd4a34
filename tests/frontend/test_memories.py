"""Finding, reading, changing and forgetting memories in the browser."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.frontend.conftest import Visit, h1
from tests.people import Person
from vault import memories
from vault.types import Draft, Memory, Right, SourceDraft


def remember(person: Person, text: str, collection: str = "Personal", **more: object) -> Memory:
    vendor = str(more.pop("vendor", "you"))
    draft = Draft(text=text, source=SourceDraft(vendor=vendor, key=text), **more)  # type: ignore[arg-type]
    made = memories.remember(person.access, person.collection(collection), draft)
    assert isinstance(made, Memory)
    return made


@pytest.fixture
def ana(person: Person) -> Person:
    remember(person, "Plans a move to Porto in spring", "Travel", kind="event", vendor="anthropic")
    remember(person, "Works as a hydrologist in Utrecht", "Work", vendor="openai")
    remember(person, "Allergic to peanuts", "Health", vendor="google")
    return person


def rows(page: Page) -> list[str]:
    return page.locator("#results .entry-link").all_inner_texts()


def test_search_as_you_type_marks_announces_and_follows_in_the_address(
    visit: Visit, ana: Person
) -> None:
    page = visit(ana)
    page.goto("/memories/")
    expect(page.locator("#count")).to_have_text("3 memories, the newest first")
    page.keyboard.press("/")
    page.keyboard.type("hydro", delay=30)
    expect(page.locator("#results mark")).to_have_text(["hydro"])
    page.wait_for_url("**/memories/?q=hydro")
    assert rows(page)[0] == "Works as a hydrologist in Utrecht"
    expect(page.locator("#count[role=status]")).to_contain_text("closest to “hydro”")
    assert page.evaluate("document.activeElement.id") == "q"  # the focus stays where it was

    page.reload()
    assert page.get_by_label("Search memories").input_value() == "hydro"
    assert rows(page)[0] == "Works as a hydrologist in Utrecht"


def test_going_back_shows_the_whole_page_and_not_a_bare_fragment(visit: Visit, ana: Person) -> None:
    page = visit(ana)
    page.goto("/memories/")
    page.get_by_label("Search memories").fill("porto")
    page.wait_for_url("**/memories/?q=porto")
    page.locator(".entry-link").first.click()
    page.wait_for_url(lambda url: len(urlsplit(url).path) > 20)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Memories")
    expect(page.get_by_label("Search memories")).to_have_value("porto")


def test_filters_narrow_the_list(visit: Visit, ana: Person) -> None:
    page = visit(ana)
    page.goto("/memories/")
    page.get_by_label("Source").select_option(label="Gemini (1)")
    expect(page.locator("#count")).to_have_text("1 memory, the newest first")
    assert rows(page) == ["Allergic to peanuts"]
    page.goto("/memories/?kind=event")
    assert rows(page) == ["Plans a move to Porto in spring"]
    page.goto(f"/memories/?collection={ana.collection('Work')}")
    assert rows(page) == ["Works as a hydrologist in Utrecht"]
    page.goto("/memories/?kind=event&source=openai")
    expect(page.get_by_role("heading", name="No memory fits")).to_be_visible()


def test_fifty_rows_a_page_and_a_way_on(visit: Visit, person: Person) -> None:
    for n in range(60):
        remember(person, f"Note number {n:02}")
    page = visit(person)
    page.goto("/memories/")
    first = rows(page)
    assert len(first) == 50
    page.get_by_role("link", name="Older").click()
    expect(page.locator("#results .entry-link")).to_have_count(10)
    assert not set(first) & set(rows(page))
    page.get_by_role("link", name="Newest").click()
    expect(page.locator("#results .entry-link")).to_have_count(50)
    page.wait_for_load_state("networkidle")
    ticks = page.get_by_role("checkbox", name=re.compile("^Select: "))
    links = page.locator("#results .entry-link")
    shown, ticked = links.all_text_contents(), ticks.nth(40).get_attribute("id")
    ticks.nth(40).check()
    page.locator("#kind").select_option("fact")  # its list comes in portions
    page.wait_for_url("**kind=fact**")
    expect(links).to_have_text(shown)
    assert page.locator("#results :checked[data-tick]").get_attribute("id") == ticked
    expect(page.locator("#results time:not([data-local])")).to_have_count(0)
    search = page.get_by_label("Search memories")
    search.press_sequentially("note")
    search.press_sequentially("x", delay=160)  # on its way when it is taken back
    page.keyboard.press("Backspace")
    page.wait_for_url("**q=note&**")
    expect(page.locator("#count")).to_contain_text("“note”")


def test_edit_in_place_keeps_the_history_and_can_be_put_back(visit: Visit, ana: Person) -> None:
    page = visit(ana)
    page.goto("/memories/?q=hydrologist")
    page.locator(".entry-link").first.click()
    page.wait_for_url(lambda url: len(urlsplit(url).path) > 20)
    address = page.url
    page.wait_for_load_state("networkidle")  # its scripts have run: "e" would follow the link else
    page.keyboard.press("e")
    box = page.get_by_label("Memory", exact=True)
    expect(box).to_be_focused()
    assert page.url == address  # in place
    box.fill("Works as a hydrologist in Delft")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".memory-text")).to_have_text("Works as a hydrologist in Delft")
    expect(page.locator(".timeline del")).to_have_text("Utrecht")
    expect(page.locator(".timeline ins")).to_have_text("Delft")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(".memory-text")).to_have_text("Works as a hydrologist in Utrecht")
    page.get_by_role("button", name="Put the earlier words back").first.click()
    expect(page.locator(".memory-text")).to_have_text("Works as a hydrologist in Delft")


def test_an_edit_on_top_of_another_change_is_not_lost_and_loses_nothing(
    visit: Visit, person: Person
) -> None:
    made = remember(person, "Lives in Utrecht")
    page = visit(person)
    page.goto(f"/memories/{made.id}/edit/")
    memories.revise(person.access, made.id, text="Lives in Delft")
    page.get_by_label("Memory", exact=True).fill("Lives in Porto")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("changed while you were writing")).to_be_visible()
    expect(page.get_by_label("Memory", exact=True)).to_have_value("Lives in Porto")
    expect(page.get_by_text("Lives in Delft")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".memory-text")).to_have_text("Lives in Porto")


def test_forget_can_be_undone_at_once_and_later(visit: Visit, person: Person) -> None:
    made = remember(person, "Owns a red bicycle")
    page = visit(person)
    page.goto(f"/memories/{made.id}/")
    page.get_by_role("button", name="Forget").click()
    expect(page.get_by_text("You can undo this for 30 days.")).to_be_visible()
    expect(page.get_by_role("heading", name="Nothing here yet")).to_be_visible()
    expect(page.locator("#count")).to_be_empty()
    page.wait_for_load_state("networkidle")  # its scripts have run
    page.keyboard.press("u")
    expect(page.locator(".memory-text")).to_have_text("Owns a red bicycle")

    page.get_by_role("button", name="Forget").click()
    page.goto("/memories/")
    page.get_by_label("Show").select_option("forgotten")
    page.wait_for_url("**/memories/?state=forgotten")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("It is back.")).to_be_visible()


def test_what_an_app_added_can_be_confirmed(visit: Visit, person: Person) -> None:
    app = person.grantee(Personal=Right(see=True, add="yes"))
    made = memories.remember(app, person.collection("Personal"), Draft(text="Likes fog"))
    assert isinstance(made, Memory) and not made.trusted
    page = visit(person)
    page.goto(f"/memories/{made.id}/")
    expect(page.get_by_role("region", name="About it")).to_contain_text("Not by you")
    page.get_by_role("button", name="It is right").click()
    expect(page.get_by_role("region", name="About it")).to_contain_text("By you")
    assert memories.get(person.access, made.id).trusted


def test_pin_and_move(visit: Visit, person: Person) -> None:
    made = remember(person, "Has a library card")
    page = visit(person)
    page.goto(f"/memories/{made.id}/")
    page.get_by_role("button", name="Pin").click()
    expect(page.get_by_role("button", name="Unpin")).to_be_visible()
    page.get_by_label("Move to").select_option(label="Work")
    page.get_by_role("button", name="Move").click()
    expect(page.get_by_text("Moved to Work.")).to_be_visible()
    assert memories.get(person.access, made.id).collection_id == person.collection("Work")


def test_the_page_says_who_can_read_it_and_who_did(visit: Visit, person: Person) -> None:
    from vault.recalling import recall

    made = remember(person, "Studies tide gauges", "Work")
    reader = person.grantee(Work=Right(see=True))
    recall.search(reader, "tide gauges", purpose="a paper")
    page = visit(person)
    page.goto(f"/memories/{made.id}/")
    read = page.get_by_role("region", name="Who read it")
    expect(read).to_contain_text("my assistant searched, for “a paper”")
    expect(page.get_by_role("region", name="About it")).to_contain_text("my assistant")
    page.goto("/")
    assert h1(page) == "1 app can read 1 of your 1 memory"


def test_keys_walk_the_list_and_can_be_switched_off(visit: Visit, ana: Person) -> None:
    page = visit(ana)
    page.keyboard.press("g")
    page.keyboard.press("m")
    page.wait_for_url("**/memories/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = rows(page)[1]
    assert page.evaluate("document.activeElement.innerText") == second
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: len(urlsplit(url).path) > 20)

    page.goto("/settings/")
    page.get_by_role("checkbox", name="Keyboard shortcuts").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved for this device.")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_another_person_finds_nothing_of_it(visit: Visit, ana: Person, person: Person) -> None:
    from tests.people import new_person

    made = remember(ana, "Nobody else may read this")
    page = visit(new_person())
    for path in ("", "edit/"):
        answer = page.goto(f"/memories/{made.id}/{path}")
        assert answer is not None and answer.status == 404
        expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing here")
    page.goto("/memories/?q=nobody")
    assert rows(page) == []
