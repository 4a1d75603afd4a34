"""LangGraph's store as `langgraph dev` serves it.

In a virtual environment of its own: pip install "langgraph-cli[inmem]"; then, in a folder with any
compiled graph named in langgraph.json: langgraph dev --host 127.0.0.1 --port 2024 --no-browser;
then here: python -m tests.connectors.peers.langgraph_dev http://127.0.0.1:2024
"""

import sys
from uuid import uuid4

import httpx

from connectors.langgraph import remote
from tests.connectors.peers.drive import Drive


def main(address: str) -> None:
    space = f"memories.ada{'' if '--record' in sys.argv else uuid4().hex}"
    drive = Drive(remote.LangGraph, {"base_url": address, "namespace": space})
    _neighbours(address, space)
    drive.run()
    _many(address, space, drive)
    version = httpx.get(f"{address}/info").json()["version"]
    drive.end(f"langgraph dev (langgraph-api {version}, its in-memory runtime)")


def _neighbours(address: str, space: str) -> None:
    """Of these nothing may ever be seen."""
    for labels in (
        [*space.split(".")[:-1], space.rsplit(".", maxsplit=1)[-1] + "m"],
        [*space.split("."), "x"],
    ):
        body = {"namespace": labels, "key": "k", "value": {"content": "not Ada's"}}
        httpx.put(f"{address}/store/items", json=body).raise_for_status()


def _many(address: str, space: str, drive: Drive) -> None:
    for number in range(250):
        body = {"namespace": space.split("."), "key": f"n{number}", "value": {"content": "x"}}
        httpx.put(f"{address}/store/items", json=body).raise_for_status()
    found = drive.by_id()
    assert {f"n{number}" for number in range(250)} <= found.keys()
    assert "not Ada's" not in {entry.item.text for entry in found.values() if entry.item}


if __name__ == "__main__":
    main(sys.argv[1])
