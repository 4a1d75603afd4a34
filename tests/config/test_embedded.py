"""The embedded PostgreSQL: closed to others, silent in the logs, safe to leave behind."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from config import embedded, postgres_folder
from config.environment import Misconfigured
from config.home import ADMIN_ROLE, APP_ROLE, OWNER_ROLE, Home
from config.processes import Running, Service, ServiceFailed, rotate
from tests.stack import Stack

CANARY = "canary-0c4d11"
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root needs a second user")


@pytest.fixture
def spare() -> Iterator[Home]:
    """A data folder besides the tests' own."""
    path = Path(tempfile.mkdtemp(prefix="satchel-spare-"))
    path.chmod(0o711)
    made = Home(path / "data")
    made.make()
    yield made
    shutil.rmtree(path)


def _start(home: Home) -> Running:
    running = Running(embedded.postgres(home, hasty=True))
    embedded.ready_postgres(home, running)
    return running


def test_it_listens_on_no_network_and_in_a_closed_folder(stack: Stack) -> None:
    home = stack.home
    with psycopg.connect(home.database_url(ADMIN_ROLE)) as admin:
        assert admin.execute("SHOW listen_addresses").fetchone() == ("",)
        assert admin.execute("SHOW fsync").fetchone() == ("off",)  # hasty, for the tests
    for folder in (home.postgres, home.postgres_sockets, home.broker, home.broker_socket.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_real_one_does_not_trade_safety_for_speed(spare: Home) -> None:
    words = embedded.postgres(spare).argv
    assert not [word for word in words if word.startswith(("fsync", "synchronous", "full_page"))]


@needs_root
def test_another_user_of_the_machine_is_turned_away(stack: Stack) -> None:
    """Even if the folder were open: the kernel says who is calling."""
    sockets = stack.home.postgres_sockets
    code = (
        "import psycopg, sys\n"
        f"try: psycopg.connect('dbname=satchel user={ADMIN_ROLE} host={sockets}')\n"
        "except psycopg.OperationalError as error: sys.exit(str(error))\n"
    )
    before = [(path, path.stat().st_mode) for path in (sockets, sockets / ".s.PGSQL.5432")]
    try:
        for path, _ in before:
            path.chmod(0o777)
        postgres = ("/bin/sh", "-c", f"'{shutil.which('python3')}' -c \"{code}\"")
        done = subprocess.run(postgres, user="nobody", capture_output=True, text=True, check=False)
    finally:
        for path, mode in before:
            path.chmod(mode)
    assert done.returncode != 0
    assert "Peer authentication failed" in done.stderr or "Permission denied" in done.stderr


def test_values_do_not_get_into_the_servers_log(stack: Stack) -> None:
    log = stack.home.logs / "postgres.log"
    with psycopg.connect(stack.home.database_url(APP_ROLE), autocommit=True) as app:
        for statement, values in (
            (f"SELECT no_such_column -- {CANARY}", []),
            ("INSERT INTO auth_user (id, username) VALUES (%s, %s)", [1, CANARY]),
            ("SELECT pg_sleep(0.01), %s::text", [CANARY]),
        ):
            try:
                app.execute(statement, values)
            except psycopg.Error:
                continue
    assert CANARY not in log.read_text()


def test_a_server_left_behind_is_ended_before_the_next_start(spare: Home) -> None:
    running = _start(spare)
    assert embedded.end_stray_postgres(spare)
    running.stop()
    assert not embedded.end_stray_postgres(spare)
    again = _start(spare)
    assert again.stop()


def test_a_number_taken_over_by_another_program_does_not_hold_it_up(spare: Home) -> None:
    _start(spare).stop()
    (spare.postgres / "postmaster.pid").write_text(f"{os.getpid()}\n{spare.postgres}\n")
    assert not embedded.end_stray_postgres(spare)
    assert _start(spare).stop()


def test_a_killed_server_keeps_what_was_committed(spare: Home) -> None:
    running = Running(embedded.postgres(spare))
    embedded.ready_postgres(spare, running)
    with psycopg.connect(spare.database_url(OWNER_ROLE), autocommit=True) as owner:
        owner.execute("CREATE TABLE kept (word text)")
        owner.execute("INSERT INTO kept VALUES ('yes')")
        os.kill(running.pid, 9)
    running.stop()
    embedded.end_stray_postgres(spare)
    again = _start(spare)
    try:
        with psycopg.connect(spare.database_url(APP_ROLE)) as app:
            assert app.execute("SELECT word FROM kept").fetchone() == ("yes",)
    finally:
        again.stop()


def test_a_server_that_cannot_start_says_why(spare: Home) -> None:
    _start(spare).stop()
    (spare.postgres / "global" / "pg_control").unlink()
    running = Running(embedded.postgres(spare))
    with pytest.raises(ServiceFailed, match="pg_control"):
        embedded.ready_postgres(spare, running)


def test_a_folder_that_holds_something_else_is_left_alone(spare: Home) -> None:
    spare.postgres.mkdir()
    (spare.postgres / "something-else").write_text("x")
    with pytest.raises(Misconfigured, match="no PostgreSQL"):
        embedded.postgres(spare)
    assert (spare.postgres / "something-else").exists()


def test_a_first_start_that_broke_off_is_made_anew(spare: Home) -> None:
    half = spare.path / "postgres.half"
    half.mkdir()
    (half / "PG_VERSION").write_text("18")
    assert _start(spare).stop()
    assert not half.exists()


def test_what_initdb_says_is_passed_on(spare: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_folder, "ADMIN_ROLE", "pg_reserved")
    with pytest.raises(ServiceFailed, match='superuser name "pg_reserved" is disallowed'):
        embedded.postgres(spare)
    assert not spare.postgres.exists()


@needs_root
def test_root_is_told_when_postgresql_cannot_pass(spare: Home) -> None:
    spare.path.parent.chmod(0o700)
    with pytest.raises(Misconfigured, match=f"may not pass {spare.path.parent}"):
        embedded.postgres(spare)


@needs_root
def test_programs_out_of_reach_are_copied_once(
    spare: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_folder, "_reachable", lambda package: False)
    running = _start(spare)
    try:
        assert running.service.argv[0].startswith(str(spare.path))
        with psycopg.connect(spare.database_url(APP_ROLE)) as app:
            assert app.execute("SELECT '[1,2]'::vector <-> '[1,3]'").fetchone() == (1.0,)
    finally:
        running.stop()
    monkeypatch.setattr(postgres_folder, "_copy_programs", None)
    assert _start(spare).stop()


def test_a_very_long_folder_name_works(spare: Home) -> None:
    long = Home(spare.path.parent / ("long-" * 20) / "data")
    long.make()
    server = _start(long)
    broker = Running(embedded.broker(long))
    embedded.ready_broker(long, broker)
    assert broker.stop()
    assert server.stop()
    for folder in (long.postgres_sockets, long.broker_socket.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        shutil.rmtree(folder)


def test_folders_of_somebody_else_are_not_used(spare: Home) -> None:
    spare.postgres_sockets.parent.mkdir(exist_ok=True)
    spare.postgres_sockets.symlink_to(tempfile.gettempdir())
    with pytest.raises(Misconfigured, match="another user"):
        embedded.postgres(spare)


def test_a_service_that_is_killed_by_its_parents_end(tmp_path: Path) -> None:
    """The parent here is a process that starts one and is killed at once."""
    code = (
        "import os, sys, time; from pathlib import Path\n"
        "from config.processes import Running, Service\n"
        "run = Running(Service('child', ('sleep', '300'), Path(sys.argv[1]) / 'log'))\n"
        "print(run.pid, flush=True); time.sleep(300)\n"
    )
    parent = subprocess.Popen(
        (sys.executable, "-c", code, str(tmp_path)), stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 20
    while psutil.pid_exists(child) and psutil.Process(child).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_logs_are_rotated_in_place(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    for number in range(6):
        log.write_text(f"{number}" * 100)
        rotate(log, limit=50)
        assert log.read_text() == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "web.1",
        "web.2",
        "web.3",
        "web.log",
    ]
    assert (tmp_path / "web.1").read_text().startswith("5")


def test_a_stopped_service_that_ignores_us_is_killed(tmp_path: Path) -> None:
    words = ("sh", "-c", "trap '' TERM; echo on; while :; do sleep 1; done")
    running = Running(Service("stubborn", words, tmp_path / "log", patience=0.3))
    while not (tmp_path / "log").read_text():
        pass
    assert not running.stop()
    assert not running.alive
