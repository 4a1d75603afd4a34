"""A small memory server made with the MCP SDK, by pipes or by HTTP: tools that list, add, change
and delete.

    python -m tests.connectors.mcp_server [PORT]
"""

import sys
from itertools import count
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

server: MCPServer[Any] = MCPServer("notes")
_kept: dict[str, dict[str, Any]] = {}
_numbers = count(1)


@server.tool()
def list_memories(limit: int = 20, offset: int = 0) -> dict[str, Any]:
    """A page of memories, the oldest first; at most two at once."""
    found = list(_kept.values())
    return {"memories": found[offset : offset + min(limit, 2)], "total": len(found)}


@server.tool()
def add_memory(text: str, metadata: dict[str, Any] | None = None) -> str:
    """Keep a memory."""
    id = f"m{next(_numbers)}"
    _kept[id] = {"id": id, "text": text, "metadata": metadata or {}}
    return f"Added {id}"


@server.tool()
def update_memory(memory_id: str, text: str) -> str:
    """Change a memory."""
    if memory_id not in _kept:
        raise ToolError("There is no such memory.")
    _kept[memory_id] = {**_kept[memory_id], "text": text}
    return "Changed"


@server.tool()
def delete_memory(memory_id: str) -> str:
    """Delete a memory."""
    if _kept.pop(memory_id, None) is None:
        raise ToolError("There is no such memory.")
    return "Deleted"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
    else:
        server.run("stdio")
