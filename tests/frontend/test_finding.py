"""Filters by when it was learnt, chips, saved views, and the place in the list, in the browser."""

from datetime import UTC, datetime, timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Page, expect

from frontend.presenters.wanted import LEARNT, Wanted
from tests.frontend.conftest import Visit
from tests.frontend.test_memories import remember, rows
from tests.people import Person
from vault import savedviews


@pytest.fixture
def ana(person: Person) -> Person:
    now = timezone.now()
    for text, days in (("Old boat", 800), ("Summer boat", 100), ("Last week", 6), ("Just now", 0)):
        remember(person, text, occurred_at=now - timedelta(days=days), vendor="openai")
    remember(person, "In spring", "Work", occurred_at=datetime(2020, 4, 5, 23, 59, tzinfo=UTC))
    return person


@given(st.text(max_size=12), st.text(max_size=12), st.sampled_from(["", "days", *LEARNT, "x"]))
def test_an_address_says_what_it_asks_for_again(since: str, upto: str, learnt: str) -> None:
    sent = QueryDict(mutable=True)
    sent.update({"since": since, "upto": upto, "learnt": learnt})
    once = Wanted.of(sent)
    assert Wanted.of(once.parts) == once
    if not once.trouble:
        after, before = once.span
        assert after is None or before is None or after < before


def test_presets_days_and_what_is_no_day(visit: Visit, ana: Person) -> None:
    page = visit(ana)
    for query, expected in (
        ("learnt=today", ["Just now"]),
        ("learnt=7", ["Just now", "Last week"]),
        ("learnt=90", ["Just now", "Last week"]),
        ("since=2020-04-05&upto=2020-04-05", ["In spring"]),
        ("upto=2020-04-04", []),
        (
            "learnt=days&since=&upto=",
            ["Just now", "Last week", "Summer boat", "Old boat", "In spring"],
        ),
        ("q=boat&learnt=7", []),
    ):
        page.goto(f"/memories/?{query}")
        assert rows(page) == expected, query
    page.goto("/memories/?since=2020-02-31")
    expect(page.locator("#days-wrong")).to_contain_text("“2020-02-31” is not a day.")
    expect(page.locator("#count")).to_have_text("Nothing was looked for.")
    page.goto("/memories/?since=2021-01-01&upto=2020-01-01")
    expect(page.locator("#days-wrong")).to_contain_text("The first day comes after the last one.")


def test_days_are_chosen_without_javascript(visit: Visit, ana: Person) -> None:
    page = visit(ana, java_script_enabled=False)
    page.goto("/memories/")
    expect(page.get_by_label("From", exact=True)).to_be_hidden()
    page.get_by_label("Learnt").select_option(label="Between two days …")
    page.get_by_label("From", exact=True).fill("2020-01-01")
    page.get_by_label("Up to and with").fill("2020-12-31")
    page.get_by_role("button", name="Search").click()
    assert rows(page) == ["In spring"]
    page.get_by_role("link", name="Learnt:").click()
    expect(page.locator("#count")).to_have_text("5 memories, the newest first")


def test_filters_are_chips_that_can_be_taken_away(visit: Visit, ana: Person) -> None:
    page = visit(ana)
    page.goto("/memories/?q=boat")
    page.get_by_label("Source").select_option(label="ChatGPT (4)")
    page.locator("#kind").select_option(label="Fact (5)")
    chips = page.get_by_role("list", name="Filters that are set")
    expect(chips.get_by_role("link")).to_have_count(3)
    chips.get_by_role("link", name="Kind: Fact").click()
    page.wait_for_url(lambda url: "kind=" not in url)
    expect(page.locator("#kind")).to_have_value("")
    page.locator("#kind").select_option(label="Fact (5)")
    chips.get_by_role("link", name="Clear all filters").click()
    page.wait_for_url("**/memories/?q=boat")
    expect(chips).to_have_count(0)


def test_what_fits_the_days_is_done_at_once_and_nothing_where_they_are_none(
    visit: Visit, ana: Person
) -> None:
    page = visit(ana)
    page.goto("/memories/?learnt=7")
    page.get_by_role("checkbox", name="All 2 that fit").check()
    page.get_by_label("Do this").select_option(label="Pin")
    page.get_by_role("button", name="Do it").click()
    expect(page.locator("#toasts")).to_contain_text("Pinned 2 memories.")
    answer = page.evaluate(
        """async () => {
            const sent = new FormData(document.querySelector("#many"));
            sent.delete("learnt");
            const other = {since: "yesterday", all: "yes", verb: "forget"};
            for (const [name, value] of Object.entries(other)) sent.set(name, value);
            return (await fetch("/memories/several/", {method: "POST", body: sent})).url;
        }"""
    )
    assert "yesterday" in answer
    page.goto("/memories/")
    expect(page.locator("#count")).to_have_text("5 memories, the newest first")


def _save(page: Page, name: str) -> None:
    page.get_by_text("Save this view").click()
    page.get_by_label("Name of the view").fill(name)
    page.get_by_role("button", name="Save", exact=True).click()


@pytest.mark.parametrize("scripted", [True, False])
def test_a_view_is_saved_opened_renamed_deleted_and_put_back(
    visit: Visit, ana: Person, scripted: bool
) -> None:
    page = visit(ana, java_script_enabled=scripted)
    page.goto("/memories/?q=boat&learnt=7")
    _save(page, "Boats <b>of late</b>")
    views = page.get_by_role("navigation", name="Saved views")
    link = views.get_by_role("link", name="Boats <b>of late</b>")
    expect(link).to_have_attribute("aria-current", "page")
    expect(page.get_by_text("Save this view")).to_have_count(0)
    page.goto("/memories/")
    link.click()
    page.wait_for_url("**/memories/?q=boat&learnt=7")
    views.get_by_role("link", name="Rename or delete").click()
    page.get_by_label("Another name").fill("Boats")
    page.get_by_role("button", name="Rename").click()
    expect(page.locator("#toasts")).to_contain_text("Renamed.")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="No view is saved")).to_be_visible()
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="Boats", exact=True)).to_be_visible()
    assert [view.name for view in savedviews.listing(ana.access)] == ["Boats"]


def test_a_name_that_is_taken_is_said_where_it_is(visit: Visit, ana: Person) -> None:
    for name in ("One", "Two"):
        savedviews.save(ana.access, name, {"kind": "fact"})
    page = visit(ana)
    page.goto("/memories/views/")
    page.get_by_label("Another name").first.fill("two")
    page.get_by_role("button", name="Rename").first.click()
    expect(page.locator("#name-error")).to_contain_text("of this name is there already")
    expect(page.locator("[aria-invalid=true]")).to_have_value("two")


def test_the_memory_knows_its_place_in_the_list_it_was_opened_from(
    visit: Visit, ana: Person
) -> None:
    page = visit(ana)
    page.goto("/memories/?source=openai")
    page.locator(".entry-link").nth(1).click()
    place = page.get_by_role("navigation", name="In the list you came from")
    expect(place).to_contain_text("2 of 4")
    page.get_by_role("button", name="Pin").click()  # what is done here does not lose it
    expect(page.get_by_role("button", name="Unpin")).to_be_visible()
    place.get_by_role("link", name="Next").click()
    expect(page.locator(".memory-text")).to_have_text("Summer boat")
    expect(place).to_contain_text("3 of 4")
    page.get_by_role("link", name="Memories", exact=True).first.click()
    page.goto("/memories/?q=boat")
    page.locator(".entry-link").first.click()
    expect(place).to_contain_text("1 of ")
    expect(place.get_by_role("link", name="Previous")).to_have_count(0)
