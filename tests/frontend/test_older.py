"""A vault that was put back to an earlier day, as its owner is told of it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.frontend.conftest import Visit, h1, let_in
from tests.frontend.test_memories import remember
from tests.logs import fill
from tests.people import PASSWORD, Person
from tests.snapshots import snapshot
from vault.models import LogHead
from vault.scope import vault_scope


def alert(page: Page) -> str:
    found = page.locator("main [role=alert]")
    expect(found).to_be_visible()
    return found.inner_text()


OLDER = "Your vault is older than it was."


@pytest.mark.parametrize("script", [True, False])
def test_a_database_put_back_is_told_until_its_owner_says_why(
    visit: Visit, person: Person, script: bool
) -> None:
    remember(person, "Lives in Utrecht")
    fill(person, 3)
    earlier = snapshot(person.vault_id)
    remember(person, "Lives in Porto")
    fill(person, 2)
    page = visit(person, java_script_enabled=script)
    page.goto("/memories/")
    expect(page.get_by_text(OLDER)).to_have_count(0)
    earlier.put_back(
        "vault_logentry", "vault_loghead", "vault_manifest", "vault_memory", "vault_source"
    )
    page.reload()
    told = alert(page)
    assert OLDER in told
    assert "The access log ended with line 5. Now it ends with line 3." in told
    assert "Changes to memories in Personal are gone." in told
    for address in ("/", "/activity/", "/settings/"):
        page.goto(address)
        expect(page.get_by_text(OLDER)).to_be_visible()
    page.get_by_role("button", name="A backup was restored").click()
    expect(page.get_by_text("This browser remembers your vault as it is now.")).to_be_visible()
    expect(page.get_by_text(OLDER)).to_have_count(0)
    expect(page.get_by_role("row", name=re.compile("Accepted an earlier state"))).to_be_visible()
    page.goto("/memories/")
    expect(page.get_by_text(OLDER)).to_have_count(0)


def test_a_whole_database_put_back_is_told_after_unlocking(visit: Visit, person: Person) -> None:
    """Everything: the sessions of today are gone too, so the person signs in again."""
    fill(person, 3)
    earlier = snapshot(person.vault_id)
    remember(person, "Lives in Porto")
    fill(person, 2)
    page = visit(person)
    earlier.put_back()
    page.goto("/")
    assert h1(page) == "Your vault is locked"
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name=re.compile("Open|Unlock")).first.click()
    expect(page.get_by_text(OLDER)).to_be_visible()
    told = alert(page)
    assert "Changes to your memories that are gone: 1." in told


def test_another_browser_and_another_person_are_told_nothing(visit: Visit, person: Person) -> None:
    from tests.people import new_person

    earlier = snapshot(person.vault_id)
    fill(person, 2)
    page = visit(person)
    other = new_person()
    let_in(page, other)  # the same browser
    expect(page.get_by_text(OLDER)).to_have_count(0)
    earlier.put_back("vault_logentry", "vault_loghead")
    let_in(page, person)
    expect(page.get_by_text(OLDER)).to_be_visible()
    fresh = visit(person)
    expect(fresh.get_by_text(OLDER)).to_have_count(0)


def test_a_forged_log_is_told_and_cannot_be_accepted(visit: Visit, person: Person) -> None:
    fill(person, 3)
    page = visit(person)
    with vault_scope(person.vault_id):
        LogHead.objects.filter(vault_id=person.vault_id).update(count=2)
    page.goto("/settings/")
    assert "Your vault's records do not add up." in alert(page)
    expect(page.get_by_role("button", name="A backup was restored")).to_have_count(0)
    page.goto("/activity/")
    expect(page.get_by_text("The log is not as it was written.")).to_be_visible()


def test_what_the_browser_keeps_is_for_the_server_alone(visit: Visit, person: Person) -> None:
    page = visit(person)
    (kept,) = [c for c in page.context.cookies() if c["name"].startswith("satchel_seen_")]
    assert (kept["httpOnly"], kept["sameSite"]) == (True, "Lax")
    assert person.vault_id.hex not in kept["name"] + kept["value"]
    page.context.add_cookies([{**kept, "value": kept["value"][:-6] + "AAAAA="}])
    page.goto("/settings/")
    assert "cannot tell whether your vault is what it was" in alert(page)
