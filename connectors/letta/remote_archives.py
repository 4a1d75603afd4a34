"""Letta's archives: passages of text that agents search. A passage never changes."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from connectors.base.errors import BadResponse, NotFound
from connectors.base.live.marks import entry_with, marks
from connectors.base.live.options import address, secret, setting
from connectors.base.live.rest import RestConnector
from connectors.base.moments import moment
from connectors.base.types import Account, Capability, Entry, Item, Page

PAGE = 100
_ROUNDED = timedelta(milliseconds=1)  # a server that keeps milliseconds still finds its own time


@dataclass(frozen=True)
class Options:
    archive_id: str = setting("Archive id", help="It begins with archive-.")
    api_key: str = secret("API key", default="", help="A server of your own may need none.")
    base_url: str = address("Address", default="https://api.letta.com")


class LettaArchives(RestConnector):
    slug = "letta-archives"
    name = "Letta archive"
    docs_url = "https://docs.letta.com/api-reference"
    capabilities = Capability.WRITE
    quirks = (
        "A passage cannot be changed: a new one is written, then the old one is deleted.",
        "More than 100 passages of the very same time cannot be listed.",
    )
    Options = Options

    def headers(self) -> dict[str, str]:
        key = self.options.api_key
        return {"Authorization": f"Bearer {key}"} if key else {}

    def check(self) -> Account:
        archive = self.get(self._archive)
        return Account(id=archive["id"], label=archive["name"])

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        self.check()  # where there is no such archive, the search just finds nothing
        seen: set[str] = set()
        since: datetime | None = None
        while found := self._search(start=since):
            fresh = [passage for passage in found if passage["id"] not in seen]
            if not fresh:
                _must_be_the_end(found)
                return
            seen.update(passage["id"] for passage in fresh)
            since = _latest(found)
            yield Page([_entry(passage) for passage in fresh])

    def create(self, item: Item, key: str) -> Entry:
        at = item.created_at
        return _written(self._at(at), item, key) or self._write(item, key, at)

    def update(self, entry: Entry, item: Item) -> Entry:
        # Kept at the same time, so that a second try finds what a first one wrote.
        at = entry.item.created_at if entry.item else None
        there = self._at(at)
        after = _written(there, item, entry.key)
        if at and not after and not any(one["id"] == entry.remote_id for one in there):
            raise NotFound("The passage is gone.")
        after = after or self._write(item, entry.key, at)
        if after.remote_id != entry.remote_id:
            with suppress(NotFound):
                self.delete(entry)
        return after

    def delete(self, entry: Entry) -> None:
        self.request("DELETE", f"{self._archive}/passages/{quote(entry.remote_id, safe='')}")

    def _write(self, item: Item, key: str, at: datetime | None) -> Entry:
        body: dict[str, Any] = {"text": item.text, "metadata": marks(item, key)}
        if at:
            body["created_at"] = at.isoformat()
        return _entry(self.post(f"{self._archive}/passages", json=body))

    def _at(self, time: datetime | None) -> list[dict[str, Any]]:
        return self._search(time, time) if time else []

    def _search(
        self, start: datetime | None = None, end: datetime | None = None
    ) -> list[dict[str, Any]]:
        """Up to PAGE passages, the oldest first, with both ends."""
        body: dict[str, Any] = {"archive_id": self.options.archive_id, "limit": PAGE}
        if start:
            body["start_date"] = start.isoformat()
        if end:
            body["end_date"] = (end + _ROUNDED).isoformat()
        found = self.post("/v1/passages/search", json=body)
        if not isinstance(found, list):
            raise BadResponse("Letta answered in a form that is not known.")
        return [hit["passage"] for hit in found]

    @property
    def _archive(self) -> str:
        return f"/v1/archives/{quote(self.options.archive_id, safe='')}"


def _written(there: list[dict[str, Any]], item: Item, key: str) -> Entry | None:
    """What an earlier try has written of `item`, if it is among the passages `there`."""
    wanted = entry_with("", item.text, marks(item, key)).etag
    found = (_entry(passage) for passage in there)
    return next((one for one in found if key and (one.key, one.etag) == (key, wanted)), None)


def _latest(found: list[dict[str, Any]]) -> datetime:
    times = [moment(passage["created_at"]) for passage in found]
    known = [time for time in times if time]
    if len(known) < len(times) or known != sorted(known):
        raise BadResponse("Letta listed passages in an order that is not known.")
    return known[-1]


def _must_be_the_end(found: list[dict[str, Any]]) -> None:
    if len(found) >= PAGE:
        raise BadResponse("Letta holds more passages of one time than it can list.")


def _entry(passage: dict[str, Any]) -> Entry:
    at = moment(passage["created_at"])
    said = passage.get("metadata")
    return entry_with(passage["id"], passage["text"], said, created_at=at, updated_at=at)
