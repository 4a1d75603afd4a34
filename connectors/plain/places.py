"""Where in a file its entries are: a list, one under a key, one in each entry, lines, rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, Literal, get_args

from connectors.base.reading import tables
from connectors.base.reading.files import File
from connectors.base.reading.json_lines import lines, peek_lines
from connectors.base.reading.json_stream import items, lists_in, peek
from connectors.base.reading.peeked import HEAVIER, Found
from connectors.base.types import Unreadable
from connectors.plain.texts import ending

Form = Literal["list", "lines", "table"]
Row = Mapping[str, Any]

_TABLES = ("csv", "tsv", "tab", "psv")
_MOST_LISTS = 8
_FIRST = 10  # entries to look at


@dataclass(frozen=True, slots=True)
class Place:
    """`under` is the key of the list in an object, `inside` that of a list in each entry."""

    form: Form
    under: str = ""
    inside: str = ""

    def to_json(self) -> dict[str, str]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Place":
        """KeyError or TypeError when it is not what `to_json` gave."""
        if data["form"] not in get_args(Form) or not all(isinstance(v, str) for v in data.values()):
            raise TypeError("place")
        return cls(**data)


def places(file: File) -> Sequence[Place]:
    """Those of `file` that hold something; [] for what is neither JSON nor a table."""
    return file.peeked.get((file.where, "places"), lambda: (_places(file), 0))


def rows(file: File, place: Place) -> Iterator[tuple[str, Row | str | Unreadable]]:
    """Where each entry is; and itself, with the names of its parts, those of parts with a dot, or
    if it is text, that. One that is neither is Unreadable, as is damage. Entries from one list
    within an entry are all where that is."""
    for number, entry in enumerate(_raw(file, place), 1):
        where = f"{file.where}, entry {number}"
        if isinstance(entry, Unreadable):
            yield where, entry
        elif place.inside:
            yield from ((where, one) for one in _inside(entry, place.inside, where))
        else:
            yield where, _row(entry, where)


def first_rows(file: File, place: Place) -> list[Row | str]:
    """The first of them that can be read."""
    if place.form == "table":
        found = iter(file.peeked.get((file.where, "rows"), lambda: _first_of_table(file)))
    elif place.form == "lines":
        found = peek_lines(file, _FIRST)
    else:
        found = peek(file, place.under, _FIRST)
    made = (_inside(one, place.inside, "") if place.inside else [_row(one, "")] for one in found)
    flat = (one for rows in made for one in rows if not isinstance(one, Unreadable))
    return list(islice(flat, _FIRST))


def _first_of_table(file: File) -> Found:
    found = list(islice(tables.rows(file), _FIRST))
    letters = sum(len(cell) for row in found if isinstance(row, dict) for cell in row.values())
    return [row for row in found if isinstance(row, dict)], HEAVIER * letters


def words(value: object) -> str:
    """What `value` says: text, a number, or the pieces of text in a list or an object."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return "\n".join(filter(None, map(words, value)))
    if isinstance(value, dict):
        held = (value.get(key) for key in ("text", "content", "parts", "value"))
        return next(filter(None, (words(one) for one in held if one is not None)), "")
    return "" if value is None or isinstance(value, bool) else str(value)


def _places(file: File) -> list[Place]:
    if file.start[:1] in (b"[", b"{"):
        found = [place for place in _of_json(file) if any(first_rows(file, place))]
        return found[:_MOST_LISTS]
    if ending(file) in _TABLES and len(tables.columns(file)) > 0:
        return [Place("table")]
    return []


def _raw(file: File, place: Place) -> Iterator[Any]:
    if place.form == "table":
        return tables.rows(file)
    return lines(file) if place.form == "lines" else items(file, place.under)


def _row(entry: object, where: str) -> Row | str | Unreadable:
    if isinstance(entry, dict):
        return dict(_parts(entry))
    if isinstance(entry, str):
        return entry
    return Unreadable(where, "This entry is neither text nor made of named parts.")


def _inside(entry: object, key: str, where: str) -> Iterator[Row | str | Unreadable]:
    """The entries of a list within an entry, each with what stands beside the list."""
    if not isinstance(entry, dict):
        yield Unreadable(where, "This entry is not made of named parts.")
        return
    held = entry.get(key)
    if held is not None and not isinstance(held, list):
        yield Unreadable(where, "This entry holds no list where the others have one.")
        return
    beside = {name: value for name, value in _parts(entry) if name != key}
    for number, one in enumerate(held or [], 1):
        if isinstance(one, dict):
            yield {**beside, **{f"{key}.{name}": value for name, value in _parts(one)}}
        elif isinstance(one, str):
            yield {**beside, key: one}
        else:
            yield Unreadable(f"{where}, {number}", "This is neither text nor made of named parts.")


def _parts(entry: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in entry.items():
        yield name, value
        if isinstance(value, dict):
            yield from ((f"{name}.{inner}", part) for inner, part in value.items())


def _of_json(file: File) -> Iterator[Place]:
    if file.start[:1] == b"[":
        yield Place("list")
        yield from _lists_inside(file, Place("list"))
        return
    whole = list(peek(file))
    told = list(peek_lines(file)) if not whole else []
    if len(told) > 1 and all(isinstance(one, dict) for one in told):
        yield Place("lines")
        yield from _lists_inside(file, Place("lines"))
        return
    for key in lists_in(file):
        yield Place("list", key)
        yield from _lists_inside(file, Place("list", key))
    if whole and not lists_in(file):
        yield Place("list")


def _lists_inside(file: File, place: Place) -> Iterator[Place]:
    """Lists of named parts that entries hold, such as the messages of a conversation."""
    keys: dict[str, None] = {}
    for row in first_rows(file, place):
        if isinstance(row, dict):
            keys |= {key: None for key, value in row.items() if "." not in key and _is_list(value)}
    for key in keys:
        yield Place(place.form, place.under, key)


def _is_list(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(one, dict) and len(one) > 1 for one in value)
