"""How often pages ask the database does not grow with what is in the vault."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.frontend.test_memories import remember
from tests.people import Person, signed_in
from vault.access import open_token
from vault.keys.keyring import Keyring
from vault.recalling import recall
from vault.types import Right

PLACES = ("Personal", "Work", "Family", "Travel", "Health", "Money")


def statements(person: Person, address: str) -> int:
    client = signed_in(person)
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


@pytest.mark.parametrize("address", ["/", "/grants/{grant}/see/"])
def test_not_with_the_collections_that_hold_something(person: Person, address: str) -> None:
    grant, _ = person.token("Kitchen", **{name: Right(see=True) for name in PLACES})
    remember(person, "Likes tea", PLACES[0])
    one = statements(person, address.format(grant=grant.id))
    for place in PLACES[1:]:
        remember(person, f"Likes tea in {place}", place)
    assert statements(person, address.format(grant=grant.id)) <= one


def test_home_verifies_lines_of_the_log_and_opens_the_newest(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(person, "Likes tea", "Work")
    _, token = person.token("Kitchen", Work=Right(see=True))
    for _ in range(3):
        recall.search(open_token(token), "tea")
    opened, read_log = list[int](), Keyring.read_log

    def counting(self: Keyring, seq: int, sealed: bytes) -> bytes:
        opened.append(seq)
        return read_log(self, seq, sealed)

    monkeypatch.setattr(Keyring, "read_log", counting)
    page = " ".join(signed_in(person).get("/").content.decode().split())
    assert 'Last read: <span translate="no">Kitchen</span>' in page
    assert len(set(opened)) == 1
