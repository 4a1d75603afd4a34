"""The access log against whoever can write the database: whatever is done to its rows is found."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.logs import LINES, State, fill, state_of, write
from tests.people import Person, new_person
from vault.errors import Tampered
from vault.log import access_log


@dataclass(repr=False)
class Two:
    """A vault whose log is attacked, another one to take lines from, and what is right."""

    person: Person
    other: Person
    right: State
    foreign: State


@pytest.fixture(scope="module")
def two(database: None) -> Two:
    person, other = new_person(), new_person()
    fill(person)
    fill(other)
    return Two(person, other, state_of(person.vault_id), state_of(other.vault_id))


flip = st.integers(0, 2**20)


def flipped(data: bytes, bit: int) -> bytes:
    at = bit % (len(data) * 8)
    return data[: at // 8] + bytes([data[at // 8] ^ 1 << at % 8]) + data[at // 8 + 1 :]


def alter(state: State, two: Two, draw: Callable[..., Any]) -> None:
    line = draw(st.sampled_from(state.lines))
    column = draw(st.sampled_from(sorted(set(line) - {"vault_id"})))
    changes: dict[str, Callable[[Any], Any]] = {
        "id": lambda _: uuid4(),
        "seq": lambda seq: seq + draw(st.sampled_from((-50, 50))),
        "at": lambda at: at + draw(st.sampled_from((timedelta(microseconds=1), timedelta(-90)))),
        "asker_kind": lambda _: draw(st.sampled_from(("job", "token", "own"))),
        "asker_id": lambda _: uuid4(),
        "action": lambda action: action[:-1],
        "count": lambda count: count + 1,
        "sealed": lambda sealed: flipped(sealed, draw(flip)),
        "chain": lambda chain: flipped(chain, draw(flip)),
    }
    line[column] = changes[column](line[column])


def delete(state: State, two: Two, draw: Callable[..., Any]) -> None:
    del state.lines[draw(st.integers(0, len(state.lines) - 1))]
    if draw(st.booleans()):
        state.head["count"] -= 1


def close_gap(state: State, two: Two, draw: Callable[..., Any]) -> None:
    """Take a line out and number the others anew."""
    del state.lines[draw(st.integers(0, len(state.lines) - 1))]
    for number, line in enumerate(state.lines, 1):
        line["seq"] = number
    state.head["count"] = len(state.lines)


def swap(state: State, two: Two, draw: Callable[..., Any]) -> None:
    one, another = draw(st.permutations(state.lines))[:2]
    columns = draw(st.sampled_from((("seq",), ("sealed",), ("seq", "chain"), ("at", "action"))))
    for column in columns:
        one[column], another[column] = another[column], one[column]


def repeat(state: State, two: Two, draw: Callable[..., Any]) -> None:
    """Append a line that was once written, here or in another vault."""
    known = two.right.lines + two.foreign.lines
    last = max(line["seq"] for line in state.lines)
    copy = draw(st.sampled_from(known)) | {"seq": last + 1, "id": uuid4()}
    state.lines.append(copy | {"vault_id": two.person.vault_id})
    if draw(st.booleans()):
        state.head["count"] = last + 1


def bury(state: State, two: Two, draw: Callable[..., Any]) -> None:
    """A line before the first."""
    first = min(line["seq"] for line in state.lines)
    state.lines.append(dict(state.lines[0]) | {"seq": first - 1, "id": uuid4()})


def take_over(state: State, two: Two, draw: Callable[..., Any]) -> None:
    """The whole log of another vault, with or without its head."""
    mine = {"vault_id": two.person.vault_id}
    state.lines[:] = [line | mine for line in two.foreign.lines]
    if draw(st.booleans()):
        state.head |= two.foreign.head | mine | {"id": two.person.vault_id}


def truncate(state: State, two: Two, draw: Callable[..., Any]) -> None:
    """Cut the end off and point the head at what is the end now."""
    left = draw(st.integers(1, len(state.lines) - 1))
    del state.lines[left:]
    state.head["count"] = state.lines[-1]["seq"]
    if draw(st.booleans()):
        state.head["chain"] = state.lines[-1]["chain"] + state.head["chain"][32:]


def cut_wrongly(state: State, two: Two, draw: Callable[..., Any]) -> None:
    """Delete the start as if it were too old."""
    gone = draw(st.integers(1, len(state.lines) - 1))
    last = state.lines[gone - 1]
    del state.lines[:gone]
    if draw(st.booleans()):
        state.head |= {"cut": last["seq"], "cut_chain": last["chain"]}


def change_head(state: State, two: Two, draw: Callable[..., Any]) -> None:
    column = draw(
        st.sampled_from(("count", "chain", "cut", "cut_chain", "keep_days", "public_key"))
    )
    values: dict[str, Any] = {
        "count": -(2**40),
        "chain": flipped(state.head["chain"], draw(flip)),
        "cut": state.head["cut"] - 1,
        "cut_chain": b"x" * 32,
        "keep_days": 1,
        "public_key": two.foreign.head["public_key"],
    }
    state.head[column] = values[column]


def rewrite(state: State, two: Two, draw: Callable[..., Any]) -> None:
    """Chain everything anew without the key."""
    state.lines[0]["action"] = "forged"
    chain = b""
    for line in state.lines:
        chain = hashlib.sha256(chain + repr(sorted(line.items())).encode()).digest()
        line["chain"] = chain
    state.head["chain"] = chain + draw(
        st.sampled_from((b"", chain, state.head["chain"][32:], b"\0" * 32))
    )


ATTACKS = (
    *(alter, delete, close_gap, swap, repeat, bury, take_over, truncate, cut_wrongly),
    *(change_head, rewrite),
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_done_to_the_rows_is_found(two: Two, data: st.DataObject) -> None:
    state = two.right.copy()
    for attack in data.draw(st.lists(st.sampled_from(ATTACKS), min_size=1, max_size=3)):
        if len(state.lines) > 2:
            attack(state, two, data.draw)
    state.lines.sort(key=lambda line: line["seq"])
    seqs = [line["seq"] for line in state.lines]
    assume(state != two.right and len(set(seqs)) == len(seqs))
    write(two.person.vault_id, state)
    try:
        with pytest.raises(Tampered):
            access_log.verify(two.person.access)
    finally:
        write(two.person.vault_id, two.right)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_each_attack_alone_is_found(two: Two, attack: Any, data: st.DataObject) -> None:
    state = two.right.copy()
    attack(state, two, data.draw)
    assume(state != two.right)
    write(two.person.vault_id, state)
    try:
        with pytest.raises(Tampered):
            access_log.verify(two.person.access)
    finally:
        write(two.person.vault_id, two.right)
    assert access_log.verify(two.person.access) == LINES
