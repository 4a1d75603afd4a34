"""ChatGPT data exports as tests need them: made here, in the shape of the vendor's."""

import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from sync.importing.uploads import SealedUpload
from vault.files import FileSealer

START = 1767225600.0  # 1 January 2026


def conversation(
    id: str, turns: Sequence[str], *, title: str = "A talk", **more: Any
) -> dict[str, Any]:
    """The person and the assistant in turn, beginning with the person."""
    mapping: dict[str, Any] = {"root": {"id": "root", "parent": None, "message": None}}
    parent = "root"
    for number, text in enumerate(turns):
        node = f"{id}-m{number}"
        mapping[node] = {
            "id": node,
            "parent": parent,
            "message": {
                "id": node,
                "author": {"role": "assistant" if number % 2 else "user"},
                "create_time": START + number,
                "content": {"content_type": "text", "parts": [text]},
                "status": "finished_successfully",
                "recipient": "all",
                "metadata": {},
            },
        }
        parent = node
    return {
        "id": id,
        "conversation_id": id,
        "title": title,
        "create_time": START,
        "update_time": START + 60,
        "current_node": parent,
        "mapping": mapping,
        **more,
    }


def talks(count: int, turns: int = 10) -> list[dict[str, Any]]:
    return [
        conversation(f"c{n}", [f"Turn {t} of talk {n} about topic {n % 97}" for t in range(turns)])
        for n in range(count)
    ]


def zipped(conversations: Sequence[dict[str, Any]], **others: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversations.json", json.dumps(list(conversations)))
        for name, content in others.items():
            archive.writestr(name.replace("_json", ".json"), content)
    return packed.getvalue()


def upload(content: bytes, name: str = "export.zip") -> SealedUpload:
    """As the upload handler seals it."""
    sealer = FileSealer(Path(settings.SATCHEL_UPLOADS_DIR))
    sealer.write(content)
    return SealedUpload(name, "application/zip", sealer.finish())
