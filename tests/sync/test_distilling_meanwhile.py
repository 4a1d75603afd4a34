"""Distilling while other things happen: collections go, two tabs save, answers pile up."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from sync.distilling import model, runs, work
from sync.distilling.choice import ChatChoice
from sync.upkeep import removals
from tests.archives import reopened
from tests.chat_api import ChatApi
from tests.people import Person, new_person
from tests.sync.distil import Tokens, begin, distil, resume, talk, words
from vault import bulk, memories
from vault.errors import Invalid
from vault.types import Draft, SourceDraft

MANY = 402


@pytest.fixture
def api() -> Iterator[ChatApi]:
    with ChatApi() as running:
        yield running


@pytest.fixture
def ana() -> Person:
    return new_person()


def delete(person: Person, name: str) -> Person:
    """With what is in it; the person as they come back."""
    home = person.collection(name)
    for one in memories.listing(person.access, collections=[home]).memories:
        memories.forget(person.access, one.id)
    removals.remove(person.access, person.owner_key, home, shred=True)
    return reopened(person)


def test_a_run_goes_on_without_a_collection_that_was_deleted(ana: Person, api: ChatApi) -> None:
    talk(ana, "here", "I like tea.")
    talk(ana, "there", "I like rye bread.", home="Work")
    run = begin(ana, api, "Personal", "Work")
    runs.stop(ana.access, run.id)
    ana = delete(ana, "Work")
    ended = resume(ana, run.id)
    assert (ended.state, ended.said) == ("done", "")
    assert words(ana) == ["I like tea"]
    assert ended.gone == 1


def test_a_run_at_work_goes_on_too(ana: Person, api: ChatApi) -> None:
    talk(ana, "here", "I like tea.")
    talk(ana, "there", "I like rye bread.", home="Travel")
    tokens = Tokens()
    run = begin(ana, api, "Personal", "Travel", start=tokens)
    ana = delete(ana, "Travel")
    runs.stop(ana.access, run.id)
    ended = resume(ana, run.id)
    assert (ended.state, ended.gone) == ("done", 1)


def test_where_the_target_was_deleted_proposals_go_to_their_conversation(
    ana: Person, api: ChatApi
) -> None:
    talk(ana, "here", "I like tea.")
    run = begin(ana, api, into=ana.collection("Travel"))
    runs.stop(ana.access, run.id)
    ana = delete(ana, "Travel")
    ended = resume(ana, run.id)
    assert (ended.state, ended.gone, ended.elsewhere) == ("done", 0, True)
    assert words(ana) == ["I like tea"]


def test_with_no_collection_left_its_owner_is_told(ana: Person, api: ChatApi) -> None:
    talk(ana, "there", "I like rye bread.", home="Work")
    run = begin(ana, api, "Work")
    runs.stop(ana.access, run.id)
    ana = delete(ana, "Work")
    with pytest.raises(Invalid, match="deleted"):
        runs.resume(ana.access, run.id, start=Tokens())
    assert runs.end(ana.access, run.id).gone == 1


def test_two_tabs_that_save_a_model_both_get_an_answer(ana: Person, api: ChatApi) -> None:
    def save(number: int) -> None:
        try:
            for _ in range(5):
                model.save(ana.access, ChatChoice.made(api.base, f"toy-{number}"))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as tabs:
        list(tabs.map(save, range(4)))
    assert model.chosen(ana.access).model.startswith("toy-")


def test_a_server_that_is_not_there_is_named_with_its_port(ana: Person) -> None:
    talk(ana, "here", "I like tea.")
    tokens = Tokens()
    with ChatApi() as gone:
        run = begin(ana, gone, start=tokens)
    assert work.run(*tokens[-1]) is not None
    assert f"127.0.0.1:{gone.port} did not answer" in runs.get(ana.access, run.id).said


def test_of_answers_without_end_at_one_place_each_is_read(ana: Person, api: ChatApi) -> None:
    home = ana.collection("Personal")
    drafts = [
        Draft(
            f"I like tea number {number}." if number in (0, MANY - 1) else f"Never mind {number}.",
            "episode",
            role="user",
            conversation="openai\0wide",
            position=1,
            source=SourceDraft(vendor="openai", key=f"wide:{number}", conversation_id="wide"),
        )
        for number in range(MANY)
    ]
    bulk.remember_many(ana.access, [(home, one) for one in drafts])
    talk(ana, "wide2", "I own a boat.")
    run = distil(ana, api)
    assert run.counts["turns"] == MANY + 1
    assert {"I like tea number 0", f"I like tea number {MANY - 1}"} <= set(words(ana))
