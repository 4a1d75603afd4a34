"""Many memories at once in the browser: ticked or all that fit; with and without JavaScript."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from tests.frontend.conftest import Visit
from tests.frontend.test_access_for_all import complaints, runs_over
from tests.frontend.test_memories import remember, rows
from tests.people import Person
from vault import browse, memories
from vault.acting import acts
from vault.visible import Selection

DO = "Do it"


@pytest.fixture
def ana(person: Person) -> Person:
    for town in ("Porto", "Braga", "Faro"):
        remember(person, f"Has been to {town}", "Travel", kind="event", vendor="anthropic")
    remember(person, "Works as a hydrologist", "Work", vendor="openai")
    return person


def tick(page: Page, *texts: str) -> None:
    for text in texts:
        page.get_by_role("checkbox", name=f"Select: {text}").check()


def choose(page: Page, words: str) -> None:
    page.get_by_label("Do this").select_option(label=words)


def toast(page: Page) -> str:
    return page.locator("#toasts .toast p").inner_text()


def in_collection(person: Person, name: str) -> set[str]:
    page = browse.listing(person.access, collections=[person.collection(name)])
    return {memory.text for memory in page.memories}


def test_ticked_memories_are_moved_and_moved_back(visit: Visit, ana: Person) -> None:
    page = visit(ana)
    page.goto("/memories/")
    bar = page.get_by_role("form", name="What to do with")
    expect(bar).to_be_hidden()
    tick(page, "Has been to Porto", "Works as a hydrologist")
    expect(bar.get_by_role("heading")).to_have_text("What to do with 2 memories")
    expect(page.locator("#live")).to_have_text("What to do with 2 memories")
    expect(bar.get_by_label("Kind")).to_be_hidden()
    choose(page, "Move to …")
    bar.get_by_label("Collection").select_option(label="Personal")
    bar.get_by_role("button", name=DO).click()
    expect(page.locator("#toasts")).to_contain_text("Moved 2 memories to Personal.")
    assert in_collection(ana, "Personal") == {"Has been to Porto", "Works as a hydrologist"}
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#toasts")).to_contain_text("Undone")
    assert in_collection(ana, "Personal") == set()
    assert in_collection(ana, "Work") == {"Works as a hydrologist"}


def test_all_that_fit_a_filter_and_no_more(visit: Visit, ana: Person) -> None:
    page = visit(ana)
    page.goto("/memories/?kind=event")
    page.get_by_role("checkbox", name="All 3 that fit").check()
    choose(page, "Was true until …")
    page.get_by_label("Until", exact=True).fill("2024-03-05")
    page.get_by_role("button", name=DO).click()
    assert toast(page) == "Marked 3 memories as true until 5 March 2024."
    expect(page.locator(".meta", has_text="was true until March 2024")).to_have_count(3)
    page.goto("/memories/?state=past")
    expect(page.locator("#count")).to_have_text("3 memories, the newest first")
    page.goto("/memories/?q=hydrologist")
    expect(page.locator(".meta").first).not_to_contain_text("true until")


def test_all_that_have_the_words_are_counted_before_anything_is_done(
    visit: Visit, ana: Person
) -> None:
    page = visit(ana)
    page.goto("/memories/?q=been+to+porto")
    page.get_by_role("checkbox", name="All that have these words").check()
    choose(page, "Forget")
    page.get_by_role("button", name=DO).click()
    title = page.get_by_role("heading", level=1)
    expect(title).to_have_text("1 memory has all of these words")
    assert browse.counts(ana.access).forgotten == 0
    page.get_by_role("button", name="Leave them as they are").click()
    expect(page.locator("#toasts")).to_contain_text("Nothing was changed.")
    assert browse.counts(ana.access).forgotten == 0

    page.goto("/memories/?q=been+to")
    page.get_by_role("checkbox", name="All that have these words").check()
    choose(page, "Forget")
    page.get_by_role("button", name=DO).click()
    page.get_by_role("button", name=DO).click()
    expect(page.locator("#toasts")).to_contain_text("Forgot 3 memories.")
    assert browse.counts(ana.access).forgotten == 3
    page.wait_for_load_state("networkidle")
    page.keyboard.press("u")
    expect(page.locator("#count")).to_have_text("4 memories, the newest first")


def test_a_long_act_goes_on_by_itself_and_can_be_taken_up_again(
    visit: Visit, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "PORTION", 1)
    begun = acts.begin(ana.access, "pin", Selection())
    acts.go_on(ana.access, begun.id)
    page = visit(ana)
    page.goto("/memories/")
    notice = page.locator(".notice", has_text="Pinning 4 memories stopped at 1 of 4.")
    expect(notice).to_be_visible()
    page.goto(f"/memories/several/{begun.id}/")  # as after a reload in the middle of it
    expect(page.locator("#toasts")).to_contain_text("Pinned 4 memories.")
    page.wait_for_url("**/memories/")
    assert all(memory.pinned for memory in browse.listing(ana.access).memories)
    expect(page.locator(".notice", has_text="stopped at")).to_have_count(0)


def test_the_keyboard_alone_ticks_and_does(visit: Visit, ana: Person) -> None:
    page = visit(ana)
    page.goto("/memories/")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("#live")).to_have_text("What to do with 2 memories")
    first, second = rows(page)[:2]
    page.get_by_label("Do this").focus()
    page.keyboard.press("p")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name=DO)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Pinned 2 memories.")
    pinned = {m.text for m in browse.listing(ana.access).memories if m.pinned}
    assert pinned == {first, second}


def test_a_page_a_range_and_none(visit: Visit, ana: Person) -> None:
    page = visit(ana)
    page.goto("/memories/")
    title = page.locator("#many-title")
    expect(page.locator("#tick-page")).to_have_count(0)  # the page is all there is
    every = page.get_by_role("checkbox", name="All 4")
    every.check()
    expect(title).to_have_text("What to do with 4 memories")
    boxes = page.locator("[data-tick]")
    boxes.nth(3).uncheck()
    expect(title).to_have_text("What to do with 3 memories")
    expect(every).not_to_be_checked()
    every.check()
    every.uncheck()
    expect(title).to_be_hidden()
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(title).to_have_text("What to do with 3 memories")


def test_two_are_merged_from_the_list_and_parted_again(visit: Visit, ana: Person) -> None:
    page = visit(ana)
    page.goto("/memories/")
    tick(page, "Has been to Porto", "Has been to Braga")
    choose(page, "Merge into one …")
    page.get_by_role("button", name=DO).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Merge into one")
    page.get_by_label("Other words for it").fill("Has been to Porto and Braga")
    page.get_by_role("button", name="Merge").click()
    expect(page.locator(".memory-text")).to_have_text("Has been to Porto and Braga")
    expect(page.get_by_role("region", name="Where it was seen").locator("li")).to_have_count(2)
    history = page.get_by_role("region", name="History")
    expect(history).to_contain_text("You merged other memories into this one")
    assert browse.counts(ana.access).total == 3
    history.get_by_role("button", name="Undo the merge").click()
    expect(page.locator("#toasts")).to_contain_text("Undone")
    assert browse.counts(ana.access).total == 4


def test_one_memory_finds_what_is_like_it_and_merges(visit: Visit, person: Person) -> None:
    one = remember(person, "Has a small dog called Rex")
    other = remember(person, "Rex is her small dog")
    page = visit(person)
    page.goto(f"/memories/{one.id}/")
    page.get_by_role("link", name="Merge").click()
    page.get_by_role("group", name="These memories").get_by_role(
        "checkbox", name="Merge this one"
    ).nth(1).check()
    page.get_by_role("button", name="Merge").click()
    expect(page.locator("#toasts")).to_contain_text("Made one memory of 2.")
    assert memories.get(person.access, other.id).forgotten_at is not None


def test_the_same_words_are_offered_as_one(visit: Visit, person: Person) -> None:
    one = remember(person, "Has a dog")
    two = remember(person, "Has a cat", "Work")
    memories.revise(person.access, two.id, text="Has a dog")
    page = visit(person)
    page.goto(f"/memories/{two.id}/")
    page.get_by_role("link", name="Merge them").click()
    page.get_by_role("button", name="Merge").click()
    expect(page.locator("#toasts")).to_contain_text("Made one memory of 2")
    assert memories.get(person.access, one.id).forgotten_at is not None


def test_a_memory_is_split_and_put_together_again(visit: Visit, person: Person) -> None:
    whole = remember(person, "Has a dog. Lives in Porto.")
    page = visit(person)
    page.goto(f"/memories/{whole.id}/")
    page.get_by_role("link", name="Split").click()
    box = page.get_by_label("The parts, with an empty line between them")
    expect(box).to_have_value("Has a dog.\n\nLives in Porto.")
    box.fill("Only one")
    page.get_by_role("button", name="Split it").click()
    expect(page.locator(".error")).to_contain_text("two to 50 parts")
    box.fill("Has a dog\n\nLives in Porto, by the river")
    page.get_by_role("button", name="Split it").click()
    expect(page.locator(".memory-text")).to_have_text("Has a dog")
    texts = {memory.text for memory in browse.listing(person.access).memories}
    assert texts == {"Has a dog", "Lives in Porto, by the river"}
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("#count")).to_have_text("1 memory, the newest first")


def test_all_of_it_works_without_javascript(visit: Visit, ana: Person) -> None:
    page = visit(ana, java_script_enabled=False)
    page.goto("/memories/")
    expect(page.get_by_role("checkbox", name="These 4")).to_be_hidden()
    tick(page, "Has been to Porto")
    choose(page, "Change the kind to …")
    page.get_by_label("Kind", exact=True).last.select_option(label="Fact")
    page.get_by_role("button", name=DO).click()
    assert toast(page) == "Made 1 memory “Fact”."
    page.get_by_role("button", name="Undo").click()
    assert toast(page) == "Undone: what was not changed since is as it was."

    page.get_by_role("checkbox", name="All 4", exact=True).check()
    choose(page, "Forget")
    page.get_by_role("button", name=DO).click()
    assert toast(page) == "Forgot 4 memories."
    page.goto("/memories/?state=forgotten")
    page.get_by_role("checkbox", name="All 4", exact=True).check()
    choose(page, "Restore")
    page.get_by_role("button", name=DO).click()
    assert toast(page) == "Restored 4 memories."
    assert browse.counts(ana.access).total == 4


def test_a_long_act_is_gone_on_with_by_hand_without_javascript(
    visit: Visit, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "PORTION", 1)
    begun = acts.begin(ana.access, "forget", Selection())
    acts.go_on(ana.access, begun.id)
    page = visit(ana, java_script_enabled=False)
    page.goto(f"/memories/several/{begun.id}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Forgetting 4 memories")
    page.get_by_role("button", name="Go on").click()
    assert toast(page) == "Forgot 4 memories."


def test_nothing_ticked_is_said_and_nothing_done(visit: Visit, ana: Person) -> None:
    page = visit(ana)
    page.goto("/memories/?q=porto")
    page.evaluate("document.getElementById('many').submit()")  # where :has() is not known
    page.wait_for_selector("#toasts .toast")
    assert toast(page) == "Nothing is selected. Tick some memories first."
    assert page.url.endswith("/memories/?q=porto")


def test_a_day_is_needed_and_can_be_taken_away_again(visit: Visit, ana: Person) -> None:
    page = visit(ana)
    for verb, said in (
        ("Was true until …", "Choose the day until which it was true."),
        ("Merge into one …", "Tick two memories or more to merge them."),
    ):
        page.goto("/memories/")
        tick(page, "Has been to Porto")
        choose(page, verb)
        page.get_by_role("button", name=DO).click()
        page.wait_for_selector("#toasts .toast")
        assert toast(page) == said
    (porto,) = browse.listing(ana.access, kinds=["event"], limit=3).memories[2:]
    memories.revise(ana.access, porto.id, valid_until=datetime(2024, 3, 5, tzinfo=UTC))
    page.goto("/memories/?state=past")
    tick(page, "Has been to Porto")
    choose(page, "Is still true")
    page.get_by_role("button", name=DO).click()
    expect(page.locator("#toasts")).to_contain_text("Marked 1 memory as still true.")
    assert memories.get(ana.access, porto.id).valid_until is None


def test_nobody_elses_act_is_there(visit: Visit, ana: Person) -> None:
    from tests.people import new_person

    begun = acts.begin(ana.access, "pin", Selection())
    page = visit(new_person())
    answer = page.goto(f"/memories/several/{begun.id}/")
    assert answer is not None
    assert answer.status == 404


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_for_everybody_in_either_theme_and_on_a_narrow_screen(
    visit: Visit, ana: Person, theme: str
) -> None:
    begun = acts.begin(ana.access, "until", Selection(), param="2024-03-05T00:00:00+00:00")
    ids = [memory.id for memory in browse.listing(ana.access).memories]
    pages = {
        "list": "/memories/",
        "asking": f"/memories/several/{begun.id}/",
        "merge": f"/memories/merge/?memory={ids[0]}&memory={ids[1]}",
        "like it": f"/memories/merge/?memory={ids[0]}",
        "split": f"/memories/{ids[0]}/split/",
        "memory": f"/memories/{ids[0]}/",
    }
    wide = visit(ana, color_scheme=theme)
    narrow = visit(ana, color_scheme=theme, viewport={"width": 320, "height": 640})
    found = {}
    for name, address in pages.items():
        for page in (wide, narrow):
            page.goto(address)
            if name == "list":
                page.locator("[data-tick]").first.check()
                choose(page, "Move to …")
            if name == "memory":
                page.get_by_text("Set until when").click()
        found[name] = [*complaints(wide), *runs_over(narrow)]
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
