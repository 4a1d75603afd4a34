"""What once looked wrong on a page: raw values, odd labels, words on top of each other."""

from uuid import uuid4

import pytest
from django.test import Client

from frontend.words import ACTIONS
from tests.frontend.conftest import Visit, text_of
from tests.people import Person, new_person, signed_in
from vault import memories
from vault.log import access_log
from vault.types import Draft, Memory, SourceDraft

TITLE = "How to read a tide table of the Douro when one only ever did rivers " * 2


@pytest.fixture(scope="module")
def ana(database: None) -> Person:
    return new_person()


@pytest.fixture
def owner(ana: Person) -> Client:
    return signed_in(ana)


def seen(person: Person, text: str, account: str, title: str = "") -> Memory:
    source = SourceDraft(vendor="anthropic", key=text, account=account)
    draft = Draft(text=text, title=title, source=source)
    made = memories.remember(person.access, person.collection("Work"), draft)
    assert isinstance(made, Memory)
    return made


def test_what_a_connection_sent_has_a_name_in_the_log(owner: Client, ana: Person) -> None:
    made = seen(ana, "Likes tea", "")
    access_log.record(ana.access, "sent", [made.id])
    access_log.record(ana.access, "granted")
    page = text_of(owner, "/activity/")
    assert ">sent<" not in page and str(ACTIONS["sent"]) in page
    assert "Gave access</th>" not in text_of(owner, "/activity/?what=sent").replace("</span>", "")


def test_an_account_that_is_a_mere_number_is_not_shown(owner: Client, ana: Person) -> None:
    number = str(uuid4())
    assert number not in text_of(owner, f"/memories/{seen(ana, 'Likes trains', number).id}/")
    named = seen(ana, "Likes boats", "ana@example.org")
    assert "Claude: ana@example.org" in text_of(owner, f"/memories/{named.id}/")


def test_the_form_of_the_password_is_labelled_like_others_and_can_be_left(owner: Client) -> None:
    page = text_of(owner, "/accounts/password/change/")
    assert "Current password" in page and "New password (again)" in page
    assert "New Password" not in page and "data-cancel" in page


def test_words_are_seen_whole(visit: Visit, person: Person) -> None:
    """Under a long title, above the buttons of merging."""
    made = [seen(person, text, "", TITLE) for text in ("In the estuary", "On the open sea")]
    page = visit(person, viewport={"width": 320, "height": 640})
    page.goto("/memories/")
    shown = """(text) => {
        const boxes = [...document.querySelectorAll(".clamp")];
        const box = boxes.find((one) => one.innerText.includes(text));
        const range = document.createRange();
        range.selectNodeContents(box.lastChild);
        return range.getBoundingClientRect().bottom <= box.getBoundingClientRect().bottom + 1;
    }"""
    assert [page.evaluate(shown, one.text) for one in made] == [True, True]
    page.set_viewport_size({"width": 1280, "height": 600})
    page.goto("/memories/merge/?" + "&".join(f"memory={one.id}" for one in made))
    field, foot = page.get_by_label("Other words for it"), page.locator(".merging-end")
    for one in (field, foot):
        assert one.bounding_box() is not None
    above, below = field.bounding_box(), foot.bounding_box()
    assert above and below and above["y"] + above["height"] <= below["y"]
