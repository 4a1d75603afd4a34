"""Sealed or indexed: how a collection's vectors lie in the database, and the way from one to the
other.

Indexed mode is obfuscation, not encryption. The vectors are copied first; then the collection is
searched the other way; then what lies there twice is deleted. Searches are answered all the while,
and whoever stops in the middle goes on from the collection's own row:

    sealed  ⟶ copying ⟶  indexed, cleaning  ⟶ indexed          and back in the same way
"""

from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import QuerySet

from vault.access import Access
from vault.embedding import turning
from vault.embedding.folding import put_segment
from vault.ids import by_model
from vault.integrity import manifests
from vault.log import access_log
from vault.models import Collection, Segment, TurnedVector, Vector
from vault.scope import vault_scope
from vault.search import kept
from vault.search.segments import MOST, unpack
from vault.search.turned import drop_indexes

_ROWS = {"sealed": 5_000, "indexed": 16}  # turned vectors or segments deleted at a time


@dataclass(frozen=True, slots=True)
class State:
    """How a collection is searched. `becoming` is "" or what it is being brought to; then `share`
    (0..1) of the way is done."""

    indexed: bool
    becoming: str
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Step:
    """Where the way is: `model` and the last `after` that was copied, `through` when all was.
    `done` at its end. One worker at a time takes steps."""

    model: str = ""
    after: str = ""
    through: bool = False
    done: bool = False


def state(access: Access, collection_id: UUID) -> State:
    """NotFound unless the asker may see the collection."""
    access.narrowed({collection_id})
    with vault_scope(access.vault_id):
        now = turning.mode(access, collection_id)
        if not now.becoming or now.indexed == (now.becoming == "indexed"):
            return State(now.indexed, now.becoming)
        return State(now.indexed, now.becoming, _share(access, collection_id, now.becoming))


def begin(access: Access, collection_id: UUID, *, indexed: bool) -> bool:
    """Set out, or turn round on the way. Whether there is anything to do."""
    access.must_own()
    access.narrowed({collection_id})
    with vault_scope(access.vault_id):
        now = turning.mode(access, collection_id, "FOR UPDATE")
        if now.indexed == indexed and not now.becoming:
            return False
        wanted = "indexed" if indexed else "sealed"
        if now.becoming != wanted:
            _write(access, collection_id, becoming=wanted)
            access_log.record(access, wanted)
    return True


def go_on(access: Access, collection_id: UUID, step: Step) -> Step:
    """Do the next bit, in one transaction. NotFound when the collection is gone."""
    with vault_scope(access.vault_id):
        now = turning.mode(access, collection_id, "FOR UPDATE" if step.through else "FOR SHARE")
        if not now.becoming:
            return Step(done=True)
        if now.indexed == (now.becoming == "indexed"):
            return _clean(access, collection_id, now.becoming)
        if step.through:
            return _flip(access, collection_id, now.becoming, step)
        copy = _turn_segment if now.becoming == "indexed" else _seal_portion
        return copy(access, collection_id, step)


def _turn_segment(access: Access, collection: UUID, step: Step) -> Step:
    segment = _segments(access, collection, step).order_by("id").first()
    if segment is None:
        return replace(step, through=True)
    place = ("segment", by_model(segment.id, segment.model), 0)
    data = access.keyring.open(collection, segment.epoch, *place, segment.sealed)
    entries = [(id, revision, one.to_bytes()) for id, revision, one in unpack(data)]
    turning.put(access, collection, segment.model, entries)
    return Step(after=str(segment.id))


def _seal_portion(access: Access, collection: UUID, step: Step) -> Step:
    if not step.model:  # what an earlier attempt left
        _segments(access, collection).delete()
    models = turning.models(access, collection)
    model = step.model or next(iter(models), "")
    after = UUID(step.after) if step.after else None
    if model and (entries := turning.back(access, collection, model, after, MOST)):
        put_segment(access, collection, model, entries)
        return Step(model, str(entries[-1][0]))
    following = next((other for other in models if other > model), None)
    return Step(following) if model and following else replace(step, through=True)


def _flip(access: Access, collection: UUID, becoming: str, step: Step) -> Step:
    """From now on it is searched the other way. Nobody folds while this looks at what is there."""
    if becoming == "indexed" and _segments(access, collection, step).exists():
        return replace(step, through=False)  # something was folded meanwhile
    turning.drop_lost(access, collection)
    if becoming == "sealed":
        kept.forget(access, collection)  # it has no texts
    _write(access, collection, indexed=becoming == "indexed")
    return Step()


def _clean(access: Access, collection: UUID, now: str) -> Step:
    """Delete what the other way of searching had, portion by portion."""
    if now == "sealed" and drop_indexes(collection):
        return Step()
    rows = TurnedVector if now == "sealed" else Segment
    mine = rows.objects.filter(vault_id=access.vault_id, collection_id=collection)
    ids = list(mine.order_by("id").values_list("id", flat=True)[: _ROWS[now]])
    mine.filter(id__in=ids).delete()
    if ids:
        return Step()
    if turning.mode(access, collection, "FOR UPDATE").becoming == now:
        _write(access, collection, becoming="")
    return Step(done=True)


def _share(access: Access, collection: UUID, becoming: str) -> float:
    place = {"vault_id": access.vault_id, "collection_id": collection}
    folded = Vector.objects.filter(**place, passages=None).count()
    if becoming == "indexed":
        done = TurnedVector.objects.filter(**place, passage=0).count()
    else:
        done = sum(_segments(access, collection).values_list("count", flat=True))
    return min(1.0, done / folded) if folded else 1.0


def _segments(access: Access, collection: UUID, after: Step | None = None) -> QuerySet[Segment]:
    rows = Segment.objects.filter(vault_id=access.vault_id, collection_id=collection)
    return rows.filter(id__gt=UUID(after.after)) if after and after.after else rows


def _write(access: Access, collection: UUID, **columns: object) -> None:
    with manifests.altering(access, collection):
        mine = Collection.objects.filter(vault_id=access.vault_id, id=collection)
        mine.update(**columns)
