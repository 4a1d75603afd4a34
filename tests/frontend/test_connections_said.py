"""What runs and vendors said, as pages say it: known words in other languages, all harmless."""

import re
from unittest.mock import patch

import pytest
from django.template.loader import render_to_string
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from connectors.base.protocol import Connector
from connectors.base.registry import connectors
from connectors.base.types import Room
from frontend.words import runwords
from sync.connections import connections
from sync.engine import guards, sentences
from sync.models import Run
from tests.frontend.connectionshow import one_connection
from tests.frontend.test_connections import SECRET, World, words, world
from tests.frontend.test_connections_many import listed, ran
from tests.people import PASSWORD, new_person, signed_in
from vault.middleware import KEY_COOKIE
from vault.scope import vault_scope

__all__ = ["world"]
many = st.integers(11, 100_000)


@given(count=many, links=many)
def test_guards_are_said_again_from_their_counts(count: int, links: int) -> None:
    made = (
        guards._other_account(links),
        guards._emptied(links),
        guards._emptied(1),
        guards._deleted_there(count, links),
        guards._forgotten_here(count, links),
        guards._everything_changed(count, links),
    )
    for guard in made:
        row = {"name": guard.name, "said": guard.said, "counts": dict(guard.counts)}
        assert runwords.held_back(row) == guard.said


@pytest.mark.parametrize("counts", [{}, None, {"links": "three"}, {"links": None}])
def test_a_guard_of_another_version_is_said_as_it_was_written(counts: object) -> None:
    row = {"name": "emptied", "said": "All of it is gone.", "counts": counts}
    assert "gone" in runwords.held_back(row) or "entries were paired" in runwords.held_back(row)
    assert runwords.held_back({"name": "of later", "said": "So it is."}) == "So it is."


def test_sentences_with_values_are_known_again() -> None:
    class Small(Connector):
        slug, name, docs_url, room = "small", "Small", "https://example.org", Room(text=2000)

    written = (
        sentences.longer_there(Small),
        sentences.longer_here(),
        sentences.cannot_delete(Small),
        sentences.no_way_to_delete(Small),
    )
    assert written[0] == "Longer than the 2,000 characters that Small takes."
    for one in written:
        assert runwords.told(one, Small, {}) == one
    with patch.object(runwords, "gettext", lambda words: f"⟦{words}⟧"):
        for one in written:
            assert runwords.told(one, Small, {}).startswith("⟦"), one
        assert runwords.told("", Small, {}) == "", "nothing is not looked up"


def test_every_connector_can_be_chosen_and_its_form_shown() -> None:
    client = signed_in(new_person())
    page = client.get("/connections/new/").content.decode()
    for slug, one in connectors().items():
        assert one.name in page
        assert client.get(f"/connections/new/{slug}/").status_code == 200


def test_a_hostile_answer_stays_text_in_the_list_and_in_the_log() -> None:
    person = new_person()
    evil = "<script>alert(1)</script> \u202egnp.exe \x1b[31m%(name)s {{ 7 }} " + "w" * 120
    one = one_connection(person, "Evil", state="failing", said=evil[:300])
    skipped = [{"why": evil, "memory": ""}]
    ran(person, one.id, outcome="bad response", said=evil, skipped=skipped, counts={evil: 2})
    ran(person, one.id, outcome=evil[:16])
    client: Client = signed_in(person)
    for page in (listed(client), client.get(f"/connections/{one.id}/").content.decode()):
        assert "<script>alert" not in page and "&lt;script&gt;alert" in page
        assert "\u202e" not in page and "\x1b" not in page
        assert "%(name)s {{ 7 }}" in page


def test_a_hostile_answer_is_harmless_on_home_and_among_problems_of_an_import() -> None:
    person, evil = new_person(), "<b>\u202egnp.exe\x1b[31m is odd"
    one_connection(person, "Evil", state="needs sign-in", said=evil)
    problem = {"reason": evil, "where": "a.json", "count": 1}
    part = render_to_string("pages/import_problems.html", {"one": {"problems": [problem]}})
    for page in (signed_in(person).get("/").content.decode(), part):
        assert "&lt;b&gt;gnp.exe" in page
        assert "\u202e" not in page and "\x1b" not in page


def test_a_run_that_was_held_back_is_told_by_what_the_row_keeps() -> None:
    person = new_person()
    guard = guards._emptied(4)
    held = {"name": guard.name, "said": guard.said, "counts": dict(guard.counts)}
    one = one_connection(person, "Emptied", state="blocked", guard=held)
    ran(person, one.id, outcome="guarded", said=guard.said)
    client = signed_in(person)
    with patch.object(runwords, "gettext", lambda words: f"⟦{words}⟧"):
        page = client.get(f"/connections/{one.id}/").content.decode()
        assert page.count("⟦Nothing is there any more. 4 entries were paired") == 2
        waive = client.get(f"/connections/{one.id}/waive/").content.decode()
    assert "⟦Nothing is there any more." in waive
    sent = dict(re.findall(r'type="hidden" name="(guard|said)" value="([^"]*)"', waive))
    assert sent == {"guard": "emptied", "said": guard.said}, "as it was written: it is compared"
    client.post(f"/connections/{one.id}/waive/", sent)
    assert connections.get(person.access, one.id).state == "active"


def test_a_vault_locked_in_mid_form_costs_only_what_is_secret(world: World) -> None:
    key = world.client.cookies[KEY_COOKIE].value
    del world.client.cookies[KEY_COOKIE]
    answer = world.client.post("/connections/new/shelf/", world.form())
    assert answer.headers["Location"] == "/unlock/?next=%2Fconnections%2Fnew%2Fshelf%2F"
    world.client.cookies[KEY_COOKIE] = key
    page = world.client.get("/connections/new/shelf/").content.decode()
    assert SECRET not in page and PASSWORD not in page and "Not saved yet." in page
    assert 'value="My shelf"' in page and 'value="left"' in page
    kinds = re.findall(r'name="kinds" value="([^"]*)"[^>]* checked', page)
    assert sorted(kinds) == ["fact", "preference"]
    assert "Enter again, since it is never kept: " in page and "Your password" in page
    assert connections.listing(world.person.access) == []


def test_a_fragment_or_a_stranger_is_led_to_the_door(world: World) -> None:
    form = world.form()
    del world.client.cookies[KEY_COOKIE]
    part = world.client.post("/connections/new/shelf/", form, headers={"HX-Request": "true"})
    assert "/unlock/" in part.headers["HX-Redirect"]
    world.client.logout()
    answer = world.client.post("/connections/new/shelf/", form)
    assert answer.status_code == 302 and "/accounts/login/" in answer.headers["Location"]


def test_two_tabs_one_run(world: World) -> None:
    """The second tab still shows the buttons of before; what it asks for is refused in words."""
    id = world.add()
    world.work()
    world.post(f"/connections/{id}/run/", do="run")
    said = words(world.post(f"/connections/{id}/run/", do="run"))
    assert world.work() in (1, 2)
    with vault_scope(world.person.vault_id):
        assert Run.objects.filter(connection_id=id, outcome="").count() == 0
    world.post(f"/connections/{id}/pause/")
    said = words(world.post(f"/connections/{id}/pause/"))
    assert "This connection is paused: that cannot be done now. Resume it first." in said
    world.post(f"/connections/{id}/end/", keep="yes")
    world.work()
    said = words(world.post(f"/connections/{id}/pause/"))
    assert "This connection has ended: that cannot be done any more." in said
