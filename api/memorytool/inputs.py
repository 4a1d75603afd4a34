"""What a model may send to the memory tool: the fields of each command."""

from collections.abc import Mapping
from typing import Any, Literal

from api.memorytool.strings import ToolError, shown
from vault.text import unhidden

Type = Literal["path", "text", "line", "range"]

COMMANDS: Mapping[str, Mapping[str, Type]] = {
    "view": {"path": "path", "view_range": "range"},
    "create": {"path": "path", "file_text": "text"},
    "str_replace": {"path": "path", "old_str": "text", "new_str": "text"},
    "insert": {"path": "path", "insert_line": "line", "insert_text": "text"},
    "delete": {"path": "path"},
    "rename": {"old_path": "path", "new_path": "path"},
}
OPTIONAL: Mapping[str, Any] = {"view_range": None, "new_str": ""}
"""What may be left out or null, and what that means."""

_JSON: Mapping[Type, Mapping[str, Any]] = {
    "path": {"type": "string", "description": "Begins with /memories."},
    "text": {"type": "string"},
    "line": {"type": "integer", "description": "After this line; 0 for the top."},
    "range": {
        "type": ["array", "null"],
        "items": {"type": "integer"},
        "description": "The first and the last line, from 1; -1 for the last of the file.",
    },
}
_SAID: Mapping[Type, str] = {
    "path": "a string",
    "text": "a string",
    "line": "an integer",
    "range": "a list of integers",
}


def checked(sent: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """(the command, its fields). ToolError says which field is wrong. Texts come as they were
    sent, but without hidden characters where they are looked for."""
    command = sent.get("command")
    if not isinstance(command, str) or command not in COMMANDS:
        raise ToolError("Unknown command: {name}", name=shown(str(command)))
    wanted = COMMANDS[command]
    for name in sent:
        if name != "command" and name not in wanted:
            raise ToolError("Unknown parameter: `{name}`.", name=shown(name))
    return command, {name: _value(name, kind, sent.get(name)) for name, kind in wanted.items()}


def _value(name: str, kind: Type, value: Any) -> Any:
    if value is None and name in OPTIONAL:
        return OPTIONAL[name]
    if value is None:
        raise ToolError("Missing required parameter: `{name}`.", name=name)
    if not _fits(kind, value):
        right = _SAID[kind]
        raise ToolError("Invalid `{name}` parameter: it should be {right}.", name=name, right=right)
    # What a new file hides is for the vault to see: it may be a reason to hold it back.
    return unhidden(value) if kind == "text" and name != "file_text" else value


def _fits(kind: Type, value: Any) -> bool:
    match kind:
        case "line":
            return type(value) is int
        case "range":
            return isinstance(value, list) and all(type(one) is int for one in value)
        case _:
            return isinstance(value, str)


def schema() -> dict[str, Any]:
    """The same for the OpenAPI document."""
    return {"oneOf": [_shape(command, fields) for command, fields in COMMANDS.items()]}


def _shape(command: str, fields: Mapping[str, Type]) -> dict[str, Any]:
    properties = {name: dict(_JSON[kind]) for name, kind in fields.items()}
    if "new_str" in properties:
        properties["new_str"] = {"type": ["string", "null"]}
    return {
        "type": "object",
        "title": command,
        "properties": {"command": {"const": command}, **properties},
        "required": ["command", *(name for name in fields if name not in OPTIONAL)],
        "additionalProperties": False,
    }
