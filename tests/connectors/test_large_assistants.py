"""The largest exports of assistants that are read: what they take in memory; nothing is lost."""

import csv
import json
import zipfile
from pathlib import Path

import pytest

from connectors.base.limits import MIB
from tests.connectors import test_memory_bounds as bounds
from tests.connectors.assistants import lechat_message

pytestmark = bounds.pytestmark


def chats(path: Path, count: int) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(count):
            said = [
                lechat_message(
                    f"{number}-{place}",
                    f"About {number * 7919 + place} " * 30,
                    "assistant" if place % 2 else "user",
                    chatId=f"c{number}",
                    createdAt=f"2026-01-01T12:00:{59 - place}.000Z",
                )
                for place in range(10)
            ]
            archive.writestr(f"chat-{number}.json", json.dumps(said))


def history(path: Path, size: int) -> int:
    """Conversations of twenty rows, the newest first; answers how many."""
    number = 0
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        table = csv.writer(out)
        table.writerow(["Conversation", "Time", "Author", "Message"])
        while out.tell() < size:
            number += 1
            for minute in range(10):
                at = f"2026-01-01T12:{59 - minute}:00"
                said = f'* "{number * 7919 + minute}", and\n' * 40
                table.writerow([f"Talk {number}", at, "AI", said])
                table.writerow([f"Talk {number}", at, "Human", f"And {number}?"])
    return number


def test_a_history_is_read_a_conversation_at_a_time(tmp_path: Path) -> None:
    count = history(tmp_path / "history.csv", 4 * MIB)
    turns, problems, peak = bounds.measured(tmp_path / "history.csv")
    assert (turns, problems) == (20 * count, 0)
    assert peak < 120


@pytest.mark.full
def test_ten_thousand_chats_in_one_zip(tmp_path: Path) -> None:
    chats(tmp_path / "export.zip", 10_000)
    turns, problems, peak = bounds.measured(tmp_path / "export.zip")
    print(f"{turns} turns, {problems} problems, peak {peak} MB")
    assert (turns, problems) == (100_000, 0)
    assert peak < 400


@pytest.mark.full
def test_a_history_of_two_hundred_megabytes(tmp_path: Path) -> None:
    count = history(tmp_path / "history.csv", 200 * MIB)
    turns, problems, peak = bounds.measured(tmp_path / "history.csv")
    print(f"{turns} turns, {problems} problems, peak {peak} MB")
    assert (turns, problems) == (20 * count, 0)
    assert peak < 120
