"""Fresh collections for a life, in the vault of somebody who is made anew now and then."""

from itertools import count
from uuid import UUID

from tests.people import Person, new_person, opened_anew
from vault import collections
from vault.access import Access, open_session

HOMES = ("Home", "Work", "Private")
"""Seen and added to; seen unless the grant was narrowed; never seen."""
_LIVES_OF_ONE = 25
"""A person costs more than a life: so many lives are lived in collections of the same vault."""


class Vaults:
    """Fresh collections of a person who is made anew now and then."""

    def __init__(self) -> None:
        self._lives = count()
        self._person: Person | None = None

    def fresh(self) -> tuple[Person, dict[str, UUID]]:
        number = next(self._lives)
        if self._person is None or number % _LIVES_OF_ONE == 0:
            self._person = new_person()
        person, access, made = self._person, _opened(self._person), {}
        for name in HOMES:
            made[name] = collections.create(access, person.owner_key, name=f"{name} {number}").id
        return Person(person.user, person.vault_id, "", _opened(person)), made


def _opened(person: Person) -> Access:
    session = opened_anew(person)
    return open_session(session.session_id, session.vault_id, session.secret)


VAULTS = Vaults()
