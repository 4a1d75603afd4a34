"""PAM: what goes out is accepted by its maker's own validator and comes back whole."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from portable_ai_memory.converters import detect_provider
from portable_ai_memory.core.integrity import compute_content_hash
from portable_ai_memory.core.io import load_dict, to_dict
from portable_ai_memory.core.validator import validate

from connectors.base.errors import ArchiveError
from connectors.base.handoff import Held, Slice
from connectors.base.types import Conversation, Item, Turn
from connectors.pam import talks
from connectors.pam.canonical import canonical, content_hash
from connectors.pam.handoff import _BRANCHES, _LINES, _TOO_MUCH, PamHandoff
from tests.connectors.formats import pam_memory, pam_message, pam_store, pam_talk
from tests.connectors.held import (
    NOW,
    SLICES,
    TEXTS,
    at_length,
    came_back,
    differing,
    made,
    packed,
    returned,
    sent,
)
from tests.connectors.shapes import (
    Json,
    calmly,
    chat,
    conversations,
    items,
    node,
    opened,
    problems,
    read,
    recognised,
    turns,
)


def accepted(files: Mapping[str, str]) -> None:
    """What `pam validate` does with each file: no error, and nothing to warn of."""
    for text in files.values():
        result = validate(load_dict(json.loads(text)))
        assert result.is_valid and not result.warnings, str(result)


@at_length
@given(SLICES)
def test_its_maker_accepts_it(slice: Slice) -> None:
    accepted(packed(made(PamHandoff(), slice)))


@at_length
@given(SLICES)
def test_memories_come_back_as_they_were(slice: Slice) -> None:
    out = made(PamHandoff(), slice)
    if not out.parts:
        return
    found = {one.remote_id: returned(one) for one in items(came_back(out, "pam"))}
    before = {one.id: sent(one) for one in slice.held if one.item.kind != "episode"}
    assert found.keys() == before.keys()
    assert set() == {name for id in before for name in differing(before[id], found[id])}


@at_length
@given(SLICES)
def test_what_was_said_comes_back_in_its_order_and_the_rest_is_named(slice: Slice) -> None:
    out, said = made(PamHandoff(), slice), [h for h in slice.held if h.item.kind == "episode"]
    if not out.parts:
        return
    found = {one.conversation_id: one for one in conversations(came_back(out, "pam"))}
    place = {held.id: held.position for held in said}
    assert {turn.message_id for talk in found.values() for turn in talk.turns} == set(place)
    for talk in found.values():
        places = [place[turn.message_id] for turn in talk.turns]
        assert places == sorted(places)
    assert (_LINES in out.lost) == any(_holds_more(held, found) for held in said)


def _holds_more(held: Held, found: Mapping[str, Conversation]) -> bool:
    """Whether there is more of it than what its turn brings back."""
    talk = found[held.item.conversation_id or held.id]
    (turn,) = [one for one in talk.turns if one.message_id == held.id]
    assert (turn.role, turn.text) == (held.role, held.item.text)
    bare = Item(
        turn.text,
        "episode",
        title=talk.title,
        created_at=turn.created_at,
        updated_at=held.item.updated_at if held.item.updated_at == turn.created_at else None,
        conversation_id=held.item.conversation_id,
    )
    back = Held(held.id, bare, origin=held.origin, role=turn.role, speaker=turn.speaker)
    return back != replace(held, position=0)  # the order is what was compared above


@at_length
@given(SLICES)
def test_reading_it_a_second_time_adds_nothing(slice: Slice) -> None:
    out = made(PamHandoff(), slice)
    if out.parts:
        later = made(PamHandoff(), Slice([*slice.held, Held("one-more", Item("New"))], NOW))
        before, after = came_back(out, "pam"), came_back(later, "pam")
        assert [one for one in after if one not in before] == [
            one for one in items(after) if one.remote_id == "one-more"
        ]


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside),
)


@calmly
@given(PLAIN)
def test_the_canonical_form_is_that_of_the_standard(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@calmly
@given(TEXTS | st.text())
def test_the_digest_of_a_text_is_that_of_its_maker(text: str) -> None:
    assert content_hash(text) == compute_content_hash(text)


def whole(*turns: Turn, name: str = "talk") -> Conversation:
    return Conversation(name, "A talk", turns, created_at=NOW, updated_at=NOW)


def test_whole_conversations_come_back_with_their_branches() -> None:
    one = whole(
        Turn("t1", "user", "hello", 0, created_at=NOW),
        Turn("t2", "assistant", "hi", 1, created_at=NOW, model="m-1"),
        Turn("t3", "assistant", "good day", 1, branch=1, parent_id="t1", created_at=NOW),
        Turn("t4", "user", "and?", 2, branch=1, parent_id="t3", hidden=True),
    )
    out = PamHandoff().make(Slice((), NOW, [one]))
    accepted(packed(out))
    assert (out.kept, out.lost) == (("talk",), ())
    (back,) = conversations(came_back(out, "pam"))
    fields = [(t.message_id, t.branch, t.position, t.model, t.hidden) for t in back.turns]
    assert fields == [
        *(("t1", 0, 0, "", False), ("t2", 0, 1, "m-1", False)),
        *(("t3", 1, 1, "", False), ("t4", 1, 2, "", True)),
    ]
    assert back.turns[3].created_at is None and back.turns[0].created_at == NOW


def test_where_a_branch_left_is_guessed_and_said() -> None:
    one = whole(Turn("t1", "user", "a", 0), Turn("t2", "user", "b", 1, branch=1))
    assert PamHandoff().make(Slice((), NOW, [one])).lost == (_BRANCHES,)


def test_a_turn_that_came_with_its_conversation_is_not_told_twice() -> None:
    held = Held("t1", Item("hello", "episode", conversation_id="c9"), role="user")
    out = PamHandoff().make(Slice([held], NOW, [whole(Turn("t1", "user", "hello", 0))]))
    assert len(turns(came_back(out, "pam"))) == 1


def test_more_than_one_file_takes_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talks, "_MOST_SAID", 8)
    many = [whole(Turn(f"t{n}", "user", "four", 0), name=f"c{n}") for n in range(5)]
    out = PamHandoff().make(Slice((), NOW, many))
    assert (out.kept, out.left_out) == (("c0", "c1"), {_TOO_MUCH: 3})


def test_nothing_gives_no_file() -> None:
    assert PamHandoff().make(Slice((), NOW)).parts == ()


def test_what_the_makers_own_converter_writes_is_read(tmp_path: Any) -> None:
    """`pam convert` of a ChatGPT export: the same calls that the command makes."""
    talk = [
        node("m1", None, "hello"),
        node("m2", "m1", "hi", "assistant"),
        node("m3", "m1", "good day", "assistant"),
    ]
    source = tmp_path / "conversations.json"
    source.write_text(json.dumps([chat(nodes=talk)]), encoding="utf-8")
    converter = detect_provider(source)
    raw = json.loads(source.read_text(encoding="utf-8"))
    converted = converter.convert_conversations(raw, owner_id="me", import_metadata=None)
    files = {f"conversations/{one.id}.json": to_dict(one) for one in converted}
    found = read({"memory-store.json": pam_store([]), **files})
    assert sorted((t.text, t.role) for t in turns(found)) == [
        *(("good day", "assistant"), ("hello", "user"), ("hi", "assistant"))
    ]
    assert {turn.branch for turn in turns(found)} == {0, 1} and problems(found) == []


@pytest.mark.parametrize(
    ("more", "field", "value"),
    [
        ({"type": "identity"}, "kind", "profile"),
        ({"type": "goal"}, "kind", "fact"),
        ({"type": "skill"}, "kind", "fact"),  # there: what a person is able to do
        ({"type": "custom", "custom_type": "event"}, "kind", "event"),
        ({"type": "custom", "custom_type": "clearance"}, "kind", "fact"),
        ({"summary": "Tea"}, "title", "Tea"),
        (
            {"status": "superseded"},
            "metadata",
            {"tags": "drinks", "origin": "openai", "superseded": "yes"},
        ),
        ({"provenance": {"platform": "satchel"}}, "metadata", {"tags": "drinks"}),
        ({"provenance": {"platform": "acme", "conversation_ref": "c7"}}, "conversation_id", "c7"),
    ],
)
def test_what_others_write(more: Json, field: str, value: Any) -> None:
    (item,) = items(read({"x.json": pam_store([pam_memory(1, **more)])}))
    assert getattr(item, field) == value


def test_a_type_that_is_not_known_is_reported() -> None:
    found = read({"x.json": pam_store([pam_memory(1, type="mood"), pam_memory(2)])})
    assert [problem.where for problem in problems(found)] == ["x.json, memory 1"]
    assert len(items(found)) == 1


def test_linear_messages_follow_each_other_and_odd_ones_are_reported() -> None:
    """Total: five messages. Three are read, a call of a tool says nothing, one is reported."""
    parts = [{"type": "text", "text": "see"}, {"type": "image", "ref": "a/b/cat.png"}]
    talk = pam_talk(
        "c1",
        [
            pam_message("m1", "one"),
            pam_message("m2", "", "tool"),
            pam_message("m3", "x", "robot"),
            pam_message("m4", "", content={"type": "multipart", "parts": parts}),
            pam_message("m5", "thinking", "assistant", is_thought=True),
        ],
    )
    found = read({"c.json": talk})
    assert [(t.text, t.position, t.hidden) for t in turns(found)] == [
        *(("one", 0, False), ("see\n\n[image: cat.png]", 1, False), ("thinking", 2, True)),
    ]
    assert [problem.where for problem in problems(found)] == ["c.json, message 3"]


def test_vectors_are_passed_over_and_strange_files_named() -> None:
    found = read(
        {
            "memory-store.json": pam_store([pam_memory(1)]),
            "embeddings.json": {"schema": "portable-ai-memory-embeddings", "embeddings": [1]},
            "other.json": {"a": 1},
        }
    )
    assert len(items(found)) == 1
    assert [problem.where for problem in problems(found)] == ["other.json"]


def test_the_account_is_the_owner_and_two_are_refused() -> None:
    one, two = pam_store([]), pam_store([], owner={"id": "user-2"})
    with opened({"a.json": one}) as files:
        assert recognised(files).account(files) == "user-1"
    with opened({"a.json": one, "b.json": two}) as files, pytest.raises(ArchiveError):
        recognised(files).account(files)


def test_the_account_is_found_behind_any_number_of_conversations() -> None:
    """Else a grown export would be taken for another person's."""
    talks = {f"conversations/{n}.json": pam_talk(f"c{n}", []) for n in range(30)}
    with opened(talks | {"memory-store.json": pam_store([])}) as files:
        assert recognised(files).account(files) == "user-1"


def test_our_own_file_says_no_account() -> None:
    """What somebody is called may change: the memories stay the same."""
    out = PamHandoff().make(Slice([Held("a", Item("Tea"))], NOW, owner="Ana"))
    with opened(packed(out)) as files:
        assert recognised(files).account(files) == ""
