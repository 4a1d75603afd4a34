"""Names as long as they may be, in words that do not end: what stands beside them stays whole."""

import pytest
from playwright.sync_api import Page

from tests.frontend.conftest import Visit
from tests.frontend.test_access_for_all import runs_over
from tests.people import Person, new_person
from vault import collections
from vault.types import Right

LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverleihungsvorschriften"[:80]
OUT_OF_SIGHT = """() => [...document.querySelectorAll("main :is(select, .choice, .field-line)")]
    .map((one) => [one, one.getBoundingClientRect()])
    .filter(([, box]) => box.width && (box.right > innerWidth || box.left < 0))
    .map(([one]) => one.outerHTML.slice(0, 120))"""
BROKEN = """() => [...document.querySelectorAll("main td > :is(.choice, .field-line)")]
    .filter((one) => one.getBoundingClientRect().height > 48).map((one) => one.innerText)"""


@pytest.fixture
def page(visit: Visit) -> Page:
    person: Person = new_person()
    collections.create(person.access, person.owner_key, name=LONG, private=False)
    person.token("W" * 120, Personal=Right(see=True))
    return visit(person)


def test_a_long_name_pushes_no_choice_out_of_sight(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    for address in ("/grants/", "/grants/new/"):
        page.goto(address)
        assert page.evaluate(OUT_OF_SIGHT) == [] and runs_over(page) == [], address
    page.set_viewport_size({"width": 1280, "height": 800})
    page.reload()
    assert page.evaluate(BROKEN) == [] and page.evaluate(OUT_OF_SIGHT) == []
