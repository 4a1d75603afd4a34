"""The way to another model walked to its end: three targets, with and without a script."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from connectors.okf import handoff as okf
from connectors.okf.concept import file_of
from frontend.presenters.movetargets import MOST_PARTS, lines
from frontend.presenters.packing import zipped
from sync.handing import handoffs
from sync.handing.slicing import Wanted
from tests.frontend.conftest import Visit
from tests.frontend.test_move import remember
from tests.people import Person
from vault import bulk
from vault.types import KINDS, Draft


@pytest.fixture
def told(person: Person) -> Person:
    remember(person, "I drink green tea")
    remember(person, "Answer in short sentences", kind="instruction")
    return person


def test_chatgpt_takes_two_texts_each_with_its_button(visit: Visit, told: Person) -> None:
    page = visit(told)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/move/to/openai/")
    expect(page.locator("[aria-current=step]")).to_have_text("Choose what goes along")
    page.get_by_role("button", name="Take it along").click()
    expect(page.locator("[aria-current=step]")).to_have_text("Take it there")
    for name, words in (("How to answer", "short sentences"), ("About you", "green tea")):
        button = page.get_by_role("region", name=name).get_by_role("button")
        button.click()
        expect(button).to_have_text("Copied")
        expect(page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
        assert words in page.evaluate("navigator.clipboard.readText()")
        expect(button).to_have_text(f"Copy {name}")  # again after two seconds


def test_an_ollama_modelfile_is_downloaded(visit: Visit, told: Person) -> None:
    page = visit(told)
    page.goto("/move/to/ollama/")
    page.get_by_role("button", name="Take it along").click()
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)  # it is a file
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "Modelfile.txt"
    text = Path(download.value.path()).read_text()
    assert text.startswith("FROM ") and "green tea" in text


@pytest.mark.parametrize("target", ["anthropic", "openai", "ollama"])
def test_every_step_works_without_a_script(visit: Visit, told: Person, target: str) -> None:
    page = visit(told, java_script_enabled=False)
    page.goto("/move/")
    page.locator(f"a[href='/move/to/{target}/']").click()
    page.get_by_role("button", name="Take it along").click()
    expect(page.locator("[data-copy]:visible")).to_have_count(0)
    with page.expect_download():
        page.get_by_role("link", name="Download").click()
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("checkbox").first).to_be_checked()
    page.get_by_role("button", name="Ask me tomorrow").click()
    (one,) = handoffs.listing(told.access)
    assert one.remind_at and timedelta() < one.remind_at - timezone.now() <= timedelta(days=1)
    page.get_by_role("button", name="It arrived").click()
    expect(page.get_by_role("button", name="Ask me tomorrow")).to_have_count(0)


def test_on_paper_there_is_the_checklist_alone(visit: Visit, told: Person) -> None:
    wanted = Wanted(frozenset({told.collection("Personal")}), frozenset(KINDS))
    one = handoffs.take(told.access, "anthropic", wanted)
    page = visit(told, viewport={"width": 700, "height": 900})
    page.goto(f"/move/taken/{one.id}/")
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="What to do with it")).to_be_visible()
    for hidden in ("textarea", ".button", "nav", ".phone-bar"):
        expect(page.locator(f"{hidden}:visible")).to_have_count(0)
    main = page.locator("main")
    assert main.evaluate("main => main.clientWidth") > 600  # all of the sheet
    assert main.evaluate("main => main.scrollHeight - main.clientHeight") == 0  # nothing cut off


def test_a_look_makes_only_the_files_that_it_shows(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, made = person.collection("Personal"), []
    drafts = [(home, Draft(f"Note {number} about bees")) for number in range(2 * MOST_PARTS)]
    bulk.remember_many(person.access, drafts)
    monkeypatch.setattr(okf, "file_of", lambda *told: made.append(1) or file_of(*told))
    wanted = Wanted(frozenset({home}), frozenset(KINDS))
    look = handoffs.look(person.access, "okf", wanted)
    shown = lines(look.handout.parts, whole=False)
    assert (look.memories, len(look.handout.parts)) == (len(drafts), len(drafts) + 1)
    assert len(made) < MOST_PARTS == len(shown)
    assert all(line.size for line in shown)
    assert len(b"".join(zipped(look.handout.parts))) > 0
    assert len(made) > len(drafts)  # the download has all of them
