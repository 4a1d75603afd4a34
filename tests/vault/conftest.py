"""Fixtures for the vault's tests."""

import pytest

from tests.people import Person, new_person


@pytest.fixture
def ana() -> Person:
    return new_person()


@pytest.fixture
def ben() -> Person:
    return new_person()
