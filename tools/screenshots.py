"""Takes a picture of every page of a running Satchel, in both themes and two widths.

    python tools/screenshots.py http://localhost:8321 --email ana@example.org --to shots
    python tools/screenshots.py http://localhost:8321 --email ana@example.org --home docs/home.png

The password is asked for, or read from SATCHEL_DEMO_PASSWORD. Only ever point this at a demo.
"""

import argparse
import getpass
import os
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--font-render-hinting=none",
    "--disable-lcd-text",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
]
STRANGERS = {"login": "/accounts/login/", "signup": "/accounts/signup/"}
PAGES = {
    "home": "/",
    "memories": "/memories/",
    "forgotten": "/memories/?state=forgotten",
    "memories-found": "/memories/?q=a&learnt=90",
    "saved-views": "/memories/views/",
    "memory-new": "/memories/new/",
    "import": "/import/",
    "review": "/review/",
    "review-groups": "/review/?view=groups",
    "grants": "/grants/",
    "grant-new": "/grants/new/",
    "activity": "/activity/?days=90",
    "flow": "/flow/",
    "map": "/map/",
    "timeline": "/timeline/",
    "settings": "/settings/",
    "keys": "/settings/keys/",
    "passkey-new": "/settings/keys/passkeys/new/",
    "search": "/settings/search/",
    "sorting": "/settings/sorting/",
    "sorting-new": "/settings/sorting/new/",
    "log-compare": "/activity/compare/",
    "log-keep": "/settings/log/",
    "data": "/settings/data/",
    "data-restore": "/settings/data/restore/",
    "data-erase": "/settings/data/erase/",
    "move": "/move/",
    "move-claude": "/move/to/anthropic/",
    "move-chatgpt": "/move/to/openai/",
    "move-ollama": "/move/to/ollama/",
    "distil": "/distil/",
    "distilling-model": "/settings/distilling/",
    "password": "/accounts/password/change/",
    "more": "/more/",
    "go": "/go/?q=fish",
}
LINKED = {
    "memory": ("/memories/", ".entry-link"),
    "grant": ("/grants/", ".matrix a"),
    "activity-line": ("/activity/?days=90", "td.number a"),
    "import-state": ("/import/", "tbody a"),
}
WIDTHS = {1280: 800, 320: 640}


def main() -> None:
    asked = arguments()
    password = os.environ.get("SATCHEL_DEMO_PASSWORD") or getpass.getpass()
    with sync_playwright() as playwright:
        chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        if asked.home:
            page = visitor(browser, asked.url, "light", 1280)
            sign_in(page, asked.email, password)
            shoot(page, "/", asked.home, whole=False)
        if asked.to:
            everything(browser, asked.url, asked.email, password, asked.to)
        browser.close()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("url", help="where Satchel runs, such as http://localhost:8321")
    parser.add_argument("--email", required=True, help="whose vault to show")
    parser.add_argument("--to", type=Path, help="folder for the pictures of every page")
    parser.add_argument("--home", type=Path, help="one picture of the start page")
    return parser.parse_args()


def everything(browser: Browser, url: str, email: str, password: str, folder: Path) -> None:
    for theme in ("light", "dark"):
        for width in WIDTHS:
            page = visitor(browser, url, theme, width)
            for name, address in STRANGERS.items():
                shoot(page, address, folder / f"{name}-{theme}-{width}.png")
            sign_in(page, email, password)
            for name, address in addresses(page):
                shoot(page, address, folder / f"{name}-{theme}-{width}.png")
            page.context.close()


def addresses(page: Page) -> Iterator[tuple[str, str]]:
    """The fixed pages, and one of each sort that a list leads to."""
    yield from PAGES.items()
    for name, (where, selector) in LINKED.items():
        page.goto(where)
        first = page.locator(selector).first
        if first.count():
            yield name, first.get_attribute("href") or "/"


def visitor(browser: Browser, url: str, theme: str, width: int) -> Page:
    context = browser.new_context(
        base_url=url,
        viewport={"width": width, "height": WIDTHS[width]},
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="UTC",
    )
    return context.new_page()


def sign_in(page: Page, email: str, password: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in and open my vault").click()
    page.wait_for_url(lambda address: "/accounts/login" not in address)


def shoot(page: Page, address: str, path: Path, *, whole: bool = True) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    if whole and page.viewport_size and page.viewport_size["width"] < 768:
        # On a phone the middle of the page scrolls, so the picture needs a screen as tall as it.
        height = page.evaluate(
            "() => { const m = document.querySelector('main');"
            " return Math.ceil(innerHeight + Math.max(0, m.scrollHeight - m.clientHeight)); }"
        )
        page.set_viewport_size({"width": page.viewport_size["width"], "height": height})
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, full_page=whole, animations="disabled", caret="hide")
    width = page.viewport_size["width"] if page.viewport_size else 1280
    page.set_viewport_size({"width": width, "height": WIDTHS.get(width, 800)})


if __name__ == "__main__":
    main()
