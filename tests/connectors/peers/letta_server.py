"""Letta's blocks and archives, at a server of one's own.

In a virtual environment of its own: pip install letta==0.16.8, with a PostgreSQL that has pgvector
as LETTA_PG_URI and Letta's tables in it; letta server --host 127.0.0.1 --port 8283; then here:
python -m tests.connectors.peers.letta_server http://127.0.0.1:8283
"""

import sys
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from uuid import uuid4

import httpx

from connectors.base.handoff import Held, Slice
from connectors.base.reading.files import Upload, open_archive
from connectors.base.types import Item
from connectors.letta.archive import AgentFile
from connectors.letta.handoff import LettaHandoff
from connectors.letta.remote_archives import LettaArchives
from connectors.letta.remote_blocks import LettaBlocks
from tests.connectors.conformance import ITEM, KEY
from tests.connectors.peers.drive import Drive, kept_time

NOW = datetime(2026, 11, 21, tzinfo=UTC)
BULKY = frozenset({"embedding", "embedding_config"})


def main(address: str) -> None:
    api = httpx.Client(base_url=f"{address}/v1", timeout=60)
    version = api.get("/health/").raise_for_status().json()["version"]
    for drive in (_blocks(address), _archive(address, api)):
        drive.end(f"Letta {version} with PostgreSQL")
    _agent_file(api)


def _blocks(address: str) -> Drive:
    drive = Drive(LettaBlocks, {"base_url": address, "tag": f"ada-{uuid4().hex[:8]}"})
    drive.run()
    _many(drive)
    return drive


def _archive(address: str, api: httpx.Client) -> Drive:
    """Without an embedding model, which is why its passages are not made by the batch."""
    made = api.post("/archives/", json={"name": "Ada"}).raise_for_status().json()
    options = {"base_url": address, "archive_id": made["id"]}
    drive = Drive(LettaArchives, options, forget=BULKY)
    drive.run()
    _tries_again(drive)
    _many(drive)
    return drive


def _agent_file(api: httpx.Client) -> None:
    """It imports what we hand off, with the blocks full, and we read what it exports again."""
    held = [Held(str(n), Item(f"Likes tea {n} \u2615 {'x' * 80}")) for n in range(400)]
    out = LettaHandoff().make(Slice([*held, Held("r", Item("Be brief", "instruction"))], NOW))
    raw = out.parts[0].text.encode()
    answer = api.post("/agents/import", files={"file": ("memories.af", raw, "application/json")})
    (agent,) = answer.raise_for_status().json()["agent_ids"]
    back = api.get(f"/agents/{agent}/export").raise_for_status().content
    with open_archive([Upload("back.af", lambda: BytesIO(back))]) as files:
        (human, persona) = [one for one in AgentFile().read(files) if isinstance(one, Item)]
    assert len(human.text.splitlines()) + 1 == len(out.kept) and persona.text == "- Be brief"


def _tries_again(drive: Drive) -> None:
    """What was written by a try that nobody heard of is found by the next one."""
    item = kept_time(ITEM)
    first = drive.remote.create(item, KEY)
    assert first and first.item and first.item.created_at == item.created_at
    assert drive.remote.create(item, KEY) == first
    written = drive.remote.connector.create(replace(item, text="newer"), KEY)  # and then it crashed
    after = drive.remote.update(first, replace(item, text="newer"))
    assert written and after.remote_id == written.remote_id
    assert first.remote_id not in drive.by_id()
    drive.remote.delete(after)


def _many(drive: Drive) -> None:
    """More than a page of them."""
    before = len(drive.listing())
    for number in range(120):
        drive.remote.create(replace(ITEM, text=f"text {number}"), f"n{number}")
    assert len(drive.by_id()) == len(drive.listing()) == before + 120


if __name__ == "__main__":
    main(sys.argv[1])
