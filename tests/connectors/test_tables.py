"""Tables: any separator and encoding, and damage that costs only the row it is in."""

import csv
import io
import tracemalloc
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.base.limits import MIB, Limits
from connectors.base.reading.csv_cutter import Cutter
from connectors.base.reading.files import File
from connectors.base.reading.tables import cells, columns, rows
from connectors.base.types import Unreadable
from tests.connectors.shapes import calmly, opened, zipped


def a_file(content: bytes | str, limits: Limits | None = None) -> File:
    raw = content.encode() if isinstance(content, str) else content
    return File("t.csv", len(raw), lambda: io.BytesIO(raw), limits or Limits())


def sound(content: bytes | str) -> list[dict[str, str]]:
    found = list(rows(a_file(content)))
    assert not [row for row in found if isinstance(row, Unreadable)]
    return [row for row in found if isinstance(row, dict)]


TWO = [{"name": "Ana", "likes": "tea, black"}, {"name": "Zoë", "likes": 'the "best"\n—ever'}]


def written(separator: str = ",", end: str = "\r\n") -> str:
    out = io.StringIO()
    table = csv.writer(out, delimiter=separator, lineterminator=end)
    table.writerows([["name", "likes"], *(row.values() for row in TWO)])
    return out.getvalue()


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_separator_and_any_line_end(separator: str, end: str) -> None:
    assert sound(written(separator, end)) == TWO


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_any_encoding(encoding: str) -> None:
    assert sound(written().encode(encoding)) == TWO


def test_an_encoding_that_shows_only_late() -> None:
    plain = "a,b\n" + "1,2\n" * 20_000
    assert sound(plain.encode() + "ä,—\n".encode("cp1252"))[-1] == {"a": "ä", "b": "—"}
    assert sound(plain.encode() + "ä,—\n".encode())[-1] == {"a": "ä", "b": "—"}


def test_a_letter_split_between_two_reads() -> None:
    for shift in range(3):
        text = "a,b\n" + "x" * ((1 << 16) - 5 - shift) + "€,€\n"
        assert sound(text)[0]["b"] == "€"
        assert sound(text)[0]["a"].endswith("x€")


def test_damaged_letters_cost_only_themselves() -> None:
    found = sound("é,è,ü,b\n".encode() + b"\xff1,2\x00,3,4\n")
    assert found == [{"é": "\ufffd1", "è": "2\ufffd", "ü": "3", "b": "4"}]


def test_the_line_that_spreadsheets_write_first() -> None:
    assert sound("sep=;\nname;a,b,c\nx;1,2,3\n") == [{"name": "x", "a,b,c": "1,2,3"}]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("a,b\n1,2", [{"a": "1", "b": "2"}]),
        ("a,b\n1,", [{"a": "1", "b": ""}]),
        ("a,b\n\n,\n1,2\n\n", [{"a": "1", "b": "2"}]),
        ("\n\na,b\n1,2\n", [{"a": "1", "b": "2"}]),
        ("a,b\n1\n", [{"a": "1", "b": ""}]),
        ("a,b\n1,2,,\n", [{"a": "1", "b": "2"}]),
        ("a,,a\n1,2,3\n", [{"a": "1", "column 2": "2", "a (2)": "3"}]),
        ('a,b\n5" pipe,"x"y\n', [{"a": '5" pipe', "b": "xy"}]),
        ('a\n""""\n', [{"a": '"'}]),
        ("words\nand, more; words\n", [{"words": "and, more; words"}]),
        ("x, y;b\nA;1,5\nB;2\n", [{"x, y": "A", "b": "1,5"}, {"x, y": "B", "b": "2"}]),
        ("a,b\n", []),
        ("", []),
    ],
)  # fmt: skip
def test_what_tables_look_like(content: str, found: list[dict[str, str]]) -> None:
    assert sound(content) == found


def test_a_row_with_more_cells_than_names_is_left_out() -> None:
    found = list(rows(a_file("a,b\n1,2\n1,2,3\n4,5\n")))
    assert found[::2] == [{"a": "1", "b": "2"}, {"a": "4", "b": "5"}]
    assert isinstance(found[1], Unreadable) and found[1].where == "t.csv, row 3"


@pytest.mark.parametrize("last", ['"never closed\nx,y\n', '"never closed'])
def test_a_quote_that_is_never_closed(last: str) -> None:
    found = list(rows(a_file(f"a,b\n1,2\n{last}")))
    assert found[0] == {"a": "1", "b": "2"}
    assert isinstance(found[1], Unreadable) and found[1].where == "t.csv, row 3"
    assert len(found) == 2


LONG = [
    pytest.param("x" * 5_000, id="plain"),
    pytest.param('"' + "x\n" * 2_500 + '"', id="quoted"),
    pytest.param('"' + '""' * 5_000 + '"', id="quotes"),
]


@pytest.mark.parametrize("cell", LONG)
def test_a_cell_larger_than_allowed_costs_its_row(cell: str) -> None:
    content = f"a,b\n1,2\n{cell},2\n3,4\n"
    found = list(rows(a_file(content, Limits(item_bytes=1_000))))
    assert found[::2] == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]
    assert isinstance(found[1], Unreadable) and found[1].where == "t.csv, row 3"
    assert "xxx" not in found[1].reason


@pytest.mark.parametrize("cell", [",", "1,", '"",', '"a"b,'])
def test_a_row_wider_than_allowed_costs_itself(cell: str) -> None:
    found = list(rows(a_file(f"a,b\n1,2\n{cell * 30_000}\n3,4\n")))
    assert found[::2] == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]
    assert isinstance(found[1], Unreadable) and len(found) == 3


def test_names_that_cannot_be_read_leave_nothing_to_read_by() -> None:
    found = list(rows(a_file(f"{'a' * 99},b\n1,2\n", Limits(item_bytes=50))))
    assert [isinstance(row, Unreadable) for row in found] == [True]


def test_more_rows_than_allowed() -> None:
    found = list(rows(a_file("a,b\n" + "1,2\n" * 9, Limits(items=5))))
    assert len(found) == 5 and isinstance(found[-1], Unreadable)


def test_columns_are_read_from_the_start_alone() -> None:
    asked: list[int] = []

    class Counting(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            asked.append(size or 0)
            return super().read(size)

    raw = b"a,b\n" + b"1,2\n" * 1_000_000
    file = File("t.csv", len(raw), lambda: Counting(raw))
    assert columns(file) == ["a", "b"]
    assert sum(asked) <= 1 << 17
    assert columns(a_file("")) == columns(a_file('"')) == []


def test_a_damaged_zip_gives_what_came_before() -> None:
    lines = "".join(f"{number},{number * 7919}\n" for number in range(50_000))
    packed = bytearray(zipped({"t.csv": "a,b\n" + lines}))
    middle = len(packed) // 2
    packed[middle : middle + 64] = bytes(64)
    with opened(bytes(packed)) as files:
        found = list(rows(files["t.csv"]))
    assert len(found) > 10 and isinstance(found[-1], Unreadable)
    assert "after row" in found[-1].where


class Endless(io.RawIOBase):
    """So many bytes of one kind, behind a row of names, that are nowhere in memory."""

    def __init__(self, filler: bytes, size: int) -> None:
        self._next, self._filler, self._left = b"a,b\n", filler, size

    def read(self, size: int = -1) -> bytes:
        found, self._next = self._next, (self._filler * (1 << 16))[: min(1 << 16, self._left)]
        self._left -= len(self._next)
        return found


@pytest.mark.parametrize("filler", [b"x", b'"', b'"x', b",", b'"",', b"1,2\n", b"\n", b"\xff"])
def test_no_file_takes_more_memory_than_a_row_may(filler: bytes) -> None:
    size = 12 * MIB
    limits = Limits(item_bytes=MIB, items=20_000)
    file = File("t.csv", size, lambda: Endless(filler, size), limits)  # type: ignore[arg-type, return-value]
    tracemalloc.start()
    try:
        count = sum(1 for _ in rows(file))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 12 * MIB
    assert count <= 20_000


CELL = st.text(st.sampled_from(['"', ",", ";", "\n", " ", "a", "é"]), max_size=6)
TABLE = st.lists(st.lists(CELL, min_size=2, max_size=3), min_size=1, max_size=5)


@calmly
@given(TABLE, st.integers(1, 9))
@example([['"', ""], ["\n", '""']], 1)
def test_what_the_standard_library_writes_is_read_however_it_is_cut(
    table: list[list[str]], step: int
) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(table)
    text = out.getvalue()
    cutter = Cutter(",", 1_000)
    found: list[Any] = []
    for start in range(0, len(text), step):
        found += cutter.feed(text[start : start + step])
    found += cutter.finish()
    assert found == [row if any(row) else [] for row in table]


@calmly
@given(st.binary(max_size=300) | st.text('",\n\ta;é\x00', max_size=200).map(str.encode))
def test_no_bytes_stop_the_reading_and_each_row_comes_once(content: bytes) -> None:
    limits = Limits(item_bytes=40)
    once = list(cells(a_file(content, limits)))
    named = list(rows(a_file(content, limits)))
    assert once == list(cells(a_file(content, limits)))
    assert len(named) <= len(once)
    columns(a_file(content, limits))
