"""What a page costs does not grow with what it shows: in statements, so that no clock is asked."""

from collections.abc import Mapping

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.bench.pages import PAGES, address, as_htmx
from tests.frontend.connectionshow import one_connection
from tests.people import Person, new_person, signed_in
from vault import browse, bulk, savedviews
from vault.access import open_token
from vault.embedding import indexing
from vault.recalling import recall
from vault.types import Draft, Right, SourceDraft

_TRIES = 3


def add(person: Person, first: int, last: int) -> None:
    """A memory, a grant that reads, a connection and a saved view for each number."""
    home = person.collection("Personal")
    drafts = [
        Draft(f"Porto house number {n}", "fact", source=SourceDraft("openai", f"item:{n}"))
        for n in range(5 * first, 5 * last)
    ]
    bulk.remember_many(person.access, [(home, draft) for draft in drafts])
    for number in range(first, last):
        _, token = person.token(f"Assistant {number}", Personal=Right(see=True, add="ask"))
        recall.search(open_token(token), "porto", purpose="a letter")
        one_connection(person, f"Service {number}")
        savedviews.save(person.access, f"View {number}", {"q": f"house {number}"})
    after = None  # what waits for its embedding is looked for again by whoever searches
    while (portion := indexing.embed_next(person.access, after, 200)).last:
        after = portion.last


def statements(owner: Client, names: Mapping[str, str], page: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        answer = owner.get(address(dict(names), page), headers=as_htmx(page))
    assert answer.status_code < 300, page
    return len(asked)


def fewest(owner: Client, names: Mapping[str, str], page: str, enough: int) -> int:
    """Of a few tries: now and then a request does what others leave, as noting that the session is
    in use, or looking again for embeddings that were not there."""
    for _ in range(_TRIES):
        count = statements(owner, names, page)
        if count <= enough:
            break
    return count


@pytest.fixture(scope="module")
def counted(database: None) -> dict[str, tuple[int, int]]:
    """By page: how many statements it takes with little to show, and with several times as much."""
    person = new_person()
    add(person, 0, 1)
    grant, _ = person.token("The one that is looked at", Personal=Right(see=True))
    names = {
        "memory": str(browse.listing(person.access).memories[0].id),
        "grant": str(grant.id),
        "connection": str(one_connection(person, "The one that is looked at").id),
    }
    owner = signed_in(person)
    statements(owner, names, "search*")  # opens what is searched
    few = {page: statements(owner, names, page) for page in PAGES}
    add(person, 1, 5)
    return {page: (few[page], fewest(owner, names, page, few[page])) for page in PAGES}


@pytest.mark.parametrize("page", PAGES)
def test_it_takes_no_more_statements_to_show_more(
    counted: dict[str, tuple[int, int]], page: str
) -> None:
    few, many = counted[page]
    assert many <= few
