"""Reshapes a LoCoMo file into a ChatGPT export: long talk to try imports and recall on.

    python tools/locomo_export.py locomo10.json out.zip [--sharded]

Each session becomes a conversation; the first speaker is the user, the second the assistant, and
`author.name` says who. A turn keeps its LoCoMo name: its message id is "<sample>-<dia_id>".
"""

import argparse
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_SESSION = re.compile(r"session_(\d+)")
_BETWEEN_TURNS = 30  # seconds; LoCoMo dates only the sessions
_SHARD = 50
_DATE = "%I:%M %p on %d %B, %Y"


def main() -> None:
    options = _options()
    samples = json.loads(options.locomo.read_text(encoding="utf-8"))
    found = [conversation for sample in samples for conversation in conversations(sample)]
    shards = [found[at : at + _SHARD] for at in range(0, len(found), _SHARD)]
    files = sharded(shards) if options.sharded else {"conversations.json": found}
    with zipfile.ZipFile(options.out, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in files.items():
            out.writestr(name, json.dumps(content))
    turns = sum(len(conversation["mapping"]) - 1 for conversation in found)
    print(f"{len(found)} conversations, {turns} turns in {len(files)} files: {options.out}")


def conversations(sample: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The sessions of a sample, in order, as ChatGPT conversations."""
    talk, name = sample["conversation"], sample["sample_id"]
    speakers = {talk["speaker_a"]: "user", talk["speaker_b"]: "assistant"}
    sessions = [found for key in talk if (found := _SESSION.fullmatch(key))]
    for session in sorted(sessions, key=lambda found: int(found[1])):
        began = datetime.strptime(talk[f"{session[0]}_date_time"], _DATE).replace(tzinfo=UTC)
        nodes = dict(_nodes(talk[session[0]], name, speakers, began.timestamp()))
        yield {
            "id": f"{name}-{session[0]}",
            "conversation_id": f"{name}-{session[0]}",
            "title": f"{' and '.join(speakers)}, session {session[1]}",
            "create_time": began.timestamp(),
            "update_time": began.timestamp() + _BETWEEN_TURNS * len(nodes),
            "current_node": list(nodes)[-1],
            "mapping": nodes,
        }


def sharded(shards: list[list[dict[str, Any]]]) -> dict[str, Any]:
    """The files of an export in numbered parts, with the list that names them."""
    names = [f"conversations-{number:03}.json" for number in range(len(shards))]
    listed = {"conversations.json": {"files": names, "sharded": True}}
    manifest = {"version": 1, "logical_files": listed, "export_files": []}
    return {"export_manifest.json": manifest, **dict(zip(names, shards, strict=True))}


def _nodes(
    turns: list[dict[str, Any]], sample: str, speakers: dict[str, str], began: float
) -> Iterator[tuple[str, dict[str, Any]]]:
    names = ["root", *(f"{sample}-{turn['dia_id']}" for turn in turns)]
    yield "root", {"id": "root", "parent": None, "children": names[1:2], "message": None}
    for number, turn in enumerate(turns, 1):
        message = _message(names[number], turn, speakers, began + _BETWEEN_TURNS * (number - 1))
        node = {"id": names[number], "parent": names[number - 1], "message": message}
        yield names[number], {**node, "children": names[number + 1 : number + 2]}


def _message(
    name: str, turn: dict[str, Any], speakers: dict[str, str], at: float
) -> dict[str, Any]:
    picture = f"[image: {turn['blip_caption']}]" if turn.get("blip_caption") else ""
    text = "\n\n".join(part for part in (turn["text"], picture) if part)
    return {
        "id": name,
        "author": {"role": speakers[turn["speaker"]], "name": turn["speaker"], "metadata": {}},
        "create_time": at,
        "content": {"content_type": "text", "parts": [text]},
        "status": "finished_successfully",
        "weight": 1.0,
        "recipient": "all",
        "metadata": {},
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("locomo", type=Path, help="a LoCoMo file, such as locomo10.json")
    parser.add_argument("out", type=Path, help="the zip to write")
    parser.add_argument("--sharded", action="store_true", help="write numbered parts")
    return parser.parse_args()


if __name__ == "__main__":
    main()
