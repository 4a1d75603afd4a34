"""A Mem0 server, from the folder `server` of github.com/mem0ai/mem0.

In a virtual environment of its own: pip install -r requirements.txt; a PostgreSQL with pgvector and
two databases; POSTGRES_HOST, POSTGRES_PORT, POSTGRES_USER, POSTGRES_PASSWORD, APP_DB_NAME,
HISTORY_DB_PATH, JWT_SECRET and MEM0_TELEMETRY=false set; OPENAI_BASE_URL at anything that answers
/embeddings (no model is asked for anything else); alembic upgrade head; uvicorn main:app. Register
at /auth/register and make a key at /api-keys. Then here:
python -m tests.connectors.peers.mem0_server http://127.0.0.1:8000 KEY VERSION [--full]
"""

import sys
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest

from connectors.base.errors import AuthError, BadResponse
from connectors.base.live.options import filled
from connectors.base.live.remote import Remote
from connectors.base.types import Entry, Item, Page
from connectors.mem0.remote_server import Mem0Server
from tests.connectors.peers.drive import Drive


class Timeless(Remote):
    """What the server says of a write has no times, so a listing is compared without them."""

    def pages(self, cursor: str | None = None) -> Any:
        for page in super().pages(cursor):
            yield Page([_timeless(entry) for entry in page.entries])

    def update(self, entry: Entry, item: Item) -> Entry:
        return _timeless(super().update(entry, item))


def main(address: str, key: str, version: str) -> None:
    user = "ada" if "--record" in sys.argv else uuid4().hex
    options = {"base_url": address, "user_id": user, "api_key": key}
    drive = Drive(Mem0Server, options)
    drive.remote = Timeless(drive.remote.connector)
    _others(options)
    drive.run()
    _refusals(options)
    if "--full" in sys.argv:
        _too_many(options)
    drive.end(f"the Mem0 server {version}, with pgvector and embeddings of no meaning")


def _at(options: dict[str, str], **other: str) -> Remote:
    given = filled(Mem0Server.Options, {**options, **other})
    return Remote(Mem0Server(given, httpx.Client(timeout=60)))


def _others(options: dict[str, str]) -> None:
    """Of the first nothing may ever be seen; the second is not ours."""
    _at(options, user_id=options["user_id"] + "m").create(Item("Not Ada's"), "k")
    assert all(not page.entries for page in _at(options).pages())
    theirs = [{"role": "user", "content": "Likes green tea"}]
    body = {"messages": theirs, "user_id": options["user_id"], "infer": False}
    httpx.post(
        options["base_url"] + "/memories",
        json=body | {"metadata": {"source": "chat"}},
        headers={"x-api-key": options["api_key"]},
    ).raise_for_status()


def _refusals(options: dict[str, str]) -> None:
    with pytest.raises(AuthError):
        _at(options, api_key="m0sk_wrong").check()
    with pytest.raises(AuthError):
        _at(options, api_key="").check()


def _too_many(options: dict[str, str]) -> None:
    """999 are listed; from 1,000 on nobody knows whether there are more."""
    remote = _at(options, user_id=uuid4().hex)
    for number in range(1000):
        if number == 999:
            assert sum(len(page.entries) for page in remote.pages()) == 999
        remote.create(Item(f"Number {number}"), f"n-{number}")
    with pytest.raises(BadResponse, match="1,000"):
        list(remote.pages())


def _timeless(entry: Entry) -> Entry:
    item = entry.item and replace(entry.item, created_at=None, updated_at=None)
    return replace(entry, item=item)


if __name__ == "__main__":
    main(*sys.argv[1:4])
