"""What files look like that nobody knows: their entries and the names of their parts, bounded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from connectors.base.limits import MIB
from connectors.base.reading.files import File, Files
from connectors.plain.fields import Fields, guess
from connectors.plain.mapping import ITSELF, Mapped, alike, names_of
from connectors.plain.places import Place, Row, first_rows, places, rows, words

_SHAPES = 12
_PARTS = 40
_NAME = 80
_SAMPLE = 60
_FILES = 300
_COUNTED = 20_000
_COUNTED_BYTES = 64 * MIB


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an entry, and the beginning of what one entry has there."""

    name: str
    sample: str


@dataclass(frozen=True, slots=True)
class Shape:
    """Entries of one sort: `count` of them in `files` files, or more than that. `where` is the
    first file; `guess` what the parts may be."""

    place: Place
    parts: tuple[Part, ...]
    count: int
    more: bool
    files: int
    where: str
    guess: Fields | None

    @property
    def names(self) -> frozenset[str]:
        return frozenset(part.name for part in self.parts)

    def to_json(self) -> dict[str, Any]:
        guessed = self.guess.to_json() if self.guess else None
        shape = {"place": self.place.to_json(), "guess": guessed}
        return {**shape, "parts": [asdict(part) for part in self.parts], **self._plain()}

    def _plain(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("count", "more", "files", "where")}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Shape":
        """KeyError, TypeError or AttributeError when it is not what `to_json` gave."""
        return cls(
            place=Place.from_json(data["place"]),
            parts=tuple(Part(str(one["name"]), str(one["sample"])) for one in data["parts"]),
            count=int(data["count"]),
            more=bool(data["more"]),
            files=int(data["files"]),
            where=str(data["where"]),
            guess=Fields.from_json(data["guess"]) if data["guess"] is not None else None,
        )


@dataclass
class _Growing:
    place: Place
    where: str
    samples: dict[str, str] = field(default_factory=dict)
    files: list[File] = field(default_factory=list)


def sketch(files: Files, known: Sequence[Mapped] = ()) -> list[Shape]:
    """The sorts of entries in `files`, those in the most files first; what was said of such entries
    before is their guess. [] if there are none. Reads no more than some megabytes to count."""
    found: list[_Growing] = []
    for file in islice((one for one in files.values() if not hidden(one)), _FILES):
        for place in places(file):
            _grow(found, file, place)
    found.sort(key=lambda one: -len(one.files))
    return [_shape(one, known) for one in found[:_SHAPES]]


def hidden(file: File) -> bool:
    """Whether it is a program's own: nobody means it when they upload a folder."""
    return any(part.startswith((".", "__MACOSX")) for part in file.where.split("/"))


def _grow(found: list[_Growing], file: File, place: Place) -> None:
    looked_at = first_rows(file, place)
    names = [name for name in names_of(looked_at) if len(name) <= _NAME and _plain(looked_at, name)]
    same = (one for one in found if one.place == place and alike(one.samples, names))
    shape = next(same, None)
    if shape is None:
        shape = _Growing(place, file.where)
        found.append(shape)
    shape.files.append(file)
    for name in names:
        if len(shape.samples) < _PARTS and not shape.samples.get(name):
            shape.samples[name] = _sample(looked_at, name)


def _plain(looked_at: Sequence[Row | str], name: str) -> bool:
    """Whether it is a part with something to read in it, or an empty one; not a part of parts."""
    held = (row.get(name) for row in looked_at if not isinstance(row, str))
    return any(not isinstance(one, dict | list) or words(one) for one in held)


def _sample(looked_at: Sequence[Row | str], name: str) -> str:
    said = (row if isinstance(row, str) else words(row.get(name)) for row in looked_at)
    first = " ".join(next(filter(None, said), "").split())
    return first if len(first) <= _SAMPLE else f"{first[:_SAMPLE]}…"


def _shape(found: _Growing, known: Sequence[Mapped]) -> Shape:
    count, more = _counted(found)
    said = (one for one in known if one.place == found.place and one.fields)
    before = next((one.fields for one in said if alike(one.names, found.samples)), None)
    fits = before is not None and before.text in found.samples
    return Shape(
        place=found.place,
        parts=tuple(Part(*one) for one in found.samples.items()),
        count=count,
        more=more,
        files=len(found.files),
        where=found.where,
        guess=before if fits else guess_of(list(found.samples), sure=False),
    )


def guess_of(names: Sequence[str], *, sure: bool) -> Fields | None:
    return Fields(ITSELF) if ITSELF in names else guess(names, sure=sure)


def _counted(found: _Growing) -> tuple[int, bool]:
    count, left = 0, _COUNTED_BYTES
    for file in found.files:
        left -= file.size
        if left < 0 or count >= _COUNTED:
            return count + _at_least(file, found.place), True
        count += sum(1 for _ in islice(_sound(file, found.place), _COUNTED + 1 - count))
    return min(count, _COUNTED), count > _COUNTED


def _at_least(file: File, place: Place) -> int:
    return len(first_rows(file, place))


def _sound(file: File, place: Place) -> Iterator[object]:
    return (row for _, row in rows(file, place) if isinstance(row, str | dict))
