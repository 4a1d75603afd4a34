"""Writes requirements.txt and requirements-test.txt from pyproject.toml, every file hashed.

Versions stay as they are unless pyproject.toml asks for others; --upgrade takes the newest allowed.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = Path(sys.executable).with_name("uv")
# No line may tell where packages were fetched from: that differs from machine to machine.
OPTIONS = (
    *("--universal", "--python-version", "3.11", "--generate-hashes", "--quiet"),
    *("--no-header", "--no-emit-index-url", "--no-emit-find-links"),
)


def lock(file: str, *words: str) -> None:
    command = (str(UV), "pip", "compile", "pyproject.toml", *OPTIONS, *words, "-o", file)
    subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603


def main() -> None:
    upgrade = ("--upgrade",) if "--upgrade" in sys.argv else ()
    lock("requirements.txt", *upgrade)
    # The tests run on the very versions that people run.
    lock("requirements-test.txt", *upgrade, "--group", "test", "-c", "requirements.txt")


if __name__ == "__main__":
    main()
