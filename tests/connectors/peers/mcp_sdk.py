"""A memory server made with the MCP SDK, by Streamable HTTP.

Start `python -m tests.connectors.mcp_server 8765`, then here:
python -m tests.connectors.peers.mcp_sdk http://127.0.0.1:8765/mcp
"""

import sys
from importlib.metadata import version

import httpx

from connectors.base.live.options import filled
from connectors.base.live.remote import Remote
from connectors.mcp.remote_http import McpHttp
from tests.connectors.conformance import ITEM, KEY
from tests.connectors.peers.drive import Drive


def main(address: str) -> None:
    options = {"base_url": address, "token": "not-a-real-token"}
    drive = Drive(McpHttp, options, told=("content-type", "mcp-session-id"))
    drive.run()
    _record(drive, options)
    drive.end(f"a memory server made with mcp {version('mcp')}")


def _record(drive: Drive, options: dict[str, str]) -> None:
    """Each scene anew, with a handshake of its own."""

    def fresh() -> Remote:
        client = httpx.Client(transport=drive.recorder, timeout=60)
        return Remote(McpHttp(filled(McpHttp.Options, options), client))

    scene = drive.recorder.scene
    with scene("check"):
        fresh().check()
    with scene("pages"):
        (page,) = fresh().pages()
    first = page.entries[0]
    assert first.item
    with scene("create"):
        made = fresh().create(ITEM, KEY)
    assert made
    drive.remote.delete(made)
    with scene("update"):
        after = fresh().update(first, ITEM)
    drive.remote.update(after, first.item)
    with scene("delete"):
        fresh().delete(first)


if __name__ == "__main__":
    main(sys.argv[1])
