"""Walks a listing by page numbers, whose remote tells how many entries there are in all.

Such a listing shifts when something is added or deleted while it is read: an entry then comes
twice, or never. What comes twice is dropped; where one may be missing, the listing raises.

It is to be asked for with the newest first. Then what is added makes room for what is deleted, and
as long as the total stays the same nothing can slip through between two pages.
"""

from collections.abc import Callable, Iterator

from connectors.base.errors import BadResponse, Unavailable
from connectors.base.types import Entry, Page

_MOVED = "Something changed at the remote while it was listed. It will be listed anew."


def counted_pages(fetch: Callable[[int], tuple[list[Entry], object, bool]]) -> Iterator[Page]:
    """Every page, each entry once. `fetch` takes a number from 1 and gives the entries, the total
    of all pages, and whether another page follows."""
    seen: set[str] = set()
    number, more, total = 0, True, None
    while more:
        number += 1
        entries, said, more = fetch(number)
        if type(said) is not int:
            raise TypeError("total")
        if total not in {None, said}:
            raise Unavailable(_MOVED)
        total = said
        fresh = {one.remote_id: one for one in entries if one.remote_id not in seen}
        if more and not fresh:
            raise BadResponse("The listing turns in a circle.")
        seen.update(fresh)
        yield Page(list(fresh.values()))
    if len(seen) != total:
        raise Unavailable(_MOVED)
