"""Scenarios in plain text, each with all that comes of it: see `scenario.py` for the words.

What differs from a file fails. Look at what SCENARIOS=write writes into it before it is kept.
"""

import os
from pathlib import Path

import pytest

from tests.sync.scenario import Player
from vault.keys.hashers import remembering_derivations

FILES = sorted((Path(__file__).parent / "scenarios").glob("*.txt"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_goes_as_written(file: Path) -> None:
    wanted = file.read_text()
    with remembering_derivations():
        told = Player().play(wanted)
    if os.environ.get("SCENARIOS") == "write":
        file.write_text(told)
    assert told == wanted
