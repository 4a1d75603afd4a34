"""Celery's way in: fetch, call, and make sure that work which lost its worker goes on."""

from uuid import UUID

from celery import shared_task

from sync.models import Import

RUNNING = (
    Import.State.READING,
    Import.State.WRITING,
    Import.State.INDEXING,
    Import.State.UNDOING,
)


@shared_task
def run_import(import_id: str, job_token: str) -> None:
    """Do the import's present step. Several deliveries of one message do no harm: one works, the
    others come back later, so that a message is there for as long as there is work."""
    from sync import leases
    from sync.importing import reading

    if not reading.run(UUID(import_id), job_token):
        later = leases.LASTS.total_seconds() / 2
        run_import.apply_async((import_id, job_token), countdown=later)


@shared_task
def reseal(job_token: str) -> None:
    """Seal anew what still lies under a collection's old key."""
    from sync.upkeep import resealing

    resealing.run(job_token)


@shared_task
def sweep_imports() -> None:
    """Delete what nobody needs any more: old previews, and uploads that never became an import."""
    from sync.upkeep import sweeping

    sweeping.sweep()


@shared_task
def run_archive(job_id: str, job_token: str) -> None:
    """Make or restore a vault archive. Of several deliveries one works, as for imports."""
    from sync import leases
    from sync.archives import archiving

    if not archiving.run(UUID(job_id), job_token):
        later = leases.LASTS.total_seconds() / 2
        run_archive.apply_async((job_id, job_token), countdown=later)


@shared_task
def wipe_archive(vault_id: str, job_id: str) -> None:
    """Take away what a cancelled restore had written."""
    from sync.archives import wiping

    wiping.run(UUID(vault_id), UUID(job_id))


@shared_task
def run_erasure(erasure_id: str) -> None:
    """Delete all that is left of a vault whose keys are gone. The sweep goes on if this stops."""
    from sync import erasing

    erasing.run(UUID(erasure_id))


@shared_task
def sweep_archives() -> None:
    """Delete archives whose time is over; go on with erasing that lost its worker."""
    from sync.archives import archive_sweeping

    archive_sweeping.sweep()


@shared_task
def run_embedding(job_token: str, cursor: dict[str, str | int] | None = None) -> None:
    """Do a turn of embedding, and leave a message for the next one while there is work."""
    from sync import outbox
    from sync.upkeep import embedding

    again = embedding.run(job_token, embedding.Cursor.read(cursor or {}))
    if again is not None:
        message = (job_token, again.cursor.to_json())
        outbox.leave_job(job_token, run_embedding, *message, wait=again.wait)


@shared_task
def run_turning(
    job_token: str, collection_id: str, step: dict[str, str | bool] | None = None
) -> None:
    """Do a turn of bringing a collection to another way of searching; then leave the next."""
    from sync import outbox
    from sync.upkeep import turning

    again = turning.run(job_token, UUID(collection_id), step or {})
    if again is not None:
        message = (job_token, collection_id, again.step)
        outbox.leave_job(job_token, run_turning, *message, wait=again.wait)


@shared_task
def run_connection(
    vault_id: str, connection_id: str, run_token: str, kind: str, resync: bool
) -> None:
    """Do what is due for a connection. Several deliveries of one message do no harm."""
    from sync.connections import runs

    runs.run(UUID(vault_id), UUID(connection_id), run_token, kind, resync=resync)


@shared_task
def start_due_connections() -> None:
    """Leave a message for every connection whose next step is due."""
    from sync.connections import scheduling

    scheduling.start_due()


@shared_task
def run_distilling(run_id: str, job_token: str) -> None:
    """Do a turn of distilling, and leave a message for the next one while there is work."""
    from sync import outbox
    from sync.distilling import work

    again = work.run(UUID(run_id), job_token)
    if again is not None:
        outbox.leave_job(job_token, run_distilling, run_id, job_token, wait=again.wait)


@shared_task
def beat(queue: str) -> None:
    """Leave a sign of life of this queue's worker."""
    from sync.upkeep import heartbeat

    heartbeat.beat(queue)


@shared_task
def count_failures() -> None:
    """Count what failed lately, for whoever runs the server."""
    from sync.upkeep import heartbeat

    heartbeat.count_failures()
