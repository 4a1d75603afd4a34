"""What one memory's page says beside its words, compared with what is so."""

from datetime import timedelta

import pytest
from django.utils import timezone

from frontend.presenters import loglines
from frontend.presenters.memorypage import readers
from tests.frontend.test_memories import remember
from tests.people import Person, signed_in
from vault import memories
from vault.access import open_token
from vault.errors import NotFound
from vault.granting import grants
from vault.keys.keyring import Keyring
from vault.log import access_log
from vault.types import Draft, Memory, Right


@pytest.fixture
def there(person: Person) -> list[Memory]:
    """A memory of every sort, the last one later than every grant."""
    brings = person.grantee(Work=Right(add="yes"), Personal=Right(add="yes"))
    brought = memories.remember(brings, person.collection("Work"), Draft(text="Brought"))
    forgotten = remember(person, "Forgotten", "Work")
    memories.forget(person.access, forgotten.id)
    made = [remember(person, "Mine", "Work"), remember(person, "Elsewhere"), brought, forgotten]
    return [memories.get(person.access, one.id) for one in made if isinstance(one, Memory)]


def test_who_can_read_it_is_who_can_read_it(person: Person, there: list[Memory]) -> None:
    work = person.collection("Work")
    tokens = {}
    for sees in (True, False):
        for confirmed in (True, False):
            for later in (True, False):
                grant, token = grants.create_token(
                    person.access,
                    person.owner_key,
                    name=f"{sees} {confirmed} {later}",
                    rights={work: Right(see=sees, add="yes")},
                    expires_at=timezone.now() + timedelta(days=1),
                    confirmed_only=confirmed,
                    later=later,
                )
                tokens[grant.id] = token
    there.append(remember(person, "After all of them", "Work"))
    for memory in there:
        said = {grant.id for grant in readers(person.access, memory)} & tokens.keys()
        assert said == {id for id, token in tokens.items() if reads(token, memory)}, memory.text


def reads(token: str, memory: Memory) -> bool:
    try:
        memories.get(open_token(token), memory.id)
    except NotFound:
        return False
    return True


def test_a_full_log_does_not_make_the_page_slow(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loglines, "LOOKED_THROUGH", 3)
    wanted, other = remember(person, "Wanted"), remember(person, "Other")
    app = person.grantee(Personal=Right(see=True))
    for ids in ([wanted.id], *[[other.id]] * 8):
        access_log.record(app, "search", ids)
    real, opened = Keyring.read_log, list[int]()
    monkeypatch.setattr(Keyring, "read_log", lambda *args: opened.append(args[1]) or real(*args))
    page = signed_in(person).get(f"/memories/{wanted.id}/").content.decode()
    assert "none of the newest 3 lines" in page
    assert len(opened) <= 4
    assert (
        "search"
        in signed_in(person).get(f"/memories/{wanted.id}/readings/").content.decode().lower()
    )
