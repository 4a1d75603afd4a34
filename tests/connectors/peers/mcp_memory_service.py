"""MCP Memory Service.

In a virtual environment of its own: pip install mcp-memory-service uvicorn; then, with
MCP_API_KEY=not-a-real-key, MCP_MEMORY_BASE_DIR and MCP_MEMORY_SQLITE_PATH in a temporary folder and
MCP_MEMORY_ALLOW_HASH_EMBEDDINGS=1 (so that no model is needed):
uvicorn mcp_memory_service.web.app:app --host 127.0.0.1 --port 8771; then here:
python -m tests.connectors.peers.mcp_memory_service http://127.0.0.1:8771 VERSION
"""

import sys

import httpx
import pytest

from connectors.base.errors import AuthError
from connectors.base.live.options import filled
from connectors.base.live.remote import Remote
from connectors.base.types import Item
from connectors.mcp_memory_service.remote import McpMemoryService
from tests.connectors.peers.drive import Drive

KEY = "not-a-real-key"


def main(address: str, version: str) -> None:
    drive = Drive(McpMemoryService, {"base_url": address, "api_key": KEY}, headers=("x-api-key",))
    drive.run()
    _more(drive)
    first = drive.listing()[0]
    assert first.item
    with drive.recorder.scene("pages"):
        assert drive.listing()[0] == first
    with drive.recorder.scene("update"):
        after = drive.remote.update(first, Item("Prefers tea to coffee ☕", "preference"))
    drive.remote.update(after, first.item)
    with drive.recorder.scene("delete"):
        drive.remote.delete(first)
    drive.remote.create(first.item, "again")
    wrong = filled(McpMemoryService.Options, {"base_url": address, "api_key": "wrong"})
    with pytest.raises(AuthError):
        Remote(McpMemoryService(wrong, httpx.Client())).check()
    drive.end(f"mcp-memory-service {version}, with hashes for embeddings")


def _more(drive: Drive) -> None:
    """Several pages; capital letters; kind and title alone; texts that are much alike."""
    remote = drive.remote
    made = [remote.create(Item(f"Note {n} of many."), f"n-{n}") for n in range(210)]
    assert {one.remote_id for one in made if one} <= drive.by_id().keys()
    for one in made:
        assert one
        remote.delete(one)
    note = remote.create(Item("Likes Tea."), "tea")
    assert note
    louder = remote.update(note, Item("LIKES TEA."))
    assert louder.item and louder.item.text == "LIKES TEA." and louder.remote_id == note.remote_id
    titled = remote.update(louder, Item("LIKES TEA.", "preference", title="Drinks"))
    assert drive.by_id()[note.remote_id] == titled and titled.key == "tea"
    again = remote.create(Item("likes tea."), "other")
    assert again == titled, "the same words are one memory"
    remote.delete(titled)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
