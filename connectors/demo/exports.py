"""Writes Ana's three exports, the same bytes every time: `ana.toml` says what is in them."""

import io
import json
import tomllib
import zipfile
from datetime import datetime
from importlib.resources import files
from typing import Any

from connectors.demo import chatgpt, claude, gemini

Life = dict[str, Any]


def demo_exports() -> list[tuple[str, bytes]]:
    """File name and content of each export: ChatGPT's, Claude's and Gemini's."""
    life = tomllib.loads((files("connectors.demo") / "ana.toml").read_text(encoding="utf-8"))
    return [
        ("chatgpt-export.zip", _zipped(chatgpt.export(life), life)),
        ("claude-export.zip", _zipped(claude.export(life), life)),
        ("gemini-takeout.zip", _zipped(gemini.export(life), life)),
    ]


def _zipped(contents: dict[str, Any], life: Life) -> bytes:
    made: datetime = life["person"]["exported"]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in contents.items():
            info = zipfile.ZipInfo(name, made.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            text = content if isinstance(content, str) else json.dumps(content, indent=1)
            archive.writestr(info, text)
    return out.getvalue()
