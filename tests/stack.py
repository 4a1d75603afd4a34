"""Starts and stops the real services for the tests."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from django.core.management import call_command
from django.db import connections

from config import children, embedded
from config.home import Home
from config.probe import is_healthy
from config.processes import Running, Service, tail
from config.schedule import DEFAULT_QUEUE, SYNC_QUEUE

ROOT = Path(__file__).resolve().parent.parent


class Stack:
    """PostgreSQL and the broker in the tests' folder; the tables are made as the owner."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._started: list[Running] = []

    def __enter__(self) -> Self:
        self.home.make()
        postgres = self.start(embedded.postgres(self.home, hasty=True))
        self.broker = self.start(embedded.broker(self.home))
        embedded.ready_postgres(self.home, postgres)
        embedded.ready_broker(self.home, self.broker)
        call_command("migrate", verbosity=0)
        connections["owner"].close()
        return self

    def start(self, service: Service) -> Running:
        running = Running(service)
        self._started.append(running)
        return running

    def restart_broker(self) -> None:
        self.end(self.broker)
        self.broker = self.start(embedded.broker(self.home))
        embedded.ready_broker(self.home, self.broker)

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
    kept = {k: v for k, v in os.environ.items() if k != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    allowed = {"SATCHEL_LOCAL_CONNECTORS": "folder"}
    return {**allowed, **kept, "DJANGO_SETTINGS_MODULE": "config.settings", **more}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Process:
    """One process beside the stack."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.running: Running | None = None
        self._log_before = 0

    def service(self) -> Service:
        raise NotImplementedError

    def wait(self) -> None:
        """Return once it is of use."""

    def start_again(self) -> None:
        log = self.service().log
        self._log_before = log.stat().st_size if log.exists() else 0
        self.running = self.stack.start(self.service())
        self.wait()

    def __enter__(self) -> Self:
        self.start_again()
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

    def kill(self) -> None:
        """As a power cut would: no goodbye."""
        if self.running:
            os.kill(self.running.pid, signal.SIGKILL)
            self.stack.end(self.running)
            self.running = None

    @property
    def log(self) -> str:
        """What it has written since it started."""
        return self.service().log.read_bytes()[self._log_before :].decode("utf-8", "replace")

    def _wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            alive = self.running is not None and self.running.alive
            if not alive or time.monotonic() > deadline:
                log = self.service().log
                raise RuntimeError(f"{self.service().name} did not start:\n{tail(log, 30)}")
            time.sleep(0.05)


class Worker(_Process):
    """A Celery worker as `manage.py up` starts them: one for both of its queues, or for another."""

    def __init__(
        self,
        stack: Stack,
        include: str = "",
        queue: str = f"{DEFAULT_QUEUE},{SYNC_QUEUE}",
        started: Callable[[Home, Mapping[str, str]], Service] = children.worker,
    ) -> None:
        super().__init__(stack)
        self._started, self._queue = started, queue
        name = queue.replace(",", "-")
        self._words = (
            *(("--include", include) if include else ()),
            *(("--queues", queue, "--hostname", f"{name}@%h") if queue else ()),
        )

    def service(self) -> Service:
        """With `queue` "", of its own queue alone."""
        service = self._started(self.stack.home, environment(SATCHEL_LOG_LEVEL="INFO"))
        log = service.log.with_name(f"trial-{service.name}-{self._queue}.log")
        return replace(service, argv=(*service.argv, *self._words), log=log)

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

    def start_again(self) -> None:
        code = (
            "import django; django.setup(); from config import collected as c; c.collect_static()"
        )
        subprocess.run((sys.executable, "-c", code), cwd=ROOT, env=environment(), check=True)
        super().start_again()

    def service(self) -> Service:
        return children.web(self.stack.home, environment(), "127.0.0.1", self.port)

    def wait(self) -> None:
        self._wait_until(self._healthy, 60)

    def _healthy(self) -> bool:
        return is_healthy("127.0.0.1", self.port, "127.0.0.1")
