"""The walls under the keys: row-level security, the guard, and ciphertext bound to its place."""

import itertools
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection, transaction

from tests.people import Person
from vault import collections, memories
from vault.errors import OutsideScope, Tampered
from vault.log import access_log
from vault.models import Memory, Revision, Source, TenantModel
from vault.reviewing import suggestions
from vault.scope import vault_scope
from vault.types import Draft, Right

TENANTS = [m for m in apps.get_models() if issubclass(m, TenantModel)]


def test_the_tests_run_as_the_role_that_is_bound() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False)


@pytest.mark.parametrize("model", TENANTS, ids=lambda m: m.__name__)
def test_every_tenant_table_is_shielded(model: type[TenantModel]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner) = current_user"
            " FROM pg_class WHERE relname = %s",
            [model._meta.db_table],
        )
        assert cursor.fetchone() == (True, True, False)
        cursor.execute("SELECT count(*) FROM pg_policies WHERE tablename = %s", [_name(model)])
        assert cursor.fetchone() == (1,)


def _name(model: type[TenantModel]) -> str:
    return model._meta.db_table


def test_without_a_scope_a_query_raises_instead_of_looking_empty(ana: Person) -> None:
    with pytest.raises(OutsideScope):
        Memory.objects.count()


def test_the_database_itself_shows_no_row_of_another_vault(ana: Person, ben: Person) -> None:
    memories.remember(ana.access, ana.collection("Work"), Draft("Ana's"))
    with vault_scope(ben.vault_id):
        assert Memory.objects.filter(vault_id=ana.vault_id).count() == 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.vault', %s, true)", [str(ben.vault_id)])
        # Below Django and its guard: row-level security alone.
        assert connection.connection.execute("SELECT id FROM vault_memory").fetchall() == []


def test_a_scope_ends_with_its_block(ana: Person, ben: Person) -> None:
    with vault_scope(ana.vault_id):
        with vault_scope(ben.vault_id):
            pass
        assert Source.objects.filter(vault_id=ana.vault_id).count() == 0
        collections.listing(ana.access)
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('app.vault', true), '')")
        assert cursor.fetchone() == ("",)


def filled(person: Person) -> None:
    """Two of everything that is sealed, so that each has something to be swapped with."""
    for place in ("Work", "Personal"):
        for text in ("first", "second"):
            made = memories.remember(
                person.access, person.collection(place), Draft(f"{place} {text}")
            )
            memories.revise(person.access, made.id, text=f"{place} {text}, revised")
            memories.revise(person.access, made.id, text=f"{place} {text}, revised twice")
    app = person.grantee(Work=Right(see=True, add="ask"), Personal=Right(see=True, add="ask"))
    for place in ("Work", "Personal"):
        memories.remember(app, person.collection(place), Draft(f"{place} suggestion one"))
        memories.remember(app, person.collection(place), Draft(f"{place} suggestion two"))


def read_everything(person: Person) -> None:
    for memory in memories.listing(person.access, limit=100).memories:
        memories.history(person.access, memory.id)
    for collection in collections.listing(person.access):
        if collection.name == "(unreadable name)":  # shown, so that it can be renamed
            raise Tampered(collection.name)
    for waiting in suggestions.listing(person.access):
        if "altered and cannot be read" in waiting.text:  # shown, so that it can be declined
            raise Tampered(waiting.text)
    access_log.listing(person.access)


SEALED_FIELDS = [
    ("vault_memory", "sealed", "id"),
    ("vault_revision", "sealed", "id"),
    ("vault_source", "sealed", "id"),
    ("vault_collection", "sealed_name", "id"),
    ("vault_suggestion", "letter", "id"),
    ("vault_logentry", "sealed", "seq"),
]


@pytest.mark.parametrize(("table", "field", "key"), SEALED_FIELDS, ids=str)
def test_ciphertext_moved_between_rows_does_not_open(
    ana: Person, table: str, field: str, key: str
) -> None:
    """The swap test: any two rows of one vault exchange their ciphertext, and reading fails."""
    filled(ana)
    read_everything(ana)
    rows = column(ana, table, field, key)
    assert len(rows) >= 2
    for (one, mine), (other, theirs) in itertools.islice(pairs(rows), 12):
        exchanged = swapped(ana, table, field, key, [(one, theirs), (other, mine)])
        with exchanged, pytest.raises(Tampered):
            read_everything(ana)
    read_everything(ana)


def test_ciphertext_moved_between_fields_does_not_open(ana: Person) -> None:
    filled(ana)
    (memory, words), *_ = column(ana, "vault_memory", "sealed", "id")
    for table, field, key in SEALED_FIELDS:
        if table != "vault_memory":
            (row, was), *_ = column(ana, table, field, key)
            with swapped(ana, table, field, key, [(row, words)]), pytest.raises(Tampered):
                read_everything(ana)
            words_swapped = swapped(ana, "vault_memory", "sealed", "id", [(memory, was)])
            with words_swapped, pytest.raises(Tampered):
                read_everything(ana)


def test_an_old_revision_put_back_does_not_open(ana: Person) -> None:
    made = memories.remember(ana.access, ana.collection("Work"), Draft("first"))
    (before,) = column(ana, "vault_memory", "sealed", "id")
    memories.revise(ana.access, made.id, text="second")
    with swapped(ana, "vault_memory", "sealed", "id", [before]), pytest.raises(Tampered):
        memories.get(ana.access, made.id)


def test_a_memory_put_into_another_collection_or_vault_does_not_open(
    ana: Person, ben: Person
) -> None:
    made = memories.remember(ana.access, ana.collection("Health"), Draft("Has asthma"))
    with vault_scope(ana.vault_id):
        Memory.objects.filter(vault_id=ana.vault_id, id=made.id).update(
            collection_id=ana.collection("Work")
        )
    with pytest.raises(Tampered):
        memories.get(ana.access, made.id)
    theirs = memories.remember(ben.access, ben.collection("Work"), Draft("Ben's"))
    (row,) = column(ana, "vault_memory", "sealed", "id")
    brought_in = swapped(ben, "vault_memory", "sealed", "id", [(theirs.id, row[1])])
    with brought_in, pytest.raises(Tampered):
        memories.get(ben.access, theirs.id)


def test_a_revision_claimed_by_another_memory_does_not_open(ana: Person) -> None:
    one = memories.remember(ana.access, ana.collection("Work"), Draft("one"))
    two = memories.remember(ana.access, ana.collection("Personal"), Draft("two"))
    memories.revise(ana.access, one.id, text="one, revised")
    with vault_scope(ana.vault_id):
        Revision.objects.filter(vault_id=ana.vault_id).update(
            memory_id=two.id, collection_id=ana.collection("Personal")
        )
    with pytest.raises(Tampered):
        memories.history(ana.access, two.id)


def column(person: Person, table: str, field: str, key: str) -> list[tuple[object, bytes]]:
    with vault_scope(person.vault_id), connection.cursor() as cursor:
        cursor.execute(f"SELECT {key}, {field} FROM {table} ORDER BY {key}")
        return [(row[0], bytes(row[1])) for row in cursor.fetchall()]


def pairs(
    rows: list[tuple[object, bytes]],
) -> Iterator[tuple[tuple[object, bytes], tuple[object, bytes]]]:
    return itertools.combinations(rows, 2)


class swapped:
    """Whoever writes the database puts these values in; afterwards they are put back."""

    def __init__(
        self, person: Person, table: str, field: str, key: str, values: list[tuple[object, bytes]]
    ) -> None:
        self.person, self.values = person, values
        self.place = (table, field, key)

    def __enter__(self) -> None:
        now = dict(column(self.person, *self.place))
        self.before = [(key, now[key]) for key, _ in self.values]
        self._write(self.values)

    def __exit__(self, *_: object) -> None:
        self._write(self.before)

    def _write(self, values: list[tuple[object, bytes]]) -> None:
        table, field, key = self.place
        with vault_scope(self.person.vault_id), connection.cursor() as cursor:
            for row, value in values:
                cursor.execute(f"UPDATE {table} SET {field} = %s WHERE {key} = %s", [value, row])
