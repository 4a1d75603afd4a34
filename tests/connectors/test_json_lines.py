"""JSON a line: every line is a value or one report, whatever is in it."""

import io

from hypothesis import given
from hypothesis import strategies as st

from connectors.base.limits import Limits
from connectors.base.reading.files import File
from connectors.base.reading.json_lines import lines, peek_lines
from connectors.base.types import Unreadable


def _file(content: bytes, limits: Limits | None = None) -> File:
    return File("x.jsonl", len(content), lambda: io.BytesIO(content), limits or Limits())


def test_lines_are_values_and_damage_is_one_report() -> None:
    found = list(lines(_file(b'\xef\xbb\xbf{"a": 1}\r\n\n{"b"\n[2]\n{"c":1},{"d":2}\n3')))
    assert [one for one in found if not isinstance(one, Unreadable)] == [{"a": 1}, [2], 3]
    broken = [one.where for one in found if isinstance(one, Unreadable)]
    assert broken == ["x.jsonl, line 3", "x.jsonl, line 5"]


def test_a_line_of_any_length_and_too_many_lines_are_bounded() -> None:
    long = _file(b'"' + b"x" * 500 + b'"\n7\n', Limits(item_bytes=100))
    first, second = lines(long)
    assert isinstance(first, Unreadable) and second == 7
    many = list(lines(_file(b"1\n" * 9, Limits(items=3))))
    assert many[:3] == [1, 1, 1] and isinstance(many[3], Unreadable) and len(many) == 4


def test_peeking_reads_little_and_passes_over_damage() -> None:
    assert list(peek_lines(_file(b"1\n{\n" + b"2\n" * 40), count=4)) == [1, 2, 2]


@given(st.binary(max_size=300))
def test_every_line_with_something_in_it_is_accounted_for(content: bytes) -> None:
    written = [line for line in content.split(b"\n") if line.strip()]
    assert len(list(lines(_file(content)))) in (len(written), len(written) - 1)
