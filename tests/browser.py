"""A real Chromium for the tests: Debian's, driven by Playwright."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connections
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
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
def chromium() -> Iterator[Browser]:
    """Skips the test, saying what to install, when there is no Chromium."""
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}: apt install chromium, or set CHROMIUM to its path")
    # With Playwright's loop in this thread Django takes another connection from the pool: give the
    # one it has back first, or it is borrowed for ever.
    connections.close_all()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()
