"""Times as vendors write them, and numbers that are none."""

from typing import Any

import pytest

from connectors.base.moments import moment


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (1767268800, "2026-01-01 12:00:00+00:00"),
        (1767268800000, "2026-01-01 12:00:00+00:00"),
        ("2026-01-01T13:00:00+01:00", "2026-01-01 12:00:00+00:00"),
        ("2026-01-01T12:00:00", "2026-01-01 12:00:00+00:00"),
        (10**400, None),
        (1e308, None),
        (float("nan"), None),
        (-1, None),
        (True, None),
        ("0001-01-01T00:00:00+14:00", None),
        ("soon", None),
        (["2026"], None),
    ],
)
def test_a_time_or_none(said: Any, found: str | None) -> None:
    assert (str(moment(said)) if moment(said) else None) == found
