"""A plain directory on disk and a vault, under the same commands: the same words come back.

The directory is that of Anthropic's own SDK. Three things are ours: a directory is there as long
as something is in it, and always counts 4K; and a list of lines ends somewhere. The long form:
`SATCHEL_FULL=1`.
"""

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from anthropic.lib.tools import ToolError
from anthropic.lib.tools._beta_builtin_memory_tool import BetaLocalFilesystemMemoryTool
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from api.memorytool import commands, strings
from tests.api.people import WRITE, Owner
from vault import memories
from vault.access import Access, open_token

FULL = os.environ.get("SATCHEL_FULL") == "1"

NAMES = st.sampled_from(["a", "b", "c.md", ".hidden", "ü"])
PATHS = st.lists(NAMES | st.just(".."), max_size=4).map(lambda n: "/".join(["/memories", *n]))
WORDS = st.text(st.sampled_from("ab \n\té日😀"), max_size=30) | st.just("x" * 1500)
NUMBERS = st.integers(-2, 6)


def _command(name: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"command": st.just(name), **fields})


COMMANDS = st.one_of(
    _command("view", path=PATHS),
    _command("view", path=PATHS, view_range=st.lists(NUMBERS, max_size=3)),
    _command("create", path=PATHS, file_text=WORDS),
    _command("create", path=PATHS, file_text=WORDS),
    _command("str_replace", path=PATHS, old_str=st.text("ab \n", max_size=3), new_str=WORDS),
    _command("insert", path=PATHS, insert_line=NUMBERS, insert_text=WORDS),
    _command("delete", path=PATHS),
    _command("rename", old_path=PATHS, new_path=PATHS),
)


class Disk:
    """The SDK's tool, on a directory in which nothing empty is left behind."""

    def __init__(self, folder: str) -> None:
        self.tool = BetaLocalFilesystemMemoryTool(folder)
        self.top = Path(folder) / "memories"

    def does(self, command: dict[str, Any]) -> tuple[str | None, bool]:
        """What it says; None for what the SDK leaves to the system to say."""
        try:
            said = str(self.tool.call(command))
            return _sized(said) if said.startswith("Here're") else said, False
        except ToolError as error:
            return str(error), True
        except OSError:
            return None, True
        finally:
            for found in sorted(self.top.rglob("*"), reverse=True):
                if found.is_dir() and not any(found.iterdir()):
                    found.rmdir()

    def paths(self) -> list[str]:
        return [f"/memories/{found.relative_to(self.top)}" for found in self.top.rglob("*")]


def _sized(listing: str) -> str:
    """What a directory counts depends on the disk."""
    heading, first, *others = listing.split("\n")
    lines = [heading, re.sub("^[^\t]+", "4K", first)]
    return "\n".join(lines + [re.sub("^[^\t]+(?=.*/$)", "4K", line) for line in others])


@dataclass(frozen=True)
class Writer:
    owner: Owner
    access: Access

    def starts_anew(self) -> None:
        for memory in memories.listing(self.owner.access, limit=100).memories:
            memories.forget(self.owner.access, memory.id)


@pytest.fixture(scope="module")
def writer(database: None) -> Writer:
    owner = Owner()
    return Writer(owner, open_token(owner.grants({"Work": WRITE}).token))


@settings(
    max_examples=600 if FULL else 10,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sent=st.lists(COMMANDS, min_size=4, max_size=14))
def test_a_vault_says_what_a_disk_says(writer: Writer, sent: list[dict[str, Any]]) -> None:
    writer.starts_anew()
    with tempfile.TemporaryDirectory() as folder:
        disk = Disk(folder)
        for command in sent:
            _agree(writer, disk, command)
        for path in ["/memories", *disk.paths()]:
            _agree(writer, disk, {"command": "view", "path": path})


def _agree(writer: Writer, disk: Disk, command: dict[str, Any]) -> None:
    theirs, wrong = disk.does(command)
    ours = commands.run(writer.access, command)
    assert ours.is_error == wrong, (command, theirs, ours)
    if theirs is not None:
        assert ours.content == _bounded(theirs), command


def _bounded(theirs: str) -> str:
    """Ours names no more than so many lines of a text that is there too often."""
    found = re.fullmatch(r"(No replacement.* in lines: )([\d, ]+)(\. Please.*)", theirs, re.DOTALL)
    if found is None:
        return theirs
    lines = found[2].split(", ")
    more = ["…"] if len(lines) > strings.MOST_LINES else []
    return found[1] + ", ".join(lines[: strings.MOST_LINES] + more) + found[3]
