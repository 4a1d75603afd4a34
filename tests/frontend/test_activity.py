"""The activity page: checking the log, exporting it, and how long it is kept."""

import json
import re
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.frontend.conftest import Visit
from tests.frontend.test_access_for_all import complaints, crowded, runs_over
from tests.frontend.test_memories import remember
from tests.logs import fill
from tests.people import PASSWORD, Person
from tests.snapshots import snapshot
from vault.access import open_token
from vault.granting import grants
from vault.log import access_log, log_check, log_keeping
from vault.log.log_export import export
from vault.models import LogEntry, LogHead
from vault.recalling import recall
from vault.scope import vault_scope
from vault.types import Right


def alter(person: Person, seq: int) -> None:
    with vault_scope(person.vault_id):
        LogEntry.objects.filter(vault_id=person.vault_id, seq=seq).update(action="forged")


def exported(person: Person) -> str:
    return b"".join(export(person.access)).decode()


def alert(page: Page) -> str:
    found = page.locator("main [role=alert]")
    expect(found).to_be_visible()
    return found.inner_text()


# --- checking ------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", [True, False])
def test_the_log_is_checked_at_a_click(visit: Visit, person: Person, script: bool) -> None:
    fill(person, 12)
    page = visit(person, java_script_enabled=script)
    page.goto("/activity/")
    shown = log_check.head(person.access).fingerprint
    expect(page.get_by_role("region", name="The log itself")).to_contain_text(
        f"It ends with line 12, fingerprint {shown}"
    )
    page.get_by_role("button", name="Check the log").click()
    expect(page.get_by_text("12 lines checked: all are as written")).to_be_visible()
    expect(page.get_by_text(shown)).to_be_visible()


def test_a_long_log_is_checked_in_parts_that_follow_by_themselves(
    visit: Visit, person: Person
) -> None:
    """The server's parts are long; a part that came from elsewhere goes on in the same way."""
    fill(person, 9)
    page = visit(person)
    page.goto("/activity/")
    part = log_check.check(person.access, most=4)
    page.locator("form[action='/activity/check/']").evaluate(
        """(form, [seq, link]) => {
            for (const [name, value] of [["seq", seq], ["link", link]]) {
                const field = document.createElement("input");
                Object.assign(field, { type: "hidden", name, value });
                form.append(field);
            }
        }""",
        [part.place.seq, part.place.link.hex()],
    )
    page.get_by_role("button", name="Check the log").click()
    expect(page.get_by_text("9 lines checked")).to_be_visible()


def test_a_check_says_which_line_was_altered(visit: Visit, person: Person) -> None:
    fill(person, 8)
    page = visit(person)
    page.goto("/activity/")
    alter(person, 5)
    page.get_by_role("button", name="Check the log").click()
    assert "Line 5 of the access log was altered" in alert(page)
    page.goto("/activity/")
    expect(page.get_by_text("The log is not as it was written.")).to_be_visible()
    expect(page.get_by_role("table")).to_have_count(0)
    with page.expect_download() as caught:
        page.get_by_role("link", name="Export", exact=True).click()
    lines = [json.loads(line) for line in Path(caught.value.path()).read_text().splitlines()]
    assert [line["seq"] for line in lines if line.get("altered")] == [5]


# --- exporting and comparing ---------------------------------------------------------------------


def test_an_export_is_downloaded_and_compared_later(
    visit: Visit, person: Person, tmp_path: Path
) -> None:
    fill(person, 5)
    page = visit(person)
    page.goto("/activity/")
    with page.expect_download() as caught:
        page.get_by_role("link", name="Export", exact=True).click()
    assert re.fullmatch(
        r"satchel-access-log-\d{4}-\d\d-\d\d\.ndjson", caught.value.suggested_filename
    )
    kept = tmp_path / "log.ndjson"
    caught.value.save_as(kept)
    *lines, head = [json.loads(line) for line in kept.read_text().splitlines()]
    assert ([line["seq"] for line in lines], head["head"]["count"]) == ([1, 2, 3, 4, 5], 5)

    fill(person, 2)
    page.get_by_role("link", name="Check an earlier export").click()
    page.get_by_label("The file").set_input_files(kept)
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_text("The export agrees with the log: 5 lines.")).to_be_visible()

    kept.write_text(kept.read_text().replace("purpose 3", "purpose X"))
    page.get_by_label("The file").set_input_files(kept)
    page.get_by_role("button", name="Compare").click()
    assert "Line 4 of the log says something else" in alert(page)


def test_pasted_lines_are_compared_and_nonsense_is_refused(visit: Visit, person: Person) -> None:
    fill(person, 3)
    page = visit(person, java_script_enabled=False)
    for pasted, answer in (
        (exported(person), "The export agrees with the log: 3 lines."),
        (exported(person).splitlines()[-1], "The export agrees with the log: 0 lines."),
        ("my shopping list", "This is no export of an access log."),
        ("", "Choose a file, or paste the lines of one."),
    ):
        page.goto("/activity/compare/")
        page.get_by_label("Or its lines").fill(pasted)
        page.get_by_role("button", name="Compare").click()
        expect(page.get_by_text(answer)).to_be_visible()


def test_nobody_exports_or_checks_without_the_open_vault(visit: Visit, person: Person) -> None:
    stranger = visit()
    for address in ("/activity/export/", "/activity/compare/", "/settings/log/"):
        stranger.goto(address)
        assert "/accounts/login/" in stranger.url


# --- how long it is kept -------------------------------------------------------------------------


def test_how_long_lines_are_kept_is_chosen_with_the_password(
    visit: Visit, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visit(person)
    page.goto("/settings/")
    page.get_by_role("main").get_by_role("link", name="Access log").click()
    expect(page.get_by_label("For ever")).to_be_checked()
    page.get_by_label("For 90 days").check()
    page.get_by_label("Your password").fill("not my password at all")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("This is not your password.")).to_be_visible()
    assert log_check.head(person.access).keep_days is None
    page.get_by_label("For 90 days").check()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. What is older now is deleted tonight.")).to_be_visible()
    expect(page.get_by_label("For 90 days")).to_be_checked()
    page.goto("/activity/")
    expect(page.get_by_text("Lines are kept for 90 days.")).to_be_visible()
    expect(
        page.get_by_role("row", name=re.compile("log is kept: kept for 90 days"))
    ).to_be_visible()


def test_that_lines_were_deleted_is_told(visit: Visit, person: Person) -> None:
    from datetime import timedelta

    fill(person, 4)
    log_keeping.keep(person.access, 30)
    with pytest.MonkeyPatch.context() as clock:
        later = log_keeping.timezone.now() + timedelta(days=31)
        clock.setattr(log_keeping.timezone, "now", lambda: later)
        assert log_keeping.cut(person.vault_id) == 5
    page = visit(person)
    page.goto("/activity/")
    page.get_by_role("button", name="Check the log").click()
    expect(page.get_by_text("1 line checked: it is as written")).to_be_visible()
    expect(page.get_by_text("up to line 5")).to_be_visible()
    page.goto("/settings/log/")
    expect(page.get_by_text("So far the lines up to 5 were deleted.")).to_be_visible()


# --- what a line says ----------------------------------------------------------------------------


def test_a_line_shows_the_version_of_the_grant_and_the_purpose(
    visit: Visit, person: Person
) -> None:
    remember(person, "Studies tide gauges", "Work")
    grant, token = person.token("Paper writer", Work=Right(see=True))
    recall.search(open_token(token), "tide", purpose="a paper")
    grants.change(person.access, grant.id, rights={person.collection("Work"): Right(see=True)})
    recall.search(open_token(token), "tide", purpose="its review")
    page = visit(person)
    page.goto("/activity/")
    for version, purpose in ((1, "a paper"), (2, "its review")):
        row = page.get_by_role("row", name=re.compile(f"version {version} .*“{purpose}”"))
        row.get_by_role("link", name="1 memory, see which").click()
        expect(page.get_by_text(f"under version {version} of its grant")).to_be_visible()
        expect(page.get_by_text("Studies tide gauges")).to_be_visible()
        page.get_by_role("link", name="Change or stop its access").click()
        expect(page.get_by_role("button", name="Revoke")).to_be_visible()
        page.goto("/activity/")


def test_who_read_a_memory_is_told_to_the_beginning_of_the_log(
    visit: Visit, person: Person
) -> None:
    made = remember(person, "Studies tide gauges")
    access_log.record(person.access, "read", [made.id], "long ago")
    for _ in range(3):
        access_log.record(person.access, "search", [uuid4()])
    access_log.record(person.access, "read", [made.id], "just now")
    page = visit(person)
    page.goto(f"/memories/{made.id}/")
    page.get_by_role("link", name="Everything the log says about it").click()
    expect(page.get_by_role("row")).to_have_count(3)
    expect(page.get_by_text("The log was looked through to its beginning")).to_be_visible()
    page.goto(f"/memories/{made.id}/readings/?before=5")
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("row", name=re.compile("long ago"))).to_be_visible()
    page.goto(f"/memories/{made.id}/readings/?before=x")
    expect(page.get_by_role("row")).to_have_count(3)


# --- for everybody -------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_are_for_everybody(visit: Visit, person: Person, theme: str) -> None:
    made = remember(person, "Studies tide gauges")
    fill(person, 4)
    earlier = snapshot(person.vault_id)
    fill(person, 2)
    page = visit(person, color_scheme=theme, viewport={"width": 320, "height": 640})
    found = {}
    for address in (
        *("/activity/", "/activity/compare/", "/settings/log/", "/settings/"),
        f"/memories/{made.id}/readings/",
    ):
        page.goto(address)
        found[address] = complaints(page) + runs_over(page)
        assert page.get_by_role("heading", level=1).count() == 1
    page.goto("/activity/")
    with page.expect_event("load"):
        page.get_by_role("button", name="Check the log").click()
    found["checked"] = complaints(page) + runs_over(page)
    earlier.put_back("vault_logentry", "vault_loghead")
    page.goto("/activity/")
    found["older"] = complaints(page) + runs_over(page)
    alter(person, 2)
    with page.expect_event("load"):
        page.get_by_role("button", name="Check the log").click()
    found["altered"] = complaints(page) + runs_over(page)
    with vault_scope(person.vault_id):
        LogHead.objects.filter(vault_id=person.vault_id).delete()
    page.goto("/activity/")
    found["lost"] = complaints(page) + runs_over(page)
    page.get_by_role("link", name="begin the log anew").click()
    page.wait_for_url("**/activity/anew/")
    found["anew"] = complaints(page) + runs_over(page) + crowded(page)
    page.get_by_label("Your password").fill("not mine at all")
    page.locator("main form button[type=submit]").click()
    expect(page.get_by_text("This is not your password")).to_be_visible()
    found["anew, mistyped"] = complaints(page) + runs_over(page) + crowded(page)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
