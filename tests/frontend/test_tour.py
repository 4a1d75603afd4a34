"""The tour in README.md, "Five minutes", step by step, by clicks, in one vault.

Step 7, distilling, is walked in `test_distilling.py`, an app's own sign-in in `test_consent.py`.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests import exports
from tests.frontend.conftest import h1, visiting
from tests.frontend.test_connections_live import connect
from tests.frontend.test_doors import code_on, sign_up
from tests.frontend.test_grants import make_token
from tests.frontend.test_imports import send
from tests.frontend.test_memories import rows
from tests.stack import Live, Worker

TALKS = [
    exports.conversation("c1", ["Which sights are in Kyoto?", "Many."], title="Kyoto"),
    exports.conversation("c2", ["I was diagnosed with asthma", "I see."], title="Health"),
    exports.conversation("c3", ["My PIN is 4821", "Noted."], title="Hm"),
    {"id": "broken", "title": "no messages"},
]

Call = Callable[..., httpx.Response]


@pytest.fixture(scope="module")
def page(browser: Browser, live: Live, worker: Worker) -> Iterator[Page]:
    """Somebody who has just signed up and kept the recovery kit."""
    with visiting(browser, live) as visit:
        page = visit(permissions=["clipboard-read", "clipboard-write"])
        sign_up(page)
        expect(page.get_by_role("button", name="Print")).to_be_visible()
        groups = code_on(page).split("-")
        page.get_by_label("Group 2").fill(groups[1])
        page.get_by_label("Group 5").fill(groups[4])
        page.get_by_role("button", name="I have kept it").click()
        page.get_by_role("link", name="Import an export").wait_for()
        yield page


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "export.zip"
    path.write_bytes(exports.zipped(TALKS))
    return path


@pytest.fixture(scope="module")
def token(page: Page) -> str:
    """A script may see Personal, and add there what it asks for."""
    return make_token(page, "Letter writer")


@pytest.fixture
def call(token: str, live: Live) -> Call:
    """As the tour's `curl` does."""

    def ask(path: str, **body: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        to = f"{live.url}/api/v1{path}"
        if body:
            return httpx.post(to, headers=headers, json=body)
        return httpx.get(to, headers=headers)

    return ask


def write(page: Page, *texts: str) -> None:
    for text in texts:
        page.goto("/memories/new/")
        page.get_by_label("What should be remembered?").fill(text)
        page.get_by_role("button", name="Remember it").click()
        expect(page.locator(".memory-text")).to_have_text(text)


def title_is(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words, timeout=60_000)


def test_1_a_vault_of_ones_own(page: Page) -> None:
    page.goto("/")
    assert h1(page) == "Nothing here yet"
    expect(page.get_by_text("Your recovery code is not confirmed.")).to_have_count(0)


def test_2_an_export_is_judged_before_it_comes_in(page: Page, export: Path) -> None:
    page.goto("/")
    page.get_by_role("link", name="Import", exact=True).first.click()
    send(page, export)
    title_is(page, "This is in your ChatGPT export")
    expect(page.get_by_role("region", name="What could not be read")).to_be_visible()
    for what, where in (("Health", "Health (private)"), ("Travel", "Travel")):
        chosen = page.get_by_label(f"{what} goes to").locator("option:checked")
        expect(chosen).to_have_text(where)
    page.get_by_label("Passwords, keys and codes goes to").select_option(label="Leave out")
    page.get_by_role("button", name="Add to my vault").click()
    title_is(page, "Imported your ChatGPT export")
    page.get_by_role("link", name="Look at them").click()
    before = rows(page)
    assert len(before) >= 2 and not any("4821" in row for row in before)

    send(page, export)
    title_is(page, "This is in your ChatGPT export")
    page.get_by_role("button", name="Add to my vault").click()
    title_is(page, "Imported your ChatGPT export")
    page.goto("/memories/")
    assert set(before) <= set(rows(page)) and len(rows(page)) == len(set(rows(page)))


def test_3_found_corrected_merged_forgotten_and_brought_back(page: Page) -> None:
    write(page, "Works as a hydrologist in Utrecht", "Is a hydrologist")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("/")
    page.wait_for_url("**/memories/#q")
    page.keyboard.type("utrecht")
    page.wait_for_url("**/?q=utrecht")
    page.locator(".entry-link").filter(has_text="in Utrecht").click()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Memory", exact=True).fill("Works as a hydrologist in Delft")
    page.get_by_role("button", name="Save").click()
    text = page.locator(".memory-text")
    expect(text).to_have_text("Works as a hydrologist in Delft")

    page.goto("/memories/")
    for one in ("Works as a hydrologist in Delft", "Is a hydrologist"):
        page.get_by_role("checkbox", name=f"Select: {one}").check()
    page.get_by_label("Do this").select_option(label="Merge into one …")
    page.get_by_role("button", name="Do it").click()
    page.get_by_label("Other words for it").fill("Works as a hydrologist")
    page.get_by_role("button", name="Merge").click()
    expect(page.locator("#toasts")).to_contain_text("Made one memory of 2.")

    page.get_by_role("button", name="Forget").click()
    expect(page.get_by_text("You can undo this for 30 days.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(text).to_have_text("Works as a hydrologist")


def test_4_a_script_reads_and_what_it_adds_waits(page: Page, call: Call) -> None:
    write(page, "Prefers letters on paper")
    (personal,) = call("/me").json()["collections"]
    assert personal["name"] == "Personal"
    told = call("/context", query="draft a cover letter", max_tokens=800).json()
    assert "Prefers letters on paper" in told["context"]
    assert all(one["id"] for one in told["memories"])
    wish = {"collection_id": personal["id"], "kind": "preference"}
    answer = call("/memories", text="Prefers short answers", **wish)
    assert answer.status_code in (201, 202), answer.text
    page.goto("/")
    page.get_by_role("link", name="Review").first.click()
    card = page.get_by_role("article")
    expect(card).to_contain_text("Prefers short answers")
    card.get_by_role("button", name="Accept").click()
    expect(page.locator("#toasts")).to_contain_text("Remembered.")
    found = call("/search", query="short answers").json()
    assert "Prefers short answers" in str(found)


def test_5_a_folder_is_kept_in_step(page: Page, tmp_path: Path) -> None:
    (tmp_path / "tea.md").write_text("Likes tea\n")
    write(page, "Rows on Sundays")
    connect(page, tmp_path)
    expect(page.locator(".state", has_text="Up to date")).to_be_visible(timeout=60_000)
    held = {one: one.read_text() for one in tmp_path.rglob("*.md")}
    (rowing,) = (one for one, text in held.items() if "Rows on Sundays" in text)
    address = page.url
    (tmp_path / "cello.md").write_text("Plays the cello\n")
    page.get_by_role("button", name="See what would happen").click()
    expect(page.get_by_text("1 would be taken in")).to_be_visible(timeout=60_000)
    page.goto("/memories/?q=cello")
    assert "Plays the cello" not in rows(page)  # a look changes nothing

    rowing.write_text(held[rowing].replace("Sundays", "Mondays"))
    page.goto("/memories/?q=sundays")
    page.locator(".entry-link").filter(has_text="Rows on Sundays").click()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Memory", exact=True).fill("Rows on Fridays")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".memory-text")).to_have_text("Rows on Fridays")
    page.goto(address)
    page.get_by_role("button", name="Run now").click()
    page.get_by_role("link", name="Decide under Review").click(timeout=60_000)
    expect(page.get_by_role("article").locator("del")).to_have_text("Fridays")
    expect(page.get_by_role("article").locator("ins")).to_have_text("Mondays")

    page.goto(address)
    page.get_by_role("link", name="Disconnect").click()
    page.get_by_label("Take it back").check()
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_role("heading", name="Receipt")).to_be_visible(timeout=60_000)
    assert {one.read_text() for one in tmp_path.rglob("*.md")} >= {"Likes tea\n"}


def test_6_taken_along_to_another_model(page: Page) -> None:
    write(page, "Drinks green tea")
    page.get_by_role("link", name="Move", exact=True).first.click()
    page.get_by_role("link", name="Choose Claude, memory import").click()
    page.get_by_role("button", name="Take it along").click()
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "Drinks green tea" in copied and "asthma" not in copied
    with page.expect_download() as file:
        page.get_by_role("link", name="Download").click()
    assert "Drinks green tea" in Path(file.value.path()).read_text()
    with page.expect_navigation():
        page.get_by_role("checkbox").first.check()
    expect(page.get_by_role("checkbox").first).to_be_checked()
    page.get_by_role("button", name="It arrived").click()
    expect(page.get_by_text("It arrived", exact=True)).to_be_visible()


def test_8_revoked_and_what_it_read_stays_told(page: Page, call: Call) -> None:
    write(page, "Keeps bees")
    assert "Keeps bees" in call("/context", query="bees", purpose="a letter").json()["context"]
    page.goto("/grants/")
    page.get_by_role("button", name="Revoke Letter writer").click()
    expect(page.locator("#live")).to_have_text("Letter writer: access stopped.")
    assert call("/me").status_code == 401
    assert call("/context", query="bees").status_code == 401
    page.get_by_role("link", name="Activity").first.click()
    line = page.get_by_role("row", name=re.compile("Letter writer.*“a letter”"))
    line.get_by_role("link", name="see which").click()
    expect(page.get_by_text("Keeps bees")).to_be_visible()
