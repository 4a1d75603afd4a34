"""Exports in the formats that carry memories from one program to another, built in code."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.pam.canonical import checksum, content_hash
from tests.connectors.shapes import Json


@dataclass(frozen=True)
class Format:
    """`entry(n)` is the nth memory as the format has it, `pack` a whole export of some."""

    archive: str
    entry: Callable[[int], Json]
    pack: Callable[[Sequence[Any]], dict[str, Any]]


def when(number: int) -> str:
    return f"2026-01-{number % 28 + 1:02}T12:00:00Z"


def pam_memory(number: int, **more: Any) -> Json:
    text = f"Likes tea number {number}."
    return {
        "id": f"mem-{number}",
        "type": "preference",
        "custom_type": None,
        "status": "active",
        "content": text,
        "content_hash": content_hash(text),
        "summary": None,
        "tags": ["drinks"],
        "confidence": {"initial": 1.0, "current": 0.5, "decay_model": "none"},
        "temporal": {"created_at": when(number), "updated_at": None, "valid_until": None},
        "provenance": {"platform": "chatgpt", "conversation_ref": None},
        "access": {"visibility": "private", "exportable": True, "shared_with": []},
        "embedding_ref": None,
        "metadata": {"language": "en", "domain": "personal"},
        **more,
    }


def pam_store(memories: Sequence[Any], **more: Any) -> Json:
    return {
        "schema": "portable-ai-memory",
        "schema_version": "1.0",
        "owner": {"id": "user-1"},
        "memories": list(memories),
        "integrity": {"checksum": checksum([]), "total_memories": len(memories)},
        **more,
    }


def pam_talk(name: str, messages: Sequence[Any], **more: Any) -> Json:
    return {
        "schema": "portable-ai-memory-conversation",
        "schema_version": "1.0",
        "id": name,
        "provider": {"name": "claude", "conversation_id": name},
        "title": "A talk",
        "temporal": {"created_at": when(1), "updated_at": when(2)},
        "messages": list(messages),
        **more,
    }


def pam_message(name: str, text: str, role: str = "user", **more: Any) -> Json:
    return {
        "id": name,
        "role": role,
        "content": {"type": "text", "text": text},
        "created_at": when(1),
        "parent_id": None,
        "children_ids": [],
        **more,
    }


def mif_memory(number: int, **more: Any) -> Json:
    return {
        "id": f"123e4567-e89b-12d3-a456-{number:012}",
        "content": f"Prefers dark mode number {number}",
        "memory_type": "observation",
        "created_at": when(number),
        "tags": ["ui"],
        "entities": [{"name": "dark mode", "entity_type": "concept", "confidence": 1.0}],
        "embeddings": {"model": "m", "dimensions": 2, "vector": [0.1, 0.2]},
        "source": {"source_type": "user", "session_id": "s-1"},
        **more,
    }


def omi_memory(number: int, **more: Any) -> Json:
    return {
        "id": f"01JZ{number}",
        "content": f"Prefers pushback number {number}.",
        "type": "semantic",
        "created": when(number),
        "confidence": 0.96,
        "tags": ["talk"],
        "source": {"platform": "example-chat", "ref": "session-882", "method": "extracted"},
        "valid_from": "2026-05-01",
        "valid_to": None,
        **more,
    }


def mem0_memory(number: int, **more: Any) -> Json:
    return {
        "id": f"m-{number}",
        "memory": f"Has a cat number {number}",
        "hash": "d41d8cd98f00b204e9800998ecf8427e",
        "metadata": None,
        "categories": ["pets"],
        "user_id": "ana",
        "created_at": when(number),
        "updated_at": when(number),
        **more,
    }


def openmemory_row(number: int, **more: Any) -> Json:
    return {
        "id": f"o-{number}",
        "user_id": "u-1",
        "app_id": "a-1",
        "content": f"Runs number {number}",
        "metadata": {},
        "state": "active",
        "created_at": when(number),
        "updated_at": when(number),
        "archived_at": None,
        "deleted_at": None,
        "category_ids": ["c-1"],
        **more,
    }


def openmemory(rows: Sequence[Any]) -> dict[str, Any]:
    return {
        "memories.json": {
            "user": {"id": "u-1", "user_id": "ana", "name": None, "email": None},
            "apps": [{"id": "a-1", "owner_id": "u-1", "name": "cursor"}],
            "categories": [{"id": "c-1", "name": "sport", "description": "x"}],
            "memories": list(rows),
            "memory_categories": [],
            "status_history": [],
            "access_controls": [],
            "export_meta": {"version": "1"},
        },
        "memories.jsonl.gz": b"\x1f\x8b\x08\x00",
    }


def zep_edge(number: int, **more: Any) -> Json:
    return {
        "uuid": f"e-{number}",
        "name": "LIVES_IN",
        "fact": f"Ana lives in town {number}.",
        "source_node_uuid": "n-1",
        "target_node_uuid": "n-2",
        "created_at": when(number),
        "valid_at": when(number),
        "invalid_at": None,
        "expired_at": None,
        "attributes": {},
        "episodes": ["p-1"],
        **more,
    }


def cogx_memory(number: int, **more: Any) -> Json:
    return {
        "external_system": "mem0",
        "external_id": f"x-{number}",
        "scope": {"user_id": "ana"},
        "created_at": when(number),
        "metadata": {},
        "kind": "memory",
        "content": f"Plays chess {number}",
        "categories": ["games"],
        **more,
    }


def cogx(records: Sequence[Any]) -> dict[str, Any]:
    manifest = {"cogx_version": "0.1", "source_system": "cognee", "counts": {}, "notes": []}
    return {"manifest.json": manifest, "memories.jsonl": as_lines(records)}


def af_block(number: int, **more: Any) -> Json:
    return {
        "value": f"Block {number}: likes tea.",
        "limit": 20000,
        "label": f"topic{number}",
        "description": "What to know",
        "metadata": {},
        "id": f"block-{number}",
        **more,
    }


def af(blocks: Sequence[Any], messages: Sequence[Any] = (), **more: Any) -> dict[str, Any]:
    agent = {
        "name": "Ada",
        "agent_type": "letta_v1_agent",
        "system": "Be kind.",
        "block_ids": [b["id"] for b in blocks if isinstance(b, dict) and "id" in b],
        "memory_blocks": [],
        "tool_exec_environment_variables": {"KEY": "secret"},
        "messages": list(messages),
        "id": "agent-0",
        **more,
    }
    rest: dict[str, Any] = {name: [] for name in ("groups", "files", "sources", "tools")}
    return {"ada.af": {"agents": [agent], "blocks": list(blocks), **rest}}


def graph_entity(number: int, **more: Any) -> Json:
    said = [f"Observation {number}"]
    return {"type": "entity", "name": f"E{number}", "entityType": "t", "observations": said, **more}


def as_lines(values: Sequence[Any]) -> str:
    return "".join(f"{json.dumps(value)}\n" for value in values)


FORMATS = {
    "PAM": Format("pam", pam_memory, lambda some: {"memory-store.json": pam_store(some)}),
    "MIF 2.0": Format(
        "mif-json", mif_memory, lambda some: {"x.json": {"mif_version": "2.0", "memories": some}}
    ),
    "OMI": Format(
        "omi",
        omi_memory,
        lambda some: {"x.json": {"format": "open-memory-interchange", "memories": some}},
    ),
    "OMI lines": Format(
        "omi",
        omi_memory,
        lambda some: {
            "x.omi.jsonl": as_lines(
                [{"format": "open-memory-interchange", "version": "0.1"}, *some]
            )
        },
    ),
    "Mem0": Format("mem0", mem0_memory, lambda some: {"x.json": {"results": some}}),
    "Mem0 list": Format("mem0", mem0_memory, lambda some: {"x.json": some}),
    "OpenMemory": Format("mem0-openmemory", openmemory_row, openmemory),
    "Zep": Format("zep", zep_edge, lambda some: {"x.json": {"edges": some}}),
    "COGX": Format("cognee", cogx_memory, cogx),
    "Letta": Format("letta", af_block, af),
    "MCP": Format("mcp", graph_entity, lambda some: {"memory.jsonl": as_lines(some)}),
    "MCP graph": Format(
        "mcp", graph_entity, lambda some: {"g.json": {"entities": some, "relations": []}}
    ),
}
