"""Workbooks: what is in their cells, and what strangers hide in such files."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base.limits import MIB, Limits
from connectors.base.reading.files import File
from connectors.base.reading.workbook import Table, is_workbook, sheet_names, sheets
from connectors.base.types import Unreadable
from tests.connectors.shapes import calmly, opened, upload, zipped
from tests.connectors.workbooks import MAIN, parts, sheet, workbook

SMALL = Limits(item_bytes=MIB)


def a_file(content: bytes, limits: Limits | None = None) -> File:
    return File("t.xlsx", len(content), lambda: io.BytesIO(content), limits or Limits())


def read(content: bytes, limits: Limits | None = None) -> list[Any]:
    """Each sheet as its name and rows; a failure of the whole as it is."""
    return [
        (one.name, list(one.rows)) if isinstance(one, Table) else one
        for one in sheets(a_file(content, limits))
    ]


def cells(row: str) -> dict[str, str]:
    """What the second row of a sheet says, of which the first names the columns a to d."""
    names = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in "abcd")
    ((_, (found,)),) = read(workbook({"s": sheet(f"<row>{names}</row><row>{row}</row>")}))
    assert isinstance(found, dict)
    return {name: value for name, value in found.items() if value}


def test_sheets_in_order_with_their_rows() -> None:
    book = workbook({"memory": [["id", "memory"], ["1", "Tea & cake"], [2, None]], "b": []})
    assert read(book) == [
        ("memory", [{"id": "1", "memory": "Tea & cake"}, {"id": "2", "memory": ""}]),
        ("b", []),
    ]
    assert sheet_names(a_file(book)) == ["memory", "b"]


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ('<c r="C2" t="str"><f>x</f><v>made</v></c>', {"c": "made"}),
        ('<c r="B2" t="b"><v>1</v></c><c t="b"><v>0</v></c>', {"b": "TRUE", "c": "FALSE"}),
        ('<c t="inlineStr"><is><r><t>a </t></r><r><t>b_x000A_</t></r></is></c>', {"a": "a b\n"}),
        ('<c s="1"><v>46024.1278356481</v></c>', {"a": "2026-01-02T03:04:05"}),
        ('<c s="1"><v>1e999</v></c><c s="1"><v>soon</v></c>', {"a": "1e999", "b": "soon"}),
        ('<c s="0"><v>46024.5</v></c><c s="99"><v>7</v></c>', {"a": "46024.5", "b": "7"}),
        ('<c t="e"><v>#N/A</v></c>', {"a": "#N/A"}),
        ('<c r="??"><v>1</v></c><c r=""><v>2</v></c>', {"a": "1", "b": "2"}),
    ],
)
def test_every_kind_of_cell(row: str, found: dict[str, str]) -> None:
    assert cells(row) == found


def test_times_counted_from_1904() -> None:
    made = parts({"s": sheet("<row><c><v>a</v></c></row><row><c s='1'><v>1</v></c></row>")})
    made["xl/workbook.xml"] = made["xl/workbook.xml"].replace("Pr/>", 'Pr date1904="1"/>')
    assert read(zipped(made)) == [("s", [{"a": "1904-01-02T00:00:00"}])]


def test_a_format_of_its_own_that_shows_times() -> None:
    made = parts({"s": sheet("<row><c><v>a</v></c></row><row><c s='2'><v>1.5</v></c></row>")})
    custom = '<numFmts><numFmt numFmtId="164" formatCode="{}"/></numFmts><cellXfs>'
    style = made["xl/styles.xml"].replace("</cellXfs>", '<xf numFmtId="164"/></cellXfs>')
    for code, found in (("yyyy\\-mm", "1899-12-31T12:00:00"), ('0.0 "days"[Red]', "1.5")):
        shown = code.replace('"', "&quot;")
        made["xl/styles.xml"] = style.replace("<cellXfs>", custom.format(shown))
        assert read(zipped(made)) == [("s", [{"a": found}])]


def test_how_words_are_pronounced_is_no_part_of_them() -> None:
    made = parts({"s": [["a"], ["x"]]})
    made["xl/sharedStrings.xml"] = (
        f'<sst xmlns="{MAIN}"><si><t>a</t></si><si><t>ana</t><rPh><t>hidden</t></rPh></si></sst>'
    )
    assert read(zipped(made)) == [("s", [{"a": "ana"}])]


def test_a_text_that_is_not_there_costs_only_its_row() -> None:
    rows = "".join(f"<row><c{kind}</c></row>" for kind in ("><v>a</v>", ' t="s"><v>9</v>'))
    ((_, found),) = read(workbook({"s": sheet(rows + "<row><c><v>1</v></c></row>")}))
    assert isinstance(found[0], Unreadable) and found[0].where == "t.xlsx, sheet s, row 2"
    assert found[1:] == [{"a": "1"}]


def test_two_cells_at_opposite_corners_take_no_room() -> None:
    """Of such a file, another reader made a table of half a terabyte, and the process ended."""
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    near = '<row r="1"><c r="A1"><v>a</v></c></row>'
    ((_, found),) = read(workbook({"s": sheet(near + far)}))
    assert [type(row) for row in found] == [Unreadable]


def test_a_row_of_very_many_cells_is_left_out_in_one_go() -> None:
    wide = f"<row>{'<c><v>1</v></c>' * 15_000}</row>"
    names = "<row><c><v>a</v></c></row>"
    ((_, found),) = read(workbook({"s": sheet(names + wide + names)}))
    assert [type(row) for row in found] == [Unreadable, dict]


ENTITIES = '<!DOCTYPE x [<!ENTITY a "{}"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "head", [ENTITIES.format("x" * 100), '<!DOCTYPE x SYSTEM "file:///etc/passwd">', "<!DOCTYPE x>"]
)
@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/sharedStrings.xml"])
def test_document_types_are_refused(head: str, part: str) -> None:
    made = parts({"s": [["a"], ["x"]]})
    made[part] = head + made[part]
    found = read(zipped(made))
    whole = found if part == "xl/workbook.xml" else found[0][1]
    assert [type(one) for one in whole] == [Unreadable]


def test_a_bomb_is_refused_as_every_zip_is() -> None:
    made = parts({"s": [["a"]]})
    made["xl/worksheets/sheet1.xml"] = sheet(" " * (3 * MIB))
    (found,) = read(zipped(made), SMALL)
    assert isinstance(found, Unreadable) and "bomb" in found.reason
    (found,) = read(bytes(2 * MIB), SMALL)
    assert isinstance(found, Unreadable)


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"]
)
def test_a_part_that_is_missing_or_cut_short_is_told(part: str) -> None:
    made = parts({"s": [["a"], ["x"]]})
    for broken in (made | {part: made[part][:60]}, {k: v for k, v in made.items() if k != part}):
        found = read(zipped(broken))
        whole = found if part != "xl/worksheets/sheet1.xml" else found[0][1]
        assert [type(one) for one in whole] == [Unreadable]


def test_a_workbook_stays_one_file_wherever_it_comes_from() -> None:
    book = workbook({"s": [["a"], ["1"]]})
    with opened(upload(book, "data.xlsx")) as files:
        assert list(files) == ["data.xlsx"]
        assert is_workbook(files["data.xlsx"]) and sheet_names(files["data.xlsx"]) == ["s"]
    with opened({"x/data.xlsx": book, "more.zip": zipped({"in.xlsx": book})}) as files:
        assert list(files) == ["x/data.xlsx", "more.zip/in.xlsx"]
        assert [sheet_names(file) for file in files.values()] == [["s"], ["s"]]


@calmly
@given(st.data())
def test_no_broken_byte_stops_the_reading(data: st.DataObject) -> None:
    made = parts({"s": [["a", "b"], ["x", 1]], "t": [["c"], ["y"]]})
    part = data.draw(st.sampled_from(sorted(made)))
    raw = bytearray(made[part].encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place] = data.draw(st.integers(0, 255))
    broken = zipped({**made, part: bytes(raw)})
    assert read(broken) == read(broken)
