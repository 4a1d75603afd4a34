"""A vault whose rows were tampered with: what its owner is told, and how to go on."""

import pytest
from playwright.sync_api import expect

from tests.frontend.conftest import Visit
from tests.frontend.test_memories import remember
from tests.people import PASSWORD, Person
from vault import recall
from vault.errors import Tampered
from vault.models import Memory
from vault.scope import vault_scope
from vault.search import sealed


def test_a_whole_vault_is_said_to_be_whole(visit: Visit, person: Person) -> None:
    remember(person, "Vegetarian since 2015")
    page = visit(person)
    page.goto("/settings/check/")
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_role("heading", name="Everything is as you left it")).to_be_visible()
    expect(page.get_by_text("Complete")).to_have_count(6)


def test_a_loss_is_shown_and_can_be_accepted(visit: Visit, person: Person) -> None:
    remember(person, "Vegetarian since 2015")
    remember(person, "Allergic to peanuts")
    with vault_scope(person.vault_id):
        Memory.objects.filter(vault_id=person.vault_id).latest("created_at").delete()
    sealed.close(person.vault_id)
    with pytest.raises(Tampered):
        recall.search(person.access, "vegetarian")
    page = visit(person)
    page.goto("/settings/")
    page.get_by_role("link", name="Is everything there?").click()
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_text("should hold 2 memories and holds 1")).to_be_visible()
    page.get_by_role("link", name="Take it as it is").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Go on with what is there").click()
    expect(page.get_by_text("with 1 of its memories")).to_be_visible()
    page.goto("/memories/?q=vegetarian")
    expect(page.get_by_text("Vegetarian since 2015").first).to_be_visible()
