"""What runs on its own, and how often. Each task is in the `tasks.py` of its package."""

from typing import Any

from celery.schedules import crontab

BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "destroy old peppers": {
        "task": "vault.tasks.destroy_old_peppers",
        "schedule": crontab(hour="3", minute="10"),
    },
    "close stale slots": {
        "task": "vault.tasks.close_stale_slots",
        "schedule": crontab(minute="40"),
    },
    "shred what was forgotten": {
        "task": "vault.tasks.shred_forgotten",
        "schedule": crontab(minute="20"),
    },
    "sweep imports": {"task": "sync.tasks.sweep_imports", "schedule": 60.0},
}
