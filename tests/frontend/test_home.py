"""Home: the answer in a sentence, true also when the log cannot be read or much is there."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from sync.handing import handoffs
from sync.handing.slicing import Wanted
from sync.models import Run
from sync.upkeep import sentaway
from tests.frontend.connectionshow import connection_pages
from tests.frontend.test_memories import remember
from tests.people import Person, new_person, signed_in
from vault.access import open_token
from vault.errors import Tampered
from vault.ids import new_id
from vault.recalling import recall
from vault.scope import vault_scope
from vault.types import Right

NOTHING_SENT = "Nothing was sent anywhere else in the last 24 hours."


def home(person: Person) -> str:
    answer = signed_in(person).get("/")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def run(person: Person, outcome: str, age: timedelta = timedelta(hours=1), **counts: int) -> None:
    with vault_scope(person.vault_id):
        Run.objects.create(
            vault_id=person.vault_id,
            id=new_id(),
            connection_id=new_id(),
            outcome=outcome,
            counts={name.replace("_", " "): count for name, count in counts.items()},
            started_at=timezone.now() - age,
            finished_at=timezone.now() - age if outcome else None,
        )


def test_an_empty_vault_is_told_what_to_do_first(person: Person) -> None:
    page = home(person)
    assert "Nothing here yet" in page
    assert all(f'href="{way}"' in page for way in ("/import/", "/memories/new/", "/connect/"))


def test_the_headline_counts_what_apps_reach(person: Person) -> None:
    remember(person, "Likes tea", "Work")
    assert "Only you can read your 1 memory" in home(person)
    remember(person, "Likes trains", "Travel")
    assert "Only you can read your 2 memories" in home(person)
    _, token = person.token("Kitchen", Work=Right(see=True))
    page = home(person)
    assert "1 app can read 1 of your 2 memories" in page
    assert "Nothing was read by any app in the last 30 days." in page
    person.token("Garden", Work=Right(see=True), Travel=Right(see=True))
    recall.search(open_token(token), "tea")
    page = home(person)
    assert "2 apps can read 2 of your 2 memories" in page
    assert 'Last read: <span translate="no">Kitchen</span>' in page


def test_an_app_that_may_only_add_reads_nothing(person: Person) -> None:
    remember(person, "Likes tea")
    person.token("Kitchen", Personal=Right(see=True))
    person.token("Notebook", Personal=Right(add="yes"))
    page = " ".join(signed_in(person).get("/").content.decode().split())
    assert "1 app can read" in page and "2 apps can read" not in page


def test_with_a_log_that_cannot_be_read_nothing_is_claimed(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def altered(*_: object, **__: object) -> None:
        raise Tampered("Line 3 was altered.")

    remember(person, "Likes tea")
    monkeypatch.setattr("vault.log.access_log.outlines", altered)
    page = home(person)
    assert "Who read what last is not known" in page and "The access log cannot be read." in page
    assert "Nothing was read by any app" not in page and NOTHING_SENT not in page


def test_nothing_sent_is_said_only_when_it_is_so(person: Person) -> None:
    remember(person, "Likes tea")
    assert NOTHING_SENT in home(person)
    run(person, "done", taken_in=3)
    run(person, "done", timedelta(days=2), sent=3)
    assert NOTHING_SENT in home(person)
    run(person, "unavailable")
    page = home(person)
    assert NOTHING_SENT not in page and "sent memories to their vendors" not in page
    run(person, "done", sent=1)
    page = home(person)
    assert NOTHING_SENT not in page and "sent memories to their vendors" in page


def test_a_run_that_goes_on_may_have_sent_something(person: Person) -> None:
    run(person, "", timedelta(days=2))
    assert sentaway.lately(person.access) is None


def test_what_was_taken_along_was_sent(person: Person) -> None:
    remember(person, "Likes tea", "Work")
    wanted = Wanted(frozenset({person.collection("Work")}), frozenset({"fact"}))
    handoffs.take(person.access, "anthropic", wanted)
    assert sentaway.lately(person.access) == {"moved"}
    assert "took memories along" in home(person)


def test_many_connections_and_apps_are_cut_short_what_needs_you_first(person: Person) -> None:
    remember(person, "Likes tea", "Work")
    connection_pages(person)
    page = home(person)
    card = page.split('id="connections"')[1].split("</section>")[0]
    assert card.count("<li>") == 4
    assert "connections</a>" in card and "All " in card
    assert card.index("Needs sign-in") < card.index("Failed")


def test_of_nobody_else(client: Client) -> None:
    other = new_person()
    remember(other, "Likes tea")
    assert "Nothing here yet" in home(new_person())
    assert client.get("/").status_code == 302
