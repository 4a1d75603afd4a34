"""What the tools do, for an opened Access. Their answers are shaped for models."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from api.mcp.asking import Asking
from vault import collections, memories
from vault.access import Access
from vault.errors import Invalid, NotFound, Refused
from vault.recalling import recall
from vault.recalling.render import citation
from vault.text import clean
from vault.types import Draft, Kind, Memory, Suggestion

MOST = 20
LONGEST = 50_000
"""Characters of a memory in one answer: it comes twice, and hosted clients take about 150,000."""
_TITLE = 80
_NOTHING = "Nothing is known about this."
_BY_WORDS = "(Looked for by words alone: searching by meaning does not work just now.)"
WAITING = "waiting for the owner"


def search(asking: Asking, query: str) -> dict[str, Any]:
    """In the shape that ChatGPT expects of a connector."""
    _must_see(asking.access)
    found = recall.search(asking.access, query, limit=MOST)
    return {"results": [_named(asking, hit.memory) for hit in found]}


def fetch(asking: Asking, id: str, start: int) -> dict[str, Any]:
    _must_see(asking.access)
    memory = memories.get(asking.access, _id(id))
    about = {
        "kind": memory.kind,
        "updated": memory.updated_at.isoformat(),
        "confirmed": "yes" if memory.trusted else "no",
        "sources": ", ".join(sorted({clean(source.vendor) for source in memory.sources})),
    }
    return {**_named(asking, memory), "text": _part(clean(memory.text), start), "metadata": about}


def context(asking: Asking, task: str, max_tokens: int) -> str:
    """Profile and instructions first, then what bears on the task, each with an id to cite."""
    _must_see(asking.access)
    made = recall.context(asking.access, query=task, max_tokens=max_tokens)
    text = clean(made.text) or _NOTHING
    return f"{text}\n{_BY_WORDS}" if made.degraded else text


def remember(asking: Asking, text: str, kind: Kind, collection: str) -> dict[str, str]:
    place = _collection(asking, collection)
    return _outcome(memories.remember(asking.access, place, Draft(text, kind=kind)), "remembered")


def revise(asking: Asking, id: str, text: str) -> dict[str, str]:
    return _outcome(memories.revise(asking.access, _id(id), text=text), "revised")


def forget(asking: Asking, id: str) -> dict[str, str]:
    outcome = memories.forget(asking.access, _id(id))
    if isinstance(outcome, Suggestion):
        return _outcome(outcome, WAITING)
    return {"id": id, "state": "forgotten"}


def whoami(asking: Asking) -> dict[str, Any]:
    access = asking.access
    listed = [
        {"id": str(one.id), "name": clean(one.name), **asdict(one.right)}
        for one in collections.listing(access)
    ]
    until = access.expires_at.isoformat() if access.expires_at else None
    return {"grant": clean(access.asker.name), "expires_at": until, "collections": listed}


def _must_see(access: Access) -> None:
    """Nothing found would read as if there were nothing."""
    if not access.visible:
        raise Refused("This connection may not see any collection. Its owner can widen it.")


def _named(asking: Asking, memory: Memory) -> dict[str, str]:
    words = clean(memory.title or memory.text).strip()
    title = words if len(words) <= _TITLE else words[: _TITLE - 1] + "…"
    url = f"{asking.base}/memories/{memory.id}/"
    return {"id": str(memory.id), "title": title, "url": url}


def _part(text: str, start: int) -> str:
    """As much of it as one answer holds, and how to read on."""
    if start and start >= len(text):
        raise Invalid(f"This memory has {len(text):,} characters.", "start")
    part, follow = text[start : start + LONGEST], len(text) - start - LONGEST
    if follow <= 0:
        return part
    return f"{part}\n[Cut here: {follow:,} characters follow. Fetch with start={start + LONGEST}.]"


def _outcome(outcome: Memory | Suggestion, done: str) -> dict[str, str]:
    """What is held is out of every asker's sight, so it is waiting, too."""
    if isinstance(outcome, Suggestion) or outcome.held:
        return {"id": str(outcome.id), "state": WAITING}
    return {"id": str(outcome.id), "state": done, "cite": citation(outcome.id)}


def _collection(asking: Asking, named: str) -> UUID:
    """By name or id; the only one for none named."""
    access = asking.access
    open_to_it = [c for c in collections.listing(access) if access.may_add(c.id) != "no"]
    if not open_to_it:
        raise Refused("This connection may not add anything. Its owner can widen it.")
    fits = [c for c in open_to_it if named in (str(c.id), c.name)] if named else open_to_it
    if not fits:
        raise NotFound("There is no such collection to add to. `whoami` lists them.")
    if len(fits) > 1:
        raise Invalid("Name the collection: `whoami` lists them.", "collection")
    return fits[0].id


def _id(words: str) -> UUID:
    try:
        return UUID(words)
    except ValueError:
        raise NotFound("There is no such memory.") from None
