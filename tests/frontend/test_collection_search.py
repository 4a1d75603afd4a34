"""Switching a collection to indexed search and back in the browser, with a real worker."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.frontend.conftest import Visit
from tests.people import PASSWORD, Person
from tests.stack import Worker
from vault import bulk
from vault.embedding import folding, indexing
from vault.models import TurnedVector
from vault.recalling import recall
from vault.scope import vault_scope
from vault.search import sealed
from vault.types import Draft

HONEST = (
    "Indexed mode is obfuscation, not encryption: somebody who steals the database and knows about"
    " 20 of your memories can undo most of it."
)


def fill(person: Person) -> None:
    home = person.collection("Personal")
    drafts = [(home, Draft(f"Note {number} about the bees")) for number in range(folding.FOLD_FROM)]
    bulk.remember_many(person.access, drafts)
    indexing.index_next(person.access, None, 1000)
    folding.fold(person.access)


def turned(person: Person) -> int:
    with vault_scope(person.vault_id):
        return TurnedVector.objects.filter(vault_id=person.vault_id).count()


def wait_for(page: Page, words: str) -> None:
    expect(page.get_by_text(words, exact=True)).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Search goes on meanwhile, and")).to_have_count(0, timeout=30_000)


def test_there_and_back(visit: Visit, person: Person, worker: Worker) -> None:
    fill(person)
    page = visit(person)
    page.goto(f"/settings/collections/{person.collection('Personal')}/")
    page.get_by_role("link", name="How this collection is searched").click()
    expect(page.get_by_text("Sealed", exact=True)).to_be_visible()
    expect(page.get_by_text(HONEST)).to_be_visible()
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert Axe().run(page).violations_count == 0
    page.get_by_label("Your password", exact=True).fill("not mine at all")
    page.get_by_role("button", name="Index Personal").click()
    expect(page.get_by_text("This is not your password")).to_be_visible()
    assert turned(person) == 0
    page.get_by_label("Your password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Index Personal").click()
    wait_for(page, "Indexed")
    assert turned(person) == folding.FOLD_FROM
    sealed.close(person.vault_id)
    assert recall.search(person.access, "what do insects have to do with it")
    expect(page.get_by_text(HONEST)).to_have_count(0)
    page.get_by_role("button", name="Seal it again").click()
    wait_for(page, "Sealed")
    assert turned(person) == 0
    page.goto("/activity/")
    expect(page.get_by_role("table").get_by_text("Had a collection indexed").first).to_be_visible()
