"""Chores around browsers' sessions."""

from celery import shared_task

from frontend.signin import aside


@shared_task
def empty_what_was_put_aside() -> int:
    """Words that waited for their owner longer than half an hour. In how many sessions."""
    return aside.empty_old()
