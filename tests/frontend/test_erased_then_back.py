"""From erasing everything to a vault that is back: no page on the way leads astray."""

import pytest
from playwright.sync_api import expect

from sync import erasing
from sync.archives import archiving, restores
from tests.archives import PASSPHRASE, export, quick_locks
from tests.exports import upload
from tests.frontend.conftest import Visit, h1, sign_in
from tests.frontend.test_access_for_all import complaints, runs_over
from tests.people import PASSWORD, Person
from vault import memories, vaults
from vault.access import open_session
from vault.types import Draft


def test_whoever_comes_while_it_is_erased_is_told_so(visit: Visit, person: Person) -> None:
    """There are no keys any more: neither the password nor a recovery code can open it."""
    page = visit()
    erasure = erasing.begin(person.access, person.user, keep_account=True, start=lambda _: None)
    sign_in(page, person)
    for address in ("/", "/unlock/", "/unlock/recover/", "/import/"):
        page.goto(address)
        assert h1(page) == "Your old vault is being erased", address
        assert page.get_by_label("Password").count() == 0
    assert [*complaints(page), *runs_over(page)] == []
    page.get_by_role("link", name="Look again").click()
    assert h1(page) == "Your old vault is being erased"
    erasing.run(erasure)
    sign_in(page, person)  # erasing ends every login
    assert h1(page) == "Make your vault"


@pytest.mark.parametrize("address", ["/unlock/", "/unlock/recover/", "/unlock/passkey/"])
def test_nothing_is_made_or_opened_meanwhile(visit: Visit, person: Person, address: str) -> None:
    page = visit(person)
    page.goto("/settings/")
    erasing.begin(person.access, person.user, keep_account=True, start=lambda _: None)
    was = vaults.vault_of(person.user.pk)
    token = page.context.cookies()
    csrf = next(cookie["value"] for cookie in token if "csrf" in cookie["name"])
    fields = {"password": PASSWORD, "code": person.recovery_code, "csrfmiddlewaretoken": csrf}
    answer = page.request.post(address, form=fields)
    assert "Your old vault is being erased" in answer.text()
    assert vaults.vault_of(person.user.pk) == was


def test_a_vault_that_locks_itself_for_new_keys_says_that_it_may_be_so(
    visit: Visit, person: Person
) -> None:
    """Erased, made anew, restored: then it is locked, since the collections' keys are others."""
    memories.remember(person.access, person.collection("Work"), Draft("I was in Porto"))
    with quick_locks():
        archive = export(person)
    erasing.begin(person.access, person.user, keep_account=True, start=erasing.run)
    page = visit()
    sign_in(page, person)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Make my vault").click()
    page.wait_for_url("**/welcome/")
    secret = {"owner_id": person.user.pk, "password": PASSWORD}
    secret |= {"password_hash": person.user.password}
    opened = vaults.unlock(**secret)
    access = open_session(opened.session_id, opened.vault_id, opened.secret)
    with quick_locks():
        waiting = restores.begin(access, upload(archive))
        owner = vaults.owner_key(**secret)
        restores.start(access, owner, waiting.id, PASSPHRASE, start=archiving.run)
    page.goto(f"/settings/data/archives/{waiting.id}/")
    assert h1(page) == "Your vault is locked"
    expect(page.get_by_text("restored")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Unlock").click()
    assert h1(page) == "Your vault is restored"
    page.goto("/")
    assert page.get_by_role("alert").count() == 0
    page.get_by_role("link", name="Memories").first.click()
    expect(page.get_by_role("link", name="I was in Porto")).to_be_visible()
