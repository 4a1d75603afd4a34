"""Taking a vault out: what every file of an archive is read with."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from django.db.models import Model, QuerySet

from vault.access import Access
from vault.errors import Refused, Tampered

PORTION = 500
R = TypeVar("R", bound=Model)
T = TypeVar("T")


@dataclass(slots=True)
class Taking:
    """One vault on its way out, within one scope that sees one moment of it.

    `access` holds every key and the access log's. `left_out` counts rows that did not open, by the
    file they would be in; `altered` says what else was found wrong.
    """

    access: Access
    vectors: bool = False
    embedder_keys: bool = False
    left_out: Counter[str] = field(default_factory=Counter)
    altered: list[str] = field(default_factory=list)
    taken: int = 0

    def each(self, name: str, rows: Iterable[R], opened: Callable[[R], T]) -> Iterator[T]:
        """What opens of these rows; the others are counted."""
        for row in rows:
            self.taken += 1
            try:
                yield opened(row)
            except (Refused, Tampered):  # or its key is gone with its collection
                self.left_out[name] += 1


def portions(rows: QuerySet[R]) -> Iterator[list[R]]:
    """All of them in their order, some at a time, none of them held."""
    each = rows.iterator(chunk_size=PORTION)
    while portion := list(islice(each, PORTION)):
        yield portion
