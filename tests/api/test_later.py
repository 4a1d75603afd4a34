"""What came into a collection after a grant without later memories: no call tells of it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from tests.api.mcp.callers import Caller
from tests.api.people import WRITE, App, Owner
from tests.stack import Live
from vault import memories
from vault.filepaths import title_of
from vault.granting import seen

OLD, LATE = "heron", "walrus"


@dataclass
class Scene:
    """An owner, an app that sees what was there, and one memory of then and one of later."""

    owner: Owner
    app: App
    mcp: Caller
    old: UUID
    late: UUID

    def tool(self, command: str, path: str) -> str:
        return str(self.app.post("memory-tool", {"command": command, "path": path}).content)

    def rest(self, method: str, path: str, body: Any = None) -> str:
        return str(self.app.call(method, path, body).content)


@pytest.fixture(scope="module")
def scene(live: Live) -> Scene:
    owner = Owner()
    old = _all_about(owner, OLD)
    app = owner.grants({"Work": WRITE}, later=False)
    late = _all_about(owner, LATE)
    moved = owner.remembers(f"A {LATE} that was seen long ago", "Personal", title=LATE).id
    memories.move(owner.access, moved, owner.collections["Work"])
    return Scene(owner, app, Caller(live.url + "/mcp", app.token), old, late)


def _all_about(owner: Owner, word: str) -> UUID:
    for kind in ("profile", "instruction", "document", "fact"):
        title = title_of(("birds", f"{word}.md")) if kind == "document" else word
        last = owner.remembers(
            f"Knows all about the {word}, as {kind}", "Work", kind=kind, title=title
        )
    return last.id


SURFACES: dict[str, Callable[[Scene], str]] = {
    "me": lambda s: s.rest("GET", "me"),
    "collections": lambda s: s.rest("GET", "collections"),
    "memories": lambda s: s.rest("GET", "memories?limit=100"),
    "memory": lambda s: s.rest("GET", f"memories/{s.late}"),
    "history": lambda s: s.rest("GET", f"memories/{s.late}/history"),
    "change": lambda s: s.rest("PATCH", f"memories/{s.late}", {"text": "x"}),
    "forget": lambda s: s.rest("DELETE", f"memories/{s.late}"),
    "search": lambda s: s.rest("POST", "search", {"query": f"knows all about, {LATE}"}),
    "context": lambda s: s.rest("POST", "context", {"query": f"knows all about, {LATE}"}),
    "profile": lambda s: s.rest("POST", "context", {}),
    "changes": lambda s: s.rest("GET", "changes"),
    "suggestions": lambda s: s.rest("GET", "suggestions"),
    "files": lambda s: s.tool("view", "/memories") + s.tool("view", "/memories/birds"),
    "known": lambda s: (
        s.tool("view", "/memories/known") + s.tool("view", "/memories/known/fact.md")
    ),
    "mcp search": lambda s: s.mcp.calls("search", query=f"knows all about, {LATE}").text,
    "mcp fetch": lambda s: s.mcp.calls("fetch", id=str(s.late)).text,
    "mcp recall": lambda s: s.mcp.calls("recall", task=f"knows all about, {LATE}").text,
    "mcp revise": lambda s: s.mcp.calls("revise", id=str(s.late), text="x").text,
    "mcp forget": lambda s: s.mcp.calls("forget", id=str(s.late)).text,
    "mcp whoami": lambda s: s.mcp.calls("whoami").text,
    "mcp profile": lambda s: s.mcp.asks("resources/read", uri="memory://profile").text,
}
"""Each call that reads, and each that names a memory, with its answer."""
NAMES_IT = {"memory", "history", "change", "forget", "mcp fetch", "mcp revise", "mcp forget"}
SAYS_NO_WORDS = {"me", "collections", "suggestions", "mcp whoami"} | NAMES_IT


@pytest.mark.parametrize("surface", SURFACES)
def test_no_call_tells_of_what_came_later(scene: Scene, surface: str) -> None:
    said = SURFACES[surface](scene)
    assert LATE not in said.lower()
    assert str(scene.late) not in said
    assert OLD in said or surface in SAYS_NO_WORDS


def test_what_came_later_is_answered_like_what_never_was(scene: Scene) -> None:
    for method, body in (("GET", None), ("PATCH", {"text": "x"}), ("DELETE", None)):
        late, none = (
            scene.app.call(method, f"memories/{id}", body)
            for id in (scene.late, scene.app.grant.id)
        )
        assert (late.status_code, late.content) == (404, none.content)
    assert memories.get(scene.owner.access, scene.late).forgotten_at is None
    late, none = (scene.tool("view", f"/memories/birds/{name}.md") for name in (LATE, "nobody"))
    assert late.replace(LATE, "nobody") == none


def test_counts_are_of_what_was_there(scene: Scene) -> None:
    (one,) = scene.app.get("collections").json()["collections"]
    assert one["count"] == 4


def test_every_reading_call_is_tried(scene: Scene) -> None:
    """A new one cannot be forgotten: the calls are taken from the document."""
    paths = scene.app.get("schema").json()["paths"]
    mine = {"health", "ready", "docs", "schema", "me"}
    owners = ("grants", "imports", "access-log", "collections/")
    open_ones = {
        path.removeprefix("/api/v1/")
        for path in paths
        if not path.removeprefix("/api/v1/").startswith(owners)
    }
    tried = {"memories", "memories/{memory_id}", "memories/{memory_id}/history", "search"}
    tried |= {"context", "changes", "collections", "suggestions", "memory-tool"}
    decided = {one for one in open_ones if one.startswith("suggestions/")}  # the owner's
    assert open_ones - mine - decided == tried
    tools = {name.removeprefix("mcp ") for name in SURFACES if name.startswith("mcp ")}
    assert tools >= set(scene.mcp.tools()) - {"remember"}


def test_its_own_is_there_and_told_in_the_feed(scene: Scene) -> None:
    app = scene.owner.grants({"Work": WRITE}, later=False)
    cursor = app.get("changes").json()["next"]
    made = app.post("memories", {"text": "Drinks oolong tea"}).json()
    scene.owner.remembers("Drinks oolong tea with milk", "Work")
    told = app.get(f"changes?cursor={cursor}").json()["changes"]
    assert [one["id"] for one in told] == [made["id"]]
    assert app.finds("oolong tea") == ["Drinks oolong tea"]


def test_the_owner_switches_it_off_and_sees_so(scene: Scene) -> None:
    session, app = scene.owner.session(), scene.owner.grants({"Work": WRITE})
    address = f"grants/{app.grant.id}"
    assert session.get(address).json()["later"] is True
    first = app.ids()
    cursor = app.get("changes").json()["next"]
    assert session.patch(address, {"later": False}).json()["later"] is False
    late = scene.owner.remembers("A walrus that came later still", "Work").id
    assert app.ids() == first
    assert late not in {
        UUID(c["id"]) for c in app.get(f"changes?cursor={cursor}").json()["changes"]
    }
    assert session.patch(address, {"later": True}).json()["type"].endswith("step-up-required")
    looked = seen.seen_by(scene.owner.access, app.grant.id)
    assert {m.id for m in memories.listing(looked, limit=100).memories} == first
    assert json.dumps(session.get("grants").json()).count('"later": false') >= 1
