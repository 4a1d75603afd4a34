"""Collections opened for searching, each with vectors of the model that it has."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from vault.access import Access
from vault.embedding.embedders import Space, spaces
from vault.search import sealed


def open_all(access: Access, collections: Iterable[UUID]) -> list[sealed.Opened]:
    """By the models that they have at this moment."""
    return open_at(access, spaces(access, collections))


def open_at(access: Access, places: Mapping[UUID, Space]) -> list[sealed.Opened]:
    """By the models that they had a moment ago, when a question was embedded."""
    opened: list[sealed.Opened] = []
    for space in dict.fromkeys(places.values()):
        chosen = [collection for collection, its in places.items() if its == space]
        opened += sealed.open_collections(access, chosen, model=space.model, dim=space.dim)
    return opened
