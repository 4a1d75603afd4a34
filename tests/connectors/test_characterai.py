"""Character.AI chats in both forms: who spoke, which answer was chosen, and what was not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base.registry import archives, recognise
from tests.connectors.mutilated import JUNK, mutilated
from tests.connectors.shapes import (
    Json,
    calmly,
    conversations,
    opened,
    problems,
    read,
    turns,
)

NOON = "2026-01-01T12:00:00.000000Z"


def msg(name: str, text: str, human: bool = False, **more: Any) -> Json:
    source = {"name": "Ana" if human else "Wolf", "is_human": human, "user": {"username": "CANARY"}}
    return {"id": 1, "uuid": name, "text": text, "src": source, "is_alternative": False, **more}


def history(name: str = "h1", msgs: Any = None, **more: Any) -> Json:
    two = [msg("m1", "I am Wolf."), msg("m2", "Hello Wolf.", human=True)]
    held = {"external_id": name, "created": NOON, "last_interaction": NOON}
    return {**held, "msgs": two if msgs is None else msgs, **more}


def dump(*histories: Any) -> dict[str, Any]:
    character = {"name": "Wolf", "title": "A wolf", "greeting": "I am Wolf."}
    return {
        "Wolf.json": {"info": {"character": character}, "histories": {"histories": list(histories)}}
    }


def turn(name: str, *answers: str, human: bool = False, minute: int = 0, **more: Any) -> Json:
    author = {"author_id": "7", "name": "Ana" if human else "Wolf"} | (
        {"is_human": True} if human else {}
    )
    at = f"2026-01-01T12:{minute:02}:00.000000Z"
    found = [
        {"candidate_id": f"{name}-{n}", "create_time": at, "raw_content": text, "is_final": True}
        for n, text in enumerate(answers, 1)
    ]
    held = {"turn_key": {"chat_id": "c1", "turn_id": name}, "create_time": at, "author": author}
    return {**held, "candidates": found, "primary_candidate_id": f"{name}-1", **more}


def three() -> list[Json]:
    return [
        turn("t1", "I am Wolf."),
        turn("t2", "Hello.", human=True, minute=1),
        turn("t3", "Hi!", "Go away.", minute=2),
    ]


def test_a_dump_of_histories() -> None:
    found = read(dump(history(), history("h2", [msg("m9", "Again.", human=True)])))
    one, two = conversations(found)
    assert [(c.conversation_id, c.title) for c in (one, two)] == [("h1", "Wolf"), ("h2", "Wolf")]
    assert [(t.message_id, t.role, t.text, t.speaker) for t in one.turns] == [
        ("m1", "assistant", "I am Wolf.", "Wolf"),
        ("m2", "user", "Hello Wolf.", ""),
    ]
    assert str(one.created_at) == str(one.updated_at) == "2026-01-01 12:00:00+00:00"
    assert len(found) == 2 and "CANARY" not in repr(found)


def test_the_flat_names_of_a_source() -> None:
    flat = {"uuid": "m1", "text": "Hello", "src__is_human": True, "src__name": "Ana"}
    (only,) = turns(read(dump(history(msgs=[flat]))))
    assert (only.role, only.text) == ("user", "Hello")


def test_answers_that_were_not_chosen_are_branches() -> None:
    msgs = [
        msg("u", "Hi", human=True),
        msg("a", "No.", is_alternative=True),
        msg("b", "Yes."),
        msg("v", "Good.", human=True),
    ]
    found = turns(read(dump(history(msgs=msgs))))
    assert [(t.text, t.branch, t.position) for t in found] == [
        ("Hi", 0, 0),
        ("Yes.", 0, 1),
        ("Good.", 0, 2),
        ("No.", 1, 1),
    ]


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("form", ["object", "bare", "listed"])
def test_turns_in_any_order_and_wrapping(newest_first: bool, form: str) -> None:
    held = three()[::-1] if newest_first else three()
    content = {"object": {"turns": held}, "bare": held, "listed": [{"turns": held}]}[form]
    found = read({"chat.json": content})
    (one,) = conversations(found)
    assert (one.conversation_id, one.title) == ("c1", "Wolf")
    assert [(t.role, t.text, t.branch) for t in one.turns] == [
        ("assistant", "I am Wolf.", 0),
        ("user", "Hello.", 0),
        ("assistant", "Hi!", 0),
        ("assistant", "Go away.", 1),
    ]
    assert len(found) == 1


def test_the_chosen_answer_is_the_one_gone_on_from() -> None:
    chosen = {**three()[2], "primary_candidate_id": "t3-2"}
    last = turn("t4", "Sorry.", human=True, minute=3)
    (one,) = conversations(read({"a.json": {"turns": [*three()[:2], chosen, last]}}))
    assert [(t.text, t.branch) for t in one.turns][2:] == [
        ("Go away.", 0),
        ("Sorry.", 0),
        ("Hi!", 1),
    ]


@pytest.mark.parametrize("name", ["conversations.json", "x/y.txt"])
@pytest.mark.parametrize("content", [dump(history())["Wolf.json"], {"turns": three()}, three()])
def test_it_is_known_by_what_is_in_it(name: str, content: Any) -> None:
    with opened({name: content}) as files:
        found = recognise(files)
        assert found is not None and found.vendor == "characterai"


@pytest.mark.parametrize(
    "content",
    [
        {"conversations": [{"conversation": {"id": "c"}, "responses": []}]},
        {"turns": []},
        {"turns": [{"speaker": "a", "text": "b"}]},
        {"histories": {"histories": []}},
        [{"author": {}, "candidates": [{"content": "x"}]}],
        [{"character_id": "luna", "messages": [{"role": "user", "content": "x"}]}],
    ],
)
def test_what_merely_looks_alike_is_not_claimed(content: Any) -> None:
    with opened({"chat.json": content}) as files:
        assert not archives()["characterai"].recognise(files)


def test_a_grown_chat_adds_what_is_new() -> None:
    old = turns(read({"a.json": {"turns": three()}}))
    grown = [*three(), turn("t4", "Bye.", human=True, minute=3)]
    new = turns(read({"a.json": {"turns": grown}}))
    names = {one.message_id for one in new} - {one.message_id for one in old}
    assert names == {"t4-1"} and len(new) == len(old) + 1
    assert len(conversations(read(dump(history()), dump(history())))) == 1


@calmly
@given(st.lists(st.sampled_from(["history", *JUNK]), max_size=10))
def test_every_history_is_read_or_told(kinds: list[Any]) -> None:
    """Total: the histories of the list."""
    entries = [history(f"n{n}") if kind == "history" else kind for n, kind in enumerate(kinds)]
    found = read(dump(history("first"), *entries))
    assert len(conversations(found)) + len(problems(found)) == len(kinds) + 1


@calmly
@given(st.lists(st.sampled_from(["turn", *JUNK]), max_size=10))
def test_every_turn_is_read_or_told(kinds: list[Any]) -> None:
    """Total: the turns of the list."""
    entries = [turn(f"n{n}", "x") if kind == "turn" else kind for n, kind in enumerate(kinds)]
    found = read({"a.json": {"turns": [turn("first", "x"), *entries]}})
    without_answers = sum(isinstance(kind, dict) for kind in kinds)  # {} says nothing
    assert len(turns(found)) + len(problems(found)) + without_answers == len(kinds) + 1


@calmly
@given(mutilated([history("a"), history("b")]), mutilated(three()))
def test_no_mutilation_makes_it_fail_or_waver(histories: Any, held: Any) -> None:
    listed = histories if isinstance(histories, list) else [histories]
    for export in (
        dump(history("sound"), *listed),
        {"a.json": {"turns": [turn("sound", "sound"), *(held if isinstance(held, list) else [])]}},
    ):
        assert read(export) == read(export) and conversations(read(export))


@pytest.mark.parametrize("odd", [7, 1.5, True, "many", {"a": 1}])
def test_histories_that_are_no_list_are_not_claimed(odd: Any) -> None:
    with opened({"Wolf.json": {"histories": {"histories": odd}}}) as files:
        assert not archives()["characterai"].recognise(files)
