"""In which browsers a vault is open: what they say they are, and that their rows go."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from frontend.signin.devices import device_of
from tests.people import PASSWORD, Person, signed_in
from vault import tasks
from vault.keys import sessions

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)
CHROME = "Mozilla/5.0 (%s) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("said", "device"),
    [
        (FIREFOX, ("Firefox", "Linux")),
        (SAFARI, ("Safari", "iOS")),
        (CHROME % "Windows NT 10.0; Win64; x64", ("Chrome", "Windows")),
        (CHROME % "Linux; Android 10; K", ("Chrome", "Android")),
        (CHROME % "X11; CrOS x86_64 14541.0.0", ("Chrome", "ChromeOS")),
        (CHROME % "Macintosh; Intel Mac OS X 10_15_7" + " Edg/140.0.0.0", ("Edge", "macOS")),
        (CHROME % "Windows NT 10.0" + " OPR/120.0", ("Opera", "Windows")),
        ("curl/8.5.0", ("", "")),
        ("", ("", "")),
        ("<script>alert(1)</script>", ("", "")),
        ("x" * 600 + "Firefox/1 Linux", ("", "")),
    ],
)
def test_a_browser_is_named_by_its_family(said: str, device: tuple[str, str]) -> None:
    assert device_of(said) == device


def test_the_list_says_which_browser_it_is(person: Person) -> None:
    there = Client(headers={"User-Agent": FIREFOX})
    said = {"login": person.user.email, "password": PASSWORD}
    assert there.post(reverse("account_login"), said).status_code == 302
    here = Client(headers={"User-Agent": SAFARI})
    here.force_login(person.user)
    assert here.post(reverse("unlock"), {"password": PASSWORD}).status_code == 302
    for path in ("keys", "settings"):
        page = here.get(reverse(path)).content.decode()
        listed = page.split('id="open"')[1].split("</ul>")[0].split("<li>")[1:]
        assert "This browser" in listed[0] and "Safari on iOS" in listed[0]
        assert any("Another browser" in one and "Firefox on Linux" in one for one in listed)
    by_name = {(one.browser, one.system): one.id for one in sessions.listing(person.access)}
    answer = here.post(reverse("lock-session", args=[by_name["Firefox", "Linux"]]))
    assert answer.status_code == 302
    assert there.get(reverse("memories"))["Location"].startswith(reverse("unlock"))
    assert here.get(reverse("memories")).status_code == 200


def test_a_session_that_is_over_goes_and_one_that_is_not_stays(person: Person) -> None:
    over, stays = signed_in(person), signed_in(person)
    key = over.session.session_key
    Session.objects.filter(pk=key).update(expire_date=timezone.now() - timedelta(seconds=1))
    tasks.clear_sessions()
    assert not SessionStore().exists(str(key))
    assert stays.get(reverse("memories")).status_code == 200
