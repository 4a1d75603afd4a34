"""What the person said about files that nobody knows: where entries are, and what is in them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.base.reading.files import File
from connectors.plain.fields import Fields
from connectors.plain.places import Place, Row, first_rows

ITSELF = "(the entry itself)"
"""The name of the text where entries are text and have no parts."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """Entries at this place are to be read so; without `fields` they are left out."""

    place: Place
    names: frozenset[str]
    """Of the parts that entries there have, to know them by."""
    fields: Fields | None

    def fits(self, file: File, place: Place) -> bool:
        """Whether the entries there look like those that this was said of."""
        if place != self.place:
            return False
        found = names_of(first_rows(file, place))
        if self.fields:
            return self.fields.text in found
        return alike(found, self.names)

    def to_json(self) -> dict[str, Any]:
        fields = self.fields.to_json() if self.fields else None
        return {"place": self.place.to_json(), "names": sorted(self.names), "fields": fields}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Mapped":
        """KeyError or TypeError when it is not what `to_json` gave."""
        names, fields = data["names"], data["fields"]
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise TypeError("names")
        read = Fields.from_json(fields) if fields is not None else None
        return cls(Place.from_json(data["place"]), frozenset(names), read)


def mapped_for(mappings: Sequence[Mapped], file: File, place: Place) -> Mapped | None:
    """What was said of the entries there: of several, that which takes something."""
    fitting = [one for one in mappings if one.fits(file, place)]
    return next((one for one in fitting if one.fields), fitting[0] if fitting else None)


def names_of(rows: Iterable[Row | str]) -> list[str]:
    """The names of the parts that these entries have, as they come."""
    found: dict[str, None] = {}
    for row in rows:
        found |= {ITSELF: None} if isinstance(row, str) else dict.fromkeys(row)
    return list(found)


def alike(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether two lists of names are of the same sort of entry: half of all, or more, in common."""
    first, second = set(one), set(other)
    return 2 * len(first & second) >= len(first | second)
