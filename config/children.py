"""The four processes of Satchel itself: web, the two workers, and beat."""

import signal
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from config.home import Home
from config.processes import Service
from config.schedule import DEFAULT_QUEUE, SYNC_QUEUE

# What a person ends with Ctrl-C must not wait for an upload to finish.
_SECONDS_TO_FINISH = "5"


def web(home: Home, environment: Mapping[str, str], host: str, port: int) -> Service:
    """The web server, one process; its threads are bounded by SATCHEL_WEB_THREADS."""
    return Service(
        name="web",
        argv=(
            *(sys.executable, "-m", "granian", "config.asgi:application"),
            *("--interface", "asgi", "--host", host, "--port", str(port), "--http", "1"),
            *("--no-ws", "--workers", "1", "--workers-kill-timeout", _SECONDS_TO_FINISH),
            *("--log-level", "warning"),
        ),
        log=home.logs / "web.log",
        environment=_tied(environment),
        death_signal=signal.SIGKILL,
    )


def worker(home: Home, environment: Mapping[str, str]) -> Service:
    """The Celery worker: two threads. What it was doing when killed is given out again."""
    service = _worker(home, environment, DEFAULT_QUEUE, threads=2)
    return replace(service, name="worker", log=home.logs / "worker.log")


def sync_worker(home: Home, environment: Mapping[str, str]) -> Service:
    """The worker of connections: a run waits for its vendor, for hours if need be, and must not
    keep an import waiting. Four threads, for they wait more than they work."""
    return _worker(home, environment, SYNC_QUEUE, threads=4)


def beat(home: Home, environment: Mapping[str, str]) -> Service:
    """Celery's clock. It notes in the data folder what it did when."""
    return Service(
        name="beat",
        argv=(*_celery("beat"), "--pidfile=", "--schedule", str(home.run / "beat")),
        log=home.logs / "beat.log",
        environment=_tied(environment),
    )


def _worker(home: Home, environment: Mapping[str, str], queue: str, *, threads: int) -> Service:
    return Service(
        name=f"{queue} worker",
        argv=(
            *_celery("worker", "--pool", "threads", "--concurrency", str(threads)),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
            *("--queues", queue, "--hostname", f"{queue}@%h"),
        ),
        log=home.logs / f"{queue}.log",
        environment=_tied(environment),
        death_signal=signal.SIGKILL,
        patience=15.0,
    )


def _celery(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "celery", "--app", "config", "--quiet", *words)


def _tied(environment: Mapping[str, str]) -> dict[str, str]:
    """With the project on the path, wherever `up` was called from."""
    root = str(Path(__file__).resolve().parent.parent)
    path = environment.get("PYTHONPATH", "")
    return {**environment, "PYTHONPATH": f"{root}:{path}" if path else root}
