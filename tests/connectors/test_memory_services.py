"""Exports of memory services, with the quirks of each: counts worked out by hand."""

import gzip
from typing import Any

import pytest

from connectors.base.errors import ArchiveError
from connectors.base.types import Item
from tests.connectors.formats import (
    as_lines,
    cogx,
    cogx_memory,
    mem0_memory,
    openmemory,
    openmemory_row,
    when,
    zep_edge,
)
from tests.connectors.shapes import (
    Json,
    conversations,
    items,
    opened,
    problems,
    read,
    recognised,
    turns,
)


def test_what_we_noted_at_mem0_comes_back() -> None:
    noted = {"kind": "preference", "title": "Drinks", "satchel": "k1", "other": 1}
    (item,) = items(
        read(
            {"x.json": [mem0_memory(1, metadata=noted, run_id="r1", expiration_date="2027-01-01")]}
        )
    )
    assert (item.kind, item.title, item.conversation_id) == ("preference", "Drinks", "r1")
    assert item.metadata == {"categories": "pets"}
    assert str(item.valid_until) == "2027-01-01 00:00:00+00:00"


def test_several_pages_of_mem0_are_one_export() -> None:
    pages = {
        "1.json": {"count": 3, "next": "2", "results": [mem0_memory(1), mem0_memory(2)]},
        "2.json": {"count": 3, "next": None, "results": [mem0_memory(2), mem0_memory(3)]},
    }
    assert [item.remote_id for item in items(read(pages))] == ["m-1", "m-2", "m-3"]


@pytest.mark.parametrize("rows", [[], [{"id": 1, "memory": "8 GB"}], [{"memory": "x", "hash": 1}]])
def test_other_lists_are_not_mem0s(rows: Any) -> None:
    from connectors.base.registry import archives

    with opened({"x.json": {"results": rows}}) as files:
        assert not archives()["mem0"].recognise(files)


def test_states_of_openmemory() -> None:
    """Total: five rows. Three are read, the deleted one is left alone, one is reported."""
    rows = [
        openmemory_row(1),
        openmemory_row(2, state="paused", app_id=None, category_ids=[]),
        openmemory_row(3, state="archived"),
        openmemory_row(4, state="deleted"),
        openmemory_row(5, content=""),
    ]
    found = read(openmemory(rows) | {"memories.jsonl.gz": gzip.compress(b"{}\n")})
    assert [item.metadata for item in items(found)] == [
        {"categories": "sport", "app": "cursor"},
        {"superseded": "yes"},
        {"categories": "sport", "app": "cursor", "superseded": "yes"},
    ]
    assert [problem.where for problem in problems(found)] == ["memories.json, memory 5"]
    with opened(openmemory(rows)) as files:
        assert recognised(files).account(files) == "ana"


def test_facts_of_zep_and_what_they_were_learnt_from() -> None:
    """Total: four edges and two episodes; one edge and one episode hold no text."""
    dump = {
        "edges": [
            zep_edge(1),
            zep_edge(2, invalid_at=when(5)),
            zep_edge(3, expired_at=when(6), attributes={"kind": "event", "title": "Move"}),
            zep_edge(4, fact=""),
        ],
        "nodes": [{"uuid": "n-1", "name": "Ana", "summary": "x"}],
        "episodes": [
            {"uuid": "p-1", "name": "Talk", "content": "I moved.", "created_at": when(1)},
            {"uuid": "p-2", "content": ""},
        ],
    }
    found = read({"dump.json": dump})
    one, two, three, episode = items(found)
    assert (one.text, one.remote_id, one.kind) == ("Ana lives in town 1.", "e-1", "fact")
    assert one.valid_from is not None and one.valid_until is None
    assert (
        two.valid_until is not None and two.valid_until.isoformat() == "2026-01-06T12:00:00+00:00"
    )
    assert three.metadata == {"relation": "LIVES_IN", "superseded": "yes"}
    assert (three.kind, three.title) == ("event", "Move")
    assert three.valid_until is not None and three.valid_until.day == 7
    assert (episode.kind, episode.text, episode.title) == ("document", "I moved.", "Talk")
    assert [p.where for p in problems(found)] == ["dump.json, fact 4", "dump.json, episode 2"]


def test_facts_that_stand_behind_much_else_are_found() -> None:
    talks = [
        {"uuid": f"p-{n}", "name": "T", "content": "x" * 2_000, "created_at": when(n)}
        for n in range(50)
    ]
    found = read({"dump.json": {"episodes": talks, "nodes": [], "edges": [zep_edge(1)]}})
    assert items(found)[0].remote_id == "e-1" and len(items(found)) == len(found) == 51


def record(kind: str, id: str, /, **more: Any) -> Json:
    about = {"external_system": "zep", "external_id": id, "scope": {}, "metadata": {}}
    return {**about, "kind": kind, "created_at": when(1), **more}


def test_every_kind_of_cogx() -> None:
    """Total: twelve records. Eight are read; a bare name, an edge of how it is stored and a node
    of the graph are no memories; one is of a kind that nobody knows."""
    files = {
        **cogx([cogx_memory(1)]),
        "documents.jsonl": as_lines([record("document", "d1", content="Text", title="Doc")]),
        "facts.jsonl": as_lines(
            [
                record("fact", "f1", subject_ref="e1", predicate="works_at", object_ref="e2"),
                record("fact", "f2", subject_ref="d1", predicate="contains", object_ref="e1"),
                record(
                    "fact",
                    "f3",
                    subject_ref="e1",
                    predicate="x",
                    object_ref="e2",
                    fact_text="Ana joined Acme.",
                    valid_at=when(2),
                    invalid_at=when(3),
                ),
            ]
        ),
        "entities.jsonl": as_lines(
            [
                record("entity", "e1", name="Ana", description="A baker."),
                record("entity", "e2", name="Acme"),
            ]
        ),
        "episodes.jsonl": as_lines(
            [
                record(
                    "episode",
                    "p1",
                    title="Talk",
                    turns=[
                        {"role": "user", "content": "Hello", "occurred_at": when(1)},
                        {"role": "assistant", "content": "Hi"},
                        {"role": "user", "content": " "},
                    ],
                )
            ]
        ),
        "memory_blocks.jsonl": as_lines(
            [record("memory_block", "b1", label="human", value="Likes tea", limit=5000)]
        ),
        "nodes.jsonl": as_lines([{"id": "n1", "type": "DocumentChunk", "text": "Text"}]),
        "odd.jsonl": as_lines([record("dream", "x1", content="x")]),
    }
    found = read(files)
    assert {item.text: (item.kind, item.title) for item in items(found)} == {
        "Plays chess 1": ("fact", ""),
        "Text": ("document", "Doc"),
        "Ana works at Acme": ("fact", ""),
        "Ana joined Acme.": ("fact", ""),
        "A baker.": ("fact", "Ana"),
        "Likes tea": ("profile", "human"),
    }
    (talk,) = conversations(found)
    assert (talk.title, [(t.role, t.text, t.position) for t in turns(found)]) == (
        "Talk",
        [("user", "Hello", 0), ("assistant", "Hi", 1)],
    )
    joined = _named(found, "Ana joined Acme.")
    assert joined.valid_from is not None and joined.valid_until is not None
    assert [problem.where for problem in problems(found)] == ["odd.jsonl, line 1"]


def _named(found: Any, text: str) -> Item:
    (item,) = [item for item in items(found) if item.text == text]
    return item


@pytest.mark.parametrize(("version", "refused"), [("0.2", False), ("1.0", True), ("12", True)])
def test_another_number_before_the_point_is_another_format(version: str, refused: bool) -> None:
    files = cogx([cogx_memory(1)])
    files["manifest.json"]["cogx_version"] = version
    if refused:
        with pytest.raises(ArchiveError, match="newer version"):
            read(files)
    else:
        assert len(items(read(files))) == 1
