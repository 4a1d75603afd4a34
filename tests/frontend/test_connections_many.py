"""The list of connections: each state in the same words, what needs you first, however many."""

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection as database_connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sync.connections import connections
from sync.models import Connection as Row
from sync.models import Run
from tests.frontend.connectionshow import one_connection
from tests.frontend.test_connections import words
from tests.people import Person, known_derivations, new_person, signed_in
from vault.scope import vault_scope

FAR = timedelta(days=1)


@pytest.fixture
def person() -> Iterator[Person]:
    with known_derivations():
        yield new_person()


def listed(client: Client, query: str = "") -> str:
    answer = client.get(f"/connections/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def ran(person: Person, id: object, **more: object) -> None:
    now = timezone.now()
    said = {"outcome": "done", "started_at": now, "finished_at": now, "counts": {"taken": 3}}
    with vault_scope(person.vault_id):
        about = {"vault_id": person.vault_id, "connection_id": id}
        Run(id=uuid4(), **about, **{**said, **more}).save(force_insert=True)  # type: ignore[misc]


def one_in_each_state(person: Person) -> None:
    soon = timezone.now() + timedelta(minutes=25)
    ran(person, one_connection(person, "Fine").id)
    ran(person, one_connection(person, "Mine", background=False).id)
    one_connection(person, "Fresh")
    one_connection(person, "Resting", state="paused")
    one_connection(person, "Old key", state="needs sign-in", said="The key has expired.")
    one_connection(person, "Far away", state="failing", said="No answer.", next_at=soon)
    held = {"name": "emptied", "said": "Nothing is there any more.", "counts": {"links": 4}}
    one_connection(person, "Emptied", state="blocked", guard=held)
    one_connection(person, "Queued", stage="waiting")
    lease = {"lease_owner": uuid4(), "lease_until": timezone.now() + FAR}
    one_connection(person, "Busy", stage="applying", total=90, done=30, **lease)


def test_each_state_has_its_words_its_cause_and_one_thing_to_do(person: Person) -> None:
    one_in_each_state(person)
    page = listed(signed_in(person))
    rows = {
        re.search(r"<strong>(.*?)</strong>", row)[1]: words(row)  # type: ignore[index]
        for row in re.findall(r'<tr id="row-.*?</tr>', page, re.S)
    }
    assert len(rows) == 9
    told = {
        "Fine": ("Up to date", "Run now"),
        "Mine": ("Up to date", "It runs when you start it.", "Run now"),
        "Fresh": ("Waiting", "It has not run yet.", "Run now"),
        "Resting": ("Paused", "No run begins until you resume it.", "Resume"),
        "Old key": ("Needs sign-in", "The key has expired.", "Sign in again"),
        "Far away": ("Failed (retry at", "No answer.", "in 25 minutes", "Try again now"),
        "Emptied": ("Waiting for you", "was held back", "Look at what is held back"),
        "Queued": ("Waiting", "Waiting for the server to begin"),
        "Busy": ("Syncing", "Bringing both sides in step"),
    }
    for name, said in told.items():
        for each in said:
            assert each in rows[name], (name, each, rows[name])
    moment = re.search(r'data-clock="time">([^<]*)</time>', page)
    assert moment and moment[1].endswith("UTC"), "without a script it says whose clock that is"
    assert "Import only" in words(page), "of assistants without a memory service"
    assert "Import, or live" in words(page), "of those that read the vault as an app"


def test_what_needs_its_owner_comes_first_and_the_list_can_be_narrowed(person: Person) -> None:
    one_in_each_state(person)
    client = signed_in(person)
    page = listed(client)
    heads = re.findall(r'scope="rowgroup" colspan="6">([^<]*)<', page)
    assert heads == ["Needs you", "Failed", "Syncing or waiting", "Up to date", "Paused"]
    order = re.findall(r"<strong>([^<]*)</strong></a><br", page)
    assert order[:3] == ["Emptied", "Old key", "Far away"] and order[-1] == "Resting"
    narrowed = listed(client, "?state=failed")
    assert re.findall(r"<strong>([^<]*)</strong></a><br", narrowed) == ["Far away"]
    assert 'href="/connections/?state=failed" aria-current="page"' in narrowed
    assert re.findall(r"<strong>([^<]*)</strong></a><br", listed(client, "?state=<b>")) == order


def test_a_filter_that_nothing_fits_any_more_says_so_and_leads_on(person: Person) -> None:
    ran(person, one_connection(person, "Fine").id)
    client = signed_in(person)
    page = words(listed(client, "?state=you"))
    assert "None is in this state now. Show all" in page
    assert "Connections by their state" not in listed(client), "one state needs no filter"


def test_while_one_runs_the_list_asks_again_and_then_stops(person: Person) -> None:
    one = one_connection(person, "Queued", stage="waiting")
    client = signed_in(person)
    assert 'hx-trigger="every 4s"' in listed(client)
    part = client.get("/connections/?state=going", headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="connections"') and "state=going" in part
    assert "Assistants without" not in part
    with vault_scope(person.vault_id):
        Row.objects.filter(id=one.id).update(stage="")
    assert "every 4s" not in listed(client)


def test_thirty_cost_no_more_questions_than_three(person: Person) -> None:
    client, counts = signed_in(person), []
    for many in (3, 30):
        while len(connections.listing(person.access)) < many:
            one = one_connection(person, f"Number {uuid4()}")
            ran(person, one.id, started_at=timezone.now() - FAR)
            ran(person, one.id, counts={"sent": 7})
        listed(client)
        with CaptureQueriesContext(database_connection) as asked:
            page = listed(client)
        counts.append(len(asked))
        assert words(page).count("7 sent") == many, "the newest run of each"
    assert counts[0] == counts[1], counts
