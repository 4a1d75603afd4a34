"""Memobase: the entries of one user's profile, each under a topic and a sub-topic.

Whether something failed is said in the answer, with HTTP 200 around it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from connectors.base.errors import (
    BadResponse,
    ConnectorError,
    Misconfigured,
    NotFound,
    PreconditionFailed,
    Rejected,
)
from connectors.base.kinds import KINDS, kind_of
from connectors.base.live.options import address, secret, setting
from connectors.base.live.paging import the_list
from connectors.base.live.rest import RestConnector
from connectors.base.moments import moment
from connectors.base.types import Account, Capability, Entry, Item, Page

_CANNOT_READ_US = {422, 520}
_NO_TITLE = "memory"


@dataclass(frozen=True)
class Options:
    api_key: str = secret("Project token", help="In Memobase's console; or your server's token.")
    user_id: str = setting("User id", help="The UUID that Memobase knows the person by.")
    base_url: str = address("API address", default="https://api.memobase.dev")


class Memobase(RestConnector):
    slug = "memobase"
    name = "Memobase"
    docs_url = "https://docs.memobase.io/api-reference/overview"
    capabilities = Capability.WRITE
    quirks = (
        "Memobase files each entry under a topic and a sub-topic: of ours these are kind and"
        " title; of its own they are shown as the title.",
        "When the person talks to an app on Memobase, its model may merge or reword entries, ours"
        " too.",
        "Only the profile is kept in step; its events are not.",
    )
    Options = Options

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.options.api_key}"}

    def check(self) -> Account:
        self._must_know_the_user()
        host = httpx.URL(self.base_url).host
        return Account(f"{host}|{self._user}", f"{self._user} at {host}")

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        self._must_know_the_user()  # of one it does not know, the profile is merely empty
        yield Page(self._entries())

    def create(self, item: Item, key: str) -> Entry:
        made = self._said(self.post(self._profile, json=_delta(item, key)))
        return self._now(made["id"])

    def update(self, entry: Entry, item: Item) -> Entry:
        self._must_be_as(entry)
        # It answers the same whether the entry was there or not.
        self._said(self.put(self._at(entry), json=_delta(item, entry.key)))
        return self._now(entry.remote_id)

    def delete(self, entry: Entry) -> None:
        self._must_be_as(entry)
        self._said(self.request("DELETE", self._at(entry)))

    @property
    def _user(self) -> str:
        try:
            return str(UUID(self.options.user_id))
        except ValueError:
            raise Misconfigured("This is not the id of a user: it is a UUID.", "user_id") from None

    @property
    def _profile(self) -> str:
        return f"/api/v1/users/profile/{self._user}"

    def _at(self, entry: Entry) -> str:
        return f"{self._profile}/{quote(entry.remote_id, safe='')}"

    def _must_know_the_user(self) -> None:
        self._said(self.get(f"/api/v1/users/{self._user}"))

    def _entries(self) -> list[Entry]:
        found = the_list(self._said(self.get(self._profile)), "profiles")
        entries = [_entry(each) for each in found]
        if len({entry.remote_id for entry in entries}) != len(entries):
            raise BadResponse(f"{self.name} names two entries the same.")
        return entries

    def _now(self, id: str) -> Entry:
        found = {entry.remote_id: entry for entry in self._entries()}
        if id not in found:
            raise NotFound("This entry is not there any more.")
        return found[id]

    def _must_be_as(self, entry: Entry) -> None:
        if self._now(entry.remote_id).etag != entry.etag:
            raise PreconditionFailed("This entry was changed meanwhile.")

    def _said(self, answer: Any) -> Any:
        if type(answer["errno"]) is not int:
            raise BadResponse(f"{self.name} answered in a form that is not known.")
        if answer["errno"] != 0:
            raise self._error(answer["errno"])
        return answer["data"]

    def _error(self, number: int) -> ConnectorError:
        if number in _CANNOT_READ_US:
            return Rejected(f"{self.name} cannot take this entry.")
        return self.error(httpx.Response(number))


def _delta(item: Item, key: str) -> dict[str, Any]:
    """`attributes` are kept as they are given, with whatever is in them."""
    filed = {"topic": item.kind, "sub_topic": item.title or _NO_TITLE, "satchel": key}
    return {"content": item.text, "attributes": filed}


def _entry(each: dict[str, Any]) -> Entry:
    filed = each["attributes"] or {}
    topic, below = str(filed.get("topic", "")), str(filed.get("sub_topic", ""))
    mine = "satchel" in filed and topic in KINDS
    title = below if mine else ", ".join(part for part in (topic, below) if part)
    item = Item(
        text=each["content"],
        kind=kind_of(topic) if mine else "profile",
        title="" if mine and below == _NO_TITLE else title,
        created_at=moment(each["created_at"]),
        updated_at=moment(each["updated_at"]),
    )
    said = "\x1f".join((topic, below, item.text)).encode("utf-8", "surrogatepass")
    key = str(filed["satchel"]) if mine else ""
    return Entry(each["id"], sha256(said).hexdigest(), item, key)
