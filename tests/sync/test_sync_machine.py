"""The real engine, a real vault and a remote that lies: random lives, crashes around every call.

    SATCHEL_FULL=1 python -m pytest tests/sync/test_sync_machine.py

lives 1,500 of them; LIVES=200 before it: that many.
"""

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.sync.machine import Syncing
from vault.hashers import remembering_derivations

_MANY = int(os.environ.get("LIVES", "1500"))


def lived(lives: int, steps: int) -> None:
    wanted = settings(
        max_examples=lives,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    with remembering_derivations():
        run_state_machine_as_test(Syncing, settings=wanted)


def test_a_few_lives_come_to_rest() -> None:
    lived(15, 12)


@pytest.mark.full
@pytest.mark.timeout(4 * 3600)
def test_many_lives_come_to_rest() -> None:
    lived(_MANY, 25)
