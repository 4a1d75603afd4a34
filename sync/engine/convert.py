"""Between a memory and an item, and the marks by which both are compared. Pure."""

from uuid import UUID

from connectors.base.types import Entry, Item
from sync.engine.pairing import Ours, Theirs
from vault.granting.connecting import ConnectionKey
from vault.text import LONGEST, clean, folded
from vault.types import KINDS, Draft, Kind, Memory, SourceDraft

_LONGEST_ID = 500


class Marks:
    """Keyed fingerprints of one connection: they tell nothing to who has no key."""

    def __init__(self, key: ConnectionKey) -> None:
        self._key = key

    def content(self, text: str, kind: str, title: str) -> str:
        return self._key.mark("content", text, kind, title).hex()

    def words(self, text: str) -> str:
        return self._key.mark("words", folded(text)).hex()

    def entry(self, remote_id: str) -> bytes:
        return self._key.mark("entry", remote_id)

    def account(self, id: str) -> bytes:
        return self._key.mark("account", id)

    def of_memory(self, memory: Memory) -> str:
        return self.content(memory.text, memory.kind, memory.title)

    def of_item(self, item: Item) -> str:
        return self.content(item.text, item.kind, item.title)

    def ours(self, memory: Memory) -> Ours:
        return Ours(memory.id, self.of_memory(memory), self.words(memory.text))

    def theirs(self, entry: Entry) -> Theirs:
        item = entry.item
        if item is None or not clean(item.text):
            return Theirs(entry.remote_id, "", "", entry.key, readable=False)
        mark, words = self.of_item(item), self.words(item.text)
        return Theirs(entry.remote_id, mark, words, entry.key)


def item_of(memory: Memory) -> Item:
    """What is sent. Where it was learnt stays here."""
    return Item(
        memory.text,
        memory.kind,
        title=memory.title,
        created_at=memory.when,
        updated_at=memory.updated_at,
    )


def kind_of(item: Item) -> Kind:
    """Its kind; one that is not known here is a fact."""
    return item.kind if item.kind in KINDS else "fact"


def draft_of(entry: Entry, *, vendor: str, account: str, grant_id: UUID) -> Draft:
    """What is taken. The same entry gives the same source, however often it comes."""
    item = entry.item or Item("")
    source = SourceDraft(
        vendor=vendor,
        account=account,
        key=f"entry:{entry.remote_id}",
        conversation_id=clean(item.conversation_id[:_LONGEST_ID]),
        message_id=clean(item.message_id[:_LONGEST_ID]),
        grant_id=grant_id,
    )
    return Draft(
        text=clean(item.text)[:LONGEST],
        kind=kind_of(item),
        title=clean(item.title)[:300],
        occurred_at=item.updated_at or item.created_at,
        source=source,
    )
