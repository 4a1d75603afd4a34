"""Vendors' exports, built in code: small, in the vendors' shape, invented."""

import io
import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import HealthCheck, settings

from connectors.base.archive import Archive, Record
from connectors.base.limits import Limits
from connectors.base.reading.files import Files, Upload, open_archive
from connectors.base.registry import recognise
from connectors.base.types import Conversation, Item, Turn, Unreadable

Json = dict[str, Any]

calmly = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=60 if os.environ.get("SATCHEL_FULL") == "1" else 25,
)
"""How these tests search: without a time limit, which would measure the machine."""

NOON = 1767268800.0  # 1 January 2026, 12:00 UTC


def zipped(contents: Mapping[str, Any]) -> bytes:
    """A zip of `contents`: bytes and text as they are, anything else as JSON."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            raw = content if isinstance(content, bytes | str) else json.dumps(content)
            archive.writestr(name, raw)
    return packed.getvalue()


def upload(content: bytes | Mapping[str, Any], name: str = "export.zip") -> Upload:
    raw = content if isinstance(content, bytes) else zipped(content)
    return Upload(name, lambda: io.BytesIO(raw))


def opened(*uploads: Upload | bytes | Mapping[str, Any], limits: Limits | None = None) -> Files:
    given = [one if isinstance(one, Upload) else upload(one) for one in uploads]
    return open_archive(given, limits)


def recognised(files: Files) -> Archive:
    archive = recognise(files)
    assert archive is not None
    return archive


def read(
    *uploads: Upload | bytes | Mapping[str, Any], limits: Limits | None = None
) -> list[Record]:
    with opened(*uploads, limits=limits) as files:
        return list(recognised(files).read(files))


def conversations(records: Sequence[Record]) -> list[Conversation]:
    return [record for record in records if isinstance(record, Conversation)]


def items(records: Sequence[Record]) -> list[Item]:
    return [record for record in records if isinstance(record, Item)]


def problems(records: Sequence[Record]) -> list[Unreadable]:
    return [record for record in records if isinstance(record, Unreadable)]


def turns(records: Sequence[Record]) -> list[Turn]:
    return [turn for one in conversations(records) for turn in one.turns]


def node(
    key: str,
    parent: str | None,
    text: str | None = "said",
    role: str = "user",
    *,
    name: str | None = None,
    **message: Any,
) -> Json:
    """A node of a ChatGPT conversation; `text` None for one without a message."""
    made = {
        "id": key,
        "author": {"role": role, "name": name, "metadata": {}},
        "create_time": NOON,
        "content": {"content_type": "text", "parts": [text]},
        "recipient": "all",
        "metadata": {},
        **message,
    }
    return {"id": key, "parent": parent, "message": None if text is None else made}


def chat(name: str = "c1", nodes: Sequence[Json] = (), **more: Any) -> Json:
    """A ChatGPT conversation; without `current_node` in `more`, its last node is the current."""
    given = nodes or [node("m1", None, "hello"), node("m2", "m1", "hi", "assistant")]
    return {
        "id": name,
        "title": "A talk",
        "create_time": NOON,
        "update_time": NOON + 60,
        "current_node": given[-1]["id"],
        "mapping": {one["id"]: one for one in given},
        **more,
    }


def claude_message(name: str, text: str = "said", sender: str = "human", **more: Any) -> Json:
    return {
        "uuid": name,
        "text": text,
        "content": [{"type": "text", "text": text, "citations": []}],
        "sender": sender,
        "created_at": "2026-01-01T12:00:00.000001Z",
        "updated_at": "2026-01-01T12:00:00.000001Z",
        "attachments": [],
        "files": [],
        **more,
    }


def claude_chat(name: str = "c1", messages: Sequence[Json] = (), **more: Any) -> Json:
    return {
        "uuid": name,
        "name": "A talk",
        "summary": "",
        "created_at": "2026-01-01T12:00:00.000001Z",
        "updated_at": "2026-01-01T12:10:00.000001Z",
        "account": {"uuid": "account-1"},
        "chat_messages": list(messages) or [claude_message("m1"), claude_message("m2", "hi")],
        **more,
    }


def activity(title: str, time: str, *answers: str, header: str = "Gemini Apps") -> Json:
    entry: Json = {"header": header, "title": title, "time": time, "products": [header]}
    if answers:
        entry["safeHtmlItem"] = [{"html": answer} for answer in answers]
    return entry
