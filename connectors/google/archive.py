"""Reads a Google Takeout of Gemini: My Activity, Workspace conversations, Gems, AI Studio prompts.

The page of scheduled actions is told as not read while it holds any: no public export shows how
one is written, and public parsers look for its words under different labels. Pages seen were empty,
"<div></div>", and those are passed over.
"""

from collections.abc import Callable, Iterable, Iterator

from connectors.base.archive import Archive, Record
from connectors.base.errors import ItemError
from connectors.base.ids import stable_id
from connectors.base.reading.copies import Copies
from connectors.base.reading.files import File, Files
from connectors.base.reading.json_stream import document, peek
from connectors.base.shape import an_object
from connectors.base.types import Conversation, Unreadable
from connectors.google.activity import Asked, conversations
from connectors.google.activity_html import is_activity_page, read_activity_page
from connectors.google.activity_json import is_activity, read_activity
from connectors.google.gems import is_gems, read_gems
from connectors.google.studio import is_prompt, read_prompt
from connectors.google.workspace import is_workspace, read_workspace

_EMPTY_PAGE = b"<div></div>"
_Log = Callable[[File, list[Unreadable]], Iterator[Asked]]


class Gemini(Archive):
    vendor = "google"
    what = "Gemini export from Google Takeout"

    def recognise(self, files: Files) -> bool:
        known = any(_is_log(file) or _document(file) for file in files.json)
        return known or any(is_activity_page(file) or is_gems(file) for file in files.html)

    def records(self, files: Files) -> Iterator[Record]:
        copies = Copies()
        for record in self._all(files):
            if not isinstance(record, Conversation) or copies.is_new(_name(record), None):
                yield record

    def _all(self, files: Files) -> Iterator[Record]:
        for file in files.json:
            if _is_log(file):
                yield from _threads(file, read_activity)
            elif _document(file):
                yield from _one(file)
        for file in files.html:
            if is_activity_page(file):
                yield from _threads(file, read_activity_page)
            elif is_gems(file):
                yield from read_gems(file)
            elif file.name.startswith("gemini_") and file.start.strip() != _EMPTY_PAGE:
                yield Unreadable(file.where, "This kind of page is not known; it was not read.")


def _name(conversation: Conversation) -> str:
    """What is inferred has no identity but its turns: with one more of them it comes again."""
    names = (turn.message_id for turn in conversation.turns)
    return stable_id(conversation.conversation_id, *names)


def _is_log(file: File) -> bool:
    return any(is_activity(entry) for entry in peek(file))


def _document(file: File) -> bool:
    """Whether `file` is one conversation: of a Workspace account, or a prompt of AI Studio."""
    if not file.start.startswith(b"{"):
        return False
    return any(is_workspace(entry) or is_prompt(entry) for entry in peek(file))


def _threads(file: File, read: _Log) -> Iterator[Record]:
    problems: list[Unreadable] = []
    found = False
    for conversation in conversations(read(file, problems)):
        found = True
        yield conversation
        yield from _drained(problems)
    yield from _drained(problems)
    if not found:
        reason = "This activity log holds nothing that was asked of Gemini."
        yield Unreadable(file.where, reason)


def _drained(problems: list[Unreadable]) -> Iterable[Unreadable]:
    drained = problems[:]
    problems.clear()
    return drained


def _one(file: File) -> Iterator[Record]:
    try:
        found = an_object(document(file), "conversation")
        prompt = is_prompt(found)
        yield from read_prompt(found, file) if prompt else read_workspace(found, file.where)
    except ItemError as error:
        yield Unreadable(file.where, str(error))
