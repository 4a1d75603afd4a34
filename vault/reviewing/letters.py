"""Letters: what a grantee posts to a collection that it may not change by itself."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from vault.access import Access
from vault.errors import Refused
from vault.ids import new_id
from vault.integrity.bound import letter_id
from vault.keys.epochs import must_last
from vault.keys.keyring import post_letter, tampered
from vault.keys.slots import Record
from vault.log import access_log
from vault.models import CollectionKey
from vault.models import Suggestion as Row
from vault.records import kind_of
from vault.scope import vault_scope
from vault.types import Evidence, SuggestedAction, Suggestion

MOST_WAITING = 200
"""Letters of one grant that may wait: who cannot be read must not fill the vault either."""


def suggest(
    access: Access,
    collection_id: UUID,
    *,
    action: SuggestedAction,
    text: str,
    kind: str,
    memory_id: UUID | None = None,
    settled: bool = False,
    title: str = "",
) -> Suggestion:
    """Post a letter to the collection: sealed to its letterbox, readable to its owner only.

    A `settled` one counts as accepted and is taken in when the owner next opens the vault.
    """
    box = access.letterboxes.get(collection_id)
    if box is None:
        raise Refused("This grant may not add anything here.")
    new, now = new_id(), timezone.now()
    data = written(Said(text, kind, action, memory_id, settled, title))
    bound = letter_id(new, access.asker.id, now)
    letter = post_letter(access.vault_id, collection_id, box.epoch, box.public, bound, data)
    with vault_scope(access.vault_id):
        must_last(access.vault_id, collection_id, box.epoch)
        mine = Row.objects.filter(vault_id=access.vault_id, grant_id=access.asker.id)
        if mine.count() >= MOST_WAITING:
            raise Refused("Too many suggestions are waiting. The owner has to look at them first.")
        Row.objects.create(
            vault_id=access.vault_id,
            id=new,
            collection_id=collection_id,
            grant_id=access.asker.id,
            action=action,
            memory_id=memory_id,
            epoch=box.epoch,
            letter=letter,
            settled=settled,
            suggested_at=now,
        )
        access_log.record(access, "suggested", [memory_id] if memory_id else [])
    return Suggestion(
        id=new,
        collection_id=collection_id,
        grant_id=access.asker.id,
        grant_name=access.asker.name,
        action=action,
        memory_id=memory_id,
        text=text,
        kind=kind_of(kind),
        suggested_at=now,
        title=title,
    )


@dataclass(frozen=True, slots=True)
class Said:
    """What stands in a letter: all that decides what taking it in would do."""

    text: str
    kind: str
    action: str
    memory_id: UUID | None
    settled: bool
    title: str = ""
    """Empty where there is none, or it stays as it is."""
    evidence: Evidence | None = None


def written(said: Said) -> bytes:
    memory = str(said.memory_id) if said.memory_id else ""
    fields: list[object] = [said.text, said.kind, said.action, memory, said.settled]
    fields += [said.title] if said.title or said.evidence else []
    fields += [_evidence_told(said.evidence)] if said.evidence else []
    return json.dumps(fields, ensure_ascii=False).encode()


def read(access: Access, row: Row) -> Said:
    """What it says. Tampered unless it opens, is a letter, and says what its row's columns say."""
    try:
        text, kind, action, memory, settled, *more = json.loads(_opened(access, row))
        about = (action, UUID(memory) if memory else None, settled)
        said = Said(text, kind, *about, *more[:1], *map(_evidence_read, more[1:]))
    except (ValueError, TypeError, AttributeError, KeyError):
        raise tampered() from None
    right = isinstance(text, str) and isinstance(said.title, str)
    right = right and (action, said.memory_id) == (row.action, row.memory_id)
    if not right or (row.settled and settled is not True):
        raise tampered()
    return said


def _evidence_told(evidence: Evidence) -> dict[str, object]:
    at = evidence.occurred_at
    lines = [line.hex for line in evidence.lines]
    return {"model": evidence.model, "lines": lines, "at": at.isoformat() if at else ""}


def _evidence_read(told: dict[str, Any]) -> Evidence:
    at = datetime.fromisoformat(told["at"]) if told["at"] else None
    return Evidence(str(told["model"]), tuple(UUID(line) for line in told["lines"]), at)


def _opened(access: Access, row: Row) -> bytes:
    keys = CollectionKey.objects.filter(
        vault_id=access.vault_id, collection_id=row.collection_id, epoch=row.epoch
    )
    private = keys.values_list("private_key", flat=True).first()
    if private is None:
        raise tampered()
    bound = letter_id(row.id, row.grant_id, row.suggested_at)
    return access.keyring.collect(row.collection_id, row.epoch, private, bound, row.letter)


def post_again(access: Access, row: Row, epoch: int, public: Record) -> None:
    """The same letter, to the letterbox of another epoch. The row is not saved."""
    data = _opened(access, row)
    bound = letter_id(row.id, row.grant_id, row.suggested_at)
    row.letter = post_letter(access.vault_id, row.collection_id, epoch, public, bound, data)
    row.epoch = epoch
