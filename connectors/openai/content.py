"""Turns what a ChatGPT message holds into the text a person saw."""

import json
import re
from collections.abc import Callable, Iterator, Mapping

from connectors.base.errors import ItemError
from connectors.base.shape import Json, a_list_in, an_object, an_object_in, name_in, text_in

Assets = Mapping[str, str]
"""The real names of pictures and files, by the id that messages use for them."""

_NAME_LENGTH = 120

# Citations and names of places, people and the like stand between private-use characters:
# U+E200 what U+E202 data U+E201. Of an "entity" the second value is what was shown.
_MARKER = re.compile("\ue200([^\ue200\ue201]{0,4000})\ue201")
_PRIVATE = re.compile("[\ue000-\uf8ff]")

# Never part of the talk: reasoning, and context that is read as memories elsewhere.
NOT_SAID = frozenset(
    ("thoughts", "reasoning_recap", "user_editable_context", "model_editable_context")
)


def text_of(message: Json, assets: Assets) -> tuple[str, list[str]]:
    """The text of `message` and why parts of it could not be read; ItemError if none could."""
    content = an_object(message.get("content"), "content of this message")
    kind = text_in(content, "content_type")
    if kind in NOT_SAID:
        return "", []
    if kind == "code":
        return _code(content), []
    if kind in _TEXTS:
        return clean(_first_text(content, *_TEXTS[kind])), []
    if "parts" in content:
        return _parts(message, content, assets)
    if isinstance(content.get("text"), str):
        return clean(text_in(content, "text")), []
    raise ItemError("This kind of message is not known yet.")


_TEXTS = {
    "execution_output": ("text",),
    "system_error": ("text",),
    "tether_quote": ("text",),
    "sonic_webpage": ("text",),
    "computer_output": ("text",),
    "tether_browsing_display": ("result", "summary"),
}


def clean(text: str) -> str:
    """`text` without the markers that ChatGPT's own page turns into links."""
    return _PRIVATE.sub("", _MARKER.sub(_shown, text)).strip()


def _shown(marker: re.Match[str]) -> str:
    kind, _, data = marker[1].partition("\ue202")
    kind, data = ("entity", kind[6:]) if kind.startswith("entity[") else (kind, data)
    if kind != "entity":
        return ""
    try:
        return str(json.loads(data)[1])
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""


def _code(content: Json) -> str:
    code = text_in(content, "text").strip()
    language = text_in(content, "language")
    return f"```{'' if language == 'unknown' else language}\n{code}\n```" if code else ""


def _first_text(content: Json, *keys: str) -> str:
    return next((text for key in keys if (text := text_in(content, key))), "")


def _parts(message: Json, content: Json, assets: Assets) -> tuple[str, list[str]]:
    attached = list(_attachments(message))
    names = {**assets, **{name: shown for name, shown, _ in attached if shown}}
    parts = a_list_in(content, "parts")
    spoken = any(_kind(part) == "audio_transcription" for part in parts)
    texts, problems = [], []
    for part in parts:
        try:
            texts.append(_part(part, names, spoken))
        except ItemError as error:
            problems.append(str(error))
    texts += [_placeholder("file", shown) for _, shown, picture in attached if not picture]
    return "\n\n".join(text for text in texts if text), problems


def _kind(part: object) -> str:
    return name_in(part, "content_type") if isinstance(part, dict) else ""


def _part(part: object, names: Assets, spoken: bool) -> str:
    if part is None:
        return ""
    if isinstance(part, str):
        return clean(part)
    holder = an_object(part, "part of this message")
    reader = _READERS.get(_kind(holder))
    if reader:
        return reader(holder, names, spoken)
    if isinstance(holder.get("text"), str):
        return clean(text_in(holder, "text"))
    raise ItemError("A part of this message is of a kind that is not known yet.")


def _image(part: Json, names: Assets, spoken: bool) -> str:
    pointer = text_in(part, "asset_pointer").rpartition("//")[2]
    return _placeholder("image", names.get(pointer, ""))


def _audio(part: Json, names: Assets, spoken: bool) -> str:
    return "" if spoken else "[audio]"


def _transcript(part: Json, names: Assets, spoken: bool) -> str:
    return clean(text_in(part, "text"))


_READERS: dict[str, Callable[[Json, Assets, bool], str]] = {
    "image_asset_pointer": _image,
    "audio_transcription": _transcript,
    "audio_asset_pointer": _audio,
    "real_time_user_audio_video_asset_pointer": _audio,
}


def _placeholder(what: str, name: str) -> str:
    shown = " ".join(name.split())[:_NAME_LENGTH]
    return f"[{what}: {shown}]" if shown else f"[{what}]"


def _attachments(message: Json) -> Iterator[tuple[str, str, bool]]:
    """Id, name and whether it is a picture (those are in the parts too) of each attachment."""
    for attached in a_list_in(an_object_in(message, "metadata"), "attachments"):
        holder = an_object(attached, "attachment")
        kind = name_in(holder, "mime_type", "mimeType")
        yield name_in(holder, "id"), name_in(holder, "name"), kind.startswith("image/")
