"""Switching the embedder: every memory gets a vector of the next one while the present one answers.

The vectors that are there are the checkpoint: what has one is done, whoever stops in the middle.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import QuerySet

from vault.access import Access
from vault.embedding import indexing
from vault.embedding.embedders import Chosen, choices, chosen, seal, space_of
from vault.integrity import manifests
from vault.log import access_log
from vault.models import Collection, Memory, Segment, TurnedVector, Vector
from vault.scope import vault_scope
from vault.search.budget import count_tokens
from vault.search.choice import BUNDLED, Choice

_SAMPLE = 300


@dataclass(frozen=True, slots=True)
class Estimate:
    """What would be embedded: exactly so many memories, about so many tokens."""

    memories: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Progress:
    """Of `total` memories `done` have a vector of the next embedder. `waiting` have none of the
    present one yet: words find them. `next` is None when no switch is under way."""

    now: Choice
    next: Choice | None
    total: int
    done: int
    waiting: int
    trouble: str


def estimate(access: Access) -> Estimate:
    """From a sample that is the same each time."""
    access.must_own()
    with vault_scope(access.vault_id):
        kept = _kept(access)
        total = kept.count()
        texts = [indexing.text_of(access, row) for row in kept.order_by("digest")[:_SAMPLE]]
    mean = sum(map(count_tokens, texts)) / max(len(texts), 1)
    return Estimate(total, round(mean * total))


def switch(access: Access, choice: Choice) -> None:
    """Begin to embed everything with another embedder, tried out before. Empty collections have it
    at once. Another switch under way is given up."""
    access.must_own()
    with vault_scope(access.vault_id):
        filled = set(_kept(access).values_list("collection_id", flat=True).distinct())
        for collection, was in choices(access, lock="FOR NO KEY UPDATE").items():
            if choice == was.now:
                _write(access, collection, Chosen(was.now))
            elif collection in filled:
                _write(access, collection, Chosen(was.now, choice))
            else:
                _write(access, collection, Chosen(choice))
            _drop_others(access, collection, space_of(was.now).model, space_of(choice).model)
        access_log.record(access, "embedder")


def cancel_switch(access: Access) -> None:
    """Stay with the present embedder; what was made with the other is deleted."""
    access.must_own()
    with vault_scope(access.vault_id):
        for collection, was in choices(access, lock="FOR NO KEY UPDATE").items():
            if was.next is not None:
                _write(access, collection, Chosen(was.now))
                _drop_others(access, collection, space_of(was.now).model)


def change_key(access: Access, key: str) -> None:
    """Another API key for the same server and model: the vectors stay good. EmbedderRefused for
    what cannot be a key."""
    access.must_own()

    def keyed(choice: Choice) -> Choice:
        return choice.with_key(key) if choice.leaves else choice

    with vault_scope(access.vault_id):
        for collection, was in choices(access, lock="FOR NO KEY UPDATE").items():
            after = keyed(was.next) if was.next else None
            _write(access, collection, Chosen(keyed(was.now), after))


def adopt(access: Access, collection_id: UUID) -> None:
    """Give a new, empty collection the embedder that the others have. Within a scope."""
    others = {c: one for c, one in choices(access).items() if c != collection_id}
    found = [one.next or one.now for one in others.values()]
    if found:
        _write(access, collection_id, Chosen(max(found, key=found.count)))


def complete(access: Access, collection_id: UUID, allowed: int = 0) -> bool:
    """Make the next embedder the present one, if all memories but `allowed` have its vector.

    The old vectors stay until `sweep`: searches that began before still need them.
    """
    with vault_scope(access.vault_id):
        was = choices(access, [collection_id], "FOR NO KEY UPDATE")[collection_id]
        if was.next is None:
            return True
        left = indexing.wanting(access, {collection_id: space_of(was.next).model})
        if left.count() > allowed:
            return False
        _write(access, collection_id, Chosen(was.next))
    return True


def note_trouble(access: Access, trouble: str) -> None:
    """Keep for the owner to see why the switch does not go on; "" when it does again."""
    with vault_scope(access.vault_id):
        for collection, was in choices(access, lock="FOR NO KEY UPDATE").items():
            if was.next is not None and was.trouble != trouble:
                _write(access, collection, replace(was, trouble=trouble))


def sweep(access: Access) -> None:
    """Delete vectors of embedders that no collection has any more."""
    with vault_scope(access.vault_id):
        for collection, one in choices(access, lock="FOR NO KEY UPDATE").items():
            after = [space_of(one.next).model] if one.next else []
            _drop_others(access, collection, space_of(one.now).model, *after)


def progress(access: Access) -> Progress:
    """Of the owner's, whatever device began it."""
    access.must_own()
    most = chosen(access)
    with vault_scope(access.vault_id):
        found = choices(access)
        total = _kept(access).count()
        waiting = indexing.wanting(access, models(found)).count()
        following = {c: one.next for c, one in found.items() if one.next}
        left = indexing.wanting(access, {c: space_of(n).model for c, n in following.items()})
        done = total - left.count() if following else total
    trouble = next((one.trouble for one in found.values() if one.trouble), "")
    after = next(iter(following.values()), None)
    return Progress(most.now, after, total, done, waiting, trouble)


def models(found: Mapping[UUID, Chosen]) -> dict[UUID, str]:
    """The present embedders' models by collection."""
    return {collection: space_of(one.now).model for collection, one in found.items()}


def _kept(access: Access) -> QuerySet[Memory]:
    rows = Memory.objects.filter(vault_id=access.vault_id, collection_id__in=access.visible)
    return rows.filter(forgotten_at=None).exclude(sealed=b"")


def _write(access: Access, collection: UUID, chosen: Chosen) -> None:
    mine = Collection.objects.filter(vault_id=access.vault_id, id=collection)
    epoch = mine.values_list("epoch", flat=True).get()
    place = (access.keyring, collection, epoch)
    now, after = chosen.now, chosen.next
    more = {"as": "next", "trouble": chosen.trouble}
    with manifests.altering(access, collection):
        mine.update(
            sealed_embedder=b"" if now == BUNDLED else seal(*place, now, {"as": "now"}),
            sealed_next_embedder=seal(*place, after, more) if after else b"",
        )


def _drop_others(access: Access, collection: UUID, *kept: str) -> None:
    for table in (Vector, Segment, TurnedVector):
        rows = table.objects.filter(vault_id=access.vault_id, collection_id=collection)
        rows.exclude(model__in=kept).delete()
