"""What an import's details say of files that nobody knows: their shapes, and what they are read as.

Both are sealed with the details: names of parts and beginnings of values are the owner's.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.plain.mapping import Mapped
from connectors.plain.sketch import Shape

SHAPES, MAPPINGS = "shapes", "mappings"


def shapes_from(details: Mapping[str, Any]) -> tuple[Shape, ...]:
    return tuple(Shape.from_json(one) for one in details.get(SHAPES, ()))


def with_shapes(shapes: Sequence[Shape]) -> dict[str, Any]:
    return {SHAPES: [one.to_json() for one in shapes]}


def mappings_from(details: Mapping[str, Any]) -> tuple[Mapped, ...]:
    return tuple(Mapped.from_json(one) for one in details.get(MAPPINGS, ()))


def with_mappings(mappings: Sequence[Mapped]) -> dict[str, Any]:
    return {MAPPINGS: [one.to_json() for one in mappings]}
