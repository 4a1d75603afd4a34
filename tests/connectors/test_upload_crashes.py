"""A run may die before or after any request: the next one leaves nothing lost and nothing doubled.

The remotes are small servers in memory that do what the recordings show.
"""

import json
from email import message_from_bytes
from typing import Any

import httpx
import pytest

from connectors.base.errors import Unavailable
from connectors.base.live.remote import Remote
from connectors.base.protocol import Connector
from connectors.base.types import Entry, Item
from connectors.openai.remote import OpenAIVectorStore
from connectors.xai.remote import XaiCollection
from tests.connectors.conformance import ITEM, KEY

OTHER = Item("Prefers coffee now.", kind="preference")


class Shelf(httpx.BaseTransport):
    """Files by id as (name, text), and which of them are in place. Dies at request number `dies`,
    before it is done or after."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[str, str]] = {}
        self.placed: dict[str, str] = {}
        self.asked, self.dies, self.after = 0, -1, False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        dies = self.asked == self.dies
        if not dies or self.after:
            answer = self.answer(request.method, request.url.path, request)
        if dies or (self.asked > self.dies > 0):
            raise httpx.ReadError("dead")
        return answer

    def answer(self, method: str, path: str, request: httpx.Request) -> httpx.Response:
        last = path.rsplit("/", 1)[-1]
        if path.startswith("/v1/files") and not path.endswith("/content"):
            if method == "DELETE":
                return self.gone(self.files, last)
            rows = [self.file(one) for one in self.files]
            return self.uploaded(request) if method == "POST" else self.listed(rows)
        if method == "POST":
            return self.put(json.loads(request.read()), last)
        return self.gone(self.placed, last) if method == "DELETE" else self.read(path, last)

    def read(self, path: str, last: str) -> httpx.Response:
        if last in ("files", "documents"):
            return self.listed([self.shown(one) for one in self.placed])
        if last != "content":
            found = last in self.placed
            return httpx.Response(200, json=self.shown(last)) if found else httpx.Response(404)
        file_id = path.split("/")[-2]
        return self.content(file_id) if file_id in self.files else httpx.Response(404)

    def uploaded(self, request: httpx.Request) -> httpx.Response:
        head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode()
        parts: Any = message_from_bytes(head + request.read()).get_payload()
        file = next(part for part in parts if part.get_filename())
        file_id = f"file_{self.asked}"
        self.files[file_id] = (file.get_filename(), file.get_payload(decode=True).decode())
        return httpx.Response(200, json=self.file(file_id))

    def put(self, body: Any, last: str) -> httpx.Response:
        file_id = body.get("file_id", last)
        if file_id not in self.files:
            return httpx.Response(404)
        self.placed[file_id] = body.get("attributes", {}).get("satchel", self.files[file_id][0])
        return httpx.Response(200, json=self.shown(file_id))

    def gone(self, where: dict[str, Any], file_id: str) -> httpx.Response:
        if where.pop(file_id, None) is None:
            return httpx.Response(404)
        return httpx.Response(200, json={"id": file_id, "deleted": True})

    def file(self, file_id: str) -> Any:
        return {"id": file_id, "filename": self.files[file_id][0], "created_at": 1795168800}

    def listed(self, rows: list[Any]) -> httpx.Response:
        said = {"data": rows, "documents": rows, "has_more": False, "pagination_token": None}
        return httpx.Response(200, json=said)

    def shown(self, file_id: str) -> Any:
        name = self.placed[file_id]
        about = {"file_id": file_id, "name": name, "created_at": "2026-11-20T10:00:00Z"}
        row = {"id": file_id, "status": "completed", "created_at": 1, "file_metadata": about}
        return {**row, "attributes": {"satchel": name}}

    def content(self, file_id: str) -> httpx.Response:
        text = self.files[file_id][1]
        return httpx.Response(200, json={"data": [{"text": text}], "next_page": None})


class Bare(Shelf):
    """Gives files as they are."""

    def content(self, file_id: str) -> httpx.Response:
        return httpx.Response(200, content=self.files[file_id][1].encode())


REMOTES: list[tuple[type[Connector], type[Shelf], tuple[str, ...]]] = [
    (OpenAIVectorStore, Shelf, ("sk", "vs_ada")),
    (XaiCollection, Bare, ("key", "manager", "collection_ada")),
]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("dies", range(1, 9))
@pytest.mark.parametrize("act", ["create", "update", "delete"])
@pytest.mark.parametrize(("kind", "shelf", "options"), REMOTES)
def test_dying_at_any_request(
    kind: type[Connector],
    shelf: type[Shelf],
    options: tuple[str, ...],
    act: str,
    dies: int,
    after: bool,
) -> None:
    server = shelf()

    def run(item: Item | None) -> None:
        """One run of the engine, in short: list, then bring about `item`."""
        remote = Remote(kind(kind.Options(*options), httpx.Client(transport=server)))
        there = _listed(remote)
        if item is None:
            for entry in there:
                remote.delete(entry)
        elif not there:
            remote.create(item, KEY)
        elif there[0].item != item:  # also what is left of a file that was half removed
            remote.update(there[0], item)

    if act != "create":
        run(ITEM)
    wanted = {"create": ITEM, "update": OTHER, "delete": None}[act]
    server.asked, server.dies, server.after = 0, dies, after
    try:
        run(wanted)
    except Unavailable:
        assert server.asked >= dies
    server.dies = -1
    run(wanted)
    texts = [text for _, text in server.files.values()]
    assert texts == ([wanted.text] if wanted else [])
    assert set(server.placed) == set(server.files)


def _listed(remote: Remote) -> list[Entry]:
    return [entry for page in remote.pages() for entry in page.entries]
