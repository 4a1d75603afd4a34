"""Deleting a collection in the browser: moved or forgotten first, then gone with its key."""

import pytest
from playwright.sync_api import Page, expect

from tests.frontend.conftest import Visit
from tests.frontend.test_access_for_all import complaints, runs_over
from tests.frontend.test_memories import remember
from tests.people import PASSWORD, Person
from vault import collections
from vault.access import open_token
from vault.errors import Locked
from vault.granting import grants
from vault.types import Right


def open_page(page: Page, person: Person, name: str) -> None:
    page.goto(f"/settings/collections/{person.collection(name)}/")
    page.get_by_role("link", name="Delete this collection").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Delete {name}")


@pytest.mark.parametrize("script", [True, False])
def test_all_of_it_moves_and_then_it_goes(visit: Visit, person: Person, script: bool) -> None:
    remember(person, "Has been to Porto", "Travel")
    remember(person, "Has been to Foz", "Travel")
    page = visit(person, java_script_enabled=script)
    open_page(page, person, "Travel")
    expect(page.get_by_role("heading", name="2 memories are in it")).to_be_visible()
    page.get_by_label("Move all of them to").select_option(label="Work")
    page.get_by_role("button", name="Move all").click()
    expect(page.get_by_text("Moved 2 memories to Work.").first).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Delete Travel")
    page.get_by_label("Your password").fill("not mine at all")
    page.get_by_role("button", name="Delete Travel").click()
    expect(page.get_by_text("This is not your password")).to_be_visible()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Delete Travel").click()
    expect(page.get_by_text("Travel is deleted.").first).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Settings")
    expect(page.locator("main").get_by_text("Travel", exact=True)).to_have_count(0)
    page.goto("/memories/?q=Porto")
    expect(page.get_by_text("Has been to Porto").first).to_be_visible()
    page.goto("/activity/")
    expect(page.get_by_role("table").get_by_text("Deleted a collection").first).to_be_visible()


def test_what_was_forgotten_is_destroyed_when_its_name_is_typed(
    visit: Visit, person: Person
) -> None:
    remember(person, "Has been to Porto", "Travel")
    ended, token = person.token("Booker", Travel=Right(see=True))
    page = visit(person, viewport={"width": 320, "height": 640})
    open_page(page, person, "Travel")
    found = {"full": complaints(page) + runs_over(page)}
    page.get_by_role("button", name="Forget it").click()
    expect(page.get_by_text("Forgot 1 memory.").first).to_be_visible()
    expect(page.get_by_text("1 forgotten memory that you could still restore")).to_be_visible()
    expect(page.get_by_text("1 grant has nothing else, and ends: Booker.")).to_be_visible()
    found["forgotten"] = complaints(page) + runs_over(page)
    page.get_by_label("Type “Travel”").fill("Work")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Destroy them and delete Travel").click()
    expect(page.get_by_text("Type the name of the collection")).to_be_visible()
    found["mistyped"] = complaints(page) + runs_over(page)
    assert open_token(token)
    page.get_by_label("Type “Travel”").fill("travel")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Destroy them and delete Travel").click()
    expect(page.get_by_text("Travel is deleted.").first).to_be_visible()
    with pytest.raises(Locked):
        open_token(token)
    page.goto(f"/grants/{ended.id}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Booker")
    assert found == {"full": [], "forgotten": [], "mistyped": []}


def test_an_undo_brings_back_what_was_forgotten(visit: Visit, person: Person) -> None:
    remember(person, "Has been to Porto", "Travel")
    page = visit(person)
    open_page(page, person, "Travel")
    page.get_by_role("button", name="Forget it").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone").first).to_be_visible()
    open_page(page, person, "Travel")
    expect(page.get_by_role("heading", name="1 memory is in it")).to_be_visible()


def test_another_browser_has_to_unlock_again(visit: Visit, person: Person) -> None:
    page, other = visit(person), visit(person)
    grant, _ = person.token("Planner", Travel=Right(see=True), Work=Right(see=True))
    open_page(page, person, "Travel")
    expect(page.get_by_text("1 grant loses it and keeps the rest: Planner.")).to_be_visible()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Delete Travel").click()
    expect(page.get_by_text("Travel is deleted.").first).to_be_visible()
    page.goto(f"/grants/{grant.id}/")
    expect(page.get_by_text("Work").first).to_be_visible()
    other.goto("/")
    expect(other.get_by_role("heading", level=1)).to_have_text("Your vault is locked")


def test_the_pages_of_others_do_not_exist(visit: Visit, person: Person) -> None:
    from tests.people import new_person

    page, ben = visit(person), new_person()
    answer = page.goto(f"/settings/collections/{ben.collection('Travel')}/delete/")
    assert answer is not None
    assert answer.status == 404
    assert len(collections.listing(ben.access)) == 6
    assert grants.listing(ben.access) == []
