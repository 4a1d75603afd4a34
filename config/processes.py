"""Child processes: start one so that it ends with us, stop one politely and then firmly."""

import ctypes
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE = 1, 4
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_LOG_LIMIT = 5 * 1024 * 1024
_LOGS_KEPT = 3


class ServiceFailed(Exception):
    """A part of Satchel did not start. The message ends with the last lines of its log: mend what
    they name, then start again."""


@dataclass(frozen=True, slots=True)
class Service:
    """What to run. `patience`: seconds it gets to end after `stop_signal`."""

    name: str
    argv: tuple[str, ...]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGTERM
    patience: float = 10.0


class Running:
    """A started service. Start it from the main thread: its end is tied to the thread's."""

    def __init__(self, service: Service) -> None:
        self.service = service
        service.log.parent.mkdir(parents=True, exist_ok=True)
        with service.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  (no shell; the words are ours)
                service.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/" if service.user else None,
                env={**service.environment},
                start_new_session=True,  # Ctrl-C is for us alone: we end them in order
                user=service.user,
                group=service.user,
                extra_groups=[] if service.user else None,
                preexec_fn=lambda: end_with_parent(service.death_signal),  # noqa: PLW1509  (one thread)
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def ending(self) -> str:
        """How it ended, in words."""
        code = self._process.poll()
        if code is None:
            return "still running"
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"

    def stop(self) -> bool:
        """End it and what it started. False when it had to be killed."""
        family = _descendants(self.pid)
        if self.alive:
            self._process.send_signal(self.service.stop_signal)
        try:
            self._process.wait(self.service.patience)
            polite = True
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            polite = False
        end_all(family, patience=2.0)
        return polite


def end_with_parent(number: signal.Signals) -> None:
    """Have the kernel send this process the signal when its parent dies. Linux only."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)


def keep_memory_private() -> None:
    """Have no core dump written and no debugger of this user attached: keys live in memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if _libc is not None:
        _libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def end_all(processes: list[psutil.Process], patience: float) -> None:
    """Terminate these, and kill whichever is left after `patience` seconds."""
    for process in processes:
        _signal(process, signal.SIGTERM)
    for process in still_there(processes, patience):
        _signal(process, signal.SIGKILL)
    still_there(processes, 5)


def still_there(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Those that have not ended within this time. A zombie has: only its parent looks away."""
    deadline = time.monotonic() + seconds
    while left := [process for process in processes if _lives(process)]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.02)
    return left


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        return list(psutil.Process(pid).children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def tail(log: Path, lines: int = 8) -> str:
    """The last lines of a log, for an error message."""
    try:
        text = log.read_bytes()[-8192:].decode("utf-8", "replace")
    except OSError:
        return "(no log)"
    return "\n".join(text.strip().splitlines()[-lines:])


def rotate(log: Path, limit: int = _LOG_LIMIT) -> None:
    """Copy a large log aside and empty it in place: its writer goes on in the same file."""
    if not log.exists() or log.stat().st_size < limit:
        return
    for number in range(_LOGS_KEPT - 1, 0, -1):
        older = log.with_suffix(f".{number}")
        if older.exists():
            older.rename(log.with_suffix(f".{number + 1}"))
    first = log.with_suffix(".1")
    first.write_bytes(log.read_bytes())
    os.truncate(log, 0)
