"""Zep's API v4: the facts of one user's graph, or of another graph."""

from dataclasses import dataclass
from typing import Any

from connectors.base.errors import BadResponse
from connectors.base.live.marks import marks
from connectors.base.live.options import address, secret, setting
from connectors.base.live.paging import the_list, the_mark
from connectors.base.types import Account, Item
from connectors.zep.facts import PAGE_SIZE, QUIRKS, Facts, part

_NAME = "REMEMBERS"


@dataclass(frozen=True)
class Options:
    api_key: str = secret("API key", help="Create one in the Zep dashboard, under API keys.")
    graph_uuid: str = setting(
        "UUID of the user or graph", help="Open the user or the graph in the dashboard and copy it."
    )
    notice_secret: str = secret(
        "Signing secret of the webhook",
        default="",
        help="Only for notices: shown when you add a webhook in the dashboard.",
    )
    base_url: str = address("API address", default="https://api.getzep.com/api/v4")


class Zep(Facts):
    slug = "zep"
    name = "Zep"
    docs_url = "https://help.getzep.com/v4"
    Options = Options
    quirks = (
        *QUIRKS,
        "Each memory that is sent becomes a fact between two things of its own, and no model has a "
        "say in it. When it is deleted, their names may stay; they tell nothing.",
    )

    def check(self) -> Account:
        project = self.get("/project")
        self.listed(None, size=1)
        space = f"{project['uuid']}/{self.options.graph_uuid}"
        return Account(space, f"{project['name']}, {self.options.graph_uuid}")

    def create(self, item: Item, key: str) -> None:
        edge = {
            "fact": item.text,
            "fact_name": _NAME,
            "source_node": {"name": "Satchel"},
            "target_node": {"name": f"Memory {key}"},
            "attributes": marks(item, key),
            "metadata": {"satchel": key},
        }
        # Deduplicating would let a model merge it with, or hold it against, what is there.
        body = {"edges": [edge], "deduplicate": False}
        path = f"{self._graph}/edges"
        answer = self.post(path, json=body, headers={"Idempotency-Key": key})
        if len(the_list(answer, "edges")) != 1:
            raise BadResponse("Zep did not say that it takes this fact.")

    def listed(self, mark: str | None, size: int = PAGE_SIZE) -> tuple[list[Any], str | None]:
        query = {"page_size": size, "order_by": "created_at", "order": "asc"}
        query |= {"cursor": mark} if mark else {}
        answer = self.post(f"{self._graph}/edges/list", params=query, json={})
        return the_list(answer, "items"), the_mark(answer, "next_cursor")

    def edge_path(self, uuid: str) -> str:
        return f"{self._graph}/edges/{part(uuid)}"

    def episode_path(self, uuid: str) -> str:
        return f"{self._graph}/episodes/{part(uuid)}"

    def removal_path(self, edge: dict[str, Any]) -> str:
        if whole := edge.get("hyperedge_uuid"):
            return f"{self._graph}/hyperedges/{part(whole)}"
        return super().removal_path(edge)

    @property
    def _graph(self) -> str:
        return f"/graphs/{part(self.options.graph_uuid)}"
