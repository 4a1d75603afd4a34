"""Where somebody who has read nothing hesitated once, and is led on now. Without a browser."""

import re
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.test import Client

from sync.importing import imports, reading
from tests import exports
from tests.frontend.test_memories import remember
from tests.people import Person, new_person, signed_in
from vault import memories
from vault.recalling import recall
from vault.types import Right

TALKS = [exports.conversation("c1", ["Which sights are in Kyoto?", "Many."], title="Kyoto")]


@pytest.fixture(scope="module")
def ana(database: None) -> Person:
    person = new_person()
    for text in ("Bakes rye bread", "Cooks lentil soup", "Eats no peanuts", "Tests with pytest"):
        for more in ("", " at home", " with Tim"):
            remember(person, text + more)
    return person


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_home_leads_to_connecting_an_app_and_to_the_reads_alone(ana: Person) -> None:
    client = signed_in(ana)
    home = shown(client, "/")
    card = home.split('id="reach"')[1].split("</section>")[0]
    assert 'href="/connect/"' in card and "token" not in card
    recall.search(ana.grantee(Personal=Right(see=True)), "bread")
    (leads,) = re.findall(r'href="([^"]*)">See each read', shown(client, "/"))
    address, _, place = leads.replace("&amp;", "&").partition("#")
    lines = shown(client, address).split(f'id="{place}"')[1]
    assert "Searched" in lines and "Gave access" not in lines.split("</table>")[0]


def test_an_export_that_brings_nothing_new_says_so_where_it_asks(ana: Person) -> None:
    words = "All of it is in your vault already."
    for already in (False, True):
        begun = imports.begin(
            ana.access, [exports.upload(exports.zipped(TALKS))], start=reading.run
        )
        page = shown(signed_in(ana), f"/import/{begun.id}/")
        assert (words in page) == already
        imports.accept(ana.access, begun.id, start=reading.run)


def test_a_model_is_asked_for_before_what_goes_to_it(ana: Person) -> None:
    client = signed_in(ana)
    page = shown(client, "/move/to/ollama/")
    names = re.findall(r'name="([a-z-]+)"', page.split("What goes along<")[1])
    assert names[:3] == ["option-model", "other-model", "collections"]
    page = shown(client, "/distil/")
    assert page.index('href="/settings/distilling/') < page.index("Which conversations")


def test_finer_choices_of_a_move_stay_folded_until_one_is_made(ana: Person) -> None:
    client = signed_in(ana)
    begins = shown(client, "/move/to/ollama/").split("What goes along<")[1].split("</form>")[0]
    assert "<details> <summary>More choices" in begins
    ticked = re.findall(r'name="([a-z-]+)" value="([^"]*)"[^>]* checked', begins)
    first = re.findall(r'<select name="([a-z-]+)".*?<option value="([^"]*)"', begins)
    kept = f"/move/to/ollama/?chosen=yes&{urlencode(ticked + first)}"
    assert "<details> <summary>More choices" in shown(client, kept)
    assert "<details open> <summary>More choices" in shown(client, f"{kept}&past=on")


def test_what_the_map_shows_is_ticked_and_acted_on_there(ana: Person) -> None:
    client = signed_in(ana)
    region = re.search(r'href="(/map/\?region=\d+)"', shown(client, "/map/"))
    assert region is not None
    page = shown(client, region[1])
    form = page.split('id="many"')[1].split("</form>")[0]
    (then,) = re.findall(r'name="next" value="([^"]*)"', form)
    ids = re.findall(r'name="memory" value="([^"]*)"', page)
    assert then == region[1] and ids
    beside = client.post("/map/list/", {"ids": " ".join(ids)}).content.decode()
    assert re.findall(r'name="memory" value="([^"]*)"', beside) == ids
    answer = client.post("/memories/several/", {"verb": "pin", "memory": ids, "next": then})
    assert (answer.status_code, answer["Location"]) == (302, then)
    assert all(memories.get(ana.access, UUID(one)).pinned for one in ids)
    away = client.post(
        "/memories/several/", {"verb": "pin", "memory": ids, "next": "https://evil.example"}
    )
    assert away["Location"] == "/"
