"""Takes a picture of every page of a running Satchel, in both themes and two widths.

    python tools/screenshots.py http://localhost:8321 --email ana@example.org --to shots
    python tools/screenshots.py http://localhost:8321 --email ana@example.org --readme docs

Some pages only stand after something was done: it does that, as the owner and as a newcomer whose
vault it erases again. So only ever point this at a demo, started with SATCHEL_OPERATORS set to the
email and SATCHEL_LOCAL_CONNECTORS=folder, or the pages that need these are left out.
The password is asked for, or read from SATCHEL_DEMO_PASSWORD.
"""

import argparse
import getpass
import os
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from urllib.parse import urljoin

import newcomer
import walks
from pages import FOUND, PAGES, STRANGERS, Found
from playwright.sync_api import Browser, Error, Page, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--font-render-hinting=none",
    "--disable-lcd-text",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
]
README = ("home", "grants")
WIDTHS = {1280: 800, 320: 640}
HIDDEN = """() => { const m = document.querySelector("main");
    return m ? Math.max(0, m.scrollHeight - m.clientHeight) : 0; }"""

DRAWN = """() => { for (const one of document.querySelectorAll(".index > li"))
    one.style.contentVisibility = "visible"; }"""
"""Else the end of a long list, out of sight, is left out of the picture."""


def main() -> None:
    asked = arguments()
    password = os.environ.get("SATCHEL_DEMO_PASSWORD") or getpass.getpass()
    with sync_playwright() as playwright:
        chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        owner = visitor(browser, asked.url)
        sign_in(owner, asked.email, password)
        if asked.readme:
            for_the_readme(owner, asked.readme)
        if asked.to:
            camera = Camera(asked.to, asked.only)
            everything(camera, owner, password, lambda: visitor(browser, asked.url))
            print("\n".join(camera.missed))
        browser.close()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("url", help="where Satchel runs, such as http://localhost:8321")
    parser.add_argument("--email", required=True, help="whose vault to show")
    parser.add_argument("--to", type=Path, help="folder for the pictures of every page")
    parser.add_argument("--only", nargs="+", default=[], help="names of pages, as in pages.py")
    parser.add_argument("--readme", type=Path, help="folder for those that the README shows")
    return parser.parse_args()


class Camera:
    """Takes what is wanted into a folder, and notes what could not be taken."""

    def __init__(self, folder: Path, only: Collection[str]) -> None:
        self.folder, self.only, self.missed = folder, only, list[str]()
        folder.mkdir(parents=True, exist_ok=True)

    def wants(self, *names: str) -> bool:
        return not self.only or any(name in self.only for name in names)

    def walk(self, page: Page, names: tuple[str, ...], path: Iterator[str]) -> None:
        """`names` are those that the path yields when the page shows them."""
        if not self.wants(*names):
            return
        left = list(names)
        try:
            for name in path:
                left.remove(name)
                if self.wants(name):
                    self.shoot(page, name)
        except (Error, AssertionError, LookupError) as error:
            self.missed.append(f"{', '.join(left)}: {str(error).splitlines()[0]}")

    def shoot(self, page: Page, name: str) -> None:
        """Within one load: what stands only once stands in every picture."""
        page.wait_for_load_state("networkidle")
        page.evaluate(DRAWN)
        for width, least in WIDTHS.items():
            height = least
            page.set_viewport_size({"width": width, "height": height})
            # What lies over a page lies over the screen. Else, as on a phone the middle of the page
            # scrolls, the screen is made as tall as it.
            whole = page.locator(":popover-open").count() == 0
            for _ in range(2):  # what takes a part of the screen grows with it
                height += page.evaluate(HIDDEN) if whole else 0
                page.set_viewport_size({"width": width, "height": height})
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme)
                path = self.folder / f"{name}-{theme}-{width}.png"
                page.screenshot(path=path, full_page=whole, animations="disabled", caret="hide")
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": WIDTHS[1280]})


def for_the_readme(page: Page, folder: Path) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    for name in README:
        page.goto(PAGES[name])
        page.wait_for_load_state("networkidle")
        page.screenshot(path=folder / f"{name}.png", animations="disabled", caret="hide")
    page.set_viewport_size({"width": 1280, "height": WIDTHS[1280]})


def everything(camera: Camera, owner: Page, password: str, another: Callable[[], Page]) -> None:
    stranger, new = another(), another()
    for name, address in STRANGERS.items():
        camera.walk(stranger, (name,), opened(stranger, name, address))
    for walk, names in walks.OF_OWNER.items():
        camera.walk(owner, names, walk(owner, password))
    for name, address in PAGES.items():
        camera.walk(owner, (name,), opened(owner, name, address))
    for name, found in FOUND.items():
        camera.walk(owner, (name,), looked_up(owner, name, found))
    camera.walk(new, newcomer.NAMES, newcomer.life(new))


def opened(page: Page, name: str, address: str) -> Iterator[str]:
    answer = page.goto(address)
    if answer is None or not answer.ok:
        raise LookupError(f"{address} is not there")
    yield name


def looked_up(page: Page, name: str, found: Found) -> Iterator[str]:
    page.goto(found.on)
    link = page.locator(found.link).first
    if not link.count():
        raise LookupError(f"no link on {found.on} leads there")
    yield from opened(page, name, urljoin(link.get_attribute("href") or "", found.below))


def visitor(browser: Browser, url: str) -> Page:
    context = browser.new_context(
        base_url=url,
        viewport={"width": 1280, "height": WIDTHS[1280]},
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="UTC",
    )
    context.set_default_timeout(20_000)
    return context.new_page()


def sign_in(page: Page, email: str, password: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in and open my vault").click()
    page.wait_for_url(lambda address: "/accounts/login" not in address)


if __name__ == "__main__":
    main()
