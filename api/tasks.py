"""Chores of the door at which apps come in: none of them needs a key."""

from celery import shared_task


@shared_task
def sweep_codes() -> int:
    """Delete what was kept of codes that are over. How many."""
    from api.oauth import sweeping

    return sweeping.codes()


@shared_task
def sweep_apps() -> int:
    """Delete apps that registered and were not let in for 30 days. How many."""
    from api.oauth import sweeping

    return sweeping.apps()
