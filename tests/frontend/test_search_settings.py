"""Choosing a search model in the browser, with a real worker and a real embeddings API."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import RequestFactory
from playwright.sync_api import Page, expect

from frontend.views import searchsettings
from sync.upkeep import reembedding
from tests import embeddings_api
from tests.embeddings_api import EmbeddingsApi
from tests.frontend.conftest import Visit, h1
from tests.people import PASSWORD, Person
from tests.stack import Worker
from vault import bulk
from vault.embedding import embedders, indexing
from vault.models import JobSlot
from vault.recalling import recall
from vault.scope import vault_scope
from vault.search.choice import BUNDLED
from vault.search.errors import EmbedderError
from vault.types import Draft

MANY = 80


@pytest.fixture
def api() -> Iterator[EmbeddingsApi]:
    with EmbeddingsApi() as running:
        yield running


def fill(person: Person) -> None:
    home = person.collection("Personal")
    drafts = [(home, Draft(f"Note {number} about the bees")) for number in range(MANY)]
    bulk.remember_many(person.access, drafts)
    after = None
    while (portion := indexing.embed_next(person.access, after, 200)).last:
        after = portion.last


def choose(page: Page, api: EmbeddingsApi, key: str = "") -> None:
    page.goto("/settings/search/")
    page.get_by_label("A server of your own, or a hosted one").check()
    page.get_by_label("Address").fill(api.base)
    page.get_by_label("Name of the model").fill("toy")
    if key:
        page.get_by_label("API key", exact=True).fill(key)
    with page.expect_event("load"):
        page.get_by_role("button", name="Test it and go on").click()


def agree(page: Page) -> None:
    page.get_by_label(re.compile("to read my memories")).check()
    page.get_by_label("Your password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Switch").click()
    page.wait_for_url("**/settings/search/")


def test_from_the_built_in_model_to_a_server_and_back(
    visit: Visit, person: Person, worker: Worker, api: EmbeddingsApi
) -> None:
    fill(person)
    page = visit(person)
    page.goto("/settings/")
    page.get_by_role("main").get_by_role("link", name="Search").click()
    expect(page.get_by_role("region", name="In use")).to_contain_text("nothing leaves it")
    choose(page, api, key="sk-secret")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Switch to toy at"))
    host = f"127.0.0.1:{api.port}"
    what = page.locator("form ul")
    expect(what).to_contain_text(f"{MANY} memories")
    expect(what).to_contain_text(f"will be sent to {host}")
    expect(what).to_contain_text("A hosted embedding API sees your memories' text")
    assert "sk-secret" not in page.content()
    assert not [text for text in api.texts if "Note" in text]  # nothing before the yes

    page.locator("form.card").evaluate("form => { form.noValidate = true; }")
    page.get_by_label("Your password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Switch").click()
    expect(page.get_by_text("This field is required")).to_be_visible()
    assert not [text for text in api.texts if "Note" in text]

    api.mood = embeddings_api.slow(0.7)
    agree(page)
    bar = page.get_by_role("progressbar")
    expect(bar).to_be_visible()
    page.reload()  # progress survives it
    expect(page.get_by_role("region", name="Switching to toy")).to_contain_text(f"of {MANY}")
    expect(bar).to_have_count(0, timeout=60_000)
    expect(page.get_by_role("region", name="In use")).to_contain_text(f"toy at {host}")
    expect(page.get_by_role("region", name="In use")).to_contain_text(f"{host} reads every memory")
    api.mood = None
    page.goto("/memories/?q=bees")
    expect(page.locator("#results mark").first).to_have_text("bees")

    page.goto("/settings/search/")
    page.get_by_label("Built in", exact=True).check()
    page.get_by_role("button", name="Test it and go on").click()
    expect(page.locator("form ul")).to_contain_text("Nothing leaves it")
    page.get_by_role("button", name="Switch").click()
    expect(page.get_by_role("region", name="In use")).to_contain_text(
        "Runs on this server", timeout=60_000
    )
    assert embedders.chosen(person.access).now == BUNDLED


@pytest.mark.parametrize(
    ("mood", "words"),
    [
        (embeddings_api.status(401), "did not accept the API key"),
        (embeddings_api.status(404), "knows no such model"),
        (embeddings_api.body(b"<html>"), "not that of an embeddings API"),
    ],
    ids=["401", "404", "no api"],
)
def test_a_failed_test_is_said_where_it_was_asked_for(
    visit: Visit, person: Person, api: EmbeddingsApi, mood: embeddings_api.Mood, words: str
) -> None:
    api.mood = mood
    page = visit(person)
    choose(page, api, key="sk-secret")
    expect(page.get_by_role("alert")).to_contain_text(words)
    expect(page.get_by_label("Address")).to_have_value(api.base)
    assert "sk-secret" not in page.content()


def test_addresses_inside_are_refused_in_plain_words(visit: Visit, person: Person) -> None:
    page = visit(person)
    for base in ("http://169.254.169.254/v1", "https://10.0.0.1", "file:///etc/passwd", "bees"):
        page.goto("/settings/search/")
        page.get_by_label("A server of your own, or a hosted one").check()
        page.get_by_label("Address").fill(base)
        page.get_by_label("Name of the model").fill("m")
        page.get_by_role("button", name="Test it and go on").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert h1(page) == "Search"


def test_trouble_is_shown_with_one_way_on(
    visit: Visit, person: Person, worker: Worker, api: EmbeddingsApi
) -> None:
    fill(person)
    page = visit(person)
    choose(page, api)
    api.mood = embeddings_api.status(403)
    agree(page)
    progress = page.get_by_role("region", name="Switching to toy")
    expect(progress.get_by_role("status")).to_contain_text("API key", timeout=30_000)
    assert recall.search(person.access, "bees")
    api.mood = None
    progress.get_by_role("button", name="Go on").click()
    expect(progress).to_have_count(0, timeout=60_000)


def test_lost_work_can_be_let_go_on_or_be_given_up(
    visit: Visit, person: Person, api: EmbeddingsApi
) -> None:
    fill(person)
    choice = embedders.try_out(api.choice()).choice
    api.mood = embeddings_api.slow(2.0)  # a worker that is about does not finish it
    reembedding.begin(person.access, choice, start=lambda token: None)
    with vault_scope(person.vault_id):
        JobSlot.objects.filter(vault_id=person.vault_id).delete()
    reembedding._looked.clear()
    page = visit(person)  # which notices it, and starts the work again
    page.goto("/settings/search/")
    progress = page.get_by_role("region", name="Switching to toy")
    expect(progress).to_contain_text("Search goes on with the model in use")
    with vault_scope(person.vault_id):
        JobSlot.objects.filter(vault_id=person.vault_id).delete()
    page.reload()
    expect(progress.get_by_role("status")).to_contain_text("Nothing is lost")
    expect(progress.get_by_role("button", name="Go on")).to_be_visible()
    progress.get_by_role("button", name="Keep Built in").click()
    expect(progress).to_have_count(0)
    assert reembedding.state(person.access).progress.next is None


def test_without_a_test_there_is_nothing_to_switch_to(visit: Visit, person: Person) -> None:
    page = visit(person)
    page.goto("/settings/search/switch/")
    page.wait_for_url("**/settings/search/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_usable_by_all_and_on_a_phone(
    visit: Visit, person: Person, api: EmbeddingsApi, scheme: str
) -> None:
    fill(person)
    page = visit(person, viewport={"width": 320, "height": 700}, color_scheme=scheme)
    choose(page, api)
    pages = ["/settings/search/switch/", "/settings/search/"]
    for address in pages:
        page.goto(address)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320, address


def test_it_works_without_javascript(
    visit: Visit, person: Person, worker: Worker, api: EmbeddingsApi
) -> None:
    fill(person)
    page = visit(person, java_script_enabled=False)
    choose(page, api)
    api.mood = embeddings_api.slow(1.0)
    agree(page)
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.get_by_role("link", name="See how far it is now").click()
    api.mood = None


def test_nobody_searches_the_net_from_here(person: Person, api: EmbeddingsApi) -> None:
    request = RequestFactory().post("/settings/search/")
    request.user = person.user
    for _ in range(20):
        assert searchsettings._try_out(request, api.choice()).ms >= 0
    asked = len(api.requests)
    with pytest.raises(EmbedderError, match="Wait ten minutes"):
        searchsettings._try_out(request, api.choice())
    assert len(api.requests) == asked
    assert searchsettings._try_out(request, BUNDLED).choice == BUNDLED
