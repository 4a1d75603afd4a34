"""The lines between --- and --- at the head of a memory file: names with values of one line."""

import json
import re
from dataclasses import dataclass

_HEAD = re.compile(r"---[ \t]*\r?\n((?:.*\n)*?)---[ \t]*(?:\r?\n|\Z)")
_LINE = re.compile(r"([A-Za-z_]+):[ \t]*(.*?)[ \t\r]*")
_OTHER_FORMS = tuple("|>&*!{[")


@dataclass(frozen=True, slots=True)
class Document:
    """A file: its head as it is written, "" when it has none, and what comes after."""

    head: str
    body: str

    @classmethod
    def of(cls, content: str) -> "Document":
        found = _HEAD.match(content)
        return cls(content[: found.end()], content[found.end() :]) if found else cls("", content)

    @classmethod
    def made(cls, values: dict[str, str], body: str) -> "Document":
        """A JSON string is a YAML one too."""
        lines = [f"{name}: {json.dumps(text, ensure_ascii=False)}" for name, text in values.items()]
        return cls("\n".join(("---", *lines, "---", "")), body)

    def __str__(self) -> str:
        return self.head + self.body

    def get(self, name: str) -> str:
        """The value of `name`; "" if it has none or is written in a form that takes more lines."""
        lines = [_LINE.fullmatch(line) for line in self.head.splitlines()]
        return next((_scalar(line[2]) for line in lines if line and line[1] == name), "")


def _scalar(written: str) -> str:
    if written.startswith('"'):
        try:
            return str(json.loads(written))
        except ValueError:
            return ""
    if written.startswith("'"):
        return written[1:-1].replace("''", "'") if written.endswith("'") else ""
    return "" if written.startswith(_OTHER_FORMS) else written.split(" #", 1)[0].strip()
