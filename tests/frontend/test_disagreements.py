"""A memory that is disagreed on: both versions on its page, the owner's word, and its undo."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from sync.engine.conflicts import of_memory
from sync.models import Conflict
from tests.frontend.conftest import Visit
from tests.frontend.connectionshow import one_connection
from tests.frontend.test_memories import remember
from tests.people import Person
from vault import memories
from vault.ids import new_id
from vault.models import Pair
from vault.reviewing import pairs, suggestions
from vault.scope import vault_scope
from vault.types import Memory, Right

OURS, THEIRS = "Works as a hydrologist in Utrecht", "Works as a hydrologist in Delft"


@pytest.fixture
def asked(person: Person) -> Memory:
    """An app that may only ask wants other words."""
    made = remember(person, OURS, vendor="openai")
    app = person.grantee(Personal=Right(see=True, add="ask"))
    memories.revise(app, made.id, text=THEIRS)
    return made


@pytest.fixture
def conflict(person: Person, asked: Memory) -> Memory:
    """The same as a connection's conflict."""
    one = one_connection(person, "Mem0 of Ana")
    (waiting,) = suggestions.about(person.access, asked.id)
    with vault_scope(person.vault_id):
        Conflict.objects.create(
            vault_id=person.vault_id,
            id=new_id(),
            connection_id=one.id,
            link_id=new_id(),
            memory_id=asked.id,
            suggestion_id=waiting.id,
            revision=1,
            theirs=b"",
            since=timezone.now(),
        )
    assert of_memory(person.access, asked.id) == {waiting.id: one.id}
    return asked


def text(person: Person, memory: Memory) -> str:
    return memories.get(person.access, memory.id).text


@pytest.mark.parametrize("scripted", [True, False])
def test_both_versions_are_shown_and_one_is_kept_and_taken_back(
    visit: Visit, person: Person, conflict: Memory, scripted: bool
) -> None:
    page = visit(person, java_script_enabled=scripted)
    page.goto(f"/memories/{conflict.id}/")
    panel = page.get_by_role("region", name="Vendors disagree")
    expect(panel.locator("mark")).to_have_text(["Utrecht", "Delft"])
    expect(panel.locator(".side").nth(1)).to_contain_text("newer")
    expect(panel.locator(".writes")).to_contain_text("Mem0 of Ana")
    expect(panel.locator(".writes")).to_contain_text("yes")
    panel.locator(".side").nth(1).get_by_role("button", name="Keep this").click()
    expect(page.locator("#memory .memory-text")).to_have_text(THEIRS)
    expect(panel).to_have_count(0)
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("#memory .memory-text")).to_have_text(OURS)
    expect(panel).to_be_visible()
    panel.locator(".side").nth(0).get_by_role("button", name="Keep this").click()
    expect(panel).to_have_count(0)
    assert text(person, conflict) == OURS
    assert suggestions.about(person.access, conflict.id) == []


def test_both_were_true_at_different_times(visit: Visit, person: Person, asked: Memory) -> None:
    page = visit(person)
    page.goto(f"/memories/{asked.id}/")
    panel = page.get_by_role("region", name="An app suggests other words")
    panel.get_by_role("button", name="Both were true, at different times").click()
    expect(page.locator("#memory .memory-text")).to_have_text(THEIRS)
    listed = memories.listing(person.access, limit=10).memories
    (older,) = [one for one in listed if one.text == OURS]
    assert older.valid_until is not None and older.valid_until <= timezone.now()
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("#memory .memory-text")).to_have_text(OURS)
    assert memories.get(person.access, older.id).forgotten_at is not None
    assert len(suggestions.about(person.access, asked.id)) == 1


def test_words_of_ones_own_settle_it(visit: Visit, person: Person, asked: Memory) -> None:
    page = visit(person)
    page.goto(f"/memories/{asked.id}/")
    page.get_by_role("link", name="Write my own").click()
    page.get_by_label("Memory", exact=True).fill("Works in Utrecht and in Delft")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#memory .memory-text")).to_have_text("Works in Utrecht and in Delft")
    assert suggestions.about(person.access, asked.id) == []


def test_two_memories_that_disagree(visit: Visit, person: Person) -> None:
    one, two = remember(person, OURS), remember(person, THEIRS)
    first, second = sorted((one.id, two.id))
    with vault_scope(person.vault_id):
        Pair.objects.filter(vault_id=person.vault_id).delete()
        Pair.objects.create(
            vault_id=person.vault_id,
            first_id=first,
            second_id=second,
            kind="disagreement",
            found_at=timezone.now(),
        )
    page = visit(person)
    page.goto(f"/memories/{one.id}/")
    panel = page.get_by_role("region", name="Another memory says otherwise")
    panel.get_by_role("button", name="Both were true").click()
    expect(page.locator("#memory")).to_contain_text("Was true until")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(panel).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.keyboard.press("1")  # ours
    expect(panel).to_have_count(0)
    assert memories.get(person.access, two.id).forgotten_at is not None
    assert pairs.about(person.access, one.id, "disagreement") == []


def test_a_word_said_too_late_or_about_nothing_is_refused(
    visit: Visit, person: Person, asked: Memory
) -> None:
    page = visit(person)
    page.goto(f"/memories/{asked.id}/")
    (waiting,) = suggestions.about(person.access, asked.id)
    suggestions.decline(person.access, waiting.id)
    page.locator(".side").nth(1).get_by_role("button", name="Keep this").click()
    expect(page.locator("#toasts")).to_contain_text("This was decided meanwhile.")
    assert text(person, asked) == OURS
