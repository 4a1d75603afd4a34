"""ChatGPT exports: every shape that was seen, and what must not be lost or invented."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base.errors import ArchiveError
from connectors.base.limits import Limits
from connectors.base.types import Conversation
from connectors.openai.content import clean
from connectors.openai.saved import dated_lines, unwrapped
from tests.connectors.shapes import (
    NOON,
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
    upload,
    zipped,
)


def export(*chats: Any, **others: Any) -> dict[str, Any]:
    return {"conversations.json": list(chats), **others}


def texts(nodes: Sequence[Json], **more: Any) -> list[str]:
    return [turn.text for turn in turns(read(export(chat(nodes=nodes, **more))))]


def content(kind: str, **parts: Any) -> Json:
    return {"content_type": kind, **parts}


def test_a_plain_conversation() -> None:
    nodes = [
        node("root", None, None),
        node("m1", "root", "hello"),
        node("m2", "m1", "hi", "assistant", metadata={"model_slug": "gpt-x"}),
    ]
    (conversation,) = read(export(chat(nodes=nodes)))
    assert isinstance(conversation, Conversation)
    assert conversation.conversation_id == "c1"
    assert conversation.title == "A talk"
    assert conversation.created_at == datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert conversation.updated_at == datetime(2026, 1, 1, 12, 1, tzinfo=UTC)
    first, second = conversation.turns
    assert (first.message_id, first.role, first.text) == ("m1", "user", "hello")
    assert (second.role, second.model, second.position, second.parent_id) == (
        "assistant",
        "gpt-x",
        1,
        "m1",
    )


@pytest.mark.parametrize("wrap", [lambda c: c, lambda c: {"conversations": c}, lambda c: c[0]])
def test_a_list_an_object_with_the_list_and_a_single_one(wrap: Any) -> None:
    found = read(upload(json.dumps(wrap([chat()])).encode(), "whatever.dat"))
    assert len(turns(found)) == 2


def test_shards_are_read_whatever_the_manifest_says() -> None:
    listed = ["conversations-000.json", "conversations-001.json", "conversations-007.json"]
    found = read(
        {
            "conversations-000.json": [chat("a")],
            "conversations-001.json": [chat("b"), chat("a")],
            "conversations-002.json": [chat("c")],
            "export_manifest.json": {
                "version": 1,
                "logical_files": {"conversations.json": {"files": listed, "sharded": True}},
                "export_files": [
                    {"path": "conversations-008.json", "size_bytes": 5},
                    {"path": "file_1.dat", "size_bytes": 5},
                ],
            },
        }
    )
    assert [one.conversation_id for one in conversations(found)] == ["a", "b", "c"]
    assert [one.where for one in problems(found)] == [
        "conversations-007.json",
        "conversations-008.json",
    ]


def test_a_newer_copy_of_a_conversation_comes_again_and_an_older_does_not() -> None:
    longer = [node("m1", None), node("m2", "m1"), node("m3", "m2")]
    newer = chat("a", longer, update_time=NOON + 999)
    found = conversations(read(export(chat("a")), export(newer), export(chat("a"))))
    assert [len(one.turns) for one in found] == [2, 3]


def test_entries_without_messages_are_reported_and_passed_over() -> None:
    lost = {"id": "x", "title": "lost"}
    found = read(export(lost, chat("a"), {**lost, "mapping": None}, 5, None, "text", chat("b")))
    assert [one.conversation_id for one in conversations(found)] == ["a", "b"]
    assert [one.where for one in problems(found)] == [
        f"conversations.json, entry {number}" for number in (1, 3, 4, 5, 6)
    ]


def test_nodes_without_children_are_walked_up_from_the_current_one() -> None:
    nodes = [node("m1", None, "q"), node("m2", "m1", "old"), node("m3", "m1", "new")]
    found = turns(read(export(chat(nodes=nodes, current_node="m3"))))
    assert [(turn.text, turn.branch, turn.position) for turn in found] == [
        ("q", 0, 0),
        ("new", 0, 1),
        ("old", 1, 1),
    ]


def test_nodes_without_parents_are_joined_by_their_children() -> None:
    nodes = [
        {**node("m1", None, "q"), "children": ["m2", "missing", 5]},
        {**node("m2", None, "a"), "children": None},
    ]
    for one in nodes:
        del one["parent"]
    found = turns(read(export(chat(nodes=nodes))))
    assert [(turn.text, turn.branch, turn.position) for turn in found] == [("q", 0, 0), ("a", 0, 1)]


@pytest.mark.parametrize("current", ["gone", None, 5, ["m1"]])
def test_without_a_current_node_the_newest_leaf_counts(current: Any) -> None:
    nodes = [
        node("m1", None, "q"),
        node("new", "m1", "new", create_time=NOON + 9),
        node("old", "m1", "old", create_time=NOON + 5),
    ]
    found = turns(read(export(chat(nodes=nodes, current_node=current))))
    assert [turn.text for turn in found if turn.branch == 0] == ["q", "new"]


NAMES = [f"n{number}" for number in range(8)]
LINKS = st.one_of(st.none(), st.sampled_from([*NAMES, "gone"]), st.integers(), st.lists(st.text()))
NODES = st.dictionaries(
    st.sampled_from(NAMES),
    st.tuples(LINKS, st.one_of(st.none(), st.lists(LINKS)), st.booleans()),
    min_size=1,
)


@calmly
@given(drawn=NODES, current=LINKS)
def test_any_tangle_of_nodes_gives_every_message_once(drawn: Any, current: Any) -> None:
    nodes = {
        name: {**node(name, None, name if says else None), "parent": parent, "children": children}
        for name, (parent, children, says) in drawn.items()
    }
    found = read(export({"id": "c", "mapping": nodes, "current_node": current}))
    said = sorted(name for name, (_, _, says) in drawn.items() if says)
    assert sorted(turn.message_id for turn in turns(found)) == said
    assert problems(found) == []


KEYS = st.sampled_from(
    [
        *("id", "parent", "message", "author", "role", "content", "parts", "metadata", "mapping"),
        *("content_type", "current_node", "create_time", "recipient", "text"),
    ]
)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=15,
)


@calmly
@given(entry=JUNK, mapping=st.dictionaries(st.sampled_from(NAMES), JUNK), message=JUNK)
def test_no_junk_stops_the_import(entry: Any, mapping: Any, message: Any) -> None:
    odd = chat("odd", [{**node("m1", None), "message": message}])
    found = read(export(entry, {"id": "junk", "mapping": mapping}, odd, chat("good")))
    assert [one.conversation_id for one in conversations(found)][-1] == "good"


def test_two_nodes_with_one_message_id_are_both_kept() -> None:
    nodes = [
        node("m1", None, "one"),
        {**node("m2", "m1", "two"), "message": node("m1", None)["message"]},
    ]
    assert [turn.message_id for turn in turns(read(export(chat(nodes=nodes))))] == ["m1", "m2"]


def test_a_conversation_without_an_id_gets_the_same_one_every_time() -> None:
    nameless = {key: value for key, value in chat().items() if key != "id"}
    first, again = read(export(nameless)), read(export(chat("other"), nameless))
    assert conversations(first)[0].conversation_id == conversations(again)[1].conversation_id != ""


def test_times_that_are_none_or_nonsense() -> None:
    nodes = [
        node("m1", None, create_time=None),
        node("m2", "m1", create_time=1e300),
        node("m3", "m2", create_time="2026-01-02T03:04:05Z"),
        node("m4", "m3", create_time=True),
    ]
    found = turns(read(export(chat(nodes=nodes, create_time="soon"))))
    assert [turn.created_at for turn in found] == [
        None,
        None,
        datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        None,
    ]


@pytest.mark.parametrize(
    ("message", "hidden"),
    [
        ({}, False),
        ({"role": "system"}, True),
        ({"role": "tool", "name": "python"}, True),
        ({"role": "assistant", "recipient": "python"}, True),
        ({"role": "assistant", "channel": "analysis"}, True),
        ({"role": "assistant", "channel": "final"}, False),
        ({"metadata": {"is_visually_hidden_from_conversation": True}}, True),
        ({"metadata": {"is_user_system_message": True}}, True),
    ],
)
def test_what_the_page_does_not_show_is_hidden(message: Any, hidden: bool) -> None:
    (turn,) = turns(read(export(chat(nodes=[node("m1", None, **message)]))))
    assert turn.hidden is hidden


def test_the_author_s_name_is_the_speaker() -> None:
    (turn,) = turns(read(export(chat(nodes=[node("m1", None, name="Caroline")]))))
    assert turn.speaker == "Caroline"


@pytest.mark.parametrize(
    ("held", "text"),
    [
        (content("text", parts=["a", "", None, "b"]), "a\n\nb"),
        (content("code", language="python", text="x = 1"), "```python\nx = 1\n```"),
        (content("code", language="unknown", text="x"), "```\nx\n```"),
        (content("execution_output", text="42"), "42"),
        (content("tether_quote", text="quoted", url="u"), "quoted"),
        (content("tether_browsing_display", result="", summary="found"), "found"),
        (content("system_error", text="oops"), "oops"),
        (content("made_up", parts=["still read"]), "still read"),
        (content("made_up", text="still read"), "still read"),
        (
            content(
                "multimodal_text",
                parts=[
                    {"content_type": "audio_transcription", "text": "I said this"},
                    {"content_type": "audio_asset_pointer", "asset_pointer": "sediment://f"},
                ],
            ),
            "I said this",
        ),
        (
            content("multimodal_text", parts=[{"content_type": "audio_asset_pointer"}]),
            "[audio]",
        ),
    ],
)
def test_kinds_of_content(held: Json, text: str) -> None:
    assert texts([node("m1", None, content=held)]) == [text]


@pytest.mark.parametrize(
    "held",
    [
        content("thoughts", thoughts=[{"summary": "s", "content": "c"}]),
        content("reasoning_recap", content="Thought for 3 s"),
        content("text", parts=[""]),
        content("text", parts=None),
    ],
)
def test_what_is_not_said_is_no_turn_and_no_problem(held: Json) -> None:
    found = read(export(chat(nodes=[node("m1", None, content=held), node("m2", "m1", "x")])))
    assert [turn.text for turn in turns(found)] == ["x"]
    assert problems(found) == []


@pytest.mark.parametrize(
    "held", [content("made_up"), None, [], content("text", parts="x"), content(5, text=[])]
)
def test_content_that_cannot_be_read_is_reported_for_its_message(held: Any) -> None:
    found = read(export(chat(nodes=[node("m1", None, content=held), node("m2", "m1", "x")])))
    assert [turn.text for turn in turns(found)] == ["x"]
    assert [one.where for one in problems(found)] == ["conversations.json, entry 1, message m1"]


def test_a_part_that_is_not_known_costs_only_itself() -> None:
    held = content("multimodal_text", parts=["kept", {"content_type": "hologram"}])
    found = read(export(chat(nodes=[node("m1", None, content=held)])))
    assert [turn.text for turn in turns(found)] == ["kept"]
    assert len(problems(found)) == 1


def test_pictures_and_files_are_named_wherever_their_names_are_kept() -> None:
    pointers = ["sediment://file_a", "file-service://file-b", "sediment://file_c", "x"]
    parts = [content("image_asset_pointer", asset_pointer=pointer) for pointer in pointers]
    attachments = [
        {"id": "file_c", "name": "from message.png", "mime_type": "image/png"},
        {"id": "file_d", "name": "report.pdf", "mime_type": "application/pdf"},
    ]
    message = node(
        "m1",
        None,
        content=content("multimodal_text", parts=[*parts, "look"]),
        metadata={"attachments": attachments},
    )
    names = {
        "conversation_asset_file_names.json": {"file_a.dat": "cat.png"},
        "library_files.json": [{"file_id": "file-b", "file_name": "dog.png"}],
    }
    (turn,) = turns(read(export(chat(nodes=[message]), **names)))
    assert turn.text.split("\n\n") == [
        "[image: cat.png]",
        "[image: dog.png]",
        "[image: from message.png]",
        "[image]",
        "look",
        "[file: report.pdf]",
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Rain \ue200cite\ue202turn0search1\ue201 today", "Rain  today"),
        ('In \ue200entity\ue202["city","Porto","Portugal"]\ue201.', "In Porto."),
        ("\ue200entity\ue202[nonsense\ue201x", "x"),
        ("\ue200 left open \uf8ff", "left open"),
        ("plain", "plain"),
    ],
)
def test_citation_markers_are_taken_out(text: str, shown: str) -> None:
    assert clean(text) == shown


def bio(fact: str, answer: str | None = "Model set context updated.") -> list[Json]:
    nodes = [
        node("q", None, "remember this"),
        node("b", "q", fact, "assistant", recipient="bio", create_time=NOON + 3600),
    ]
    if answer is not None:
        nodes.append(node("t", "b", answer, "tool", name="bio"))
    return [*nodes, node("a", nodes[-1]["id"], "Noted.", "assistant")]


@pytest.mark.parametrize("answer", ["Model set context updated.", None])
def test_a_saved_memory_is_an_item_where_it_was_learnt(answer: str | None) -> None:
    (item,) = items(read(export(chat("c9", bio("Likes tea.", answer)))))
    assert (item.text, item.kind, item.conversation_id, item.message_id) == (
        "Likes tea.",
        "fact",
        "c9",
        "b",
    )
    assert item.created_at == datetime(2026, 1, 1, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fact", "answer"),
    [("Likes tea.", "Memory is full."), ("Forget that I like tea.", "Model set context updated.")],
)
def test_what_was_refused_or_forgotten_is_no_memory(fact: str, answer: str) -> None:
    assert items(read(export(chat(nodes=bio(fact, answer))))) == []


def context(*lines: str, time: float | None = NOON) -> Json:
    held = content("model_editable_context", model_set_context="\n".join(lines))
    return node("ctx", None, role="system", content=held, create_time=time)


def test_the_same_memory_in_many_places_is_one_with_its_earliest_date() -> None:
    later = context("1. [2026-01-01]. likes  TEA", "2. [2025-12-01]. Has a cat", time=NOON + 86400)
    earlier = context("[2025-06-03] Likes tea.")
    found = read(export(chat("a", bio("Likes tea.")), chat("b", [later]), chat("c", [earlier])))
    tea, cat = items(found)
    assert (tea.text, tea.created_at) == ("Likes tea.", datetime(2025, 6, 3, tzinfo=UTC))
    assert (tea.conversation_id, tea.message_id) == ("a", "b")
    assert tea.metadata["last_seen"] == "2026-01-02T12:00:00+00:00"
    assert (cat.text, cat.created_at) == ("Has a cat", datetime(2025, 12, 1, tzinfo=UTC))


def test_a_memory_keeps_its_name_in_the_next_export() -> None:
    first = items(read(export(chat("a", bio("Likes tea.")))))
    again = items(
        read(export(chat("z", [context("[2025-01-01] Has a cat", "[2025-06-03] Likes tea")])))
    )
    assert first[0].remote_id == again[1].remote_id != again[0].remote_id


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("[2026-01-02] One\n[2026-01-03] Two", ["One", "Two"]),
        ("1. [2026-01-02]. One\n\n2) [2026-01-03] - Two\nand more", ["One", "Two\nand more"]),
        ("Memories:\n- [2026-01-02] One", ["One"]),
        ("An old one\n[2026-01-02] One", ["An old one", "One"]),
        ("- One\n2. Two\nThree", ["One", "Two", "Three"]),
        ("", []),
    ],
)
def test_lists_of_memories(text: str, facts: list[str]) -> None:
    assert [fact for _, fact in dated_lines(text)] == facts


def told(name: str, about: str, answer: str, time: float) -> Json:
    held = content("user_editable_context", user_profile=about, user_instructions=answer)
    hidden = {"is_visually_hidden_from_conversation": True}
    return chat(
        name, [node("i", None, content=held, metadata=hidden, create_time=None)], create_time=time
    )


def test_custom_instructions_are_one_profile_and_one_instruction_each_version() -> None:
    old = told("a", "I live in Utrecht.", "Be brief.", NOON)
    new = told("b", "I live in Porto.", "Be brief.", NOON + 86400)
    found = items(read(export(new, old, {**old, "id": "c"})))
    assert [(one.kind, one.text, one.metadata.get("superseded")) for one in found] == [
        ("profile", "I live in Porto.", None),
        ("instruction", "Be brief.", None),
        ("profile", "I live in Utrecht.", "yes"),
    ]


def test_custom_instructions_in_a_message_s_metadata() -> None:
    data = {"about_user_message": "I am Ana.", "about_model_message": "Be kind."}
    nodes = [node("m1", None, "", "system", metadata={"user_context_message_data": data})]
    found = items(read(export(chat(nodes=nodes))))
    assert [(one.kind, one.text) for one in found] == [
        ("profile", "I am Ana."),
        ("instruction", "Be kind."),
    ]


def test_the_sentence_to_the_model_around_an_instruction_is_taken_off() -> None:
    wrapped = "The user provided this about themselves.\nUser profile:\n```I am ```Ana```, 40.```"
    assert unwrapped(wrapped) == "I am ```Ana```, 40."
    assert unwrapped("Use ```code``` blocks.") == "Use ```code``` blocks."


def test_a_conversation_not_to_be_remembered_leaves_nothing_but_its_name() -> None:
    private = chat("p", bio("Likes tea."), is_do_not_remember=True)
    found = read(export(private, chat("a")))
    assert conversations(found)[0].do_not_remember
    assert conversations(found)[0].turns == ()
    assert items(found) == []


def test_a_file_of_memories_if_there_is_one() -> None:
    memories = [
        {
            "id": "mem-1",
            "content": "Likes tea.",
            "created_at": "2026-01-02T03:04:05Z",
            "enabled": True,
        },
        {"id": "mem-2", "content": "Has a cat", "updated_at": NOON, "enabled": False},
        {"id": "mem-3", "created_at": None},
    ]
    found = read(export(chat(nodes=bio("Likes tea.")), **{"memories.json": memories}))
    assert [(one.remote_id, one.text, dict(one.metadata)) for one in items(found)] == [
        ("mem-1", "Likes tea.", {}),
        ("mem-2", "Has a cat", {"enabled": "no"}),
    ]
    assert [one.where for one in problems(found)] == ["memories.json, entry 3"]


def test_more_memories_than_can_be_are_said_to_be_left_out() -> None:
    facts = [f"[2026-01-01] Fact {number}" for number in range(30)]
    found = read(export(chat(nodes=[context(*facts)])), limits=Limits(saved=10))
    assert len(items(found)) == 10
    assert [one.where for one in problems(found)] == ["Saved memories, the last 20"]


def test_the_account_is_the_user_s() -> None:
    mine = export(chat("a"), **{"user.json": {"id": "user-1", "email": "a@example.org"}})
    theirs = export(chat("b"), **{"user.json": {"id": "user-2", "chatgpt_plus_user": True}})
    with opened(mine, mine) as files:
        assert recognised(files).account(files) == "user-1"
    with opened(export(chat("a"))) as files:
        assert recognised(files).account(files) == ""
    with opened(mine, theirs) as files, pytest.raises(ArchiveError, match="more than one"):
        recognised(files).account(files)


def test_an_empty_account_is_recognised() -> None:
    user = {"id": "user-1", "chatgpt_plus_user": False}
    assert read({"conversations.json": [], "user.json": user}) == []


def test_the_privacy_portal_s_zip_in_a_zip() -> None:
    inner = zipped(export(chat(), **{"user.json": {"id": "user-1"}}))
    with opened({"Conversations__x-chatgpt-1.zip": inner, "profile.txt": "hello"}) as files:
        archive = recognised(files)
        assert len(turns(list(archive.read(files)))) == 2
        assert archive.account(files) == "user-1"


def test_files_beside_the_conversations_that_nobody_knows_are_said() -> None:
    found = read(
        export(
            chat(),
            **{
                "user_settings.json": {"a": 1},
                "shared_conversations.json": [],
                "file-abc.json": [1],
                "brand_new.json": {"a": 1},
                "textdocs/doc.json": {"a": 1},
                "textdocs/more.json": {"a": 1},
                "elsewhere/doc.json": {"a": 1},
                "user.json": "{broken",
            },
        )
    )
    told = {one.where: one.reason for one in problems(found)}
    assert sorted(told) == ["brand_new.json", "textdocs", "user.json"]
    assert told["textdocs"].startswith("2 files of kinds that are not known")


def test_a_shard_cut_short_keeps_what_came_before_it() -> None:
    whole = json.dumps([chat("a"), chat("b"), chat("c")])
    found = read({"conversations-000.json": whole[:-200], "conversations-001.json": [chat("d")]})
    assert [one.conversation_id for one in conversations(found)] == ["a", "b", "d"]
    assert [one.where for one in problems(found)] == ["conversations-000.json, entry 3"]


def test_a_shard_of_nothing_but_damage_is_said() -> None:
    found = read({"conversations-000.json": [chat("a")], "conversations-001.json": '[{"id": "b'})
    assert [one.where for one in problems(found)] == ["conversations-001.json, entry 1"]
