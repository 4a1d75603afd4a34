"""The example in the README is code that works."""

import json
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from connectors.base.errors import BadResponse, NotFound
from connectors.base.live.options import filled
from connectors.base.live.remote import Remote
from connectors.base.types import Item
from connectors.base.vendor import Vendor
from tests.connectors.shapes import conversations, opened, problems

README = Path(__file__).parents[2] / "connectors" / "README.md"


def examples() -> list[str]:
    return re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.S)


def test_the_vendor_of_the_readme_reads_its_export() -> None:
    facts, reader, *_ = examples()
    made: dict[str, Any] = {"__name__": "acme"}
    exec(facts, made)  # noqa: S102  our own page
    assert isinstance(made["VENDOR"], Vendor)
    exec(reader, made)  # noqa: S102
    chat = {"chat_id": "1", "lines": [{"id": "a", "text": "x"}, {"id": "b", "bot": 1, "text": "y"}]}
    with opened({"chats.json": [chat, 5]}) as files:
        archive = made["Coyote"]()
        assert archive.recognise(files)
        found = list(archive.read(files))
    assert [(t.role, t.text) for t in conversations(found)[0].turns] == [
        ("user", "x"),
        ("assistant", "y"),
    ]
    assert [one.where for one in problems(found)] == ["chats.json, entry 2"]


class Coyotes:
    """The service of the README's example, on the other side of the wire."""

    def __init__(self) -> None:
        self.memories: dict[str, dict[str, Any]] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == "Bearer k"
        said = json.loads(request.content) if request.content else {}
        name = request.url.path.rpartition("/")[2]
        if request.url.path == "/me":
            return httpx.Response(200, json={"id": "1", "email": "ana@example.org"})
        if request.method == "GET":
            return httpx.Response(200, json=self._page(request.url.params.get("after", "")))
        if request.method == "POST":
            name = f"m{len(self.memories)}"
            self.memories[name] = {"id": name, "created_at": "2026-01-01T00:00:00Z", "n": 0}
        if name not in self.memories:
            return httpx.Response(404)
        if request.method == "DELETE":
            del self.memories[name]
            return httpx.Response(204)
        memory = self.memories[name]
        memory |= {"external_id": None, **said, "n": memory["n"] + 1}
        memory["updated_at"] = f"2026-01-01T00:00:0{memory['n']}Z"
        return httpx.Response(200, json=memory)

    def _page(self, after: str) -> dict[str, Any]:
        names = [name for name in self.memories if name > after]
        page = [self.memories[name] for name in names[:2]]
        return {"memories": page, "next": names[1] if len(names) > 2 else None}


def test_the_connector_of_the_readme_keeps_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("acme_remote")  # dataclasses look their module up
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(examples()[2], vars(module))  # noqa: S102  our own page
    options = filled(module.Options, {"api_key": "k"})
    service = Coyotes()
    remote = Remote(module.Coyote(options, httpx.Client(transport=httpx.MockTransport(service))))
    assert remote.check().label == "ana@example.org"
    made = [remote.create(Item(f"Memory {n}"), f"key-{n}") for n in range(5)]
    listed = [entry for page in remote.pages() for entry in page.entries]
    assert listed == made and [entry.key for entry in listed] == [f"key-{n}" for n in range(5)]
    changed = remote.update(listed[0], Item("Another"))
    assert changed.etag != listed[0].etag and changed.item and changed.item.text == "Another"
    remote.delete(changed)
    remote.delete(changed)
    with pytest.raises(NotFound):
        remote.update(changed, Item("Gone"))
    del service.memories["m1"]["text"]
    with pytest.raises(BadResponse):
        list(remote.pages())
