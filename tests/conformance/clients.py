"""Agent frameworks before the real server, each in a Python environment of its own.

`python -m tests.conformance.clients` makes the environments in a folder outside the project, starts
the tests' database and web server, and lets each framework search; then its access is taken back,
and it has to be refused. Models are played by a server on loopback: nothing leaves this machine.
"""

import argparse
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

HERE = Path(__file__).parent
_DEFAULT = Path.home() / ".cache" / "satchel-clients"
FOUND = "Ana keeps bees in Porto."


@dataclass(frozen=True)
class Framework:
    name: str
    packages: tuple[str, ...]


FRAMEWORKS = (
    Framework("fastmcp", ("fastmcp==4.1.2",)),
    Framework("openai-agents", ("openai-agents==0.24.0", "openai==3.52.0")),
    Framework("anthropic", ("anthropic[mcp]==2.11.0",)),
    Framework("langchain", ("langchain-mcp-adapters==0.3.2",)),
)


def python_of(framework: Framework, folder: Path) -> Path:
    """Its own Python, with its packages installed the first time."""
    home = folder / framework.name
    python, done = home / "bin" / "python", home / "installed"
    wanted = "\n".join(framework.packages)
    if not done.exists() or done.read_text() != wanted:
        subprocess.run((sys.executable, "-m", "venv", str(home)), check=True)
        pip = (str(python), "-m", "pip", "install", "--quiet", *framework.packages)
        subprocess.run(pip, check=True)
        done.write_text(wanted)
    return python


def tries(python: Path, framework: Framework, url: str, token: str) -> tuple[int, str]:
    """(exit status, what it said) of one search by this framework."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SATCHEL_", "DJANGO_"))}
    said = subprocess.run(
        (str(python), str(HERE / "frameworks.py"), framework.name, url),
        env={**kept, "MCP_TOKEN": token, "NO_PROXY": "127.0.0.1"},
        cwd=python.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=180,
        check=False,
    )
    return said.returncode, said.stdout


def main(folder: Path, only: list[str]) -> int:
    import django

    django.setup()
    from django.conf import settings

    from config.home import Home
    from tests.people import new_person
    from tests.stack import Live, Stack
    from vault import memories
    from vault.granting import grants
    from vault.types import Draft, Right

    chosen = [one for one in FRAMEWORKS if not only or one.name in only]
    pythons = {one.name: python_of(one, folder) for one in chosen}
    failed = 0
    with Stack(Home(settings.SATCHEL_HOME)) as stack, Live(stack) as live:
        ana = new_person()
        memories.remember(ana.access, ana.collection("Work"), Draft(FOUND))
        for one in chosen:
            grant, token = ana.token(one.name, Work=Right(see=True))
            status, said = tries(pythons[one.name], one, live.url + "/mcp", token)
            found = status == 0 and FOUND in said
            grants.revoke(ana.access, grant.id)
            status, after = tries(pythons[one.name], one, live.url + "/mcp", token)
            told = any(words in after for words in ("401", "token does not work"))
            refused = status != 0 and FOUND not in after and told
            failed += not (found and refused)
            versions = " ".join(one.packages)
            print(f"{one.name:14} found={found} refused={refused} {versions}", flush=True)
            if not (found and refused):
                print(said[-3000:], after[-3000:], sep="\n--- after revoke\n")
    return failed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=_DEFAULT, help="where they are installed")
    parser.add_argument("only", nargs="*", help="names: " + ", ".join(f.name for f in FRAMEWORKS))
    told = parser.parse_args()
    sys.exit(main(told.folder, told.only))
