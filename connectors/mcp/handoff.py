"""Writes the file of the reference memory server: JSON Lines, an entity a line.

Memories without a title are observations of one entity for the person, those with a title of an
entity of that name: so does the live connection, and both can be used in turn.
"""

import json
from collections.abc import Sequence

from connectors.base.handing.losses import losses
from connectors.base.handoff import Handoff, Handout, Held, Part, Slice
from connectors.mcp.archive import PERSON
from connectors.mcp.observations import Observation

_SPOKEN = "Something said in a conversation: the graph holds what is remembered. PAM takes both."
_SAME = "The same words under the same title: the graph holds them once."
_LOST = ("kind", "collection", "times", "validity", "pinned", "confirmed", "source", "notes")


class McpHandoff(Handoff):
    name = "MCP memory file"
    group = "format"
    form = "file"
    steps = (
        "Download memory.jsonl.",
        "Stop the memory server, then put the file where its setting MEMORY_FILE_PATH says.",
        "If there is a file already, add these lines to it: the server reads them all.",
        "Start the server again. To check it, ask the model to read its graph.",
    )
    limits = "The reference server sets no limit; it reads the whole file for each call."
    sure = "documented"
    source = "https://github.com/modelcontextprotocol/servers/tree/main/src/memory"

    def make(self, slice: Slice) -> Handout:
        held = [one for one in slice.held if one.item.kind != "episode"]
        first: dict[Observation, Held] = {}
        for one in held:
            first.setdefault(Observation(one.item.title or PERSON, one.item.text), one)
        counts = {_SPOKEN: len(slice.held) - len(held), _SAME: len(held) - len(first)}
        left_out = {reason: count for reason, count in counts.items() if count}
        if not first:
            return Handout((), (), left_out)
        part = Part("memory.jsonl", _lines(list(first)))
        kept = tuple(one.id for one in first.values())
        return Handout((part,), kept, left_out, losses(first.values(), *_LOST))


def _lines(found: Sequence[Observation]) -> str:
    entities: dict[str, list[str]] = {PERSON: []}
    for one in found:
        entities.setdefault(one.entity, []).append(one.text)
    made = [
        {
            "type": "entity",
            "name": name,
            "entityType": "person" if name == PERSON else "topic",
            "observations": texts,
        }
        for name, texts in entities.items()
        if texts
    ]
    return "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in made)
