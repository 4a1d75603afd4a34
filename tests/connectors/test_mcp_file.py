"""The memory server's file: entities and relations in, one entity for the person out."""

import json
from typing import Any

import pytest
from hypothesis import given

from connectors.base.handing.losses import LOSSES
from connectors.base.handoff import Held, Slice
from connectors.base.types import Item
from connectors.mcp.handoff import _SAME, _SPOKEN, McpHandoff
from tests.connectors.formats import as_lines, graph_entity
from tests.connectors.held import NOW, SLICES, at_length, came_back, differing, made, returned, sent
from tests.connectors.shapes import items, opened, problems, read, recognised

LIVES = {"type": "relation", "from": "Ana", "to": "Porto", "relationType": "lives_in"}


@at_length
@given(SLICES)
def test_what_does_not_come_back_is_named_and_nothing_else(slice: Slice) -> None:
    out = made(McpHandoff(), slice)
    assert set(out.left_out) <= {_SPOKEN, _SAME}
    if not out.parts:
        return
    found = {(one.title, one.text): returned(one) for one in items(came_back(out, "mcp"))}
    kept = [sent(one) for one in slice.held if one.id in out.kept]
    assert found.keys() == {(one["title"], one["text"]) for one in kept}
    differ = {n for one in kept for n in differing(one, found[one["title"], one["text"]])}
    assert {LOSSES[name][0] for name in differ} == set(out.lost)


@at_length
@given(SLICES)
def test_reading_it_a_second_time_adds_nothing(slice: Slice) -> None:
    out = made(McpHandoff(), slice)
    if out.parts:
        later = made(McpHandoff(), Slice([*slice.held, Held("one-more", Item("\u2603"))], NOW))
        before, after = items(came_back(out, "mcp")), items(came_back(later, "mcp"))
        known = {one.remote_id for one in before}
        assert {one.text for one in after if one.remote_id not in known} <= {"\u2603"}


def test_one_entity_for_the_person_and_one_for_each_title() -> None:
    held = [
        Held("a", Item("Likes tea")),
        Held("b", Item("Blue", title="Bicycle")),
        Held("c", Item("Has a cat")),
        Held("d", Item("Likes tea")),
    ]
    out = McpHandoff().make(Slice(held, NOW))
    assert [json.loads(line) for line in out.parts[0].text.splitlines()] == [
        {
            "type": "entity",
            "name": "default_user",
            "entityType": "person",
            "observations": ["Likes tea", "Has a cat"],
        },
        {"type": "entity", "name": "Bicycle", "entityType": "topic", "observations": ["Blue"]},
    ]
    assert (out.kept, out.left_out, out.lost) == (("a", "b", "c"), {_SAME: 1}, ())


def test_observations_and_relations_are_memories() -> None:
    """Total: five observations, a relation, two odd lines. One observation is there twice."""
    lines = [
        graph_entity(
            1, name="Ana", entityType="person", observations=["Runs", "Runs", " ", "Sings"]
        ),
        graph_entity(2, name="default_user", observations=["Likes tea"]),
        LIVES,
        {"type": "relation", "from": "Ana", "to": "", "relationType": "knows"},
        {"type": "thing"},
    ]
    found = read({"memory.jsonl": as_lines(lines) + "{broken\n"})
    assert [(one.title, one.text, one.metadata) for one in items(found)] == [
        ("Ana", "Runs", {"entity type": "person"}),
        ("Ana", "Sings", {"entity type": "person"}),
        ("", "Likes tea", {"entity type": "t"}),
        ("", "Ana lives in Porto", {"relation": "lives_in"}),
    ]
    assert [problem.where for problem in problems(found)] == [
        "memory.jsonl, line 1, observation 3",
        *(f"memory.jsonl, line {number}" for number in (4, 5, 6)),
    ]


def test_a_live_connection_gives_the_same_ids() -> None:
    """What came by the file and comes again over the wire can be seen to be the same."""
    from connectors.mcp.observations import Observation

    (item,) = items(read({"m.jsonl": as_lines([graph_entity(1, observations=["Runs"])])}))
    assert item.remote_id == Observation("E1", "Runs").id


@pytest.mark.parametrize(
    "content",
    [
        {"entities": [], "relations": []},
        {"entities": [{"name": "x"}]},
        as_lines([{"type": "entity", "name": "x"}]),
        as_lines([{"type": "message", "entityType": "x"}]),
    ],
)
def test_what_only_looks_alike_is_not_claimed(content: Any) -> None:
    from connectors.base.registry import archives

    with opened({"x.json": content}) as files:
        assert not archives()["mcp"].recognise(files)


def test_relations_alone_are_a_graph_too() -> None:
    with opened({"x.json": as_lines([LIVES])}) as files:
        assert recognised(files).what == "MCP memory file"
