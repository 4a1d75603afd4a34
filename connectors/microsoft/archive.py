"""Reads what Microsoft's privacy dashboard gives out of Copilot: tables, of private use and work.

There are no ids. Rows next to each other that bear one title are a conversation, as long as no more
than a week lies between two of them (half an hour, where they have no title). Two conversations of
one title are told apart by what was said between them, or by that time; without either they are
read as one. A conversation is known by its oldest message, not by its title, which can be changed:
new rows come on top, so it is the same in the next export and merely grows.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from connectors.base.archive import Archive, Record
from connectors.base.ids import stable_id
from connectors.base.reading.attached import title_of
from connectors.base.reading.copies import Copies
from connectors.base.reading.each import newest
from connectors.base.reading.files import File, Files
from connectors.base.types import Conversation, Turn, Unreadable
from connectors.microsoft.activity import Said, is_oldest_first, is_prompts, layout, said_in

_PAUSE, _UNTITLED_PAUSE = timedelta(days=7), timedelta(minutes=30)
_BEGINNING = 3  # rows by which a conversation is known whose times cannot be read
_TOO_LARGE = "This conversation is larger than any real one and was left out."
_PROMPTS = "This table holds what was typed into apps of Windows, without answers; it was not read."


class Copilot(Archive):
    vendor = "microsoft"
    what = "Copilot activity history"

    def recognise(self, files: Files) -> bool:
        return any(layout(file) or is_prompts(file) for file in files.values())

    def records(self, files: Files) -> Iterator[Record]:
        copies = Copies()
        for file in files.values():
            yield from newest(_records(file), copies)


def _records(file: File) -> Iterator[Record]:
    shape = layout(file)
    if shape is None:
        if is_prompts(file):
            yield Unreadable(file.where, _PROMPTS)
        return
    forward = is_oldest_first(file, shape)
    for run in _runs(said_in(file, shape), file.limits.item_bytes):
        if isinstance(run, Unreadable):
            yield run
        elif run:
            yield _conversation(run if forward else run[::-1])
        else:
            yield Unreadable(file.where, _TOO_LARGE)


def _runs(rows: Iterable[Said | Unreadable], most: int) -> Iterator[list[Said] | Unreadable]:
    """Rows next to each other that belong together; [] for more of them than can be real. What
    cannot be read comes at once, and parts nothing."""
    run: list[Said] = []
    last: Said | None = None
    size = 0
    for row in rows:
        if isinstance(row, Unreadable):
            yield row
            continue
        if last and not _goes_on(last, row):
            yield run if size <= most else []
            run, size = [], 0
        last, size = row, size + len(row.text) + 200
        if size <= most:
            run.append(row)
        else:
            run.clear()
    if last:
        yield run if size <= most else []


def _goes_on(last: Said, row: Said) -> bool:
    if last.title != row.title:
        return False
    if not (last.at and row.at):
        return True
    return abs(last.at - row.at) <= (_PAUSE if row.title else _UNTITLED_PAUSE)


def _conversation(run: list[Said]) -> Conversation:
    """`run` begins with the oldest."""
    first = run[0]
    begun = run[:1] if first.at else run[:_BEGINNING]
    name = stable_id("copilot", _written(first.at), first.role, *(one.text for one in begun))
    turns: list[Turn] = []
    copies: Counter[str] = Counter()
    for one in run:
        same = stable_id(name, _written(one.at), one.role, one.text)
        copies[same] += 1
        if one.text:
            turns.append(_turn(one, f"{same}-{copies[same]}", turns))
    asked = next((one.text for one in run if one.role == "user"), "")
    times = [one.at for one in run if one.at]
    return Conversation(
        conversation_id=name,
        title=first.title or title_of(asked),
        turns=tuple(turns),
        created_at=times[0] if times else None,
        updated_at=times[-1] if times else None,
        inferred=not first.title,
    )


def _turn(one: Said, name: str, before: list[Turn]) -> Turn:
    parent, hidden = before[-1].message_id if before else "", one.role in ("tool", "system")
    return Turn(
        name, one.role, one.text, len(before), created_at=one.at, hidden=hidden, parent_id=parent
    )


def _written(at: datetime | None) -> str:
    return at.isoformat() if at else ""
