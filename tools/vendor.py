"""Copies the vendored browser files out of frontend/vendor/node_modules, or checks them.

For maintainers, after `npm ci --ignore-scripts` in frontend/vendor: python tools/vendor.py
Anyone, with Python alone, to see that nothing has changed: python tools/vendor.py --check
"""

import base64
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "frontend"
MODULES = ROOT / "vendor" / "node_modules"
TARGET = ROOT / "static" / "ui"
LOCK = TARGET / "vendor.lock.json"


def digest(path: Path) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()


def made(plan: dict) -> Iterator[tuple[str, bytes]]:
    """Every file to write: its name under static/ui and its bytes."""
    for copy in plan["copies"]:
        yield copy["to"], (MODULES / copy["from"]).read_bytes()
    for joined in plan["joined"]:
        parts = [(MODULES / name).read_text("utf-8") for name in joined["from"]]
        yield joined["to"], "".join(_without_map(part) + "\n" for part in parts).encode()
    sprite = plan["sprite"]
    yield sprite["to"], _sprite(MODULES / sprite["from"], sprite["icons"]).encode()


def _without_map(script: str) -> str:
    # The manifest storage refuses a file that names a source map it cannot find.
    return re.sub(r"\n?//# sourceMappingURL=.*", "", script).strip()


def _sprite(folder: Path, names: list[str]) -> str:
    symbols = []
    for name in sorted(names):
        svg = (folder / f"{name}.svg").read_text("utf-8")
        inner = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.S)
        if inner is None:
            raise SystemExit(f"{name}.svg is not a drawing")
        drawing = re.sub(r"\s+", " ", inner[1]).replace("> <", "><").strip()
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{drawing}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def write() -> None:
    plan = json.loads((ROOT / "vendor" / "vendor.json").read_text("utf-8"))
    sums = {}
    for name, data in made(plan):
        path = TARGET / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        sums[name] = digest(path)
    LOCK.write_text(json.dumps(sums, indent=2, sort_keys=True) + "\n", "utf-8")


def wrong() -> list[str]:
    """The vendored files that are missing or differ from the lock."""
    sums = json.loads(LOCK.read_text("utf-8"))
    return [n for n, s in sums.items() if not (TARGET / n).is_file() or digest(TARGET / n) != s]


def main() -> int:
    if "--check" not in sys.argv[1:]:
        write()
    changed = wrong()
    for name in changed:
        print(f"{name} is not the file that was vendored", file=sys.stderr)
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
