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
    from sync import reading

    if not reading.run(UUID(import_id), job_token):
        later = reading.LEASE.total_seconds() / 2
        run_import.apply_async((import_id, job_token), countdown=later)


@shared_task
def sweep_imports() -> None:
    """Delete what nobody needs any more: old previews, and uploads that never became an import."""
    from sync import sweeping

    sweeping.sweep()
