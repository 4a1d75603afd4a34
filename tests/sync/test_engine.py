"""The engine over a well-behaved remote: each line of the design's table, seen on both sides."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from connectors.base.errors import AuthError, Unavailable
from sync.connections import connections
from sync.models import Receipt
from tests.people import Person, new_person
from tests.sync.remotes import SYNCED, Place, connected, run, shelves
from vault import memories
from vault.granting import grants
from vault.reviewing import quarantine, suggestions
from vault.scope import vault_scope
from vault.types import Draft, Memory, Right

HOME = "Personal"


@pytest.fixture
def ana() -> Person:
    return new_person()


@pytest.fixture
def places() -> Iterator[dict[str, Place]]:
    with shelves("A", "B", "C") as found:
        yield found


def remember(person: Person, text: str, collection: str = HOME) -> Memory:
    done = memories.remember(person.access, person.collection(collection), Draft(text))
    assert isinstance(done, Memory)
    return done


def texts(person: Person) -> list[str]:
    found = memories.listing(person.access, limit=100).memories
    return sorted(one.text for one in found if not one.held)


def let_in(person: Person) -> None:
    """Release what waits: the first writes of a new source do."""
    waiting = quarantine.listing(person.access)
    if waiting:
        quarantine.release(person.access, [one.memory.id for one in waiting])


def test_both_sides_get_what_the_other_has(ana: Person, places: dict[str, Place]) -> None:
    remember(ana, "She keeps bees.")
    places["A"].put("She sails.")
    a = connected(ana, "A")
    first = run(ana, a)
    assert first.outcome == "done", first.said
    assert places["A"].texts() == ["She keeps bees.", "She sails."]
    let_in(ana)
    assert texts(ana) == ["She keeps bees.", "She sails."]
    places["A"].calls.clear()
    again = run(ana, a)
    assert (again.outcome, again.counts) == ("done", {}) and places["A"].calls == []


def test_edits_go_both_ways(ana: Person, places: dict[str, Place]) -> None:
    mine = remember(ana, "She keeps bees.")
    name = places["A"].put("She sails.")
    a = connected(ana, "A")
    run(ana, a)
    let_in(ana)
    memories.revise(ana.access, mine.id, text="She keeps two hives.")
    places["A"].put("She sails a dinghy.", name)
    run(ana, a)
    assert places["A"].texts() == ["She keeps two hives.", "She sails a dinghy."] == texts(ana)
    assert run(ana, a).counts == {}


def test_deletions_go_both_ways(ana: Person, places: dict[str, Place]) -> None:
    mine = remember(ana, "She keeps bees.")
    places["A"].put("She sails.")
    a = connected(ana, "A")
    run(ana, a)
    let_in(ana)
    memories.forget(ana.access, mine.id)
    run(ana, a)
    assert places["A"].texts() == ["She sails."]
    places["A"].entries.clear()
    places["A"].put("She reads.")
    run(ana, a)
    let_in(ana)
    assert texts(ana) == ["She reads."]


def test_what_was_forgotten_does_not_come_back_from_elsewhere(
    ana: Person, places: dict[str, Place]
) -> None:
    memories.forget(ana.access, remember(ana, "She sails.").id)
    places["A"].put("She sails.")
    a = connected(ana, "A")
    run(ana, a)
    run(ana, a)
    assert texts(ana) == [] and places["A"].texts() == ["She sails."]


def test_a_memory_of_one_vendor_reaches_the_others_and_does_not_echo(
    ana: Person, places: dict[str, Place]
) -> None:
    name = places["A"].put("She sails.")
    all_three = [connected(ana, place) for place in "ABC"]
    run(ana, all_three[0])
    let_in(ana)
    for _ in range(2):
        for one in all_three:
            run(ana, one)
    assert [places[p].texts() for p in "ABC"] == [["She sails."]] * 3
    assert texts(ana) == ["She sails."]
    places["B"].put("She sails a dinghy.", next(iter(places["B"].entries)))
    run(ana, all_three[1])
    let_in(ana)
    for one in all_three:
        run(ana, one)
    assert [places[p].texts() for p in "ABC"] == [["She sails a dinghy."]] * 3
    assert name in places["A"].entries


def test_a_conflict_is_asked_and_decided(ana: Person, places: dict[str, Place]) -> None:
    mine = remember(ana, "She sails.")
    a = connected(ana, "A")
    run(ana, a)
    for decision in (suggestions.accept, suggestions.decline):
        (name,) = places["A"].entries
        memories.revise(ana.access, mine.id, text=f"She sails far. {decision.__name__}")
        places["A"].put(f"She sails near. {decision.__name__}", name)
        assert run(ana, a).counts["undecided"] == 1
        assert run(ana, a).counts == {"undecided": 1}
        (asked,) = suggestions.listing(ana.access)
        assert asked.text.startswith("She sails near.")
        decision(ana.access, asked.id)
        run(ana, a)
        word = "near" if decision is suggestions.accept else "far"
        assert places["A"].texts() == [f"She sails {word}. {decision.__name__}"] == texts(ana)
        assert run(ana, a).counts == {}


@pytest.mark.parametrize(
    ("policy", "here", "there"),
    [
        ("vault", ["Ours."], ["Ours."]),
        ("vendor", ["Theirs."], ["Theirs."]),
        ("both", ["Ours.", "Theirs."], ["Ours.", "Theirs."]),
    ],
)
def test_policies(
    ana: Person, places: dict[str, Place], policy: str, here: list[str], there: list[str]
) -> None:
    mine = remember(ana, "Before.")
    a = connected(ana, "A", policy=policy)
    run(ana, a)
    (name,) = places["A"].entries
    memories.revise(ana.access, mine.id, text="Ours.")
    places["A"].put("Theirs.", name)
    run(ana, a)
    let_in(ana)
    run(ana, a)
    assert texts(ana) == here and places["A"].texts() == there
    assert run(ana, a).counts == {}


def test_an_emptied_remote_is_not_obeyed(ana: Person, places: dict[str, Place]) -> None:
    remember(ana, "She sails.")
    a = connected(ana, "A")
    run(ana, a)
    places["A"].entries.clear()
    assert run(ana, a).outcome == "guarded"
    held = connections.get(ana.access, a.id)
    assert held.state == "blocked" and held.said and texts(ana) == ["She sails."]
    connections.waive(ana.access, a.id, held.guard["name"])
    run(ana, a)
    assert texts(ana) == []


def test_another_account_is_not_written_to(ana: Person, places: dict[str, Place]) -> None:
    remember(ana, "She sails.")
    a = connected(ana, "A")
    run(ana, a)
    places["A"].account = "somebody else"
    places["A"].entries.clear()
    assert run(ana, a).outcome == "guarded"
    assert places["A"].texts() == []


def test_a_narrowed_grant_takes_back_what_was_sent(ana: Person, places: dict[str, Place]) -> None:
    remember(ana, "She sails.")
    remember(ana, "She earns well.", "Work")
    a = connected(ana, "A", {HOME: SYNCED, "Work": SYNCED})
    run(ana, a)
    assert places["A"].texts() == ["She earns well.", "She sails."]
    grants.change(ana.access, a.grant.id, rights={ana.collection(HOME): SYNCED})
    run(ana, a)
    assert places["A"].texts() == ["She sails."]
    assert states(ana) == ["gone"]
    assert texts(ana) == ["She earns well.", "She sails."]


def test_disconnecting_takes_back_with_receipts(ana: Person, places: dict[str, Place]) -> None:
    remember(ana, "She sails.")
    places["A"].put("Theirs.")
    a = connected(ana, "A")
    run(ana, a)
    places["A"].error = Unavailable("down")
    connections.disconnect(ana.access, a.id, keep_there=False)
    assert run(ana, a).outcome == "unavailable"
    assert states(ana) == ["asked"]
    assert connections.get(ana.access, a.id).state == "retracting"
    places["A"].error = None
    assert run(ana, a).outcome == "done"
    assert states(ana) == ["gone"] and places["A"].texts() == ["Theirs."]
    assert connections.get(ana.access, a.id).state == "gone"
    with pytest.raises(Exception, match="key"):
        run_opens(ana, a.id)


def run_opens(person: Person, connection_id) -> None:  # type: ignore[no-untyped-def]
    from sync.models import Connection
    from vault.granting import connecting

    with vault_scope(person.vault_id):
        row = Connection.objects.get(vault_id=person.vault_id, id=connection_id)
    connecting.by_owner(person.owner_key, row.id, row.owner_slot)


def states(person: Person) -> list[str]:
    with vault_scope(person.vault_id):
        rows = Receipt.objects.filter(vault_id=person.vault_id).order_by("asked_at")
        return list(rows.values_list("state", flat=True))


def test_one_that_may_only_bring_in_needs_no_key_that_reads(
    ana: Person, places: dict[str, Place]
) -> None:
    remember(ana, "She keeps bees.")
    places["A"].put("She sails.")
    a = connected(ana, "A", {HOME: Right(add="yes")})
    run(ana, a)
    assert run(ana, a).counts == {}
    assert places["A"].texts() == ["She sails."]
    assert suggestions.take_in(ana.access) == 1
    let_in(ana)
    assert texts(ana) == ["She keeps bees.", "She sails."]


def test_one_that_must_ask(ana: Person, places: dict[str, Place]) -> None:
    name = places["A"].put("She sails.")
    a = connected(ana, "A", {HOME: Right(see=True, add="ask")})
    assert run(ana, a).counts == {"suggested": 1}
    assert run(ana, a).counts == {}
    suggestions.accept(ana.access, suggestions.listing(ana.access)[0].id)
    assert run(ana, a).counts == {"settled": 1}
    places["A"].put("She sails far.", name)
    assert run(ana, a).counts == {"suggested": 1}
    suggestions.accept(ana.access, suggestions.listing(ana.access)[0].id)
    run(ana, a)
    assert run(ana, a).counts == {}
    assert texts(ana) == ["She sails far."] == places["A"].texts()


@pytest.mark.parametrize(
    ("error", "outcome", "state"),
    [
        (Unavailable("down"), "unavailable", "failing"),
        (AuthError("no"), "refused", "needs sign-in"),
    ],
)
def test_errors_end_in_a_stated_state(
    ana: Person, places: dict[str, Place], error: Exception, outcome: str, state: str
) -> None:
    a = connected(ana, "A")
    places["A"].error = error
    assert run(ana, a).outcome == outcome
    after = connections.get(ana.access, a.id)
    assert after.state == state and after.said == str(error)
    assert (after.next_at is None) == (state == "needs sign-in")
    if after.next_at:
        assert after.next_at > timezone.now() + timedelta(seconds=30)


def test_a_preview_changes_nothing(ana: Person, places: dict[str, Place]) -> None:
    remember(ana, "She keeps bees.")
    places["A"].put("She sails.")
    a = connected(ana, "A")
    told = run(ana, a, kind="preview")
    assert told.counts == {"send new": 1, "take new": 1}
    assert places["A"].texts() == ["She sails."] and texts(ana) == ["She keeps bees."]


def test_a_revoked_grant_sends_nothing_more(ana: Person, places: dict[str, Place]) -> None:
    a = connected(ana, "A")
    run(ana, a)
    remember(ana, "She sails.")
    grants.revoke(ana.access, a.grant.id)
    run(ana, a)
    assert places["A"].texts() == []
