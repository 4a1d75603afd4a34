"""A vault with many collections and many grantees, for the pages that show them all."""

from datetime import timedelta
from itertools import cycle, islice

from django.utils import timezone

from tests.people import Person, new_person
from vault import collections
from vault.granting import grants
from vault.types import Right

_LEVELS = (
    Right(see=True),
    Right(see=True, add="ask"),
    Right(),
    Right(see=True, add="yes"),
    Right(),
    Right(see=False, add="ask"),
    Right(),
)


def crowd(grantees: int, places: int, person: Person | None = None) -> Person:
    """Somebody with so many grantees and collections; each grantee may do something somewhere."""
    person = person or new_person()
    owner = person.owner_key
    for number in range(len(collections.listing(person.access)), places):
        collections.create(person.access, owner, name=f"Collection {number + 1}")
    ids = [one.id for one in collections.listing(person.access)]
    levels = cycle(_LEVELS)
    for number in range(grantees):
        rights = dict(zip(ids, islice(levels, len(ids)), strict=True))
        grants.create_token(
            person.access,
            owner,
            name=f"Assistant {number + 1}",
            rights=rights,
            expires_at=timezone.now() + timedelta(days=20 + number),
        )
        next(levels)
    return person
