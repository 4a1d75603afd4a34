"""Makes conversations of Gemini's activity log, which knows prompts and answers but no threads.

The log lists the newest first. What is asked within half an hour of the last thing asked is taken
for the same conversation, and the conversation is marked as inferred.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.base.errors import ItemError
from connectors.base.ids import stable_id
from connectors.base.types import Conversation, Role, Turn

PRODUCTS = frozenset(("Gemini Apps", "Bard"))
_ASKED = ("Prompted", "Asked", "Said", "Branched", "Answered")
_DONE = ("Created", "Used", "Added", "Gave", "Selected")

_PAUSE = timedelta(minutes=30)
_LONGEST = 1_000
_TITLE_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Asked:
    """One prompt with its answer, "" where the log has none, and the names of attached files."""

    prompt: str
    answer: str
    at: datetime | None
    attached: tuple[str, ...] = ()


def asked(
    title: str, answer: str, at: datetime | None, attached: tuple[str, ...] = ()
) -> Asked | None:
    """An entry of the log; None if it is not about asking, ItemError if that cannot be told.

    The verb in front is in the person's language: an unknown one stays part of the prompt.
    """
    words = title.replace("\xa0", " ").strip()
    verb, _, rest = words.partition(" ")
    if verb in _DONE:
        return None
    if verb in _ASKED:
        return Asked(rest.strip(), answer, at, attached)
    if not answer:
        raise ItemError("This kind of activity is not known; it holds no answer and was left out.")
    return Asked(words, answer, at, attached)


def conversations(log: Iterable[Asked]) -> Iterator[Conversation]:
    """The conversations of a log, newest first, holding no more than one in memory."""
    thread: list[Asked] = []
    for entry in log:
        if thread and not _goes_on(thread, entry):
            yield _conversation(thread)
            thread = []
        thread.append(entry)
    if thread:
        yield _conversation(thread)


def _goes_on(thread: list[Asked], entry: Asked) -> bool:
    last = thread[-1].at
    if last is None or entry.at is None or len(thread) >= _LONGEST:
        return False
    return abs(last - entry.at) <= _PAUSE


def _conversation(thread: list[Asked]) -> Conversation:
    ordered = thread[::-1]
    if all(entry.at for entry in ordered):
        ordered.sort(key=lambda entry: entry.at.timestamp() if entry.at else 0.0)
    turns: list[Turn] = []
    copies: Counter[str] = Counter()
    for entry in ordered:
        same = stable_id("activity", str(entry.at), entry.prompt, entry.answer)
        name = f"{same}-{copies[same]}"
        copies[same] += 1
        _append(turns, f"{name}-prompt", "user", _prompt(entry), entry.at)
        _append(turns, f"{name}-answer", "assistant", entry.answer, entry.at)
    first = ordered[0]
    return Conversation(
        conversation_id=stable_id("activity", str(first.at), first.prompt),
        title=" ".join(first.prompt.split())[:_TITLE_LENGTH],
        turns=tuple(turns),
        created_at=first.at,
        updated_at=ordered[-1].at,
        inferred=True,
    )


def _prompt(entry: Asked) -> str:
    files = [f"[file: {' '.join(name.split())[:120]}]" for name in entry.attached]
    return "\n\n".join(text for text in (entry.prompt, *files) if text)


def _append(turns: list[Turn], name: str, role: Role, text: str, at: datetime | None) -> None:
    if text:
        parent = turns[-1].message_id if turns else ""
        turns.append(Turn(name, role, text, len(turns), created_at=at, parent_id=parent))
