"""Draws the pictures of our icon that phones and computers ask for, from favicon.svg.

For maintainers, with the tests' Chromium: python tools/icons.py
What it writes is committed.
"""

import os
import re
import struct
import zlib
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

UI = Path(__file__).resolve().parent.parent / "frontend" / "static" / "ui"
TARGET = UI / "icons"
SAFE = 0.72
"""Of a maskable icon's side: what a round mask leaves of it, and a little air."""


def main() -> None:
    drawing = (UI / "favicon.svg").read_text("utf-8")
    TARGET.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for size in (192, 512):
            picture(browser, drawing, size, TARGET / f"icon-{size}.png")
            picture(browser, maskable(drawing), size, TARGET / f"maskable-{size}.png")
        browser.close()


def maskable(drawing: str) -> str:
    """The same on a ground that reaches the edges, small enough to stay whole in a circle."""
    found = re.fullmatch(r'(<svg[^>]*>)<rect[^>]*fill="([^"]+)"[^>]*/>(.*)</svg>\s*', drawing, re.S)
    if found is None:
        raise SystemExit("favicon.svg is not a ground and what is drawn on it")
    head, ground, drawn = found.groups()
    margin = 16 * (1 - SAFE)
    moved = f'<g transform="translate({margin:g} {margin:g}) scale({SAFE:g})">{drawn}</g>'
    return f'{head}<rect width="32" height="32" fill="{ground}"/>{moved}</svg>'


def picture(browser: Browser, drawing: str, size: int, path: Path) -> None:
    page = browser.new_page(viewport={"width": size, "height": size}, device_scale_factor=1)
    style = "<style>*{margin:0}svg{display:block;width:100vw;height:100vh}</style>"
    page.set_content(f"<!doctype html>{style}{drawing}")
    path.write_bytes(smaller(page.screenshot(omit_background=True)))
    page.close()


def smaller(png: bytes) -> bytes:
    """Without what is said about it, and packed as tightly as zlib can."""
    kept, at, data = [], 8, b""
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        if kind == b"IDAT":
            data += body
        elif kind in (b"IHDR", b"IEND"):
            kept.append((kind, body))
        at += 12 + length
    kept.insert(1, (b"IDAT", zlib.compress(zlib.decompress(data), 9)))
    return png[:8] + b"".join(_chunk(*one) for one in kept)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


if __name__ == "__main__":
    main()
