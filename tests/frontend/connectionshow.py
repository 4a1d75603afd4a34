"""Connections in every state that pages show, without a vendor behind them."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from connectors.base.types import Account
from sync.connections import connections
from sync.connections.connections import Connection, Settings
from sync.models import Connection as Row
from sync.models import Receipt, Run
from tests.people import Person
from vault import memories
from vault.scope import vault_scope
from vault.types import Right

LONG = "The entry is longer than what fits there: " + "w" * 120


def one_connection(person: Person, name: str, *, background: bool = True, **row: Any) -> Connection:
    """To Mem0; `row` says how it stands."""
    made = connections.add(
        person.access,
        person.owner_key,
        "mem0",
        {"api_key": "not-a-real-key", "user_id": "ana"},
        name=name,
        rights={person.collection("Personal"): Right(see=True, add="yes")},
        settings=Settings(into_id=person.collection("Personal"), background=background),
        account=Account(name, "ana@example.org"),
    )
    _set(person, made, **row)
    return connections.get(person.access, made.id)


def connection_pages(person: Person) -> tuple[str, ...]:
    """The addresses of one in each state, with runs and receipts."""
    active = one_connection(person, "Everyday memory")
    held = {"name": "emptied", "said": "Nothing is there any more. Look at the account first."}
    blocked = one_connection(person, "w" * 100, state="blocked", guard=held)
    refused = one_connection(person, "Old key", state="needs sign-in", said="The key has expired.")
    failing = one_connection(person, "Far away", state="failing", said="It cannot be reached.")
    running = one_connection(person, "Busy", stage="applying", total=90, done=30)
    _set(person, running, lease_owner=uuid4(), lease_until=timezone.now() + timedelta(days=1))
    mine = one_connection(person, "By hand", background=False)
    ended = one_connection(person, "Of before", background=False)
    connections.disconnect(person.access, ended.id, keep_there=False)
    _runs(person, active)
    _receipts(person, ended)
    base = "/connections/"
    ids = (active, blocked, refused, failing, running, mine, ended)
    parts = ("settings", "reconnect", "resume", "end", "notices")
    return (
        *(base, f"{base}new/", f"{base}new/mem0/", f"{base}new/mcp-http/", f"{base}new/folder/"),
        *(f"{base}{one.id}/" for one in ids),
        *(f"{base}{active.id}/{end}/" for end in parts),
        *(f"{base}{mine.id}/{end}/" for end in ("run", "end")),
        *(f"{base}{blocked.id}/waive/", f"/grants/{active.grant.id}/"),
        *(f"/grants/{active.grant.id}/change/", f"/grants/{ended.grant.id}/", "/grants/stop/"),
    )


def _runs(person: Person, one: Connection) -> None:
    now, memory = timezone.now(), memories.listing(person.access).memories[0]
    skipped = [{"why": LONG, "memory": str(memory.id)}, {"why": LONG, "memory": ""}]
    about = {"vault_id": person.vault_id, "connection_id": one.id, "started_at": now}
    with vault_scope(person.vault_id):
        for more in (
            {"counts": {"taken": 3, "sent": 1200, "skipped": 2}, "skipped": skipped},
            {"kind": "preview", "counts": {"take new": 1, "send new": 2}},
            {"outcome": "unavailable", "said": "It cannot be reached. It is tried again."},
        ):
            said = {"outcome": "done", "finished_at": now, "requests": 7, **about, **more}
            Run(id=uuid4(), **said).save(force_insert=True)


def _receipts(person: Person, one: Connection) -> None:
    memory = memories.listing(person.access).memories[0]
    about = {"vault_id": person.vault_id, "connection_id": one.id, "asked_at": timezone.now()}
    with vault_scope(person.vault_id):
        for state in Receipt.State:
            about["remote_mark"] = str(state).encode()
            row = Receipt(id=uuid4(), state=state, said=LONG, memory_id=memory.id, **about)
            row.save(force_insert=True)


def _set(person: Person, one: Connection, **row: Any) -> None:
    if row:
        with vault_scope(person.vault_id):
            Row.objects.filter(vault_id=person.vault_id, id=one.id).update(**row)
