"""Starts and stops the real services for the tests."""

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from django.core.management import call_command
from django.db import connections

from config import children, embedded
from config.home import Home
from config.probe import is_healthy
from config.processes import Running, Service, tail

ROOT = Path(__file__).resolve().parent.parent


class Stack:
    """PostgreSQL and the broker in the tests' folder; the tables are made as the owner."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._started: list[Running] = []

    def __enter__(self) -> Self:
        self.home.make()
        postgres = self.start(embedded.postgres(self.home, hasty=True))
        broker = self.start(embedded.broker(self.home))
        embedded.ready_postgres(self.home, postgres)
        embedded.ready_broker(self.home, broker)
        call_command("migrate", verbosity=0)
        connections["owner"].close()
        return self

    def start(self, service: Service) -> Running:
        running = Running(service)
        self._started.append(running)
        return running

    def end(self, running: Running) -> None:
        running.stop()
        self._started.remove(running)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for running in reversed(self._started):
            running.stop()


def environment(**more: str) -> dict[str, str]:
    """For a process of the real stack: the tests' data folder, the real settings."""
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", **more}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Process:
    """One process beside the stack."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.running: Running | None = None

    def service(self) -> Service:
        raise NotImplementedError

    def wait(self) -> None:
        """Return once it is of use."""

    def __enter__(self) -> Self:
        self.running = self.stack.start(self.service())
        self.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.running:
            self.stack.end(self.running)
            self.running = None

    @property
    def log(self) -> str:
        """All it has written so far."""
        return self.service().log.read_text(encoding="utf-8", errors="replace")

    def _wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            alive = self.running is not None and self.running.alive
            if not alive or time.monotonic() > deadline:
                log = self.service().log
                raise RuntimeError(f"{self.service().name} did not start:\n{tail(log, 30)}")
            time.sleep(0.05)


class Worker(_Process):
    """The Celery worker that `manage.py up` starts."""

    def service(self) -> Service:
        return children.worker(self.stack.home, environment(SATCHEL_LOG_LEVEL="INFO"))

    def wait(self) -> None:
        self._wait_until(lambda: "ready" in self.log, 60)


class Live(_Process):
    """The web server that `manage.py up` starts."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(stack)
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def service(self) -> Service:
        return children.web(self.stack.home, environment(), "127.0.0.1", self.port)

    def wait(self) -> None:
        self._wait_until(self._healthy, 60)

    def _healthy(self) -> bool:
        return is_healthy("127.0.0.1", self.port, "127.0.0.1")
