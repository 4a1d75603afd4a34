"""Reads a prompt of Google AI Studio, which keeps each as a file in Drive, mostly without a suffix.

Source: parsers of it on GitHub (among them the format notes of Polylogue), and the files they test
with: runSettings, systemInstruction, chunkedPrompt with its chunks.
"""

from collections.abc import Iterator

from connectors.base.archive import Record
from connectors.base.errors import ItemError
from connectors.base.ids import same_text, stable_id
from connectors.base.moments import moment
from connectors.base.reading.files import File
from connectors.base.shape import Json, a_list_in, an_object, an_object_in, name_in, text_in
from connectors.base.types import Conversation, Item, Role, Turn, Unreadable

_ROLES: dict[str, Role] = {"user": "user", "model": "assistant"}
_PICTURES = {
    **{"driveImage": "[image]", "inlineImage": "[image]", "driveVideo": "[video]"},
    **{"driveDocument": "[file]", "inlineFile": "[file]", "driveAudio": "[audio]"},
    **{"inlineAudio": "[audio]", "youtubeVideo": "[video]", "inlineData": "[file]"},
}
_HEADS = frozenset(("runSettings", "systemInstruction", "chunkedPrompt"))


def is_prompt(entry: object) -> bool:
    """Whether `entry` is a prompt of AI Studio."""
    if not isinstance(entry, dict) or len(_HEADS & entry.keys()) == 1:
        return False
    prompt = entry.get("chunkedPrompt")
    return isinstance(prompt, dict) and isinstance(prompt.get("chunks"), list)


def read_prompt(entry: Json, file: File) -> Iterator[Record]:
    """The instructions that the person wrote for it, and the conversation. It has no id and no
    title but its name, so that and its first words name it."""
    chunks = a_list_in(an_object_in(entry, "chunkedPrompt"), "chunks")
    title = file.name.removesuffix(".json").removesuffix(".txt")
    name = stable_id("prompt", same_text(title), _first_words(chunks))
    turns: list[Turn] = []
    for number, chunk in enumerate(chunks, 1):
        try:
            turns += _turn(an_object(chunk, "message"), f"{name}-{number}", turns)
        except ItemError as error:
            yield Unreadable(f"{file.where}, message {number}", str(error))
    yield from _instructions(entry, name, title, file.where)
    if turns:
        times = [turn.created_at for turn in turns if turn.created_at]
        begun, ended = (times[0], times[-1]) if times else (None, None)
        yield Conversation(name, title, tuple(turns), begun, ended)


def _instructions(entry: Json, name: str, title: str, where: str) -> Iterator[Record]:
    try:
        told = an_object_in(entry, "systemInstruction")
        parts = [an_object(part, "part") for part in a_list_in(told, "parts")]
        texts = [text_in(told, "text"), *(text_in(part, "text") for part in parts)]
    except ItemError as error:
        yield Unreadable(f"{where}, instructions", str(error))
        return
    if text := "\n\n".join(text.strip() for text in texts if text.strip()):
        yield Item(text, "instruction", remote_id=f"{name}/instructions", title=title)


def _first_words(chunks: list[object]) -> str:
    first = next((chunk for chunk in chunks if isinstance(chunk, dict)), {})
    return same_text(name_in(first, "text"))[:1000]


def _turn(chunk: Json, name: str, before: list[Turn]) -> list[Turn]:
    if chunk.get("isThought") or chunk.get("thought"):
        return []
    role = _ROLES.get(name_in(chunk, "role"))
    if role is None:
        raise ItemError("This message is by an author of a kind that is not known yet.")
    shown = [words for key, words in _PICTURES.items() if chunk.get(key)]
    text = "\n\n".join(part for part in (_text(chunk), *shown) if part)
    if not text:
        return []
    at, parent = moment(chunk.get("createTime")), before[-1].message_id if before else ""
    return [Turn(name, role, text, len(before), created_at=at, parent_id=parent)]


def _text(chunk: Json) -> str:
    """The words stand in "text"; in "parts" they stand once more, cut as they were streamed."""
    if "text" in chunk or "parts" not in chunk:
        return text_in(chunk, "text").strip()
    parts = [an_object(part, "part of this message") for part in a_list_in(chunk, "parts")]
    spoken = [part for part in parts if not part.get("thought")]
    return "".join(text_in(part, "text") for part in spoken).strip()
