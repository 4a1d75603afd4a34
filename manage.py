#!/usr/bin/env python3
"""The one entrance: `up` starts Satchel, `test` tests it; the rest is Django's own manage.py.

On a fresh machine it makes .venv and installs the locked packages there first; --no-bootstrap (or
SATCHEL_NO_BOOTSTRAP=1) takes the Python it is called with as it is."""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".satchel-installed"  # hashes of the requirement files that are installed
HALF = VENV / ".satchel-installing"  # there while it is not known to be whole
LOCKED = ("--no-deps", "--require-hashes", "-r")
QUIET = ("--quiet", "--no-input", "--disable-pip-version-check", "--root-user-action=ignore")


def digest(name: str) -> str:
    return hashlib.sha256((ROOT / name).read_bytes()).hexdigest()


def bootstrap(name: str) -> None:
    """Return only inside .venv, with everything in the requirements file installed."""
    import fcntl

    with Path(__file__).open("rb") as lock:  # a second one waits until the first is done
        fcntl.flock(lock, fcntl.LOCK_EX)
        installed = STAMP.read_text() if STAMP.exists() else ""
        if HALF.exists() or digest(name) not in installed:
            install(name)
    if Path(sys.prefix) != VENV:
        os.execv(PYTHON, [str(PYTHON), str(ROOT / "manage.py"), *sys.argv[1:]])  # noqa: S606


def install(name: str) -> None:
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        package = f"python3.{sys.version_info.minor}-venv"
        sys.exit(f"Python's venv module is missing. On Debian or Ubuntu: apt install {package}")
    if not PYTHON.exists() and shutil.disk_usage(ROOT).free < 1500 * 1024**2:
        sys.exit(f"The disk of {ROOT} is nearly full: Satchel's packages need 1.5 GB.")
    if HALF.exists():
        print("The last installation broke off: starting it afresh.", flush=True)
        shutil.rmtree(VENV)
    VENV.mkdir(exist_ok=True)
    HALF.touch()
    if not PYTHON.exists():
        print(f"Making {VENV} ...", flush=True)
        run(getattr(sys, "_base_executable", sys.executable), "-m", "venv", str(VENV))
    print(f"Installing the packages in {name}: minutes the first time ...", flush=True)
    run(str(PYTHON), "-m", "pip", "install", *QUIET, *LOCKED, str(ROOT / name))
    STAMP.write_text(digest(name) + digest("requirements.txt"))  # the tests' file holds both
    HALF.unlink()


def run(*command: str) -> None:
    if subprocess.run(command, check=False).returncode:  # noqa: S603
        full = shutil.disk_usage(ROOT).free < 100 * 1024**2
        cause = "The disk is full" if full else "Look at the network or the proxy"
        sys.exit(f"That did not work (see above). {cause}, then run the same command again.")


if __name__ == "__main__":
    if os.name != "posix" or sys.version_info < (3, 11):
        sys.exit("Satchel needs Python 3.11 or newer, on Linux or macOS (on Windows: in WSL).")
    words = [word for word in sys.argv if word != "--no-bootstrap"]
    if words == sys.argv and os.environ.get("SATCHEL_NO_BOOTSTRAP", "") in ("", "0"):
        bootstrap("requirements-test.txt" if words[1:2] == ["test"] else "requirements.txt")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if not importlib.util.find_spec("django"):
        sys.exit("Django is not installed in this Python. Run this without --no-bootstrap.")
    from config.entrance import manage

    manage(words)
