"""A form that comes to a closed door: nothing is done, and what was typed comes back, unsent."""

import json
import re
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from ipaddress import IPv4Network
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from frontend import tasks
from frontend.signin import aside, typed
from tests.frontend.conftest import Visit, sign_in
from tests.frontend.test_review import ASK, connected, write
from tests.people import PASSWORD, Person, new_person
from vault import browse, memories
from vault.access import IDLE_LIMIT
from vault.granting import grants
from vault.middleware import KEY_COOKIE
from vault.models import SessionSlot
from vault.scope import vault_scope
from vault.text import LONGEST
from vault.types import Draft

CANARY = "The bees are in the attic"
BACK = "What you entered is in the form again"
ENDED = "/accounts/logout/"


class Browser:
    """A browser without scripts: it sends the tokens of its pages, and they are checked. Each has
    an address of its own: from one of them thirty may sign in a minute."""

    addresses = (str(one) for one in IPv4Network("192.0.2.0/24").hosts())

    def __init__(self) -> None:
        self.client = Client(enforce_csrf_checks=True, REMOTE_ADDR=next(self.addresses))

    def token(self, path: str) -> str:
        html = self.client.get(path).content.decode()
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]*)"', html)
        assert found is not None, path
        return found[1]

    def sign_in(self, person: Person) -> "Browser":
        said = {"login": person.user.email, "password": PASSWORD}
        at = reverse("account_login")
        answer = self.client.post(at, said | {"csrfmiddlewaretoken": self.token(at)})
        assert answer.status_code == 302
        return self

    def sign_out(self) -> None:
        token = self.token(ENDED)
        assert self.client.post(ENDED, {"csrfmiddlewaretoken": token}).status_code == 302

    def lock(self) -> None:
        del self.client.cookies[KEY_COOKIE]

    def unlock(self) -> None:
        at = reverse("unlock")
        said = {"password": PASSWORD, "csrfmiddlewaretoken": self.token(at)}
        assert self.client.post(at, said).status_code == 302

    def row(self) -> str:
        """What the database holds of this browser's session."""
        key = self.client.session.session_key
        return json.dumps(Session.objects.get(pk=key).get_decoded())


@pytest.fixture
def open_one(person: Person) -> Browser:
    return Browser().sign_in(person)


def written(person: Person) -> dict[str, str]:
    return {"text": CANARY, "kind": "event", "collection": str(person.collection("Work"))}


def ended(browser: Browser) -> None:
    """The session's time is over: its row is still there, and counts no more."""
    key = browser.client.session.session_key
    Session.objects.filter(pk=key).update(expire_date=timezone.now() - timedelta(minutes=1))


def test_what_nobody_comes_back_for_leaves_the_table(
    open_one: Browser, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And whoever comes late is told that it was there."""
    token = open_one.token("/memories/new/")
    open_one.lock()
    said = written(person) | {"csrfmiddlewaretoken": token}
    open_one.client.post("/memories/new/", said)
    sealed = open_one.client.session["once_typed"][1]
    assert sealed and tasks.empty_what_was_put_aside() == 0
    assert open_one.client.session["once_typed"][1] == sealed
    monkeypatch.setattr(aside, "KEPT_FOR", -1)
    assert tasks.empty_what_was_put_aside() >= 1
    assert open_one.client.session["once_typed"][1] == "" and sealed not in open_one.row()
    open_one.unlock()
    form = open_one.client.get("/memories/new/").content.decode()
    assert "What you had entered is gone" in form


def idled(browser: Browser) -> None:
    vault_id = browser.client.session["vault_id"]
    with vault_scope(vault_id):
        long_ago = timezone.now() - IDLE_LIMIT - timedelta(minutes=1)
        SessionSlot.objects.filter(vault_id=vault_id).update(used_at=long_ago)


def signed_out(browser: Browser) -> None:
    browser.sign_out()


@pytest.mark.parametrize(
    ("closes", "door"),
    [(ended, "account_login"), (signed_out, "account_login"), (idled, "unlock")],
)
def test_a_memory_survives_its_session(
    open_one: Browser, person: Person, closes: Callable[[Browser], None], door: str
) -> None:
    token = open_one.token("/memories/new/")
    closes(open_one)
    answer = open_one.client.post(
        "/memories/new/", written(person) | {"csrfmiddlewaretoken": token}
    )
    where = urlsplit(answer["Location"])
    assert (where.path, parse_qs(where.query)["next"]) == (reverse(door), ["/memories/new/"])
    assert CANARY not in open_one.row() and CANARY not in str(open_one.client.cookies)
    assert "Not saved yet." in open_one.client.get(answer["Location"]).content.decode()
    open_one.unlock() if door == "unlock" else open_one.sign_in(person)
    assert browse.listing(person.access).total == 0, "nothing is sent again by itself"
    form = open_one.client.get("/memories/new/").content.decode()
    assert BACK in form and CANARY in form and 'value="event" selected' in form
    assert f'value="{person.collection("Work")}" selected' in form
    assert browse.listing(person.access).total == 0
    assert CANARY not in open_one.client.get("/memories/new/").content.decode(), "once"
    said = written(person) | {"csrfmiddlewaretoken": open_one.token("/memories/new/")}
    assert open_one.client.post("/memories/new/", said).status_code == 302
    assert browse.listing(person.access).total == 1


def test_it_is_for_nobody_else_who_signs_in(open_one: Browser, person: Person) -> None:
    token = open_one.token("/memories/new/")
    ended(open_one)
    open_one.client.post("/memories/new/", written(person) | {"csrfmiddlewaretoken": token})
    open_one.sign_in(new_person())
    assert not typed.waits(open_one.client)  # type: ignore[arg-type]
    assert CANARY not in open_one.client.get("/memories/new/").content.decode()
    open_one.sign_out()
    open_one.sign_in(person)
    assert CANARY not in open_one.client.get("/memories/new/").content.decode()


def test_it_waits_for_half_an_hour_and_says_so(
    open_one: Browser, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = open_one.token("/memories/new/")
    open_one.lock()
    open_one.client.post("/memories/new/", written(person) | {"csrfmiddlewaretoken": token})
    open_one.unlock()
    monkeypatch.setattr(aside, "KEPT_FOR", -1)
    form = open_one.client.get("/memories/new/").content.decode()
    assert CANARY not in form and "What you had entered is gone" in form
    assert "once_typed" not in open_one.client.session


def test_one_half_opens_nothing(open_one: Browser, person: Person) -> None:
    token = open_one.token("/memories/new/")
    open_one.lock()
    open_one.client.post("/memories/new/", written(person) | {"csrfmiddlewaretoken": token})
    open_one.unlock()
    del open_one.client.cookies["satchel_once_typed"]
    form = open_one.client.get("/memories/new/").content.decode()
    assert CANARY not in form and "What you had entered is gone" in form


@pytest.mark.parametrize("letter", ["e", "ж", "🐝"])
def test_a_long_memory_is_kept_in_every_writing(
    open_one: Browser, person: Person, letter: str
) -> None:
    token = open_one.token("/memories/new/")
    open_one.lock()
    said = written(person) | {"text": letter * LONGEST, "csrfmiddlewaretoken": token}
    open_one.client.post("/memories/new/", said)
    open_one.unlock()
    assert letter * LONGEST in open_one.client.get("/memories/new/").content.decode()


def test_too_much_is_not_kept_and_that_is_said(open_one: Browser, person: Person) -> None:
    token = open_one.token("/memories/new/")
    open_one.lock()
    said = written(person) | {"text": "w" * 200_000, "csrfmiddlewaretoken": token}
    door = open_one.client.post("/memories/new/", said)["Location"]
    assert "undone=1" in door and "once_typed" not in open_one.client.session
    assert "do it again" in open_one.client.get(door).content.decode()


def test_another_site_can_plant_nothing(open_one: Browser, person: Person) -> None:
    """Neither with a token of its own making, nor without; nor where the browser says whose form
    it was."""
    token = open_one.token("/memories/new/")
    for forged in ("", "x" * 64, token[::-1]):
        for site in ("cross-site", "same-site", "same-origin", ""):
            said = written(person) | {"csrfmiddlewaretoken": forged}
            headers = {"Sec-Fetch-Site": site} if site else {}
            answer = open_one.client.post("/memories/new/", said, headers=headers)
            assert answer.status_code == 403
            assert b"This form is too old" in answer.content
    assert CANARY not in open_one.client.get("/memories/new/").content.decode()


def test_a_token_of_before_counts_only_from_our_own_pages(
    open_one: Browser, person: Person
) -> None:
    token = open_one.token("/memories/new/")
    ended(open_one)
    open_one.sign_in(person)
    said = written(person) | {"csrfmiddlewaretoken": token}
    for site in ("cross-site", "same-site", "none", ""):
        headers = {"Sec-Fetch-Site": site} if site else {}
        assert open_one.client.post("/memories/new/", said, headers=headers).status_code == 403
    assert "once_typed" not in open_one.client.session


def test_a_stranger_leaves_nothing(client: Client) -> None:
    for token in ("", "x" * 64):
        said = {"text": CANARY, "kind": "fact", "csrfmiddlewaretoken": token}
        client.post("/memories/new/", said)
        assert "once_typed" not in client.session


def test_a_grant_comes_back_without_the_password(open_one: Browser, person: Person) -> None:
    work = person.collection("Work")
    token = open_one.token("/grants/new/")
    open_one.lock()
    said = {"name": "My robot", "ends": "7", f"see-{work}": "on", f"add-{work}": "ask"}
    said |= {"password": PASSWORD, "csrfmiddlewaretoken": token}
    open_one.client.post("/grants/new/", said)
    open_one.unlock()
    form = open_one.client.get("/grants/new/").content.decode()
    assert 'value="My robot"' in form and PASSWORD not in form
    assert re.search(rf'name="see-{work}"[^>]* checked', form)
    assert re.search(rf'name="add-{work}" value="ask"[^>]* checked', form)
    assert not re.search(r'name="later"[^>]* checked', form), "what was unticked stays so"
    assert "Enter again, since it is never kept: Your password." in form
    assert grants.listing(person.access) == []


def test_a_fragment_leads_the_whole_page_to_the_door(open_one: Browser, person: Person) -> None:
    made = memories.remember(person.access, person.collection("Work"), Draft("Likes tea"))
    at = f"/memories/{made.id}/edit/"
    token = open_one.token(at)
    open_one.lock()
    said = {"text": CANARY, "kind": "fact", "revision": "1", "csrfmiddlewaretoken": token}
    seen = {"HX-Request": "true", "HX-Current-URL": f"http://testserver/memories/{made.id}/"}
    answer = open_one.client.post(at, said, headers=seen)
    assert parse_qs(urlsplit(answer["HX-Redirect"]).query)["next"] == [at]
    open_one.unlock()
    assert CANARY in open_one.client.get(at).content.decode()
    assert memories.get(person.access, made.id).text == "Likes tea"


def test_a_fragment_within_a_form_costs_nothing_of_the_form(
    open_one: Browser, person: Person
) -> None:
    """Leaving the field asks for a collection that suits: that may come to the door first."""
    token = open_one.token("/memories/new/")
    open_one.lock()
    seen = {"HX-Request": "true", "HX-Current-URL": "http://testserver/memories/new/"}
    said = written(person) | {"csrfmiddlewaretoken": token}
    answer = open_one.client.post("/settings/sorting/suggest/", said, headers=seen)
    assert parse_qs(urlsplit(answer["HX-Redirect"]).query)["next"] == ["/memories/new/"]
    open_one.unlock()
    assert CANARY in open_one.client.get("/memories/new/").content.decode()


@pytest.mark.parametrize("last", [0, 1])
def test_of_two_requests_at_once_it_does_not_matter_which_answer_comes_last(
    open_one: Browser, person: Person, last: int
) -> None:
    """Each begins a session of its own; the browser may mix what the two answers leave in it."""
    token = open_one.token("/memories/new/")
    open_one.sign_out()
    before = open_one.client.cookies
    left = []
    for at in ("/memories/new/", "/settings/sorting/suggest/"):
        one = Client(enforce_csrf_checks=True)
        one.cookies = deepcopy(before)
        seen = {"HX-Request": "true", "HX-Current-URL": "http://testserver/memories/new/"}
        said = written(person) | {"csrfmiddlewaretoken": token}
        one.post(at, said, headers=seen if "suggest" in at else {})
        left.append(one.cookies)
    mixed = left[last]
    mixed["satchel_once_typed"] = left[1 - last]["satchel_once_typed"].value
    open_one.client.cookies = mixed
    open_one.sign_in(person)
    assert CANARY in open_one.client.get("/memories/new/").content.decode()


def test_own_words_in_review_are_there_again(open_one: Browser, person: Person) -> None:
    app = connected(person, Personal=ASK)
    write(app, person, "Likes caldo verde")
    page = open_one.client.get("/review/").content.decode()
    (at,) = set(re.findall(r'action="(/review/suggestions/[^"]*)"', page))
    token = open_one.token("/review/")
    open_one.lock()
    said = {"text": CANARY, "do": "reword", "csrfmiddlewaretoken": token}
    seen = {"Referer": "http://testserver/review/"}
    open_one.client.post(at, said, headers=seen)
    open_one.unlock()
    page = open_one.client.get("/review/").content.decode()
    assert CANARY in page and BACK in page and re.search(r"data-own\s+open|data-own open", page)
    assert CANARY not in open_one.client.get("/review/").content.decode()
    assert browse.listing(person.access).total == 0


def test_dates_of_a_memory_are_there_again(open_one: Browser, person: Person) -> None:
    made = memories.remember(person.access, person.collection("Work"), Draft("Likes tea"))
    at = f"/memories/{made.id}/"
    token = open_one.token(at)
    open_one.lock()
    said = {"valid_from": "2021-03-04", "valid_until": "", "csrfmiddlewaretoken": token}
    seen = {"Referer": f"http://testserver{at}"}
    door = open_one.client.post(f"{at}span/", said, headers=seen)["Location"]
    assert parse_qs(urlsplit(door).query)["next"] == [at]
    open_one.unlock()
    page = open_one.client.get(at).content.decode()
    assert 'value="2021-03-04"' in page and BACK in page


def test_what_was_pasted_is_there_again(open_one: Browser, person: Person) -> None:
    token = open_one.token("/import/")
    open_one.lock()
    open_one.client.post("/import/", {"text": CANARY, "csrfmiddlewaretoken": token})
    open_one.unlock()
    page = open_one.client.get("/import/").content.decode()
    assert CANARY in page and BACK in page


def test_what_is_no_form_is_said_not_to_be_done(open_one: Browser, person: Person) -> None:
    made = memories.remember(person.access, person.collection("Work"), Draft("Likes tea"))
    token = open_one.token(f"/memories/{made.id}/")
    open_one.lock()
    answer = open_one.client.post(
        f"/memories/{made.id}/forget/",
        {"csrfmiddlewaretoken": token},
        headers={"Referer": f"http://testserver/memories/{made.id}/"},
    )
    page = open_one.client.get(answer["Location"]).content.decode()
    assert "What you just did was not done" in page
    assert memories.get(person.access, made.id).forgotten_at is None


def test_what_waits_does_not_hide_that_something_else_was_not_done(
    open_one: Browser, person: Person
) -> None:
    made = memories.remember(person.access, person.collection("Work"), Draft("Likes tea"))
    token = open_one.token("/memories/new/")
    open_one.lock()
    open_one.client.post("/memories/new/", written(person) | {"csrfmiddlewaretoken": token})
    at, said = f"/memories/{made.id}/forget/", {"csrfmiddlewaretoken": token}
    door = open_one.client.post(at, said)["Location"]
    page = open_one.client.get(door).content.decode()
    assert "What you just did was not done" in page and "Not saved yet." in page


def test_signing_out_throws_it_away(open_one: Browser, person: Person) -> None:
    token = open_one.token("/memories/new/")
    open_one.lock()
    open_one.client.post("/memories/new/", written(person) | {"csrfmiddlewaretoken": token})
    open_one.sign_out()
    assert "once_typed" not in open_one.client.session
    assert not open_one.client.cookies["satchel_once_typed"].value


# In the browser --------------------------------------------------------------------------------


def end_session(page: Page) -> None:
    """As when it has run out: the cookies of the session are gone, those of the forms are not."""
    keep = [one for one in page.context.cookies() if one["name"] not in ("satchel", KEY_COOKIE)]
    page.context.clear_cookies()
    page.context.add_cookies(keep)  # type: ignore[arg-type]


@pytest.mark.parametrize("scripts", [True, False])
def test_by_the_browser_through_signing_in(visit: Visit, person: Person, scripts: bool) -> None:
    page = visit(java_script_enabled=scripts)
    sign_in(page, person)
    page.goto("/memories/new/")
    page.get_by_label("What should be remembered?").fill(CANARY)
    page.get_by_label("Kind").select_option("event")
    end_session(page)
    page.get_by_role("button", name="Remember it").click()
    page.wait_for_url("**/accounts/login/?next=*")
    expect(page.get_by_text("Not saved yet. What you entered waits here")).to_be_visible()
    page.get_by_label("Email").fill(person.user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in and open my vault").click()
    expect(page.get_by_label("What should be remembered?")).to_have_value(CANARY)
    expect(page.get_by_label("Kind")).to_have_value("event")
    expect(page.get_by_text(BACK)).to_be_visible()
    assert browse.listing(person.access).total == 0
    page.get_by_role("button", name="Remember it").click()
    page.wait_for_url(re.compile(r"/memories/[0-9a-f-]{36}/"))
    assert browse.listing(person.access).total == 1


def test_idling_locks_and_keeps_what_was_half_written(visit: Visit, person: Person) -> None:
    page = visit()
    page.clock.install()
    sign_in(page, person)
    page.goto("/memories/new/")
    page.get_by_label("What should be remembered?").fill(CANARY)
    page.clock.fast_forward("31:00")
    page.wait_for_url("**/unlock/**")
    expect(page.get_by_text("Not saved yet. What you entered waits here")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Unlock", exact=True).click()
    expect(page.get_by_label("What should be remembered?")).to_have_value(CANARY)


def test_a_memory_that_is_edited_in_place(visit: Visit, person: Person) -> None:
    made = memories.remember(person.access, person.collection("Work"), Draft("Likes tea"))
    page = visit()
    sign_in(page, person)
    page.goto(f"/memories/{made.id}/")
    page.get_by_role("link", name="Edit").first.click()
    page.get_by_label("Memory", exact=True).fill(CANARY)
    end_session(page)
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/accounts/login/?next=*")
    page.get_by_label("Email").fill(person.user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in and open my vault").click()
    expect(page.get_by_label("Memory", exact=True)).to_have_value(CANARY)
    assert memories.get(person.access, made.id).text == "Likes tea"
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**/memories/{made.id}/")
    assert memories.get(person.access, made.id).text == CANARY
