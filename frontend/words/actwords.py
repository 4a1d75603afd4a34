"""What people read for what is done to many memories at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from frontend.words import KIND_NAMES
from vault.types import Act


@dataclass(frozen=True, slots=True)
class VerbWords:
    """`choose` in a list of what can be done, `doing` and `done` of an act. Both take what is meant
    (such as "12 memories") and where or what to."""

    choose: str
    doing: str
    done: str


VERB_WORDS: Mapping[str, VerbWords] = {
    "move": VerbWords("Move to …", "Moving {these} to {to}", "Moved {these} to {to}."),
    "forget": VerbWords("Forget", "Forgetting {these}", "Forgot {these}."),
    "restore": VerbWords("Restore", "Restoring {these}", "Restored {these}."),
    "pin": VerbWords("Pin", "Pinning {these}", "Pinned {these}."),
    "unpin": VerbWords("Unpin", "Unpinning {these}", "Unpinned {these}."),
    "confirm": VerbWords("Confirm as right", "Confirming {these}", "Confirmed {these}."),
    "kind": VerbWords("Change the kind to …", "Making {these} “{to}”", "Made {these} “{to}”."),
    "until": VerbWords("Was true until …", "Dating {these}", "Said of {these}: true until {to}."),
    "still": VerbWords("Is still true", "Dating {these}", "Said of {these}: still true."),
    "merge": VerbWords("Merge into one …", "Merging {these}", "Merged {these}."),
    "split": VerbWords("Split", "Splitting {these}", "Split it into {these}."),
}


def doing(act: Act, names: Mapping[UUID, str]) -> str:
    """As in "Moving 1,234 memories to Work"."""
    if act.state == "undoing":
        return f"Taking back what was done to {_memories(act.total)}"
    return _filled(VERB_WORDS[act.verb].doing, act, act.total, names)


def done(act: Act, names: Mapping[UUID, str]) -> str:
    """As in "Moved 12 memories to Work. 3 were there already."."""
    if act.state == "undone" and not act.changed:
        return "Nothing was changed."
    if act.state == "undone":
        return "Undone: what was not changed since is as it was."
    said = _filled(VERB_WORDS[act.verb].done, act, act.changed, names)
    same = act.total - act.changed
    if act.changed and same:
        return f"{said} The other {same:,} stayed as they are."
    return said if act.changed else "Nothing had to be changed."


def _filled(words: str, act: Act, count: int, names: Mapping[UUID, str]) -> str:
    if act.verb == "until" and not act.param:
        words = VERB_WORDS["still"].done if words.endswith(".") else words
    return words.format(these=_memories(count), to=_target(act, names))


def _memories(count: int) -> str:
    return f"{count:,} memor{'y' if count == 1 else 'ies'}"


def _target(act: Act, names: Mapping[UUID, str]) -> str:
    match act.verb:
        case "move":
            return names.get(UUID(act.param), "a collection you removed")
        case "kind":
            return KIND_NAMES.get(act.param, act.param)
        case "until":
            return f"{datetime.fromisoformat(act.param):%-d %B %Y}" if act.param else ""
    return ""
