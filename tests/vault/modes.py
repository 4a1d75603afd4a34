"""Bringing a collection to another way of searching, at once and in this process."""

from typing import Any
from uuid import UUID

from sync import turning
from tests.people import Person


def switch(person: Person, name: str, *, indexed: bool) -> None:
    """All of the way, as the worker goes it."""
    started: list[tuple[str, UUID]] = []
    home = person.collection(name)
    turning.set_indexed(
        person.access, home, indexed=indexed, start=lambda *job: started.append(job)
    )
    for token, collection in started:
        go(token, collection)


def go(token: str, collection: UUID) -> None:
    step: dict[str, Any] = {}
    while (again := turning.run(token, collection, step)) is not None:
        step = again.step
