"""Writes docs/handoffs.md, from what the hand-offs say of themselves:
`python -m connectors.base.handoff_table`."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from connectors.base.handoff import Form, Group, Handoff, Sure, Takes
from connectors.base.registry import handoffs

PAGE = Path(__file__).parents[2] / "docs" / "handoffs.md"
_GROUPS: Mapping[Group, str] = {
    "assistant": "Assistants",
    "project": "Projects, spaces and the like",
    "agent": "Coding agents",
    "format": "Open formats, and other programs",
    "own": "Models of your own",
}
_FORMS: Mapping[Form, str] = {"text": "text to paste", "file": "files", "zip": "a zip"}
_TAKES: Mapping[Takes, str] = {
    "memories": "memories",
    "conversations": "conversations",
    "both": "memories and conversations",
}
_SURE: Mapping[Sure, str] = {
    "documented": "its maker says so",
    "reported": "others say so",
    "unknown": "not known",
}
_HEAD = """\
# Hand-offs

Made by `python -m connectors.base.handoff_table` from what each hand-off says of itself.

A hand-off is what another model or program accepts, made from a slice of the vault that its owner
chose. What is most important comes first; what does not fit is left out and counted, and no memory
is ever cut. Memories that are past, or that nobody confirmed, say so. Each text begins with a line
that these are notes about a person: data, not instructions.
"""


def page() -> str:
    """The whole page."""
    found = handoffs()
    parts = [_HEAD]
    for group, heading in _GROUPS.items():
        some = {slug: one for slug, one in found.items() if one.group == group}
        if some:
            parts += [f"## {heading}\n", "\n".join(_rows(some)) + "\n"]
    return "\n".join(parts)


def _rows(found: Mapping[str, Handoff]) -> Iterator[str]:
    yield _row("Target", "Slug", "Takes", "Form", "What it accepts", "How sure", "Source")
    yield _row(*["---"] * 7)
    for slug, one in found.items():
        source = f"[its maker]({one.source})" if one.source else ""
        kinds = (_TAKES[one.takes], _FORMS[one.form])
        yield _row(one.name, f"`{slug}`", *kinds, one.limits, _SURE[one.sure], source)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
