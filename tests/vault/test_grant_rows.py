"""What each request of a grantee reads first: the same as the ORM would, in few statements."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.people import Person
from vault.access import open_token
from vault.granting import grant_rows, grants, tokens
from vault.models import Grant, GrantKey, GrantRight, GrantSlot
from vault.scope import vault_scope
from vault.types import Right


@pytest.fixture
def token(ana: Person) -> str:
    """Of a grant that sees two collections, and may only add to a third."""
    rights = {
        ana.collection("Personal"): Right(see=True, add="yes"),
        ana.collection("Work"): Right(see=True),
        ana.collection("Travel"): Right(add="ask"),
    }
    until = timezone.now() + timedelta(days=1)
    return grants.create_token(
        ana.access, ana.owner_key, name="App", rights=rights, expires_at=until
    )[1]


def columns(row: Model) -> dict[str, Any]:
    return {
        field.attname: bytes(value) if isinstance(value, memoryview) else value
        for field in row._meta.concrete_fields
        for value in [getattr(row, field.attname)]
    }


def test_the_rows_are_those_of_the_orm(ana: Person, token: str) -> None:
    with vault_scope(ana.vault_id):
        found = tokens.with_grant(token, tokens.API)
        assert found is not None
        slot, grant = found
        rights, keys = grant_rows.given(ana.vault_id, grant.id)
        mine = {"vault_id": ana.vault_id, "grant_id": grant.id}
        assert columns(slot) == columns(GrantSlot.objects.get(**mine))
        assert columns(grant) == columns(Grant.objects.get(vault_id=ana.vault_id, id=grant.id))
        by_orm = GrantRight.objects.filter(**mine)
        assert {r.id: columns(r) for r in rights} == {r.id: columns(r) for r in by_orm}
        wrapped = GrantKey.objects.filter(**mine).values_list("collection_id", "epoch", "wrapped")
        assert len(rights) == 3 and len(keys) == 2
        assert {(c, e): bytes(w) for c, e, w in keys} == {(c, e): bytes(w) for c, e, w in wrapped}


def test_a_token_of_another_kind_is_not_found(ana: Person, token: str) -> None:
    with vault_scope(ana.vault_id):
        assert tokens.with_grant(token, tokens.ACCESS, tokens.REFRESH) is None


def test_nor_one_whose_owner_may_not_log_in(ana: Person, token: str) -> None:
    ana.user.is_active = False
    ana.user.save()
    with vault_scope(ana.vault_id):
        assert tokens.with_grant(token, tokens.API) is None


def test_opening_takes_two_statements_within_its_scope(token: str) -> None:
    open_token(token)  # the first of a minute notes that it was used
    with CaptureQueriesContext(connection) as asked:
        open_token(token)
    statements = [one["sql"] for one in asked if one["sql"].startswith("SELECT")]
    assert len(statements) == 3, statements  # and one that names the vault
    assert sum("vault_grant" in one for one in statements) == 2
