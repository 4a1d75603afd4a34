"""Lays a tree of messages out as threads: the one last seen is branch 0, others count up."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from connectors.base.types import Turn

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Node:
    """One place in the tree. `turn` is None where there is nothing to keep; its branch, position
    and parent_id are filled in by `arrange`."""

    parent: str | None
    turn: Turn | None = None


def arrange(nodes: Mapping[str, Node], current: str | None = None) -> tuple[Turn, ...]:
    """Every turn once, by branch and position. `current` is the last node of the thread last seen;
    without it that is the newest leaf. Cycles are cut, a missing parent begins a thread."""
    placed: dict[str | None, tuple[int, str]] = {None: (0, "")}
    turns: list[Turn] = []
    branch = 0
    for leaf in _ends(nodes, current):
        grown = _grow(nodes, leaf, branch, placed)
        turns += grown
        branch += bool(grown)
    return tuple(turns)


def _ends(nodes: Mapping[str, Node], current: str | None) -> Iterator[str]:
    """Where threads end: the current one first, then the leaves, then whatever runs in circles."""
    parents = {node.parent for node in nodes.values()}
    leaves = [name for name in nodes if name not in parents]
    if current in nodes:
        yield str(current)
    elif leaves:
        yield max(enumerate(leaves), key=lambda place: (_time(nodes[place[1]]), place[0]))[1]
    yield from leaves
    yield from nodes


def _time(node: Node) -> datetime:
    return (node.turn.created_at if node.turn else None) or _NEVER


def _grow(
    nodes: Mapping[str, Node], leaf: str, branch: int, placed: dict[str | None, tuple[int, str]]
) -> list[Turn]:
    """The turns from where the thread of `leaf` leaves those already placed, down to `leaf`."""
    path: dict[str, Node] = {}
    name: str | None = leaf
    while name in nodes and name not in placed and name not in path:
        path[str(name)] = nodes[str(name)]
        name = nodes[str(name)].parent
    position, parent = placed.get(name, (0, ""))
    grown = []
    for step, node in reversed(path.items()):
        if node.turn:
            turn = replace(node.turn, branch=branch, position=position, parent_id=parent)
            grown.append(turn)
            position, parent = position + 1, turn.message_id
        placed[step] = (position, parent)
    return grown
