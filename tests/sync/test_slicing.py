"""The slice that goes along: what was ticked and nothing else, the most important first."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from sync.handing import slicing
from sync.handing.importance import ORDER, rank
from sync.handing.slicing import Wanted
from sync.importing import imports, reading
from tests import exports
from tests.people import Person, new_person
from vault import memories
from vault.errors import NotFound, Refused
from vault.models import Memory as Row
from vault.scope import vault_scope
from vault.types import KINDS, Draft, Kind, Memory, Right

pytestmark = pytest.mark.django_db(transaction=True)
ALL = frozenset(KINDS)


@pytest.fixture
def person() -> Person:
    return new_person()


def remember(
    person: Person, text: str, kind: Kind = "fact", home: str = "Personal", **more: Any
) -> Memory:
    draft = Draft(text=text, kind=kind, **more)
    made = memories.remember(person.access, person.collection(home), draft)
    assert isinstance(made, Memory)
    return made


def brought(person: Person, *talks: dict[str, Any]) -> None:
    upload = exports.upload(exports.zipped(list(talks)))
    begun = imports.begin(person.access, [upload], start=reading.run)
    imports.accept(person.access, begun.id, start=reading.run)


def wanted(person: Person, *homes: str, **more: Any) -> Wanted:
    ids = frozenset(person.collection(home) for home in homes or ("Personal",))
    return Wanted(ids, **{"kinds": ALL, **more})


def texts(person: Person, what: Wanted) -> list[str]:
    return [one.item.text for one in slicing.memories(person.access, what).slice.held]


def test_only_what_was_ticked_goes_along_and_nothing_ticked_is_nothing(person: Person) -> None:
    remember(person, "tea")
    remember(person, "salary", home="Work")
    remember(person, "be short", "instruction")
    assert texts(person, wanted(person)) == ["be short", "tea"]
    assert texts(person, wanted(person, kinds=frozenset({"fact"}))) == ["tea"]
    assert texts(person, wanted(person, "Personal", "Work")) == ["be short", "salary", "tea"]
    assert texts(person, Wanted(frozenset(), ALL)) == []
    assert texts(person, wanted(person, kinds=frozenset())) == []


def test_forgotten_held_past_and_old_ones_stay(person: Person) -> None:
    now = timezone.now()
    gone = remember(person, "gone")
    memories.forget(person.access, gone.id)
    remember(person, "was so", valid_until=now - timedelta(days=1))
    remember(person, "long ago", occurred_at=datetime(2019, 5, 1, tzinfo=UTC))
    remember(person, "is so")
    assert texts(person, wanted(person)) == ["is so", "long ago"]
    assert set(texts(person, wanted(person, past=True))) == {"is so", "was so", "long ago"}
    assert texts(person, wanted(person, since=now - timedelta(days=7))) == ["is so"]


def test_what_was_not_confirmed_can_stay(person: Person) -> None:
    talk = exports.conversation("c1", ["I play the oboe", "How nice."])
    begun = imports.begin(
        person.access, [exports.upload(exports.zipped([talk]))], start=reading.run
    )
    imports.accept(person.access, begun.id, start=reading.run)
    remember(person, "mine")
    assert texts(person, wanted(person)) == ["mine", "How nice.", "I play the oboe"]
    assert texts(person, wanted(person, confirmed_only=True)) == ["mine"]


def test_a_strangers_collection_is_not_found_and_a_token_may_not_ask(person: Person) -> None:
    other = new_person()
    with pytest.raises(NotFound):
        slicing.memories(person.access, wanted(other))
    assert slicing.memories(person.access, wanted(person)).slice.held == []
    with pytest.raises(Refused):
        slicing.memories(person.grantee(Personal=Right(see=True)), wanted(person))


def test_an_altered_memory_is_counted_and_the_others_go(person: Person) -> None:
    bad, _ = remember(person, "bad"), remember(person, "good")
    with vault_scope(person.vault_id):
        Row.objects.filter(vault_id=person.vault_id, id=bad.id).update(kind="profile")
    cut = slicing.memories(person.access, wanted(person))
    assert [one.item.text for one in cut.slice.held] == ["good"]
    assert cut.unreadable == 1


def test_whole_conversations_come_as_they_were_last_seen(person: Person) -> None:
    brought(
        person,
        exports.conversation("c1", ["one", "two", "three"], title="First"),
        exports.conversation("c2", ["four", "five"], title="Second"),
    )
    remember(person, "no talk")
    told = slicing.conversations(person.access, wanted(person))
    for _ in range(2):  # each reading opens them anew
        found = {talk.title: [(turn.role, turn.text) for turn in talk.turns] for talk in told}
        assert found == {
            "First": [("user", "one"), ("assistant", "two"), ("user", "three")],
            "Second": [("user", "four"), ("assistant", "five")],
        }
    nothing = slicing.conversations(person.access, wanted(person, "Work"))
    assert list(nothing) == []


WEIGHED = st.builds(
    Row,
    pinned=st.booleans(),
    trusted=st.booleans(),
    kind=st.sampled_from(KINDS),
    sorted_at=st.integers(0, 2**31).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
)


@given(st.lists(WEIGHED, max_size=30))
def test_the_order_is_what_the_page_says(rows: list[Row]) -> None:
    ordered = sorted(rows, key=rank)
    for first, second in pairwise(ordered):
        assert (first.pinned, first.trusted) >= (second.pinned, second.trusted)
        if (first.pinned, first.trusted) == (second.pinned, second.trusted):
            assert ORDER.index(first.kind) <= ORDER.index(second.kind)
            if first.kind == second.kind:
                assert first.sorted_at >= second.sorted_at


def test_what_is_wanted_is_kept_and_read_again(person: Person) -> None:
    what = wanted(person, past=True, since=timezone.now(), options={"budget": "500"})
    assert Wanted.from_json(what.to_json()) == what
