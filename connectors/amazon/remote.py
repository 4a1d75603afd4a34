"""The long-term memory of Amazon Bedrock AgentCore: the records in one namespace of a memory."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import httpx

from connectors.base import errors
from connectors.base.live.marks import entry_with, marks
from connectors.base.live.options import secret, setting
from connectors.base.live.paging import each_once, each_page, the_list, the_mark
from connectors.base.live.rest import RestConnector
from connectors.base.types import Account, Capability, Entry, Item, Page, Room

if TYPE_CHECKING:
    from connectors.amazon.wire import Signer

_NOTE = 256
_NONE = "="
_BY_CODE: dict[int, type[errors.ConnectorError]] = {
    402: errors.RateLimited,
    403: errors.AuthError,
    404: errors.NotFound,
    429: errors.RateLimited,
}
"""What became of one record of a batch."""


@dataclass(frozen=True)
class Options:
    memory_id: str = setting("Memory id", help="Of the AgentCore memory, or its ARN.")
    access_key_id: str = setting("Access key id", help="Of an IAM user or role for Satchel alone.")
    secret_access_key: str = secret("Secret access key")
    session_token: str = secret(
        "Session token", default="", help="Only for keys that last for a few hours."
    )
    region: str = setting("Region", default="us-east-1")
    namespace: str = setting(
        "Namespace", default="/satchel", help="Exactly this one is read and written."
    )


class AgentCoreMemory(RestConnector):
    slug = "amazon"
    name = "AWS AgentCore Memory"
    docs_url = "https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/memory.html"
    capabilities = Capability.WRITE
    room = Room(text=16_000)
    quirks = (
        "Only records of exactly the namespace you name are seen, and what you send goes there "
        "as it is: no strategy of the memory rewrites it.",
        "What you send is found by your agents at once, and may be missing from listings for a "
        "moment.",
        "Titles are kept up to about 250 letters, fewer where they are not plain Latin.",
        "The keys need the rights to list, get, batch create, batch update and delete memory "
        "records.",
    )
    extra = "amazon"
    Options = Options

    def __init__(self, options: Any, http: httpx.Client) -> None:
        super().__init__(options, http)
        if not re.fullmatch(r"[a-z0-9-]+", options.region):
            raise errors.Misconfigured("A region looks like us-east-1.", "region")
        self._signer = _signer(options)

    @property
    def base_url(self) -> str:
        return self._signer.address

    def now(self) -> datetime:
        return datetime.now(UTC)

    def check(self) -> Account:
        the_list(self._listed(maxResults=1), "memoryRecordSummaries")
        memory, space = self.options.memory_id.rsplit("/", 1)[-1], self.options.namespace
        return Account(f"{self.options.region} {memory} {space}", f"{space} in {memory}")

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        def fetch(mark: str | None) -> tuple[list[Any], str | None]:
            after = {"nextToken": mark} if mark else {}
            answer = self._listed(maxResults=100, **after)
            return the_list(answer, "memoryRecordSummaries"), the_mark(answer, "nextToken")

        for found in each_once(each_page(fetch), "memoryRecordId"):
            yield Page([_entry(one) for one in found])

    def create(self, item: Item, key: str) -> Entry | None:
        notes = _notes(item, key)
        record = {
            "requestIdentifier": key,
            "namespaces": [self.options.namespace],
            "content": {"text": item.text},
            "timestamp": item.created_at or self.now(),
            "metadata": notes,
        }
        done = self._call("BatchCreateMemoryRecords", records=[record], clientToken=key)
        return _written(self._one(done), item, notes)

    def update(self, entry: Entry, item: Item) -> Entry:
        notes = {**self._as_seen(entry).get("metadata", {}), **_notes(item, entry.key)}
        record = {
            "memoryRecordId": entry.remote_id,
            "timestamp": item.updated_at or self.now(),
            "content": {"text": item.text},
            "metadata": notes,
        }
        done = self._call("BatchUpdateMemoryRecords", records=[record])
        return _written(self._one(done), item, notes)

    def delete(self, entry: Entry) -> None:
        self._as_seen(entry)
        done = self._call("DeleteMemoryRecord", memoryRecordId=entry.remote_id)
        if done["memoryRecordId"] != entry.remote_id:
            raise errors.BadResponse(f"{self.name} deleted another record.")

    def error(self, response: httpx.Response) -> errors.ConnectorError:
        if response.status_code == httpx.codes.PAYMENT_REQUIRED:
            return errors.RateLimited(f"{self.name} says that its quota is used up.")
        return super().error(response)

    def _listed(self, **given: Any) -> Any:
        return self._call("ListMemoryRecords", namespace=self.options.namespace, **given)

    def _call(self, operation: str, **given: Any) -> Any:
        from connectors.amazon.wire import parsed

        request = self._signer.signed(operation, memoryId=self.options.memory_id, **given)
        path = request.url.removeprefix(self.base_url)
        headers = dict(request.headers.items())
        response = self.answer(request.method, path, headers=headers, content=request.data)
        return parsed(operation, response.status_code, response.headers, response.content)

    def _one(self, done: Any) -> Any:
        """The record of a batch of one. A batch that was accepted may hold one that was not."""
        for failed in the_list(done, "failedRecords"):
            kind = _BY_CODE.get(failed.get("errorCode", 0), errors.Rejected)
            kind = errors.Unavailable if failed.get("errorCode", 0) >= 500 else kind
            raise kind(f"{self.name} did not take this memory.")
        (written,) = the_list(done, "successfulRecords")
        return written

    def _as_seen(self, entry: Entry) -> Any:
        record = self._call("GetMemoryRecord", memoryRecordId=entry.remote_id)["memoryRecord"]
        if _entry(record).etag != entry.etag:
            raise errors.PreconditionFailed(f"{self.name} has changed this memory meanwhile.")
        return record


def _signer(options: Any) -> "Signer":
    try:
        from connectors.amazon.wire import Signer
    except ImportError as error:
        raise errors.Misconfigured(
            "This server was installed without what AWS needs: the extra named amazon."
        ) from error
    secrets = (options.secret_access_key, options.session_token)
    return Signer(options.access_key_id, *secrets, options.region)


def _written(record: Any, item: Item, notes: Any) -> Entry:
    """The entry as a listing will show it, made of what was sent: the answer has but an id."""
    return _entry({**record, "content": {"text": item.text}, "metadata": notes})


def _notes(item: Item, key: str) -> dict[str, Any]:
    """`_NONE` for what there is none of: a note that is not given might stay as it was."""
    notes = {**marks(item, key), "title": _spelt(item.title)}
    return {name: {"stringValue": note} for name, note in notes.items()}


def _spelt(title: str) -> str:
    """`title` in the few letters that notes may have; what they lack is written as =20."""
    spelt = quote(title, safe=" @/:+").replace("~", "%7E").replace("%", "=")
    return spelt if 0 < len(spelt) <= _NOTE else _NONE


def _entry(record: Any) -> Entry:
    values = {name: note.get("stringValue") for name, note in record.get("metadata", {}).items()}
    values["title"] = unquote((values.get("title") or "").replace("=", "%").removesuffix("%"))
    made = record.get("createdAt")
    return entry_with(record["memoryRecordId"], record["content"]["text"], values, created_at=made)
