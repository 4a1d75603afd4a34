"""The sorter for one vault: its collections, its owner's rules, and what is there already."""

from collections.abc import Iterable, Sequence
from functools import cache
from uuid import UUID

from vault import collections, rules
from vault.access import Access
from vault.embedding.embedders import embedder_of
from vault.models import Memory as Row
from vault.records import open_content
from vault.scope import vault_scope
from vault.search.choice import Choice
from vault.search.models import minilm
from vault.sorting.head import MODEL
from vault.sorting.homes import Home, needs_samples
from vault.sorting.meaning import Meaning
from vault.sorting.sorter import Sorter
from vault.visible import visible_rows

SAMPLES = 24
"""Memories of a collection that tell what is kept in it."""
_SAMPLE_CHARACTERS = 200


def sorter(access: Access, found: Sequence[Home] | None = None) -> Sorter:
    """For the owner, or their job; `found` are their homes. Make one for a whole batch."""
    return Sorter(homes(access) if found is None else found, rules.listing(access), model())


def homes(access: Access, *, by_name: bool = False) -> list[Home]:
    """The collections that may be seen, in their order; with samples where a name tells too little,
    unless the names have to do, which is quicker."""
    return [
        Home(
            one.id,
            one.name,
            one.private,
            () if by_name or not needs_samples(one.name) else _samples(access, one.id),
        )
        for one in collections.listing(access)
        if access.may_see(one.id)
    ]


@cache
def model() -> Meaning | None:
    """Always the model on this server, whichever one search uses: nothing leaves it to be sorted.

    None where its files are missing: then words alone decide.
    """
    if not minilm.available():
        return None
    here = embedder_of(Choice("minilm"))
    return Meaning(here) if here.model == MODEL else None


def _samples(access: Access, collection_id: UUID) -> tuple[str, ...]:
    with vault_scope(access.vault_id):
        rows: Iterable[Row] = (
            visible_rows(access)
            .filter(collection_id=collection_id, forgotten_at=None, held="")
            .exclude(kind="episode")
            .order_by("-sorted_at", "-id")[:SAMPLES]
        )
        return tuple(open_content(access.keyring, row).text[:_SAMPLE_CHARACTERS] for row in rows)
