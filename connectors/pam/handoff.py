"""Writes PAM 1.0: memory-store.json, and a file for each conversation.

Source: the specification at portable-ai-memory.org/spec/v1.0; its SDK accepts what is written.
"""

import json
from collections.abc import Sequence
from uuid import NAMESPACE_URL, uuid5

from connectors.base.handoff import Handoff, Handout, Part, Slice
from connectors.base.ids import stable_id
from connectors.base.shape import Json
from connectors.pam.canonical import checksum
from connectors.pam.conversation import conversation_of
from connectors.pam.memory import OURS, memory_of, written
from connectors.pam.talks import Talk, fitting, is_whole, spoken, talks

_PROGRAM = f"{OURS}/1.0.0"
_SPEC = "https://portable-ai-memory.org/spec/v1.0"
_TOO_MUCH = "More is said in them than one PAM file takes: choose fewer conversations."
_LINES = "Of what was said in conversations, only words, speakers, times and order go along."
_BRANCHES = "Where answers that were made anew leave their conversation is a guess."


class PamHandoff(Handoff):
    name = "PAM file"
    group = "format"
    form = "file"
    takes = "both"
    steps = (
        "Download the file. With conversations it is a zip that holds a folder for them.",
        "Give it to a program that reads Portable AI Memory 1.0.",
        'To check it, run "pam validate" of the Python package portable-ai-memory over it.',
    )
    limits = "PAM sets no limit to how many memories a file holds or how long they are."
    sure = "documented"
    source = _SPEC

    def make(self, slice: Slice) -> Handout:
        said, left = fitting(talks(slice))
        memories = [memory_of(one, slice.now) for one in slice.held if one.item.kind != "episode"]
        left_out = {_TOO_MUCH: left} if left else {}
        if not memories and not said:
            return Handout((), (), left_out)
        parts = [
            _part("memory-store.json", _store(slice, memories, said)),
            *(_part(_path(one), _talk(one, slice)) for one in said),
        ]
        kept = [memory["id"] for memory in memories]
        ids = [id for one in said for id in one.ids]
        return Handout(tuple(parts), (*kept, *ids), left_out, _lost(slice, said))


def _part(name: str, value: Json) -> Part:
    return Part(name, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def _store(slice: Slice, memories: Sequence[Json], said: Sequence[Talk]) -> Json:
    """Without times of its own the file would be the same for the same slice: so is its id."""
    integrity = checksum(memories)
    return {
        "schema": "portable-ai-memory",
        "schema_version": "1.0",
        "spec_uri": _SPEC,
        "export_id": str(uuid5(NAMESPACE_URL, f"{integrity}{written(slice.now)}")),
        "exported_by": _PROGRAM,
        "export_date": written(slice.now),
        "owner": {"id": slice.owner or "owner"},
        "memories": list(memories),
        "relations": [],
        "conversations_index": _index(slice, memories, said),
        "integrity": {
            "canonicalization": "RFC8785",
            "checksum": integrity,
            "total_memories": len(memories),
        },
        "export_type": "full",
    }


def _index(slice: Slice, memories: Sequence[Json], said: Sequence[Talk]) -> list[Json]:
    """Every conversation that is here, or that a memory says it was learnt in."""
    found: dict[str, Json] = {}
    for talk in said:
        head = _talk(talk, slice)
        found[head["id"]] = {
            "id": head["id"],
            "platform": head["provider"]["name"],
            "title": head["title"],
            "message_count": len(head["messages"]),
            "temporal": head["temporal"],
            "derived_memories": [],
            "storage": {"type": "file", "ref": _path(talk), "format": "json"},
        }
    for memory in memories:
        if ref := memory["provenance"].get("conversation_ref"):
            elsewhere = {
                "id": ref,
                "platform": memory["provenance"]["platform"],
                "temporal": {"created_at": memory["temporal"]["created_at"]},
                "derived_memories": [],
            }
            found.setdefault(ref, elsewhere)["derived_memories"].append(memory["id"])
    return list(found.values())


def _talk(talk: Talk, slice: Slice) -> Json:
    return conversation_of(talk.conversation, talk.origin, slice.now)


def _path(talk: Talk) -> str:
    return f"conversations/{stable_id('conversation', talk.conversation.conversation_id)}.json"


def _lost(slice: Slice, said: Sequence[Talk]) -> tuple[str, ...]:
    titles = {id: one.conversation.title for one in said for id in one.ids}
    lines = [one for one in spoken(slice) if not is_whole(one, titles.get(one.id, ""))]
    turns = [turn for one in said for turn in one.conversation.turns]
    guessed = any(turn.branch and not turn.parent_id for turn in turns)
    return tuple(s for s, is_so in ((_LINES, lines), (_BRANCHES, guessed)) if is_so)
