"""The ten seconds before everything is erased: with a script, without one, and changed minds."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from frontend.presenters import erasehold
from tests.frontend.conftest import Visit, h1
from tests.frontend.test_access_for_all import complaints
from tests.frontend.test_data import let_time_pass, say_yes
from tests.frontend.test_memories import remember
from tests.people import Person, signed_in
from vault import memories


def test_the_button_waits_and_then_works(visit: Visit, person: Person) -> None:
    remember(person, "I drink tea")
    page = visit(person)
    say_yes(page, "1")
    expect(page.get_by_role("heading", level=1)).to_have_text("Erase everything?")
    now = page.get_by_role("button", name="Erase everything now")
    expect(now).to_be_disabled()
    expect(page.get_by_role("progressbar", name="Until the button works")).to_be_visible()
    let_time_pass(page)
    expect(now).to_be_enabled()
    expect(page.locator("#live")).to_have_text("You can erase everything now.")
    page.get_by_role("button", name="Keep everything").click()
    assert h1(page) == "Your data"
    page.goto("/settings/data/erase/hold/")
    assert h1(page) == "Erase everything"  # it has to be said anew
    assert memories.counts(person.access).total == 1


def test_without_script_too_early_is_refused_and_said(visit: Visit, person: Person) -> None:
    remember(person, "I drink tea")
    page = visit(person, java_script_enabled=False)
    say_yes(page, "1")
    page.get_by_role("button", name="Erase everything now").click()
    expect(page.get_by_role("alert")).to_contain_text("Not yet: wait")
    assert memories.counts(person.access).total == 1
    let_time_pass(page)
    page.get_by_role("button", name="Keep everything").click()
    assert memories.counts(person.access).total == 1


def test_what_came_too_early_erases_nothing_when_it_is_loaded_again(person: Person) -> None:
    client = signed_in(person)
    remember(person, "I drink tea")
    session = client.session
    session["erase_hold"] = [timezone.now().isoformat(), False, 1]
    session.save()
    page = client.post("/settings/data/erase/hold/", follow=True)
    assert page.request["REQUEST_METHOD"] == "GET"
    assert "Not yet: wait" in page.content.decode()
    session = client.session
    session["erase_hold"] = [(timezone.now() - erasehold.HOLD).isoformat(), False, 1]
    session.save()
    now = client.get(page.request["PATH_INFO"], {"early": "yes"}).content.decode()
    assert "Not yet" not in now
    assert memories.counts(person.access).total == 1


def test_nobody_erases_without_the_yes_or_long_after_it(person: Person) -> None:
    client = signed_in(person)
    assert client.post("/settings/data/erase/hold/")["Location"] == "/settings/data/erase/"
    session = client.session
    old = timezone.now() - erasehold.GOOD_FOR - timedelta(seconds=1)
    session["erase_hold"] = [old.isoformat(), False, 0]
    session.save()
    assert client.post("/settings/data/erase/hold/")["Location"] == "/settings/data/erase/"
    assert memories.counts(person.access).total == 0  # the vault still opens


def test_an_archive_that_was_made_is_offered_for_download(visit: Visit, person: Person) -> None:
    from sync.archives import archiving, exports
    from tests.archives import PASSPHRASE, quick_locks

    with quick_locks():
        said = {"passphrase": PASSPHRASE, "again": PASSPHRASE, "start": archiving.run}
        exports.begin(person.access, person.owner_key, **said)
    page = visit(person)
    page.goto("/settings/data/erase/")
    expect(page.get_by_text("You have an archive of everything.")).to_be_visible()
    with page.expect_download():
        page.get_by_role("link", name="Download").click()


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
def test_everybody_can_use_it(visit: Visit, person: Person, width: int, scheme: str) -> None:
    page = visit(person, viewport={"width": width, "height": 900}, color_scheme=scheme)
    say_yes(page, "0")
    expect(page.get_by_role("button", name="Keep everything")).to_be_visible()
    assert complaints(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
