"""What a model answers that was asked for memories: believed only in one shape."""

from datetime import UTC, datetime
from uuid import UUID

from sync.distilling.answers import judged
from sync.distilling.errors import Unreadable
from sync.distilling.pieces import Line
from sync.distilling.prompt import KINDS, LONGEST, MOST

_AT = datetime(2026, 1, 1, tzinfo=UTC)
LINES = (
    Line(UUID(int=1), 0, "person", "Ana", "I like tea. Always answer briefly.", _AT),
    Line(UUID(int=2), 1, "assistant", "", "So do I.", None),
)


def check(answer: str) -> None:
    """Refused as a whole, or proposals of known kinds that rest on lines of the person."""
    try:
        found, again = judged(answer, LINES), judged(answer, LINES)
    except Unreadable as refused:
        assert str(refused)
        return
    assert found == again
    assert len(found.kept) + sum(found.dropped.values()) <= MOST
    for one in found.kept:
        assert one.kind in KINDS and 0 < len(one.text) <= LONGEST
        assert LINES[0].turn in one.turns
        assert "\0" not in one.text
        one.text.encode()
