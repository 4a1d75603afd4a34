"""What would only be said again: whether the vault holds a text, in these words or nearly."""

from collections.abc import Sequence

from vault import bulk
from vault.access import Access
from vault.recalling.opening import open_at
from vault.recalling.questions import Question, ask
from vault.reviewing.pairs import COMPARED, HAPPENINGS, NEAREST
from vault.scope import vault_scope
from vault.search.compare import Said, compare
from vault.search.documents import Document, Filter, QueryText
from vault.search.lexical import cut
from vault.search.statements import words_of
from vault.text import folded
from vault.types import Draft

_WORDS = 6


def known(access: Access, drafts: Sequence[Draft]) -> list[bool]:
    """For each draft, whether some visible collection holds it, as the machinery of duplicates
    judges: the same words, or the same statement in other words. What disagrees is not known.

    Outside of any scope: the embedding server of a collection may be asked.
    """
    exact = bulk.known(access, drafts)
    return [there or _nearly(access, draft) for there, draft in zip(exact, drafts, strict=True)]


def essence(text: str) -> str:
    """The text as a refusal of it is remembered: capitals, endings, marks and small words aside."""
    return " ".join(words_of(text)) or folded(text)


def same(one: str, other: str) -> bool:
    """Whether two texts say the same, other words or not."""
    return essence(one) == essence(other) or compare(Said.of(one), Said.of(other)) == "duplicate"


def _nearly(access: Access, draft: Draft) -> bool:
    question = ask(access, access.visible, draft.text)
    said = Said.of(draft.text)
    return any(
        compare(said, Said.of(document.text)) == "duplicate"
        for document in _near(access, question, draft)
        if _comparable(draft, document)
    )


def _near(access: Access, question: Question, draft: Draft) -> list[Document]:
    words = " ".join(sorted(set(cut(draft.text)), key=len, reverse=True)[:_WORDS])
    found: list[Document] = []
    with vault_scope(access.vault_id):
        for one in open_at(access, question.spaces):
            query = QueryText(words, question.by_model.get(one.model))
            hits = one.index.search(query, limit=NEAREST, allow=Filter(kinds=COMPARED))
            found += [candidate.document for candidate in hits]
    return found


def _comparable(draft: Draft, document: Document) -> bool:
    """The same on another day is another happening."""
    if not {draft.kind, document.kind} & HAPPENINGS:
        return True
    days = (one.date() if one else None for one in (draft.occurred_at, document.occurred_at))
    return len(set(days)) == 1
