"""A vault that locks by itself, since nobody does anything: it always does, and what was half
written waits for its owner."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from tests.frontend.conftest import Visit, sign_in
from tests.frontend.test_expiry import CANARY, Browser, open_one, written
from tests.people import PASSWORD, Person

__all__ = ["open_one"]


@pytest.fixture
def page(visit: Visit, person: Person) -> Page:
    page = visit()
    page.clock.install()
    sign_in(page, person)
    return page


def lock_by_itself(browser: Browser, token: str, **form: str) -> None:
    said = {"csrfmiddlewaretoken": token, "idle": "1", "next": "/", **form}
    assert browser.client.post(reverse("lock"), said).status_code == 302


def test_another_tab_that_idles_throws_away_nothing(open_one: Browser, person: Person) -> None:
    token = open_one.token("/memories/new/")
    lock_by_itself(open_one, token, form="/memories/new/", **written(person))
    lock_by_itself(open_one, token)
    open_one.unlock()
    assert CANARY in open_one.client.get("/memories/new/").content.decode()


def test_a_page_whose_session_is_over_leads_to_signing_in(
    open_one: Browser, person: Person
) -> None:
    token = open_one.token("/memories/new/")
    open_one.sign_out()
    said = {"csrfmiddlewaretoken": token, "idle": "1", "next": "/memories/new/"}
    more = {"form": "/memories/new/", **written(person)}
    where = urlsplit(open_one.client.post(reverse("lock"), said | more)["Location"])
    assert where.path == reverse("account_login")
    assert parse_qs(where.query)["next"] == ["/memories/new/"]
    open_one.sign_in(person)
    assert CANARY in open_one.client.get("/memories/new/").content.decode()


def test_to_lock_throws_it_away(open_one: Browser, person: Person) -> None:
    token = open_one.token("/memories/new/")
    lock_by_itself(open_one, token, form="/memories/new/", **written(person))
    open_one.client.post(reverse("lock"), {"csrfmiddlewaretoken": token})
    assert "once_typed" not in open_one.client.session


def test_no_password_is_sent_along(page: Page) -> None:
    page.goto("/grants/new/")
    page.get_by_label("Name").fill(CANARY)
    page.get_by_label("Your password").fill(PASSWORD)
    with page.expect_request(lambda one: urlsplit(one.url).path == reverse("lock")) as locking:
        page.clock.fast_forward("31:00")
    sent = parse_qs(locking.value.post_data or "")
    assert sent["name"] == [CANARY] and PASSWORD not in str(sent)


def test_it_locks_however_much_was_pasted(page: Page) -> None:
    page.goto("/import/")
    page.locator("#text").fill("語" * 700_000)
    page.clock.fast_forward("31:00")
    page.wait_for_url("**/unlock/**")
