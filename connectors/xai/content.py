"""Turns what a Grok response holds into the text a person saw."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import PurePosixPath

from connectors.base.errors import ItemError
from connectors.base.shape import Json, a_list_in, name_in, text_in

_NAME_LENGTH = 120
_PICTURES = frozenset((".png", ".jpg", ".jpeg", ".gif", ".webp", ".heic"))
_IMAGE = "[image]"
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

# Possessive throughout, so that no text takes long. Either no values or quoted ones: a tag that is
# merely talked about must not take the words behind it along. What is quoted may hold brackets.
_VALUES = r'((?:\s++[^<>"]*+(?:"[^"\n]*+"[^<>"]*+)++)?+)\s*+/?>'
_ARGUMENT = rf"<argument\b{_VALUES}[^<]*+</argument>"
_CARD = re.compile(
    rf"<grok:render\b{_VALUES}([^<]*+(?:{_ARGUMENT}[^<]*+)*+)</grok:render>", re.IGNORECASE
)
_ARGUMENTS = re.compile(_ARGUMENT, re.IGNORECASE)
_TOOL = re.compile(
    r"<xai:tool_usage_card>(?:(?!</?xai:tool_usage_card>).)*+</xai:tool_usage_card>",
    re.IGNORECASE | re.DOTALL,
)
_ARTIFACT = re.compile(rf"<xaiArtifact\b{_VALUES}([ \t]*+\n?)", re.IGNORECASE)
_TITLE = re.compile(r'\btitle="([^"\n]*)"', re.IGNORECASE)
_STRAY = re.compile(rf"<(?:/?grok:render|/xaiArtifact)\b{_VALUES}", re.IGNORECASE)
_SHORT = 200  # a citation holds a number; more than this was said


def text_of(response: Json) -> tuple[str, list[str]]:
    """The text of `response` and why parts of it could not be read; ItemError if none could.

    Reasoning, searches and what tools answered are never part of it.
    """
    said = without_tags(text_in(response, "message"))
    problems: list[str] = []
    shown: list[str] = []
    try:
        shown += _attached(response, said)
    except ItemError as error:
        problems.append(str(error))
    return "\n\n".join(text for text in [said, *shown] if text), problems


def without_tags(message: str) -> str:
    """`message` without the tags that Grok's own page turns into cards, citations and files."""
    if "<" not in message:
        return message.strip()
    text = _CARD.sub(_card, _TOOL.sub("", message))
    return _STRAY.sub(_stray, _ARTIFACT.sub(_artifact, text)).strip()


def _card(card: re.Match[str]) -> str:
    kind, inner = card[1].lower(), _ARGUMENTS.sub("", card[2])
    if "citation" in kind and len(inner) < _SHORT:
        return ""
    return _stray(card) + inner


def _stray(tag: re.Match[str]) -> str:
    return _IMAGE if "image" in tag[1].lower() else ""


def _artifact(tag: re.Match[str]) -> str:
    """The artifact's title; its text stays where it is."""
    title = _TITLE.search(tag[1])
    if title is None:
        return _placeholder("artifact", "") + tag[2]
    return _placeholder("artifact", unescape(title[1])) + "\n"


def _attached(response: Json, said: str) -> Iterator[str]:
    for attached in a_list_in(response, "file_attachments"):
        yield _file(attached)
    made = a_list_in(response, "generated_image_urls")
    if _IMAGE not in said:  # else the cards in the text have shown them
        yield from (_IMAGE for _ in made)


def _file(attached: object) -> str:
    """Exports give an id for each file, its name seldom."""
    if isinstance(attached, dict):
        name = name_in(attached, "file_name", "fileName", "name")
    elif isinstance(attached, str):
        name = "" if _UUID.fullmatch(attached) else attached
    else:
        raise ItemError("An attachment of this message is not in a form that is known.")
    picture = PurePosixPath(name).suffix.lower() in _PICTURES
    return _placeholder("image" if picture else "file", name)


def _placeholder(what: str, name: str) -> str:
    shown = " ".join(name.split())[:_NAME_LENGTH]
    return f"[{what}: {shown}]" if shown else f"[{what}]"
