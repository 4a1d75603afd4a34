"""Review by its answers alone: what was spoilt, groups looked at one by one, and late undoing."""

import re
from dataclasses import replace
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client

from frontend.presenters import reviewgroups
from tests.frontend.test_memories import remember
from tests.frontend.test_review import ASK, FULL, ORDER, by_text, connected, write
from tests.people import Person, signed_in
from tests.vault.test_sorting_rules import renewed
from vault.access import open_session
from vault.middleware import KEY_COOKIE, SESSION_KEY
from vault.models import Memory as MemoryRow
from vault.reviewing import quarantine, review, suggestions
from vault.scope import vault_scope

CANNOT = "This cannot be shown"


def spoil(person: Person, memory_id: UUID) -> None:
    with vault_scope(person.vault_id):
        mine = MemoryRow.objects.filter(vault_id=person.vault_id, id=memory_id)
        mine.update(sealed=bytes(mine.get().sealed)[::-1])


def undo_in(page: str) -> str:
    (found,) = set(re.findall(r'action="(/review/undo/[^"]+)"', page))
    return str(found)


def two_pairs(person: Person) -> None:
    for text in ("Lives in Utrecht", "Lives in Porto", "Has two cats", "The user has 2 cats"):
        remember(person, text)


@pytest.mark.parametrize(
    ("spoilt", "kind"), [("Lives in Utrecht", "disagreement"), ("Has two cats", "duplicate")]
)
def test_a_spoilt_memory_of_a_pair_is_told_and_the_queue_goes_on(
    person: Person, spoilt: str, kind: str
) -> None:
    two_pairs(person)
    bad = by_text(person, spoilt).id
    spoil(person, bad)
    client = signed_in(person)
    page = client.get(f"/review/?kind={kind}")
    told = page.content.decode()
    assert page.status_code == 200 and CANNOT in told
    assert told.count(f'href="/memories/{bad}/"') == 1
    shown = [client.get(f"/review/?skip={n}").content.decode() for n in range(2)]
    assert [CANNOT in one for one in shown].count(True) == 1
    in_groups = client.get("/review/?view=groups")
    assert in_groups.status_code == 200
    assert "was altered and cannot be read" in in_groups.content.decode()
    # The whole group is decided on, and that one goes on waiting.
    said = {"group": kind, "do": "suggested"}
    assert client.post("/review/many/", said, follow=True).status_code == 200
    assert review.counts(person.access).of(review.KINDS[2 if kind == "disagreement" else 3]) == 1
    # Its memory can be forgotten for good: then nothing of it waits.
    assert client.post(f"/memories/{bad}/forget/", follow=True).status_code == 200
    assert CANNOT not in client.get(f"/review/?kind={kind}").content.decode()


def test_the_other_of_a_spoilt_pair_has_its_page(person: Person) -> None:
    two_pairs(person)
    spoil(person, by_text(person, "Lives in Utrecht").id)
    client = signed_in(person)
    home = client.get(f"/memories/{by_text_of_row(person, 'Lives in Porto')}/")
    assert home.status_code == 200 and "Lives in Porto" in home.content.decode()


def by_text_of_row(person: Person, text: str) -> UUID:
    from vault import browse

    found = browse.listing(person.access, altered=True).memories
    return next(one.id for one in found if one.text == text)


def test_what_is_held_or_suggested_and_spoilt_is_told_too(person: Person) -> None:
    app = connected(person, "Notes app", Personal=FULL)
    for text in ("Likes trains", "Plays the cello"):
        write(app, person, text)
    mine = remember(person, "Likes tea")
    from vault import memories

    memories.revise(connected(person, Personal=ASK), mine.id, text="Likes green tea")
    bad, good = (held.memory.id for held in quarantine.listing(person.access))
    spoil(person, bad)
    spoil(person, mine.id)
    client = signed_in(person)
    shown = [client.get(f"/review/?skip={n}&view=cards").content.decode() for n in range(3)]
    assert [CANNOT in one for one in shown] == [True, True, False]
    assert f'href="/memories/{mine.id}/"' in shown[0] and f'href="/memories/{bad}/"' in shown[1]
    (one,) = suggestions.listing(person.access)
    assert f'action="/review/suggestions/{one.id}/"' in shown[0]  # to decline it
    assert client.get("/review/?view=groups").status_code == 200
    trusted = client.post(f"/review/held/{good}/", {"do": "trust"}, follow=True).content.decode()
    assert "Let in 1 memory." in trusted
    page = client.post("/review/many/", {"group": "held:", "do": "forget"}, follow=True)
    assert page.status_code == 200 and review.counts(person.access).held == 1


def test_undoing_under_a_new_key_says_that_it_cannot(person: Person) -> None:
    write(connected(person, Personal=ASK), person, "Likes caldo verde")
    (one,) = suggestions.listing(person.access)
    client = signed_in(person)
    done = client.post(f"/review/suggestions/{one.id}/", {"do": "decline"}, follow=True)
    secret, session = client.cookies[KEY_COOKIE].value, UUID(client.session[SESSION_KEY])
    renewed(replace(person, access=open_session(session, person.vault_id, secret)), "Personal")
    page = client.post(undo_in(done.content.decode()), follow=True).content.decode()
    assert "Its collection got a new key since, so this cannot be undone any more." in page
    assert "Repeat that" not in page and settings.SESSION_COOKIE_NAME in client.cookies


def test_of_a_group_all_comes_back_that_can_and_the_rest_is_named(person: Person) -> None:
    app = connected(person, Personal=ASK)
    texts = ("Likes caldo verde", "Runs on Sundays", "Plays the cello")
    for text in texts:
        write(app, person, text)
    client = signed_in(person)
    (group,) = reviewgroups.suggested(person.access)
    said = {"group": f"suggestion:{group.grant_id}", "do": "accept"}
    done = client.post("/review/many/", said, follow=True).content.decode()
    from vault import memories

    first = by_text(person, texts[0])
    memories.revise(person.access, first.id, text="Likes caldo verde & bread")
    page = client.post(undo_in(done), follow=True).content.decode()
    assert "Undone: 2 wait again." in page
    assert "“Likes caldo verde &amp; bread” stays as it is. This memory was changed since." in page
    assert {one.text for one in suggestions.listing(person.access)} == set(texts[1:])


def looked_at(client: Client, address: str) -> list[str]:
    """The places ("1 of 2") and texts of the cards that follow from here."""
    found = []
    while "<article" in (page := client.get(address).content.decode()):
        place = re.search(r'id="place">([^<]+)<', page)
        text = re.search(r'class="prose"[^>]*>(.*?)</p>', page, re.DOTALL)
        assert place and text
        found.append(f"{place[1]}: {re.sub('<[^>]+>', '', text[1])}")
        skip = re.search(r'href="([^"]+)" data-key="s j"', page)
        assert skip
        address = skip[1].replace("&amp;", "&")
    return found


def test_a_group_is_looked_at_without_what_others_brought(person: Person) -> None:
    notes = connected(person, "Notes app", Personal=FULL)
    write(notes, person, "Likes trains")
    write(notes, person, ORDER)
    write(connected(person, "Diary app", Personal=FULL), person, "Plays the cello")
    write(connected(person, "One", Personal=ASK), person, "Likes rum")
    write(connected(person, "Two", Personal=ASK), person, "Likes gin")
    client = signed_in(person)
    groups = client.get("/review/?view=groups").content.decode()
    addresses = re.findall(r'href="(/review/\?kind=(?:held|suggestion)[^"]*)"', groups)
    found = {
        tuple(looked_at(client, one.replace("&amp;", "&"))) for one in addresses if "of" in one
    }
    assert found == {
        ("1 of 1: Likes rum",),
        ("1 of 1: Likes gin",),
        ("1 of 2: Likes trains", f"2 of 2: {ORDER}"),
        ("1 of 1: Plays the cello",),
        (f"1 of 1: {ORDER}",),
    }


def test_deciding_on_a_group_one_by_one_stays_within_it(person: Person) -> None:
    for name, text in (("One", "Likes rum"), ("Two", "Likes gin"), ("One more", "Likes tea")):
        write(connected(person, name, Personal=ASK), person, text)
    client = signed_in(person)
    one, *_ = suggestions.listing(person.access)
    said = {"do": "decline", "kind": "suggestion", "of": str(one.grant_id), "view": "cards"}
    page = client.post(f"/review/suggestions/{one.id}/", said, follow=True).content.decode()
    assert "None of these wait" in page and "Review the other 2" in page
    page = client.get("/review/?kind=suggestion&of=nonsense").content.decode()
    assert 'id="place">1 of 2<' in page
