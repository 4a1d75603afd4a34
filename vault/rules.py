"""The owner's rules for sorting: kept sealed, each under the key of the collection it leads to."""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext

from vault import browse, records
from vault.access import Access
from vault.errors import Invalid, NotFound, Refused
from vault.ids import new_id
from vault.keys.epochs import epochs, must_still_open
from vault.models import SortingRule as Row
from vault.scope import vault_scope
from vault.sorting.rules import Condition, Matcher, Rule, Subject, all_words
from vault.types import Memory
from vault.visible import Selection, selected_rows

MOST = 100
"""Rules of one owner."""
LOOKED_AT = 5000
"""The newest memories that a rule is tried on."""
_EXAMPLES = 5
_PORTION = 500


@dataclass(frozen=True, slots=True)
class Trial:
    """How many of the memories that were looked at a rule fits, and a few of them."""

    fitting: int
    looked_at: int
    examples: tuple[Memory, ...]


@dataclass(frozen=True, slots=True)
class Before:
    """A rule as it was before it was changed or deleted, still sealed. As JSON in `to_json`."""

    id: UUID
    collection_id: UUID
    epoch: int
    position: int
    sealed: bytes

    def to_json(self) -> dict[str, Any]:
        ids = {"id": self.id.hex, "collection_id": self.collection_id.hex}
        numbers = {"epoch": self.epoch, "position": self.position}
        return {**ids, **numbers, "sealed": base64.b64encode(self.sealed).decode()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Before":
        ids = UUID(data["id"]), UUID(data["collection_id"])
        sealed = base64.b64decode(data["sealed"])
        return cls(*ids, int(data["epoch"]), int(data["position"]), sealed)


def listing(access: Access) -> list[Rule]:
    """In the order in which they are asked. For the owner, and a job of theirs that sorts."""
    if access.asker.kind == "token":
        raise Refused(gettext("Only the owner of the vault may do this."))
    with vault_scope(access.vault_id):
        mine = Row.objects.filter(vault_id=access.vault_id, collection_id__in=access.visible)
        return [_opened(access, row) for row in mine.order_by("position", "id")]


def create(access: Access, collection_id: UUID, condition: Condition) -> Rule:
    """A new rule, asked after all others. Invalid when the condition says nothing."""
    access.must_own()
    _check(condition)
    with vault_scope(access.vault_id):
        mine = Row.objects.filter(vault_id=access.vault_id)
        if mine.count() >= MOST:
            raise Invalid(
                gettext("There can be %(most)s rules. Delete one that you need no more.")
                % {"most": MOST}
            )
        last = mine.aggregate(last=Max("position"))["last"]
        row = Row(vault_id=access.vault_id, id=new_id(), position=0 if last is None else last + 1)
        _seal(access, row, collection_id, condition)
        row.save(force_insert=True)
        return _opened(access, row)


def update(access: Access, rule_id: UUID, collection_id: UUID, condition: Condition) -> Before:
    """What it was before: `put_back` makes it that again."""
    access.must_own()
    _check(condition)
    with vault_scope(access.vault_id):
        row = _row(access, rule_id)
        before = _before(row)
        _seal(access, row, collection_id, condition)
        row.save(update_fields=["collection_id", "epoch", "sealed"])
    return before


def delete(access: Access, rule_id: UUID) -> Before:
    """What it was: `put_back` makes it again."""
    access.must_own()
    with vault_scope(access.vault_id):
        before = _before(_row(access, rule_id))
        Row.objects.filter(vault_id=access.vault_id, id=rule_id).delete()
    return before


def put_back(access: Access, before: Before) -> Rule:
    """Undo a change or a deletion, at the place where it was.

    NotFound when its collection is gone, Stale when the key that it is sealed under is.
    """
    access.must_own()
    access.narrowed({before.collection_id})
    with vault_scope(access.vault_id):
        # This session may hold a key that was destroyed since: nobody else would ever open it.
        must_still_open(access.vault_id, before.collection_id, before.epoch)
        mine = Row.objects.filter(vault_id=access.vault_id)
        row = mine.filter(id=before.id).select_for_update().first()
        adding = row is None
        row = row or Row(vault_id=access.vault_id, id=before.id)
        row.collection_id, row.epoch = before.collection_id, before.epoch
        row.position, row.sealed = before.position, before.sealed
        rule = _opened(access, row)
        row.save(force_insert=adding)
    return rule


def get(access: Access, rule_id: UUID) -> Rule:
    access.must_own()
    with vault_scope(access.vault_id):
        return _opened(access, _row(access, rule_id))


def shift(access: Access, rule_id: UUID, *, up: bool) -> None:
    """Ask it one place earlier, or later. At the end of the list nothing changes."""
    ids = [rule.id for rule in listing(access)]
    if rule_id not in ids:
        raise NotFound(gettext("There is no such rule."))
    at = ids.index(rule_id)
    other = at - 1 if up else at + 1
    if 0 <= other < len(ids):
        ids[at], ids[other] = ids[other], ids[at]
        reorder(access, ids)


def reorder(access: Access, rule_ids: Sequence[UUID]) -> None:
    """Ask them in this order. Invalid unless every rule is named once."""
    access.must_own()
    with vault_scope(access.vault_id):
        mine = Row.objects.filter(vault_id=access.vault_id, collection_id__in=access.visible)
        rows = {row.id: row for row in mine.select_for_update()}
        if len(rule_ids) != len(rows) or set(rule_ids) != rows.keys():
            raise Invalid(gettext("The rules changed meanwhile. Look at them again."))
        for position, rule_id in enumerate(rule_ids):
            rows[rule_id].position = position
        Row.objects.bulk_update(rows.values(), ["position"])


def try_out(access: Access, condition: Condition) -> Trial:
    """How many of the newest memories a rule with this condition would fit."""
    access.must_own()
    _check(condition)
    matcher, fitting, looked_at = Matcher(condition), 0, 0
    found: list[UUID] = []
    for subjects in _subjects(access):
        for memory_id, subject in subjects:
            looked_at += 1
            if matcher.fits(subject, all_words(subject.text), all_words(subject.title)):
                fitting += 1
                found += [memory_id] if len(found) < _EXAMPLES else []
    examples = browse.selected(access, Selection(ids=found)).memories if found else ()
    return Trial(fitting, looked_at, examples)


def subject_of(memory: Memory) -> Subject:
    """A memory that is here as rules and the sorter see it."""
    vendor = memory.sources[0].vendor if memory.sources else ""
    title = memory.title or (memory.sources[0].conversation_title if memory.sources else "")
    return Subject(memory.text, title, memory.kind, memory.role, memory.speaker, vendor)


def _subjects(access: Access) -> Iterator[list[tuple[UUID, Subject]]]:
    with vault_scope(access.vault_id):
        rows = selected_rows(access, Selection()).order_by("-sorted_at", "-id")
        ids = list(rows.values_list("id", flat=True)[:LOOKED_AT])
    for start in range(0, len(ids), _PORTION):
        with vault_scope(access.vault_id):
            portion = ids[start : start + _PORTION]
            opened = selected_rows(access, Selection(ids=portion))
            seen = records.views(access, opened, browse.sources_of(access, portion))
            yield [(memory.id, subject_of(memory)) for memory in seen]


def _check(condition: Condition) -> None:
    field, problem = condition.problem()
    if problem:
        raise Invalid(problem, field)


def _row(access: Access, rule_id: UUID) -> Row:
    mine = Row.objects.filter(vault_id=access.vault_id, collection_id__in=access.visible)
    row = mine.filter(id=rule_id).select_for_update().first()
    if row is None:
        raise NotFound(gettext("There is no such rule."))
    return row


def _before(row: Row) -> Before:
    return Before(row.id, row.collection_id, row.epoch, row.position, bytes(row.sealed))


def _seal(access: Access, row: Row, collection_id: UUID, condition: Condition) -> None:
    access.narrowed({collection_id})
    row.collection_id, row.epoch = collection_id, epochs(access, [collection_id])[collection_id]
    place = (row.collection_id, row.epoch, "rule", row.id, 0)
    row.sealed = access.keyring.seal(*place, condition.to_bytes())


def _opened(access: Access, row: Row) -> Rule:
    data = access.keyring.open(row.collection_id, row.epoch, "rule", row.id, 0, row.sealed)
    return Rule(row.id, row.collection_id, Condition.from_bytes(data))
