"""Move to another model, walked in the browser: choose, look, take, copy or download, check."""

import io
import re
import zipfile
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from connectors.base.registry import handoffs as forms
from sync.handing import handoffs
from sync.handing.slicing import Wanted
from sync.importing import imports, reading
from sync.models import Handoff
from tests import exports
from tests.frontend.conftest import Visit
from tests.frontend.test_access_for_all import complaints
from tests.people import PASSWORD, Person, new_person
from vault import memories
from vault.scope import vault_scope
from vault.types import KINDS, Draft


def remember(person: Person, text: str, home: str = "Personal", kind: str = "fact") -> None:
    draft = Draft(text=text, kind=kind)  # type: ignore[arg-type]
    memories.remember(person.access, person.collection(home), draft)


def taken(person: Person, slug: str = "anthropic") -> handoffs.Taken:
    remember(person, "I drink green tea")
    wanted = Wanted(frozenset({person.collection("Personal")}), frozenset(KINDS))
    return handoffs.take(person.access, slug, wanted)


def test_every_form_is_offered(visit: Visit, person: Person) -> None:
    page = visit(person)
    page.goto("/move/")
    for form in forms().values():
        expect(page.get_by_role("heading", name=form.name)).to_be_visible()
    expect(page.get_by_role("heading", name="Taken along so far")).to_have_count(0)
    page.get_by_role("link", name="Open formats").click()
    expect(page.get_by_role("heading", name="Open formats")).to_be_in_viewport()
    taken(person)
    page.goto("/move/")
    page.get_by_role("link", name="Taken along so far").click()
    expect(page.get_by_role("heading", name="Taken along so far")).to_be_in_viewport()


def test_who_looks_for_a_way_out_under_settings_finds_it(visit: Visit, person: Person) -> None:
    page = visit(person)
    page.goto("/settings/data/")
    page.get_by_role("main").get_by_role("link", name="Move to another model").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Move to another model")


def test_claude_gets_its_text_copied_and_checked(visit: Visit, person: Person) -> None:
    remember(person, "I drink green tea")
    remember(person, "My insulin is at six", "Health")
    page = visit(person)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/move/")
    page.get_by_role("link", name="Choose Claude, memory import").click()
    text = page.get_by_role("textbox").filter(has_text="green tea")
    expect(text).to_have_value(re.compile("I drink green tea"))
    expect(page.get_by_text("insulin")).to_have_count(0)
    page.get_by_label("Health (1, private)").check()
    expect(page.get_by_text("Something private goes along: Health.")).to_be_visible()
    page.get_by_label("Health (1, private)").uncheck()
    expect(page.get_by_text("Something private goes along")).to_have_count(0)
    page.get_by_role("button", name="Take it along").click()
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert "I drink green tea" in page.evaluate("navigator.clipboard.readText()")
    with page.expect_download() as told:
        page.get_by_role("link", name="Download").click()
    assert told.value.suggested_filename.endswith(".txt")
    first = page.get_by_role("checkbox").first
    with page.expect_navigation():
        first.check()
    expect(page.get_by_role("checkbox").first).to_be_checked()
    page.get_by_role("button", name="It arrived").click()
    expect(page.get_by_text("It arrived", exact=True)).to_be_visible()
    page.goto("/activity/")
    expect(page.get_by_role("table").get_by_text("Took memories along")).to_be_visible()


def test_a_file_is_downloaded_and_a_zip_holds_several(visit: Visit, person: Person) -> None:
    brought = exports.zipped([exports.conversation("c1", ["Which sights?", "Many."])])
    begun = imports.begin(person.access, [exports.upload(brought)], start=reading.run)
    imports.accept(person.access, begun.id, start=reading.run)
    page = visit(person)
    remember(person, "I drink green tea")
    page.goto("/move/to/agents/")
    page.get_by_role("button", name="Take it along").click()
    with page.expect_download() as told:
        page.get_by_role("link", name="Download").click()
    assert told.value.suggested_filename == "AGENTS.md"
    assert "I drink green tea" in told.value.path().read_text()
    page.goto("/move/to/satchel-training/")
    page.get_by_role("button", name="Take it along").click()
    with page.expect_download() as told:
        page.get_by_role("link", name="Download").click()
    with zipfile.ZipFile(io.BytesIO(told.value.path().read_bytes())) as packed:
        assert packed.testzip() is None
        lines = "".join(packed.read(name).decode() for name in packed.namelist())
    assert "Which sights?" in lines and "Many." in lines


def test_it_works_without_scripts(visit: Visit, person: Person) -> None:
    remember(person, "I drink green tea")
    page = visit(person, java_script_enabled=False)
    page.goto("/move/to/openai/")
    page.get_by_label("Personal (1)").uncheck()
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("heading", name="Nothing goes along")).to_be_visible()
    page.get_by_label("Personal (1)").check()
    page.get_by_role("button", name="Look at it").click()
    page.get_by_role("button", name="Take it along").click()
    expect(page.get_by_role("textbox").filter(has_text="green tea")).to_be_visible()


def test_home_asks_whether_it_arrived_until_it_is_answered(visit: Visit, person: Person) -> None:
    one = taken(person)
    with vault_scope(person.vault_id):
        mine = Handoff.objects.filter(vault_id=person.vault_id, id=one.id)
        mine.update(remind_at=timezone.now() - timedelta(days=1))
    page = visit(person)
    page.goto("/")
    page.get_by_role("link", name="Did they arrive?").click()
    page.get_by_role("button", name="Ask me in a week").click()
    expect(page.get_by_text("You will be asked again in a week.")).to_be_visible()
    page.goto("/")
    expect(page.get_by_role("link", name="Did they arrive?")).to_have_count(0)


def test_a_strangers_is_not_found(visit: Visit, person: Person) -> None:
    one = taken(new_person())
    page = visit(person)
    for path in ("", "files/"):
        answer = page.request.get(f"/move/taken/{one.id}/{path}")
        assert answer.status == 404
    assert page.request.get("/move/to/nowhere/").status == 404


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
def test_everybody_can_use_it(visit: Visit, person: Person, width: int, scheme: str) -> None:
    one = taken(person, "openai")
    page = visit(person, viewport={"width": width, "height": 900}, color_scheme=scheme)
    for path in ("/move/", "/move/to/ollama/", f"/move/taken/{one.id}/"):
        page.goto(path)
        assert complaints(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.parametrize(
    "text", ["</textarea><script>alert(1)</script>", "```\n# ignore", "\u202eabc"]
)
def test_hostile_words_stay_words(visit: Visit, person: Person, text: str) -> None:
    remember(person, text)
    page = visit(person)
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    for slug in ("anthropic", "agents", "ollama"):
        page.goto(f"/move/to/{slug}/")
        expect(page.get_by_role("button", name="Take it along")).to_be_visible()


def test_the_choice_outlives_a_reload_and_a_vault_that_locked(visit: Visit, person: Person) -> None:
    remember(person, "I drink green tea")
    remember(person, "My insulin is at six", "Health")
    page = visit(person)
    page.goto("/move/to/anthropic/")
    page.get_by_label("Health (1, private)").check()
    expect(page.get_by_text("Something private goes along")).to_be_visible()
    page.get_by_label("Personal (1)").uncheck()
    expect(page.get_by_text("green tea")).to_have_count(0)
    page.reload()
    expect(page.get_by_label("Health (1, private)")).to_be_checked()
    expect(page.get_by_label("Personal (1)")).not_to_be_checked()
    beside = page.context.new_page()
    beside.goto("/")
    beside.get_by_role("button", name="Lock now").first.click()
    expect(beside.get_by_role("button", name="Unlock", exact=True)).to_be_visible()
    page.get_by_role("button", name="Take it along").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Unlock", exact=True).click()
    expect(page.get_by_label("Health (1, private)")).to_be_checked()
    expect(page.get_by_label("Personal (1)")).not_to_be_checked()


def test_an_address_does_not_take_anything_along(visit: Visit, person: Person) -> None:
    remember(person, "I drink green tea")
    page = visit(person)
    page.goto(
        f"/move/to/anthropic/?chosen=yes&take=yes&collections={person.collection('Personal')}"
    )
    expect(page.get_by_role("heading", name="Nothing goes along")).to_be_visible()
    assert handoffs.listing(person.access) == []


def test_an_empty_vault_says_where_memories_come_from(visit: Visit, person: Person) -> None:
    page = visit(person)
    page.goto("/move/to/anthropic/")
    page.get_by_role("link", name="Import what a model knows about you").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Import")
    remember(person, "I drink green tea")
    page.goto("/move/to/satchel-training/")
    expect(page.get_by_text("This form takes whole conversations")).to_be_visible()


def test_many_parts_to_paste_are_counted_beforehand(visit: Visit, person: Person) -> None:
    for number in range(9):
        remember(person, f"{number} " + "tea and bread " * 700)
    page = visit(person)
    page.goto("/move/to/anthropic/")
    expect(page.get_by_text("parts, to be pasted one after the other")).to_be_visible()
