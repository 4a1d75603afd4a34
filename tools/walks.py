"""Paths to the pages that only stand after the owner of the demo did something. Each yields the
name of what is on the page at that moment."""

import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

from playwright.sync_api import Page, expect

Walk = Callable[[Page, str], Iterator[str]]
NOTES = "- I take insulin in the morning\n- Plans a trip to Porto\n- Likes night trains\n"
ODD = [{"zork": f"Keeps bees, hive {hive}", "on": "2026-01-01"} for hive in range(3)]
PASSPHRASE = "seven small otters cross the river"  # noqa: S105


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).first.click()


def palette(page: Page, password: str) -> Iterator[str]:
    page.goto("/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    yield "home@keys"
    page.goto("/")
    page.keyboard.press("Control+k")
    yield "home@palette"
    page.keyboard.type("fish")
    expect(page.get_by_role("dialog").get_by_text("Eats fish but no meat")).to_be_visible()
    yield "home@palette-found"


def many(page: Page, password: str) -> Iterator[str]:
    page.goto("/memories/")
    for place in range(2):
        page.get_by_role("checkbox", name=re.compile("^Select: ")).nth(place).check()
    yield "memories@ticked"
    page.get_by_label("Do this").select_option(value="merge")
    page.get_by_role("button", name="Do it").click()
    page.wait_for_url("**/merge/**")
    yield "memory-merge"
    page.goto("/memories/?q=a")
    page.get_by_role("checkbox", name="All that have these words").check()
    page.get_by_role("button", name="Do it").click()
    page.wait_for_url("**/several/**")
    yield "act"
    press(page, "Leave them as they are")


def remembering(page: Page, password: str) -> Iterator[str]:
    """A memory with a past, read by an app that would have it otherwise."""
    page.goto("/memories/new/")
    page.get_by_label("What should be remembered?").fill("Works as a hydrologist in Utrecht")
    press(page, "Remember it")
    page.wait_for_url("**/memories/*-*/")
    memory = page.url
    page.goto(f"{memory}edit/")
    page.get_by_label("Memory", exact=True).fill("Works as a hydrologist in Porto")
    press(page, "Save")
    page.wait_for_url(memory)
    said = {"headers": {"Authorization": f"Bearer {_token(page, password)}"}}
    grant, api = page.url, "/api/v1/memories/" + memory.rstrip("/").rsplit("/", 1)[-1]
    page.request.get(api, **said)
    page.request.patch(api, data={"text": "Works as a hydrologist in Delft"}, **said)
    page.goto(memory)
    yield "memory@disputed"
    page.goto("/review/?kind=suggestion&view=cards")
    while "hydrologist" not in page.get_by_role("main").inner_text():
        page.get_by_role("main").get_by_role("link", name="Skip").click()
    yield "review@change"
    page.goto(memory)
    press(page, "Forget")
    page.goto(memory)
    yield "memory@forgotten"
    page.goto("/memories/?state=forgotten")
    yield "memories@forgotten"
    page.goto(grant)
    press(page, "Revoke")


def _token(page: Page, password: str) -> str:
    """Of a grant that is on the page then."""
    page.goto("/grants/new/")
    page.get_by_label("Name").fill("Kitchen assistant")
    page.get_by_label("See Personal").check()
    page.get_by_role("radiogroup", name="May add to Personal").get_by_label("ask").check()
    page.get_by_label("Your password").fill(password)
    press(page, "Make the token")
    return page.locator("#token").inner_text()


def importing(page: Page, password: str) -> Iterator[str]:
    for name, content, said in (
        ("notes.md", NOTES, "found"),
        ("odd.json", json.dumps(ODD), "asking"),
        ("gone.zip", "no archive", "failed"),
    ):
        page.goto("/import/")
        file = {"name": name, "mimeType": "text/plain", "buffer": content.encode()}
        page.get_by_label("Choose an export, or drop it here").set_input_files(file)  # type: ignore[arg-type]
        press(page, "Send and look inside")
        page.wait_for_url("**/import/*-*/")
        page.wait_for_timeout(4000)
        yield f"import-state@{said}"
        if said == "found":
            found = page.url
            page.goto(f"{found}private/")
            yield "import-private"
            page.goto(found)
        if page.get_by_role("button", name="Throw the files away").count():
            press(page, "Throw the files away")
        if said == "found":
            page.goto(found)
            yield "import-state@cancelled"


def switching(page: Page, password: str) -> Iterator[str]:
    """To another model that comes with Satchel; and not."""
    page.goto("/settings/search/")
    page.get_by_label("Built in, light").check()
    press(page, "Test it and go on")
    page.wait_for_url("**/switch/")
    yield "search-switch"


def sorting(page: Page, password: str) -> Iterator[str]:
    page.goto("/settings/sorting/new/")
    page.get_by_label("The text contains").fill("invoice*, receipt")
    press(page, "Try it on my memories")
    yield "sorting-new@tried"
    press(page, "Save")
    page.wait_for_url("**/settings/sorting/")
    yield "sorting@rules"
    page.get_by_role("link", name=re.compile("^Change rule")).first.click()
    yield "sorting-rule"
    press(page, "Delete this rule")


def archive(page: Page, password: str) -> Iterator[str]:
    page.goto("/settings/data/")
    page.get_by_label("A passphrase for the archive", exact=True).fill(PASSPHRASE)
    page.get_by_label("The same passphrase again").fill(PASSPHRASE)
    page.get_by_label("Your password").fill(password)
    press(page, "Make the archive")
    page.wait_for_url("**/archives/**")
    yield "archive@making"
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Your archive is ready", timeout=60_000
    )
    yield "archive"
    press(page, "Delete it here now")


def taking(page: Page, password: str) -> Iterator[str]:
    page.goto("/move/to/anthropic/")
    press(page, "Take it along")
    page.wait_for_url("**/move/taken/**")
    yield "move-taken"


def granting(page: Page, password: str) -> Iterator[str]:
    _token(page, password)
    yield "grant@token"
    page.reload()
    press(page, "Pause")
    yield "grant@paused"
    page.get_by_role("main").get_by_role("link", name="Resume").click()
    yield "grant-resume"
    page.go_back()
    press(page, "Revoke")
    expect(page.get_by_role("heading", name="Receipt")).to_be_visible()
    yield "grant@revoked"


def consenting(page: Page, password: str) -> Iterator[str]:
    back = "http://127.0.0.1:9/callback"
    said = {"client_name": "Trip planner", "redirect_uris": [back]}
    said |= {"token_endpoint_auth_method": "none"}
    client = page.request.post("/oauth/register", data=said).json()["client_id"]
    page.goto("/")
    asked = {
        "response_type": "code",
        "client_id": client,
        "redirect_uri": back,
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
        "state": "some",
        "scope": "memory.read memory.write offline_access",
        "resource": page.url.rstrip("/") + "/api/v1",
        "purpose": "planning a holiday",
    }
    page.goto(f"/oauth/authorize?{urlencode(asked)}")
    yield "authorize"
    page.get_by_label("See Travel").check()
    expect(page.locator("#preview")).to_contain_text("It would see")
    yield "authorize@ticked"
    page.goto(f"/oauth/authorize?{urlencode(asked | {'redirect_uri': 'http://127.0.0.1:9/other'})}")
    yield "authorize@refused"


def connecting(page: Page, password: str) -> Iterator[str]:
    """A folder of its own; only where the server allows folders."""
    page.goto("/connections/")
    made = page.get_by_role("link", name="Notes on this computer").first
    if made.count():
        made.click()
    else:
        page.goto("/connections/new/folder/")
        page.get_by_label("Folder", exact=True).fill(_folder())
        page.get_by_label("Name").fill("Notes on this computer")
        page.get_by_label("See Travel").check()
        page.get_by_role("radiogroup", name="May add to Travel").get_by_label("yes").check()
        page.get_by_label("What is new there goes to").select_option(label="Travel")
        page.get_by_label("Your password").fill(password)
        press(page, "Try it and connect")
    page.wait_for_url(re.compile(r"/connections/[0-9a-f-]{36}/"))
    expect(page.get_by_text("Run: Done").first).to_be_visible(timeout=60_000)
    yield "connection"
    address = page.url.split("?")[0]
    for end in ("run", "settings", "reconnect", "resume", "notices", "end"):
        page.goto(f"{address}{end}/")
        yield f"connection-{end}"


def _folder() -> str:
    import tempfile
    from pathlib import Path

    folder = Path(tempfile.mkdtemp(prefix="satchel-shots-"))
    (folder / "porto.md").write_text("Prefers the coast road to Porto\n")
    return str(folder)


def closed(page: Page, password: str) -> Iterator[str]:
    """Words that came to a door and are handed back behind it."""
    page.goto("/grants/new/")
    page.get_by_label("Name").fill("Kitchen assistant")
    page.get_by_label("Your password").fill(password)
    page.context.clear_cookies(name="satchel_key")
    press(page, "Make the token")
    page.wait_for_url("**/unlock/**")
    yield "unlock@waiting"
    _unlock(page, password)
    page.wait_for_url("**/grants/new/")
    yield "grant-new@handed-back"
    page.goto("/import/")
    page.get_by_label("Paste what another assistant told you about yourself").fill(NOTES)
    page.context.clear_cookies(name="satchel_key")
    press(page, "Look inside")
    page.wait_for_url("**/unlock/**")
    _unlock(page, password)
    page.wait_for_url("**/import/")
    yield "import@handed-back"
    page.context.clear_cookies(name="satchel_key")
    page.goto("/unlock/?next=/&undone=1")
    yield "unlock@undone"
    _unlock(page, password)


def _unlock(page: Page, password: str) -> None:
    page.get_by_label("Password", exact=True).fill(password)
    press(page, "Unlock")
    page.wait_for_url(lambda address: "/unlock" not in address)


def wrong(page: Page, password: str) -> Iterator[str]:
    page.goto("/no-such-page/")
    yield "404"
    page.goto("/settings/collections/new/")
    page.get_by_label("Name").fill("Letters")
    page.get_by_label("Your password").fill(password)
    page.locator("main [name=csrfmiddlewaretoken]").first.evaluate("(one) => one.remove()")
    press(page, "Make it")
    expect(page.get_by_role("heading", level=1)).to_have_text("This form is too old")
    yield "403_csrf"


OF_OWNER: dict[Walk, tuple[str, ...]] = {
    palette: ("home@keys", "home@palette", "home@palette-found"),
    many: ("memories@ticked", "memory-merge", "act"),
    remembering: ("memory@disputed", "review@change", "memory@forgotten", "memories@forgotten"),
    importing: (
        *(f"import-state@{one}" for one in ("found", "asking", "failed", "cancelled")),
        "import-private",
    ),
    switching: ("search-switch",),
    sorting: ("sorting-new@tried", "sorting@rules", "sorting-rule"),
    archive: ("archive@making", "archive"),
    taking: ("move-taken",),
    granting: ("grant@token", "grant@paused", "grant-resume", "grant@revoked"),
    consenting: ("authorize", "authorize@ticked", "authorize@refused"),
    connecting: (
        "connection",
        *(f"connection-{one}" for one in ("run", "settings", "reconnect")),
        *("connection-resume", "connection-notices", "connection-end"),
    ),
    closed: ("unlock@waiting", "grant-new@handed-back", "import@handed-back", "unlock@undone"),
    wrong: ("404", "403_csrf"),
}
"""And the names that each yields."""
