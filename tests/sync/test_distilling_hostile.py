"""Distilling under attack: answers and conversations that cost time, branches, two clicks at once,
and collections that are deleted meanwhile."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from time import process_time

import pytest
from django.db import connections

from sync.distilling import model, runs, work
from sync.distilling.answers import judged
from sync.distilling.errors import Unreadable
from sync.upkeep import removals
from tests.archives import reopened
from tests.chat_api import ChatApi
from tests.people import Person, new_person
from tests.sync.distil import Tokens, begin, resume, talk
from vault.reviewing.recalled import without_recalled


@pytest.fixture
def api() -> Iterator[ChatApi]:
    with ChatApi() as running:
        yield running


@pytest.fixture
def ana() -> Person:
    return new_person()


def growth(act: Callable[[int], object], size: int) -> float:
    """How many times longer it takes with eight times as much."""

    def spent(much: int) -> float:
        begun = process_time()
        act(much)
        return process_time() - begun

    return min(spent(size * 8) for _ in range(2)) / max(min(spent(size) for _ in range(3)), 1e-4)


def fenced(lines: int) -> None:
    with pytest.raises(Unreadable):
        judged("```json\n" + "\n" * lines + "x", [])


def test_an_answer_of_empty_lines_is_read_in_one_go() -> None:
    assert growth(fenced, 40) < 60


def test_records_without_end_are_cut_out_in_one_go() -> None:
    assert growth(lambda n: without_recalled("\n".join(['"id":"abcdef01"'] * n)), 60) < 30


def test_fences_of_every_make_come_off() -> None:
    answer = json.dumps({"proposals": []}, indent=1)
    for told in (f"```json\n{answer}\n```", f"```\n{answer}\n\n```", f"```JSON \r\n{answer}\n```"):
        assert judged(told, []).kept == []


def test_two_clicks_begin_one_run(ana: Person, api: ChatApi) -> None:
    talk(ana, "t", "I like tea.")
    model.save(ana.access, api.choice())

    def click(_: int) -> None:
        try:
            begin(ana, api)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as clicks:
        list(clicks.map(click, range(4)))
    assert [run.unfinished for run in runs.listing(ana.access)].count(True) == 1


def test_deleting_the_collection_that_holds_model_and_run_keeps_both(
    ana: Person, api: ChatApi
) -> None:
    talk(ana, "t", "I like tea.", home="Work")
    tokens = Tokens()
    run = begin(ana, api, "Work", start=tokens)
    first = ana.collection("Personal")
    removals.remove(ana.access, ana.owner_key, first)
    assert model.chosen(ana.access).base == api.base
    assert runs.get(ana.access, run.id).state == "paused"
    assert work.run(*tokens[-1]) is None
    assert resume(reopened(ana), run.id).state == "done"
