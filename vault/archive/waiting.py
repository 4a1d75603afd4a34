"""What waits for the owner's word or says what it is: suggestions, pairs, rules for sorting."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from typing import cast

from vault.access import Access
from vault.archive import lines
from vault.archive.errors import Damaged
from vault.archive.lines import PairKind, PairState
from vault.archive.memories import EPOCH
from vault.archive.taking import Taking, portions
from vault.integrity.bound import letter_id
from vault.keys.keyring import post_letter
from vault.models import CollectionKey, Pair, SortingRule, Suggestion
from vault.records import kind_of
from vault.reviewing.distilled import BY
from vault.reviewing.letters import Said, read, written
from vault.sorting.rules import Condition
from vault.types import Evidence, SuggestedAction


def take_suggestions(taking: Taking) -> Iterator[lines.Suggestion]:
    access = taking.access
    mine = Suggestion.objects.filter(vault_id=access.vault_id, collection_id__in=access.visible)
    for portion in portions(mine.order_by("suggested_at", "id")):
        yield from taking.each("suggestions", portion, lambda row: _suggestion(access, row))


def take_pairs(taking: Taking) -> Iterator[lines.Pair]:
    mine = Pair.objects.filter(vault_id=taking.access.vault_id)
    for portion in portions(mine.order_by("found_at", "id")):
        yield from taking.each("pairs", portion, _pair)


def take_rules(taking: Taking) -> Iterator[lines.Rule]:
    access = taking.access
    mine = SortingRule.objects.filter(vault_id=access.vault_id, collection_id__in=access.visible)
    for portion in portions(mine.order_by("position", "id")):
        yield from taking.each("rules", portion, lambda row: _rule(access, row))


def put_suggestions(access: Access, portion: Sequence[lines.Suggestion]) -> None:
    """Post them again, to the new letterboxes."""
    keys = CollectionKey.objects.filter(vault_id=access.vault_id, epoch=EPOCH)
    boxes = {key: bytes(public) for key, public in keys.values_list("collection_id", "public_key")}
    rows = []
    for line in portion:
        if line.collection_id not in access.visible & boxes.keys() or not _may_rest(line):
            raise Damaged
        data, bound = written(_said(line)), letter_id(line.id, line.grant_id, line.suggested_at)
        place = (access.vault_id, line.collection_id, EPOCH, boxes[line.collection_id])
        row = Suggestion(
            vault_id=access.vault_id,
            id=line.id,
            collection_id=line.collection_id,
            grant_id=line.grant_id,
            action=line.action,
            memory_id=line.memory_id,
            epoch=EPOCH,
            letter=post_letter(*place, bound, data),
            settled=line.settled,
            suggested_at=line.suggested_at,
        )
        rows.append(row)
    Suggestion.objects.bulk_create(rows)


def put_pairs(access: Access, portion: Sequence[lines.Pair]) -> None:
    rows = [
        Pair(
            vault_id=access.vault_id,
            id=line.id,
            first_id=line.first_id,
            second_id=line.second_id,
            kind=line.kind,
            state=line.state,
            found_at=line.found_at,
            settled_at=line.settled_at,
        )
        for line in portion
    ]
    Pair.objects.bulk_create(rows)


def put_rules(access: Access, portion: Sequence[lines.Rule]) -> None:
    for line in portion:
        if line.collection_id not in access.visible:
            raise Damaged
        place = (line.collection_id, EPOCH, "rule", line.id, 0)
        SortingRule(
            vault_id=access.vault_id,
            id=line.id,
            collection_id=line.collection_id,
            epoch=EPOCH,
            sealed=access.keyring.seal(*place, _condition(line).to_bytes()),
            position=line.position,
        ).save(force_insert=True)
        # The moment of making is set by itself on saving.
        mine = SortingRule.objects.filter(vault_id=access.vault_id, id=line.id)
        mine.update(created_at=line.created_at)


def _suggestion(access: Access, row: Suggestion) -> lines.Suggestion:
    said = read(access, row)
    return lines.Suggestion(
        id=row.id,
        collection_id=row.collection_id,
        grant_id=row.grant_id,
        action=cast(SuggestedAction, row.action),
        memory_id=row.memory_id,
        title=said.title,
        text=said.text,
        memory_kind=kind_of(said.kind),
        settled=row.settled,
        suggested_at=row.suggested_at,
        evidence=_line_of(said.evidence) if row.grant_id == BY else None,
    )


def _line_of(evidence: Evidence | None) -> lines.Evidence | None:
    if evidence is None:
        return None
    return lines.Evidence(evidence.model, evidence.lines, evidence.occurred_at)


def _may_rest(line: lines.Suggestion) -> bool:
    """Only what was distilled rests on turns, and nobody takes that in unasked."""
    distilled = line.grant_id == BY and line.action == "remember" and not line.settled
    return line.evidence is None or (distilled and bool(line.evidence.model))


def _said(line: lines.Suggestion) -> Said:
    about = (line.action, line.memory_id, line.settled)
    rests = line.evidence
    evidence = Evidence(rests.model, rests.lines, rests.occurred_at) if rests else None
    return Said(line.text, line.memory_kind, *about, title=line.title, evidence=evidence)


def _pair(row: Pair) -> lines.Pair:
    return lines.Pair(
        id=row.id,
        first_id=row.first_id,
        second_id=row.second_id,
        kind=cast(PairKind, row.kind),
        state=cast(PairState, row.state),
        found_at=row.found_at,
        settled_at=row.settled_at,
    )


def _rule(access: Access, row: SortingRule) -> lines.Rule:
    data = access.keyring.open(row.collection_id, row.epoch, "rule", row.id, 0, row.sealed)
    return lines.Rule(
        id=row.id,
        collection_id=row.collection_id,
        position=row.position,
        created_at=row.created_at,
        **asdict(Condition.from_bytes(data)),
    )


def _condition(line: lines.Rule) -> Condition:
    parts = {field.name: getattr(line, field.name) for field in fields(Condition)}
    condition = Condition(**parts)
    if condition.problem()[1]:
        raise Damaged
    return condition
