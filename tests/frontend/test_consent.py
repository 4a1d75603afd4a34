"""An app asks for access in the browser: what its owner is told, chooses, and what comes of it."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.frontend.conftest import Visit
from tests.frontend.test_access_for_all import complaints, runs_over
from tests.frontend.test_memories import remember
from tests.frontend.visitors import Visitor, listening, registered
from tests.people import PASSWORD, Person
from tests.stack import Live
from vault.granting import clients, grants
from vault.log import access_log
from vault.types import Right

Comes = Callable[..., Visitor]


@pytest.fixture
def comes(live: Live) -> Iterator[Comes]:
    """`comes("Name")` is an app that has registered and listens on this device."""
    with listening() as (address, heard):
        yield lambda name="Trip planner", redirect=address: registered(
            live.url, redirect, heard, name
        )


def allow(page: Page) -> None:
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Allow", exact=True).click()


def let_in(page: Page, app: Visitor, *ticked: str, **more: str) -> dict[str, str]:
    """The owner ticks what it may see and allows it; the app's tokens."""
    page.goto(app.asks(**more))
    for name in ticked:
        page.get_by_label(f"See {name}").check()
    allow(page)
    pair = app.exchanges(app.answer()["code"])
    assert "access_token" in pair, pair
    return pair


def test_an_app_from_its_first_visit_to_its_last(
    visit: Visit, person: Person, comes: Comes
) -> None:
    remember(person, "Plans a move to Porto", "Travel")
    app, page = comes(), visit(person)
    page.goto(app.asks(purpose="planning a holiday"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("“Trip planner” wants to use")
    expect(page.get_by_text("Not checked.")).to_be_visible()
    expect(page.locator(".host")).to_have_text(app.redirect.split("/")[2])
    expect(page.get_by_text("Any program on this device could be waiting")).to_be_visible()
    assert page.locator("input[name^='see-']:checked").count() == 0
    page.get_by_label("See Travel").check()
    page.get_by_role("button", name="Show what it would see").click()
    expect(page.locator("#preview")).to_contain_text("It would see 1 memory now: Travel 1.")
    expect(page.locator("#preview")).to_contain_text("Plans a move to Porto")
    assert page.get_by_label("See Travel").is_checked()
    page.get_by_label("See Travel").uncheck()  # what is shown follows what is ticked
    expect(page.locator("#preview")).to_contain_text("You have ticked nothing")
    page.get_by_label("See Travel").check()
    expect(page.locator("#preview")).to_contain_text("Plans a move to Porto")
    allow(page)
    page.wait_for_url("http://127.0.0.1:*/callback**")
    told = app.answer()
    assert (told["state"], told["iss"]) == ("some state", app.base)

    pair = app.exchanges(told["code"])
    (travel,) = app.me(pair["access_token"]).json()["collections"]
    assert (travel["name"], travel["see"], travel["add"]) == ("Travel", True, "ask")
    page.goto("/grants/")
    row = page.get_by_role("row", name=re.compile("Trip planner"))
    expect(row).to_contain_text(app.redirect.split("/")[2])
    expect(row).to_contain_text("signed in 1 time")
    page.goto("/activity/")
    expect(page.get_by_text("“Trip planner: planning a holiday”")).to_be_visible()
    page.goto("/grants/")
    page.get_by_role("link", name="Trip planner", exact=True).click()
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("It is signed out everywhere")).to_be_visible()
    assert app.me(pair["access_token"]).status_code == 401
    assert app.refreshes(pair["refresh_token"])["error"] == "invalid_grant"


def test_looking_ahead_leaves_no_line_and_gives_nothing(
    visit: Visit, person: Person, comes: Comes
) -> None:
    remember(person, "Takes pills", "Health")
    before = len(access_log.listing(person.access))
    app, page = comes(), visit(person, java_script_enabled=False)
    page.goto(app.asks())
    page.get_by_label("See Health").check()
    page.get_by_role("button", name="Show what it would see").click()
    expect(page.locator("#preview")).to_contain_text("Takes pills")
    assert page.get_by_label("See Health").is_checked()
    assert page.locator(".error, .notice-bad").count() == 0
    assert len(access_log.listing(person.access)) == before
    assert grants.listing(person.access) == []
    allow(page)  # and all of it works without JavaScript
    assert "code" in app.answer()


@pytest.mark.parametrize(
    ("preset", "ticked", "expected"),
    [
        ("Read all that is not private", (), {"Personal": "no", "Work": "no"}),
        ("Read what I tick", ("Work", "Health"), {"Work": "no", "Health": "no"}),
        ("Read what I tick, and suggest changes to me", ("Work",), {"Work": "ask"}),
    ],
)
def test_presets(
    visit: Visit,
    person: Person,
    comes: Comes,
    preset: str,
    ticked: tuple[str, ...],
    expected: dict[str, str],
) -> None:
    app, page = comes(), visit(person)
    page.goto(app.asks())
    page.get_by_label(preset, exact=True).check()
    for name in ticked:
        page.get_by_label(f"See {name}").check()
    allow(page)
    pair = app.exchanges(app.answer()["code"])
    given = {c["name"]: c["add"] for c in app.me(pair["access_token"]).json()["collections"]}
    if not ticked:
        expected = dict.fromkeys(("Personal", "Work", "Family", "Travel"), "no")
    assert given == expected


def test_each_collection_can_be_chosen_for_itself(
    visit: Visit, person: Person, comes: Comes
) -> None:
    app, page = comes(), visit(person)
    page.goto(app.asks())
    group = page.get_by_role("radiogroup", name="May add to Work")
    expect(group).to_be_hidden()
    page.get_by_label("Choose for each collection").check()
    group.get_by_label("yes").check()
    allow(page)
    pair = app.exchanges(app.answer()["code"])
    (work,) = app.me(pair["access_token"]).json()["collections"]
    assert (work["see"], work["add"]) == (False, "yes")


def test_an_app_that_asks_to_read_cannot_be_let_add(
    visit: Visit, person: Person, comes: Comes
) -> None:
    app, page = comes(), visit(person)
    page.goto(app.asks(scope="memory.read"))
    expect(page.get_by_text("It did not ask to add anything")).to_be_visible()
    page.get_by_label("Choose for each collection").check()
    expect(page.get_by_text("not asked for").first).to_be_visible()
    assert page.get_by_role("radiogroup", name="May add to Work").count() == 0
    assert page.get_by_label("Read what I tick, and suggest changes to me").count() == 0


def test_the_second_time_one_line_is_enough(visit: Visit, person: Person, comes: Comes) -> None:
    app, page = comes(), visit(person)
    let_in(page, app, "Work")
    grant = clients.known(person.access, app.client_id)
    page.goto(app.asks())
    expect(page.get_by_role("heading", level=1)).to_contain_text("is back at your vault")
    expect(page.get_by_text("It asks for nothing new.")).to_be_visible()
    assert page.locator("input[type=checkbox]").count() == 0
    allow(page)
    assert "access_token" in app.exchanges(app.answer()["code"])
    assert clients.known(person.access, app.client_id) == grant
    page.goto("/grants/")
    expect(page.get_by_text("signed in 2 times")).to_be_visible()

    page.goto(app.asks())
    page.get_by_role("link", name="Change what it gets").click()
    assert page.get_by_label("See Work").is_checked()
    assert not page.get_by_label("See Travel").is_checked()


def test_what_is_new_is_said_and_needs_a_choice(visit: Visit, person: Person, comes: Comes) -> None:
    app, page = comes(), visit(person)
    let_in(page, app, "Work", scope="memory.read")
    page.goto(app.asks())
    expect(page.get_by_role("heading", name="It asks for more than before")).to_be_visible()
    new = page.locator(".wishes li", has_text="New")
    expect(new).to_have_count(1)
    expect(new).to_contain_text("Add and change memories where you allow it")
    assert page.get_by_label("See Work").is_checked()
    allow(page)
    pair = app.exchanges(app.answer()["code"])
    (work,) = app.me(pair["access_token"]).json()["collections"]
    assert (work["see"], work["add"]) == (True, "no")


def test_a_form_made_up_to_skip_the_choice_is_not_taken(
    visit: Visit, person: Person, comes: Comes
) -> None:
    app, page = comes(), visit(person)
    let_in(page, app, "Work", scope="memory.read")
    page.goto(app.asks(scope="memory.read"))
    form = page.locator("form.accept")
    form.evaluate("(form, to) => (form.action = to)", app.asks())
    allow(page)
    expect(page.get_by_role("heading", name="It asks for more than before")).to_be_visible()
    assert app.heard.empty()


def test_one_that_was_paused_goes_on_when_it_is_allowed(
    visit: Visit, person: Person, comes: Comes
) -> None:
    app, page = comes(), visit(person)
    pair = let_in(page, app, "Work")
    grant = clients.known(person.access, app.client_id)
    assert grant is not None
    grants.pause(person.access, grant.id)
    assert app.me(pair["access_token"]).status_code == 401
    page.goto(app.asks())
    expect(page.get_by_text("is paused now, and allowing it lets it go on")).to_be_visible()
    allow(page)
    app.answer()
    assert app.me(pair["access_token"]).status_code == 200


def test_not_allowed(visit: Visit, person: Person, comes: Comes) -> None:
    app, page = comes(), visit(person)
    page.goto(app.asks())
    page.get_by_role("button", name="Do not allow").click()
    told = app.answer()
    assert (told["error"], told["iss"]) == ("access_denied", app.base)
    assert grants.listing(person.access) == []


def test_a_wrong_password_or_nothing_ticked_leads_nowhere(
    visit: Visit, person: Person, comes: Comes
) -> None:
    app, page = comes(), visit(person)
    page.goto(app.asks())
    page.get_by_label("See Work").check()
    page.get_by_label("Your password").fill("not my password")
    expect(page.get_by_role("button", name="Allow", exact=True)).to_be_enabled()
    page.get_by_label("Your password").press("Enter")  # means Allow, not the first button
    expect(page.get_by_text("This is not your password.")).to_be_visible()
    assert page.get_by_label("See Work").is_checked()
    page.get_by_label("See Work").uncheck()
    allow(page)
    expect(page.get_by_text("Tick at least one collection")).to_be_visible()
    assert app.heard.empty()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_use_it(visit: Visit, person: Person, comes: Comes, theme: str) -> None:
    remember(person, "w" * 300, "Work")
    app = comes("N" * 200)
    page = visit(person, color_scheme=theme, viewport={"width": 320, "height": 640})
    page.goto(app.asks())
    page.get_by_label("Choose for each collection").check()
    page.get_by_label("See Work").check()
    page.get_by_role("button", name="Show what it would see").click()
    expect(page.locator(".samples li")).to_have_count(1)
    assert (complaints(page), runs_over(page)) == ([], [])
    allow(page)
    app.exchanges(app.answer()["code"])
    page.goto(app.asks())
    expect(page.get_by_text("It asks for nothing new.")).to_be_visible()
    assert (complaints(page), runs_over(page)) == ([], [])


def test_the_grant_of_an_app_is_changed_like_any_other(
    visit: Visit, person: Person, comes: Comes
) -> None:
    app, page = comes(), visit(person)
    pair = let_in(page, app, "Work", scope="memory.read")
    page.goto("/grants/")
    page.get_by_role("link", name="Trip planner", exact=True).click()
    expect(page.get_by_text("1 installation", exact=True)).to_be_visible()
    expect(page.get_by_text("It asked only to read when it signed in")).to_be_visible()
    page.get_by_role("link", name="Change", exact=True).click()
    expect(page.get_by_text("It stays signed in.")).to_be_visible()
    page.get_by_label("See Travel").check()
    page.get_by_label("Ends").select_option(label="In a year")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("It holds from the next request on.")).to_be_visible()
    told = app.me(pair["access_token"]).json()
    assert {c["name"] for c in told["collections"]} == {"Work", "Travel"}
    page.get_by_role("link", name="Change", exact=True).click()
    page.get_by_label("See Work").uncheck()
    page.get_by_label("Ends").select_option(label="In a week")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("It holds from the next request on.")).to_be_visible()
    told = app.me(pair["access_token"]).json()
    assert [c["name"] for c in told["collections"]] == ["Travel"]
    grant = clients.known(person.access, app.client_id)
    assert grant is not None and grant.rights == {person.collection("Travel"): Right(see=True)}
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused", exact=True)).to_be_visible()
    assert app.me(pair["access_token"]).status_code == 401
    page.get_by_role("link", name="Resume").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("Works", exact=True)).to_be_visible()
    assert app.me(pair["access_token"]).status_code == 200
    page.goto("/grants/stop/")
    page.get_by_role("button", name="Revoke all of them").click()
    expect(page.get_by_text("1 grant was revoked", exact=False)).to_be_visible()
    assert app.me(pair["access_token"]).status_code == 401
