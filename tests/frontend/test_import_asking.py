"""Pasting a list, and being asked what is in files that nobody knows, in the browser."""

import json
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.frontend.conftest import Visit
from tests.frontend.test_imports import send
from tests.people import Person
from tests.stack import Worker
from vault import memories

ANSWER = """Sure, here it is:

```
# Instructions: how I want you to answer
[2026-01-31] - Answer in metric units
# Personal details
[unknown] - Lives in Utrecht
[2026-02-01] - Plays the cello
```

That was all."""
ODD = [{"zork": f"Keeps bees, hive {n}", "on": "2026-03-01", "who": "x"} for n in range(3)]


def test_a_pasted_list_becomes_memories(visit: Visit, person: Person, worker: Worker) -> None:
    page = visit(person)
    page.goto("/import/")
    expect(page.locator("#prompt")).to_contain_text("[2026-01-31] - what you know")
    page.get_by_label("Paste what another assistant told you").fill(ANSWER)
    page.get_by_role("button", name="Look inside", exact=True).click()
    title = page.get_by_role("heading", level=1)
    expect(title).to_have_text("This is in your files", timeout=60_000)
    found = page.get_by_role("region", name="What is in it")
    expect(found).to_contain_text("Plays the cello")
    page.get_by_role("button", name="Add to my vault").click()
    expect(title).to_have_text("Imported your files", timeout=60_000)
    kept = {(one.text, one.kind) for one in memories.listing(person.access).memories}
    assert kept == {
        ("Answer in metric units", "instruction"),
        ("Lives in Utrecht", "profile"),
        ("Plays the cello", "profile"),
    }


def test_nothing_pasted_is_said_at_the_field(visit: Visit, person: Person) -> None:
    page = visit(person)
    page.goto("/import/")
    field = page.get_by_label("Paste what another assistant told you")
    field.fill("   \n ")
    page.get_by_role("button", name="Look inside", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Paste what the assistant answered.")
    expect(field).to_have_attribute("aria-invalid", "true")


def test_the_prompt_is_copied(visit: Visit, person: Person) -> None:
    page = visit(person, permissions=["clipboard-read", "clipboard-write"])
    page.goto("/import/")
    page.get_by_role("button", name="Copy what to ask it").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#prompt").inner_text().strip()


def test_unknown_files_are_asked_about_and_the_answer_can_be_corrected(
    visit: Visit, person: Person, worker: Worker, tmp_path: Path
) -> None:
    odd = tmp_path / "bees.json"
    odd.write_text(json.dumps(ODD))
    page = visit(person, viewport={"width": 320, "height": 800})
    send(page, odd)
    title = page.get_by_role("heading", level=1)
    expect(title).to_have_text("What is in these files?", timeout=60_000)
    expect(page.get_by_role("heading", name="A JSON list of 3 entries")).to_be_visible()
    expect(page.get_by_role("cell", name="Keeps bees, hive 0")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 320

    assert page.get_by_label("The text").input_value() == ""  # nothing speaks for any of them
    page.locator("form", has=page.get_by_label("The text")).evaluate(
        "f => { f.noValidate = true; }"
    )
    page.get_by_role("button", name="Read it like this").click()
    expect(page.locator("main")).to_contain_text("Choose the part that holds the text.")
    expect(page.get_by_label("The text")).to_be_focused()
    page.get_by_label("The text").select_option("who")  # a mistake
    page.get_by_role("button", name="Read it like this").click()
    expect(title).to_have_text("This is in your files", timeout=60_000)

    page.get_by_role("button", name="Read it differently").click()
    expect(title).to_have_text("What is in these files?")
    page.get_by_label("The text").select_option("zork")
    page.get_by_label("When").select_option("on")
    page.get_by_role("button", name="Read it like this").click()
    found = page.get_by_role("region", name="What is in it")
    expect(found).to_contain_text("Keeps bees, hive 2", timeout=60_000)
    expect(found).to_contain_text("1 Mar 2026")
    assert memories.counts(person.access).total == 0


def test_one_of_several_sorts_can_be_left_out(
    visit: Visit, person: Person, worker: Worker, tmp_path: Path
) -> None:
    odd, other = tmp_path / "bees.json", tmp_path / "stones.json"
    odd.write_text(json.dumps(ODD))
    other.write_text(json.dumps([{"gravel": "Rolls", "size": "3"}]))
    page = visit(person)
    send(page, odd, other)
    title = page.get_by_role("heading", level=1)
    expect(title).to_have_text("What is in these files?", timeout=60_000)
    page.get_by_label("The text").nth(0).select_option("zork")
    page.get_by_label("The text").nth(1).select_option(label="Leave these out")
    page.get_by_role("button", name="Read it like this").click()
    found = page.get_by_role("region", name="What is in it")
    expect(found).to_contain_text("saved memories3", timeout=60_000)
    expect(found).not_to_contain_text("Rolls")


def test_a_waiting_question_is_on_the_home_page(
    visit: Visit, person: Person, worker: Worker, tmp_path: Path
) -> None:
    odd = tmp_path / "bees.json"
    odd.write_text(json.dumps(ODD))
    page = visit(person)
    send(page, odd)
    title = page.get_by_role("heading", level=1)
    expect(title).to_have_text("What is in these files?", timeout=60_000)
    page.goto("/")
    page.get_by_role("link", name="An import asks what is in your files").click()
    page.get_by_role("button", name="Throw the files away").click()
    expect(title).to_have_text("Import cancelled")


def test_exports_are_found_by_words(visit: Visit, person: Person) -> None:
    page = visit(person)
    page.goto("/import/?find=grok")
    assert page.locator("#guide summary", has_text="Grok").is_visible()
    assert page.locator("#guide summary", has_text="ChatGPT").count() == 0
    page.get_by_label("Search assistants, services and formats").fill("obsidian")
    expect(page.locator("#guide")).to_contain_text("Your own files")
    expect(page.locator("#guide")).not_to_contain_text("Grok")
    page.get_by_label("Search assistants, services and formats").fill("qqqq")
    expect(page.locator("#guide")).to_contain_text(re.compile("Nothing is called that"))


def test_all_of_it_without_javascript(
    visit: Visit, person: Person, worker: Worker, tmp_path: Path
) -> None:
    page = visit(person, java_script_enabled=False)
    page.goto("/import/")
    expect(page.get_by_role("button", name="Copy what to ask it")).to_be_hidden()
    page.get_by_label("Search assistants, services and formats").fill("grok")
    page.get_by_label("Search assistants, services and formats").press("Enter")
    page.wait_for_url("**/import/?find=grok")
    page.get_by_label("Paste what another assistant told you").fill('[{"zork": "Keeps bees"}]')
    page.get_by_role("button", name="Look inside", exact=True).click()
    title = page.get_by_role("heading", level=1)
    _wait_while_reading(page)
    expect(title).to_have_text("What is in these files?")
    page.get_by_label("The text").select_option("zork")
    page.get_by_role("button", name="Read it like this").click()
    _wait_while_reading(page)
    expect(title).to_have_text("This is in your files")
    expect(page.get_by_role("region", name="What is in it")).to_contain_text("Keeps bees")


def _wait_while_reading(page: Page) -> None:
    """As somebody does who has nothing but links."""
    title = page.get_by_role("heading", level=1)
    for _ in range(100):
        if title.inner_text() != "Reading your files":
            return
        page.wait_for_timeout(300)
        page.get_by_role("link", name="See how far it is now").click()
