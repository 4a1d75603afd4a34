"""What `up` refuses, and how it says so."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from config import preflight
from config.home import Home
from config.preflight import Refused, alone, check_port, check_room, end_strays
from tests.stack import free_port


@pytest.fixture
def place(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    made.run.mkdir()
    return made


def test_a_second_one_is_told_about_the_first(place: Home) -> None:
    said = f"process {os.getpid()}, http://here:1"
    with (
        alone(place, "http://here:1"),
        pytest.raises(Refused, match=said),
        alone(place, "http://here:2"),
    ):
        pass


def test_the_folder_is_free_again_afterwards(place: Home) -> None:
    for _ in range(2):
        with alone(place, "http://here:1"):
            pass


def test_a_note_that_was_cut_short_does_not_confuse(place: Home) -> None:
    with alone(place, "http://here:1"):
        (place.run / "up.lock").write_text('{"pid":')
        with pytest.raises(Refused, match="another process"), alone(place, "http://here:2"):
            pass


def test_a_taken_port_is_refused_with_a_free_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Refused, match=f"Port {port} is taken.*--port (\\d+)") as refusal:
            check_port("127.0.0.1", port)
    offered = int(str(refusal.value).split()[-1])
    assert offered > port
    check_port("127.0.0.1", offered)


def test_a_free_port_is_fine_on_both_families() -> None:
    check_port("127.0.0.1", free_port())
    check_port("::1", free_port())


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(Refused, match=r"cannot listen on 192\.0\.2\.1"):
        check_port("192.0.2.1", free_port())


def test_a_full_disk_is_refused_with_the_figures(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"Only \d+ MB are free"):
        check_room(tmp_path, needed=2**60)
    check_room(tmp_path, needed=1)


def test_what_a_killed_run_left_is_ended_and_nothing_else(place: Home) -> None:
    sleepers = [_sleeper() for _ in range(3)]
    noted, reused, _other = (psutil.Process(sleeper.pid) for sleeper in sleepers)
    rows = [
        [noted.pid, noted.create_time(), signal.SIGINT.value],
        [reused.pid, reused.create_time() - 60, signal.SIGINT.value],
        [1 << 22, 1, signal.SIGINT.value],
    ]
    (place.run / "children.json").write_text(str(rows))
    try:
        assert end_strays(place) == 1
        assert [sleeper.poll() is None for sleeper in sleepers] == [False, True, True]
    finally:
        for sleeper in sleepers:
            sleeper.kill()
            sleeper.wait()


@pytest.mark.parametrize("note", ["", "[[1", "{}", "[1, 2]", "[[1, 2]]", '[["x", "y", 2]]'])
def test_a_note_of_children_that_is_no_note_ends_nobody(place: Home, note: str) -> None:
    (place.run / "children.json").write_text(note)
    assert end_strays(place) == 0


def test_the_room_asked_for_is_half_a_gigabyte() -> None:
    assert preflight.ROOM_NEEDED == 500 * 1024 * 1024


def _sleeper() -> subprocess.Popen[bytes]:
    return subprocess.Popen((sys.executable, "-c", "import time; time.sleep(300)"))
