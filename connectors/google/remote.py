"""The Memory Bank of an Agent Engine on Google Cloud: what agents there know of one scope."""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import jwt

from connectors.base import errors
from connectors.base.live.marks import entry_with, marks
from connectors.base.live.oauth import OAuthConnector
from connectors.base.live.options import secret, setting
from connectors.base.live.paging import each_once, each_page, the_list, the_mark
from connectors.base.moments import moment
from connectors.base.types import Account, Capability, Entry, Item, Kind, Page

_ENGINE = re.compile(r"projects/[^/\s]+/locations/([a-z0-9-]+)/reasoningEngines/[^/\s]+")
_TOKENS = "https://oauth2.googleapis.com/token"
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_TOPICS: dict[str, Kind] = {
    "USER_PERSONAL_INFO": "profile",
    "USER_PREFERENCES": "preference",
    "KEY_CONVERSATION_DETAILS": "event",
    "EXPLICIT_INSTRUCTIONS": "instruction",
}
_TOPIC_OF = {kind: topic for topic, kind in _TOPICS.items()}
_BY_CODE: dict[int, type[errors.ConnectorError]] = {
    4: errors.Unavailable,
    5: errors.NotFound,
    6: errors.PreconditionFailed,
    7: errors.AuthError,
    8: errors.RateLimited,
    13: errors.Unavailable,
    14: errors.Unavailable,
    16: errors.AuthError,
}
"""What an operation that failed says, by the codes of google.rpc."""


@dataclass(frozen=True)
class Options:
    engine: str = setting(
        "Agent Engine",
        help="Its full name: projects/.../locations/.../reasoningEngines/...",
    )
    scope: str = setting(
        "Scope",
        help="Whose memories, as your agents say it: user_id=ada, or several parts with commas.",
    )
    credentials: str = secret(
        "Service account key",
        help="The whole JSON file of a service account that may read and write memories "
        "(role Agent Platform Memory User or Vertex AI User).",
    )


class GoogleMemoryBank(OAuthConnector):
    slug = "google"
    name = "Google Memory Bank"
    docs_url = "https://docs.cloud.google.com/agent-builder/agent-engine/memory-bank/overview"
    capabilities = Capability.WRITE
    quirks = (
        "This is the memory of agents on Google Cloud: what Gemini remembers in its app has no "
        "API.",
        "Only memories of exactly the scope you name are seen.",
        "Google's own agents may merge what you send with what they learn.",
        "The kind of a memory is fixed when it is sent first.",
        "Structured profiles have no text and are left alone.",
    )
    per_minute = 300
    token_url = _TOKENS
    waits = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
    """Seconds before each look at an operation that is still under way."""
    Options = Options

    @property
    def base_url(self) -> str:
        found = _ENGINE.fullmatch(self.options.engine)
        if not found:
            raise errors.Misconfigured("This is not the full name of an Agent Engine.", "engine")
        place = "" if found[1] == "global" else f"{found[1]}-"
        return f"https://{place}aiplatform.googleapis.com/v1beta1"

    def grant(self) -> dict[str, str]:
        now = int(time.time())
        try:
            account = json.loads(self.options.credentials)
            claims = {"iss": account["client_email"], "aud": _TOKENS, "scope": _SCOPE}
            times = {"iat": now, "exp": now + 3600}
            key, name = account["private_key"], {"kid": account["private_key_id"]}
            signed = jwt.encode({**claims, **times}, key, algorithm="RS256", headers=name)
        except (ValueError, KeyError, TypeError, jwt.PyJWTError):
            raise errors.Misconfigured(
                "This is not the JSON file of a service account key.", "credentials"
            ) from None  # what it was made of may say a part of the key
        return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": signed}

    def check(self) -> Account:
        self._found(self._retrieved(None, size=1))
        scope = json.dumps(self._scope, sort_keys=True)
        engine = self.options.engine.rsplit("/", 1)[-1]
        label = ", ".join(f"{name} {value}" for name, value in self._scope.items())
        return Account(f"{self.options.engine} {scope}", f"{label} at engine {engine}")

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        def fetch(mark: str | None) -> tuple[list[Any], str | None]:
            answer = self._retrieved(mark)
            return self._found(answer), the_mark(answer, "nextPageToken")

        for found in each_once(each_page(fetch), "name"):
            yield Page([_entry(one) for one in found])

    def create(self, item: Item, key: str) -> Entry | None:
        beside = marks(item, key)
        topic = _TOPIC_OF.get(item.kind)
        body = {
            "fact": item.text,
            "displayName": item.title,
            "scope": self._scope,
            "metadata": {name: {"stringValue": beside[name]} for name in ("satchel", "kind")},
            **({"topics": [{"managedMemoryTopic": topic}]} if topic else {}),
        }
        params = {"memoryId": f"m-{sha256(key.encode()).hexdigest()[:40]}"}
        try:
            done = self._done(self.post(f"/{self._engine}/memories", params=params, json=body))
        except errors.PreconditionFailed:
            return None  # there is one by this id: an earlier attempt got through
        return None if done is None else _entry(done)

    def update(self, entry: Entry, item: Item) -> Entry:
        self._must_be_as_seen(entry)
        body = {"fact": item.text, "displayName": item.title}
        params = {"updateMask": "fact,displayName"}
        done = self._done(self.patch(_path(entry.remote_id), params=params, json=body))
        if done is None:
            raise errors.Unavailable(f"{self.name} takes long to change a memory.")
        return _entry(done)

    def delete(self, entry: Entry) -> None:
        self._must_be_as_seen(entry)
        if self._done(self.request("DELETE", _path(entry.remote_id))) is None:
            raise errors.Unavailable(f"{self.name} takes long to delete a memory.")

    @property
    def _engine(self) -> str:
        return quote(self.options.engine)

    @property
    def _scope(self) -> dict[str, str]:
        parts = [part.partition("=") for part in self.options.scope.split(",")]
        scope = {name.strip(): value.strip() for name, _, value in parts}
        if not all(name and value and "*" not in value for name, value in scope.items()):
            raise errors.Misconfigured("A scope is written like user_id=ada.", "scope")
        return scope

    def _retrieved(self, mark: str | None, size: int = 100) -> Any:
        params = {"pageSize": size, **({"pageToken": mark} if mark else {})}
        body = {"scope": self._scope, "simpleRetrievalParams": params}
        return self.post(f"/{self._engine}/memories:retrieve", json=body)

    def _found(self, answer: Any) -> list[Any]:
        """Google leaves out what is empty: only an answer with nothing else in it is an empty
        one."""
        if "retrievedMemories" not in answer and answer.keys() <= {"nextPageToken"}:
            return []
        found = [one["memory"] for one in the_list(answer, "retrievedMemories")]
        if any(one["scope"] != self._scope for one in found):
            raise errors.BadResponse(f"{self.name} gave out memories of another scope.")
        return found

    def _must_be_as_seen(self, entry: Entry) -> None:
        if _entry(self.get(_path(entry.remote_id))).etag != entry.etag:
            raise errors.PreconditionFailed(f"{self.name} has changed this memory meanwhile.")

    def _done(self, operation: Any) -> Any:
        """What came of an operation; None when it is still under way after all the waiting."""
        for wait in self.waits:
            if operation.get("done"):
                break
            time.sleep(wait)
            operation = self.get(_path(operation["name"]))
        if not operation.get("done"):
            return None
        if failed := operation.get("error"):
            kind = _BY_CODE.get(failed["code"], errors.Rejected)
            raise kind(f"{self.name} did not do it (code {int(failed['code'])}).")
        return operation.get("response", {})


def _path(name: str) -> str:
    return f"/{quote(name)}"


def _entry(memory: Any) -> Entry:
    values = {name: note.get("stringValue") for name, note in memory.get("metadata", {}).items()}
    values = {"kind": _kind_told_by(memory.get("topics", [])), **values}
    values["title"] = memory.get("displayName", "")
    text = None if memory.get("memoryType") == "STRUCTURED_PROFILE" else memory["fact"]
    made, changed = moment(memory["createTime"]), moment(memory["updateTime"])
    return entry_with(memory["name"], text, values, created_at=made, updated_at=changed)


def _kind_told_by(topics: list[Any]) -> Kind:
    told = (_TOPICS.get(topic.get("managedMemoryTopic", "")) for topic in topics)
    return next((kind for kind in told if kind), "fact")
