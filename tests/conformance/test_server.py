"""The referee of the protocol, before our server: what it requires of each version."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.oauth.apps import registered
from tests.conformance import npm
from tests.conformance.browser import Owner
from tests.conformance.serving import Door
from tests.people import Person, new_person
from tests.stack import Live, Stack, free_port
from vault import memories
from vault.types import Draft, Right

VERSIONS = ("2026-07-28", "2025-11-25")
# What applies to Satchel as it is. All others call tools of theirs by name, or what it never does.
AS_IT_IS = {
    "2026-07-28": (
        *("tools-list", "resources-list", "prompts-list", "dns-rebinding-protection", "caching"),
        *("sep-2164-resource-not-found", "http-header-validation", "tools-call-error"),
        "server-sse-multiple-streams",
    ),
    "2025-11-25": (
        *("server-initialize", "ping", "tools-list", "resources-list", "prompts-list"),
        *("dns-rebinding-protection", "tools-call-error"),
    ),
}
_PASSED = re.compile(r"^✓ (\S+): (\d+) passed, 0 failed$", re.MULTILINE)
FULL = os.environ.get("SATCHEL_FULL") == "1"


@pytest.fixture(scope="module")
def ana() -> Person:
    made = new_person()
    memories.remember(made.access, made.collection("Work"), Draft("Ana keeps bees in Porto."))
    return made


@pytest.fixture(scope="module")
def door(programs: None, stack: Stack, ana: Person) -> Iterator[Door]:
    with Door(stack, ana.token(Work=Right(see=True, add="yes"))[1]) as running:
        yield running


def referee(url: str, version: str, *words: str) -> tuple[int, str]:
    return npm.run("conformance", "server", "--url", url, "--requirements", version, *words)


@pytest.mark.parametrize("version", VERSIONS)
def test_satchel_as_it_is(door: Door, version: str) -> None:
    _, said = referee(door.url + "/mcp", version)
    passed = {name: int(count) for name, count in _PASSED.findall(said)}
    assert {name for name in AS_IT_IS[version] if not passed.get(name)} == set(), said[-6000:]


@pytest.mark.parametrize("version", VERSIONS)
def test_all_that_a_version_requires(
    door: Door, version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the tools that the referee calls by name behind the same gate."""
    expected = str(npm.HERE / f"expected-{version}.yml")
    status, said = referee(door.url + "/with-fixtures", version, "--expected-failures", expected)
    assert status == 0, said[-6000:]
    if FULL:
        with capsys.disabled():
            print(f"\n{version}: {said.partition('=== SUMMARY ===')[2]}")


def test_the_authorization_server(programs: None, live: Live, ana: Person, tmp_path: Path) -> None:
    port = free_port()
    app = registered(redirect_uris=[f"http://127.0.0.1:{port}/callback"])
    words = ("--url", live.url, "--client-id", app.client_id, "--resource", live.url + "/mcp")
    heard = tmp_path / "said"
    with heard.open("w") as out, Owner(ana, heard, Work=Right(see=True)) as owner:
        words = (*words, "--port", str(port))
        status = npm.start(out, "conformance", "authorization", *words).wait(60)
    said = heard.read_text()
    assert not owner.failed, owner.failed
    assert status == 0 and "✗" not in said, said[-6000:]
    results = re.findall(r"(\d+) passed, (\d+) failed", said)
    assert results and all(int(good) and bad == "0" for good, bad in results), said[-6000:]
    if FULL:
        print(said)
