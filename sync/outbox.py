"""Leaving work to the worker, also while the broker does not answer."""

import logging
from typing import Any

from celery import Task
from kombu.exceptions import OperationalError

from vault.keys import jobs

logger = logging.getLogger(__name__)

_RETRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
"""Once more at once: a connection that was kept open may be that to a broker of before."""


def leave(task: Task, *args: Any, wait: float = 0.0) -> bool:
    """Send a message to be taken up after `wait` seconds. False when the broker does not answer:
    what is to be done stands in the database, and goes on from there."""
    try:
        task.apply_async(args, countdown=wait, retry_policy=_RETRY)  # type: ignore[no-untyped-call]
    except OperationalError:
        logger.error("There is no broker: %s has to wait.", task.name)
        return False
    return True


def leave_job(job_token: str, task: Task, *args: Any, wait: float = 0.0) -> None:
    """The same for work with keys of its own. If its message did not go out, nobody has the token:
    the keys go at once, so that the owner is shown that it stands still and can let it go on."""
    if not leave(task, *args, wait=wait):
        jobs.shred(job_token)
