"""The owner's rules for sorting: kept sealed, each under the key of the collection it leads to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Max

from vault import browse, records
from vault.access import Access
from vault.epochs import epochs
from vault.errors import Invalid, NotFound, Refused
from vault.ids import new_id
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


def listing(access: Access) -> list[Rule]:
    """In the order in which they are asked. For the owner, and a job of theirs that sorts."""
    if access.asker.kind == "token":
        raise Refused("Only the owner of the vault may do this.")
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
            raise Invalid(f"There can be {MOST} rules. Delete one that you need no more.")
        last = mine.aggregate(last=Max("position"))["last"]
        row = Row(vault_id=access.vault_id, id=new_id(), position=0 if last is None else last + 1)
        _seal(access, row, collection_id, condition)
        row.save(force_insert=True)
        return _opened(access, row)


def update(access: Access, rule_id: UUID, collection_id: UUID, condition: Condition) -> Rule:
    access.must_own()
    _check(condition)
    with vault_scope(access.vault_id):
        row = _row(access, rule_id)
        _seal(access, row, collection_id, condition)
        row.save(update_fields=["collection_id", "epoch", "sealed"])
        return _opened(access, row)


def delete(access: Access, rule_id: UUID) -> None:
    access.must_own()
    with vault_scope(access.vault_id):
        _row(access, rule_id)
        Row.objects.filter(vault_id=access.vault_id, id=rule_id).delete()


def get(access: Access, rule_id: UUID) -> Rule:
    access.must_own()
    with vault_scope(access.vault_id):
        return _opened(access, _row(access, rule_id))


def shift(access: Access, rule_id: UUID, *, up: bool) -> None:
    """Ask it one place earlier, or later. At the end of the list nothing changes."""
    ids = [rule.id for rule in listing(access)]
    if rule_id not in ids:
        raise NotFound("There is no such rule.")
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
            raise Invalid("The rules changed meanwhile. Look at them again.")
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
        raise NotFound("There is no such rule.")
    return row


def _seal(access: Access, row: Row, collection_id: UUID, condition: Condition) -> None:
    access.narrowed({collection_id})
    row.collection_id, row.epoch = collection_id, epochs(access, [collection_id])[collection_id]
    place = (row.collection_id, row.epoch, "rule", row.id, 0)
    row.sealed = access.keyring.seal(*place, condition.to_bytes())


def _opened(access: Access, row: Row) -> Rule:
    data = access.keyring.open(row.collection_id, row.epoch, "rule", row.id, 0, row.sealed)
    return Rule(row.id, row.collection_id, Condition.from_bytes(data))
