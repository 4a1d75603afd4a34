"""Two tabs of one browser: nothing that one of them does is lost, doubled, or done in the name of
somebody else by the other."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.frontend.conftest import Visit, sign_in
from tests.frontend.test_memories import remember
from tests.frontend.test_review import ASK, connected, write
from tests.people import PASSWORD, Person, new_person
from vault import browse, memories
from vault.granting import grants
from vault.reviewing import review
from vault.types import Right

CANARY = "The bees are in the attic"


@pytest.fixture
def tabs(visit: Visit, person: Person) -> tuple[Page, Page]:
    one = visit()
    sign_in(one, person)
    return one, one.context.new_page()


def write_memory(page: Page) -> None:
    page.goto("/memories/new/")
    page.get_by_label("What should be remembered?").fill(CANARY)


def sign_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/")


def give_password(page: Page, person: Person) -> None:
    """At the door that this page was led to."""
    page.get_by_label("Email").fill(person.user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in and open my vault").click()


def handed_back(page: Page) -> None:
    expect(page.get_by_label("What should be remembered?")).to_have_value(CANARY)
    expect(page.get_by_text("Not saved yet.")).to_be_visible()


@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_a_memory_edited_in_both_shows_both_and_leaves_the_choice(
    tabs: tuple[Page, Page], person: Person, choice: str
) -> None:
    memory_id = remember(person, "Likes tea").id
    for page, words in zip(tabs, ("Likes green tea", "Likes coffee"), strict=True):
        page.goto(f"/memories/{memory_id}/edit/")
        page.get_by_label("Memory", exact=True).fill(words)
    one, two = tabs
    one.get_by_role("button", name="Save").click()
    one.wait_for_url(f"**/memories/{memory_id}/")
    two.get_by_role("button", name="Save").click()
    expect(two.get_by_label("Memory", exact=True)).to_have_value("Likes coffee")
    expect(two.locator("#memory").get_by_text("Likes green tea", exact=True)).to_be_visible()
    assert memories.get(person.access, memory_id).text == "Likes green tea"
    if choice == "mine":
        two.get_by_role("button", name="Save my words").click()
    else:
        two.get_by_role("link", name="Keep what it says now").click()
    two.wait_for_url(f"**/memories/{memory_id}/")
    said = "Likes coffee" if choice == "mine" else "Likes green tea"
    assert memories.get(person.access, memory_id).text == said
    old = [one.text for one in memories.history(person.access, memory_id)]
    assert ("Likes green tea" in old) == (choice == "mine"), "what was replaced is in the history"


def test_a_table_that_is_old_changes_nothing(tabs: tuple[Page, Page], person: Person) -> None:
    both = Right(see=True, add="yes")
    grant, _ = person.token("Claude", Work=both, Travel=both)
    one, two = tabs
    for page in tabs:
        page.goto("/grants/")
    one.get_by_role("combobox", name="Claude, Work", exact=True).select_option("not-no")
    expect(one.locator("#live")).to_contain_text("Saved.")
    two.get_by_role("combobox", name="Claude, Travel", exact=True).select_option("see-no")
    expect(two.locator(".beneath")).to_contain_text("this grant was changed in another window")
    kept = grants.get(person.access, grant.id).rights
    assert kept[person.collection("Travel")] == both
    expect(two.get_by_role("combobox", name="Claude, Work", exact=True)).to_have_value("not-no")


def test_a_card_is_decided_once(tabs: tuple[Page, Page], person: Person) -> None:
    app = connected(person, Personal=ASK)
    for words in ("Likes caldo verde", "Has two cats"):
        write(app, person, words)
    one, two = tabs
    for page in tabs:
        page.goto("/review/")
    one.get_by_role("button", name="Accept", exact=False).first.click()
    expect(one.locator("#toasts .toast").first).to_be_visible()
    two.get_by_role("button", name="Decline").click()
    expect(two.locator("#toasts")).to_contain_text(re.compile("decided|no such|no longer|already"))
    assert browse.listing(person.access).total == 1
    assert review.counts(person.access).total == 1
    expect(two.get_by_role("button", name="Decline")).to_be_visible()


def test_signed_out_in_one_and_saved_in_the_other(tabs: tuple[Page, Page], person: Person) -> None:
    one, two = tabs
    write_memory(two)
    sign_out(one)
    two.get_by_role("button", name="Remember it").click()
    two.wait_for_url("**/accounts/login/?next=*")
    give_password(two, person)
    handed_back(two)
    assert browse.listing(person.access).total == 0


def test_signed_in_again_in_one_and_saved_in_the_other(
    tabs: tuple[Page, Page], person: Person
) -> None:
    """The page's token is of the sign-in before."""
    one, two = tabs
    write_memory(two)
    sign_out(one)
    sign_in(one, person)
    two.get_by_role("button", name="Remember it").click()
    handed_back(two)
    assert browse.listing(person.access).total == 0
    two.get_by_role("button", name="Remember it").click()
    two.wait_for_url(re.compile(r"/memories/[0-9a-f-]{36}/"))
    assert browse.listing(person.access).total == 1


def test_locked_in_one_and_saved_in_the_other(tabs: tuple[Page, Page], person: Person) -> None:
    one, two = tabs
    write_memory(two)
    one.goto("/")
    one.get_by_role("button", name="Lock now").first.click()
    one.wait_for_url("**/unlock/**")
    two.get_by_role("button", name="Remember it").click()
    two.wait_for_url("**/unlock/**")
    two.get_by_label("Password", exact=True).fill(PASSWORD)
    two.get_by_role("button", name="Unlock", exact=True).click()
    handed_back(two)


@pytest.mark.parametrize("scripts", [True, False])
def test_what_a_page_of_one_account_sends_is_not_done_for_another(
    visit: Visit, person: Person, scripts: bool
) -> None:
    other, memory_id = new_person(), remember(person, "Likes tea").id
    one = visit(java_script_enabled=scripts)
    sign_in(one, person)
    two, three = one.context.new_page(), one.context.new_page()
    write_memory(two)
    three.goto(f"/memories/{memory_id}/")
    sign_out(one)
    sign_in(one, other)
    two.get_by_role("button", name="Remember it").click()
    expect(two.get_by_role("heading", level=1)).to_have_text("Another account is signed in")
    expect(two.get_by_text(other.user.email)).to_be_visible()
    assert browse.listing(other.access).total == 0
    one.goto("/memories/new/")
    expect(one.get_by_label("What should be remembered?")).to_have_value("")
    three.get_by_role("button", name="Forget").first.click()
    expect(three.get_by_role("heading", level=1)).to_have_text("Another account is signed in")
    assert memories.get(person.access, memory_id).forgotten_at is None


def test_a_row_of_another_accounts_table(tabs: tuple[Page, Page], person: Person) -> None:
    """A fragment leads the whole page away."""
    both = Right(see=True, add="yes")
    grant, _ = person.token("Claude", Work=both)
    one, two = tabs
    two.goto("/grants/")
    sign_out(one)
    sign_in(one, new_person())
    two.get_by_role("combobox", name="Claude, Work", exact=True).select_option("not-no")
    expect(two.get_by_role("heading", level=1)).to_have_text("Another account is signed in")
    assert grants.get(person.access, grant.id).rights[person.collection("Work")] == both


def test_a_button_of_before_is_not_pressed_by_itself(
    tabs: tuple[Page, Page], person: Person
) -> None:
    memory_id = remember(person, "Likes tea").id
    one, two = tabs
    two.goto(f"/memories/{memory_id}/")
    sign_out(one)
    sign_in(one, person)
    two.get_by_role("button", name="Forget").first.click()
    expect(two.locator("#toasts")).to_contain_text("Not done")
    assert memories.get(person.access, memory_id).forgotten_at is None
    two.get_by_role("button", name="Forget").first.click()
    two.wait_for_url("**/memories/")
