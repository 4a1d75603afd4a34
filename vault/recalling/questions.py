"""A question as each embedder sees it that has vectors in the collections asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from vault.access import Access
from vault.embedding.embedders import Space, choices, embedder_of, space_of
from vault.scope import vault_scope
from vault.search.choice import Choice
from vault.search.embed import Embedding
from vault.search.errors import EmbedderError


@dataclass(frozen=True, slots=True)
class Question:
    """A question's vectors by model, None for a model that did not answer, and which model each
    collection had when it was asked: its vectors outlive the question, whatever is switched."""

    spaces: Mapping[UUID, Space]
    by_model: Mapping[str, Embedding | None]

    @property
    def degraded(self) -> bool:
        """Whether some collections are searched by words only, because a model did not answer."""
        return None in self.by_model.values()


def ask(access: Access, collections: Iterable[UUID], text: str) -> Question:
    """Embed the question with the present embedder of each collection. Outside of any scope: a
    server may be asked, and no transaction should wait for it."""
    with vault_scope(access.vault_id):
        present = {c: one.now for c, one in choices(access, collections).items()}
    spaces = {collection: space_of(choice) for collection, choice in present.items()}
    if not any(map(str.isalnum, text)):
        return Question(spaces, {})
    return Question(
        spaces, {space_of(one).model: _embedded(one, text) for one in set(present.values())}
    )


def _embedded(choice: Choice, text: str) -> Embedding | None:
    try:
        return embedder_of(choice).query(text)
    except EmbedderError:
        return None
