"""Signs of life that workers leave for whoever looks after the server: files in the folder that the
web process and all workers share. They hold times and sums over all vaults, nothing of anybody.
"""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from sync.models import ArchiveJob, Connection, Distilling, Import
from vault.models import Vault
from vault.scope import vault_scope

LATELY = timedelta(days=7)
FAILING = ("imports", "archives", "connections", "distilling")


@dataclass(frozen=True, slots=True)
class Failures:
    """How many jobs failed within a week, by what they were, at the time of the count; and how
    many connections go no further now."""

    at: datetime
    counts: dict[str, int]


def beat(queue: str) -> None:
    """A worker of this queue is alive. Called by a message that went the whole way to it."""
    _path(f"{queue}.beat").touch()


def last_beat(queue: str) -> datetime | None:
    """When a worker of this queue was last known to be alive; None: never."""
    try:
        seconds = _path(f"{queue}.beat").stat().st_mtime
    except FileNotFoundError:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def count_failures() -> None:
    """Count them in all vaults, for `failures`. It costs a look into each vault."""
    counts = dict.fromkeys(FAILING, 0)
    since = timezone.now() - LATELY
    for vault_id in Vault.objects.values_list("id", flat=True).iterator():
        with vault_scope(vault_id):
            mine = {"vault_id": vault_id}
            failed = Import.objects.filter(**mine, state=Import.State.FAILED)
            counts["imports"] += failed.filter(started_at__gte=since).count()
            archives = ArchiveJob.objects.filter(**mine, state=ArchiveJob.State.FAILED)
            counts["archives"] += archives.filter(started_at__gte=since).count()
            stuck = [Connection.State.FAILING, Connection.State.BLOCKED, Connection.State.SIGN_IN]
            counts["connections"] += Connection.objects.filter(**mine, state__in=stuck).count()
            paused = Distilling.objects.filter(**mine, state=Distilling.State.PAUSED)
            counts["distilling"] += paused.filter(failures__gt=0, started_at__gte=since).count()
    said = json.dumps({"at": timezone.now().isoformat(), "counts": counts})
    part = _path(f"failures.{os.getpid()}.part")
    part.write_text(said, "utf-8")
    part.replace(_path("failures.json"))


def failures() -> Failures | None:
    """What was counted last; None before the first count, or when it cannot be read."""
    try:
        said = json.loads(_path("failures.json").read_text("utf-8"))
        counts = {name: int(said["counts"][name]) for name in FAILING}
        return Failures(datetime.fromisoformat(said["at"]), counts)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _path(name: str) -> Path:
    folder = Path(settings.SATCHEL_UPLOADS_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / name
