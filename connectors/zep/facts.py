"""Zep's facts, which are the edges of a graph, over whichever version of its API."""

import json
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import quote

from connectors.base.errors import PreconditionFailed
from connectors.base.live.marks import entry_with, marks
from connectors.base.live.paging import each_page
from connectors.base.live.rest import RestConnector
from connectors.base.live.signed_notices import is_genuine
from connectors.base.moments import moment
from connectors.base.shape import an_object_in
from connectors.base.types import Capability, Entry, Item, Page

PAGE_SIZE = 100
_NEWS = frozenset({"episode.processed", "ingest.batch.completed"})

QUIRKS = (
    "Facts are added in the background: what was sent shows up in a later run.",
    "A fact that Zep marked as no longer true counts as deleted; Zep keeps its text.",
    "Zep cannot refuse an edit because of another one: we read the fact again right before.",
    "Zep's notices tell of what was added, not of what was edited or deleted.",
)


class Facts(RestConnector):
    """Subclasses say where an edge (`edge_path`), an episode (`episode_path`) and a page of the
    listing (`listed`) are."""

    # No DELTA: an edge has no time of change, and a deleted one leaves nothing behind.
    capabilities = Capability.WRITE | Capability.NOTICE

    @abstractmethod
    def edge_path(self, uuid: str) -> str: ...

    @abstractmethod
    def episode_path(self, uuid: str) -> str: ...

    @abstractmethod
    def listed(self, mark: str | None, size: int = PAGE_SIZE) -> tuple[list[Any], str | None]:
        """The edges of one page, oldest first, and the mark of the next one."""

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Api-Key {self.options.api_key}"}

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        seen: set[str] = set()
        for edges in each_page(self.listed):
            yield Page([edge_entry(edge) for edge in edges if _is_new(edge, seen)])

    def update(self, entry: Entry, item: Item) -> Entry:
        self._unchanged(entry)
        body = {"fact": item.text, "attributes": marks(item)}
        return edge_entry(self.patch(self.edge_path(entry.remote_id), json=body))

    def delete(self, entry: Entry) -> None:
        edge = self._unchanged(entry)
        if key := edge_entry(edge).key:
            self._forget_episodes(edge, key)
        self.request("DELETE", self.removal_path(edge))

    def removal_path(self, edge: dict[str, Any]) -> str:
        return self.edge_path(edge["uuid"])

    def heard(self, headers: Mapping[str, str], body: bytes) -> bool:
        if not is_genuine(self.options.notice_secret, headers, body, datetime.now(UTC)):
            return False
        try:
            notice = json.loads(body)
            return notice["event_name"] in _NEWS and self.concerns(notice)
        except (ValueError, KeyError, TypeError, RecursionError):
            return False

    def concerns(self, notice: dict[str, Any]) -> bool:
        """Whether a notice of this project may be about our graph."""
        return True

    def _unchanged(self, entry: Entry) -> dict[str, Any]:
        """The edge behind `entry`, as long as it is the one that was seen."""
        edge = cast(dict[str, Any], self.get(self.edge_path(entry.remote_id)))
        if edge_entry(edge).etag != entry.etag:
            raise PreconditionFailed("This fact was changed at Zep meanwhile.")
        return edge

    def _forget_episodes(self, edge: dict[str, Any], key: str) -> None:
        """Zep keeps an episode with the text for each fact that it is given. Those of others that
        speak of the same fact stay."""
        for uuid in edge.get("episode_uuids") or edge.get("episodes") or []:
            episode = self.get(self.episode_path(uuid))
            if an_object_in(episode, "metadata").get("satchel") == key:
                self.request("DELETE", self.episode_path(uuid))


def part(uuid: object) -> str:
    """`uuid` as part of a path."""
    return quote(cast(str, uuid), safe="")


def edge_entry(edge: Any) -> Entry:
    if _is_past(edge.get("expired_at")) or _is_past(edge.get("invalid_at")):
        return Entry(edge["uuid"], "", None)
    created_at = moment(edge.get("created_at"))
    return entry_with(edge["uuid"], edge["fact"], edge.get("attributes"), created_at=created_at)


def _is_past(value: object) -> bool:
    when = moment(value)
    return when is not None and when <= datetime.now(UTC)


def _is_new(edge: Any, seen: set[str]) -> bool:
    """A fact about more than two things has an edge for each pair of them: one stands for all."""
    name = edge.get("hyperedge_uuid") or edge["uuid"]
    new = name not in seen
    seen.add(name)
    return new
