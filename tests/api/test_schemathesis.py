"""Schemathesis against the real server: whatever an API's document allows, and what it does not,
alone and in chains of calls, for each kind of asker."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from django.conf import settings

from config import children
from config.processes import Service
from tests.api.mcp.callers import connected
from tests.api.people import ASK, DROP, SEE, WRITE, Owner
from tests.stack import Live, Stack, environment
from vault.middleware import KEY_COOKIE

FULL = os.environ.get("SATCHEL_FULL") == "1"
EXAMPLES = "60" if FULL else "1"
# What a schema cannot say, such as that one date is before another, is refused all the same.
UNSAID = "positive_data_acceptance"
# A grant that its owner revoked stays in their list, a memory they forgot can be restored, and what
# steers models is forgotten by an app only when its owner agrees: until then DELETE says 202.
KEPT = "use_after_free"
# In a form there is no null: what is sent for one is a file that says "null".
CONFIG = """
[[operations]]
include-operation-id = "imports_begin"
checks.negative_data_rejection.enabled = false
"""
OPEN = {"/api/v1/health", "/api/v1/ready"}
LONGEST = 3600 if FULL else 120
"""Seconds for one kind of asker."""
pytestmark = pytest.mark.timeout(LONGEST + 100)


class Unhurried(Live):
    """A server that does not mind how often it is asked."""

    def service(self) -> Service:
        rates = {"SATCHEL_GRANT_RATE": "1000000", "SATCHEL_ADDRESS_RATE": "1000000"}
        return children.web(self.stack.home, environment(**rates), "127.0.0.1", self.port)


@pytest.fixture(scope="module")
def server(stack: Stack) -> Iterator[Unhurried]:
    with Unhurried(stack) as running:
        yield running


@pytest.fixture(scope="module")
def owner(database: None) -> Owner:
    owner = Owner()
    for kind in ("profile", "instruction", "fact", "preference"):
        owner.remembers(f"Something to find, of kind {kind}.", kind=kind)
    owner.remembers("A fact of the engine project.", "Work")
    owner.grants({"Personal": ASK}).post("memories", {"text": "Something suggested."})
    return owner


RIGHTS = {
    "a read-only token": {"Personal": SEE},
    "a token that suggests": {"Personal": ASK, "Work": DROP},
    "a token that writes": {"Personal": WRITE},
}


APPS = {f"an app with {scope}": scope for scope in ("memory.read", "memory.suggest")}


@pytest.mark.parametrize("asker", [*RIGHTS, *APPS, "the owner"])
def test_the_document_is_true(asker: str, server: Unhurried, owner: Owner, tmp_path: Path) -> None:
    """No 5xx, no answer that the document does not describe, nothing without a token that works,
    nothing accepted that it forbids; also stateful, from what one call answers to the next."""
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    run = subprocess.run(
        _command(server.url, _headers(asker, server, owner)),
        cwd=tmp_path,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-12_000:] + run.stderr[-2_000:]
    assert " generated" in run.stdout, run.stdout
    print(f"{asker}:\n{run.stdout.partition(' SUMMARY ')[2]}")


def _headers(asker: str, server: Unhurried, owner: Owner) -> dict[str, str]:
    if asker in RIGHTS:
        return owner.grants(RIGHTS[asker]).headers()
    if asker == "the owner":
        session = owner.session()
        names = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, KEY_COOKIE)
        cookies = "; ".join(f"{name}={session.client.cookies[name].value}" for name in names)
        return {"Cookie": cookies, "X-CSRFToken": session.csrf}
    caller, _ = connected(server, owner.person, APPS[asker], "/api/v1", Personal=ASK)
    return {"Authorization": f"Bearer {caller.token}"}


def _command(url: str, headers: dict[str, str]) -> list[str]:
    sent = [word for pair in headers.items() for word in ("--header", ": ".join(pair))]
    return [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{url}/api/v1/schema", "--url", url),
        *("--phases", "coverage,fuzzing,stateful" if FULL else "fuzzing,stateful"),
        *("--max-examples", EXAMPLES, "--seed", "7", "--workers", "1", "--no-color"),
        *("--exclude-checks", f"{UNSAID},{KEPT}"),
        *("--warnings", "off", "--generation-with-security-parameters", "false"),
        *("--generation-database", "none", "--max-failures", "20", "--continue-on-failure"),
        *sent,
    ]


def test_nothing_without_a_token_that_works(server: Unhurried) -> None:
    """401 and a challenge at every call but health, ready, the document and its page."""
    document = httpx.get(f"{server.url}/api/v1/schema").json()
    assert httpx.get(f"{server.url}/api/v1/docs").status_code == 200
    tried = 0
    for path, operations in document["paths"].items():
        address = server.url + re.sub(r"{\w+}", "00000000-0000-7000-8000-000000000000", path)
        for method in operations:
            answer = httpx.request(method, address, json={} if method != "get" else None)
            assert (answer.status_code == 200) == (path in OPEN), (path, method)
            if path not in OPEN:
                assert answer.status_code == 401, (path, method)
                challenge = answer.headers["WWW-Authenticate"]
                where = f"{server.url}/.well-known/oauth-protected-resource/api/v1"
                assert f'resource_metadata="{where}"' in challenge
                tried += 1
    assert tried >= 26
