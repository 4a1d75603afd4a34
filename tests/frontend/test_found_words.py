"""What the page of memories says of a search, and what it asks the database for a list."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.frontend.test_memories import remember
from tests.people import Person, opened_anew, signed_in
from vault import browse
from vault.access import open_session


def test_what_is_near_is_not_called_a_match(person: Person) -> None:
    for text in ("The harbour at night", "A harbour in spring"):
        remember(person, text, "Work")
    client = signed_in(person)
    for headers in ({}, {"HX-Request": "true"}):
        html = client.get("/memories/?q=harbour", headers=headers).content.decode()
        assert "The 2 closest to “harbour”, best first" in html
        assert "Work</option>" in html  # where what is ticked may be moved to
        none = client.get("/memories/?q=zzyzx", headers=headers).content.decode()
        assert "No memory has these words." in none or "No memory fits" in none


def test_a_list_of_several_collections_takes_no_more_statements(person: Person) -> None:
    def statements() -> int:
        opened = opened_anew(person)
        access = open_session(opened.session_id, opened.vault_id, opened.secret)
        with CaptureQueriesContext(connection) as asked:
            assert browse.listing(access, altered=True).memories
        return len(asked)

    remember(person, "One", "Work")
    before = statements()
    for name in ("Family", "Travel", "Personal"):
        remember(person, "Another", name)
    assert statements() == before
