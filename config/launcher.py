"""`up`: starts every part of Satchel, keeps them running, and stops them in order."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.http.request import validate_host

from config import children, embedded, preflight
from config.collected import collect_static
from config.database import OWNER
from config.home import SECRET_KEY_NAME, Home, read_or_make_secret
from config.probe import is_healthy, name_to_ask
from config.processes import Running, Service, ServiceFailed, rotate, tail

_MANAGE = Path(__file__).resolve().parent.parent / "manage.py"
_TICK = 0.2
_ROTATE_EVERY = 60.0
_READY_WITHIN = 120.0
_LONGEST_WAIT = 30.0
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})


class Stopped(BaseException):
    """Somebody asked us to stop: Ctrl-C, SIGTERM, or a closed terminal."""


@dataclass
class Kept:
    """A running service and how often it died lately."""

    running: Running
    deaths: int = 0
    started: float = field(default_factory=time.monotonic)
    start_again_at: float = 0.0


class Launcher:
    """One `up`, from the first check to the last child's end."""

    def __init__(self, host: str, port: int, *, demo: bool, say: Callable[[str], None]) -> None:
        self.home = Home(settings.SATCHEL_HOME)
        self.host, self.port, self.demo, self.say = host, port, demo, say
        self._kept: list[Kept] = []

    @property
    def address(self) -> str:
        """What people open. By name where that is answered: passkeys need a name."""
        shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
        if shown in _LOOPBACK and validate_host("localhost", settings.ALLOWED_HOSTS):
            shown = "localhost"
        return f"http://{f'[{shown}]' if ':' in shown else shown}:{self.port}"

    def run(self) -> None:
        """Return once all is stopped. Refused, Misconfigured or ServiceFailed if it cannot be."""
        self.say(f"Satchel keeps its data in {self.home.path}")
        self.home.make()
        with preflight.alone(self.home, self.address), _listening():
            try:
                self._start()
                self._look_after()
            except Stopped:
                self.say("Stopping ...")
            finally:
                self._stop()

    # --- starting -------------------------------------------------------------------------------

    def _start(self) -> None:
        if preflight.end_strays(self.home) + embedded.end_stray_postgres(self.home):
            self.say("The last run ended suddenly; what it left behind is cleared away.")
        preflight.check_port(self.host, self.port)
        preflight.check_room(self.home.path)
        read_or_make_secret(Path(settings.SATCHEL_KEYS_DIR) / SECRET_KEY_NAME)
        self._start_services()
        self._make_tables()
        if collect_static():
            self.say("Static files are collected.")
        self._start_ourselves()
        self._wait_for_health()
        self.say(f"Satchel is ready: {self.address}")
        if self.host not in ("127.0.0.1", "::1", "localhost"):
            names = ", ".join(settings.ALLOWED_HOSTS)
            self.say(f"It answers to these names only: {names}. SATCHEL_HOSTS sets them.")
        if self.demo:
            self._make_demo()
        self.say("Press Ctrl-C to stop.")

    def _start_services(self) -> None:
        if settings.SATCHEL_EMBEDDED_DATABASE:
            embedded.ready_postgres(self.home, self._keep(embedded.postgres(self.home)))
            self.say("PostgreSQL is running.")
        if settings.SATCHEL_EMBEDDED_BROKER:
            embedded.ready_broker(self.home, self._keep(embedded.broker(self.home)))
            self.say("The broker is running.")

    def _make_tables(self) -> None:
        if OWNER not in connections.settings:
            self.say("Tables are left as they are: DATABASE_OWNER_URL is not set.")
            return
        call_command("migrate", interactive=False, verbosity=0)
        connections[OWNER].close()

    def _start_ourselves(self) -> None:
        environment = {**os.environ, **self._opened(), "SATCHEL_HOME": str(self.home.path)}
        self._keep(children.worker(self.home, environment))
        self._keep(children.sync_worker(self.home, environment))
        self._keep(children.beat(self.home, environment))
        self._keep(children.web(self.home, environment, self.host, self.port))

    def _opened(self) -> dict[str, str]:
        """Where nobody comes in from outside, models on this machine may be named as endpoints."""
        alone = {self.host, *settings.ALLOWED_HOSTS} <= _LOOPBACK
        if alone and not settings.SATCHEL_PRIVATE_ENDPOINTS:
            return {"SATCHEL_PRIVATE_ENDPOINTS": "127.0.0.0/8,::1"}
        return {}

    def _keep(self, service: Service) -> Running:
        rotate(service.log)
        running = Running(service)
        self._kept.append(Kept(running))
        self._note()
        return running

    def _wait_for_health(self) -> None:
        web = self._kept[-1].running
        name = name_to_ask(settings.ALLOWED_HOSTS)
        deadline = time.monotonic() + _READY_WITHIN
        while not is_healthy(self.host, self.port, name):
            if not web.alive or time.monotonic() > deadline:
                log = web.service.log
                raise ServiceFailed(f"The web server did not start. {log} ends:\n{tail(log)}")
            time.sleep(0.05)

    def _make_demo(self) -> None:
        command = (sys.executable, str(_MANAGE), "demo", "--no-bootstrap")
        environment = {**os.environ, "SATCHEL_HOME": str(self.home.path)}
        done = subprocess.run(command, env=environment, check=False)  # noqa: S603
        if done.returncode:
            self.say("The demo could not be made; Satchel itself is running.")

    # --- looking after --------------------------------------------------------------------------

    def _look_after(self) -> None:
        rotated = time.monotonic()
        while True:
            for kept in self._kept:
                if not kept.running.alive:
                    self._revive(kept)
            if time.monotonic() - rotated > _ROTATE_EVERY:
                rotated = time.monotonic()
                for kept in self._kept:
                    rotate(kept.running.service.log)
            time.sleep(_TICK)

    def _revive(self, kept: Kept) -> None:
        """Start it again: at once the first time, then after ever longer waits."""
        now = time.monotonic()
        if not kept.start_again_at:
            kept.deaths = 1 if now - kept.started > 2 * _LONGEST_WAIT else kept.deaths + 1
            wait = min(0.5 * 2 ** (kept.deaths - 1), _LONGEST_WAIT) if kept.deaths > 1 else 0.0
            kept.start_again_at = now + wait
            again = f"again in {wait:.0f} s" if wait >= 1 else "again"
            service, ending = kept.running.service, kept.running.ending
            self.say(f"The {service.name} was {ending}; starting it {again}. Log: {service.log}")
        if now >= kept.start_again_at:
            kept.running.stop()  # what it had started itself may live on
            kept.running = Running(kept.running.service)
            kept.started, kept.start_again_at = now, 0.0
            self._note()

    def _note(self) -> None:
        preflight.note_children(self.home, [kept.running for kept in self._kept])

    # --- stopping -------------------------------------------------------------------------------

    def _stop(self) -> None:
        """Web, beat, workers, broker, PostgreSQL: the reverse of the start."""
        _hurry_on_signal([kept.running for kept in self._kept])
        for kept in reversed(self._kept):
            if not kept.running.stop():
                self.say(f"The {kept.running.service.name} did not stop by itself and was ended.")
        if self._kept:
            self.say("Satchel has stopped.")
        self._kept.clear()
        self._note()


@contextmanager
def _listening() -> Iterator[None]:
    """Turn the signals that ask us to stop into Stopped."""

    def stop(number: int, frame: object) -> None:
        raise Stopped

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _hurry_on_signal(running: list[Running]) -> None:
    """From now on a second Ctrl-C does not wait for anybody."""

    def hurry(number: int, frame: object) -> None:
        for each in running:
            with suppress(ProcessLookupError):
                os.killpg(each.pid, signal.SIGKILL)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, hurry)
