"""What runs on its own, how often, and in which queue. Each task is in its package's `tasks.py`."""

from typing import Any

from celery.schedules import crontab

DEFAULT_QUEUE, SYNC_QUEUE = "satchel", "sync"
ROUTES = {
    "sync.tasks.run_connection": {"queue": SYNC_QUEUE},
    "sync.tasks.run_distilling": {"queue": SYNC_QUEUE},
}
"""What waits for others, and for long, has a queue and a worker of its own."""

BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "destroy old peppers": {
        "task": "vault.tasks.destroy_old_peppers",
        "schedule": crontab(hour="3", minute="10"),
    },
    "close stale slots": {
        "task": "vault.tasks.close_stale_slots",
        "schedule": crontab(minute="40"),
    },
    "clear sessions of browsers": {
        "task": "vault.tasks.clear_sessions",
        "schedule": crontab(minute="10"),
    },
    "empty what was put aside": {
        "task": "frontend.tasks.empty_what_was_put_aside",
        "schedule": crontab(minute="*/10"),
    },
    "renew the key server's token": {
        "task": "vault.tasks.renew_custodian",
        "schedule": crontab(minute="5"),
    },
    "destroy peppers of ended grants": {
        "task": "vault.tasks.destroy_ended_grants",
        "schedule": crontab(minute="50"),
    },
    "shred what was forgotten": {
        "task": "vault.tasks.shred_forgotten",
        "schedule": crontab(minute="20"),
    },
    "cut access logs": {
        "task": "vault.tasks.cut_logs",
        "schedule": crontab(hour="3", minute="40"),
    },
    "tend indexes": {
        "task": "vault.tasks.tend_indexes",
        "schedule": crontab(minute="30"),
    },
    "sweep codes of apps": {
        "task": "api.tasks.sweep_codes",
        "schedule": crontab(minute="15"),
    },
    "sweep apps that nobody let in": {
        "task": "api.tasks.sweep_apps",
        "schedule": crontab(hour="4", minute="10"),
    },
    "sweep imports": {"task": "sync.tasks.sweep_imports", "schedule": 60.0},
    "start due connections": {"task": "sync.tasks.start_due_connections", "schedule": 60.0},
    "sweep archives": {"task": "sync.tasks.sweep_archives", "schedule": 60.0},
    "signs of life": {
        "task": "sync.tasks.beat",
        "args": (DEFAULT_QUEUE,),
        "schedule": 60.0,
        "options": {"queue": DEFAULT_QUEUE, "expires": 60},
    },
    "signs of life of connections": {
        "task": "sync.tasks.beat",
        "args": (SYNC_QUEUE,),
        "schedule": 60.0,
        "options": {"queue": SYNC_QUEUE, "expires": 60},
    },
    "count failures": {"task": "sync.tasks.count_failures", "schedule": crontab(minute="*/10")},
}
