"""Whatever owners do in whatever order, nobody opens what a short model of the rules denies.

The long form: `SATCHEL_FULL=1 python3 manage.py test --fast tests/vault/test_machine.py`.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.vault.checked import FULL
from tests.vault.machine import ALL, SEE, Vaults
from vault.types import Right

HOURS, DAYS, WEEKS = timedelta(hours=3), timedelta(days=2), timedelta(days=40)


class Walk:
    """The machine, led by hand: after every step all is compared."""

    def __init__(self) -> None:
        self.machine = Vaults()

    def __enter__(self) -> "Walk":
        return self

    def __exit__(self, *_: object) -> None:
        self.machine.teardown()

    def __call__(self, act: Callable[..., Any], *given: object) -> Any:
        made = act(self.machine, *given)
        self.machine.nobody_opens_what_the_model_denies()
        self.machine.keys_lie_where_the_model_says()
        return getattr(made, "values", made)


@pytest.fixture
def walk() -> Any:
    with Walk() as walk:
        yield walk


def test_what_is_not_confirmed_or_waits_is_seen_by_whom_it_may_be(walk: Walk) -> None:
    walk(Vaults.first_facts)
    strict, loose = walk(Vaults.first_grants)
    mine, _ = walk(Vaults.first_jobs)
    walk(Vaults.imported, mine, "Work")
    walk(Vaults.imported, mine, "Health")  # it was not started for that
    walk(Vaults.change, strict, None, False, None, True)
    walk(Vaults.change, strict, None, True, None, False)
    walk(Vaults.change, strict, None, False, None, False)  # refused: more needs the password
    (first,) = walk(Vaults.tell, loose, "Family")
    walk(Vaults.let_in, first)
    walk(Vaults.tell, loose, "Family")
    walk(Vaults.tell, loose, "Work")
    walk(Vaults.tell, loose, "Health")


def test_rights_and_ends_that_change_count_at_once(walk: Walk) -> None:
    walk(Vaults.first_facts)
    rights = {"Work": Right(see=True, add="ask"), "Family": ALL, "Health": Right(add="yes")}
    app = walk(Vaults.grant, 0, rights, 200, False)
    walk(Vaults.tell, app, "Work")
    walk(Vaults.pause_or_resume, app)
    walk(Vaults.rotate, 0, "Family")
    walk(Vaults.pause_or_resume, app)
    walk(Vaults.change, app, {"Work": SEE, "Family": Right(add="ask")}, None, None, False)
    walk(Vaults.change, app, {"Work": ALL}, None, None, False)  # refused
    walk(Vaults.change, app, {"Family": ALL}, None, None, True)
    walk(Vaults.change, app, None, None, 20, False)
    walk(Vaults.change, app, None, None, 200, False)  # refused
    walk(Vaults.wait, WEEKS)
    walk(Vaults.change, app, None, None, 200, True)  # refused: it has ended
    blind = walk(Vaults.grant, 1, {"Health": Right(add="yes")}, 30, False)
    walk(Vaults.pause_or_resume, blind)  # it holds no key that it could lose
    other = walk(Vaults.grant, 0, {"Health": SEE}, 1, False)
    walk(Vaults.wait, DAYS)
    walk(Vaults.revoke, other)
    walk(Vaults.revoke, walk(Vaults.grant, 1, {"Work": ALL}, 30, False))


def test_keys_that_change_leave_everything_in_its_place(walk: Walk) -> None:
    facts = walk(Vaults.first_facts)
    strict, _ = walk(Vaults.first_grants)
    walk(Vaults.first_session)
    walk(Vaults.first_jobs)
    walk(Vaults.move, facts[1], "Health")
    walk(Vaults.forget_or_restore, facts[0])
    walk(Vaults.remember, 0, "Work")
    walk(Vaults.remember, 0, "Work")  # one more than is sealed anew at a time
    walk(Vaults.rotate, 0, "Work")
    walk(Vaults.remember, 0, "Work")
    walk(Vaults.forget_or_restore, facts[0])
    walk(Vaults.rotate, 1, "Health")  # where one may only add
    walk(Vaults.reseal, 0, "Work", False)
    walk(Vaults.reseal, 0, "Work", True)
    walk(Vaults.tell, strict, "Work")
    walk(Vaults.revoke, strict)
    walk(Vaults.rotate, 0, "Family")
    walk(Vaults.remember, 0, "Family")


def test_sessions_and_jobs_end(walk: Walk) -> None:
    walk(Vaults.first_facts)
    first, other = walk(Vaults.first_jobs)
    walk(Vaults.end_job, other)
    walk(Vaults.lock, walk(Vaults.unlock, 0))
    walk(Vaults.unlock, 0)
    walk(Vaults.stay, walk(Vaults.unlock, 1))
    walk(Vaults.start_job, 0, {"Health"})
    walk(Vaults.unlock, 1)
    walk(Vaults.wait, HOURS)
    walk(Vaults.end_job, first)  # it has ended by itself


@pytest.mark.timeout(6 * 3600 if FULL else 120)
def test_nobody_opens_what_the_model_denies() -> None:
    run_state_machine_as_test(
        Vaults,
        settings=settings(
            max_examples=1000 if FULL else 5,
            stateful_step_count=40 if FULL else 12,
            deadline=None,
            phases=set(Phase) if FULL else {Phase.reuse, Phase.generate},  # to shrink takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
