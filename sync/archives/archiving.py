"""An archive at work: a worker opens the job's keys, takes the lease, and does what is due."""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from django.utils.translation import gettext_noop

from sync.archives import exporting, restoring, wiping
from sync.archives.archive_work import Work
from sync.archives.archives import State
from sync.errors import LostLease
from vault.errors import Locked, VaultError
from vault.keys.jobs import end_job, open_job

logger = logging.getLogger(__name__)

_STEPS: Mapping[str, Callable[[Work], None]] = {
    State.MAKING: exporting.make,
    State.CHECKING: restoring.check,
    State.RESTORING: restoring.restore,
    State.INDEXING: restoring.index,
}
_OUR_FAULT = gettext_noop(
    "Something went wrong on our side, and nothing of this was kept. Start it again."
)


def run(job_id: UUID, job_token: str) -> bool:
    """Do it to its end. False: somebody else is at it, look again later."""
    try:
        work = Work(open_job(job_token, "Vault archive"), job_id, job_token)
    except Locked:
        return True  # it ended, or the owner has to continue it: this token can do nothing more
    if work.row.state in _STEPS and not work.lease.take():
        return False
    with suppress(LostLease):  # it was cancelled, or another worker goes on
        _run_or_fail(work)
    if work.row.state in _STEPS:
        return True
    end_job(work.access)
    if work.row.state == State.WIPING:
        wiping.run(work.access.vault_id, job_id)
    return True


def _run_or_fail(work: Work) -> None:
    try:
        while step := _STEPS.get(work.row.state):
            step(work)
    except LostLease:
        raise
    except FileNotFoundError:
        work.fail(gettext_noop("The uploaded archive is no longer here. Upload it again."))
    except VaultError as refused:
        work.fail(str(refused))
    except Exception as error:
        # The message could quote what is restored: only its kind and place go to the log.
        logger.error("Archive %s failed: %s", work.job_id, _place(error))
        work.fail(_OUR_FAULT)


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} at {where}"
