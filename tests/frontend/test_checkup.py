"""A vault whose rows were tampered with: what its owner is told, and how to go on."""

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from sync.connections.connections import Connection
from sync.importing import imports, reading
from sync.models import Run
from tests.exports import conversation, upload, zipped
from tests.frontend.conftest import Visit
from tests.frontend.connectionshow import one_connection
from tests.frontend.test_memories import remember
from tests.people import PASSWORD, Person, new_person, signed_in
from vault import vaults
from vault.access import Access, open_session
from vault.errors import Tampered
from vault.integrity import checkup
from vault.models import Collection, CollectionKey, Memory, Source
from vault.recalling import recall
from vault.scope import vault_scope
from vault.search import sealed


def test_a_whole_vault_is_said_to_be_whole(visit: Visit, person: Person) -> None:
    remember(person, "Vegetarian since 2015")
    page = visit(person)
    page.goto("/settings/check/")
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_role("heading", name="Everything is as you left it")).to_be_visible()
    expect(page.get_by_text("Complete")).to_have_count(6)


def test_a_loss_is_shown_and_can_be_accepted(visit: Visit, person: Person) -> None:
    remember(person, "Vegetarian since 2015")
    remember(person, "Allergic to peanuts")
    with vault_scope(person.vault_id):
        Memory.objects.filter(vault_id=person.vault_id).latest("created_at").delete()
    sealed.close(person.vault_id)
    with pytest.raises(Tampered):
        recall.search(person.access, "vegetarian")
    page = visit(person)
    page.goto("/settings/")
    page.get_by_role("link", name="Is everything there?").click()
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_text("should hold 2 memories and holds 1")).to_be_visible()
    page.get_by_role("link", name="Take it as it is").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Go on with what is there").click()
    expect(page.get_by_text("with 1 of its memories").first).to_be_visible()
    page.goto("/memories/?q=vegetarian")
    expect(page.get_by_text("Vegetarian since 2015").first).to_be_visible()


def test_connections_that_are_not_in_step_are_listed(database: None) -> None:
    person = new_person()
    page = signed_in(person).get("/settings/check/").content.decode()
    assert "Connections that are not in step" not in page
    long_ago = timezone.now() - timedelta(days=9)
    one_connection(person, "Made just now")
    one_connection(person, "By hand", background=False, created_at=long_ago)
    one_connection(person, "Refused", state="needs sign-in", said="The key has expired.")
    one_connection(person, "Away", state="failing", said="It cannot be reached.")
    one_connection(person, "Held", state="blocked", guard={"name": "emptied", "said": "x"})
    one_connection(person, "Paused long ago", state="paused", created_at=long_ago)
    one_connection(person, "Paused today", state="paused")
    went = one_connection(person, "Went well", created_at=long_ago)
    came = one_connection(person, "Came to a stop", created_at=long_ago)
    ran(person, went, timezone.now() - timedelta(hours=2))
    ran(person, came, timezone.now() - timedelta(days=3))
    ran(person, came, timezone.now(), outcome="unavailable")
    ran(person, came, timezone.now(), kind="preview")
    page = signed_in(person).get("/settings/check/").content.decode()
    listed = page.partition("Connections that are not in step")[2]
    names = re.findall(r"<strong[^>]*>([^<]+)</strong></a>", listed)
    assert sorted(names) == ["Away", "Came to a stop", "Held", "Paused long ago", "Refused"]
    assert "Last in step" in listed and "Never in step so far" in listed
    assert "Sign in again" in listed


def ran(person: Person, one: Connection, at: datetime, **more: str) -> None:
    with vault_scope(person.vault_id):
        Run.objects.create(
            **{"vault_id": person.vault_id, "connection_id": one.id, "started_at": at},
            **{"finished_at": at, "outcome": "done", **more},
        )


def lose(person: Person, name: str) -> None:
    home = person.collection(name)
    with vault_scope(person.vault_id):
        Collection.objects.filter(vault_id=person.vault_id, id=home).delete()
        CollectionKey.objects.filter(vault_id=person.vault_id, collection_id=home).delete()


def test_a_vault_that_stays_closed_is_explained_and_can_be_gone_on_with(
    visit: Visit, person: Person
) -> None:
    remember(person, "Vegetarian since 2015")
    page = visit(person)
    lose(person, "Money")
    page.goto("/")
    page.get_by_role("button", name="Lock now").first.click()
    page.wait_for_url("**/unlock/**")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Unlock").click()
    expect(page.get_by_text("Your vault stays closed")).to_be_visible()
    page.get_by_role("link", name="See what does not fit").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_text("should have 6 collections and has 5")).to_be_visible()
    page.get_by_label("Your password").fill("not this one")
    page.get_by_role("button", name="Accept what is there now").click()
    expect(page.get_by_text("This is not your password")).to_be_visible()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Accept what is there now").click()
    expect(page.get_by_text("Your vault stands as it is").first).to_be_visible()
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_text("Complete")).to_have_count(5)
    page.goto("/memories/?q=vegetarian")
    expect(page.get_by_text("Vegetarian since 2015").first).to_be_visible()


def test_a_list_that_fits_has_nothing_to_accept(visit: Visit, person: Person) -> None:
    page = visit(person)
    page.goto("/settings/check/")
    page.get_by_role("link", name="Compare it now").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_role("heading", name="All your collections are there")).to_be_visible()
    expect(page.get_by_role("button", name="Accept")).to_have_count(0)


def test_a_collection_switched_behind_the_back_is_shown_and_what_accepting_means(
    visit: Visit, person: Person
) -> None:
    remember(person, "Vegetarian since 2015")
    with vault_scope(person.vault_id):
        mine = Collection.objects.filter(vault_id=person.vault_id)
        mine.filter(id=person.collection("Personal")).update(indexed=True)
    page = visit(person)
    page.goto("/settings/")
    page.get_by_role("link", name="Altered").click()
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_text("a collection's own name or settings were")).to_be_visible()
    page.get_by_role("link", name="Take it as it is").click()
    expect(page.get_by_text("obfuscated there, not encrypted")).to_be_visible()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Go on with what is there").click()
    expect(page.get_by_text("with 1 of its memories").first).to_be_visible()
    page.goto("/settings/")
    expect(page.get_by_role("link", name="Altered")).to_have_count(0)


def test_only_who_signed_in_reaches_the_list(client: Client) -> None:
    assert client.get("/settings/check/vault/").status_code == 302


def unlocked(person: Person, client: Client) -> Client:
    client.force_login(person.user)
    assert client.post("/unlock/", {"password": PASSWORD}).status_code == 302
    return client


@pytest.mark.parametrize("what", ["names", "source", "memory"])
def test_pages_show_what_was_altered_and_lead_on(person: Person, client: Client, what: str) -> None:
    remember(person, "Vegetarian since 2015")
    home, mine = person.collection("Personal"), {"vault_id": person.vault_id}
    with vault_scope(person.vault_id):
        if what == "names":
            keys = CollectionKey.objects.filter(**mine, collection_id=home)
            keys.update(names_key=b"\1" * 90)
        else:
            model = Source if what == "source" else Memory
            model.objects.filter(**mine).update(epoch=9)
    sealed.close(person.vault_id)
    unlocked(person, client)
    for address in ("/", "/memories/"):
        shown = client.get(address)
        assert shown.status_code == 200, address
        assert "was altered and cannot be read" in shown.content.decode()
    assert "Take it as it is" in client.post("/settings/check/").content.decode()
    taking = f"/settings/check/{home}/accept/"
    shown = client.get(taking)
    said = {"password": PASSWORD, "seen": shown.context["now"].seen}
    assert client.post(taking, {**said, "seen": "another"}).status_code == 200
    assert client.post(taking, said).status_code == 302
    assert checkup.check(reopened(person), home) == (0 if what == "memory" else 1)
    assert client.get("/review/").status_code == 200


def reopened(person: Person) -> Access:
    secret = {"password": PASSWORD, "password_hash": person.user.password}
    opened = vaults.unlock(owner_id=person.user.pk, **secret)
    return open_session(opened.session_id, opened.vault_id, opened.secret)


def test_an_altered_memory_waits_in_review(visit: Visit, person: Person) -> None:
    remember(person, "Vegetarian since 2015")
    with vault_scope(person.vault_id):
        Memory.objects.filter(vault_id=person.vault_id).update(kind="instruction")
    page = visit(person)
    page.goto("/settings/check/")
    page.get_by_role("button", name="Check now").click()
    page.get_by_role("link", name="Take it as it is").click()
    expect(page.get_by_text("seen by nobody else until then: 1")).to_be_visible()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Go on with what is there").click()
    expect(page.get_by_text("Waiting for your word in Review: 1").first).to_be_visible()
    page.goto("/review/")
    expect(page.get_by_text("It was altered in the database")).to_be_visible()
    page.get_by_role("button", name="Let it in").click()
    page.goto("/memories/")
    expect(page.get_by_text("waits for your word")).to_have_count(0)
    expect(page.get_by_text("Vegetarian since 2015").first).to_be_visible()


@pytest.mark.parametrize("unlocked_since", [False, True])
def test_home_opens_with_a_collections_key_lost_and_leads_to_the_check(
    person: Person, unlocked_since: bool
) -> None:
    """Imports are kept under the key of the first collection: Home shows those that wait."""
    remember(person, "Vegetarian since 2015", "Work")
    remember(person, "Allergic to peanuts")
    talks = zipped([conversation("c1", ["Which sights?", "Many."])])
    begun = imports.begin(person.access, [upload(talks)], start=reading.run)
    home, client = person.collection("Personal"), signed_in(person)
    assert "not as you left it" not in client.get("/").content.decode()
    with vault_scope(person.vault_id):
        CollectionKey.objects.filter(vault_id=person.vault_id, collection_id=home).delete()
    sealed.close(person.vault_id)
    client = signed_in(person) if unlocked_since else client
    answer = client.get("/")
    words = answer.content.decode()
    assert answer.status_code == 200
    assert "not as you left it" in words
    assert 'href="/settings/check/"' in words
    assert "Vegetarian since 2015" in words
    for address in ("/import/", f"/import/{begun.id}/", "/settings/check/", "/memories/"):
        assert client.get(address).status_code == 200, address
    checked = client.post("/settings/check/").content.decode()
    assert "Something is not as it was left" in checked
    assert ("cannot be opened" in checked) == unlocked_since
    assert client.post(f"/import/{begun.id}/cancel/").status_code == 302
    assert imports.get(person.access, begun.id).state == "cancelled"
