"""Which servers in one's own network may be named as endpoints: none, unless it was opened."""

import pytest
from django.conf import LazySettings

from config.environment import Environment, Misconfigured
from config.launcher import Launcher


def test_nothing_is_open_by_default() -> None:
    assert Environment({}).servers("SATCHEL_PRIVATE_ENDPOINTS") == []


def test_servers_are_named_with_commas_between() -> None:
    given = {"SATCHEL_PRIVATE_ENDPOINTS": "localhost:11434, 192.168.1.0/24 ,[::1]:8000"}
    read = Environment(given).servers("SATCHEL_PRIVATE_ENDPOINTS")
    assert read == ["localhost:11434", "192.168.1.0/24", "[::1]:8000"]


@pytest.mark.parametrize("wrong", ["http://localhost", "*", "localhost:port", "10.0.0.0/99/1"])
def test_what_names_no_server_is_refused(wrong: str) -> None:
    with pytest.raises(Misconfigured, match="SATCHEL_PRIVATE_ENDPOINTS"):
        Environment({"SATCHEL_PRIVATE_ENDPOINTS": wrong}).servers("SATCHEL_PRIVATE_ENDPOINTS")


@pytest.mark.parametrize(
    ("host", "names", "given", "opened"),
    [
        ("127.0.0.1", ["localhost", "127.0.0.1", "[::1]"], [], True),
        ("localhost", ["localhost"], [], True),
        ("0.0.0.0", ["localhost"], [], False),  # noqa: S104
        ("127.0.0.1", ["satchel.example.org"], [], False),  # behind a proxy: others come in
        ("127.0.0.1", ["localhost", "*"], [], False),
        ("127.0.0.1", ["localhost"], ["gpu.lan"], False),  # what was said counts
    ],
)
def test_up_opens_loopback_only_where_nobody_else_comes_in(
    settings: LazySettings, host: str, names: list[str], given: list[str], opened: bool
) -> None:
    settings.ALLOWED_HOSTS, settings.SATCHEL_PRIVATE_ENDPOINTS = names, given
    more = Launcher(host, 8000, demo=False, say=lambda words: None)._opened()
    assert more == ({"SATCHEL_PRIVATE_ENDPOINTS": "127.0.0.0/8,::1"} if opened else {})
    assert Environment(more).servers("SATCHEL_PRIVATE_ENDPOINTS") == (
        ["127.0.0.0/8", "::1"] if opened else []
    )
