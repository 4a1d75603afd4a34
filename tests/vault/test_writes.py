"""Many rows in one statement: every kind of column, and nothing that was not there."""

from datetime import UTC, datetime

from tests.people import Person
from vault import memories
from vault.models import Memory, Source
from vault.scope import vault_scope
from vault.types import Draft
from vault.writes import update_rows

WHEN = datetime(2024, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)


def test_every_kind_of_column_is_saved_and_the_others_stay(ana: Person, ben: Person) -> None:
    for person in (ana, ben):
        for text in ("one", "two", "three"):
            memories.remember(person.access, person.collection("Work"), Draft(text))
    with vault_scope(ana.vault_id):
        rows = list(Memory.objects.filter(vault_id=ana.vault_id).order_by("id"))
        for number, row in enumerate(rows):
            row.kind, row.revision, row.pinned = f"kind {number}", number + 7, number == 1
            row.sealed, row.valid_until = bytes([0, number, 255]), WHEN if number else None
            row.conversation = row.id if number else None
            row.held = "not to be saved"
        update_rows(rows, "kind", "revision", "pinned", "sealed", "valid_until", "conversation")
        again = list(Memory.objects.filter(vault_id=ana.vault_id).order_by("id"))
    for number, (row, now) in enumerate(zip(rows, again, strict=True)):
        assert (now.kind, now.revision, now.pinned) == (f"kind {number}", number + 7, number == 1)
        assert bytes(now.sealed) == bytes([0, number, 255])
        assert (now.valid_until, now.conversation) == (row.valid_until, row.conversation)
        assert now.held == ""
    with vault_scope(ben.vault_id):
        assert set(Memory.objects.values_list("kind", flat=True)) == {"fact"}


def test_a_row_deleted_meanwhile_is_not_brought_back(ana: Person) -> None:
    memories.remember(ana.access, ana.collection("Work"), Draft("one"))
    with vault_scope(ana.vault_id):
        rows = list(Source.objects.filter(vault_id=ana.vault_id))
        Source.objects.filter(vault_id=ana.vault_id).delete()
        update_rows(rows, "sealed", "epoch")
        assert not Source.objects.filter(vault_id=ana.vault_id).exists()
        update_rows([], "sealed")


def test_row_level_security_holds_for_it_as_well(ana: Person, ben: Person) -> None:
    memories.remember(ana.access, ana.collection("Work"), Draft("one"))
    with vault_scope(ana.vault_id):
        rows = list(Memory.objects.filter(vault_id=ana.vault_id))
    with vault_scope(ben.vault_id):
        rows[0].kind = "event"
        update_rows(rows, "kind")
    with vault_scope(ana.vault_id):
        assert Memory.objects.get(vault_id=ana.vault_id).kind == "fact"
