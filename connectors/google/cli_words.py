"""What was said in one message of Gemini CLI: by the person or by Gemini, nobody else."""

import re

from connectors.agents.spoken import without
from connectors.base.errors import ItemError
from connectors.base.shape import Json, an_object, text_in

_AROUND = ("session_context", "system-reminder", "hook_context", "user_shell_command")
_NOT_THE_PERSON = (
    "This is the Gemini CLI.",
    "This is a Gemini CLI",
    "<state_snapshot>",
    "I ran the following shell command:",
    "System: Please continue.",
)
_FILES = re.compile(r"\n--- Content from referenced files ---")  # what "@file" brought in
_PICTURES = ("inlineData", "fileData")
_SILENT = ("functionCall", "functionResponse", "executableCode", "codeExecutionResult", "thought")
_GREETING = "Got it. Thanks for the context!"


def words(content: object, *, by_person: bool) -> str:
    """What they said, "" if nothing: `content` is a text, one part or a list of parts. ItemError
    where it cannot be read."""
    texts = [_part(part) for part in (content if isinstance(content, list) else [content])]
    text = "\n\n".join(text for text in texts if text).strip()
    if not by_person:
        return "" if text == _GREETING else text
    cleaned = without(_FILES.split(text)[0], _AROUND)
    command = cleaned.startswith(("/", "?")) and "\n" not in cleaned
    return "" if command or cleaned.startswith(_NOT_THE_PERSON) else cleaned


def _part(part: object) -> str:
    if part is None:
        return ""
    if isinstance(part, str):
        return part
    raw: Json = an_object(part, "part of this message")
    if any(raw.get(key) for key in _SILENT):
        return ""
    if "text" in raw:
        return text_in(raw, "text")
    if any(key in raw for key in _PICTURES):
        return "[file]"
    if any(key in raw for key in _SILENT):
        return ""
    raise ItemError("A part of this message is of a kind that is not known yet.")
