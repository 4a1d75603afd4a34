"""Writes OKF 0.2: a folder of Markdown files with an index, which Obsidian opens as it is.

Source: okf/SPEC.md in GoogleCloudPlatform/knowledge-catalog.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from hashlib import sha256

from connectors.base.handing.harmless import short
from connectors.base.handoff import Handoff, Handout, Held, Part, Slice
from connectors.base.reading.frontmatter import written
from connectors.okf.concept import file_of

_MOST = 9_000  # with the index, no more files than an import takes back in one zip
_SPOKEN = "Something said in a conversation: a folder holds what is remembered. PAM takes both."
_TOO_MANY = f"More memories than the {_MOST:,} files of one folder: choose fewer."
_WORD = re.compile(r"\w+")
_NAME = 48
_SHOWN = 80
_BRACKETS = re.compile(r"([\[\]\\])")


class OkfHandoff(Handoff):
    name = "OKF folder of Markdown"
    group = "format"
    form = "zip"
    steps = (
        "Download the zip and unpack it.",
        "Open the folder in Obsidian or any editor, or give it to a program that reads OKF.",
        "To check it, open index.md: it lists every memory.",
    )
    limits = f"OKF sets no limit; one zip holds at most {_MOST:,} memories, a file for each."
    sure = "documented"
    source = "https://github.com/GoogleCloudPlatform/knowledge-catalog/blob/main/okf/SPEC.md"

    def make(self, slice: Slice) -> Handout:
        fitting = [held for held in slice.held if held.item.kind != "episode"]
        kept = fitting[:_MOST]
        counts = {
            _SPOKEN: len(slice.held) - len(fitting),
            _TOO_MANY: len(fitting) - len(kept),
        }
        left_out = {reason: count for reason, count in counts.items() if count}
        if not kept:
            return Handout((), (), left_out)
        files = [Part(_path(one), stream=partial(_file, one, slice)) for one in kept]
        index = Part("index.md", _index(kept))
        return Handout((index, *files), tuple(one.id for one in kept), left_out)


def _file(held: Held, slice: Slice) -> tuple[str]:
    """Made when it is read: a look shows some of the files."""
    return (file_of(held, slice.owner, slice.now),)


def _path(held: Held) -> str:
    """Its collection, its first words, and what keeps two of the same words apart."""
    end = sha256(held.id.encode()).hexdigest()[:12]
    return f"{_slug(held.collection) or 'memories'}/{_slug(_called(held)) or 'memory'}-{end}.md"


def _slug(text: str) -> str:
    return "-".join(_WORD.findall(text[:_NAME].casefold()))


def _called(held: Held) -> str:
    return held.item.title or held.item.text


def _index(kept: Sequence[Held]) -> str:
    """A section for each collection, in the order in which they first come."""
    sections: dict[str, list[Held]] = {}
    for held in kept:
        sections.setdefault(held.collection, []).append(held)
    return written({"okf_version": "0.2"}, "\n".join(_sections(sections)).strip())


def _sections(sections: Mapping[str, Sequence[Held]]) -> Iterator[str]:
    for name, held in sections.items():
        yield f"\n# {short(name, _SHOWN) or 'Memories'}\n"
        for one in held:
            yield f"* [{_shown(_called(one))}]({_path(one)}) - {_shown(one.item.text)}"


def _shown(text: str) -> str:
    return _BRACKETS.sub(r"\\\1", short(text, _SHOWN))
