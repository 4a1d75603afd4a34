"""How fast requests follow one another, with a clock that is told the time."""

from dataclasses import dataclass

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base.errors import Unavailable
from connectors.mem0.remote import Mem0
from connectors.zep.remote import Zep
from sync.connections.outgoing import Outgoing
from sync.connections.pace import BURST, Pace, of_account
from sync.engine import bridge


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_quarter_of_a_minute_at_once_then_evenly() -> None:
    clock = Clock()
    pace = Pace(120, clock)
    waits = [pace.take() for _ in range(33)]
    assert waits[:30] == [0.0] * 30
    assert waits[30:] == pytest.approx([0.5, 1.0, 1.5])
    clock.now += 1.5
    assert pace.take() == pytest.approx(0.5), "each waits behind those before it"
    clock.now += 3600
    assert [pace.take() for _ in range(31)][29:] == pytest.approx([0.0, 0.5])


def test_a_slow_one_lets_one_through() -> None:
    clock = Clock()
    pace = Pace(1, clock)
    assert [pace.take(), pace.take()] == pytest.approx([0.0, 60.0])


@given(
    per_minute=st.integers(1, 3000),
    steps=st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=60),
)
def test_in_no_minute_more_than_a_minute_and_a_burst(per_minute: int, steps: list[float]) -> None:
    clock, sent = Clock(), []
    pace = Pace(per_minute, clock)
    for step in steps:
        clock.now += step
        sent.append(clock.now + pace.take())
    assert sent == sorted(sent), "nobody overtakes"
    for first in sent:
        within = [at for at in sent if first <= at < first + 60]
        assert len(within) <= per_minute + max(1.0, per_minute * BURST) + 1


def test_connections_of_one_account_share_it() -> None:
    one = {"api_key": "m_1", "user_id": "ana"}
    pace = of_account(Mem0, one)
    assert of_account(Mem0, {**one, "user_id": "ben"}) is pace, "the key is what is counted there"
    assert of_account(Mem0, {**one, "base_url": "https://api.mem0.ai"}) is pace, "the default"
    assert of_account(Mem0, {**one, "api_key": "m_2"}) is not pace
    assert of_account(Mem0, {**one, "base_url": "https://mem0.example.org"}) is not pace
    assert of_account(Zep, {**one, "graph_uuid": "g"}) is not pace


def test_two_ways_out_to_one_account_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    slept: list[float] = []
    pace = Pace(4, clock)
    monkeypatch.setattr(bridge, "of_account", lambda connector, options: pace)
    ways: list[Outgoing] = []

    def way(connector: object) -> httpx.BaseTransport:
        ways.append(Outgoing(Pace(4, clock), sleep=slept.append))
        return ways[-1]

    nobody_there = "http://127.0.0.1:9"
    options = {"api_key": "m_1", "user_id": "ana", "base_url": nobody_there}
    for _ in range(2):
        with bridge.remote_of("mem0", options, way) as remote, pytest.raises(Unavailable):
            remote.check()
    assert slept == pytest.approx([15.0]) and [one.sent for one in ways] == [1, 1]
