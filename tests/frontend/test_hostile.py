"""Words from outside never become anything but words, on any page they reach."""

from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.frontend.conftest import Visit, let_in
from tests.frontend.hostile import HOSTILE
from tests.frontend.test_memories import remember
from tests.people import Person
from vault import memories, savedviews
from vault.access import open_token
from vault.granting import grants
from vault.recalling import recall
from vault.text import clean
from vault.types import Draft, Right

SUGGESTED = HOSTILE[::4]
HIDDEN = "pay \u202eexe.txt\u202c now\u200b\u2066\u2069\U000e0041\U000e0042\x1b[31m\x00!"
WATCH = """document.addEventListener("securitypolicyviolation", (event) =>
    (window.violated ||= []).push(event.violatedDirective + " " + event.blockedURI))"""
MADE = """() => [...document.querySelectorAll("body, body *")].filter((one) => {
    const foreign = "iframe object embed portal base meta link style math marquee video audio img "
        + "hx-partial noscript foreignobject annotation-xml animate c-head c-toast";
    if (foreign.split(" ").includes(one.localName)) return true;
    if (one.localName === "script" && !one.nonce) return true;
    return [...one.attributes].some(({name, value}) =>
        /^(on|hx-on|data-hx-|srcdoc|style|ping)/i.test(name)
        || (/(href|src|action|data)$/i.test(name)
            && /^\\s*((https?:)?[/]{2}evil|(javascript|data|vbscript):)/i.test(value)));
}).map((one) => one.outerHTML.slice(0, 200))"""


@pytest.fixture
def victim(person: Person) -> Person:
    access = open_token(person.token(HOSTILE[0], Personal=Right(see=True, add="ask"))[1])
    home = person.collection("Personal")
    for text in HOSTILE:
        remember(person, text, title=text, vendor="openai")
    for text in SUGGESTED:
        memories.remember(access, home, Draft(text=f"suggested {text}"))
    remember(person, HIDDEN, vendor="openai")
    for text in HOSTILE[:5]:
        recall.search(access, "script", purpose=text)
    return person


@pytest.fixture
def watched(visit: Visit, victim: Person) -> Page:
    page = visit(victim)
    page.add_init_script(WATCH)
    asked: list[str] = []
    page.on("dialog", lambda dialog: _refuse(dialog, asked))
    page.on("request", lambda request: asked.append(request.url))
    yield page
    strangers = [url for url in asked if urlsplit(url).hostname != "127.0.0.1"]
    assert strangers == []


def _refuse(dialog: Dialog, asked: list[str]) -> None:
    asked.append(f"dialog://{dialog.message}")
    dialog.dismiss()


def inert(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.pwned") is None, page.url
    assert page.evaluate("window.violated") is None, page.url
    assert page.evaluate(MADE) == [], page.url
    assert page.get_by_role("heading", name="taken over").count() == 0
    assert page.locator("#toasts").count() <= 1 == page.locator("main").count()
    assert "satchel_argon2id" not in page.content()


def test_a_hundred_hostile_texts_are_inert_wherever_they_are_shown(
    watched: Page, victim: Person
) -> None:
    page = watched
    (grant, *_) = grants.listing(victim.access)
    for address in (
        "/",
        "/review/",
        "/review/?skip=1",
        "/grants/",
        f"/grants/{grant.id}/",
        f"/grants/{grant.id}/see/",
        "/activity/",
        "/go/?q=script",
        "/memories/?q=script",
        "/memories/?q=taken+over",
    ):
        page.goto(address)
        inert(page)
    page.goto("/memories/?source=openai")
    seen = words(page)
    inert(page)
    while page.get_by_role("link", name="Older").count():
        page.get_by_role("link", name="Older").click()
        inert(page)
        seen |= words(page)
    assert {clean(text) for text in HOSTILE} <= seen
    page.goto("/memories/")
    page.get_by_label("Search memories").fill("script")  # now they come as a fragment
    expect(page.locator("#results mark").first).to_be_visible()
    inert(page)
    page.get_by_label("Search memories").fill("<img src=x onerror='window.pwned = 1'>")
    expect(page.locator("#count")).to_contain_text("<img src=x onerror")
    inert(page)


def words(page: Page) -> set[str]:
    """What each entry says, its title and its text being the same."""
    found: list[str] = page.locator("#results .entry-link .clamp").evaluate_all(
        "all => all.map((one) => one.lastChild.textContent)"
    )
    return set(found)


def test_a_hundred_hostile_texts_are_inert_in_one_history(visit: Visit, person: Person) -> None:
    """Each of them as an earlier state of one memory, with the diff to the next."""
    made = remember(person, "At first", title="x")
    for text in HOSTILE:
        memories.revise(person.access, made.id, text=text, title=text)
    page = visit(person)
    page.add_init_script(WATCH)
    page.goto(f"/memories/{made.id}/")
    inert(page)
    expect(page.locator(".timeline > li")).to_have_count(len(HOSTILE))
    page.keyboard.press("e")
    expect(page.get_by_label("Memory", exact=True)).to_have_value(clean(HOSTILE[-1]))
    inert(page)


def test_a_view_and_a_search_are_as_inert_as_memories(visit: Visit, person: Person) -> None:
    page = visit(person)
    page.add_init_script(WATCH)
    for text in HOSTILE[::12]:
        savedviews.save(person.access, text[:60], {"q": text, "source": text})
        page.goto(f"/memories/?{urlencode({'q': text, 'source': text, 'since': text})}")
        inert(page)
    for address in ("/memories/", "/memories/views/"):
        page.goto(address)
        inert(page)


def test_what_is_invisible_is_not_shown(visit: Visit, victim: Person) -> None:
    page = visit(victim)
    page.goto("/memories/?q=pay")
    words = page.locator("#results .entry-link").first.inner_text()
    assert words == "pay exe.txt now[31m!"


def test_an_element_without_our_nonce_asks_for_nothing(browser_page: Page) -> None:
    """The second wall, should an escape ever be forgotten: htmx ignores what we did not mark."""
    page = browser_page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate("""() => {
        const bait = document.createElement("div");
        bait.setAttribute("hx-get", "/grants/");
        bait.setAttribute("hx-trigger", "load");
        document.querySelector("main").append(bait);
        htmx.process(bait);
    }""")
    page.wait_for_timeout(500)
    assert [url for url in asked if url.endswith("/grants/")] == []


def test_the_policy_refuses_markup_made_by_script(browser_page: Page) -> None:
    refused = browser_page.evaluate("""() => {
        try { document.querySelector("main").innerHTML = "<b>x</b>"; return ""; }
        catch (error) { return error.name; }
    }""")
    assert refused == "TypeError"


@pytest.fixture
def browser_page(page: Page, person: Person) -> Page:
    """Without the watch on the console: these tests provoke its errors."""
    let_in(page, person)
    return page
