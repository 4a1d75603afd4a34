"""How much memory a reader takes, measured in a process of its own: not what an export decides."""

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from connectors.base.limits import MIB
from tests.connectors.shapes import NOON, chat, node

ROOT = Path(__file__).parents[2]
LONG = 500 if os.environ.get("SATCHEL_FULL") == "1" else 350  # MiB; more than may be held
pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="this system does not say what a process held"
)

# Reads the export named on the command line; prints turns, problems and the peak in megabytes.
READER = """
import re, sys
from pathlib import Path
from connectors.base.errors import ArchiveError
from connectors.base.reading.files import Upload, open_archive
from connectors.base.registry import recognise
from connectors.base.types import Conversation, Unreadable
path, turns, problems = sys.argv[1], 0, 0
with open_archive([Upload("x", lambda: open(path, "rb"))]) as files:
    archive = recognise(files)
    for record in archive.read(files) if archive else ():
        turns += len(record.turns) if isinstance(record, Conversation) else 0
        problems += isinstance(record, Unreadable)
# Not ru_maxrss: that begins with what the parent held when it forked.
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]
print(turns, problems, int(peak) // 1024)
"""


def measured(path: Path) -> tuple[int, int, int]:
    command = [sys.executable, "-c", READER, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    turns, problems, peak = done.stdout.split()
    return int(turns), int(problems), int(peak)


def talk(number: int, length: int) -> str:
    nodes = [
        node(f"{number}-{n}", f"{number}-{n - 1}" if n else None, f"About {n * 7919} " * 40)
        for n in range(length)
    ]
    return json.dumps(chat(f"c{number}", nodes, update_time=NOON))


def test_a_hundred_thousand_messages(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:  # noqa: SIM117
        with archive.open("conversations.json", "w") as inside:
            for number in range(1_000):
                inside.write(b"," if number else b"[")
                inside.write(talk(number, 100).encode())
            inside.write(b"]")
    turns, problems, peak = measured(path)
    assert (turns, problems) == (100_000, 0)
    assert peak < 200


@pytest.mark.parametrize(
    ("filler", "size"),
    [(b"x", LONG), (b"[", LONG), (b"[[],", 100), (b'{"a":', 100), (b'"\\n', 100)],
)
def test_one_entry_of_hundreds_of_megabytes(tmp_path: Path, filler: bytes, size: int) -> None:
    """Between two sound ones: both are read, or the first if it has no end, and little is held."""
    path = tmp_path / "conversations.json"
    with path.open("wb") as out:
        out.write(b"[" + talk(1, 2).encode() + b',{"mapping":{}, "current_node":"')
        out.write(b'", "y":' if filler != b"x" else b"")
        block = filler * (MIB // len(filler))
        for _ in range(size):
            out.write(block)
        out.write(b'"}' if filler == b"x" else b"")
        out.write(b"," + talk(2, 2).encode() + b"]")
    turns, problems, peak = measured(path)
    assert turns == (4 if filler == b"x" else 2)
    assert problems == 1
    assert peak < 300


def test_an_entry_as_large_and_as_wide_as_allowed(tmp_path: Path) -> None:
    """The worst that is still read: 4 million brackets and commas within 64 MiB."""
    packed = io.BytesIO()
    packed.write(b"[" + talk(1, 2).encode() + b',{"mapping":{"a":[')
    packed.write(b",".join([b'{"k":0}'] * 1_900_000))
    packed.write(b"]}}," + talk(2, 2).encode() + b"]")
    path = tmp_path / "conversations.json"
    path.write_bytes(packed.getvalue())
    turns, problems, peak = measured(path)
    assert (turns, problems) == (4, 1)
    assert 200 < peak < 800  # it was read, not passed over
