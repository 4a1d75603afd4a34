"""Your data in the browser: out as a file, back into another vault, and everything erased."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pyrage
import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Page, expect

from tests.archives import PASSPHRASE, quick_locks
from tests.frontend.conftest import Visit, h1, sign_in
from tests.frontend.test_access_for_all import complaints, go, runs_over
from tests.people import PASSWORD, Person, new_person
from tests.stack import Worker
from vault import memories
from vault.types import Draft

COOKIE = settings.SESSION_COOKIE_NAME


@pytest.fixture
def filled(person: Person) -> Person:
    for text in ("I drink tea", "My cat is called Miro"):
        memories.remember(person.access, person.collection("Work"), Draft(text))
    return person


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One made beforehand, so that bringing it back does not wait for making it."""
    from tests.archives import export

    ana = new_person()
    memories.remember(ana.access, ana.collection("Travel"), Draft("I was in Porto"))
    path = tmp_path_factory.mktemp("archive") / "satchel-vault.age"
    with quick_locks():
        path.write_bytes(export(ana))
    yield path


def title(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words, timeout=60_000)


def type_passphrase(page: Page, passphrase: str, again: str | None = None) -> None:
    page.get_by_label("A passphrase for the archive", exact=True).fill(passphrase)
    page.get_by_label("The same passphrase again").fill(passphrase if again is None else again)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Make the archive").click()


def test_out_by_the_page_and_open_with_age(visit: Visit, filled: Person, worker: Worker) -> None:
    page = visit(filled)
    page.goto("/settings/")
    page.get_by_role("main").get_by_role("link", name="Your data").click()
    offered = page.locator("#offered").inner_text()
    assert re.fullmatch(r"([0-9a-z]{4}-){5}[0-9a-z]{4}", offered)
    type_passphrase(page, offered)
    title(page, "Your archive is ready")
    assert page.locator("#state[hx-get]").count() == 0  # it stops asking once it is done
    expect(page.get_by_role("region", name="What is in it")).to_contain_text("2")
    page.reload()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert re.fullmatch(r"satchel-vault-\d{4}-\d\d-\d\d\.age", download.value.suggested_filename)
    plain = pyrage.passphrase.decrypt(download.value.path().read_bytes(), offered)
    assert plain.startswith(b"PK\x03\x04")
    page.goto("/activity/")
    expect(page.get_by_role("table").get_by_text("Made an archive of everything")).to_be_visible()
    page.goto("/settings/data/")
    page.get_by_role("link", name="Look at it").click()
    page.get_by_role("button", name="Delete it here now").click()
    title(page, "This archive is deleted")


def test_a_weak_or_mistyped_passphrase_is_said_at_the_field(visit: Visit, filled: Person) -> None:
    page = visit(filled)
    page.goto("/settings/data/")
    offered = page.locator("#offered").inner_text()
    page.get_by_label("A passphrase for the archive", exact=True).fill("short")
    type_passphrase(page, "short")
    expect(page.locator("#id_passphrase_error")).to_contain_text("at least 14 characters")
    assert page.locator("#offered").inner_text() == offered  # the one they may have noted
    type_passphrase(page, PASSPHRASE, PASSPHRASE + "!")
    expect(page.locator("#id_again_error")).to_contain_text("differ")
    type_passphrase(page, PASSWORD)
    expect(page.locator("#id_passphrase_error")).to_contain_text("another one than your password")


def bring(page: Page, file: Path) -> None:
    page.get_by_label("Choose the archive, or drop it here").set_input_files(file)
    page.get_by_role("button", name="Send it").click()
    title(page, "This archive needs its passphrase")


def open_it(page: Page, passphrase: str) -> None:
    page.get_by_label("The archive's passphrase").fill(passphrase)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Check and restore").click()


def test_back_into_an_empty_vault(
    visit: Visit, person: Person, worker: Worker, archive: Path
) -> None:
    page = visit(person)
    page.goto("/import/")
    page.get_by_role("link", name="Restore a vault archive").click()
    bring(page, archive)
    open_it(page, "not this one at all")
    expect(page.locator("#id_passphrase_error")).to_contain_text("does not open the archive")
    open_it(page, PASSPHRASE)
    # Its keys are new, so the vault locks itself on the way.
    page.wait_for_url("**/unlock/**", timeout=60_000)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Unlock").click()
    title(page, "Your vault is restored")
    page.get_by_role("link", name="Look at your memories").click()
    expect(page.get_by_role("link", name="I was in Porto")).to_be_visible()
    page.goto("/activity/")
    expect(
        page.get_by_role("table").get_by_text("Restored the vault from an archive")
    ).to_be_visible()


def test_a_file_that_is_no_archive_is_refused_in_plain_words(
    visit: Visit, person: Person, tmp_path: Path
) -> None:
    odd = tmp_path / "notes.txt"
    odd.write_text("just some notes")
    page = visit(person)
    page.goto("/settings/data/restore/")
    bring(page, odd)
    open_it(page, PASSPHRASE)
    title(page, "This archive could not be restored")
    expect(page.get_by_text("This is not a vault archive.")).to_be_visible()
    page.get_by_role("link", name="Choose another file").click()
    assert h1(page) == "Restore a vault archive"


def test_a_vault_that_holds_something_says_what_to_do(visit: Visit, filled: Person) -> None:
    page = visit(filled)
    page.goto("/settings/data/restore/")
    assert page.locator("input[type=file]").count() == 0
    expect(page.get_by_role("link", name="erase everything")).to_be_visible()


def say_yes(page: Page, typed: str, account: str = "Delete it too") -> None:
    page.goto("/settings/data/erase/")
    page.get_by_label(account).check()
    page.get_by_label("Type the number of memories that are erased").fill(typed)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Erase everything").click()


def erase(page: Page, typed: str, account: str = "Delete it too") -> None:
    say_yes(page, typed, account)
    title(page, "Erase everything?")
    let_time_pass(page)
    page.get_by_role("button", name="Erase everything now").click()


def let_time_pass(page: Page) -> None:
    """Of the hold, in the session: nobody waits for it."""
    (key,) = (c["value"] for c in page.context.cookies() if c["name"] == COOKIE)
    session = SessionStore(key)
    since, *said = session["erase_hold"]
    session["erase_hold"] = [str(datetime.fromisoformat(since) - timedelta(seconds=10)), *said]
    session.save()
    page.reload()


def test_everything_erased_with_a_receipt(visit: Visit, filled: Person, worker: Worker) -> None:
    page, other = visit(filled), visit(filled)
    page.goto("/settings/data/erase/")
    expect(page.get_by_role("link", name="Make an archive")).to_be_visible()
    for typed in ("yes", "3", "22", "2 or so", "-2"):
        say_yes(page, typed)
        expect(page.locator("#id_confirm_error")).to_contain_text("Type 2: so many memories")
    assert memories.counts(filled.access).total == 2
    erase(page, " 2 ")
    title(page, "Everything is erased")
    receipt = page.get_by_role("region", name="Receipt")
    expect(receipt).to_contain_text("Memories deleted: 2")
    expect(receipt).to_contain_text("Account deleted")
    page.reload()
    expect(receipt).to_contain_text("Memories deleted: 2")
    page.goto("/")
    page.wait_for_url("**/accounts/login/**")
    other.goto("/memories/")
    other.wait_for_url("**/accounts/login/**")
    assert other.goto("/erased/").status == 404  # type: ignore[union-attr]
    sign_in_fails(page, filled)


def sign_in_fails(page: Page, person: Person) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(person.user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in and open my vault").click()
    expect(page.get_by_role("alert").first).to_be_visible()


def test_the_account_can_stay_for_a_new_vault(visit: Visit, filled: Person, worker: Worker) -> None:
    page = visit(filled)
    erase(page, "2", "Keep it, for a new and empty vault")
    title(page, "Everything is erased")
    page.get_by_role("link", name="Sign in and make a new vault").click()
    sign_in(page, filled)
    assert h1(page) == "Make your vault"


def test_all_of_it_works_without_script(
    visit: Visit, filled: Person, worker: Worker, archive: Path
) -> None:
    page = visit(filled, java_script_enabled=False)
    page.goto("/settings/data/")
    type_passphrase(page, PASSPHRASE)
    for _ in range(60):
        if h1(page) == "Your archive is ready":
            break
        page.wait_for_timeout(500)
        page.get_by_role("link", name="See how far it is now").click()
    assert h1(page) == "Your archive is ready"
    erase(page, "2", "Keep it, for a new and empty vault")
    for _ in range(60):
        if h1(page) == "Everything is erased":
            break
        page.wait_for_timeout(500)
        page.goto("/erased/")
    page.get_by_role("link", name="Sign in and make a new vault").click()
    sign_in(page, filled)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Make my vault").click()
    page.goto("/settings/data/restore/")
    page.get_by_label("Choose the archive, or drop it here").set_input_files(archive)
    page.get_by_role("button", name="Send it").click()
    assert h1(page) == "This archive needs its passphrase"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_its_pages_are_for_everybody(
    visit: Visit, filled: Person, archive: Path, theme: str
) -> None:
    from sync.archives import archives, archiving, exports, restores
    from tests.exports import upload

    with quick_locks():
        made = exports.begin(
            filled.access,
            filled.owner_key,
            passphrase=PASSPHRASE,
            again=PASSPHRASE,
            start=archiving.run,
        )
    empty = new_person()
    waiting = restores.begin(empty.access, upload(archive.read_bytes()))
    with quick_locks():
        running = exports.begin(
            empty.access,
            empty.owner_key,
            passphrase=PASSPHRASE,
            again=PASSPHRASE,
            start=lambda job, token: None,
        )
    assert archives.get(empty.access, running.id).running
    pages = [
        (filled, ["", "restore/", "erase/", f"archives/{made.id}/", f"archives/{made.id}/resume/"]),
        (empty, ["", "restore/", f"archives/{waiting.id}/", f"archives/{running.id}/"]),
    ]
    found = {}
    for person, addresses in pages:
        page = visit(person, color_scheme=theme, viewport={"width": 320, "height": 700})
        for address in addresses:
            go(page, f"/settings/data/{address}")
            found[address] = [*complaints(page), *runs_over(page)]
    assert {address: wrong for address, wrong in found.items() if wrong} == {}
    erase(page, "0")
    expect(page.get_by_role("heading", level=1)).to_contain_text("ras")
    assert [*complaints(page), *runs_over(page)] == []
