"""How the server is: what answers, what waits, how much room is left. Nothing about anybody."""

import logging
import os
import platform
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from kombu.connection import Connection as Broker
from kombu.exceptions import KombuError

from sync.upkeep import heartbeat
from sync.upkeep.heartbeat import Failures
from vault.keys.custodian import KeyServerError, KeysFolderError, custodian, today

logger = logging.getLogger(__name__)

SILENT_AFTER = timedelta(minutes=5)
"""A worker that gave no sign for so long is busy with something long, or gone."""
_LITTLE_SPACE = 1024**3


@dataclass(frozen=True, slots=True)
class Database:
    """`missing`: migrations that were not applied."""

    version: str
    pgvector: str
    size: int
    missing: int


@dataclass(frozen=True, slots=True)
class Queue:
    """`waiting` is None when the broker cannot say; `beat`: the last sign of a worker of it."""

    name: str
    waiting: int | None
    beat: datetime | None

    @property
    def alive(self) -> bool:
        return self.beat is not None and self.beat > timezone.now() - SILENT_AFTER


@dataclass(frozen=True, slots=True)
class Disk:
    """Of the folder of sealed uploads and archives; all in bytes but `files`."""

    files: int
    size: int
    free: int
    total: int

    @property
    def low(self) -> bool:
        return self.free < max(_LITTLE_SPACE, self.total // 20)


@dataclass(frozen=True, slots=True)
class Health:
    """None for what does not answer; why is in the log."""

    at: datetime
    database: Database | None
    broker: bool
    queues: Sequence[Queue]
    keys: bool
    disk: Disk | None
    failures: Failures | None
    mail: bool
    versions: Mapping[str, str]

    @property
    def good(self) -> bool:
        """Nothing here needs whoever runs the server."""
        answers = self.database is not None and not self.database.missing and self.broker
        working = all(queue.alive for queue in self.queues)
        return answers and working and self.keys and self.disk is not None and not self.disk.low


def look() -> Health:
    """Ask everything once. Each part that does not answer costs a few seconds at most."""
    depths = _depths()
    names = _queue_names()
    return Health(
        at=timezone.now(),
        database=_database(),
        broker=depths is not None,
        queues=[Queue(n, (depths or {}).get(n), heartbeat.last_beat(n)) for n in names],
        keys=_keys(),
        disk=_disk(Path(settings.SATCHEL_UPLOADS_DIR)),
        failures=heartbeat.failures(),
        mail=settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"),
        versions=_versions(),
    )


def _database() -> Database | None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            (server,) = cursor.fetchone()
            cursor.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
            found = cursor.fetchone()
            cursor.execute("SELECT pg_database_size(current_database())")
            (size,) = cursor.fetchone()
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError as error:
        logger.error("The database does not answer (%s).", type(error).__name__)
        return None
    return Database(str(server).split()[0], str(found[0]) if found else "", int(size), missing)


def _queue_names() -> list[str]:
    routed = {str(route["queue"]) for route in settings.CELERY_TASK_ROUTES.values()}
    return [settings.CELERY_TASK_DEFAULT_QUEUE, *sorted(routed)]


def _depths() -> dict[str, int] | None:
    """How many messages wait in each queue; None when the broker does not answer."""
    try:
        with current_app.connection_for_read() as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=3)
            return {name: _depth(broker, name) for name in _queue_names()}
    except (KombuError, OSError) as error:
        logger.error("The broker does not answer (%s).", type(error).__name__)
        return None


def _depth(broker: Broker, name: str) -> int:
    """A queue that is not there yet holds nothing: a refusal closes its channel, not the rest."""
    with broker.channel() as channel:  # type: ignore[no-untyped-call]
        try:
            return int(channel.queue_declare(queue=name, passive=True).message_count)
        except broker.channel_errors:
            return 0


def _keys() -> bool:
    try:
        custodian().pepper()
        custodian().pepper_of(today())
    except (KeyServerError, KeysFolderError, OSError) as error:
        logger.error("The server's keys are not to be had (%s).", type(error).__name__)
        return False
    return True


def _disk(folder: Path) -> Disk | None:
    try:
        sizes = [entry.stat().st_size for entry in os.scandir(folder) if entry.is_file()]
        room = shutil.disk_usage(folder)
    except OSError as error:
        logger.error("The folder of uploads cannot be looked at (%s).", type(error).__name__)
        return None
    return Disk(len(sizes), sum(sizes), room.free, room.total)


def _versions() -> dict[str, str]:
    packages = ("Django", "celery", "psycopg", "granian")
    found = {"Satchel": settings.SATCHEL_VERSION, "Python": platform.python_version()}
    return found | {name: version(name) for name in packages}
