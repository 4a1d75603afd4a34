"""What a message needs: which scopes its call asks for.

It only tells what to ask the owner for. What may be done is up to the `Access`, which the scopes
cap: a message that is misread here gets no more.
"""

import json
from typing import Any

from api.challenges import ADDING, CHANGING, READING, Ways
from vault.access import Access
from vault.granting.scopes import ADD, SEE, SUGGEST

OF_TOOL: dict[str, Ways] = {
    "search": READING,
    "fetch": READING,
    "recall": READING,
    "remember": ADDING,
    "revise": CHANGING,
    "forget": CHANGING,
    "whoami": (),
}
_OF_RESOURCE: dict[str, Ways] = {"memory://profile": READING}
_NAMES = {**dict(zip(OF_TOOL, OF_TOOL, strict=True)), "memory://profile": "profile"}


def missing(access: Access, body: bytes) -> frozenset[str]:
    """The scopes to ask the owner for, those it has among them; empty when there is nothing to ask
    for. An API token has no scopes: its owner gave it rights, and that is all."""
    ways = _ways(body)
    if access.scopes is None or not ways or any(way <= access.scopes for way in ways):
        return frozenset()
    return ways[0] | (access.scopes & {SEE, SUGGEST, ADD})


def can_ask(access: Access, tool: str) -> bool:
    """Whether a scope stands between this token and the tool, which its owner may still give."""
    ways = OF_TOOL.get(tool, ())
    held = access.scopes
    return held is not None and bool(ways) and not any(way <= held for way in ways)


def called(body: bytes) -> str:
    """Which tool or resource this calls, by a name of ours; "" for anything else."""
    table, name = _called(body)
    return _NAMES[name] if name in table else ""


def _ways(body: bytes) -> Ways:
    table, name = _called(body)
    return table.get(name, ())


def _called(body: bytes) -> tuple[dict[str, Ways], str]:
    """Nothing for what cannot be read: the SDK answers that."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return {}, ""
    named: Any = message.get("params") if isinstance(message, dict) else None
    if not isinstance(named, dict):
        return {}, ""
    table, name = {
        "tools/call": (OF_TOOL, named.get("name")),
        "resources/read": (_OF_RESOURCE, named.get("uri")),
    }.get(str(message.get("method")), ({}, None))
    return (table, name) if isinstance(name, str) else ({}, "")
