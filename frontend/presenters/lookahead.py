"""What a grantee would see, for the pages on which that is decided."""

from dataclasses import dataclass

from vault import browse, collections
from vault.access import Access
from vault.types import Collection, Memory

SAMPLE = 12


@dataclass(frozen=True, slots=True)
class Lookahead:
    """`total` memories, in these collections with how many of each; the newest as a sample."""

    total: int
    places: list[tuple[Collection, int]]
    sample: tuple[Memory, ...]

    @property
    def more(self) -> int:
        return self.total - len(self.sample)


def lookahead(seen: Access) -> Lookahead:
    """By an Access of `vault.granting.seen`: nothing of it is logged."""
    counts = browse.counts(seen)
    page = browse.listing(seen, limit=SAMPLE)
    places = [(one, counts.by_collection.get(one.id, 0)) for one in collections.listing(seen)]
    return Lookahead(counts.total, places, page.memories)
