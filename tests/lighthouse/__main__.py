"""What Lighthouse says of the pages that matter most, as a phone sees them.

    python -m tests.lighthouse [home memories grants consent ...] [--runs 3] [--keep FOLDER]

Starts its own embedded services with a vault that has something on every page, opens each page in
Chromium as its owner, and prints the scores for performance (the median of the runs), accessibility
and best practices. Ends with 1 when one is below 0.95. Needs what package-lock.json here pins,
which is fetched once. A page that is slow on a busy machine is measured as slow: leave it alone.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

import django

from tests.browser import CHROMIUM
from tests.conformance import npm

HERE = Path(__file__).parent
WANTED = 0.95
JUDGED = ("performance", "accessibility", "best-practices")
_PROGRAM = HERE / "node_modules" / "lighthouse" / "cli" / "index.js"
_CHROMIUM = "--headless=new --no-sandbox --disable-dev-shm-usage"
_SHOWN = {
    "largest-contentful-paint": "LCP",
    "total-blocking-time": "TBT",
    "cumulative-layout-shift": "CLS",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", default=["home", "memories", "grants", "consent"])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="keep whole reports in this folder")
    options = parser.parse_args()
    npm.install(HERE)
    django.setup()
    low = []
    with _house() as (url, cookies, addresses):
        for page in options.pages:
            reports = [_report(url + addresses[page], cookies) for _ in range(options.runs)]
            if options.keep:
                _kept(options.keep, page, reports)
            low += _said(page, reports)
    print("Below what is wanted: " + ", ".join(low) if low else f"All at least {WANTED}.")
    return 1 if low else 0


@contextmanager
def _house() -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """A server with somebody's vault: where it is, the cookies that open it, and its pages."""
    from django.conf import settings
    from django.db import connections

    from config.home import Home
    from tests.frontend.conftest import signed_in
    from tests.frontend.showcase import showcase
    from tests.frontend.visitors import listening, registered
    from tests.stack import Live, Stack

    home = Home(Path(settings.SATCHEL_HOME))
    try:
        with Stack(home) as stack, Live(stack) as live, listening() as (redirect, heard):
            shown = showcase()
            visitor = registered(live.url, redirect, heard, "Claude Desktop")
            pages = {address.strip("/") or "home": address for address in shown.addresses}
            yield live.url, signed_in(shown.person), pages | {"consent": visitor.asks()}
            connections.close_all()
            connections["default"].close_pool()
    finally:
        shutil.rmtree(home.path, ignore_errors=True)


def _report(address: str, cookies: dict[str, str]) -> dict[str, Any]:
    said = "; ".join(f"{name}={value}" for name, value in cookies.items())
    with tempfile.TemporaryDirectory() as folder:
        out, headers = Path(folder, "report.json"), Path(folder, "headers.json")
        headers.write_text(json.dumps({"Cookie": said}))
        subprocess.run(
            (
                *(str(npm.BIN / "node"), str(_PROGRAM), address, "--quiet", "--output=json"),
                *(f"--output-path={out}", f"--extra-headers={headers}"),
                *(f"--only-categories={','.join(JUDGED)}", f"--chrome-flags={_CHROMIUM}"),
            ),
            env=npm.environment(CHROME_PATH=str(CHROMIUM)),
            check=True,
            timeout=180,
        )
        report: dict[str, Any] = json.loads(out.read_text())
    assert report["finalDisplayedUrl"] == address, "led elsewhere: is the vault locked?"
    return report


def _said(page: str, reports: list[dict[str, Any]]) -> list[str]:
    """Prints a line, and what costs points; what is below what is wanted."""
    last = reports[-1]
    scores = {
        kind: statistics.median(one["categories"][kind]["score"] for one in reports)
        for kind in JUDGED
    }
    times = "  ".join(f"{name} {last['audits'][id]['displayValue']}" for id, name in _SHOWN.items())
    print(f"{page:<12}", *(f"{kind} {score:.2f}" for kind, score in scores.items()), times)
    for kind in JUDGED:
        for ref in last["categories"][kind]["auditRefs"]:
            audit = last["audits"][ref["id"]]
            if ref["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                print(f"    {kind}: {audit['title']} ({audit.get('displayValue', 'no')})")
    sys.stdout.flush()
    return [f"{page} {kind}" for kind, score in scores.items() if score < WANTED]


def _kept(folder: Path, page: str, reports: list[dict[str, Any]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, report in enumerate(reports, 1):
        name = page.replace("/", "-")
        (folder / f"{name}-{number}.json").write_text(json.dumps(report))


if __name__ == "__main__":
    sys.exit(main())
