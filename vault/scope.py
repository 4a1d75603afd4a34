"""`vault_scope`: the only way to touch the tables that hold people's data.

Row-level security lets a transaction see the rows of the vault named in `app.vault`, and nothing
when it names none. The guard turns that silence into an error: a query that forgot its scope
raises instead of looking empty.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.signals import connection_created

from vault.errors import OutsideScope

_scope: ContextVar[UUID | None] = ContextVar("vault_scope", default=None)


@contextmanager
def vault_scope(vault_id: UUID) -> Iterator[None]:
    """One transaction that sees this vault's rows only. Scopes of one vault may be nested."""
    outer = _scope.get()
    connection = connections[DEFAULT_DB_ALIAS]
    # Inside the same vault's scope a savepoint would cost two round trips and buy nothing: an
    # error that reaches this far dooms the whole transaction, which is what callers expect.
    same = outer == vault_id and connection.in_atomic_block
    with transaction.atomic(savepoint=not same):
        if not same:
            _set_vault(str(vault_id))
        token = _scope.set(vault_id)
        try:
            yield
        finally:
            _scope.reset(token)
        if outer is not None and not same:
            _set_vault(str(outer))


def _set_vault(value: str) -> None:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT set_config('app.vault', %s, true)", [value])


def install_guard() -> None:
    """Put the guard on every connection of the application's role, now and later."""
    connection_created.connect(_guard_connection, dispatch_uid="vault.scope")


def _guard_connection(sender: object, connection: Any, **kwargs: object) -> None:
    if connection.alias == DEFAULT_DB_ALIAS and _guard not in connection.execute_wrappers:
        connection.execute_wrappers.append(_guard)


def _guard(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    if _scope.get() is None and isinstance(sql, str) and _tenant_tables().search(sql):
        raise OutsideScope("A vault's table was touched outside its scope.")
    return execute(sql, params, many, context)


@cache
def _tenant_tables() -> re.Pattern[str]:
    from vault.models.base import TenantModel

    names = [m._meta.db_table for m in apps.get_models() if issubclass(m, TenantModel)]
    return re.compile(r"\b(" + "|".join(sorted(names)) + r")\b")
