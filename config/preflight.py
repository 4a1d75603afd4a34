"""What `up` looks at first: is it alone here, is the port free, is there room?"""

import errno
import fcntl
import json
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from config.home import Home
from config.processes import Running, end_all, still_there

ROOM_NEEDED = 500 * 1024 * 1024
_PORTS_TO_TRY = 50


class Refused(Exception):
    """`up` will not start here and now. The message says why, and what to do about it."""


@contextmanager
def alone(home: Home, address: str) -> Iterator[None]:
    """Hold the data folder. Refused, with the other's number and address, when it is held."""
    with (home.run / "up.lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Refused(_already_running(home, lock.read())) from None
        lock.truncate(0)
        lock.write(json.dumps({"pid": os.getpid(), "address": address}))
        lock.flush()
        yield
        lock.truncate(0)


def _already_running(home: Home, note: str) -> str:
    try:
        other = json.loads(note)
        who, where = f"process {other['pid']}", other["address"]
    except (ValueError, KeyError, TypeError):
        who, where = "another process", "an address it has yet to write down"
    return (
        f"Satchel is already running on {home.path}: {who}, {where}. "
        "Use that one, stop it first, or name another folder with --home."
    )


def end_strays(home: Home) -> int:
    """End what an `up` that was killed outright left running; how many that were."""
    strays: list[psutil.Process] = []
    for pid, created, number in _noted(home.run / "children.json"):
        try:
            process = psutil.Process(pid)
            if abs(process.create_time() - created) < 1:  # not another that got the number since
                strays += [process, *process.children(recursive=True)]
                process.send_signal(number)
        except psutil.NoSuchProcess:
            continue
    end_all(still_there(strays, 20), patience=2)
    return len(strays)


def note_children(home: Home, children: list[Running]) -> None:
    """Write down what is running, and which signal ends it, for `end_strays`."""
    rows = []
    for child in children:
        try:
            created = psutil.Process(child.pid).create_time()
        except psutil.NoSuchProcess:
            continue
        rows.append([child.pid, created, int(child.service.stop_signal)])
    (home.run / "children.json").write_text(json.dumps(rows), encoding="utf-8")


def _noted(note: Path) -> list[tuple[int, float, int]]:
    if not note.exists():
        return []
    try:
        rows = json.loads(note.read_text())
        return [(int(pid), float(created), int(number)) for pid, created, number in rows]
    except (ValueError, TypeError):
        return []  # cut short by the same sudden end; the kernel ended the children then


def check_port(host: str, port: int) -> None:
    """Refused when the port is taken or forbidden, with one that is free."""
    trouble = _port_trouble(host, port)
    if trouble == errno.EADDRINUSE:
        others = range(port + 1, min(port + _PORTS_TO_TRY, 65536))
        free = next((other for other in others if not _port_trouble(host, other)), None)
        hint = f" Port {free} is free: --port {free}" if free else " Choose another with --port."
        raise Refused(f"Port {port} is taken by another program.{hint}")
    if trouble == errno.EACCES:
        raise Refused(f"This user may not open port {port}. Choose one above 1023 with --port.")
    if trouble:
        raise Refused(f"Satchel cannot listen on {host}:{port}: {os.strerror(trouble)}.")


def _port_trouble(host: str, port: int) -> int:
    """The error number of listening there; 0 when it would work."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)  # two may share a name by SO_REUSEADDR, but only one may listen
        except socket.gaierror:
            return errno.EADDRNOTAVAIL
        except OSError as error:
            return error.errno or errno.EINVAL
    return 0


def check_room(folder: Path, needed: int = ROOM_NEEDED) -> None:
    """Refused when the disk is nearly full: a database that cannot write loses work."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Refused(
            f"Only {free // 1024**2} MB are free on the disk of {folder}, and Satchel wants "
            f"{needed // 1024**2} MB to be safe. Free some, or name another folder with --home."
        )
