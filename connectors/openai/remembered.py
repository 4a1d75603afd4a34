"""Finds in a ChatGPT message what was saved with it: a memory, the list of them, instructions."""

from collections.abc import Sequence

from connectors.base.errors import ItemError
from connectors.base.moments import moment
from connectors.base.shape import Json, a_list_in, an_object, an_object_in, name_in, text_in
from connectors.base.types import Item
from connectors.openai.content import clean
from connectors.openai.saved import Saved, Sighting, dated_lines, unwrapped


def note_message(message: Json, answers: Sequence[Json], sighting: Sighting, saved: Saved) -> None:
    """Tell `saved` what `message` saved. `answers` are the tool messages that follow it."""
    content = an_object(message.get("content"), "content of this message")
    match name_in(content, "content_type"):
        case "model_editable_context":
            for since, text in dated_lines(text_in(content, "model_set_context")):
                saved.note("fact", text, sighting, since)
        case "user_editable_context":
            _note_instructions(content, ("user_profile", "user_instructions"), sighting, saved)
    if name_in(message, "recipient") == "bio" and _was_saved(answers):
        _note_bio(content, sighting, saved)
    told = an_object_in(an_object_in(message, "metadata"), "user_context_message_data")
    _note_instructions(told, ("about_user_message", "about_model_message"), sighting, saved)


def memory_item(entry: object) -> Item:
    """An entry of `memory.json`, a file that some exports are said to hold."""
    raw = an_object(entry, "entry")
    text = text_in(raw, "content").strip()
    remote_id = name_in(raw, "id")
    if not text or not remote_id:
        raise ItemError("This saved memory has no text or no id and was left out.")
    return Item(
        text=text,
        kind="fact",
        remote_id=remote_id,
        created_at=moment(raw.get("created_at")),
        updated_at=moment(raw.get("updated_at")),
        metadata={"enabled": "no"} if raw.get("enabled") is False else {},
    )


def is_memory(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and {"id", "content"} <= entry.keys()
        and bool({"created_at", "updated_at", "enabled"} & entry.keys())
        and not {"mapping", "author", "role"} & entry.keys()
    )


def _note_bio(content: Json, sighting: Sighting, saved: Saved) -> None:
    """An assistant's message to its memory tool; one that asks to forget saves nothing."""
    parts = [part for part in a_list_in(content, "parts") if isinstance(part, str)]
    text = clean("\n".join(parts))
    if not text.casefold().startswith("forget "):
        saved.note("fact", text, sighting)


def _was_saved(answers: Sequence[Json]) -> bool:
    """Whether the tool agreed. An answer missing from the export does not count as a refusal."""
    if not answers:
        return True
    contents = [an_object_in(answer, "content") for answer in answers]
    said = [part for content in contents for part in a_list_in(content, "parts")]
    return any(isinstance(part, str) and "context updated" in part.casefold() for part in said)


def _note_instructions(
    holder: Json, keys: tuple[str, str], sighting: Sighting, saved: Saved
) -> None:
    about_user, about_model = keys
    saved.note("profile", unwrapped(text_in(holder, about_user)), sighting)
    saved.note("instruction", unwrapped(text_in(holder, about_model)), sighting)
