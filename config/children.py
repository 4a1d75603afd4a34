"""The three processes of Satchel itself: web, worker and beat."""

import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from config.home import Home
from config.processes import Service

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
    return Service(
        name="worker",
        argv=(
            *_celery("worker", "--pool", "threads", "--concurrency", "2"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ),
        log=home.logs / "worker.log",
        environment=_tied(environment),
        death_signal=signal.SIGKILL,
        patience=15.0,
    )


def beat(home: Home, environment: Mapping[str, str]) -> Service:
    """Celery's clock. It notes in the data folder what it did when."""
    return Service(
        name="beat",
        argv=(*_celery("beat"), "--pidfile=", "--schedule", str(home.run / "beat")),
        log=home.logs / "beat.log",
        environment=_tied(environment),
    )


def _celery(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "celery", "--app", "config", "--quiet", *words)


def _tied(environment: Mapping[str, str]) -> dict[str, str]:
    """With the project on the path, wherever `up` was called from."""
    root = str(Path(__file__).resolve().parent.parent)
    path = environment.get("PYTHONPATH", "")
    return {**environment, "PYTHONPATH": f"{root}:{path}" if path else root}
