"""Real exports that are not in the repository: point SATCHEL_SAMPLES at a folder of them.

Each file that a reader knows must be read without a problem; those named here, to the last turn.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from connectors.base.registry import recognise
from tests.connectors.shapes import conversations, items, opened, problems, read, turns, upload

FOLDER = os.environ.get("SATCHEL_SAMPLES", "")
pytestmark = pytest.mark.skipif(
    not FOLDER, reason="set SATCHEL_SAMPLES to a folder of real exports to try them"
)
FILES = sorted(Path(FOLDER).iterdir()) if FOLDER else []

# Vendor, conversations, turns by branch; counted by hand.
COUNTED = {
    "mitkury-example-conversation.json": ("openai", 1, {0: 4, 1: 1}),
    "edwardbrazier-example_chatgpt.json": ("openai", 1, {0: 4}),
    "edwardbrazier-example_anthropic.json": ("anthropic", 1, {0: 4}),
    "edwardbrazier-example_grok.json": ("xai", 1, {0: 4}),
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_sample(path: Path) -> None:
    if path.suffix not in (".json", ".zip", ".html", ".txt"):
        pytest.skip("not an export")
    with opened(upload(path.read_bytes(), path.name)) as files:
        archive = recognise(files)
        if archive is None:
            pytest.skip("no reader knows this vendor yet")
        records = list(archive.read(files))
    assert problems(records) == []
    assert conversations(records) or items(records)
    if path.name in COUNTED:
        branches = Counter(turn.branch for turn in turns(records))
        found = (archive.vendor, len(conversations(records)), dict(branches))
        assert found == COUNTED[path.name]


@pytest.mark.parametrize("options", [[], ["--sharded"]])
def test_locomo_whole(tmp_path: Path, options: list[str]) -> None:
    source = Path(FOLDER) / "locomo10.json"
    if not source.exists():
        pytest.skip("no locomo10.json in the folder")
    tool = Path(__file__).parents[2] / "tools" / "locomo_export.py"
    out = tmp_path / "out.zip"
    subprocess.run([sys.executable, str(tool), str(source), str(out), *options], check=True)
    found = read(upload(out.read_bytes()))
    assert problems(found) == []
    assert len(conversations(found)) == 272
    samples = json.loads(source.read_text(encoding="utf-8"))
    said = [
        (f"{sample['sample_id']}-{turn['dia_id']}", turn["speaker"])
        for sample in samples
        for session in sample["conversation"].values()
        if isinstance(session, list)
        for turn in session
    ]
    assert len(said) == 5882
    assert sorted((turn.message_id, turn.speaker) for turn in turns(found)) == sorted(said)
