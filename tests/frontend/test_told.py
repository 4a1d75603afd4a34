"""What a page tells about the act before it: its names lie in no table on the way."""

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from tests.people import Person, signed_in

NAME = "Oncologist-canary"


def rows(client: Client) -> str:
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    return repr(Session.objects.get(session_key=key).get_decoded())


def test_what_is_told_next_lies_sealed_in_the_session(person: Person) -> None:
    client = signed_in(person)
    answer = client.post("/memories/views/save/", {"name": NAME, "q": "x"})
    assert answer.status_code == 302
    assert "_messages" in rows(client)
    assert NAME not in rows(client)
    assert f"Saved as “{NAME}”" in client.get("/memories/").content.decode()
    assert "_messages" not in rows(client)
    assert "Saved as" not in client.get("/memories/").content.decode()


@pytest.mark.parametrize("half", ["", "x", "A" * 44])
def test_one_half_alone_tells_nothing_and_breaks_no_page(person: Person, half: str) -> None:
    client = signed_in(person)
    client.post("/memories/views/save/", {"name": NAME, "q": "x"})
    client.cookies["satchel_told"] = half
    page = client.get("/memories/")
    assert page.status_code == 200
    assert "Saved as" not in page.content.decode()


def test_words_of_before_an_update_break_no_page(person: Person) -> None:
    client = signed_in(person)
    session = client.session
    session["_messages"] = '[["__json_message",0,25,"Saved.",""]]'
    session.save()
    assert client.get("/memories/").status_code == 200
