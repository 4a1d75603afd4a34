"""A ChatGPT export of any size, made while it is read: no more than one conversation in memory."""

import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, cast

from tests.bench.recall import sentence

START = 1735689600.0
PER_SHARD = 100
"""Conversations in one of the numbered files."""
_TURNS = 20
_POOL = 5_000
_SIZES = {"user": (1, 3), "assistant": (2, 16)}  # sentences

Write = Callable[[bytes], object]


class Export:
    """Conversations until there are `size` bytes of JSON. `messages` counts those that somebody
    spoke, `bytes` what was made."""

    def __init__(self, size: int, seed: int = 7) -> None:
        self._size, self._chance = size, random.Random(seed)
        self._said = [sentence(self._chance) for _ in range(_POOL)]
        self.messages = self.conversations = self.bytes = 0

    def into_zip(self, write: Write) -> None:
        """conversations-000.json and so on, as since 2025, with the account beside them."""
        out = cast(BinaryIO, _Sink(write))
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
            user = {"id": "user-1", "email": "ana@example.org", "chatgpt_plus_user": True}
            packed.writestr("user.json", json.dumps(user))
            for number, shard in enumerate(self._shards()):
                with packed.open(f"conversations-{number:03}.json", "w") as inside:
                    _listed(shard, inside.write)

    def into_json(self, write: Write) -> None:
        """One list, as until then."""
        _listed((talk for shard in self._shards() for talk in shard), write)

    def _shards(self) -> Iterator[Iterator[bytes]]:
        while self.bytes < self._size:
            yield self._shard()

    def _shard(self) -> Iterator[bytes]:
        for _ in range(PER_SHARD):
            if self.bytes >= self._size:
                return
            made = json.dumps(self._conversation(self.conversations)).encode()
            self.conversations += 1
            self.bytes += len(made) + 1
            yield made

    def _conversation(self, number: int) -> dict[str, Any]:
        root = f"client-created-root-{number}"
        mapping: dict[str, Any] = {root: {"id": root, "parent": None, "message": None}}
        parent, began = root, START + number * 600
        for place in range(_TURNS):
            id = f"{number:08x}-0000-4000-8000-{place:012x}"
            role = "assistant" if place % 2 else "user"
            mapping[parent]["children"] = [id]
            mapping[id] = {
                "id": id,
                "parent": parent,
                "children": [],
                "message": self._message(id, role, began + place * 20),
            }
            parent = id
        self.messages += _TURNS
        return {
            "title": f"Talk {number}",
            "create_time": began,
            "update_time": began + 3600,
            "mapping": mapping,
            "moderation_results": [],
            "current_node": parent,
            "plugin_ids": None,
            "conversation_id": f"{number:08x}-aaaa-4000-8000-000000000000",
            "default_model_slug": "gpt-5",
            "is_archived": False,
            "safe_urls": [],
            "id": f"{number:08x}-aaaa-4000-8000-000000000000",
        }

    def _message(self, id: str, role: str, at: float) -> dict[str, Any]:
        text = " ".join(self._chance.choices(self._said, k=self._chance.randint(*_SIZES[role])))
        return {
            "id": id,
            "author": {"role": role, "name": None, "metadata": {}},
            "create_time": at,
            "update_time": None,
            "content": {"content_type": "text", "parts": [text]},
            "status": "finished_successfully",
            "end_turn": True,
            "weight": 1.0,
            "metadata": {
                "request_id": f"{id}-AMS",
                "message_source": None,
                "timestamp_": "absolute",
                "model_slug": "gpt-5" if role == "assistant" else None,
                "finish_details": {"type": "stop", "stop_tokens": [200002]},
                "citations": [],
                "content_references": [],
            },
            "recipient": "all",
            "channel": None,
        }


def _listed(entries: Iterator[bytes], write: Write) -> None:
    write(b"[")
    for number, entry in enumerate(entries):
        write((b"," if number else b"") + entry)
    write(b"]")


class _Sink(io.RawIOBase):
    """A file that only takes."""

    def __init__(self, write: Write) -> None:
        self._write = write

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        raw = bytes(data)
        self._write(raw)
        return len(raw)
