"""Turns what a Claude message holds into the text a person saw, and what was pasted into it."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from connectors.base.errors import ItemError
from connectors.base.shape import Json, a_list_in, an_object, an_object_in, name_in, text_in

_NAME_LENGTH = 120
_PICTURES = frozenset((".png", ".jpg", ".jpeg", ".gif", ".webp", ".heic"))

# Never part of the talk: reasoning, and what was said to tools and by them.
_NOT_SAID = frozenset(
    ("thinking", "redacted_thinking", "tool_use", "tool_result", "token_budget", "flag")
)

# The flat copy of a message puts this where it has no words for a block.
_POLLUTION = re.compile(
    r"(?:```\s*)?This block is not supported on your current device yet\.(?:\s*```)?"
)


def text_of(message: Json) -> tuple[str, list[str]]:
    """The text of `message` and why parts of it could not be read.

    The flat `text` counts only where there are no blocks but empty ones of text: it is polluted
    where there are.
    """
    said, problems = _said(message)
    names = [name for name, _ in attachments(message)]
    names += [_file_name(file) for file in a_list_in(message, "files")]
    texts = [*said, *(_placeholder(name) for name in names)]
    return "\n\n".join(text for text in texts if text), problems


def attachments(message: Json) -> Iterator[tuple[str, str]]:
    """Name and text of each attachment: often the only copy of what was pasted."""
    for attached in a_list_in(message, "attachments"):
        holder = an_object(attached, "attachment")
        yield name_in(holder, "file_name") or "pasted text", text_in(holder, "extracted_content")


def _said(message: Json) -> tuple[list[str], list[str]]:
    content = message.get("content")
    if isinstance(content, str) and content.strip():
        return [content.strip()], []
    texts: list[str] = []
    problems: list[str] = []
    blocks = [] if isinstance(content, str) else a_list_in(message, "content")
    for block in blocks:
        try:
            texts.append(_block(an_object(block, "part of this message")))
        except ItemError as error:
            problems.append(str(error))
    if not any(texts) and not problems and all(map(_is_text, blocks)):
        texts.append(_POLLUTION.sub("", text_in(message, "text")).strip())
    return texts, problems


def _is_text(block: object) -> bool:
    return isinstance(block, dict) and block.get("type") == "text"


def _block(block: Json) -> str:
    kind = name_in(block, "type")
    if kind == "tool_use" and name_in(block, "name") == "artifacts":
        return _artifact(an_object_in(block, "input"))
    if kind in _NOT_SAID:
        return ""
    if kind == "text" or isinstance(block.get("text"), str):
        return text_in(block, "text").strip()
    raise ItemError("A part of this message is of a kind that is not known yet.")


def _artifact(made: Json) -> str:
    title = " ".join(name_in(made, "title").split())[:_NAME_LENGTH]
    return f"[artifact: {title}]" if title else ""


def _file_name(file: object) -> str:
    return name_in(an_object(file, "file"), "file_name") or "unnamed"


def _placeholder(name: str) -> str:
    shown = " ".join(name.split())[:_NAME_LENGTH]
    picture = PurePosixPath(shown).suffix.lower() in _PICTURES
    return f"[{'image' if picture else 'file'}: {shown}]"
