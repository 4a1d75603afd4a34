"""The example in the README is code that works."""

import re
from pathlib import Path
from typing import Any

from connectors.base.vendor import Vendor
from tests.connectors.shapes import conversations, opened, problems

README = Path(__file__).parents[2] / "connectors" / "README.md"


def test_the_vendor_of_the_readme_reads_its_export() -> None:
    facts, reader = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.S)
    made: dict[str, Any] = {"__name__": "acme"}
    exec(facts, made)  # noqa: S102  our own page
    assert isinstance(made["VENDOR"], Vendor)
    exec(reader, made)  # noqa: S102
    chat = {"chat_id": "1", "lines": [{"id": "a", "text": "x"}, {"id": "b", "bot": 1, "text": "y"}]}
    with opened({"chats.json": [chat, 5]}) as files:
        archive = made["Coyote"]()
        assert archive.recognise(files)
        found = list(archive.read(files))
    assert [(t.role, t.text) for t in conversations(found)[0].turns] == [
        ("user", "x"),
        ("assistant", "y"),
    ]
    assert [one.where for one in problems(found)] == ["chats.json, entry 2"]
