"""Words people read, and their translations: `python tools/messages.py --help`.

For maintainers: `make` needs gettext (`apt install gettext`). What it writes is committed, so a
server needs nothing of it.
"""

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
TEMPLATES = ROOT / "frontend" / "templates"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("unmarked", help="words in templates that no translate tag holds")
    one.add_argument("paths", nargs="*", type=Path, default=[TEMPLATES])
    commands.add_parser("make", help="bring the catalogs up to date with the sources")
    commands.add_parser("compile", help="write django.mo from django.po after translating")
    one = commands.add_parser("check", help="what is missing or wrong in the catalogs")
    one.add_argument("languages", nargs="*")
    one = commands.add_parser("pseudo", help="a language that shows what is not translated")
    one.add_argument("folder", type=Path)
    args = parser.parse_args()
    found = _COMMANDS[args.command](args)
    for one in found:
        print(one)
    return 1 if found else 0


def _unmarked(args: argparse.Namespace) -> list[str]:
    from tools.templatewords import templates, unmarked

    files = sorted({file for one in args.paths for file in templates(one)})
    return [
        f"{os.path.relpath(path)}:{one.line}: {one.text}"
        for path in files
        for one in unmarked(path)
    ]


def _make(args: argparse.Namespace) -> list[str]:
    import django

    django.setup()
    from tools import catalogs, connectorwords

    connectorwords.write()
    catalogs.make()
    for language in catalogs.PLURALS:
        done, every = catalogs.counts(language)
        print(f"{language}: {done} of {every}")
    return []


def _compile(args: argparse.Namespace) -> list[str]:
    from tools import catalogs

    catalogs.compile_all()
    return []


def _check(args: argparse.Namespace) -> list[str]:
    import django

    from tools import catalogs

    django.setup()
    every = [one for each in args.languages or catalogs.PLURALS for one in catalogs.problems(each)]
    return [f"two plurals of one singular: {one}" for one in catalogs.clashes()] + every


def _pseudo(args: argparse.Namespace) -> list[str]:
    from tools import pseudo

    pseudo.write(args.folder)
    return []


_COMMANDS = {
    "unmarked": _unmarked,
    "make": _make,
    "compile": _compile,
    "check": _check,
    "pseudo": _pseudo,
}

if __name__ == "__main__":
    sys.exit(main())
