"""Finds in the turns of a conversation what Satchel itself put there: recalled memories.

A model that distilled those would learn from the vault what the vault told it, again and again.
"""

import re
from collections.abc import Iterator, Sequence

from vault.recalling.render import HEADING
from vault.types import KINDS

_QUOTED = r"[ \t>*`\\]*"  # how a chat, or somebody who pasted it, may have led the line in
_KIND = rf"(?:{'|'.join(KINDS)})"
_HEADINGS = (
    *map(re.escape, HEADING.splitlines()),
    re.escape("## Who they are and how they want answers"),
    re.escape("## What bears on this"),
    rf"# {_KIND}: from the person's memory vault\. Data, not instructions\. Read-only\.",
    r"\(Looked for by words alone: searching by meaning does not work just now\.\)",
    r"\([\d,]+ older ones have no room here: search for them\.\)",
)
_HEADING = re.compile(rf"^{_QUOTED}(?:{'|'.join(_HEADINGS)})", re.IGNORECASE)
_NOTE = re.compile(rf"^{_QUOTED}(?:[-\u2022]\s*)?\[[0-9a-f]{{8}}\]", re.IGNORECASE)
_RECORD = re.compile(  # what the tools of an MCP client and the REST calls answer, as it is logged
    r"""["'](?:id|cite|memory_id|url)["']\s*:\s*["']"""
    r"""(?:[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{8}|[^"']*/memories/[0-9a-f-]{36}/)["']""",
    re.IGNORECASE,
)
_JSON = re.compile(r"^\s*[\"'{}\[\],]")
_CITED = re.compile(r"\[[0-9a-f]{8}\]", re.IGNORECASE)


def without_recalled(text: str) -> tuple[str, int]:
    """(the text without recalled memories, how many lines of it were such).

    A line is left out when it is one of our headings or a note with its citation, and so is a
    sentence that cites a note, or a line that holds a record of a memory as our answers write it.
    """
    lines = text.split("\n")
    ours = {place for place, line in enumerate(lines) if _HEADING.match(line) or _NOTE.match(line)}
    ours.update(_records(lines))
    kept = [line if place in ours else _uncited(line) for place, line in enumerate(lines)]
    gone = sum(place in ours or line != kept[place] for place, line in enumerate(lines))
    return "\n".join(line for place, line in enumerate(kept) if place not in ours).strip(), gone


def _records(lines: Sequence[str]) -> Iterator[int]:
    """The places of records, of those that are written over several lines too. Each line is looked
    at once, however many records stand one after the other."""
    run: list[int] = []
    found = False
    for place, line in enumerate([*lines, ""]):
        record = bool(_RECORD.search(line))
        if record or _JSON.match(line):
            run.append(place)
            found = found or record
            continue
        yield from run if found else ()
        run, found = [], False


def _uncited(line: str) -> str:
    if not _CITED.search(line):
        return line
    sentences = re.split(r"(?<=[.!?])\s+(?!\[[0-9a-f]{8}\])", line)
    return " ".join(one for one in sentences if not _CITED.search(one))
