"""Was true until, waiting, and the history of one memory, in the browser."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from tests.frontend.conftest import Visit
from tests.frontend.test_memories import remember, rows
from tests.people import Person
from tests.vault.test_visible import hold
from vault import memories
from vault.types import Memory, Right

MARCH = datetime(2024, 3, 5, tzinfo=UTC)


@pytest.mark.parametrize("scripted", [True, False])
def test_until_when_it_was_true_is_set_shown_and_taken_away(
    visit: Visit, person: Person, scripted: bool
) -> None:
    made = remember(person, "Lives in Utrecht")
    page = visit(person, java_script_enabled=scripted)
    page.goto(f"/memories/{made.id}/")
    about = page.get_by_role("region", name="About it")
    expect(about).to_contain_text("Until you say otherwise")
    page.get_by_text("Set until when").click()
    page.get_by_label("Was true until").fill("2024-03-05")
    page.get_by_role("button", name="Save the dates").click()
    expect(page.locator("#memory")).to_contain_text("Was true until March 2024")
    expect(about).to_contain_text("until 5 March 2024")
    assert memories.get(person.access, made.id).valid_until == MARCH
    history = page.get_by_role("region", name="History")
    expect(history.locator("ins")).to_have_text("until 5 March 2024")
    page.get_by_text("Set until when").click()
    expect(page.get_by_label("Was true until")).to_have_value("2024-03-05")
    page.get_by_label("Was true until").fill("")
    page.get_by_role("button", name="Save the dates").click()
    expect(about).to_contain_text("Until you say otherwise")


def test_dates_the_wrong_way_round_are_said_where_they_are(visit: Visit, person: Person) -> None:
    made = remember(person, "Rents a boat")
    page = visit(person)
    page.goto(f"/memories/{made.id}/")
    page.get_by_text("Set until when").click()
    page.get_by_label("True from").fill("2025-01-01")
    page.get_by_label("Was true until").fill("2024-01-01")
    page.get_by_role("button", name="Save the dates").click()
    expect(page.locator(".error")).to_contain_text("has to begin to be true before it ends")
    expect(page.get_by_label("Was true until")).to_have_value("2024-01-01")
    assert memories.get(person.access, made.id).revision == 1


def test_search_marks_the_words_that_matched_whatever_their_endings(
    visit: Visit, person: Person
) -> None:
    remember(person, "She was running along the dikes")
    page = visit(person)
    page.goto("/memories/?q=runs+on+a+dike")
    assert rows(page) == ["She was running along the dikes"]
    expect(page.locator("#results mark")).to_have_text(["running", "dike"])


def test_the_history_says_who_under_which_grant_and_what(visit: Visit, person: Person) -> None:
    made = remember(person, "Works in Utrecht as a hydrologist")
    app = person.grantee(Personal=Right(see=True, add="yes"))
    changed = memories.revise(app, made.id, text="Works in Delft as a hydrologist", kind="event")
    assert isinstance(changed, Memory)
    page = visit(person)
    page.goto(f"/memories/{made.id}/")
    history = page.get_by_role("region", name="History")
    expect(history.get_by_role("link", name="my assistant")).to_have_attribute(
        "href", f"/grants/{app.asker.id}/"
    )
    expect(history.locator("del")).to_have_text(["Utrecht", "Fact"])
    expect(history.locator("ins")).to_have_text(["Delft", "Event"])
    marks = history.locator("del").first.evaluate("el => getComputedStyle(el, '::before').content")
    assert "taken out" in marks
    history.get_by_role("button", name="Put the earlier state back").click()
    expect(page.locator(".memory-text")).to_have_text("Works in Utrecht as a hydrologist")
    now = memories.get(person.access, made.id)
    assert (now.kind, now.revision) == ("fact", 3)


def test_a_change_full_of_markup_stays_words(visit: Visit, person: Person) -> None:
    made = remember(person, "Likes <b>tea</b>")
    memories.revise(person.access, made.id, text="Likes <img src=x onerror=alert(1)>")
    page = visit(person)
    page.goto(f"/memories/{made.id}/")
    expect(page.locator(".timeline del")).to_have_text("<b>tea</b>")
    expect(page.locator(".timeline ins")).to_have_text("<img src=x onerror=alert(1)>")
    assert page.locator(".timeline img").count() == 0


def test_what_waits_is_marked_listed_and_let_go(visit: Visit, person: Person) -> None:
    made = remember(person, "Inspects dikes near Waal")
    hold(person, made.id)
    page = visit(person)
    page.goto("/memories/")
    expect(page.locator(".meta").first).to_contain_text("waits for your word")
    page.get_by_label("Show").select_option("held")
    expect(page.locator("#count")).to_have_text("1 memory, the newest first")
    page.locator(".entry-link").first.click()
    page.locator(".notice", has_text="waits for your word").get_by_role("button").click()
    expect(page.locator(".notice", has_text="waits for your word")).to_have_count(0)
    assert memories.get(person.access, made.id).held == ""
