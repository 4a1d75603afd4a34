"""Grok exports: what was said, in every branch, and projects; nothing of the account's own data."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base.errors import ArchiveError
from connectors.xai.content import without_tags
from tests.connectors.shapes import (
    Json,
    calmly,
    chat,
    conversations,
    items,
    opened,
    problems,
    read,
    recognised,
    turns,
    upload,
)

FOLDER = "ttl/30d/export_data/8f14e45f-ceea-467f-a8d1-2b8d1d3c1e11"
BACKEND = f"{FOLDER}/prod-grok-backend.json"
NOON_MS = 1767268800000  # 1 January 2026, 12:00 UTC
NOON = "2026-01-01T12:00:00+00:00"
UUID = "0d9c1a52-7a3e-4a86-9f4f-0c4f1d3f2b11"


def response(name: str, text: str = "said", sender: str = "human", **more: Any) -> Json:
    said = {
        "_id": name,
        "conversation_id": "c1",
        "message": text,
        "sender": sender,
        "create_time": {"$date": {"$numberLong": str(NOON_MS)}},
        "model": "grok-4",
        "metadata": {},
        "file_attachments": [],
        "agent_thinking_traces": [],
        **more,
    }
    return {"response": said, "share_link": None}


def talk(name: str = "c1", responses: Any = (), **more: Any) -> Json:
    head = {
        "id": name,
        "user_id": "account-1",
        "create_time": "2026-01-01T12:00:00.000Z",
        "modify_time": "2026-01-01T12:10:00.000Z",
        "title": "A talk",
        "summary": "",
        "leaf_response_id": None,
        **more,
    }
    two = [response("m1", "hello"), response("m2", "hi", "ASSISTANT", parent_response_id="m1")]
    return {"conversation": head, "responses": responses or two}


def backend(*talks: Any, **more: Any) -> Json:
    return {"conversations": list(talks), "projects": [], "tasks": [], "media_posts": [], **more}


def export(*talks: Any, **more: Any) -> dict[str, Any]:
    return {BACKEND: backend(*talks, **more)}


def said(message: Json) -> str:
    (turn,) = turns(read(export(talk(responses=[response("m1", **message)]))))
    return turn.text


def laid_out(*responses: Json, **head: Any) -> list[tuple[str, int, int]]:
    found = turns(read(export(talk(responses=list(responses), **head))))
    return [(turn.text, turn.branch, turn.position) for turn in found]


def test_a_plain_conversation() -> None:
    found = read(export(talk()))
    (one,) = conversations(found)
    assert (one.conversation_id, one.title, one.inferred) == ("c1", "A talk", False)
    assert [(t.role, t.text, t.position, t.parent_id, t.model) for t in one.turns] == [
        ("user", "hello", 0, "", ""),
        ("assistant", "hi", 1, "m1", "grok-4"),
    ]
    times = (one.created_at, one.updated_at, *(turn.created_at for turn in one.turns))
    later = "2026-01-01T12:10:00+00:00"
    assert [time.isoformat() for time in times if time] == [NOON, later, NOON, NOON]
    assert len(found) == 1


@pytest.mark.parametrize(
    ("sender", "role"),
    [
        *(("human", "user"), ("HUMAN", "user"), ("User", "user")),
        *(("assistant", "assistant"), ("ASSISTANT", "assistant"), ("model", "assistant")),
        *(("grok-3", "assistant"), (" Grok-4-auto ", "assistant")),
    ],
)
def test_senders_are_known_in_any_case(sender: str, role: str) -> None:
    (turn,) = turns(read(export(talk(responses=[response("m1", sender=sender)]))))
    assert turn.role == role


@pytest.mark.parametrize(
    "time",
    [
        {"$date": {"$numberLong": str(NOON_MS)}},
        {"$date": {"$numberLong": NOON_MS}},
        {"$date": "2026-01-01T12:00:00Z"},
        {"$numberLong": str(NOON_MS)},
        *("2026-01-01T13:00:00+01:00", str(NOON_MS), NOON_MS, NOON_MS / 1000),
    ],
)
def test_every_way_of_writing_a_time(time: Any) -> None:
    one = talk(responses=[response("m1", create_time=time)], create_time=time)
    (found,) = conversations(read(export(one)))
    assert [at and at.isoformat() for at in (found.created_at, found.turns[0].created_at)] == [
        NOON,
        NOON,
    ]


@pytest.mark.parametrize(
    "time",
    [
        {"$date": {"$numberLong": "9" * 400}},
        {"$date": {"$numberLong": "-5"}},
        {"$date": {"$numberLong": {"$date": "2026"}}},
        {"$date": NOON_MS, "also": 1},
        *({}, [], None, True, "soon", -1, 1e300),
    ],
)
def test_a_time_that_cannot_be_read_costs_only_itself(time: Any) -> None:
    found = read(export(talk(responses=[response("m1", create_time=time)], modify_time=time)))
    (turn,) = turns(found)
    assert (turn.created_at, problems(found)) == (None, [])


def test_branches() -> None:
    three = [
        response("m1", "q"),
        response("m2", "first try", "assistant", parent_response_id="m1"),
        response("m3", "second try", "assistant", parent_response_id="m1"),
    ]
    newest = [("q", 0, 0), ("second try", 0, 1), ("first try", 1, 1)]
    assert laid_out(*three) == newest
    assert laid_out(*three, leaf_response_id="not in the export") == newest
    chosen = [("q", 0, 0), ("first try", 0, 1), ("second try", 1, 1)]
    assert laid_out(*three, leaf_response_id="m2") == chosen


def test_ids_may_be_wrapped() -> None:
    wrapped = response("", "hi", "assistant", _id={"$oid": "m2"}, parent_response_id={"$oid": "m1"})
    found = turns(read(export(talk(responses=[response("m1"), wrapped]))))
    assert [(turn.message_id, turn.parent_id) for turn in found] == [("m1", ""), ("m2", "m1")]


@pytest.mark.parametrize("parent", [{}, {"parent_response_id": None}, {"parent_response_id": ""}])
def test_without_any_parents_one_message_follows_the_other(parent: Json) -> None:
    three = [response(f"m{n}", f"{n}", **parent) for n in range(3)]
    assert laid_out(*three) == [("0", 0, 0), ("1", 0, 1), ("2", 0, 2)]


def test_a_first_prompt_that_was_edited_begins_a_thread_of_its_own() -> None:
    four = [
        response("m1", "old"),
        response("m2", "old answer", "assistant", parent_response_id="m1"),
        response("m3", "new"),
        response("m4", "new answer", "assistant", parent_response_id="m3"),
    ]
    assert laid_out(*four) == [
        ("new", 0, 0),
        ("new answer", 0, 1),
        ("old", 1, 0),
        ("old answer", 1, 1),
    ]


CITATION = '<grok:render card_id="2f" card_type="citation_card" type="render_inline_citation">'
NUMBER = '<argument name="citation_id">1</argument>'
PICTURE = '<grok:render type="render_searched_image"><argument name="size">"L"</argument>'
ARTIFACT = '<xaiArtifact artifact_id="b1" title="A -&gt; B > C.py" contentType="text/python">'


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("  plain \n", "plain"),
        ("1 < 2 and 3 > 2, <b>bold</b>", "1 < 2 and 3 > 2, <b>bold</b>"),
        (f"So.{CITATION}\n{NUMBER}\n</grok:render> On.", "So. On."),
        (f"So.{CITATION}4</grok:render>{CITATION}{NUMBER}</grok:render> On.", "So. On."),
        (f"So.{CITATION} On.", "So. On."),
        (f"So.{CITATION}{'word ' * 50}</grok:render>", f"So.{'word ' * 50}".strip()),
        (f"Look: {PICTURE}</grok:render> there", "Look: [image] there"),
        ('<grok:render type="render_table">A and B</grok:render>', "A and B"),
        (
            f"See\n{ARTIFACT}\n    x = 1\n</xaiArtifact>",
            "See\n[artifact: A -> B > C.py]\n    x = 1",
        ),
        (f"{ARTIFACT}x = 1", "[artifact: A -> B > C.py]\nx = 1"),
        ("In an `<xaiArtifact>` tag", "In an `[artifact]` tag"),
        ("Say <xaiArtifact when 5 > 3", "Say <xaiArtifact when 5 > 3"),
        (f'<xaiartifact title="{"t" * 500}">', f"[artifact: {'t' * 120}]"),
        ("a<xai:tool_usage_card><xai:x><![CDATA[{}]]></xai:x></xai:tool_usage_card>b", "ab"),
        ("<xai:tool_usage_card> talked about", "<xai:tool_usage_card> talked about"),
    ],
)
def test_tags_become_text_and_what_was_said_stays(message: str, text: str) -> None:
    assert said({"text": message}) == text


WORDS = st.text(st.characters(codec="utf-8", exclude_characters='<>"'), max_size=5)
TAGS = st.sampled_from([CITATION, PICTURE, ARTIFACT, "</grok:render>", "</xaiArtifact>", "<", ">"])


@calmly
@given(st.lists(WORDS | TAGS, max_size=20).map("".join))
def test_no_mix_of_tags_is_left_half_open_or_fails(text: str) -> None:
    cleaned = without_tags(text)
    assert CITATION not in cleaned and ARTIFACT not in cleaned and "</xaiArtifact>" not in cleaned


@calmly
@given(st.lists(st.sampled_from([CITATION, ARTIFACT, "</xaiArtifact>"]), max_size=9))
def test_words_between_tags_that_do_not_pair_are_all_kept(tags: list[str]) -> None:
    cleaned = without_tags("".join(f"{tag}word{place}." for place, tag in enumerate(tags)))
    assert [f"word{place}." in cleaned for place in range(len(tags))] == [True] * len(tags)


@pytest.mark.parametrize("unit", [CITATION, '<grok:render "', "<xai:tool_usage_card>", "<argument"])
def test_a_message_of_nothing_but_openings_takes_no_time(unit: str) -> None:
    assert len(without_tags(unit * 200_000 + "end")) >= len("end")


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"text": "see", "file_attachments": [UUID]}, "see\n\n[file]"),
        (
            {"text": "", "file_attachments": ["a  b.csv", "cat.PNG"]},
            "[file: a b.csv]\n\n[image: cat.PNG]",
        ),
        ({"text": "", "file_attachments": [{"fileName": "x.pdf"}, {}]}, "[file: x.pdf]\n\n[file]"),
        ({"text": "", "generated_image_urls": ["users/a.jpg"]}, "[image]"),
        ({"text": f"{PICTURE}</grok:render>", "generated_image_urls": ["users/a.jpg"]}, "[image]"),
    ],
)
def test_what_was_attached_leaves_a_placeholder(message: Json, text: str) -> None:
    assert said(message) == text


def test_thinking_and_what_tools_answered_are_no_part_of_it() -> None:
    silent: Json = {
        "thinking_trace": "CANARY",
        "agent_thinking_traces": [{"agent_id": "a", "thinking_trace": "CANARY"}],
        "steps": [{"tagged_text": {"header": "CANARY"}}],
        "web_search_results": [{"preview": "CANARY"}],
        "query": "CANARY",
    }
    two = [response("m1", **silent), response("m2", "", "assistant", error="Failed.", **silent)]
    found = read(export(talk(responses=two)))
    assert [turn.text for turn in turns(found)] == ["said"]
    assert len(found) == 1 and "CANARY" not in repr(found)


@pytest.mark.parametrize(
    "broken",
    [
        *(5, None, [], {}, {"response": None}, {"message": "no wrapping"}),
        response("x", sender="robot"),
        response("x", message=["a"]),
        {"response": {"_id": "x", "message": "by nobody"}},
    ],
)
def test_a_broken_message_is_reported_and_the_thread_goes_on(broken: Any) -> None:
    three = [response("m1", "a"), broken, response("m3", "b", "assistant")]
    found = read(export(talk(responses=three)))
    assert [(turn.text, turn.branch) for turn in turns(found)] == [("a", 0), ("b", 0)]
    assert [one.where for one in problems(found)] == [f"{BACKEND}, entry 1, message 2"]


@pytest.mark.parametrize("broken", [{"file_attachments": 5}, {"file_attachments": [5]}])
def test_broken_attachments_do_not_cost_the_words(broken: Json) -> None:
    found = read(export(talk(responses=[response("m1", "words", **broken)])))
    assert [turn.text for turn in turns(found)] == ["words"]
    assert len(problems(found)) == 1


@pytest.mark.parametrize(
    "broken",
    [
        5,
        None,
        [],
        {},
        {"conversation": {"id": "b"}},
        {"responses": {}},
        talk() | {"conversation": 5},
    ],
)
def test_broken_conversations_cost_only_themselves(broken: Any) -> None:
    found = read(export(talk("a"), broken, talk("c")))
    assert [one.conversation_id for one in conversations(found)] == ["a", "c"]
    assert [one.where for one in problems(found)] == [f"{BACKEND}, entry 2"]


def test_conversations_and_messages_without_ids_are_all_kept() -> None:
    bare = [{"response": {"sender": "human", "message": text}} for text in "ab"]
    nameless = {"conversation": {}, "responses": bare}
    found = conversations(read(export(nameless, nameless)))
    assert [[turn.text for turn in one.turns] for one in found] == [["a", "b"], ["a", "b"]]
    assert len({turn.message_id for one in found for turn in one.turns}) == 4
    unnamed = talk(responses=[response("m1"), response("m1", "again")], id=None)
    (one,) = conversations(read(export(unnamed)))
    assert (one.conversation_id, len({turn.message_id for turn in one.turns})) == ("c1", 2)


NAMES = [f"m{number}" for number in range(8)]
LINKS = st.one_of(st.none(), st.sampled_from(NAMES), st.integers(), st.booleans())


@calmly
@given(drawn=st.lists(st.tuples(LINKS, LINKS), max_size=10), leaf=LINKS)
def test_any_tangle_of_messages_gives_every_message_once(drawn: Any, leaf: Any) -> None:
    tangle = [
        response(name, str(number), parent_response_id=parent)
        for number, (name, parent) in enumerate(drawn)
    ]
    head = talk(leaf_response_id=leaf)["conversation"]
    found = read(export({"conversation": head, "responses": tangle}))
    assert sorted(int(turn.text) for turn in turns(found)) == list(range(len(drawn)))
    assert len({turn.message_id for turn in turns(found)}) == len(drawn)
    assert problems(found) == []


KEYS = st.sampled_from(
    ["conversation", "responses", "response", "_id", "sender", "message", "$date", "$oid", "id"]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
JUNK = st.recursive(
    LEAVES, lambda inside: st.lists(inside, max_size=3) | st.dictionaries(KEYS, inside, max_size=4)
)


@calmly
@given(entry=JUNK, message=JUNK, head=JUNK, project=JUNK)
def test_no_junk_stops_the_import(entry: Any, message: Any, head: Any, project: Any) -> None:
    odd = {"conversation": head, "responses": [{"response": message}, message]}
    found = read(export(entry, odd, talk("good"), projects=[project, PROJECT]))
    assert [one.conversation_id for one in conversations(found)][-1] == "good"
    assert [item.text for item in items(found)][-1] == "Assume no car."


FIELDS = st.sampled_from([*response("m")["response"], "parent_response_id"])
HEADS = st.sampled_from(list(talk()["conversation"]))


@calmly
@given(field=FIELDS, value=JUNK, head=HEADS, other=JUNK)
def test_junk_in_one_field_costs_at_most_its_message(
    field: str, value: Any, head: str, other: Any
) -> None:
    odd = {"response": response("m1")["response"] | {field: value}}
    one = talk(responses=[odd, response("m2", "after")], **{head: other})
    found = read(export(one, talk("good")))
    lines = [line for turn in conversations(found)[0].turns for line in turn.text.splitlines()]
    assert "after" in lines
    assert "said" in lines or field in ("message", "sender")
    assert len(conversations(found)) == 2


PROJECT = {
    "workspace_id": "w1",
    "name": "Move",
    "custom_personality": " Assume no car.\n",
    "preferred_model": "grok-4",
    "conversation_starters": ["Where to?"],
    "create_time": "2026-01-01T12:00:00Z",
}


def test_projects_become_instructions() -> None:
    silent = {"workspace_id": "w2", "name": "Empty", "custom_personality": ""}
    nameless = {"workspace_id": "w3", "custom_personality": "Be brief."}
    found = read(export(talk(), projects=[PROJECT, silent, nameless]))
    assert [(i.kind, i.remote_id, i.title, i.text, i.metadata) for i in items(found)] == [
        ("instruction", "w1/instructions", "Move", "Assume no car.", {"project": "Move"}),
        ("instruction", "w3/instructions", "", "Be brief.", {}),
    ]
    created = items(found)[0].created_at
    assert created is not None and created.isoformat() == NOON
    assert len(conversations(found)) == 1 and problems(found) == []


@pytest.mark.parametrize("broken", [5, None, {}, {**PROJECT, "custom_personality": 5}])
def test_a_broken_project_costs_only_itself(broken: Any) -> None:
    found = read(export(talk(), projects=[broken, PROJECT]))
    assert (len(items(found)), len(conversations(found))) == (1, 1)
    assert [one.where for one in problems(found)] == [f"{BACKEND}, project 1"]


def test_an_export_of_projects_only() -> None:
    found = read(export(projects=[PROJECT]))
    assert (len(items(found)), len(found)) == (1, 1)


PERSONAL = {"user": {"email": "CANARY@example.org", "birthDate": "CANARY"}, "sessions": []}


@pytest.mark.parametrize("personal", [PERSONAL, '{"user": {"email": "CANARY', [PERSONAL], b"\xff"])
def test_the_account_and_its_bills_are_never_kept_nor_spoken_of(personal: Any) -> None:
    names = ("prod-mc-auth-mgmt-api.json", "prod-mc-billing.json")
    files = {f"{FOLDER}/{name}": personal for name in names}
    found = read({**export(talk()), **files})
    assert len(found) == 1 and "CANARY" not in repr(found)


def test_what_is_not_known_beside_the_export_is_named_and_given_files_are_not() -> None:
    given_files = {
        f"{FOLDER}/prod-mc-asset-server/{UUID}/content": backend(talk("not said here")),
        f"{FOLDER}/canvas_thumbnails/1.json": {"a": 1},
    }
    found = read({**export(talk()), **given_files, f"{FOLDER}/prod-new.json": {"a": 1}})
    assert [one.conversation_id for one in conversations(found)] == ["c1"]
    assert [one.where for one in problems(found)] == [f"{FOLDER}/prod-new.json"]


@pytest.mark.parametrize("name", ["prod-grok-backend.json", "conversations.json", "x/y.txt"])
@pytest.mark.parametrize("content", [backend(talk()), [talk()], talk(), backend(5, talk())])
def test_an_export_is_known_by_what_is_in_it(name: str, content: Any) -> None:
    with opened({name: content}) as files:
        assert recognised(files).vendor == "xai"


def test_another_vendor_s_conversations_are_not_taken() -> None:
    with opened({"prod-grok-backend.json": {"conversations": [chat()]}}) as files:
        assert recognised(files).vendor == "openai"


def test_a_file_that_was_cut_short_gives_what_came_before() -> None:
    whole = json.dumps(backend(talk("a"), talk("b"), projects=[PROJECT])).encode()
    found = read(upload(whole[: whole.index(b'"b"')], "prod-grok-backend.json"))
    assert [one.conversation_id for one in conversations(found)] == ["a"]
    assert [one.where for one in problems(found)] == ["prod-grok-backend.json, entry 2"]


def test_the_account() -> None:
    shared = talk("c2", user_id="someone-else")
    anonymous = talk("c0", user_id=None)
    mine = export(anonymous, talk(), shared)
    with opened(mine) as files:
        assert recognised(files).account(files) == "account-1"
    with opened(export(anonymous)) as files:
        assert recognised(files).account(files) == ""
    with opened(mine, export(shared)) as files, pytest.raises(ArchiveError, match="more than one"):
        recognised(files).account(files)


def test_the_same_export_twice_is_read_once_and_a_newer_one_again() -> None:
    one = export(talk(), projects=[PROJECT])
    newer = export(talk(modify_time="2026-02-01T00:00:00Z"), projects=[PROJECT])
    assert len(read(one, one)) == len(read(one)) == 2
    assert len(conversations(read(one, newer))) == 2
    assert len(conversations(read(newer, one))) == 1


def test_a_sample_that_nobody_here_wrote() -> None:
    path = Path(os.environ.get("SATCHEL_SAMPLES", "")) / "edwardbrazier-example_grok.json"
    if not path.is_file():
        pytest.skip("set SATCHEL_SAMPLES to a folder of real exports to try them")
    with opened(upload(path.read_bytes(), path.name)) as files:
        archive = recognised(files)
        assert (archive.vendor, archive.account(files)) == ("xai", "user_example")
        found = list(archive.read(files))
    (one,) = conversations(found)
    assert len(found) == 1
    assert one.title == "Machine Learning Basics"
    assert [(turn.message_id, turn.role, turn.branch, turn.model) for turn in one.turns] == [
        ("resp_001", "user", 0, ""),
        ("resp_002", "assistant", 0, "grok-3"),
        ("resp_003", "user", 0, ""),
        ("resp_004", "assistant", 0, "grok-3"),
    ]
    begun = one.turns[0].created_at
    assert begun is not None and begun == one.created_at
