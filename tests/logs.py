"""Logs with lines in them, and their rows as a writer of the database sees and changes them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from tests.people import Person
from vault.log import access_log
from vault.log.log_export import export
from vault.models import LogEntry, LogHead
from vault.scope import vault_scope

Row = dict[str, Any]
LINES = 7


@dataclass(repr=False)
class State:
    """All rows of one vault's log, as a writer of the database sees them."""

    lines: list[Row]
    head: Row

    def copy(self) -> "State":
        return State([dict(line) for line in self.lines], dict(self.head))


def state_of(vault_id: UUID) -> State:
    with vault_scope(vault_id):
        lines = LogEntry.objects.filter(vault_id=vault_id).order_by("seq").values()
        head = LogHead.objects.filter(vault_id=vault_id).values().get()
        return State([_plain(line) for line in lines], _plain(head))


def write(vault_id: UUID, state: State) -> None:
    with vault_scope(vault_id):
        LogEntry.objects.filter(vault_id=vault_id).delete()
        LogEntry.objects.bulk_create([LogEntry(**line) for line in state.lines])
        LogHead.objects.filter(vault_id=vault_id).update(**state.head)


def _plain(row: Row) -> Row:
    return {k: bytes(v) if isinstance(v, memoryview) else v for k, v in row.items() if k != "pk"}


def fill(person: Person, lines: int = LINES) -> None:
    for number in range(lines):
        ids = [uuid4() for _ in range(number % 3)]
        access_log.record(person.access, "search", ids, f"purpose {number}")


def exported(person: Person) -> list[bytes]:
    return b"".join(export(person.access)).splitlines(keepends=True)
