"""Sentences of connectors that have values in them, as translators and readers know them.

`f"{self.name} cannot be reached."` becomes "%(a)s cannot be reached.": the values are called a, b,
c in their order. `frontend.words.stored` knows from it what was written down in English.
"""

import ast
import re
from collections.abc import Collection, Iterable, Iterator

_SENTENCE = re.compile(r"(?:[A-Z“]|%\(a\)s)\S* .*[.!?]")
_VALUE = re.compile(r"%\(\w\)s")
_NOT_SHOWN = (
    "Room: ",  # in docs/connectors.md, with the three that follow
    "At most %(a)s requests",
    "It opens files or starts programs",
    "It needs the optional extra",
    "%(a)s Keep them in mind",  # said to a model
)


def forms(trees: Iterable[ast.AST], known: Collection[str]) -> list[str]:
    """Of all that is in `trees`, without those that only make sentences that are `known` as they
    are, such as the limits of a hand-off."""
    found = {
        _form(node) for tree in trees for node in ast.walk(tree) if type(node) is ast.JoinedStr
    }
    return sorted(form for form in found if _is_shown(form) and not _makes(form, known))


def expected(trees: Iterable[ast.AST]) -> Iterator[str]:
    """What is said where a part of an export is not the object that it should be: whole sentences,
    since the word for the part decides about others in many languages."""
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Call) and (what := _part(node)):
            yield f"The {what} is not in a form that is known."


def _part(call: ast.Call) -> str:
    """What a call of `an_object` or `each_new` names its object; "" of another call."""
    name, given = getattr(call.func, "id", ""), call.args[1:2]
    if given and name == "an_object" and isinstance(given[0], ast.Constant):
        return str(given[0].value)
    if given and name == "each_new" and isinstance(given[0], ast.JoinedStr):
        return _form(given[0]).rsplit(" ", 1)[-1]
    return ""


def _form(node: ast.JoinedStr) -> str:
    names = iter("abcdefghij")
    return "".join(
        str(part.value).replace("%", "%%")
        if isinstance(part, ast.Constant)
        else f"%({next(names)})s"
        for part in node.values
    )


def _is_shown(form: str) -> bool:
    return _SENTENCE.fullmatch(form) is not None and not form.startswith(_NOT_SHOWN)


def _makes(form: str, known: Collection[str]) -> bool:
    """One that begins with a value could make nearly anything."""
    pattern = re.compile(".+".join(map(re.escape, _VALUE.split(form))))
    return not form.startswith("%") and any(map(pattern.fullmatch, known))
