"""The words that the sources mark for translation, read without gettext's programs.

So whoever has no gettext installed still learns, from the tests, that a catalog is behind.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
_PACKAGES = ("frontend", "sync", "vault")
_PLAIN = {"gettext", "gettext_lazy", "gettext_noop", "_"}
_PLURAL = {"ngettext", "ngettext_lazy", "_n"}
_CONTEXT = {"pgettext", "pgettext_lazy"}
_BOTH = {"npgettext", "npgettext_lazy"}
_STRING = re.compile(r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")
_CALL = re.compile(rf"\b(n?p?gettext|_)\(\s*((?:{_STRING.pattern}\s*,?\s*)+)")
_ALL = _PLAIN | _PLURAL | _CONTEXT | _BOTH


class Words(NamedTuple):
    """As a catalog knows them; "" where there is no context or no plural."""

    context: str
    singular: str
    plural: str


def extracted() -> set[Words]:
    """Of all templates and modules."""
    return {words for path in _sources() for words in of_file(path)}


def of_file(path: Path) -> Iterator[Words]:
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        yield from _of_module(text)
    else:
        from django.utils.translation.template import templatize

        yield from _of_template(templatize(text, origin=str(path)))


def _sources() -> Iterator[Path]:
    for package in _PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            parts = path.relative_to(ROOT).parts
            if "static" not in parts and path.suffix in (".py", ".html", ".txt"):
                yield path


def _of_module(text: str) -> Iterator[Words]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in _ALL:
                yield from _words(name, [getattr(one, "value", None) for one in node.args])


def _of_template(code: str) -> Iterator[Words]:
    """From what Django makes of a template for xgettext: calls among crossed-out text."""
    for call in _CALL.finditer(code):
        strings = [ast.literal_eval(one) for one in _STRING.findall(call.group(2))]
        yield from _words(call.group(1), strings)


def _words(name: str, said: list[object]) -> Iterator[Words]:
    strings = [one for one in said if isinstance(one, str)]
    if name in _PLAIN and strings and strings[0] == said[0]:
        yield Words("", strings[0], "")
    elif name in _PLURAL and len(strings) >= 2:
        yield Words("", strings[0], strings[1])
    elif name in _CONTEXT and len(strings) >= 2:
        yield Words(strings[0], strings[1], "")
    elif name in _BOTH and len(strings) >= 3:
        yield Words(strings[0], strings[1], strings[2])
