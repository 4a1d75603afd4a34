"""Cognee.

In a virtual environment of its own: pip install cognee; then, with SYSTEM_ROOT_DIRECTORY and
DATA_ROOT_DIRECTORY in a temporary folder, COGNEE_SKIP_CONNECTION_TEST=true,
ENABLE_BACKEND_ACCESS_CONTROL=false, REQUIRE_AUTHENTICATION=false and LLM_API_KEY=none (adding and
reading need no model): uvicorn cognee.api.client:app --host 127.0.0.1 --port 8772; then here:
python -m tests.connectors.peers.cognee http://127.0.0.1:8772 VERSION
"""

import sys

import httpx

from connectors.base.types import Item
from connectors.cognee.remote import Cognee
from tests.connectors.conformance import ITEM
from tests.connectors.peers.drive import Drive


def main(address: str, version: str) -> None:
    httpx.post(f"{address}/api/v1/datasets", json={"name": "memories"}).raise_for_status()
    options = {"base_url": address, "dataset": "memories", "api_key": "not-a-real-key"}
    drive = Drive(
        Cognee, options, headers=("x-api-key",), forget=frozenset({"rawDataLocation", "source_uri"})
    )
    drive.run()
    first = drive.listing()[0]
    with drive.recorder.scene("pages"):
        assert drive.listing()[0] == first
    with drive.recorder.scene("update"):
        after = drive.remote.update(first, ITEM)
    drive.remote.delete(after)
    assert first.item
    for number in range(105):
        drive.remote.create(Item(f"Note {number} of many."), f"n-{number}")
    entries = drive.listing()
    assert len({one.remote_id for one in entries}) == len(entries) > 105
    drive.recorder.scenes["delete"] = _deletion(drive.recorder.scenes["update"])
    drive.end(f"Cognee {version}, without a model")


def _deletion(update: list[dict[str, object]]) -> list[dict[str, object]]:
    """What deleting says is the beginning and the end of what changing says."""
    return [*update[:2], update[-1]]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
