"""Installed as an app: the manifest, its pictures, and what a phone shares with it."""

import json
import re
import struct
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from playwright.sync_api import Browser, expect

from frontend.signin import aside
from frontend.views.sharing import LONGEST_OF_A_STRANGER, worded
from tests.browser import whole
from tests.frontend.conftest import Visit, visiting
from tests.people import PASSWORD, Person, new_person, signed_in
from tests.stack import Live
from vault import browse

UI = Path(__file__).resolve().parents[2] / "frontend" / "static" / "ui"
BY_THE_SYSTEM = {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}
SECRET = "The bees are in the attic"


def shares(client: Client, **said: str) -> str:
    """Where the phone is led after sharing."""
    answer = client.post("/share/", said, headers=BY_THE_SYSTEM)
    assert answer.status_code == 302
    return str(answer["Location"])


def form_of(client: Client) -> str:
    html = client.get("/memories/shared/").content.decode()
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", html, re.S)
    assert found is not None
    return found[1].strip()


def test_the_manifest_has_what_browsers_ask_for(client: Client) -> None:
    answer = client.get("/app.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    said = json.loads(answer.content)
    assert (said["name"], said["start_url"], said["display"]) == ("Satchel", "/", "standalone")
    assert said["share_target"]["method"] == "POST"
    sizes = {(icon["sizes"], icon.get("purpose", "any")) for icon in said["icons"]}
    assert {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} <= sizes
    assert not client.cookies, "it is fetched without cookies, and sets none"


def test_a_cache_between_gives_nobody_the_manifest_of_another_language(client: Client) -> None:
    asked = client.get("/app.webmanifest", headers={"accept-language": "de"})
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    chosen = client.get("/app.webmanifest", headers={"accept-language": "de"})
    assert (asked.json()["lang"], chosen.json()["lang"]) == ("de", "fr")
    for answer in (asked, chosen):
        named = {name.strip().lower() for name in answer["Vary"].split(",")}
        assert {"accept-language", "cookie"} <= named
        assert "public" in answer["Cache-Control"]
        assert answer["Content-Language"] == answer.json()["lang"]


@pytest.mark.parametrize("name", ["icon-192", "icon-512", "maskable-192", "maskable-512"])
def test_the_pictures_are_as_large_as_they_say_and_small_to_send(name: str) -> None:
    png = (UI / "icons" / f"{name}.png").read_bytes()
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    assert (width, height) == (int(name[-3:]), int(name[-3:]))
    assert len(png) < 16 * 1024


def test_chromium_takes_it_for_an_app(browser: Browser, live: Live, person: Person) -> None:
    with whole(browser) as other, visiting(other, live) as visit:
        page = visit(person)
        cdp = page.context.new_cdp_session(page)
        said = cdp.send("Page.getAppManifest")
        wrong = cdp.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert said["errors"] == []
    assert json.loads(said["data"])["short_name"] == "Satchel"
    # A context of a test is a private window, where nothing is ever installed.
    assert {one["errorId"] for one in wrong} <= {"in-incognito"}


def test_the_colour_of_the_frame_follows_the_theme(visit: Visit, person: Person) -> None:
    page = visit(person)
    colours = page.locator("meta[name=theme-color]")
    expect(colours).to_have_count(2)
    page.goto("/settings/")
    page.get_by_label("Dark").check()
    page.get_by_role("region", name="This device").get_by_role("button", name="Save").click()
    expect(colours).to_have_count(1)
    expect(colours).to_have_attribute("content", "#0b100f")


def test_no_page_has_a_service_worker(visit: Visit, person: Person) -> None:
    page = visit(person)
    found = page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)")
    assert found == 0


@pytest.mark.parametrize(
    ("title", "text", "url", "all_of_it"),
    [
        ("", "Likes tea", "", "Likes tea"),
        ("Bees", "On bees", "https://example.org/b", "Bees\nOn bees\nhttps://example.org/b"),
        ("", "See https://example.org/b", "https://example.org/b", "See https://example.org/b"),
        ("Bees", "Bees and wasps", "", "Bees and wasps"),
        (" ", "\n", "", ""),
    ],
)
def test_title_text_and_address_become_one_text(
    title: str, text: str, url: str, all_of_it: str
) -> None:
    assert worded(title, text, url) == all_of_it


def test_what_is_shared_is_shown_and_saved_only_on_a_yes() -> None:
    person = new_person()
    client = signed_in(person)
    assert shares(client, title="Bees", text=SECRET) == "/memories/shared/"
    assert browse.listing(person.access).total == 0
    assert form_of(client) == f"Bees\n{SECRET}"
    assert form_of(client), "a reload loses nothing"
    said = {"text": SECRET, "kind": "fact", "collection": str(person.collection("Personal"))}
    assert client.post("/memories/shared/", said).status_code == 302
    assert browse.listing(person.access).total == 1
    assert form_of(client) == ""


def test_it_waits_for_signing_in_sealed_in_two_halves(client: Client, person: Person) -> None:
    shares(client, text=SECRET)
    (session,) = Session.objects.filter(pk=client.session.session_key)
    assert SECRET not in json.dumps(session.get_decoded())
    assert SECRET not in str(client.cookies)
    door = client.get("/memories/shared/")["Location"]
    assert door == "/accounts/login/?next=%2Fmemories%2Fshared%2F"
    said = {"login": person.user.email, "password": PASSWORD}
    assert client.post("/accounts/login/", said).status_code == 302
    assert form_of(client) == SECRET


def test_by_the_browser_through_signing_in(visit: Visit, person: Person) -> None:
    page = visit()
    page.goto("/accounts/login/")
    page.evaluate(
        """(text) => { const form = document.createElement("form");
        form.method = "post"; form.action = "/share/";
        const field = document.createElement("input"); field.name = "text"; field.value = text;
        form.append(field); document.body.append(form); form.submit(); }""",
        SECRET,
    )
    page.wait_for_url("**/accounts/login/?next=*")
    page.get_by_label("Email").fill(person.user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in and open my vault").click()
    expect(page.get_by_label("What should be remembered?")).to_have_value(SECRET)
    expect(page.get_by_text("Nothing is saved until you say so")).to_be_visible()


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "None"])
def test_a_forged_share_is_refused_and_leaves_the_session_alone(site: str) -> None:
    client = signed_in(new_person())
    answer = client.post("/share/", {"text": "x"}, headers={"Sec-Fetch-Site": site} if site else {})
    assert answer.status_code == 403
    assert b"This was not shared from your device" in answer.content
    assert form_of(client) == ""
    answer = Client().post("/share/", {"text": "x"}, headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403 and settings.SESSION_COOKIE_NAME not in answer.cookies


def test_it_does_not_wait_for_long_and_a_lock_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(new_person())
    shares(client, text=SECRET)
    monkeypatch.setattr(aside, "KEPT_FOR", -1)
    page = client.get("/memories/shared/").content.decode()
    assert SECRET not in page and "is not here any more" in page
    monkeypatch.undo()
    shares(client, text=SECRET)
    client.post("/lock/")
    assert "once_shared" not in client.session


def test_a_stranger_cannot_fill_the_server(client: Client) -> None:
    shares(client, text="w" * 50_000)
    kept = client.session["once_shared"][1]
    assert len(kept) < 2 * LONGEST_OF_A_STRANGER  # padded, sealed and in base64
    address = {"REMOTE_ADDR": "203.0.113.77"}
    answers = [
        Client().post("/share/", {"text": "x"}, headers=BY_THE_SYSTEM, **address).status_code
        for _ in range(12)
    ]
    assert answers[:10] == [302] * 10 and answers[-1] == 429


def test_nothing_is_shared_by_an_address(client: Client) -> None:
    assert client.get("/share/", {"text": "x"}).status_code == 405
