"""What people read of connectors, written down for translators.

`connectors` is plain Python and marks nothing. What its registry tells of vendors, exports, forms
and connections, and the sentences of its code, are written into frontend/words/ofconnectors.
"""

import ast
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tools.connectorforms import expected, forms

if TYPE_CHECKING:
    from connectors.base.handoff import Handoff
    from connectors.base.protocol import Connector
    from connectors.base.vendor import Vendor

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "frontend" / "words" / "ofconnectors"
_SENTENCE = re.compile(r"[A-Z“]\S* .*[.!?]")
_FACES = {
    "reading": "What went wrong with a file that was read, and what was left out.",
    "handing": "What a hand-off leaves out.",
    "speaking": "What went wrong with a memory API.",
}
_NOT_SHOWN = (
    "Caveat: ",  # how a program marks what it wrote itself
    "This is the Gemini CLI.",
    "System: Please continue.",
    "Model set context updated.",
    "These are notes about me",  # and all below goes into texts for models
    "These are my notes",
    "What is known about the ",
    "How to be and to answer",
    "You are a helpful assistant",
    "Made from a vault",
    "Got it. Thanks",
    "There is no such method.",  # said to a program
    "A number with a fraction",
)


def files() -> dict[str, str]:
    """What belongs into each file of the folder, by its name."""
    from connectors.base.registry import archives, connectors, handoffs, vendors

    told = {
        "vendors": ("What vendors say of their exports.", _of_vendors(vendors().values())),
        "archives": ("What is read.", [one.what for one in archives().values()]),
        "handoffs": ("Forms that memories are handed off in.", _of_forms(handoffs().values())),
        "connections": ("Memory APIs and their settings.", _of_remotes(connectors().values())),
    }
    known = {words for _, every in told.values() for words in every}
    for face, about in _FACES.items():
        told[face] = (about, sorted(set(_sentences(face)) - known))
        known |= set(told[face][1])
    told["forms"] = ("Sentences with values in them.", forms(_trees().values(), known))
    return {f"{name}.py": _file(about, every) for name, (about, every) in told.items()}


def write() -> None:
    for name, text in files().items():
        (FOLDER / name).write_text(text, "utf-8")


def _of_vendors(every: "Iterable[Vendor]") -> list[str]:
    return [w for one in every for w in (_plain(one.name), *one.export_steps, one.without_api)]


def _plain(name: str) -> str:
    """A name made of ordinary words; "" for one that is a brand alone."""
    return name if " " in name and re.search(r"\b[a-z]{3,}", name) else ""


def _of_forms(every: "Iterable[Handoff]") -> list[str]:
    found: list[str] = []
    for form in every:
        place = getattr(form, "where", "")
        found += [form.name, *form.steps, form.limits, place if isinstance(place, str) else ""]
        for choice in form.choices:
            found += [choice.label, choice.help, *(label for _, label in choice.choices)]
    return found


def _of_remotes(every: "Iterable[type[Connector]]") -> list[str]:
    from connectors.base.live.options import settings_of

    found: list[str] = []
    for remote in every:
        found += [_plain(remote.name), *remote.quirks]
        for one in settings_of(remote.Options):
            found += [one.label, one.help, *(label for _, label in one.choices)]
    return found


def _face(path: Path) -> str:
    if path.parent.name == "handing" or path.name.startswith("handoff"):
        return "handing"
    live = path.parent.name == "live" or path.name.startswith("remote")
    return "speaking" if live else "reading"


@cache
def _trees() -> dict[Path, ast.Module]:
    paths = sorted((ROOT / "connectors").rglob("*.py"))
    return {path: ast.parse(path.read_text("utf-8")) for path in paths}


def _sentences(face: str) -> Iterator[str]:
    from connectors.base.reading.foreign import KINDS

    if face == "reading":
        yield from (what for *_, what in KINDS)
        yield from expected(_trees().values())
    for tree in (tree for path, tree in _trees().items() if _face(path) == face):
        silent = {id(part) for node in ast.walk(tree) for part in _unread(node)}
        said = (n for n in ast.walk(tree) if isinstance(n, ast.Constant) and id(n) not in silent)
        yield from (node.value for node in said if _is_shown(node.value))
        yield from (words for node in ast.walk(tree) for words in _of_part(node))


def _of_part(node: ast.AST) -> Iterator[str]:
    """What a text to paste is called, and where it belongs; names of files stay as they are."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Part":
        for one in (node.args[0:1], node.args[2:3]):
            value = getattr(one[0], "value", None) if one else None
            if isinstance(value, str) and value and "." not in value:
                yield value


def _is_shown(value: object) -> bool:
    sentence = isinstance(value, str) and _SENTENCE.fullmatch(value) is not None
    return sentence and not str(value).startswith(_NOT_SHOWN)


def _unread(node: ast.AST) -> Iterator[ast.AST]:
    """Docstrings, pieces of sentences with values in them, and what is said to a log."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    logged = isinstance(node, ast.Call) and "logger" in ast.unparse(node.func)
    if logged or isinstance(node, ast.JoinedStr):
        yield from ast.walk(node)


def _file(about: str, every: Iterable[str]) -> str:
    lines = [f"    gettext_noop({json.dumps(one, ensure_ascii=False)})," for one in _once(every)]
    head = f'"""{about} Written by `python tools/messages.py make`: change it where it is said."""'
    body = "\n".join(("WORDS = (", *lines, ")"))
    return f"{head}\n\nfrom django.utils.translation import gettext_noop\n\n{body}\n"


def _once(every: Iterable[str]) -> list[str]:
    """In the order they come, so that what belongs together stays together."""
    return list(dict.fromkeys(one for one in every if one))
