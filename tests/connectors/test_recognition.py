"""Every export that tests here can build, shown to every reader: exactly one takes each."""

import json
import time
from collections.abc import Callable
from typing import Any, BinaryIO

import pytest

from connectors.base.reading.files import File, Files
from connectors.base.registry import archives, recognise
from tests.connectors import (
    agent_files,
    plain_files,
    test_characterai,
    test_codex,
    test_cursor,
    test_gemini_cli,
    test_librechat,
    test_okf,
    test_openwebui,
    test_studio,
)
from tests.connectors.formats import FORMATS
from tests.connectors.shapes import opened
from tests.connectors.test_assistants import EXPORTS

NOTES = {"notes/Cooking.md": plain_files.NOTE, "notes/List.txt": plain_files.CLAUDE_PROMPT}
BUILT: dict[str, tuple[str, dict[str, Any]]] = {
    **{f"{slug}": (slug, export) for slug, export in EXPORTS.items() if slug != "nobody"},
    **{
        name: (one.archive, one.pack([one.entry(1), one.entry(2)])) for name, one in FORMATS.items()
    },
    "OKF": ("okf", test_okf.BUNDLE),
    "Open WebUI": ("openwebui", test_openwebui.export(test_openwebui.talk())),
    "LibreChat": ("librechat", {"talk.json": test_librechat.talk()}),
    "Character.AI": (
        "characterai",
        test_characterai.dump(
            test_characterai.history("h1", [test_characterai.msg("m1", "Hello", human=True)])
        ),
    ),
    "AI Studio": ("google", {"Google AI Studio/Trees": test_studio.prompt(*test_studio.TWO)}),
    "Cursor": ("cursor", test_cursor.export(test_cursor.chat())),
    "Claude Code": (
        "anthropic-code",
        {f"{agent_files.SLUG}/s1.jsonl": agent_files.lined(agent_files.claude_session())},
    ),
    "Codex": ("openai-codex", test_codex.export(*agent_files.codex_session())),
    "Gemini CLI": ("google-cli", test_gemini_cli.document(*agent_files.gemini_messages())),
    "notes": ("plain", NOTES),
    "a list": ("plain", {"a.json": ["Likes tea"]}),
    "a table": ("plain", {"a.csv": "date,text\n2026-01-02,Likes tea\n"}),
}


@pytest.mark.parametrize("name", BUILT)
def test_exactly_one_reader_takes_it(name: str) -> None:
    reader, export = BUILT[name]
    with opened(export) as files:
        claims = {slug for slug, one in archives().items() if one.recognise(files)}
        exact = {s for s in claims if not (archives()[s].plain or archives()[s].beside)}
        assert exact == ({reader} - {"plain"})
        assert recognise(files) is archives()[reader]


def test_every_reader_of_exports_takes_one_of_them() -> None:
    known = {reader for reader, _ in BUILT.values()}
    beside = {slug for slug, one in archives().items() if one.beside}
    assert archives().keys() - known - beside <= {"mif"}  # tests/connectors/test_okf.py has it


class Counted:
    """Files whose openings are counted."""

    def __init__(self, files: Files) -> None:
        self.opened: dict[str, int] = {}
        self.files = Files({where: self._watched(file) for where, file in files.items()})

    def _watched(self, file: File) -> File:
        open_file: Callable[[], BinaryIO] = file.open

        def open_and_count() -> BinaryIO:
            self.opened[file.where] = self.opened.get(file.where, 0) + 1
            return open_file()

        return File(file.where, file.size, open_and_count, file.limits, file.peeked)


UNKNOWN = {"zid": 1, "headline": "x", "parts": [{"w": "a", "line": "about tea"}]}
FORMS = {
    "object.json": json.dumps(UNKNOWN),
    "list.json": json.dumps([UNKNOWN] * 20),
    "lines.jsonl": "\n".join([json.dumps(UNKNOWN)] * 20),
    "note.md": "# Tea\n\n- Likes tea\n",
}


@pytest.mark.parametrize("name", FORMS)
def test_a_file_is_opened_a_few_times_for_all_readers_together(name: str) -> None:
    with opened({name: FORMS[name]}) as files:
        counted = Counted(files)
        recognise(counted.files)
    assert sum(counted.opened.values()) <= MOST_OPENINGS


MOST_OPENINGS = 6
"""Of some thirty readers, each of which asks several questions."""


@pytest.mark.full
def test_ten_thousand_files_that_nobody_knows() -> None:
    many = {f"talks/{n}.json": {**UNKNOWN, "zid": n} for n in range(9_990)}
    with opened(many) as files:
        begun = time.process_time()
        assert recognise(files) is None
        print(f"\n{len(files)} files, {time.process_time() - begun:.1f} s of one core")
