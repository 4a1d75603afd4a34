"""Memory servers that are programs: the reference server from npm, and programs that misbehave."""

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from connectors.base.errors import BadResponse, Misconfigured, NotFound, Unavailable
from connectors.base.live.options import filled
from connectors.base.live.remote import Remote
from connectors.base.types import Entry, Item
from connectors.mcp import pipe
from connectors.mcp.remote_stdio import McpStdio
from tests.conformance import npm
from tests.connectors.conformance import ITEM, KEY, ConnectorConformance
from tests.connectors.replay import Dead

ODD = str(Path(__file__).parent / "odd_program.py")
SDK = [sys.executable, str(Path(__file__).parent / "mcp_server.py")]


class TestMcpStdio(ConnectorConformance):
    connector = McpStdio
    options = {"command": '["memory-server"]', "environment": '{"TOKEN": "not-a-real-token"}'}

    def test_is_offered_only_where_the_server_may(self) -> None:
        assert McpStdio.reaches == "machine"


def started(command: list[str], **more: Any) -> Remote:
    options = filled(McpStdio.Options, {"command": json.dumps(command), **more})
    return Remote(McpStdio(options, httpx.Client(transport=Dead())))


def listing(remote: Remote) -> list[Entry]:
    return [entry for page in remote.pages() for entry in page.entries]


def texts(remote: Remote) -> list[str]:
    return [entry.item.text for entry in listing(remote) if entry.item]


# the reference server


@pytest.fixture(scope="module")
def program() -> list[str]:
    npm.install()
    return list(npm.command("server-memory"))


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    """What the reference server keeps, with something of somebody's in it."""
    lines = [
        {"type": "entity", "name": "Ada", "entityType": "person", "observations": ["Likes tea"]},
        {"type": "entity", "name": "Riga", "entityType": "place", "observations": ["", "Cold"]},
        {"type": "relation", "from": "Ada", "to": "Riga", "relationType": "lives_in"},
    ]
    file = tmp_path / "memory.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in lines))
    return file


@pytest.fixture
def reference(program: list[str], graph: Path) -> Iterator[Remote]:
    remote = started(program, environment=json.dumps({"MEMORY_FILE_PATH": str(graph)}))
    yield remote
    remote.close()


def test_the_reference_server_is_listed_written_and_left_as_it_was(
    reference: Remote, graph: Path
) -> None:
    account = reference.check()
    assert account.label == "memory-server" and str(graph) not in account.id
    before = listing(reference)
    shown = [(one.item.title, one.item.text) for one in before if one.item]
    assert shown == [("Ada", "Likes tea"), ("Riga", "Cold")]
    assert [one.unreadable for one in before if not one.item] == ["This observation is empty."]
    made = reference.create(ITEM, KEY)
    assert made and reference.create(ITEM, KEY) == made, "the same words are there once"
    titled = reference.create(Item("Plays chess", title="Ada"), KEY)
    assert titled and listing(reference) == [before[0], titled, *before[1:], made]
    after = reference.update(made, Item("Prefers coffee\nto tea"))
    assert after.remote_id != made.remote_id and after in listing(reference)
    assert reference.update(after, Item("Prefers coffee\nto tea")) == after
    with pytest.raises(NotFound):
        reference.update(made, ITEM)
    for one in (after, titled, titled):
        reference.delete(one)
    assert listing(reference) == before
    kept = [json.loads(line) for line in graph.read_text().split("\n")]
    assert [one["relationType"] for one in kept if one["type"] == "relation"] == ["lives_in"]


def test_a_damaged_graph_is_not_an_empty_one(reference: Remote, graph: Path) -> None:
    graph.write_text("{damaged")
    with pytest.raises(BadResponse):
        listing(reference)


# a server made with the SDK


def test_a_server_of_the_sdk_with_tools_of_its_own() -> None:
    remote = started(SDK, folder=str(Path(__file__).parents[2]))
    try:
        made = [remote.create(Item(f"Memory {n}."), f"key-{n}") for n in range(5)]
        assert texts(remote) == [f"Memory {n}." for n in range(5)], "in pages of two"
        assert made[0] and made[0].key == "key-0"
        after = remote.update(made[0], Item("Changed."))
        assert after.remote_id == made[0].remote_id and after.key == "key-0"
        remote.delete(after)
        remote.delete(after)
        assert len(listing(remote)) == 4
    finally:
        remote.close()


# programs that misbehave


@pytest.fixture
def odd(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Remote]:
    monkeypatch.setattr(pipe, "_GRACE", 0.2)
    remote = started([sys.executable, ODD, request.param, "$HOME; `x` *"])
    yield remote
    remote.close()


def shown(remote: Remote, what: str) -> Any:
    found = {one.remote_id: one.item for one in listing(remote)}[what]
    assert found
    return json.loads(found.text)


@pytest.mark.parametrize("odd", ["fine"], indirect=True)
def test_no_shell_reads_it_and_it_sees_little(odd: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SATCHEL_SECRET_KEY", "not-for-programs")
    assert shown(odd, "argv") == ["fine", "$HOME; `x` *"]
    seen = shown(odd, "environment")
    allowed = {"PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR"}
    assert seen.keys() <= allowed | {"__CF_USER_TEXT_ENCODING"}


@pytest.mark.parametrize("odd", ["odd"], indirect=True)
def test_noise_notices_and_questions_are_borne(odd: Remote) -> None:
    assert shown(odd, "argv")[0] == "odd"


@pytest.mark.parametrize("odd", ["ends"], indirect=True)
def test_a_program_that_ends_is_unavailable(odd: Remote) -> None:
    with pytest.raises(Unavailable):
        listing(odd)
    with pytest.raises(Unavailable):
        odd.create(ITEM, KEY)


@pytest.mark.parametrize("odd", ["mute", "deaf"], indirect=True)
def test_a_program_that_does_not_answer_is_given_up(
    odd: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipe, "SECONDS", 0.5)
    with pytest.raises(Unavailable):
        listing(odd)


@pytest.mark.parametrize("odd", ["deaf"], indirect=True)
def test_a_program_that_does_not_read_does_not_hold_us_up(
    odd: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipe, "SECONDS", 0.5)
    wire = odd.connector.wire()  # type: ignore[attr-defined]
    with pytest.raises(Unavailable):
        wire.tell({"text": "x" * 1_000_000})


@pytest.mark.parametrize("odd", ["long"], indirect=True)
def test_a_line_without_end_is_given_up(odd: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipe, "LONGEST", 1_000_000)
    with pytest.raises(BadResponse):
        listing(odd)


@pytest.mark.parametrize("odd", ["fine", "deaf", "family"], indirect=True)
def test_it_is_ended_with_all_that_it_started(odd: Remote) -> None:
    odd.connector.wire()  # type: ignore[attr-defined]
    mine = psutil.Process()
    time.sleep(0.5)  # until then it may still be a copy of this process
    (running,) = [one for one in mine.children() if ODD in one.cmdline()]
    family = [running, *running.children(recursive=True)]
    odd.close()
    _, alive = psutil.wait_procs(family, timeout=5)
    assert not alive
    odd.close()


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("command", "npx -y memory"),
        ("command", "[]"),
        ("command", '"npx"'),
        ("command", '["npx", 1]'),
        ("command", '["a\\u0000b"]'),
        ("environment", "[]"),
        ("environment", "A=b"),
        ("environment", '{"A": 1}'),
    ],
)
def test_what_cannot_be_started_is_told_at_its_field(field: str, told: str) -> None:
    given = {"command": '["x"]', "environment": "", field: told}
    options = filled(McpStdio.Options, given)
    with pytest.raises(Misconfigured) as caught:
        Remote(McpStdio(options, httpx.Client(transport=Dead()))).check()
    assert caught.value.field == field and told not in str(caught.value)


def test_a_program_that_is_not_there_is_unavailable() -> None:
    for command in (["/nowhere/at-all"], [os.devnull]):
        with pytest.raises(Unavailable):
            started(command).check()


def test_the_account_is_of_the_program_and_its_files_not_of_its_keys() -> None:
    def space(command: list[str], environment: dict[str, str]) -> str:
        remote = started(command, environment=json.dumps(environment))
        return str(remote.connector.space)  # type: ignore[attr-defined]

    plain = space(["a"], {"FILE": "x", "API_KEY": "1"})
    assert plain == space(["a"], {"API_KEY": "2", "FILE": "x"})
    assert len({plain, space(["b"], {"FILE": "x"}), space(["a"], {"FILE": "y"})}) == 3
