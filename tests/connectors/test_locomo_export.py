"""The tool that reshapes LoCoMo: nothing of it is lost on the way through the importer."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.base.types import Turn
from tests.connectors.shapes import conversations, problems, read, turns, upload

ROOT = Path(__file__).parents[2]
SAMPLE = {
    "sample_id": "conv-1",
    "conversation": {
        "speaker_a": "Ann",
        "speaker_b": "Bo",
        "session_10_date_time": "12:05 am on 9 May, 2023",
        "session_10": [{"speaker": "Bo", "dia_id": "D10:1", "text": "Morning"}],
        "session_1_date_time": "1:56 pm on 8 May, 2023",
        "session_1": [
            {"speaker": "Ann", "dia_id": "D1:1", "text": "Hey"},
            {"speaker": "Bo", "dia_id": "D1:2", "text": "Look", "blip_caption": "a dog"},
        ],
        "session_2_date_time": "2:00 pm on 8 May, 2023",
    },
}


@pytest.mark.parametrize("options", [[], ["--sharded"]])
def test_every_turn_with_its_name_its_speaker_and_its_time(
    tmp_path: Path, options: list[str]
) -> None:
    (tmp_path / "in.json").write_text(json.dumps([SAMPLE]))
    files = [str(tmp_path / "in.json"), str(tmp_path / "out.zip")]
    tool = ROOT / "tools" / "locomo_export.py"
    subprocess.run([sys.executable, str(tool), *files, *options], check=True, capture_output=True)
    found = read(upload((tmp_path / "out.zip").read_bytes()))
    assert problems(found) == []
    assert [talk.conversation_id for talk in conversations(found)] == [
        "conv-1-session_1",
        "conv-1-session_10",
    ]
    assert [_facts(turn) for turn in turns(found)] == [
        ("conv-1-D1:1", "user", "Ann", "Hey"),
        ("conv-1-D1:2", "assistant", "Bo", "Look\n\n[image: a dog]"),
        ("conv-1-D10:1", "assistant", "Bo", "Morning"),
    ]
    assert turns(found)[0].created_at == datetime(2023, 5, 8, 13, 56, tzinfo=UTC)


def _facts(turn: Turn) -> tuple[str, str, str, str]:
    return turn.message_id, turn.role, turn.speaker, turn.text
