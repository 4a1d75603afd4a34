"""`manage.py up`, as people use it: started, used, mistreated and stopped."""

import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from config.home import APP_ROLE, OWNER_ROLE, Home
from config.probe import is_healthy
from tests.stack import ROOT, Stack, environment, free_port

SECONDS = 90


class Up:
    """One `manage.py up` in a process of its own; its words come in one by one."""

    def __init__(self, home: Path, *words: str, port: int = 0, **variables: str) -> None:
        self.home, self.port = home, port or free_port()
        self.process = subprocess.Popen(
            (
                *(sys.executable, str(ROOT / "manage.py"), "--no-bootstrap", "up"),
                *("--port", str(self.port), "--home", str(home), *words),
            ),
            env=environment(**variables),
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self.process.stdout or ():
            self._lines.put(line.rstrip())
        self._lines.put(None)

    def until(self, words: str) -> str:
        """The next line that holds these words."""
        while (line := self._lines.get(timeout=SECONDS)) is not None:
            self.said.append(line)
            if words in line:
                return line
        raise AssertionError(f"{words!r} was not said: {self.said}\n{self.logs()}")

    def ready(self) -> "Up":
        self.until("Satchel is ready")
        return self

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, program: str) -> psutil.Process | None:
        """The child that runs it: granian, beat, valkey-server, postgres; a worker by its queue."""
        for process in psutil.Process(self.process.pid).children():
            words = " ".join(process.cmdline()).split()  # Valkey makes one word of its own
            if any(word == program or word.endswith(f"/{program}") for word in words):
                return process
        return None

    def healthy(self) -> bool:
        return is_healthy("127.0.0.1", self.port, "127.0.0.1")

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(SECONDS)

    def logs(self) -> str:
        logs = sorted((self.home / "logs").glob("*.log"))
        return "\n".join(f"== {log.name}\n{log.read_text()[-1500:]}" for log in logs)


def _until(true: Callable[[], bool], seconds: float = SECONDS) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _of(home: Path) -> list[str]:
    """The processes that have to do with this data folder."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or ())
        if str(home) in line and process.pid != os.getpid():
            found.append(line)
    return found


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A data folder that PostgreSQL's own user may pass, used by one test after the other."""
    path = Path(tempfile.mkdtemp(prefix="satchel-up-"))
    path.chmod(0o711)
    yield path / "data"
    shutil.rmtree(path)


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., Up]]:
    started: list[Up] = []

    def begin(*words: str, home: Path = folder, **more: object) -> Up:
        started.append(Up(home, *words, **more))  # type: ignore[arg-type]
        return started[-1]

    yield begin
    for up in started:
        if up.process.poll() is None:
            up.stop(signal.SIGTERM)


def test_it_starts_serves_and_leaves_nothing_behind(start: Callable[..., Up], folder: Path) -> None:
    up = start().ready()
    assert up.said[0] == f"Satchel keeps its data in {folder}"
    assert httpx.get(f"http://127.0.0.1:{up.port}/api/v1/health").json()["status"] == "ok"
    children = up.children()
    assert up.stop(signal.SIGINT) == 0
    assert not any(child.is_running() for child in children)
    assert _of(folder) == []
    assert not is_healthy("127.0.0.1", up.port, "127.0.0.1")


def test_what_it_keeps_is_closed_to_others(folder: Path) -> None:
    (secret,) = (folder / "keys").glob("secret-key")
    assert secret.stat().st_mode & 0o777 == 0o400
    for part in folder.iterdir():
        if part.is_dir() and not part.name.startswith("postgres-1") and part.name != "static":
            assert part.stat().st_mode & 0o077 == 0, part


def test_a_taken_port_is_told_with_a_free_one(start: Callable[..., Up], stack: Stack) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as other:
        up = start(port=other.getsockname()[1])
        assert re.search(r"is taken by another program\. Port \d+ is free", up.until("taken"))
        assert up.process.wait(SECONDS) == 1


@pytest.fixture(scope="module")
def second(folder: Path) -> Iterator[Up]:
    """The second start on the folder, which several tests share; the last one stops it."""
    up = Up(folder).ready()
    yield up
    if up.process.poll() is None:
        up.stop(signal.SIGTERM)


def test_a_second_start_does_nothing_twice(second: Up) -> None:
    assert not any("Static files" in line for line in second.said)


def test_a_second_up_on_the_same_data_says_who_was_first(
    second: Up, start: Callable[..., Up]
) -> None:
    late = start()
    said = late.until("already running")
    assert f"process {second.process.pid}, http://localhost:{second.port}" in said
    assert late.process.wait(SECONDS) == 1
    assert second.healthy()


def test_each_part_that_is_killed_comes_back(second: Up) -> None:
    parts = {"web": "granian", "worker": "satchel", "sync worker": "sync", "beat": "beat"}
    for name, program in {**parts, "broker": "valkey-server", "PostgreSQL": "postgres"}.items():
        old = second.child(program)
        assert old, program
        old.kill()
        second.until(f"The {name} was killed by SIGKILL; starting it again")
        assert _until(lambda program=program, old=old: second.child(program) not in (None, old))
        assert _until(second.healthy), second.logs()


def test_the_servers_own_process_comes_back_too(second: Up) -> None:
    server = second.child("granian")
    assert server
    (inner,) = [p for p in server.children() if "resource_tracker" not in str(p.cmdline())]
    inner.kill()
    second.until("The web was ended")
    assert _until(second.healthy), second.logs()


def test_one_that_hangs_does_not_hold_up_the_end(second: Up) -> None:
    hanging = second.child("beat")
    assert hanging
    hanging.suspend()
    assert second.stop(signal.SIGTERM) == 0
    second.until("The beat did not stop by itself and was ended.")
    assert not hanging.is_running()
    assert _of(second.home) == []


def test_after_a_sudden_end_the_next_start_clears_up(
    start: Callable[..., Up], folder: Path
) -> None:
    """One stray is added: on some systems children do not die with their parent."""
    first = start().ready()
    first.process.kill()
    first.process.wait()
    stray = subprocess.Popen((sys.executable, "-c", "import time; time.sleep(300)"))
    try:
        note = folder / "run" / "children.json"
        row = [stray.pid, psutil.Process(stray.pid).create_time(), signal.SIGTERM.value]
        note.write_text(json.dumps([*json.loads(note.read_text()), row]))
        again = start(port=first.port).ready()
        assert any("ended suddenly" in line for line in again.said)
        assert stray.wait(SECONDS) < 0
        assert again.healthy()
        assert again.stop() == 0
    finally:
        stray.kill()
    assert _of(folder) == []


def test_with_a_database_of_its_own_given_it_runs_none(
    start: Callable[..., Up], stack: Stack
) -> None:
    """The tests' database and broker stand for a PostgreSQL and a Valkey elsewhere."""
    path = Path(tempfile.mkdtemp(prefix="satchel-up-"))
    try:
        up = start(
            home=path,
            DATABASE_URL=stack.home.database_url(APP_ROLE),
            DATABASE_OWNER_URL=stack.home.database_url(OWNER_ROLE),
            CELERY_BROKER_URL=stack.home.broker_url,
        ).ready()
        names = {process.name() for process in up.children()}
        assert not names & {"postgres", "valkey-server"}
        assert not Home(path).postgres.exists()
        assert up.stop() == 0
    finally:
        shutil.rmtree(path)


def test_a_database_that_is_not_there_is_told_in_words(start: Callable[..., Up]) -> None:
    nowhere = f"postgresql://satchel@127.0.0.1:{free_port()}/satchel"
    up = start(DATABASE_URL=nowhere, DATABASE_OWNER_URL=nowhere)
    assert "refused" in up.until("The database cannot be used")
    assert up.process.wait(SECONDS) == 1
    assert not any("Traceback" in line for line in up.said)
