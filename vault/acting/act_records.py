"""How an act is kept until it cannot be undone any more: its parts, each authenticated."""

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from vault.access import Access
from vault.errors import NotFound, Tampered
from vault.history import UNDO_FOR
from vault.keys.epochs import names_key
from vault.keys.keyring import Key
from vault.models import Act, ActPart


def new_act(
    access: Access,
    verb: str,
    collection_id: UUID,
    total: int,
    *,
    param: str = "",
    memory_id: UUID | None = None,
) -> Act:
    """An act of now, running. Acts that nobody can undo any more are cleared away meanwhile."""
    now = timezone.now()
    over = Act.objects.filter(vault_id=access.vault_id, made_at__lt=now - UNDO_FOR)
    # Acts are locked before memories, and whoever merges holds memories by now: it waits for none.
    ids = list(over.select_for_update(skip_locked=True).values_list("id", flat=True))
    if ids:
        ActPart.objects.filter(vault_id=access.vault_id, act_id__in=ids).delete()
        over.filter(id__in=ids).delete()
    return Act.objects.create(
        vault_id=access.vault_id,
        verb=verb,
        param=param,
        collection_id=collection_id,
        memory_id=memory_id,
        total=total,
        made_at=now,
    )


def add_parts(
    access: Access,
    act: Act,
    parts: Iterable[tuple[Any, UUID | None]],
    *,
    done: bool,
) -> None:
    """Each part is what it says, as JSON has it, and the one memory that it is about, if it is."""
    key = _key(access, act)
    rows = []
    for number, (said, memory_id) in enumerate(parts):
        row = ActPart(vault_id=act.vault_id, act_id=act.id, number=number, memory_id=memory_id)
        _write(key, act, row, said, done)
        rows.append(row)
    ActPart.objects.bulk_create(rows)


def rewrite(access: Access, act: Act, part: ActPart, said: Any) -> None:
    """The part is done: from now on it says what its memories were before."""
    _write(_key(access, act), act, part, said, done=True)
    part.save(update_fields=["data", "mac", "done"])


def said_by(access: Access, act: Act, part: ActPart) -> Any:
    """What the part says. Tampered when it was not written here."""
    if not _key(access, act).verifies(_bound(act, part), bytes(part.mac)):
        raise Tampered(
            gettext("What this act had done was altered in the database. It was not undone.")
        )
    return json.loads(bytes(part.data))


def parts_of(access: Access, act: Act) -> QuerySet[ActPart]:
    mine = ActPart.objects.filter(vault_id=access.vault_id, act_id=act.id)
    return mine.order_by("number")


def undoable(access: Access) -> QuerySet[Act]:
    """The acts that are not too old. What an older one forgot may be shredded by now."""
    since = timezone.now() - UNDO_FOR
    return Act.objects.filter(vault_id=access.vault_id, made_at__gte=since)


def locked_act(access: Access, act_id: UUID) -> Act:
    """The owner's act, locked. NotFound when it cannot be undone any more."""
    access.must_own()
    act = undoable(access).filter(id=act_id).select_for_update().first()
    if act is None:
        raise NotFound(
            gettext(
                "This was done more than 30 days ago, or its collection was deleted since: it"
                " cannot be undone any more."
            )
        )
    return act


def closed(act: Act, state: Act.State) -> None:
    """Save that a merge or a split is done, or undone."""
    act.state, act.done, act.changed = state, act.total, act.total
    act.save(update_fields=["state", "done", "changed"])


def _key(access: Access, act: Act) -> Key:
    return names_key(access, act.collection_id).derive("acts")


def _write(key: Key, act: Act, part: ActPart, said: Any, done: bool) -> None:
    part.data, part.done = json.dumps(said, separators=(",", ":")).encode(), done
    part.mac = key.mac(_bound(act, part))


def _bound(act: Act, part: ActPart) -> bytes:
    about = [one.memory_id.hex if one.memory_id else "" for one in (act, part)]
    place = [act.id.hex, act.verb, act.param, act.made_at.timestamp(), part.number, part.done]
    return json.dumps([*place, *about]).encode() + b"\0" + bytes(part.data)
