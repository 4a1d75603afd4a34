"""Hand-offs in the shape of a vendor's own data export, for tools that read such exports."""

import json
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from connectors.base.handing.notes import DOUBTS, Note, merged, notes_of
from connectors.base.handing.spoken import NOTHING_SAID, our_id, seen
from connectors.base.handoff import Choice, Handoff, Handout, Part, Slice, Takes
from connectors.base.types import Conversation


class ExportHandoff(Handoff):
    """One zip with what the vendor's export holds. Conversations are written one by one."""

    form = "zip"
    takes: ClassVar[Takes] = "both"
    choices: ClassVar[tuple[Choice, ...]] = (DOUBTS,)
    where: ClassVar[str] = "Inside the zip"
    lost: ClassVar[tuple[str, ...]]

    @abstractmethod
    def files(self, notes: list[Note], talks: bool, slice: Slice) -> Iterable[Part]:
        """The files of the export; `talks`: there are conversations to write."""

    def make(self, slice: Slice) -> Handout:
        notes, left_out = notes_of(slice) if self.takes == "both" else ([], Counter[str]())
        kept: dict[str, None] = {}
        for talk in slice.conversations:
            if not speaks(talk):
                left_out[NOTHING_SAID] += 1
            else:
                kept[talk.conversation_id] = None
        ids = (*(note.id for note in notes), *kept)
        parts = tuple(self.files(notes, bool(kept), slice)) if ids else ()
        return Handout(parts, ids, merged(left_out), self.lost if ids else ())


def speaks(talk: Conversation) -> bool:
    """Whether there is something to write of it."""
    return not talk.do_not_remember and any(seen(turn) for turn in talk.turns)


def spoken_in(slice: Slice) -> Iterator[Conversation]:
    """The conversations with something in them, each time anew."""
    return (talk for talk in slice.conversations if speaks(talk))


def identity(talk: Conversation) -> str:
    """Our id for it."""
    return our_id("conversation", talk.conversation_id)


def json_list(entries: Iterable[Any]) -> Iterator[str]:
    """A JSON array of `entries`, one at a time."""
    before = "["
    for entry in entries:
        yield before + json.dumps(entry, ensure_ascii=False)
        before = ",\n"
    yield "[]" if before == "[" else "]\n"
