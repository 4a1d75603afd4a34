"""Cognee: the documents of one dataset, each a memory.

What is relied on here was read in its source, version 1.6.5, and tried.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from connectors.base.errors import (
    BadResponse,
    Misconfigured,
    NotFound,
    PreconditionFailed,
    Rejected,
    Unavailable,
)
from connectors.base.kinds import kind_of
from connectors.base.live.options import address, secret, setting
from connectors.base.live.rest import RestConnector
from connectors.base.moments import moment
from connectors.base.types import Account, Capability, Entry, Item, Page, Room

_DATASETS = "/api/v1/datasets"
_PAGE_SIZE = 100
_MOST = 1_000_000
_NO_TEXT = "This document is not text."
_TOO_LONG = "This document is larger than a memory."
_NONE = "There is no dataset of this name. Give its id."
_SEVERAL = "There is more than one dataset of this name. Give its id."


@dataclass(frozen=True)
class Options:
    base_url: str = address("Address", default="http://127.0.0.1:8000")
    api_key: str = secret("API key", default="", help="If the server asks for one.")
    dataset: str = setting("Dataset", default="main_dataset", help="Its name, or its id.")


class Cognee(RestConnector):
    slug = "cognee"
    name = "Cognee"
    docs_url = "https://docs.cognee.ai/api-reference/introduction"
    capabilities = Capability.WRITE
    room = Room(text=_MOST // 4)
    quirks = (
        "Cognee finds a memory only once its dataset was cognified, which costs calls of a model:"
        " Satchel adds to the dataset and leaves that to you.",
        "A document that is changed gets a new id: counts as deleted and new.",
        "Equal texts are one document. What was sent first is what is kept of kind and title.",
        "Each document is asked for by itself, so a listing takes a request for every one.",
    )
    per_minute = 600
    Options = Options

    def headers(self) -> dict[str, str]:
        return {"X-Api-Key": self.options.api_key} if self.options.api_key else {}

    def check(self) -> Account:
        dataset = self._dataset()
        return Account(dataset["id"], dataset["name"])

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        """Servers before 1.6 know no pages and give all at once. What came is counted in the end,
        for one that goes meanwhile lets others slip."""
        data = self._data()
        seen: set[str] = set()
        asked, rows = 0, self._rows(data, 0)
        while True:
            new = [row for row in rows if row["id"] not in seen]
            seen |= {row["id"] for row in new}
            yield Page([self._entry(data, row) for row in new])
            if len(rows) != _PAGE_SIZE or not new:
                break
            asked += len(rows)
            rows = self._rows(data, asked)
        self._must_be_all(data, len(seen))

    def create(self, item: Item, key: str) -> Entry:
        return self._add(self._dataset()["id"], item, key)

    def update(self, entry: Entry, item: Item) -> Entry:
        data = self._must_be_as(entry)
        made = self._add(self._dataset()["id"], item, entry.key)
        if made.remote_id != entry.remote_id:
            self.request("DELETE", _at(data, entry.remote_id))
        return made

    def delete(self, entry: Entry) -> None:
        self.request("DELETE", _at(self._must_be_as(entry), entry.remote_id))

    def _dataset(self) -> Any:
        named = self.options.dataset
        found = [one for one in self.get(_DATASETS) if named in (one["name"], one["id"])]
        if len(found) != 1:
            raise Misconfigured(_SEVERAL if found else _NONE, "dataset")
        return found[0]

    def _data(self) -> str:
        return f"{_DATASETS}/{quote(self._dataset()['id'], safe='')}/data"

    def _rows(self, data: str, offset: int) -> list[Any]:
        rows = self.get(data, params={"limit": _PAGE_SIZE, "offset": offset})
        if not isinstance(rows, list):
            raise BadResponse(f"{self.name} answered in a form that is not known.")
        return rows

    def _must_be_all(self, data: str, came: int) -> None:
        try:
            count = self.get(f"{data}/count")["count"]
        except NotFound:
            return
        if count != came:
            raise Unavailable(f"{self.name} changed while it was listed.")

    def _entry(self, data: str, row: dict[str, Any]) -> Entry:
        if not str(row["mimeType"]).startswith("text/"):
            return Entry(row["id"], "", None, unreadable=_NO_TEXT)
        if (row.get("dataSize") or 0) > _MOST:
            return Entry(row["id"], "", None, unreadable=_TOO_LONG)
        return _entry(row, self._text(data, row["id"]))

    def _text(self, data: str, id: str) -> str:
        return self.answer("GET", f"{_at(data, id)}/raw").content.decode()

    def _must_be_as(self, entry: Entry) -> str:
        data = self._data()
        now = _digest(self._text(data, entry.remote_id))
        if now != entry.etag:
            raise PreconditionFailed("This document was changed meanwhile.")
        return data

    def _add(self, dataset: str, item: Item, key: str) -> Entry:
        text = item.text.encode()
        # By its text: a file of a name that is there with another one would be refused.
        name = f"satchel-{sha256(text).hexdigest()[:32]}.txt"
        about = {"satchel": key, "kind": item.kind, "title": item.title}
        form = {"datasetId": dataset, "external_metadata": json.dumps([about])}
        made = self.post("/api/v1/add", data=form, files={"data": (name, text, "text/plain")})
        if made["status"] not in ("PipelineRunCompleted", "PipelineRunAlreadyCompleted"):
            raise Rejected(f"{self.name} did not take this document.")
        return self._found(f"{_DATASETS}/{dataset}/data", made["data_ingestion_info"][0]["data_id"])

    def _found(self, data: str, id: str) -> Entry:
        offset = 0
        while rows := self._rows(data, offset):
            for row in rows:
                if row["id"] == id:
                    return self._entry(data, row)
            if len(rows) != _PAGE_SIZE:
                break
            offset += len(rows)
        raise BadResponse(f"{self.name} does not show what it was given.")


def _at(data: str, id: str) -> str:
    return f"{data}/{quote(id, safe='')}"


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _entry(row: dict[str, Any], text: str) -> Entry:
    about = row.get("externalMetadata") or {}
    item = Item(
        text,
        kind_of(about.get("kind")),
        title=str(about.get("title", "")),
        created_at=moment(row["createdAt"]),
        updated_at=moment(row["updatedAt"]),
    )
    return Entry(row["id"], _digest(text), item, str(about.get("satchel", "")))
