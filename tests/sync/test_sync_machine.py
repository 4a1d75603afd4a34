"""The real engine, a real vault and a remote that lies: random lives, crashes around every call.

    SATCHEL_FULL=1 python -m pytest tests/sync/test_sync_machine.py

lives 1,000 of them; LIVES=200 before it: that many. Two processes with half of them each, and
--hypothesis-seed=1 and 2 behind them, live the same in half of the time.

What the lives are worth is tried with faults put into the engine one at a time (`faults.py`), by
the last test here: each has to be found within 200 lives. One that is not is left out there: an
echo of what was taken, since both sides then say the same, which the next run settles.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.sync.faults import FAULTS
from tests.sync.machine import Syncing
from vault.embedding import indexing
from vault.keys.hashers import remembering_derivations
from vault.reviewing import pairs

_MANY = int(os.environ.get("LIVES", "1000"))
_ENOUGH = 200
"""A fault that so many lives do not find is not found."""


def lived(lives: int, steps: int, machine: type[Syncing] = Syncing, *, shrunk: bool = True) -> None:
    wanted = settings(
        max_examples=lives,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
        phases=list(Phase) if shrunk else [Phase.generate],
    )
    with remembering_derivations(), unsearched():
        run_state_machine_as_test(machine, settings=wanted)


@contextmanager
def unsearched() -> Iterator[None]:
    """Search is no part of these lives, and would take a fourth of their time."""
    with patch.object(indexing, "index_now"), patch.object(pairs, "find_later"):
        yield


def test_a_few_lives_come_to_rest() -> None:
    lived(15, 12)


@pytest.mark.full
@pytest.mark.timeout(4 * 3600)
def test_many_lives_come_to_rest() -> None:
    lived(_MANY, 25)


@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_engine_is_found(fault: str) -> None:
    number = 0

    @seed(1)
    class Counted(Syncing):
        def teardown(self) -> None:
            nonlocal number
            number += 1
            super().teardown()

    with FAULTS[fault](), pytest.raises(AssertionError):
        lived(_ENOUGH, 25, Counted, shrunk=False)
    print(f"{fault}: found after {number} lives")
