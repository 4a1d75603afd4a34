"""The table of grants, changed where it stands: saved, undone, asked for, overtaken."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Locator, Page, expect

from sync.connections import connections
from tests.frontend.conftest import Visit
from tests.frontend.connectionshow import one_connection
from tests.frontend.grantcrowd import crowd
from tests.frontend.test_memories import remember
from tests.people import PASSWORD, Person, new_person, signed_in
from vault.access import open_token
from vault.errors import KeyNeeded, Stale
from vault.granting import grants, narrowing
from vault.granting.narrowing import Way
from vault.keys import rotation
from vault.models import GrantKey
from vault.recalling import recall
from vault.scope import vault_scope
from vault.types import Grant, Right

LOOKING = Right(see=True)
ASKING = Right(see=True, add="ask")


def cell(page: Page, name: str) -> Locator:
    return page.get_by_role("combobox", name=name, exact=True)


def beneath(page: Page) -> Locator:
    """What is told under a row."""
    return page.locator(".beneath")


def right(person: Person, grant: Grant, collection: str) -> Right:
    found = grants.get(person.access, grant.id).rights
    return found.get(person.collection(collection), Right())


def test_less_is_saved_at_once_said_and_undone(visit: Visit, person: Person) -> None:
    remember(person, "Paints tide gauges", "Work")
    grant, token = person.token("Claude", Work=ASKING, Travel=LOOKING)
    page = visit(person)
    page.goto("/grants/")
    chosen = cell(page, "Claude, Work")
    chosen.focus()
    chosen.select_option("not-ask")
    expect(page.locator("#live")).to_have_text(
        "Claude, Work: asks to add. Saved. You can undo this for ten seconds."
    )
    expect(chosen).to_be_focused()
    expect(chosen).to_have_value("not-ask")
    assert right(person, grant, "Work") == Right(see=False, add="ask")
    assert recall.search(open_token(token), "tide") == []

    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone. It may do again what it could before.")).to_be_visible()
    assert right(person, grant, "Work") == ASKING
    assert len(recall.search(open_token(token), "tide")) == 1


def test_who_leaves_the_page_right_after_a_choice_has_chosen(visit: Visit, person: Person) -> None:
    grant, _ = person.token("Claude", Work=ASKING, Travel=LOOKING)
    page = visit(person)
    page.goto("/grants/")
    cell(page, "Claude, Work").evaluate(
        """select => {
            select.value = "see-no";
            select.dispatchEvent(new Event("change", { bubbles: true }));
            location.assign("/more/");
        }"""
    )
    page.wait_for_url("**/more/")
    for _ in range(100):
        if right(person, grant, "Work") == LOOKING:
            break
        page.wait_for_timeout(50)
    page.goto("/grants/")
    expect(page.get_by_text("Claude, Work: sees. Saved.")).to_be_visible()
    expect(cell(page, "Claude, Work")).to_have_value("see-no")
    expect(page.get_by_text("Claude, Work: sees. Saved.")).to_have_count(1)


def test_more_asks_for_the_password_first(visit: Visit, person: Person) -> None:
    grant, _ = person.token("Claude", Work=LOOKING)
    page = visit(person)
    page.goto("/grants/")
    cell(page, "Claude, Health").select_option("see-yes")
    expect(beneath(page)).to_contain_text("Claude, Health: sees, adds. Not saved yet")
    cell(page, "Claude, Travel").select_option("see-no")
    expect(beneath(page)).to_contain_text("Claude, Travel: sees.")
    assert grants.get(person.access, grant.id).rights == {person.collection("Work"): LOOKING}
    page.get_by_role("link", name="Enter your password").click()
    assert page.get_by_label("See Health").is_checked()
    assert page.get_by_label("See Travel").is_checked()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/grants/")
    expect(cell(page, "Claude, Health")).to_have_value("see-yes")
    assert right(person, grant, "Travel") == LOOKING


def test_what_asks_for_the_password_can_be_left(visit: Visit, person: Person) -> None:
    person.token("Claude", Work=LOOKING)
    page = visit(person)
    page.goto("/grants/")
    cell(page, "Claude, Health").select_option("see-no")
    page.get_by_role("link", name="Leave it as it was").click()
    expect(cell(page, "Claude, Health")).to_have_value("not-no")
    expect(beneath(page)).to_have_count(0)


def test_the_last_right_is_not_taken_in_the_table(visit: Visit, person: Person) -> None:
    grant, _ = person.token("Claude", Work=LOOKING)
    page = visit(person)
    page.goto("/grants/")
    cell(page, "Claude, Work").select_option("not-no")
    expect(beneath(page)).to_contain_text("Not saved: that would leave it nothing.")
    expect(cell(page, "Claude, Work")).to_have_value("see-no")
    assert right(person, grant, "Work") == LOOKING


def test_a_change_in_another_tab_is_said_not_overwritten(visit: Visit, person: Person) -> None:
    grant, _ = person.token("Claude", Work=ASKING, Travel=LOOKING)
    page = visit(person)
    page.goto("/grants/")
    other = page.context.new_page()
    other.goto("/grants/")
    cell(other, "Claude, Travel").select_option("not-no")
    expect(other.locator("#live")).to_contain_text("Saved.")
    cell(page, "Claude, Work").select_option("see-no")
    expect(beneath(page)).to_contain_text("this grant was changed in another window")
    expect(cell(page, "Claude, Work")).to_have_value("see-ask")
    expect(cell(page, "Claude, Travel")).to_have_value("not-no")
    assert right(person, grant, "Work") == ASKING
    cell(page, "Claude, Work").select_option("see-no")  # as it is now, it may be changed
    expect(page.locator("#live")).to_contain_text("Claude, Work: sees. Saved.")


def test_a_grant_revoked_in_another_tab_is_shown_as_such(visit: Visit, person: Person) -> None:
    grant, _ = person.token("Claude", Work=ASKING)
    page = visit(person)
    page.goto("/grants/")
    grants.revoke(person.access, grant.id)
    cell(page, "Claude, Work").select_option("see-no")
    expect(beneath(page)).to_contain_text("Not saved: this grant has ended meanwhile.")
    expect(beneath(page)).to_contain_text("Access stopped just now")


def test_the_form_of_a_grant_is_not_overtaken_either(visit: Visit, person: Person) -> None:
    grant, _ = person.token("Claude", Work=ASKING, Travel=LOOKING)
    page = visit(person)
    page.goto(f"/grants/{grant.id}/change/")
    rights = {person.collection("Work"): LOOKING, person.collection("Travel"): LOOKING}
    grants.change(person.access, grant.id, rights=rights)
    page.get_by_label("See Travel").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("It was changed in another window")).to_be_visible()
    assert page.get_by_label("See Travel").is_checked()
    assert right(person, grant, "Travel") == LOOKING
    grants.revoke(person.access, grant.id)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Not saved: this grant has ended meanwhile.")).to_be_visible()


def test_revoked_in_its_row(visit: Visit, person: Person) -> None:
    grant, _ = person.token("Claude", Work=ASKING)
    person.token("Llama", Work=ASKING)
    page = visit(person)
    page.goto("/grants/")
    page.get_by_role("button", name="Revoke Claude").click()
    expect(page.locator("#live")).to_have_text("Claude: access stopped.")
    row = page.locator(f"#grant-{grant.id}")
    expect(row.get_by_text("Access stopped just now")).to_be_visible()
    expect(row.get_by_text("Removed? Cannot check: what it read is with it.")).to_be_visible()
    assert grants.get(person.access, grant.id).state == "revoked"
    expect(cell(page, "Llama, Work")).to_have_value("see-ask")


def test_by_keyboard_alone(visit: Visit, person: Person) -> None:
    grant, _ = person.token("Claude", Work=ASKING, Travel=LOOKING)
    page = visit(person)
    page.goto("/grants/")
    tab_to(page, "Claude, Work")
    page.keyboard.press("ArrowUp")  # from "sees, asks" to "sees"
    expect(page.locator("#live")).to_contain_text("Claude, Work: sees. Saved.")
    assert focused(page) == "Claude, Work"
    page.goto("/grants/")
    tab_to(page, "Revoke Claude")
    page.keyboard.press("Enter")
    expect(page.locator("#live")).to_have_text("Claude: access stopped.")
    assert grants.get(person.access, grant.id).state == "revoked"
    assert page.evaluate("document.activeElement.closest('tbody')?.id") == f"grant-{grant.id}"


def test_without_javascript(visit: Visit, person: Person) -> None:
    grant, _ = person.token("Claude", Work=ASKING, Travel=LOOKING)
    page = visit(person, java_script_enabled=False)
    page.goto("/grants/")
    cell(page, "Claude, Work").select_option("see-no")
    cell(page, "Claude, Travel").select_option("not-no")
    page.get_by_role("button", name="Save Claude").click()
    expect(page.get_by_text("Claude, Work: sees. Claude, Travel: none. Saved.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    assert grants.get(person.access, grant.id).rights == grant.rights
    cell(page, "Claude, Health").select_option("see-no")
    page.get_by_role("button", name="Save Claude").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Save").click()
    assert right(person, grant, "Health") == LOOKING
    page.get_by_role("button", name="Revoke Claude").click()
    expect(page.get_by_role("heading", name="Receipt")).to_be_visible()


def test_no_focus_hides_under_the_names(visit: Visit, full: Person) -> None:
    page = visit(full, viewport={"width": 900, "height": 700})
    page.goto("/grants/")
    cells = page.get_by_role("combobox", name="Assistant 1,")
    cells.last.focus()
    for _ in range(cells.count() - 1):
        page.keyboard.press("Shift+Tab")
        hidden = page.evaluate(
            """() => {
                const box = document.activeElement.getBoundingClientRect();
                const names = document.querySelector(".matrix tbody th").getBoundingClientRect();
                return box.left < names.right - 1;
            }"""
        )
        assert not hidden, focused(page)


@pytest.fixture(scope="module")
def full(database: None) -> Person:
    return crowd(20, 12)


def test_questions_do_not_grow_with_grantees(full: Person) -> None:
    few = crowd(3, 12)
    for person, several in ((few, 1), (full, 3)):
        for number in range(several):
            one = one_connection(person, f"Memory service {number}")
        connections.disconnect(person.access, one.id, keep_there=True)
    assert questions(few) == questions(full)


def test_a_table_of_all_is_whole(full: Person) -> None:
    page = signed_in(full).get("/grants/").content.decode()
    rows = page.count("<tbody id=")
    assert rows >= 20
    assert page.count("<select id=") == rows * 12
    assert len(re.findall(r"<option [^>]*selected", page)) == rows * 12


def questions(person: Person, address: str = "/grants/") -> int:
    client = signed_in(person)
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def tab_to(page: Page, name: str) -> None:
    for _ in range(80):
        page.keyboard.press("Tab")
        if focused(page) == name:
            return
    raise AssertionError(f"Tab never came to {name}.")


def focused(page: Page) -> str:
    script = """() => {
        const one = document.activeElement;
        return one.getAttribute("aria-label") ?? one.innerText.replaceAll("\\n", " ").trim();
    }"""
    words: str = page.evaluate(script)
    return words


# The vault's side of it -----------------------------------------------------------------------


def narrowed(person: Person, grant: Grant, **rights: Right) -> tuple[Grant, Way]:
    wanted = {person.collection(name): one for name, one in rights.items()}
    return narrowing.narrow(person.access, grant.id, rights=wanted, version=grant.version)


def test_a_way_back_gives_exactly_what_was_taken(person: Person) -> None:
    remember(person, "Paints tide gauges", "Work")
    grant, token = person.token("Claude", Work=ASKING, Travel=LOOKING)
    after, way = narrowed(person, grant, Travel=LOOKING)
    assert set(after.rights) == {person.collection("Travel")}
    back = narrowing.restore(person.access, way)
    assert (back.rights, back.version) == (grant.rights, grant.version + 2)
    assert len(recall.search(open_token(token), "tide")) == 1


def test_a_way_back_works_once_and_not_after_another_change(person: Person) -> None:
    grant, _ = person.token("Claude", Work=ASKING, Travel=ASKING)
    after, way = narrowed(person, grant, Work=ASKING, Travel=LOOKING)
    narrowing.restore(person.access, way)
    with pytest.raises(Stale):
        narrowing.restore(person.access, way)
    again = grants.get(person.access, grant.id)
    after, way = narrowed(person, again, Work=ASKING)
    narrowed(person, after, Work=LOOKING)
    with pytest.raises(Stale):
        narrowing.restore(person.access, way)


def test_a_way_back_does_not_lead_past_a_revoke_nor_into_another_vault(person: Person) -> None:
    grant, _ = person.token("Claude", Work=ASKING, Travel=ASKING)
    _, way = narrowed(person, grant, Work=ASKING)
    with pytest.raises(Stale):
        narrowing.restore(new_person().access, way)
    with pytest.raises(Stale):
        narrowing.restore(person.access, Way(way.keys, way.rights[:-2] + "xx"))
    grants.revoke(person.access, grant.id)
    with pytest.raises(Stale):
        narrowing.restore(person.access, way)


def test_a_way_back_brings_no_key_that_was_destroyed_meanwhile(person: Person) -> None:
    remember(person, "Paints tide gauges", "Work")
    grant, token = person.token("Claude", Work=ASKING, Travel=LOOKING)
    work = person.collection("Work")
    rotation.rotate(person.access, person.owner_key, work)
    _, way = narrowed(person, grant, Travel=LOOKING)
    while rotation.reseal_next(person.access, work):
        pass
    assert rotation.finish(person.access, work, lambda _: False)
    narrowing.restore(person.access, way)
    with vault_scope(person.vault_id):
        keys = GrantKey.objects.filter(vault_id=person.vault_id, collection_id=work)
        assert [one.epoch for one in keys] == [2]
    assert len(recall.search(open_token(token), "tide")) == 1


def test_a_way_back_ends_with_its_time(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    grant, _ = person.token("Claude", Work=ASKING, Travel=ASKING)
    _, way = narrowed(person, grant, Work=ASKING)
    monkeypatch.setattr(narrowing, "SECONDS", -1)
    with pytest.raises(Stale):
        narrowing.restore(person.access, way)
    assert set(grants.get(person.access, grant.id).rights) == {person.collection("Work")}


def test_narrowing_gives_nothing(person: Person) -> None:
    grant, _ = person.token("Claude", Work=LOOKING)
    with pytest.raises(KeyNeeded):
        narrowed(person, grant, Work=ASKING)
    assert grants.get(person.access, grant.id).version == grant.version


def test_of_a_paused_one_the_way_back_gives_no_key(person: Person) -> None:
    from vault.errors import VaultError

    grant, token = person.token("Claude", Work=ASKING, Travel=ASKING)
    _, way = narrowed(person, grant, Work=ASKING)
    grants.pause(person.access, grant.id)
    back = narrowing.restore(person.access, way)
    assert back.rights == grant.rights
    with pytest.raises(VaultError):
        open_token(token)
    grants.resume(person.access, grant.id, person.owner_key)
    assert set(open_token(token).rights) == set(grant.rights)


def test_a_vault_locked_meanwhile_saves_nothing_and_leads_back(
    visit: Visit, person: Person
) -> None:
    grant, _ = person.token("Claude", Work=ASKING)
    page = visit(person)
    page.goto("/grants/")
    form = page.context.new_page()
    form.goto(f"/grants/{grant.id}/change/")
    form.get_by_label("See Travel").check()
    other = page.context.new_page()
    other.goto("/")
    other.get_by_role("button", name="Lock now").first.click()
    other.wait_for_url("**/unlock/**")
    cell(page, "Claude, Work").select_option("see-no")
    page.wait_for_url("**/unlock/**")
    form.get_by_role("button", name="Save").click()
    form.wait_for_url("**/unlock/**")
    assert grants.get(person.access, grant.id).rights == grant.rights
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Unlock").click()
    page.wait_for_url("**/grants/")
    expect(cell(page, "Claude, Work")).to_have_value("see-ask")
    form.goto(form.url)
    form.wait_for_url(f"**/grants/{grant.id}/change/")
