"""Settings come from the environment, and a wrong one is named in a sentence."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from config.environment import Environment, Misconfigured
from config.management.commands.settings_help import env_file
from tests.stack import ROOT, environment


def test_a_missing_or_empty_variable_takes_the_default() -> None:
    assert Environment({}).text("SATCHEL_LOG_LEVEL") == "INFO"
    assert Environment({"SATCHEL_LOG_LEVEL": "  "}).text("SATCHEL_LOG_LEVEL") == "INFO"


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from a file\n")
    read = Environment({"SATCHEL_SECRET_KEY_FILE": str(tmp_path / "key")})
    assert read.text("SATCHEL_SECRET_KEY") == "from a file"


@pytest.mark.parametrize("content", [None, " \n"])
def test_a_secret_file_that_holds_nothing_is_refused(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "key").write_text(content)
    with pytest.raises(Misconfigured, match=r"SATCHEL_SECRET_KEY_FILE names .*key, which"):
        Environment({"SATCHEL_SECRET_KEY_FILE": str(tmp_path / "key")}).text("SATCHEL_SECRET_KEY")


def test_a_secret_given_twice_is_refused(tmp_path: Path) -> None:
    both = {"SATCHEL_SECRET_KEY": "a", "SATCHEL_SECRET_KEY_FILE": str(tmp_path)}
    with pytest.raises(Misconfigured, match="both set"):
        Environment(both).text("SATCHEL_SECRET_KEY")


def test_only_secrets_have_a_file_variant() -> None:
    with pytest.raises(Misconfigured, match="SATCHEL_LOG_LEVEL_FILE"):
        Environment({"SATCHEL_LOG_LEVEL_FILE": "/etc/level"})


def test_a_misspelt_name_is_told() -> None:
    with pytest.raises(Misconfigured, match="Did you mean SATCHEL_HOSTS"):
        Environment({"SATCHEL_HOST": "example.org"})


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("SATCHEL_HTTPS", "maybe", lambda e: e.flag("SATCHEL_HTTPS")),
        ("SATCHEL_WEB_THREADS", "-1", lambda e: e.number("SATCHEL_WEB_THREADS")),
        ("SATCHEL_WEB_THREADS", "0", lambda e: e.number("SATCHEL_WEB_THREADS", least=1)),
        ("SATCHEL_ARGON2", "65536,3", lambda e: e.numbers("SATCHEL_ARGON2", 3)),
        ("SATCHEL_EMBEDDER", "magic", lambda e: e.choice("SATCHEL_EMBEDDER", ("minilm",))),
    ],
)
def test_a_wrong_value_is_named(name, value, read) -> None:
    with pytest.raises(Misconfigured, match=name):
        read(Environment({name: value}))


def test_the_example_file_is_what_settings_help_prints() -> None:
    assert (ROOT / ".env.example").read_text() == env_file()


def _manage(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, str(ROOT / "manage.py"), "--no-bootstrap", *words),
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"DATABASE_URL": "postgresql://x/y", "SATCHEL_SECRET_KEY": ""}, "Set SATCHEL_SECRET_KEY"),
        ({"DATABASE_URL": "nonsense here"}, "DATABASE_URL is not an address"),
        ({"DATABASE_URL": "postgresql://host"}, "DATABASE_URL names no database"),
        ({"SATCHEL_ARGON2": "fast"}, "SATCHEL_ARGON2 must be 3 whole numbers"),
        ({"SATCHEL_EMAIL_URL": "mailto:me"}, "SATCHEL_EMAIL_URL is not an address"),
        ({"SATCHEL_HOME": "", "HOME": "/", "XDG_DATA_HOME": ""}, "no home folder"),
    ],
)
def test_manage_py_says_it_in_one_sentence(variables: dict[str, str], words: str) -> None:
    if "HOME" in variables and os.geteuid() == 0:
        pytest.skip("root has /var/lib/satchel and needs no home folder")
    done = _manage("check", **variables)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_with_no_database_given_the_settings_name_the_embedded_one() -> None:
    done = _manage(
        "shell",
        "-c",
        "from django.conf import settings as s; print(s.DATABASES['default']['USER'])",
    )
    assert done.stdout.split()[-1] == "satchel_app", done.stderr


def test_behind_https_cookies_are_bound_to_the_host() -> None:
    code = (
        "from django.conf import settings as s; print(s.SESSION_COOKIE_NAME,"
        " s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0)"
    )
    done = _manage("shell", "-c", code, SATCHEL_HTTPS="yes")
    assert done.stdout.splitlines()[-1] == "__Host-satchel True True True", done.stderr


def test_django_finds_nothing_to_warn_of_behind_https() -> None:
    done = _manage("check", "--deploy", SATCHEL_HTTPS="yes")
    assert done.returncode == 0, done.stderr
    told = re.findall(r"\(([\w.]+)\)", done.stderr)  # what is ours depends on the machine
    assert [code for code in told if not code.startswith("satchel.W")] == []
