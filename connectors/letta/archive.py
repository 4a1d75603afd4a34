"""Reads Letta agent files: the memory blocks of agents, and what they and their people said.

Source: letta/schemas/agent_file.py and letta/serialize_schemas in letta-ai/letta, the files of
letta-ai/agent-file, and what a server of version 0.16.8 exported. Tools, keys and files stay there.
"""

from collections.abc import Iterator
from typing import Any

from connectors.base.archive import Archive, Record
from connectors.base.errors import ItemError
from connectors.base.ids import stable_id
from connectors.base.reading.copies import Copies
from connectors.base.reading.each import each_new
from connectors.base.reading.files import File, Files
from connectors.base.reading.glimpse import glimpse, glimpses
from connectors.base.reading.json_stream import document
from connectors.base.shape import Json, a_list_in, an_object, name_in, text_in
from connectors.base.types import Item, Kind, Unreadable
from connectors.letta.messages import talk

_KINDS: dict[str, Kind] = {"human": "profile", "persona": "instruction"}
_AGENT = frozenset(("agent_type", "block_ids", "memory_blocks", "in_context_message_ids"))


class AgentFile(Archive):
    vendor = "letta"
    what = "Letta agent file"

    def recognise(self, files: Files) -> bool:
        return any(_is_agent_file(values) for _, values in glimpses(files))

    def records(self, files: Files) -> Iterator[Record]:
        copies = Copies()
        for file in files.json:
            if _is_agent_file(glimpse(file)):
                yield from _agents(file, copies)


def _is_agent_file(values: list[Any]) -> bool:
    first = values[0] if values else None
    if not isinstance(first, dict):
        return False
    old = {"agent_type", "core_memory"} <= first.keys()
    agents = first.get("agents")
    return old or (isinstance(agents, list) and any(map(_is_agent, agents)))


def _is_agent(value: object) -> bool:
    return isinstance(value, dict) and len(_AGENT & value.keys()) >= 2


def _agents(file: File, copies: Copies) -> Iterator[Record]:
    whole = document(file)
    if isinstance(whole, Unreadable):
        yield whole
        return
    try:
        raw = an_object(whole, "file")
        agents = a_list_in(raw, "agents") if "agents" in raw else [raw]
        shared = a_list_in(raw, "blocks")
    except ItemError as error:
        yield Unreadable(file.where, str(error))
        return
    owners = _owners(agents)
    place = f"{file.where}, block"
    yield from each_new(
        shared, place, lambda block: _block(block, owners.get(_id(block), "")), copies
    )
    for number, agent in enumerate(agents, 1):
        yield from _agent(f"{file.where}, agent {number}", agent, copies)


def _agent(where: str, agent: object, copies: Copies) -> Iterator[Record]:
    """Its own blocks, and one conversation: an agent has no others."""
    try:
        raw = an_object(agent, "agent")
        name = _name(raw)
        blocks = [*a_list_in(raw, "core_memory"), *a_list_in(raw, "memory_blocks")]
        messages = a_list_in(raw, "messages")
    except ItemError as error:
        yield Unreadable(where, str(error))
        return
    yield from each_new(blocks, f"{where}, block", lambda block: _block(block, name), copies)
    yield from talk(name, messages, where)


def _block(raw: Json, agent: str) -> Item | None:
    """An empty block is a place for memories, and none itself."""
    label, text = text_in(raw, "label"), text_in(raw, "value").strip()
    if not text:
        return None
    said = {"agent": agent, "description": text_in(raw, "description")}
    return Item(
        text,
        kind=_KINDS.get(label, "fact"),
        remote_id=stable_id("block", agent, label),
        title=label,
        metadata={name: value for name, value in said.items() if value},
    )


def _owners(agents: list[Any]) -> dict[str, str]:
    """The first agent of each shared block: the file's own ids are numbers that change."""
    found: dict[str, str] = {}
    for agent in agents:
        ids = agent.get("block_ids") if isinstance(agent, dict) else None
        for id in ids if isinstance(ids, list) else []:
            found.setdefault(str(id), _name(agent))
    return found


def _name(agent: Json) -> str:
    """Letta adds "_copy" where it imports an agent."""
    return name_in(agent, "name").removesuffix("_copy")


def _id(block: Json) -> str:
    return name_in(block, "id")
