"""When a connection runs again, and when it is taken for one that spins."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base.errors import (
    AuthError,
    BadResponse,
    CursorExpired,
    Misconfigured,
    RateLimited,
    Unavailable,
)
from sync.engine.backing import LATEST, LONGEST_ASKED, SOONEST, retry_at, spread
from sync.engine.turns import spins

NOW = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
DAY = timedelta(days=1)


@given(st.integers(-1, 10_000), st.integers())
def test_every_wait_is_within_its_bounds(failures: int, seed: int) -> None:
    for error in (Unavailable("down"), BadResponse("odd"), RateLimited("slow")):
        at = retry_at(error, failures, now=NOW, random=Random(seed))
        assert at is not None
        assert SOONEST <= at - NOW <= LATEST


def test_the_bound_doubles_and_waits_are_spread_under_it() -> None:
    random = Random(1)
    for failures, minutes in ((1, 2), (2, 4), (5, 32), (9, 360), (30, 360)):
        waits = [
            retry_at(Unavailable("down"), failures, now=NOW, random=random) for _ in range(300)
        ]
        longest = max(at - NOW for at in waits if at)
        shortest = min(at - NOW for at in waits if at)
        assert timedelta(minutes=minutes) * 0.9 < longest <= timedelta(minutes=minutes)
        assert shortest < SOONEST + timedelta(minutes=minutes) * 0.1


@given(st.floats(), st.integers(1, 40))
def test_what_the_vendor_asks_for_is_waited_for(asked: float, failures: int) -> None:
    at = retry_at(RateLimited("slow", asked), failures, now=NOW, random=Random(3))
    assert at is not None
    if asked <= LONGEST_ASKED.total_seconds():
        assert at - NOW >= timedelta(seconds=max(asked, 0))
    assert SOONEST <= at - NOW <= LONGEST_ASKED + SOONEST


@pytest.mark.parametrize("error", [AuthError("no"), Misconfigured("no")])
def test_no_waiting_helps_without_a_person(error: AuthError | Misconfigured) -> None:
    assert retry_at(error, 1, now=NOW, random=Random(0)) is None


def test_an_expired_cursor_is_no_reason_to_wait() -> None:
    assert retry_at(CursorExpired("old"), 3, now=NOW, random=Random(0)) == NOW


everies = st.timedeltas(timedelta(seconds=1), timedelta(days=40))
moments = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(st.uuids(), everies, moments)
def test_the_next_time_is_after_now_and_within_one_round(
    id: UUID, every: timedelta, now: datetime
) -> None:
    at = spread(id, every, now)
    assert now < at <= now + every
    assert spread(id, every, at) == at + every
    assert spread(id, every, at - timedelta(microseconds=1)) == at


def test_ids_made_one_after_another_are_spread_evenly() -> None:
    hour = timedelta(hours=1)
    ids = [UUID(int=0x0198C0DE_0000_7000_8000_000000000000 + number) for number in range(6000)]
    minutes = [int((spread(id, hour, NOW) - NOW) / timedelta(minutes=1)) for id in ids]
    counts = [minutes.count(minute) for minute in range(60)]
    assert min(counts) > 50 and max(counts) < 150


@pytest.mark.parametrize("every", [timedelta(0), -DAY])
def test_a_schedule_without_time_between_runs_is_refused(every: timedelta) -> None:
    with pytest.raises(ValueError, match="time between runs"):
        spread(uuid5(UUID(int=0), "x"), every, NOW)


@pytest.mark.parametrize(
    ("hours_ago", "spinning"),
    [
        ([1, 2, 3, 4, 5], False),
        ([1, 2, 3, 4, 5, 6], True),
        ([1, 2, 3, 4, 5, 24], False),
        ([1, 2, 3, 4, 5, 23.9], True),
        ([-1, 1, 1, 1, 1, 1], True),
        ([], False),
    ],
)
def test_spinning_is_more_than_five_rewrites_a_day(hours_ago: list[float], spinning: bool) -> None:
    assert spins([NOW - timedelta(hours=hours) for hours in hours_ago], NOW) is spinning
