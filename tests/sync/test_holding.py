"""Asked to wait by a vendor: every connection of that account waits, and no other; and what was
asked for while a run goes on is not forgotten when it ends."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from unittest.mock import patch
from uuid import UUID

import pytest
from django.utils import timezone

from connectors.base.errors import RateLimited, Unavailable
from connectors.base.live.options import secret, setting
from sync.connections import connections
from sync.connections.connections import Connection, Settings
from sync.engine import bridge
from sync.models import Connection as Row
from tests.people import Person, new_person
from tests.sync.remotes import SYNCED, Place, Shelf, nowhere, run, shelves
from vault.scope import vault_scope

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Options:
    place: str = setting("Place")
    api_key: str = secret("API key")


class Keyed(Shelf):
    """Counts requests by the key, whatever place it is for."""

    Options: ClassVar[type] = Options  # type: ignore[assignment]


@pytest.fixture
def ana() -> Person:
    return new_person()


@pytest.fixture
def places() -> Iterator[dict[str, Place]]:
    keyed = patch.object(bridge, "connectors", lambda: {"shelf": Keyed})
    with shelves(*"ABCDE") as found, keyed:
        yield found


def connected(person: Person, place: str, api_key: str = "k", *, alone: bool = True) -> Connection:
    options = {"place": place, "api_key": api_key}
    home = person.collection("Personal")
    return connections.add(
        person.access,
        person.owner_key,
        "shelf",
        options,
        name=place,
        rights={home: SYNCED},
        settings=Settings(into_id=home, background=alone),
        account=connections.try_out("shelf", options, nowhere),
    )


def next_at(person: Person, id: UUID) -> datetime:
    with vault_scope(person.vault_id):
        found = Row.objects.get(vault_id=person.vault_id, id=id).next_at
    assert found is not None
    return found


def change(person: Person, id: UUID, **fields: Any) -> None:
    with vault_scope(person.vault_id):
        Row.objects.filter(vault_id=person.vault_id, id=id).update(**fields)


def test_all_that_sign_in_alike_wait_and_nobody_else(ana: Person, places: dict[str, Place]) -> None:
    first, second, paused = (connected(ana, place) for place in "ABC")
    other, by_hand = connected(ana, "D", "another key"), connected(ana, "E", alone=False)
    ben = new_person()
    stranger = connected(ben, "B")
    connections.pause(ana.access, paused.id)
    places["A"].error = RateLimited("Too many.", 3600)
    assert run(ana, first).outcome == "rate limited"
    until = next_at(ana, first.id)
    assert timedelta(minutes=59) < until - timezone.now()
    assert next_at(ana, second.id) == until
    for person, one in ((ana, other), (ana, paused), (ben, stranger)):
        assert next_at(person, one.id) <= timezone.now()
    assert connections.get(ana.access, by_hand.id).next_at is None
    assert connections.get(ana.access, second.id).state == "active", "nothing is wrong with it"


def test_what_waits_longer_already_goes_on_waiting(ana: Person, places: dict[str, Place]) -> None:
    first, second = connected(ana, "A"), connected(ana, "B")
    later = timezone.now() + timedelta(days=2)
    change(ana, second.id, next_at=later)
    places["A"].error = RateLimited("Too many.", 3600)
    run(ana, first)
    assert next_at(ana, second.id) == later


def test_other_failures_hold_nobody(ana: Person, places: dict[str, Place]) -> None:
    first, second = connected(ana, "A"), connected(ana, "B")
    places["A"].error = Unavailable("Down.")
    run(ana, first)
    assert next_at(ana, second.id) <= timezone.now() < next_at(ana, first.id)


def test_one_whose_key_is_spoilt_does_not_stop_the_others(
    ana: Person, places: dict[str, Place]
) -> None:
    first, spoilt, second = (connected(ana, place) for place in "ABC")
    change(ana, spoilt.id, server_slot=b"spoilt")
    places["A"].error = RateLimited("Too many.", 3600)
    assert run(ana, first).outcome == "rate limited"
    assert next_at(ana, second.id) == next_at(ana, first.id)


@pytest.mark.parametrize("error", [None, RateLimited("Too many.", 3600)])
def test_what_is_asked_for_during_a_run_comes_after_it(
    ana: Person,
    places: dict[str, Place],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception | None,
) -> None:
    """But not before the time that the vendor asked for."""
    a, soon = connected(ana, "A"), timezone.now() + 0.5 * MINUTE
    check = Shelf.check

    def checked(self: Shelf) -> Any:
        change(ana, a.id, next_at=soon)
        if error:
            raise error
        return check(self)

    monkeypatch.setattr(Shelf, "check", checked)
    run(ana, a)
    assert next_at(ana, a.id) > soon + 50 * MINUTE if error else next_at(ana, a.id) == soon


def test_without_that_the_next_run_is_by_the_clock(ana: Person, places: dict[str, Place]) -> None:
    a = connected(ana, "A")
    run(ana, a)
    assert timezone.now() < next_at(ana, a.id) <= timezone.now() + 60 * MINUTE
