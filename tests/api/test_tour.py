"""The documentation's tour, run as it is printed: with curl, against the real server."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.api.people import WRITE, Owner
from tests.stack import ROOT, Live

pytestmark = pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")

_BLOCK = re.compile(r"^```(?:sh|bash|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(page: str) -> list[str]:
    """The shell blocks of a page that call the API."""
    file = ROOT / page
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    return [block for block in _BLOCK.findall(text) if "curl" in block and "/api/v1" in block]


@pytest.fixture(scope="module")
def owner(database: None) -> Owner:
    owner = Owner()
    owner.remembers("Allergic to peanuts.")
    return owner


@pytest.mark.parametrize("page", ["docs/api.md", "README.md"])
def test_the_tour(page: str, live: Live, owner: Owner, tmp_path: Path) -> None:
    found = blocks(page)
    assert found or page == "README.md", "the tour is gone"
    app = owner.grants({"Personal": WRITE})
    # One shell for the whole page: a block may use what the one before it kept.
    script = "set -e\n" + "\n".join(
        re.sub(r"^\$ ", "", block, flags=re.MULTILINE).replace("curl ", "curl --fail-with-body ")
        for block in found
    )
    run = subprocess.run(
        ["bash", "-c", script],
        env={"PATH": os.environ["PATH"], "SATCHEL": live.url, "TOKEN": app.token},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
