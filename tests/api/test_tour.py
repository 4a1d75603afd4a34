"""The documentation's tour, run as it is printed: with curl, against the real server."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from uuid import UUID

import pytest

from tests.api.people import WRITE, Owner
from tests.stack import ROOT, Live

pytestmark = pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")

_BLOCK = re.compile(r"^ *```\w*\n(.*?)^ *```", re.MULTILINE | re.DOTALL)


def script(page: str, collection: UUID) -> str:
    """The page's shell blocks that call the API, in one shell: a block may use what came before.

    Left out is the line that a reader fills in: where the server is, and the token.
    """
    blocks = _BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))
    lines = "\n".join(block for block in blocks if "curl " in block).splitlines()
    kept = [line for line in lines if not line.strip().startswith("export SATCHEL=")]
    calls = "\n".join(["set -e -o pipefail", *kept])
    calls = calls.replace("<an id from /me>", str(collection))
    return calls.replace("curl ", "curl --fail-with-body ")


@pytest.fixture(scope="module")
def owner(database: None) -> Owner:
    owner = Owner()
    owner.remembers("Allergic to peanuts.")
    return owner


@pytest.mark.parametrize(("page", "calls"), [("docs/api.md", 7), ("README.md", 3)])
def test_the_tour(page: str, calls: int, live: Live, owner: Owner, tmp_path: Path) -> None:
    app = owner.grants({"Personal": WRITE})
    commands = script(page, owner.collections["Personal"])
    assert commands.count("curl ") == calls, "the tour changed: look whether it is all run"
    run = subprocess.run(
        ["bash", "-c", commands],
        env={"PATH": os.environ["PATH"], "SATCHEL": f"{live.url}/api/v1", "TOKEN": app.token},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
