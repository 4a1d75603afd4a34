"""The timeline: what was learnt when, and from whom."""

import re
from datetime import UTC, date, datetime

import pytest
from django.test import Client
from playwright.sync_api import expect

from frontend.presenters import timelinechart
from frontend.presenters.timelinepage import Wanted
from frontend.words.sources import look_of
from tests.frontend.conftest import Visit
from tests.frontend.test_memories import remember
from tests.people import Person, new_person, signed_in
from vault import memories, timeline
from vault.acting import acts
from vault.models import Revision
from vault.scope import vault_scope
from vault.timeline import Counted
from vault.visible import Selection


def day(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def ana(database: None) -> Person:
    person = new_person()
    remember(person, "Sees a kingfisher", vendor="openai", occurred_at=day(2026, 1, 31))
    remember(person, "Sees a heron", vendor="openai", occurred_at=day(2026, 2, 1))
    remember(person, "Sees a <b>coot</b>", "Work", vendor="anthropic", occurred_at=day(2026, 2, 1))
    remember(person, "Sees a grebe", vendor="anthropic", occurred_at=day(2026, 4, 30))
    remember(person, "Which bird is it?", kind="episode", vendor="google")
    return person


def bars(page: str) -> list[tuple[str, int]]:
    """(label, count) of every bar, also of those with nothing."""
    found = re.findall(r'aria-label="([^"]+): ([\d,]+) memor(?:y|ies)"', page)
    return [(label, int(count.replace(",", ""))) for label, count in found]


def figures(page: str) -> list[list[str]]:
    """The rows of the table, cell by cell."""
    body = page.split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]
    rows = body.split("<tr>")[1:]
    cells = (re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows)
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in cells]


def shown(client: Client, query: str = "") -> str:
    answer = client.get(f"/timeline/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_month_has_its_bar_also_those_with_nothing(ana: Person) -> None:
    assert bars(shown(signed_in(ana))) == [
        *(("January 2026", 1), ("February 2026", 2), ("March 2026", 0), ("April 2026", 1))
    ]


def test_the_figures_of_the_table_are_those_of_the_picture(ana: Person) -> None:
    page = shown(signed_in(ana))
    rows = figures(page)
    assert [(row[0], int(row[-1])) for row in rows] == [one for one in bars(page) if one[1]]
    assert all(sum(int(n or 0) for n in row[1:-1]) == int(row[-1]) for row in rows)
    heights: dict[str, float] = {}
    for x, height in re.findall(r'times-piece"[^>]* x="([\d.]+)%"[^>]* height="([\d.]+)%"', page):
        heights[x] = heights.get(x, 0) + float(height)
    assert list(heights.values()) == [50, 100, 50]


def test_the_picture_tells_sources_by_their_shapes_and_not_by_colour_alone(ana: Person) -> None:
    page = shown(signed_in(ana))
    for slug in ("openai", "anthropic"):
        assert f'data-source="{slug}" fill="url(#of-{slug})"' in page
        pattern = page.split(f'<pattern id="of-{slug}"')[1].split("</pattern>")[0]
        assert f"#{look_of(slug).shape}" in pattern


def test_days_are_told_the_newest_first_with_their_sources(ana: Person) -> None:
    page = shown(signed_in(ana))
    assert page.index("30 April 2026") < page.index("1 February 2026") < page.index("31 January")
    assert page.index("Sees a grebe") < page.index("Sees a heron") < page.index("kingfisher")
    assert "Which bird is it?" not in page
    assert "&lt;b&gt;coot" in page
    assert "Which bird is it?" in shown(signed_in(ana), "?talks=yes")


def test_it_goes_back_from_the_month_that_is_asked_for(ana: Person) -> None:
    page = shown(signed_in(ana), "?month=2026-02")
    assert "Sees a heron" in page
    assert "Sees a grebe" not in page
    assert "Nothing this early" in shown(signed_in(ana), "?month=1999-01")


def test_it_is_narrowed_by_source_and_collection(ana: Person) -> None:
    client = signed_in(ana)
    assert bars(shown(client, "?source=openai")) == [("January 2026", 1), ("February 2026", 1)]
    work = ana.collection("Work")
    assert bars(shown(client, f"?collection={work}")) == [("February 2026", 1)]
    assert "No memory fits" in shown(client, "?source=nobody")


@pytest.mark.parametrize(
    "query", ["?month=2026-13", "?month=0000-01", "?year=9999", "?year=x", "?collection=1"]
)
def test_addresses_that_make_no_sense_show_all_of_it(ana: Person, query: str) -> None:
    assert len(bars(shown(signed_in(ana), query))) == 4


def test_a_cursor_of_another_day_begins_anew(ana: Person) -> None:
    assert signed_in(ana).get("/timeline/?cursor=zzz").status_code == 302


def test_changes_are_told_on_their_day() -> None:
    person = new_person()
    one = remember(person, "Lives in Delft", occurred_at=day(2020, 5, 5))
    two = remember(person, "Owns a red bicycle", occurred_at=day(2020, 5, 6))
    memories.revise(person.access, one.id, text="Lives in Porto")
    memories.forget(person.access, two.id)
    act = acts.begin(
        person.access, "move", Selection(ids=[one.id]), param=str(person.collection("Work"))
    )
    acts.go_on(person.access, act.id)
    page = shown(signed_in(person))
    told = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))
    assert "You changed Lives in Porto" in told
    assert "Forgotten a memory you forgot" in told
    assert "You moved 1 memory to Work" in told
    assert "red bicycle" not in page
    only = timeline.changes(person.access, day(2020, 1, 1), day(2021, 1, 1), Selection())
    assert only.found == ()


def test_one_vault_tells_nothing_of_another(ana: Person) -> None:
    page = shown(signed_in(new_person()))
    assert "Nothing learnt yet" in page
    assert "heron" not in page


def test_many_years_are_shown_by_year_then_by_month_and_by_pages(database: None) -> None:
    person = new_person()
    for year in range(2006, 2026):
        for month in (1, 7):
            for nth in range(2):
                text = f"Note {year} {month} {nth}"
                remember(person, text, vendor="openai", occurred_at=day(year, month, 3))
    client = signed_in(person)
    page = shown(client)
    assert bars(page) == [(str(year), 4) for year in range(2006, 2026)]
    inside = shown(client, "?year=2010")
    assert [count for _, count in bars(inside)] == [2, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0]
    assert "Note 2010 7 1" in inside
    assert "Note 2011" not in inside
    seen = re.findall(r"Note \d+ \d \d", page)
    while older := re.search(r'href="([^"]+)#days" rel="next"', page):
        page = shown(client, older[1].replace("/timeline/", "").replace("&amp;", "&"))
        seen += re.findall(r"Note \d+ \d \d", page)
    assert len(set(seen)) == 80


def test_by_keyboard_and_without_javascript(visit: Visit, ana: Person) -> None:
    page = visit(ana, java_script_enabled=False)
    page.goto("/timeline/")
    page.get_by_label("February 2026: 2 memories").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**month=2026-02*")
    expect(page.get_by_role("heading", name="February 2026 and before")).to_be_visible()
    page.get_by_text("The same in figures").click()
    expect(page.get_by_role("table")).to_be_visible()


def test_a_change_between_two_pages_is_told_once() -> None:
    person = new_person()
    for nth in range(28):
        for part in range(2):
            remember(person, f"Note {nth} {part}", occurred_at=day(2024, 2, 1 + nth))
    one = remember(person, "Lives in Delft", occurred_at=day(2019, 1, 1))
    memories.revise(person.access, one.id, text="Lives in Porto")
    client = signed_in(person)
    for when in (1, 8, 9, 10, 20, 28):
        with vault_scope(person.vault_id):
            Revision.objects.filter(vault_id=person.vault_id).update(changed_at=day(2024, 2, when))
        first = shown(client)
        older = re.search(r'href="/timeline/([^"]+)#days" rel="next"', first)
        assert older
        pages = first + shown(client, older[1].replace("&amp;", "&"))
        assert pages.count("You changed") == 1, when


def test_years_that_lie_very_far_apart_leave_out_those_with_nothing() -> None:
    ends = [Counted(date(1, 12, 1), "openai", 1), Counted(date(9999, 12, 1), "openai", 2)]
    drawn = timelinechart.chart(ends, Wanted())
    assert [(bar.first.year, bar.count) for bar in drawn.bars] == [(1, 1), (9999, 2)]
    every = [Counted(date(year, 1, 1), "openai", 1) for year in range(1, 9999)]
    few = timelinechart.chart(every, Wanted())
    assert len(few.bars) == timelinechart.MOST_YEARS
    assert few.bars[-1].first.year == 9998


@pytest.mark.parametrize("page", ["timeline", "memories"])
def test_a_source_that_cannot_be_is_left_out(ana: Person, page: str) -> None:
    assert signed_in(ana).get(f"/{page}/?source=%00").status_code == 200
