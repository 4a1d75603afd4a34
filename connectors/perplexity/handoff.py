"""What a Perplexity Space takes: a short text for its instructions, and files."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from connectors.base.handing.filling import Layout, Text, fill
from connectors.base.handing.memory_text import ANSWERS, DATA, SECTIONS, bullet
from connectors.base.handing.notes import Note
from connectors.base.handing.project_files import LONGEST, ProjectFiles, collection_files
from connectors.base.handoff import Part, Slice

_LONGEST = 1_500
_FILES = 5
_SHORT = Layout(_LONGEST - 1, bullet, f"{DATA} This is how I like answers:\n")


class Space(ProjectFiles):
    name = "Perplexity, a Space"
    files = _FILES
    where = "Files of the Space"
    steps = (
        "Download the zip and unpack it.",
        "In Perplexity, open Spaces and make a new one, or open one.",
        "Paste what is in Instructions.txt, if it is there, into the instructions of the Space.",
        "Add the other files to the Space.",
        "To check, ask in the Space what Perplexity knows about you from these files.",
    )
    limits = (
        f"Reports differ: from 5 to 50 files in a Space by plan (2026), so there are at most "
        f"{_FILES}, of {LONGEST:,} characters. Nobody names a length for the instructions; they "
        f"are kept to {_LONGEST:,}."
    )
    sure = "reported"
    lost: ClassVar[tuple[str, ...]] = (
        *ProjectFiles.lost,
        "What you want of answers stands in the instructions as far as it fits, and in the files.",
    )

    def written(
        self, notes: list[Note], slice: Slice
    ) -> tuple[Sequence[Part], Sequence[Text], Mapping[str, int]]:
        how, _ = fill([one for one in notes if SECTIONS.get(one.kind) == ANSWERS], _SHORT)
        files, texts, left_out = collection_files(notes, slice, _FILES, self.where)
        place = "Instructions of the Space"
        short = [Part("Instructions.txt", f"{t.written()}\n", place, _LONGEST) for t in how]
        return [*short, *files], texts, left_out
