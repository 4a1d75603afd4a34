"""`check --deploy` names each unsafe setting, and says nothing where there is none."""

from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import connections
from django.db.utils import ConnectionHandler

from config import checks
from vault.checks import application_role

pytestmark = pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")


@pytest.fixture
def safe(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A server on which there is nothing to say."""
    settings.SATCHEL_KEYS_DIR, settings.SATCHEL_HOME = tmp_path / "keys", tmp_path / "data"
    settings.SATCHEL_KEYS_DIR.mkdir(mode=0o700)
    settings.SATCHEL_EMBEDDED_DATABASE = False
    settings.SATCHEL_TRANSIT_URL = settings.SATCHEL_TRANSIT_TOKEN = ""
    settings.CELERY_BROKER_URL = "rediss://:secret@broker.example/0"
    settings.DATABASES = {
        "default": {"HOST": "db.example", "OPTIONS": {"sslmode": "verify-full"}},
    }
    settings.ALLOWED_HOSTS = ["satchel.example"]
    settings.SATCHEL_ARGON2 = (131_072, 3, 1)
    settings.SATCHEL_PRIVATE_ENDPOINTS = []
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    monkeypatch.setattr(checks, "_SWAPS", tmp_path / "no-swaps")
    monkeypatch.setattr(checks.resource, "getrlimit", lambda which: (0, 0))
    return settings


def found() -> set[str]:
    return {str(message.id) for message in checks.deployment()}


def test_a_safe_server_is_silent(safe: Any) -> None:
    assert found() == set()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("SATCHEL_TRANSIT_URL", "http://vault.example:8200", {"satchel.E002", "satchel.E003"}),
        ("SATCHEL_TRANSIT_URL", "https://vault.example:8200", {"satchel.E003"}),
        ("CELERY_BROKER_URL", "redis://:secret@broker.example/0", {"satchel.W002"}),
        ("CELERY_BROKER_URL", "rediss://broker.example/0", {"satchel.E004"}),
        ("CELERY_BROKER_URL", "redis://127.0.0.1:6379/0", set()),
        ("CELERY_BROKER_URL", "redis+socket:///run/valkey.sock", set()),
        ("DATABASES", {"default": {"HOST": "db.example"}}, {"satchel.W003"}),
        ("DATABASES", {"default": {"HOST": "/run/postgresql"}}, set()),
        ("ALLOWED_HOSTS", ["*"], {"satchel.E005"}),
        ("SATCHEL_ARGON2", (19_456, 2, 1), {"satchel.E006"}),
        ("SATCHEL_PRIVATE_ENDPOINTS", ["127.0.0.1"], {"satchel.W004"}),
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", {"satchel.W005"}),
    ],
)
def test_each_unsafe_setting_is_named(
    safe: Any, name: str, value: object, expected: set[str]
) -> None:
    setattr(safe, name, value)
    assert found() == expected


def test_open_keys_are_named(safe: Any) -> None:
    pepper = safe.SATCHEL_KEYS_DIR / "pepper"
    pepper.write_bytes(bytes(32))
    pepper.chmod(0o440)
    assert found() == {"satchel.E001"}
    pepper.chmod(0o400)
    assert found() == set()
    safe.SATCHEL_KEYS_DIR.chmod(0o750)
    assert found() == {"satchel.E001"}


def test_keys_beside_the_database_are_named(safe: Any) -> None:
    safe.SATCHEL_EMBEDDED_DATABASE = True
    safe.SATCHEL_KEYS_DIR = safe.SATCHEL_HOME / "keys"
    safe.SATCHEL_KEYS_DIR.mkdir(parents=True, mode=0o700)
    assert found() == {"satchel.W001"}


def test_swap_and_core_dumps_are_named(
    safe: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    swaps = tmp_path / "swaps"
    swaps.write_text("Filename Type Size\n/swapfile file 1024\n")
    monkeypatch.setattr(checks, "_SWAPS", swaps)
    monkeypatch.setattr(checks.resource, "getrlimit", lambda which: (0, -1))
    assert found() == {"satchel.W006", "satchel.W007"}


def test_every_message_says_what_to_do(safe: Any) -> None:
    safe.ALLOWED_HOSTS, safe.SATCHEL_TRANSIT_URL = ["*"], "http://vault.example"
    assert all(message.hint for message in checks.deployment())


def test_they_are_asked_by_check_deploy(safe: Any) -> None:
    safe.ALLOWED_HOSTS = ["*"]
    asked = run_checks(tags=["security"], include_deployment_checks=True)
    assert "satchel.E005" in {message.id for message in asked}


def test_the_database_of_the_tests_is_as_it_should_be() -> None:
    assert application_role(databases=["default"]) == []


def test_row_level_security_switched_off_is_named() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE vault_memory NO FORCE ROW LEVEL SECURITY")
        cursor.execute("ALTER TABLE vault_source DISABLE ROW LEVEL SECURITY")
        try:
            (named,) = application_role(databases=["default"])
        finally:
            cursor.execute("ALTER TABLE vault_memory FORCE ROW LEVEL SECURITY")
            cursor.execute("ALTER TABLE vault_source ENABLE ROW LEVEL SECURITY")
    assert named.id == "vault.E002"
    assert "vault_memory, vault_source" in named.msg


def test_a_database_that_does_not_answer_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nowhere = {"ENGINE": "django.db.backends.postgresql", "NAME": "satchel", "HOST": str(tmp_path)}
    monkeypatch.setattr("vault.checks.connections", ConnectionHandler({"default": nowhere}))
    (named,) = application_role(databases=["default"])
    assert named.id == "vault.E003"
    assert "SATCHEL_HOME" in (named.hint or "")
