"""A real Chromium for the tests: Debian's, driven by Playwright.

Most tests ask its headless shell, the same engine without the program around it: a fresh visitor
and a first page cost it a third of the time. What only the whole browser can do asks that one.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
_SHELL = Path("/usr/bin/chromium-headless-shell")
QUICK = CHROMIUM if "CHROMIUM" in os.environ or not _SHELL.exists() else _SHELL
# Screenshots come out the same on every machine, and root may not use the sandbox.
FLAGS = [
    "--no-sandbox",
    "--font-render-hinting=none",
    "--disable-lcd-text",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
]
CONTEXT = {
    "reduced_motion": "reduce",
    "locale": "en-GB",
    "timezone_id": "UTC",
    "device_scale_factor": 1,
}


@contextmanager
def chromium(program: Path = CHROMIUM) -> Iterator[Browser]:
    """Skips the test, saying what to install, when there is no Chromium."""
    _demand(program)
    # With Playwright's loop in this thread Django takes another connection from the pool: give the
    # one it has back first, or it is borrowed for ever.
    connections.close_all()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(program), args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def whole(browser: Browser, **options: Any) -> Iterator[Browser]:
    """The whole Chromium beside a browser that runs; `options` are those of Playwright's launch."""
    _demand(CHROMIUM)
    launched = browser.browser_type.launch(executable_path=str(CHROMIUM), args=FLAGS, **options)
    with launched as other:
        yield other


def _demand(program: Path) -> None:
    if not program.exists():
        pytest.skip(f"no Chromium at {program}: apt install chromium, or set CHROMIUM to its path")
