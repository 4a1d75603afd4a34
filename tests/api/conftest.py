"""A person with some memories, for tests that only read; and a clean count of requests."""

import pytest
from django.core.cache import cache

from tests.api.people import SEE, WRITE, App, Owner


@pytest.fixture(autouse=True)
def uncounted() -> None:
    """Each test starts with a full allowance."""
    cache.clear()


@pytest.fixture(scope="session")
def ada(database: None) -> Owner:
    """Has a few memories in three collections. Tests may add to them, not take away."""
    person = Owner()
    person.remembers("Her name is Ada Lovelace and she lives in London.", kind="profile")
    person.remembers("Answer in short sentences.", kind="instruction")
    person.remembers("She is allergic to peanuts.", kind="fact")
    person.remembers("The engine project ships in May.", "Work", kind="fact")
    person.remembers("Her blood group is AB negative.", "Health", kind="fact")
    return person


@pytest.fixture(scope="session")
def app(ada: Owner) -> App:
    """Reads and writes Ada's personal collection, and knows of no other."""
    return ada.grants({"Personal": WRITE})


@pytest.fixture(scope="session")
def reader(ada: Owner) -> App:
    """Reads Ada's personal collection."""
    return ada.grants({"Personal": SEE})
