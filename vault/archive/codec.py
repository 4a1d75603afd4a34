"""Values to lines of JSON and back, by the types of a frozen dataclass; exact in both directions.

A line must have exactly the fields of its dataclass, each of its type and within its bounds:
whatever else a file may hold, it ends in `Damaged` and not in the vault.
"""

import base64
import binascii
import dataclasses
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from vault.archive.errors import Damaged

LONGEST_LINE = 1 << 24
"""Bytes of one line. The longest real ones are texts of 100,000 characters."""
LONGEST_COLUMN = 300
LARGEST = (1 << 63) - 1

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_DIGITS = 40
T = TypeVar("T")
Read = Callable[[Any], Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Most:
    """Beside a type in `Annotated`: the largest number, or the longest text, bytes or list; of
    bytes also the fewest."""

    limit: int
    least: int = 0


def dump(value: object) -> bytes:
    """One line, with its end."""
    data = json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))
    return data.encode() + b"\n"


def parse(shape: type[T], line: bytes, absent: Mapping[str, Any] = MappingProxyType({})) -> T:
    """The value of a line. Damaged unless it is exactly what `dump` would have written.

    `absent`: the fields that an older version did not have, and what they are in its lines.
    """
    try:
        found = json.loads(line, parse_constant=_refuse, parse_float=_refuse, parse_int=_integer)
    except (ValueError, RecursionError):
        raise Damaged from None
    if absent:
        if not isinstance(found, dict) or found.keys() & absent.keys():
            raise Damaged
        found |= absent
    value: T = _reader(shape)(found)  # type: ignore[arg-type]  # every class is hashable
    return value


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        return {field.name: _plain(getattr(value, field.name)) for field in fields}
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").zfill(27)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return dict(value) if isinstance(value, Mapping) else value


def _refuse(_: str) -> None:
    raise Damaged


def _integer(digits: str) -> int:
    if len(digits) > _DIGITS:
        raise Damaged
    return int(digits)


@cache
def _reader(shape: Any, most: int = LARGEST) -> Read:
    origin, arguments = get_origin(shape), get_args(shape)
    if origin is Annotated:
        inner, bound = arguments
        return _bytes(bound.limit, bound.least) if inner is bytes else _reader(inner, bound.limit)
    if origin is Literal:
        return _checked(lambda value: isinstance(value, str) and value in arguments)
    if origin in (Union, UnionType):
        (other,) = (_reader(each, most) for each in arguments if each is not NoneType)
        return lambda value: None if value is None else other(value)
    if origin is tuple:
        return _tuple(_reader(arguments[0]), most)
    if dataclasses.is_dataclass(shape):
        return _record(shape)
    return _SIMPLE[origin or shape](most)


def _record(shape: Any) -> Read:
    hints = get_type_hints(shape, include_extras=True)
    readers = {field.name: _reader(hints[field.name]) for field in dataclasses.fields(shape)}

    def read(value: Any) -> Any:
        if not isinstance(value, dict) or value.keys() != readers.keys():
            raise Damaged
        return shape(**{name: reader(value[name]) for name, reader in readers.items()})

    return read


def _tuple(inner: Read, most: int) -> Read:
    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list) or len(value) > most:
            raise Damaged
        return tuple(inner(each) for each in value)

    return read


def _checked(holds: Callable[[Any], bool]) -> Read:
    def read(value: Any) -> Any:
        if not holds(value):
            raise Damaged
        return value

    return read


def _boolean(most: int) -> Read:
    return _checked(lambda value: isinstance(value, bool))


def _number(most: int) -> Read:
    return _checked(lambda value: type(value) is int and 0 <= value <= most)


def _text(most: int) -> Read:
    # Short texts stand in columns, which take no NUL; longer ones are sealed.
    column = most <= LONGEST_COLUMN

    def read(value: Any) -> str:
        if not isinstance(value, str) or len(value) > most or (column and "\0" in value):
            raise Damaged
        try:
            value.encode()
        except UnicodeEncodeError:  # lone surrogates fit nowhere
            raise Damaged from None
        return value

    return read


def _id(most: int) -> Read:
    def read(value: Any) -> UUID:
        try:
            found = UUID(value)
        except (ValueError, AttributeError, TypeError):
            raise Damaged from None
        if str(found) != value:
            raise Damaged
        return found

    return read


def _time(most: int) -> Read:
    def read(value: Any) -> datetime:
        if not isinstance(value, str) or not _TIME.fullmatch(value):
            raise Damaged
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            raise Damaged from None

    return read


def _bytes(most: int, least: int = 0) -> Read:
    def read(value: Any) -> bytes:
        try:
            data = base64.b64decode(value.encode("ascii"), validate=True)
        except (AttributeError, UnicodeEncodeError, binascii.Error):
            raise Damaged from None
        if not least <= len(data) <= most:
            raise Damaged
        return data

    return read


def _counts(most: int) -> Read:
    def read(value: Any) -> dict[str, int]:
        if not isinstance(value, dict) or len(value) > most:
            raise Damaged
        return {_text(_DIGITS)(name): _number(LARGEST)(count) for name, count in value.items()}

    return read


_SIMPLE: Mapping[Any, Callable[[int], Read]] = {
    bool: _boolean,
    int: _number,
    str: _text,
    UUID: _id,
    datetime: _time,
    bytes: _bytes,
    Mapping: _counts,
}
