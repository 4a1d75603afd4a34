"""Reads PAM 1.0: a memory store with all memories, and a file for each conversation beside it.

Source: the specification and the schemas at portable-ai-memory.org and in the repository
portable-ai-memory/portable-ai-memory, and what its SDK 1.0.0 writes.
"""

from collections.abc import Iterator

from connectors.base.archive import Archive, Record
from connectors.base.errors import ArchiveError, ItemError
from connectors.base.reading.copies import Copies
from connectors.base.reading.each import each_new
from connectors.base.reading.files import File, Files
from connectors.base.reading.glimpse import glimpse, glimpses
from connectors.base.reading.json_stream import document, items
from connectors.base.reading.leftovers import not_known
from connectors.base.shape import an_object, name_in
from connectors.base.types import Conversation, Unreadable
from connectors.pam.conversation import read_conversation
from connectors.pam.memory import OURS, item_of

STORE = "portable-ai-memory"
TALK = "portable-ai-memory-conversation"
_VECTORS = "portable-ai-memory-embeddings"  # made from the texts, which are there


class Pam(Archive):
    vendor = "pam"
    what = "PAM file"

    def recognise(self, files: Files) -> bool:
        return any(_schema(values) in (STORE, TALK) for _, values in glimpses(files))

    def account(self, files: Files) -> str:
        owners = {_owner(glimpse(file)) for file in _stores(files)}
        if len(owners - {""}) > 1:
            raise ArchiveError(
                "These files hold the memories of more than one person. Import them one at a time."
            )
        return max(owners, default="")

    def records(self, files: Files) -> Iterator[Record]:
        by_schema: dict[str, list[File]] = {}
        for file in files.json:
            by_schema.setdefault(_schema(glimpse(file)), []).append(file)
        copies = Copies()
        for file in by_schema.pop(STORE, []):
            yield from each_new(items(file, "memories"), f"{file.where}, memory", item_of, copies)
        for file in by_schema.pop(TALK, []):
            yield from _talk(file, copies)
        by_schema.pop(_VECTORS, None)
        yield from not_known(file for left in by_schema.values() for file in left)


def _stores(files: Files) -> list[File]:
    """Behind however many conversations: a store says what it is in its first bytes."""
    likely = [file for file in files.json if f'"{STORE}"'.encode() in file.start]
    seen = [file for file, _ in glimpses(files)]
    return [file for file in {*likely, *seen} if _schema(glimpse(file)) == STORE]


def _schema(values: list[object]) -> str:
    first = values[0] if values else None
    return name_in(first, "schema") if isinstance(first, dict) else ""


def _owner(values: list[object]) -> str:
    """Ours say nothing: what a person is called there may change from one file to the next."""
    store = an_object(values[0], "file")
    owner = store.get("owner")
    made_here = name_in(store, "exported_by").startswith(f"{OURS}/")
    return name_in(owner, "id") if isinstance(owner, dict) and not made_here else ""


def _talk(file: File, copies: Copies) -> Iterator[Record]:
    whole = document(file)
    if isinstance(whole, Unreadable):
        yield whole
        return
    try:
        for record in read_conversation(an_object(whole, "conversation"), file.where):
            if not isinstance(record, Conversation) or copies.is_new(
                f"talk {record.conversation_id}", record.updated_at
            ):
                yield record
    except ItemError as error:
        yield Unreadable(file.where, str(error))
