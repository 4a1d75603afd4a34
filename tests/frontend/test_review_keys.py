"""Review without a mouse, in groups, in two tabs, and with what is gone meanwhile."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.frontend.conftest import Visit
from tests.frontend.test_memories import remember
from tests.frontend.test_review import (
    ASK,
    FULL,
    ORDER,
    connected,
    filled,
    place,
    press,
    texts,
    write,
)
from tests.people import Person
from vault import memories
from vault.reviewing import pairs, review, suggestions


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.textContent"))


def told(page: Page) -> Locator:
    """What was done, as the message at the foot says it."""
    return page.locator("#toasts .toast > p")


def tab_to(page: Page, name: str) -> None:
    """With nothing but Tab; fails when it cannot be reached."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if name in page.evaluate("document.activeElement.textContent"):
            return
    raise AssertionError(f"no way to {name}")


THINGS = (
    *("cats", "gardens", "guitars", "sisters", "bicycles", "languages", "allotments"),
    *("kayaks", "telescopes", "cameras", "aquariums", "nephews", "beehives", "caravans"),
)


def crowd(person: Person, twins: int = 14) -> None:
    """So many pairs that say the same, five suggestions of an app, and one of its orders."""
    for thing in THINGS[:twins]:
        remember(person, f"Has two {thing}")
        remember(person, f"The user has 2 {thing}")
    app = connected(person, Personal=ASK)
    for number in range(5):
        write(app, person, f"Likes dish number {number}")
    write(app, person, ORDER)


def test_a_queue_of_all_kinds_with_keys_alone(visit: Visit, person: Person) -> None:
    """No mouse, no script's help: Tab, Enter and the keys that the help names."""
    filled(person)
    page = visit(person)
    press(page, "g")
    press(page, "r")
    page.wait_for_url("**/review/")
    press(page, "j")  # past the suggestion
    expect(page.get_by_role("heading", name="Held back: nobody but you sees it")).to_be_visible()
    expect(page.locator("#review")).to_be_focused()
    expect(page.locator("#review")).to_have_accessible_name(re.compile("^2 of 4 Held back"))
    press(page, "k")  # and back
    expect(page.locator("#place")).to_have_text("1 of 4")
    expect(page.locator("#review")).to_be_focused()
    press(page, "e")  # in other words
    expect(page.get_by_label("What should be remembered")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("Likes soup")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#place")).to_have_text("2 of 4")
    expect(page.locator("#live")).to_have_text("Remembered.")
    assert "Likes soup" in texts(person) and "Likes caldo verde" not in texts(person)
    press(page, "a")  # let in what is held
    expect(page.get_by_role("heading", name="These cannot both be true now")).to_be_visible()
    assert ORDER in texts(person)
    tab_to(page, "Both hold")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Do these say the same?")).to_be_visible()
    press(page, "u")
    expect(page.get_by_role("heading", name="These cannot both be true now")).to_be_visible()
    press(page, "3")
    expect(page.get_by_role("heading", name="Do these say the same?")).to_be_visible()
    press(page, "m")
    expect(page.get_by_role("heading", name="Nothing waits for you")).to_be_visible()
    expect(page.locator("#review")).to_be_focused()
    assert review.counts(person.access).total == 0
    assert {"Lives in Utrecht", "Lives in Porto", "The user has 2 cats"} <= texts(person)


def test_a_key_held_down_or_pressed_twice_answers_once(visit: Visit, person: Person) -> None:
    for text in ("Likes trains", "Likes boats", "Likes planes"):
        write(connected(person, Personal=ASK), person, text)
    page = visit(person)
    page.goto("/review/")
    page.evaluate(
        """() => { const key = (repeat) => document.body.dispatchEvent(
            new KeyboardEvent("keydown", { key: "1", repeat, bubbles: true }));
            key(true); key(false); key(true); key(false); }"""
    )
    expect(page.locator("#place")).to_have_text("2 of 3")
    assert len(texts(person)) == 1
    expect(page.locator(".toast")).to_have_count(1)


def test_one_of_both_in_ones_own_words_and_back(visit: Visit, person: Person) -> None:
    remember(person, "Lives in Utrecht")
    remember(person, "Lives in Porto")
    page = visit(person)
    page.goto("/review/")
    press(page, "e")
    page.get_by_label("What should be remembered").fill("Moved from Utrecht to Porto")
    page.get_by_role("button", name="Make one of both").click()
    expect(page.get_by_role("heading", name="Nothing waits for you")).to_be_visible()
    assert texts(person) == {"Moved from Utrecht to Porto"}
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#place")).to_have_text("1 of 1")
    assert texts(person) == {"Lives in Utrecht", "Lives in Porto"}


def test_much_begins_in_groups_and_each_is_decided_on_at_once(visit: Visit, person: Person) -> None:
    crowd(person)
    page = visit(person)
    page.goto("/review/")
    headings = page.get_by_role("main").get_by_role("heading", level=2)
    expect(headings).to_have_text(
        ["6 suggestions from Kitchen assistant", "14 pairs that seem to say the same"]
    )
    expect(page.get_by_text("1 of them gives orders")).to_be_visible()
    page.get_by_role("button", name="Accept all 5").click()
    expect(told(page)).to_have_text("Accepted 5.")
    assert ORDER not in texts(person)
    page.get_by_role("button", name="Undo").click()
    expect(headings.first).to_have_text("6 suggestions from Kitchen assistant")
    assert len(texts(person)) == 28
    page.get_by_role("button", name="Merge all 14 as suggested").click()
    expect(told(page)).to_contain_text("Merged 14 pairs.", timeout=60_000)
    assert len(texts(person)) == 14
    page.get_by_role("button", name="Undo").click()
    expect(told(page)).to_have_text("Undone. They wait again.", timeout=60_000)
    expect(headings.nth(1)).to_have_text("14 pairs that seem to say the same")
    assert len(texts(person)) == 28


def test_groups_without_javascript_and_not_the_same_is_remembered(
    visit: Visit, person: Person
) -> None:
    crowd(person, twins=7)
    page = visit(person, java_script_enabled=False)
    page.goto("/review/")
    page.get_by_role("button", name="None are the same: keep them all").click()
    for _ in range(20):
        if page.get_by_text("Kept both of 7 pairs.").count():
            break
        page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Kept both of 7 pairs.")).to_be_visible()
    ids = [one.id for one in memories.listing(person.access, limit=100).memories]
    assert pairs.find(person.access, ids) == 0  # found again, they are not asked about again
    page.get_by_role("link", name="In groups").click()
    page.get_by_role("button", name="Decline all 6").click()
    expect(page.get_by_role("heading", name="Nothing waits for you")).to_be_visible()
    assert suggestions.count(person.access) == 0


def test_what_is_held_is_let_in_or_forgotten_by_group(visit: Visit, person: Person) -> None:
    app = connected(person, "Notes app", Personal=FULL)
    for text in ("Likes trains", "Plays the cello", ORDER):
        write(app, person, text)
    page = visit(person)
    page.goto("/review/?view=groups")
    page.get_by_role("button", name="Trust Notes app: let in all 2").click()
    expect(told(page)).to_contain_text("Let in 2 memories.")
    assert texts(person) == {"Likes trains", "Plays the cello"}
    page.goto("/review/?view=groups")
    page.get_by_role("button", name="Forget it").click()
    expect(page.get_by_role("heading", name="Nothing waits for you")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#place")).to_have_text("1 of 1")


def test_two_tabs_do_not_trip_over_each_other(visit: Visit, person: Person) -> None:
    filled(person)
    one = visit(person)
    one.goto("/review/")
    other = one.context.new_page()
    other.goto("/review/")
    one.get_by_role("button", name="Accept").click()
    expect(one.locator("#place")).to_have_text("2 of 4")
    other.get_by_role("button", name="Decline").click()
    expect(told(other)).to_have_text("This suggestion is no longer waiting.")
    expect(other.get_by_role("heading", name="Held back: nobody but you sees it")).to_be_visible()
    assert place(other) == "1 of 3"
    assert "Likes caldo verde" in texts(person)
    other.get_by_role("button", name="Forget it").click()
    expect(other.locator("#place")).to_have_text("2 of 3")
    one.get_by_role("button", name="Let it in").click()
    expect(one.get_by_role("heading", name="These cannot both be true now")).to_be_visible()
    assert ORDER not in texts(person)


def test_a_suggestion_about_a_memory_that_is_gone_can_be_put_away(
    visit: Visit, person: Person
) -> None:
    mine = remember(person, "Likes tea")
    memories.forget(connected(person, Personal=ASK), mine.id)
    page = visit(person)
    page.goto("/review/")
    expect(page.get_by_role("heading", name="Wants to forget a memory")).to_be_visible()
    memories.forget(person.access, mine.id)
    page.reload()
    expect(page.get_by_text("That memory is no longer there")).to_be_visible()
    page.get_by_role("button", name="Decline").click()
    expect(page.get_by_role("heading", name="Nothing waits for you")).to_be_visible()


def test_a_made_up_group_or_moment_does_nothing(visit: Visit, person: Person) -> None:
    filled(person)
    page = visit(person)
    page.goto("/review/?view=groups")
    for change in (
        {"group": "duplicate", "do": "suggested", "at": "9999-01-01T00:00:00+00:00"},
        {"group": "duplicate", "do": "suggested", "at": "2026-01-01T00:00:00"},
        {"group": "duplicate", "do": "both", "at": "2020-01-01T00:00:00+23:00"},
        {"group": "duplicate", "do": "undo", "at": "0001-01-01T00:00:00+14:00"},
        {"group": "held:nonsense", "do": "forget"},
        {"group": "suggestion:", "do": "accept"},
        {"group": "constructor", "do": "undo"},
    ):
        token = page.locator("main input[name=csrfmiddlewaretoken]").first.input_value()
        answer = page.request.post(
            "/review/many/",
            form={**change, "csrfmiddlewaretoken": token},
            headers={"Referer": page.url},
        )
        assert answer.ok, change
    assert review.counts(person.access).total == 4
