"""One memory at three vendors, each of another kind and all of them real: a folder of Markdown, the
reference MCP memory server (a program), and another Satchel (over HTTP).

The story as a demonstration: `python3 manage.py test --fast tests/sync/test_three_vendors.py -s`.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from django.conf import settings

from connectors.base.protocol import Connector
from sync import outbox
from sync.connections import connections, runs
from sync.connections.connections import Settings
from sync.models import Receipt
from tests.api.people import WRITE, Owner
from tests.conformance import npm
from tests.people import Person, let_something_in, new_person
from tests.stack import Live
from tests.sync.remotes import SYNCED
from vault import memories
from vault.granting import grants
from vault.reviewing import suggestions
from vault.scope import vault_scope
from vault.types import Right

SAILS, DINGHY = "She sails.", "She sails a dinghy."


class Vendor:
    """One of the three: its connection, and a look at what it really holds."""

    def __init__(self, name: str, look: Callable[[], list[str]]) -> None:
        self.name, self.look = name, look
        self.id: UUID
        self.grant_id: UUID
        self.cut = False


class Story:
    """A person and three vendors, kept in step."""

    def __init__(self, folder: Path, live: Live) -> None:
        self.ana, self.friend = new_person(), Owner()
        self.notes, self.file = folder / "notes", folder / "memory.jsonl"
        self.notes.mkdir()
        self.A = Vendor("A, a folder", self._in_notes)
        self.B = Vendor("B, an MCP server", self._in_file)
        self.C = Vendor("C, another Satchel", self._at_friend)
        app = self.friend.grants({"Personal": WRITE})
        self._connect(self.A, "folder", {"path": str(self.notes)})
        environment = json.dumps({"MEMORY_FILE_PATH": str(self.file)})
        command = json.dumps(list(npm.command("server-memory")))
        self._connect(self.B, "mcp-stdio", {"command": command, "environment": environment})
        self._connect(self.C, "satchel", {"base_url": live.url, "token": app.token})

    @property
    def vendors(self) -> tuple[Vendor, Vendor, Vendor]:
        return self.A, self.B, self.C

    def cycle(self) -> None:
        """Each connection runs once, as the schedule would have it."""
        for vendor in self.vendors:
            self.run(vendor)

    def run(self, vendor: Vendor) -> str:
        record = runs.run(self.ana.vault_id, vendor.id, transport=self._wire)
        assert record is not None
        return record.outcome

    def tell(self, what: str) -> None:
        held = "; ".join(
            f"{one.name}: {', '.join(one.look()) or 'nothing'}" for one in self.vendors
        )
        print(f"\n{what}\n    {held}", end="")

    def receipts(self) -> list[tuple[str, str]]:
        with vault_scope(self.ana.vault_id):
            rows = Receipt.objects.filter(vault_id=self.ana.vault_id)
            return list(rows.order_by("asked_at").values_list("state", "said"))

    def _connect(self, vendor: Vendor, slug: str, options: dict[str, str]) -> None:
        home = self.ana.collection("Personal")
        made = connections.add(
            self.ana.access,
            self.ana.owner_key,
            slug,
            options,
            name=vendor.name,
            rights={home: SYNCED, self.ana.collection("Work"): Right(see=True)},
            settings=Settings(into_id=home, background=True),
            account=connections.try_out(slug, options, self._wire),
        )
        let_something_in(self.ana.vault_id, made.grant)
        vendor.id, vendor.grant_id = made.id, made.grant.id

    def _wire(self, connector: type[Connector]) -> httpx.BaseTransport:
        if connector.slug == "satchel" and not self.C.cut:
            return httpx.HTTPTransport()
        return httpx.MockTransport(_nobody)

    def _in_notes(self) -> list[str]:
        found = sorted(self.notes.rglob("*.md"))
        return sorted(path.read_text().rpartition("---\n")[2].strip() for path in found)

    def _in_file(self) -> list[str]:
        lines = self.file.read_text().splitlines() if self.file.exists() else []
        entities = [json.loads(line) for line in lines if line.strip()]
        return sorted(said for one in entities for said in one.get("observations", []))

    def _at_friend(self) -> list[str]:
        return sorted(one.text for one in memories.listing(self.friend.access).memories)


def _nobody(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("the wire is cut")


@pytest.fixture
def story(live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    monkeypatch.setattr(settings, "SATCHEL_LOCAL_CONNECTORS", ["folder", "mcp-stdio"])
    monkeypatch.setattr(outbox, "leave", lambda *args, **more: True)  # it is run here
    yield Story(tmp_path, live)


def test_one_memory_at_three_vendors(story: Story) -> None:
    everywhere = [[SAILS]] * 3
    (story.notes / "sailing.md").write_text(SAILS + "\n")
    story.cycle()
    assert [one.look() for one in story.vendors] == everywhere
    story.tell("Made at A, it is at B and C within one cycle.")

    story.cycle()
    assert [one.look() for one in story.vendors] == everywhere
    assert len(memories.listing(story.ana.access).memories) == 1
    story.tell("Another cycle: nothing echoes, nothing doubles.")

    edit_at_mcp(story, SAILS, DINGHY)
    story.run(story.B)
    story.cycle()
    assert [one.look() for one in story.vendors] == [[DINGHY]] * 3
    story.tell("Edited at B, it changes at A and C.")

    (path,) = story.notes.rglob("*.md")
    path.write_text(path.read_text().replace(DINGHY, "She sails alone."))
    friends(story, "She sails with friends.")
    story.cycle()
    (asked,) = suggestions.listing(story.ana.access)
    story.tell(f"Edited at A and C at once, it waits in the inbox: “{asked.text}”")
    suggestions.accept(story.ana.access, asked.id)
    story.cycle()
    story.cycle()
    assert [one.look() for one in story.vendors] == [[asked.text]] * 3
    assert suggestions.listing(story.ana.access) == []
    story.tell("The owner decides, and all three say so.")

    work = {story.ana.collection("Work"): Right(see=True)}
    narrow(story.ana, story.C, work)
    story.C.cut = True
    assert story.run(story.C) == "unavailable"
    assert story.C.look() == [asked.text]
    story.tell("C's grant is narrowed while C is down: what it has is still there, and told so.")
    story.C.cut = False
    assert story.run(story.C) == "done"
    assert story.C.look() == [] and story.receipts() == [("gone", "")]
    assert [one.look() for one in story.vendors[:2]] == [[asked.text]] * 2
    story.tell("C is back: taken back there, and the receipt says that it is gone.")

    connections.disconnect(story.ana.access, story.B.id, keep_there=False)
    assert story.run(story.B) == "done" and story.B.look() == [asked.text]
    story.tell("B is disconnected: what was written there is its own, and stays.")


def edit_at_mcp(story: Story, old: str, new: str) -> None:
    said = story.file.read_text()
    assert said.count(old) == 1
    story.file.write_text(said.replace(old, new))


def friends(story: Story, text: str) -> None:
    (theirs,) = memories.listing(story.friend.access).memories
    memories.revise(story.friend.access, theirs.id, text=text)


def narrow(person: Person, vendor: Vendor, rights: dict[UUID, Right]) -> None:
    settings = Settings(into_id=None, background=True)
    connections.change(person.access, vendor.id, settings)
    grants.change(person.access, vendor.grant_id, rights=rights)
