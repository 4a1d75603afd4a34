"""Workbooks (xlsx), written in code: as small as they can be, and as broken as asked for."""

from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from tests.connectors.shapes import zipped

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"

Rows = Sequence[Sequence[Any]]


def parts(sheets: Mapping[str, Rows | str]) -> dict[str, str]:
    """The files of a workbook: rows of text (shared), numbers and None; text is XML as it is."""
    texts: list[str] = []
    made = {
        f"xl/worksheets/sheet{number}.xml": rows if isinstance(rows, str) else _sheet(rows, texts)
        for number, rows in enumerate(sheets.values(), 1)
    }
    named = "".join(
        f'<sheet name="{escape(name)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(sheets, 1)
    )
    linked = "".join(
        f'<Relationship Id="rId{number}" Type="{LINKS}/worksheet" '
        f'Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, len(sheets) + 1)
    )
    strings = "".join(f"<si><t>{escape(text)}</t></si>" for text in texts)
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}">'
        f"<workbookPr/><sheets>{named}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f"{linked}</Relationships>",
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/>'
        '<xf numFmtId="22"/></cellXfs></styleSheet>',
        **made,
    }


def workbook(sheets: Mapping[str, Rows | str]) -> bytes:
    return zipped(parts(sheets))


def sheet(rows: str) -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def _sheet(rows: Rows, texts: list[str]) -> str:
    return sheet("".join(f"<row>{''.join(_cell(one, texts) for one in row)}</row>" for row in rows))


def _cell(value: Any, texts: list[str]) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, str):
        texts.append(value)
        return f'<c t="s"><v>{len(texts) - 1}</v></c>'
    return f"<c><v>{value}</v></c>"
