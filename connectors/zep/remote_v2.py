"""Zep's API v2 (its SDKs up to 3): the facts of one user's graph, or of another graph."""

from dataclasses import dataclass
from typing import Any

from connectors.base.errors import BadResponse
from connectors.base.live.marks import marks
from connectors.base.live.options import address, secret, setting
from connectors.base.types import Account, Item
from connectors.zep.facts import PAGE_SIZE, QUIRKS, Facts, part

_NAME = "REMEMBERS"


@dataclass(frozen=True)
class Options:
    api_key: str = secret("API key", help="Create one in the Zep dashboard, under API keys.")
    holder_id: str = setting("Id of the user or graph", help="The id that your apps gave to Zep.")
    holder: str = setting(
        "Kept for", default="user", choices=(("user", "A user"), ("graph", "A graph"))
    )
    notice_secret: str = secret(
        "Signing secret of the webhook",
        default="",
        help="Only for notices: shown when you add a webhook in the dashboard.",
    )
    base_url: str = address("API address", default="https://api.getzep.com/api/v2")


class ZepV2(Facts):
    slug = "zep-v2"
    name = "Zep (API v2)"
    docs_url = "https://help.getzep.com/v3"
    Options = Options
    quirks = (
        *QUIRKS,
        "Zep may merge what is sent with a fact that it holds already, or mark one of the two as "
        "no longer true; API v4 does not.",
    )

    def check(self) -> Account:
        project = self.get("/projects/info")["project"]
        self.listed(None, size=1)
        space = f"{project['uuid']}/{self.options.holder}/{self.options.holder_id}"
        return Account(space, f"{project['name']}, {self.options.holder_id}")

    def create(self, item: Item, key: str) -> None:
        body = {
            "fact": item.text,
            "fact_name": _NAME,
            "source_node_name": "Satchel",
            "target_node_name": "Memory",
            "edge_attributes": marks(item, key),
            "metadata": {"satchel": key},
            f"{self.options.holder}_id": self.options.holder_id,
        }
        answer = self.post("/graph/add-fact-triple", json=body)
        if not (answer.get("edge") or answer.get("task_id")):
            raise BadResponse("Zep did not say that it takes this fact.")

    def listed(self, mark: str | None, size: int = PAGE_SIZE) -> tuple[list[Any], str | None]:
        # In order of uuid, each page after the last uuid of the one before, up to an empty page.
        body = {"limit": size, "uuid_cursor": mark} if mark else {"limit": size}
        holder = f"{self.options.holder}/{part(self.options.holder_id)}"
        edges = self.post(f"/graph/edge/{holder}", json=body)
        if not isinstance(edges, list):
            raise TypeError("edges")
        return edges, edges[-1]["uuid"] if edges else None

    def edge_path(self, uuid: str) -> str:
        return f"/graph/edge/{part(uuid)}"

    def episode_path(self, uuid: str) -> str:
        return f"/graph/episodes/{part(uuid)}"

    def concerns(self, notice: dict[str, Any]) -> bool:
        about = {name: notice[name] for name in ("user_id", "graph_id") if name in notice}
        return not about or about == {f"{self.options.holder}_id": self.options.holder_id}
