"""The Celery application: late acknowledgement, JSON only, and no argument ever in a log.

A task is given out again when its worker dies, and after the visibility timeout when it is still
running: every task must be safe to repeat.
"""

import os
from logging.config import dictConfig
from typing import Any

from celery import Celery, Task, signals

from config.processes import keep_memory_private

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

HIDDEN = "(hidden)"


class QuietTask(Task):
    """Keeps arguments out of the texts that Celery copies into headers, events and logs."""

    def apply_async(self, *args: Any, **options: Any) -> Any:
        hidden = {"argsrepr": HIDDEN, "kwargsrepr": HIDDEN}
        return super().apply_async(*args, **{**options, **hidden})  # type: ignore[no-untyped-call]


app = Celery("satchel", task_cls=QuietTask)  # type: ignore[no-untyped-call]
app.config_from_object("django.conf:settings", namespace="CELERY")  # type: ignore[no-untyped-call]
app.autodiscover_tasks()  # type: ignore[no-untyped-call]


@signals.setup_logging.connect  # type: ignore[untyped-decorator]
def _use_our_logging(**kwargs: object) -> None:
    """Stops Celery from replacing the log format of the settings."""
    from django.conf import settings

    dictConfig(settings.LOGGING)


@signals.worker_init.connect  # type: ignore[untyped-decorator]
def _keep_memory_private(**kwargs: object) -> None:
    keep_memory_private()
