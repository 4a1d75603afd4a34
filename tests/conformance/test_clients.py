"""Clients from npm: each finds a memory, and is refused once its access is taken back."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from tests.api.mcp.callers import apart
from tests.conformance import npm
from tests.conformance.browser import Owner
from tests.people import Person, new_person
from tests.stack import Live, free_port
from vault import memories
from vault.granting import grants
from vault.types import Draft, Right

SEES = Right(see=True)
FOUND = "Ana keeps bees in Porto."


@pytest.fixture(scope="module")
def ana() -> Person:
    made = new_person()
    memories.remember(made.access, made.collection("Work"), Draft(FOUND))
    return made


@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_the_inspector(programs: None, live: Live, ana: Person, era: str) -> None:
    grant, token = ana.token(Work=SEES)
    sent = ("--header", f"Authorization: Bearer {token}")
    where = ("--cli", live.url + "/mcp", "--transport", "http", "--protocol-era", era)
    search = ("--method", "tools/call", "--tool-name", "search", "--tool-arg", "query=bees")
    status, said = npm.run("mcp-inspector", *where, *sent, *search)
    assert status == 0 and FOUND in said, said[-3000:]
    grants.revoke(ana.access, grant.id)
    status, said = npm.run("mcp-inspector", *where, *sent, *search)
    assert status != 0 and FOUND not in said, said[-3000:]


def test_the_inspector_finds_the_schemas_portable(programs: None, live: Live, ana: Person) -> None:
    sent = ("--header", f"Authorization: Bearer {ana.token(Work=Right(see=True, add='yes'))[1]}")
    where = ("--cli", live.url + "/mcp", "--transport", "http", "--protocol-era", "auto")
    status, said = npm.run("mcp-inspector", *where, *sent, "--method", "tools/list", "--strict")
    assert status == 0, said[-3000:]


def test_mcp_remote_with_the_whole_of_oauth(
    programs: None, live: Live, ana: Person, tmp_path: Path
) -> None:
    """It stands between a program on this machine and us, and keeps the tokens."""
    before = {grant.id for grant in grants.listing(ana.access)}
    heard = tmp_path / "said"
    heard.touch()

    async def finds_until_revoked(client: Client) -> None:
        found = await client.call_tool("search", {"query": "bees"})
        assert FOUND in json.dumps(found.structured_content)
        (grant,) = [one for one in grants.listing(ana.access) if one.id not in before]
        owner.willing = False
        grants.revoke(ana.access, grant.id)
        again = asyncio.create_task(client.call_tool("search", {"query": "bees"}))
        async with asyncio.timeout(20):
            while len(owner.asked) < 2 and not again.done():
                await asyncio.sleep(0.05)
        again.cancel()
        (said,) = await asyncio.gather(again, return_exceptions=True)
        assert FOUND not in str(said)

    with Owner(ana, heard, Work=SEES) as owner:
        through_mcp_remote(live.url + "/mcp", heard, tmp_path, finds_until_revoked)
    assert not owner.failed, owner.failed
    assert len(owner.asked) == 2, "once refused, it asks its owner again"
    assert "satchel_" not in heard.read_text(), "it wrote a token down"


def through_mcp_remote(url: str, heard: Path, folder: Path, act: Callable[[Client], Any]) -> None:
    words = (url, str(free_port()), "--allow-http", "--host", "127.0.0.1")
    program, *rest = npm.command("mcp-remote", *words)
    # It opens a browser when it finds one: here the test is the browser.
    env = npm.environment(MCP_REMOTE_CONFIG_DIR=str(folder / "mcp-remote"), PATH=str(npm.BIN))
    how = StdioServerParameters(command=program, args=rest, env=env, cwd=npm.HERE)

    async def runs() -> None:
        with heard.open("a") as errors:
            async with Client(stdio_client(how, errlog=errors), mode="legacy") as client:
                await act(client)

    apart(runs())
