"""`manage.py test`: the checks that need no running, then pytest on the real stack."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_PACKAGES = ("api", "config", "connectors", "frontend", "sync", "vault")
_PROGRAMS = Path(sys.executable).parent
MOST_PROCESSES = 4
"""Each has PostgreSQL, a worker, a web server and a browser: about 1.5 GB."""

CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Style", ("ruff", "check", ".")),
    ("Format", ("ruff", "format", "--check", ".")),
    ("Types", ("mypy", *_PACKAGES, "manage.py")),
    ("Layers", ("lint-imports",)),
    (
        "Templates",
        (
            "djlint",
            "--lint",
            "--quiet",
            "--profile",
            "django",
            "frontend/templates",
            "api/templates",
        ),
    ),
)


def run_tests(arguments: list[str], say: Callable[[str], None]) -> int:
    """Run everything, or pytest alone with --fast; the exit code. Other words go to pytest."""
    fast = "--fast" in arguments
    failed = [] if fast else [name for name, words in CHECKS if not _check(name, words, say)]
    chosen = [word for word in arguments if word != "--fast"]
    say("Tests ...")
    code = subprocess.run(  # noqa: S603  (no shell; the words are ours and the caller's)
        (sys.executable, "-m", "pytest", *(chosen or _side_by_side())),
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        check=False,
    ).returncode
    return code or (1 if failed else 0)


def _side_by_side() -> list[str]:
    """For the whole suite: processes with services of their own. One file stays in one of them,
    and the files are begun in the order of tests/conftest.py, which knows the long ones."""
    processes = min(os.cpu_count() or 1, MOST_PROCESSES)
    if processes == 1:
        return []
    return ["-n", str(processes), "--dist", "loadfile", "--no-loadscope-reorder"]


def _check(name: str, words: tuple[str, ...], say: Callable[[str], None]) -> bool:
    """Run one; its output is shown only when it finds something."""
    started = time.monotonic()
    done = subprocess.run(  # noqa: S603  (no shell; the words are ours)
        (str(_PROGRAMS / words[0]), *words[1:]),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - started
    say(f"{name}: {'failed' if done.returncode else 'ok'} ({seconds:.1f} s)")
    if done.returncode:
        say(done.stdout.rstrip())
    return done.returncode == 0
