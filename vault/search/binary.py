"""Reading large values from PostgreSQL as they are: Django's cursor has every byte sent as text."""

from collections.abc import Iterator, Sequence
from typing import Any, LiteralString

from django.db import connection
from psycopg import Cursor


def cursor() -> Cursor[Any]:
    """psycopg's own. It goes past the guard of the scope, but row-level security shows nothing
    without a scope, and refuses to write."""
    connection.ensure_connection()
    return Cursor(connection.connection)


def each(
    statement: LiteralString, place: Sequence[object], keys: Sequence[Any], some: int
) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement whose last parameter is a list: `keys`, `some` of them at a time."""
    with cursor() as reader:
        for start in range(0, len(keys), some):
            named = list(keys[start : start + some])
            yield from reader.execute(statement, [*place, named], binary=True).fetchall()
