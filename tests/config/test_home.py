"""Where the data goes, whoever asks."""

import os
import stat
from pathlib import Path

import pytest

from config import home
from config.environment import Misconfigured
from config.home import Home, default_home, own_folder, read_or_make_secret


def test_xdg_data_home_wins(tmp_path: Path) -> None:
    assert default_home({"XDG_DATA_HOME": str(tmp_path), "HOME": "/x"}) == tmp_path / "satchel"


@pytest.mark.parametrize("environ", [{}, {"HOME": ""}])
def test_without_home_the_users_own_folder_is_looked_up(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    monkeypatch.setattr(home.pwd, "getpwuid", lambda uid: _Entry(str(tmp_path)))
    assert default_home(environ) == tmp_path / ".local/share/satchel"


@pytest.mark.parametrize("folder", ["/nonexistent", "/"])
def test_a_user_without_a_home_folder_is_asked_for_one(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    with pytest.raises(Misconfigured, match="SATCHEL_HOME"):
        default_home({"HOME": folder})


def test_root_gets_a_folder_that_postgresql_can_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(home.sys, "platform", "linux")
    assert default_home({"HOME": "/root"}) == Path("/var/lib/satchel")


def test_a_long_path_gets_short_sockets() -> None:
    long = Home(Path("/" + "x" * 120))
    for place in (long.broker_socket, long.postgres_sockets / ".s.PGSQL.5432"):
        assert len(os.fsencode(place)) <= 100
    assert long.broker_socket.parent != long.postgres_sockets
    assert long.broker_socket != Home(Path("/" + "y" * 120)).broker_socket


def test_folders_of_keys_and_logs_are_closed_to_others(tmp_path: Path) -> None:
    where = Home(tmp_path / "data")
    where.make()
    for folder in (where.keys, where.logs, where.run, where.broker):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = read_or_make_secret(tmp_path / "keys" / "secret-key")
    assert len(first) == 50
    assert read_or_make_secret(tmp_path / "keys" / "secret-key") == first
    assert stat.S_IMODE((tmp_path / "keys" / "secret-key").stat().st_mode) == 0o400
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["secret-key"]


def test_a_link_planted_by_somebody_else_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Misconfigured, match="another user"):
        own_folder(tmp_path / "link")


class _Entry:
    def __init__(self, folder: str) -> None:
        self.pw_dir = folder
