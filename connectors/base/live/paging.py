"""Walks a listing that comes in pages, each with a mark for the next one."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from connectors.base.errors import BadResponse


def each_page(
    fetch: Callable[[str | None], tuple[list[Any], str | None]],
) -> Iterator[list[Any]]:
    """Every page. `fetch` takes a mark, None for the first page, and gives what is on the page and
    the mark of the next one, None after the last. A mark that comes back raises BadResponse: the
    listing would never end, or leave out the rest."""
    mark: str | None = None
    seen: set[str] = set()
    while True:
        found, mark = fetch(mark)
        yield found
        if mark is None:
            return
        if mark in seen:
            raise BadResponse("The listing turns in a circle.")
        seen.add(mark)


def each_once(pages: Iterable[list[Any]], name: str) -> Iterator[list[Any]]:
    """The pages without what came before: an entry that moved while the listing was read comes
    twice. `name` is the key of its id."""
    seen: set[str] = set()
    for found in pages:
        fresh = {one[name]: one for one in found if one[name] not in seen}
        seen.update(fresh)
        yield list(fresh.values())


def the_list(holder: Any, key: str) -> list[Any]:
    """The list under `key`; KeyError or TypeError for anything else, which a listing never takes
    for an empty one."""
    found = holder[key]
    if not isinstance(found, list):
        raise TypeError(key)
    return found


def the_mark(holder: Any, key: str) -> str | None:
    """The mark under `key`; None where it is absent, null or empty: that was the last page."""
    found = holder.get(key)
    if not isinstance(found, str | None):
        raise TypeError(key)
    return found or None
