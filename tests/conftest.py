"""The real stack under the tests: PostgreSQL, roles, broker, worker, web server, browser.

Tests use the ORM as the application does: as its role, through its pool, with real commits. Each
makes its own people and vaults; nothing is rolled back. `live` and `worker` start on demand.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.db import connections
from playwright.sync_api import Browser, Page
from pytest_django.plugin import DjangoDbBlocker
from pytest_socket import socket_allow_hosts

from config.home import Home
from tests.browser import CONTEXT, QUICK, chromium
from tests.stack import Live, Stack, Worker

FULL = os.environ.get("SATCHEL_FULL") == "1"

# A busy machine is no fault of an example's.
hypothesis.settings.register_profile("satchel", deadline=None, max_examples=100 if FULL else 30)
hypothesis.settings.load_profile("satchel")

_PLAIN = Path(__file__).parent / "connectors"
# Files that take longest, though some hold few tests: begun last, one of them would run alone.
_FIRST = (
    "frontend/test_access_for_all.py",
    "connectors/test_memory_bounds.py",
    "config/test_up.py",
    "api/test_schemathesis.py",
    "sync/test_crashes.py",
    "sync/test_reembedding.py",
    "frontend/test_secondstep.py",
    "frontend/test_data.py",
    "connectors/test_handoffs.py",
)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "full: a long form, run only with SATCHEL_FULL=1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_turn)  # keeps the order within a file
    if not FULL:
        for item in items:
            if item.get_closest_marker("full"):
                item.add_marker(pytest.mark.skip(reason="a long form: set SATCHEL_FULL=1"))


def _turn(item: pytest.Item) -> int:
    name = "/".join(item.path.parts[-2:])
    return _FIRST.index(name) if name in _FIRST else len(_FIRST)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Close the network: loopback and Unix sockets are all that a test may use."""
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def home() -> Home:
    """The tests' data folder."""
    if os.environ.get("DJANGO_SETTINGS_MODULE") != "tests.settings":
        raise pytest.UsageError(
            "Run the tests with DJANGO_SETTINGS_MODULE=tests.settings, as pyproject.toml says."
        )
    return Home(settings.SATCHEL_HOME)


@pytest.fixture(scope="session")
def stack(home: Home, django_db_blocker: DjangoDbBlocker) -> Iterator[Stack]:
    """The embedded services, with the tables made."""
    with django_db_blocker.unblock(), Stack(home) as running:
        yield running


@pytest.fixture(scope="session")
def django_db_setup(stack: Stack) -> None:
    """Replaces pytest-django's test database: ours has real roles, which are under test."""


@pytest.fixture(scope="session", autouse=True)
def database(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Lets tests use the ORM without a mark and without a rollback."""
    if all(item.path.is_relative_to(_PLAIN) for item in request.session.items):
        yield  # connectors know nothing of Django: do not keep their tests waiting
        return
    request.getfixturevalue("django_db_setup")
    with django_db_blocker.unblock():
        yield
        connections.close_all()
        connections["default"].close_pool()


@pytest.fixture(scope="session")
def worker(stack: Stack) -> Iterator[Worker]:
    """A real Celery worker in a process of its own. A lost task comes back after 8 seconds."""
    with Worker(stack) as running:
        yield running


@pytest.fixture(scope="session")
def live(stack: Stack) -> Iterator[Live]:
    """The real web server on a free port of loopback, on the tests' database: `live.url`."""
    with Live(stack) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the session; each test opens contexts of its own."""
    with chromium(QUICK) as running:
        yield running


@pytest.fixture
def page(browser: Browser, live: Live) -> Iterator[Page]:
    """A page of a fresh visitor on the live server: `page.goto("/")`."""
    context = browser.new_context(base_url=live.url, **CONTEXT)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()
