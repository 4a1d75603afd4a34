"""What was said in one item of a Codex session: by the person or by Codex, nobody else.

The program writes much in the person's name: what it sees around it, AGENTS.md, commands that were
run and what they answered. All of that is left out.
"""

from connectors.agents.spoken import without
from connectors.base.errors import ItemError
from connectors.base.shape import Json, a_list_in, an_object, name_in, text_in
from connectors.base.types import Role

_ROLES: dict[str, Role] = {"user": "user", "assistant": "assistant"}
_NOBODY = frozenset(("developer", "system", "tool"))
_TEXTS = frozenset(("input_text", "output_text", "text"))
_PICTURES = {"input_image": "[image]", "image": "[image]", "input_file": "[file]"}
_AROUND = (
    *("environment_context", "user_instructions", "INSTRUCTIONS", "user_shell_command", "skill"),
    *("turn_aborted", "subagent_notification", "collaboration_mode", "permissions instructions"),
    *("user_action", "model_switch", "personality_spec", "apps_instructions", "image"),
    *("skills_instructions", "plugins_instructions", "realtime_conversation", "hook_prompt"),
)
_NOT_THE_PERSON = ("# AGENTS.md instructions for ", "Warning: apply_patch was requested via")
_REQUEST = "## My request for Codex:"  # what an editor puts before it is not the person's


def speaker(message: Json) -> Role | None:
    """Who speaks, None where it is the program; ItemError for anyone who is not known."""
    role = name_in(message, "role")
    if role in _NOBODY:
        return None
    if role not in _ROLES:
        raise ItemError("This message is by an author of a kind that is not known yet.")
    return _ROLES[role]


def words(message: Json, role: Role) -> str:
    """What they said, "" if nothing; ItemError where it cannot be read."""
    texts = [_part(an_object(part, "part of this message")) for part in _parts(message)]
    if role == "user":
        texts = [_own(text) for text in texts]
    return "\n\n".join(text for text in texts if text)


def _parts(message: Json) -> list[object]:
    content = message.get("content")
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return list(a_list_in(message, "content"))


def _part(part: Json) -> str:
    kind = name_in(part, "type")
    if kind in _TEXTS:
        return text_in(part, "text").strip()
    if kind not in _PICTURES:
        raise ItemError("A part of this message is of a kind that is not known yet.")
    return _PICTURES[kind]


def _own(text: str) -> str:
    _, asked, request = text.partition(_REQUEST)
    cleaned = without(request if asked else text, _AROUND)
    return "" if cleaned.startswith(_NOT_THE_PERSON) else cleaned
