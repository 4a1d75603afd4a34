"""The address that `up` prints is one where everything works, passkeys too: they need a name."""

import re
from pathlib import Path

import pytest
from django.conf import LazySettings

from config.environment import Environment
from config.launcher import Launcher
from tests.stack import ROOT

DEFAULT = Environment({}).words("SATCHEL_HOSTS")
OPENED = (
    "README.md",
    "docs/api.md",
    "docs/hosting.md",
    "docker-compose.yml",
    "tools/screenshots.py",
)


@pytest.mark.parametrize(
    ("host", "names", "shown"),
    [
        ("127.0.0.1", DEFAULT, "http://localhost:8321"),
        ("::1", DEFAULT, "http://localhost:8321"),
        ("0.0.0.0", DEFAULT, "http://localhost:8321"),  # noqa: S104
        ("::", ["*"], "http://localhost:8321"),
        ("localhost", DEFAULT, "http://localhost:8321"),
        ("127.0.0.1", ["127.0.0.1"], "http://127.0.0.1:8321"),  # localhost would be refused
        ("::1", ["[::1]"], "http://[::1]:8321"),
        ("192.168.1.5", DEFAULT, "http://192.168.1.5:8321"),
    ],
)
def test_up_prints_a_name_where_it_answers_to_one(
    settings: LazySettings, host: str, names: list[str], shown: str
) -> None:
    settings.ALLOWED_HOSTS = names
    assert Launcher(host, 8321, demo=False, say=lambda words: None).address == shown


def test_both_the_name_and_the_numbers_are_answered_by_default() -> None:
    assert {"localhost", "127.0.0.1"} <= set(DEFAULT)


@pytest.mark.parametrize("page", OPENED)
def test_what_people_open_is_a_name(page: str) -> None:
    assert not re.search(r"http://(127\.0\.0\.1|\[::1\])", Path(ROOT / page).read_text("utf-8"))
