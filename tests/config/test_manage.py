"""`manage.py` on a machine that has nothing but Python.

A copy of it stands in a folder of its own, with a stand-in for Django that prints where it runs:
what is under test is everything before.
"""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack import ROOT, environment

BASE_PYTHON = str(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}")
ENTRANCE = """
import os, sys
def manage(words):
    print("prefix", sys.prefix)
    print("words", *words[1:])
    print("settings", os.environ["DJANGO_SETTINGS_MODULE"])
"""


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A checkout without anything installed."""
    root = tmp_path / "checkout"
    for package in ("django", "config"):
        (root / package).mkdir(parents=True)
        (root / package / "__init__.py").touch()
    (root / "config" / "entrance.py").write_text(ENTRANCE)
    shutil.copy(ROOT / "manage.py", root)
    for name in ("requirements.txt", "requirements-test.txt"):
        (root / name).write_text(f"# nothing in {name}\n")
    return root


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An environment made once and copied, since making one takes seconds."""
    path = tmp_path_factory.mktemp("venv") / ".venv"
    subprocess.run((BASE_PYTHON, "-m", "venv", str(path)), check=True)
    yield path


def _run(root: Path, *words: str, patch: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """Call it from another folder, with an empty HOME; `patch` runs first in its Python."""
    variables = environment(HOME="", SATCHEL_NO_BOOTSTRAP="", **more)
    del variables["DJANGO_SETTINGS_MODULE"]
    if patch:
        (root / "patch").mkdir(exist_ok=True)
        (root / "patch" / "sitecustomize.py").write_text(patch)
        variables["PYTHONPATH"] = str(root / "patch")
    return subprocess.run(
        (BASE_PYTHON, str(root / "manage.py"), *words),
        env=variables,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


def test_the_first_call_installs_and_goes_on_inside(fresh: Path) -> None:
    done = _run(fresh, "check", "--deploy")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"Making {fresh}/.venv ...",
        "Installing the packages in requirements.txt: minutes the first time ...",
        f"prefix {fresh}/.venv",
        "words check --deploy",
        "settings config.settings",
    ]


def test_the_second_call_goes_straight_on(fresh: Path, venv: Path) -> None:
    shutil.copytree(venv, fresh / ".venv", symlinks=True)
    assert "Installing" in _run(fresh, "check").stdout
    assert _run(fresh, "check").stdout.startswith("prefix")


def test_a_changed_lock_installs_again(fresh: Path, venv: Path) -> None:
    shutil.copytree(venv, fresh / ".venv", symlinks=True)
    _run(fresh, "check")
    (fresh / "requirements.txt").write_text("# something else\n")
    assert "Installing the packages in requirements.txt" in _run(fresh, "check").stdout
    assert "Installing" not in _run(fresh, "check").stdout


def test_the_tests_have_a_lock_of_their_own_which_serves_for_all(fresh: Path, venv: Path) -> None:
    shutil.copytree(venv, fresh / ".venv", symlinks=True)
    assert "requirements-test.txt" in _run(fresh, "test", "-k", "x").stdout
    assert "Installing" not in _run(fresh, "up").stdout
    assert "words test -k x" in _run(fresh, "test", "-k", "x").stdout


def test_an_installation_that_broke_off_is_made_anew(fresh: Path, venv: Path) -> None:
    shutil.copytree(venv, fresh / ".venv", symlinks=True)
    (fresh / ".venv" / ".satchel-installing").touch()
    (fresh / ".venv" / "half-unpacked").touch()
    done = _run(fresh, "check")
    assert done.stdout.splitlines()[0] == "The last installation broke off: starting it afresh."
    assert done.returncode == 0, done.stderr
    assert not (fresh / ".venv" / "half-unpacked").exists()


def test_no_network_is_told_and_the_next_call_goes_on(fresh: Path, venv: Path) -> None:
    shutil.copytree(venv, fresh / ".venv", symlinks=True)
    digest = "0" * 64
    (fresh / "requirements.txt").write_text(f"django==5.2.19 --hash=sha256:{digest}\n")
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0"}
    done = _run(fresh, "check", **nowhere)
    assert done.returncode == 1
    assert "Look at the network or the proxy, then run the same command again." in done.stderr
    (fresh / "requirements.txt").write_text("# nothing\n")
    assert _run(fresh, "check").returncode == 0


@pytest.mark.parametrize("how", [("--no-bootstrap",), ()])
def test_without_bootstrap_nothing_is_made(fresh: Path, how: tuple[str, ...]) -> None:
    variables = environment(SATCHEL_NO_BOOTSTRAP="" if how else "1")
    done = subprocess.run(
        (sys.executable, str(fresh / "manage.py"), "up", *how, "--demo"),
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "words up --demo" in done.stdout
    assert not (fresh / ".venv").exists()


def test_without_bootstrap_and_without_django_it_says_what_to_do(fresh: Path) -> None:
    shutil.rmtree(fresh / "django")
    done = _run(fresh, "check", "--no-bootstrap")
    assert done.returncode == 1
    assert done.stderr.strip().endswith("Run this without --no-bootstrap.")


@pytest.mark.parametrize(
    ("patch", "words"),
    [
        ("import sys; sys.version_info = (3, 10, 9)", "Satchel needs Python 3.11 or newer"),
        (
            "import sys; sys.modules['ensurepip'] = None",
            f"apt install python3.{sys.version_info.minor}-venv",
        ),
        (
            "import shutil; shutil.disk_usage = lambda p: shutil._ntuple_diskusage(9, 9, 0)",
            "is nearly full: Satchel's packages need 1.5 GB.",
        ),
    ],
)
def test_what_is_missing_is_told_in_one_line(fresh: Path, patch: str, words: str) -> None:
    done = _run(fresh, "check", patch=patch)
    assert done.returncode == 1
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (fresh / ".venv").exists()


def test_two_first_calls_at_once_do_not_disturb_each_other(fresh: Path) -> None:
    calls = [
        subprocess.Popen(
            (BASE_PYTHON, str(fresh / "manage.py"), "check"),
            env=environment(SATCHEL_NO_BOOTSTRAP=""),
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [call.communicate(timeout=180)[0] for call in calls]
    assert [call.returncode for call in calls] == [0, 0]
    assert sum("Installing" in words for words in said) == 1


def test_it_is_short_and_needs_the_standard_library_only() -> None:
    text = (ROOT / "manage.py").read_text()
    names = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(text))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert names - {"config"} <= sys.stdlib_module_names
    assert len(text.splitlines()) < 80


@pytest.mark.full
def test_a_clean_checkout_starts_with_one_command(tmp_path: Path) -> None:
    """Everything that git knows, the real lock, and `check` at the end of it."""
    root = tmp_path / "clone"
    listed = subprocess.run(
        ("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.split("\0"):
        if name and (ROOT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / name)
    variables = environment(SATCHEL_NO_BOOTSTRAP="", SATCHEL_HOME=str(tmp_path / "data"))
    variables["HOME"] = os.environ.get("HOME", "")  # pip's cache may be used
    done = subprocess.run(
        (BASE_PYTHON, str(root / "manage.py"), "check"),
        env=variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
    )
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout
