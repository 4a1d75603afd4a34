"""Giving an app access, what it then can do over HTTP, and taking it back."""

import re

import httpx
from playwright.sync_api import Page, expect

from tests.frontend.conftest import Visit
from tests.frontend.test_memories import remember
from tests.people import PASSWORD, Person, signed_in
from tests.stack import Live, Worker
from vault import browse, memories
from vault.access import open_token
from vault.types import Draft, Right


def make_token(page: Page, name: str = "Kitchen assistant") -> str:
    page.goto("/grants/new/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("See Personal").check()
    page.get_by_role("radiogroup", name="May add to Personal").get_by_label("ask me").check()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Make the token").click()
    page.wait_for_url(re.compile(r"/grants/[0-9a-f-]{36}/"))
    return page.locator("#token").inner_text()


def me(live: Live, token: str) -> httpx.Response:
    return httpx.get(f"{live.url}/api/v1/me", headers={"Authorization": f"Bearer {token}"})


def test_a_token_works_until_it_is_revoked(visit: Visit, person: Person, live: Live) -> None:
    remember(person, "Vegetarian since 2015")
    page = visit(person)
    token = make_token(page)
    answer = me(live, token)
    assert answer.status_code == 200
    assert [c["name"] for c in answer.json()["collections"]] == ["Personal"]

    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("heading", name="Receipt")).to_be_visible()
    expect(page.get_by_text("The token opens nothing from that moment on.")).to_be_visible()
    assert me(live, token).status_code == 401


def test_a_token_is_shown_once(visit: Visit, person: Person) -> None:
    page = visit(person)
    token = make_token(page)
    assert token.startswith("satchel_")
    expect(page.locator("pre").first).to_contain_text(f"Bearer {token}")
    page.reload()
    expect(page.locator("#token")).to_have_count(0)
    assert token not in page.content()


def test_the_page_of_a_grant_counts_what_it_alone_read(person: Person) -> None:
    remember(person, "Keeps bees")
    for name, times in (("Kitchen", 2), ("Garden", 1)):
        made, token = person.token(name, Personal=Right(see=True))
        for _ in range(times):
            assert browse.listing(open_token(token)).memories
        page = signed_in(person).get(f"/grants/{made.id}/").content.decode()
        assert f"{times} in 30 days" in page


def test_nothing_is_ticked_beforehand_and_nothing_ticked_is_refused(
    visit: Visit, person: Person
) -> None:
    page = visit(person)
    page.goto("/grants/new/")
    assert page.locator("input[name^='see-']:checked").count() == 0
    assert set(
        page.locator("input[type=radio]:checked").evaluate_all("all => all.map(e => e.value)")
    ) == {"no"}
    page.get_by_label("Name").fill("Nosy")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Make the token").click()
    expect(page.get_by_text("Tick at least one collection")).to_be_visible()


def test_a_wrong_password_makes_no_token(visit: Visit, person: Person) -> None:
    page = visit(person)
    page.goto("/grants/new/")
    page.get_by_label("Name").fill("Nosy")
    page.get_by_label("See Work").check()
    page.get_by_label("Your password").fill("not my password at all")
    page.get_by_role("button", name="Make the token").click()
    expect(page.get_by_text("This is not your password.")).to_be_visible()
    assert page.get_by_label("See Work").is_checked()  # what was chosen stays
    page.goto("/grants/")
    expect(page.get_by_role("heading", name="Nobody but you")).to_be_visible()


def test_the_table_says_in_words_what_each_app_may(visit: Visit, person: Person) -> None:
    person.token("Reader", Work=Right(see=True), Personal=Right(see=True, add="ask"))
    person.token("Letterbox", Personal=Right(see=False, add="ask"))
    page = visit(person)
    page.goto("/grants/")
    row = page.get_by_role("row", name=re.compile("Reader"))
    texts = row.locator("td .level option:checked").all_inner_texts()
    assert texts == ["sees, asks", "sees", "none", "none", "none", "none"]
    other = page.get_by_role("row", name=re.compile("Letterbox"))
    assert other.locator("td .level option:checked").first.inner_text() == "asks to add"


def test_suggestions_are_accepted_undone_and_declined(visit: Visit, person: Person) -> None:
    kept = remember(person, "Eats fish on holidays")
    access = open_token(person.token(Personal=Right(see=True, add="ask"))[1])
    home = person.collection("Personal")
    memories.remember(access, home, Draft(text="Likes caldo verde"))
    memories.revise(access, kept.id, text="Eats fish on Sundays")
    memories.forget(access, kept.id)

    page = visit(person)
    page.goto("/")
    expect(page.get_by_role("link", name="3 things")).to_be_visible()
    page.goto("/review/")
    card = page.locator("article")
    expect(card).to_contain_text("Likes caldo verde")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("Remembered.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(card).to_contain_text("Likes caldo verde")
    assert len(memories.listing(person.access).memories) == 1
    page.get_by_role("link", name="Skip", exact=True).click()

    expect(card).to_contain_text("Wants to change")
    expect(card.locator("del")).to_have_text("holidays")
    page.get_by_role("button", name="Accept").click()
    expect(card).to_contain_text("Wants to forget")
    assert memories.get(person.access, kept.id).text == "Eats fish on Sundays"
    page.get_by_role("button", name="Decline").click()
    expect(page.get_by_role("heading", name="That was the last one")).to_be_visible()
    assert memories.get(person.access, kept.id).forgotten_at is None


def test_activity_lists_reads_and_which_memories(visit: Visit, person: Person) -> None:
    from vault.recalling import recall

    remember(person, "Studies tide gauges", "Work")
    grant, token = person.token("Paper writer", Work=Right(see=True))
    recall.search(open_token(token), "tide", purpose="a paper")
    person.token("Other", Travel=Right(see=True))
    page = visit(person)
    page.goto("/activity/")
    expect(
        page.get_by_role("row", name=re.compile("Paper writer.*Searched for “a paper”"))
    ).to_be_visible()
    page.get_by_label("Who").select_option(label="Paper writer")
    page.wait_for_url(f"**grant={grant.id}*")
    expect(page.locator("table.log tbody tr")).to_have_count(1)
    page.get_by_role("link", name="1 memory, see which").click()
    expect(page.get_by_text("Studies tide gauges")).to_be_visible()


def test_a_new_collection_is_private_if_said_so(visit: Visit, person: Person) -> None:
    page = visit(person)
    page.goto("/settings/collections/new/")
    page.get_by_label("Name").fill("Music")
    page.get_by_label("Private").check()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_text("Made the collection Music.")).to_be_visible()
    page.goto("/grants/new/")
    expect(page.get_by_role("row", name=re.compile("Music.*Private"))).to_be_visible()
    page.goto("/settings/")
    page.get_by_role("link", name="Change Music").click()
    page.get_by_label("Name").fill("Records")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("main")).to_contain_text("Records")


def test_less_needs_no_password_and_more_does(visit: Visit, person: Person, live: Live) -> None:
    page = visit(person)
    token = make_token(page)
    page.get_by_role("link", name="Change", exact=True).click()
    page.get_by_role("radiogroup", name="May add to Personal").get_by_label("no").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("It holds from the next request on.")).to_be_visible()
    (personal,) = me(live, token).json()["collections"]
    assert (personal["see"], personal["add"]) == (True, "no")

    page.get_by_role("link", name="Change", exact=True).click()
    page.get_by_label("See Work").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("To give more than before, enter your password.")).to_be_visible()
    assert len(me(live, token).json()["collections"]) == 1
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile(r"/grants/[0-9a-f-]{36}/$"))
    assert {one["name"] for one in me(live, token).json()["collections"]} == {"Personal", "Work"}


def test_paused_then_resumed(visit: Visit, person: Person, live: Live) -> None:
    page = visit(person)
    token = make_token(page)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused", exact=True)).to_be_visible()
    assert me(live, token).status_code == 401
    page.get_by_role("link", name="Resume").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("Works", exact=True)).to_be_visible()
    assert me(live, token).status_code == 200


def test_stop_all_asks_first(visit: Visit, person: Person, live: Live) -> None:
    page = visit(person)
    tokens = [make_token(page, "One"), make_token(page, "Two")]
    page.goto("/grants/")
    page.get_by_role("link", name="Stop all").click()
    expect(page.get_by_text("This revokes 2 grants at once.")).to_be_visible()
    assert [me(live, token).status_code for token in tokens] == [200, 200]
    page.get_by_role("button", name="Revoke all of them").click()
    expect(
        page.get_by_role("heading", name="Nobody but you can read your memories")
    ).to_be_visible()
    assert [me(live, token).status_code for token in tokens] == [401, 401]


def test_a_new_key_for_a_collection(
    visit: Visit, person: Person, live: Live, worker: Worker
) -> None:
    remember(person, "Vegetarian since 2015")
    page = visit(person)
    token = make_token(page)
    page.goto("/settings/")
    page.get_by_role("link", name="Change Personal").click()
    page.get_by_role("link", name="Give this collection a new key").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Give it a new key").click()
    expect(page.get_by_text("Personal has a new key.").first).to_be_visible()
    expect(page.get_by_text("Sealing what is here anew")).to_have_count(0, timeout=20_000)
    page.goto("/memories/?q=vegetarian")
    expect(page.get_by_text("Vegetarian since 2015").first).to_be_visible()
    assert me(live, token).status_code == 200
