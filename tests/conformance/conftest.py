"""What these tests need from outside: the programs that the lock file pins."""

import pytest

from tests.conformance import npm


@pytest.fixture(scope="session")
def programs() -> None:
    """Fails, saying what to do, when they are not there and cannot be fetched."""
    npm.install()
