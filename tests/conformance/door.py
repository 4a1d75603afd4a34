"""The application with a token put into every request: the referee cannot send one.

Only for the tests. DOOR_TOKEN is the token. At `/with-fixtures` it serves MCP once more, with the
tools that the referee calls by name behind the same gate.
"""

import os
from typing import Any

from config import asgi

_TOKEN = os.environ["DOOR_TOKEN"].encode()
FIXTURES = "/with-fixtures"

# Only now: Django is set up.
from api.mcp import server  # noqa: E402
from tests.conformance import fixtures  # noqa: E402

_made = server.build()
fixtures.add_to(_made)
_with_fixtures, _ = server.application(_made, asgi._wsgi.executor)


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        async with _made.session_manager.run():
            await asgi.application(scope, receive, send)
        return
    headers = [(name, value) for name, value in scope["headers"] if name != b"authorization"]
    scope = {**scope, "headers": [*headers, (b"authorization", b"Bearer " + _TOKEN)]}
    serve: Any = _with_fixtures if scope["path"] == FIXTURES else asgi.application
    await serve(scope, receive, send)
