"""What was given out by day, by app and by action: figures worked out by hand, and long logs."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from playwright.sync_api import expect

from frontend.presenters.activitychart import chart, since
from tests.frontend.conftest import Visit
from tests.frontend.test_access_for_all import complaints
from tests.frontend.test_memories import remember
from tests.people import Person, new_person, signed_in
from vault import memories
from vault.access import Access, open_token
from vault.log import access_log, log_tally
from vault.log.log_chain import Chain
from vault.log.log_tally import Tally
from vault.models import LogEntry
from vault.recalling import recall
from vault.scope import vault_scope
from vault.types import Draft, Right


def long_log(access: Access, lines: int) -> None:
    """So many lines about a memory each, in one transaction."""
    with vault_scope(access.vault_id):
        log = Chain(access.vault_id, writing=True, key=access.chain_key)
        for _ in range(lines):
            log.append(access.asker, "search", [uuid4()], "")
        log.save()


def busy(person: Person) -> tuple[UUID, UUID]:
    """Claude searches twice (two memories, then one) and adds one; Llama searches once (one)."""
    for text in ("Paints tide gauges", "Reads tide tables"):
        remember(person, text, "Work")
    claude, token = person.token("Claude", Work=Right(see=True), Travel=Right(see=True, add="ask"))
    recall.search(open_token(token), "tide")
    recall.search(open_token(token), "gauges", limit=1)
    memories.remember(open_token(token), person.collection("Travel"), Draft(text="Likes Porto"))
    llama, token = person.token("Llama", Work=Right(see=True))
    recall.search(open_token(token), "tables", limit=1)
    return claude.id, llama.id


def test_figures_worked_out_by_hand(person: Person) -> None:
    claude, llama = busy(person)
    found = log_tally.tally(person.access, since(7))
    by_asker = {(t.asker_id, t.action): (t.lines, t.memories) for t in found}
    assert by_asker[claude, "search"] == (2, 3)
    assert by_asker[claude, "suggested"][0] == 1
    assert by_asker[llama, "search"] == (1, 1)
    narrow = log_tally.tally(person.access, since(7), grant_id=llama)
    assert [(t.action, t.lines) for t in narrow] == [("search", 1)]
    from vault.granting import grants

    drawn = chart(found, 7, grants.listing(person.access))
    assert (drawn.total, len(drawn.days), drawn.days[-1][1]) == (4, 7, 4)
    assert [(one.name, one.memories) for one in drawn.by_app] == [
        ("Claude", 3),
        ("Llama", 1),
        ("You", 0),
    ]


def test_each_day_has_its_place_and_what_its_owner_did_is_not_given_out() -> None:
    begin, app, me = since(30), uuid4(), uuid4()
    drawn = chart(
        [
            Tally(begin.date(), "token", app, "search", 2, 5),
            Tally((begin + timedelta(days=29)).date(), "token", app, "context", 1, 7),
            Tally((begin + timedelta(days=29)).date(), "token", app, "revised", 1, 100),
            Tally((begin + timedelta(days=29)).date(), "owner", me, "read", 1, 1000),
        ],
        30,
        [],
    )
    assert [n for _, n in drawn.days] == [5, *[0] * 28, 7]
    assert drawn.total == 12
    assert [n for _, n in drawn.busy] == [7, 5]
    assert drawn.days[-1][0].date() == timezone.now().astimezone(UTC).date()
    assert [(one.name, one.memories) for one in drawn.by_app] == [
        ("An app that is gone", 12),
        ("You", 0),
    ]


def test_lines_of_another_day_are_counted_there(person: Person) -> None:
    claude, _ = busy(person)
    before = datetime.now(UTC) - timedelta(days=20)
    with vault_scope(person.vault_id):
        mine = LogEntry.objects.filter(vault_id=person.vault_id, asker_id=claude)
        first = mine.order_by("seq").first()
        assert first is not None
        LogEntry.objects.filter(vault_id=person.vault_id, id=first.id).update(at=before)
    only = {"grant_id": claude, "actions": ["search"]}
    assert [t.memories for t in log_tally.tally(person.access, since(7), **only)] == [1]
    assert [t.memories for t in log_tally.tally(person.access, since(30), **only)] == [2, 1]


def test_looked_at_by_app_and_by_action(visit: Visit, person: Person) -> None:
    busy(person)
    page = visit(person)
    page.goto("/activity/")
    expect(page.get_by_role("heading", name="4 memories given to apps")).to_be_visible()
    expect(page.get_by_role("img", name="Memories given to apps on each of")).to_be_visible()
    page.get_by_text("The same as a table").click()
    given = page.get_by_role("region", name="4 memories given to apps")
    expect(given.locator("tbody td")).to_have_text(["4"])
    apps = page.get_by_role("region", name="By app")
    expect(apps.get_by_role("listitem").first).to_contain_text("3 memories")
    apps.get_by_role("link", name="Llama").click()
    expect(page.get_by_role("heading", name="1 memory given to apps")).to_be_visible()
    expect(page.locator("table.log tbody tr")).to_have_count(1)
    page.goto("/activity/")
    page.get_by_label("What").select_option(label="Changes to memories")
    page.wait_for_url("**what=changes*")
    expect(page.locator("table.log tbody tr")).to_have_count(1)
    page.goto("/activity/?what=suggested")
    expect(page.locator("table.log tbody tr")).to_have_count(1)
    page.goto("/activity/?what=deleted&days=90")
    expect(page.get_by_role("heading", name="Nothing of this in this period")).to_be_visible()
    page.get_by_role("link", name="Show everything").click()
    expect(page.locator("table.log")).to_be_visible()


@pytest.mark.parametrize("address", ["?what=<b>", "?what=", "?days=9", "?grant=x", "?before=-1"])
def test_an_odd_address_is_an_ordinary_page(person: Person, address: str) -> None:
    assert signed_in(person).get(f"/activity/{address}").status_code == 200


def test_questions_do_not_grow_with_the_log() -> None:
    few, many = new_person(), new_person()
    for person, lines in ((few, 60), (many, 600)):
        _, token = person.token("Claude", Work=Right(see=True))
        long_log(open_token(token), lines)
    assert asked(few) == asked(many)


def asked(person: Person) -> int:
    client = signed_in(person)
    client.get("/activity/")
    with CaptureQueriesContext(connection) as seen:
        assert client.get("/activity/?days=90").status_code == 200
    return len(seen)


def test_a_log_that_cannot_be_read_shows_no_figures(visit: Visit, person: Person) -> None:
    busy(person)
    with vault_scope(person.vault_id):
        newest = LogEntry.objects.filter(vault_id=person.vault_id).order_by("-seq").first()
        assert newest is not None
        LogEntry.objects.filter(vault_id=person.vault_id, id=newest.id).update(count=9)
    page = visit(person)
    page.goto("/activity/")
    expect(page.get_by_text("The log is not as it was written.")).to_be_visible()
    expect(page.get_by_role("img")).to_have_count(0)
    assert complaints(page) == []


def test_times_have_the_exact_moment_as_their_hint(visit: Visit, person: Person) -> None:
    busy(person)
    page = visit(person, timezone_id="America/New_York", locale="en-US")
    page.goto("/activity/")
    time = page.locator("table.log time").first
    expect(time).to_have_text("just now")
    moment = datetime.fromisoformat(time.get_attribute("datetime") or "")
    hint = time.get_attribute("title") or ""
    said = page.evaluate(
        """at => new Date(at).toLocaleString(undefined, {dateStyle: "long", timeStyle: "short"})""",
        moment.isoformat(),
    )
    assert hint == said and "UTC" not in hint


def test_the_log_still_lists_by_itself(person: Person) -> None:
    claude, _ = busy(person)
    lines = access_log.listing(person.access, grant_id=claude, actions=["search"])
    assert [line.count for line in lines] == [1, 2]
    assert access_log.listing(person.access, actions=[]) == []
