"""Checking the access log: that its lines are those that were written, and where it ends."""

from dataclasses import dataclass
from datetime import datetime

from vault.access import Access
from vault.errors import Tampered
from vault.log.log_chain import PORTION, Chain, Place
from vault.models import LogEntry
from vault.scope import vault_scope

CHECKED_AT_ONCE = 20_000
"""Lines of one part of a long check: about a second's work."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where the log ends: the number of its last line, and its fingerprint for comparing by eye.
    `cut` is the last line that was deleted for its age, `since` the time of the first one kept."""

    count: int
    fingerprint: str
    cut: int
    since: datetime | None
    keep_days: int | None


@dataclass(frozen=True, slots=True)
class Checked:
    """How far a check came: every line after `first` up to `place` is right; `last` is the end."""

    place: Place
    first: int
    last: int

    @property
    def done(self) -> bool:
        return self.place.seq == self.last

    @property
    def lines(self) -> int:
        return self.place.seq - self.first


def head(access: Access) -> Head:
    """Where the log ends now. Tampered when its end was altered."""
    access.must_own()
    with vault_scope(access.vault_id):
        chain = Chain(access.vault_id)
        now = chain.head
        first = LogEntry.objects.filter(vault_id=access.vault_id, seq=now.cut + 1)
        since = first.values_list("at", flat=True).first()
    return Head(now.count, fingerprint(chain.link), now.cut, since, now.keep_days)


def fingerprint(link: bytes) -> str:
    """A link of the chain as people compare it: four groups of four."""
    short = link.hex()[:16]
    return " ".join(short[at : at + 4] for at in range(0, len(short), 4))


def verify(access: Access) -> int:
    """Walk the whole chain and count it. Tampered, saying where, when a line was altered, added,
    moved or taken out anywhere, or when the log does not end where it was left."""
    checked = check(access)
    while not checked.done:
        checked = check(access, checked.place)
    return checked.lines


def check(access: Access, after: Place | None = None, most: int = CHECKED_AT_ONCE) -> Checked:
    """Verify the next `most` lines, from the first that is kept or from where the last part came.

    A wrong `after` makes the check fail, and never succeed. Tampered as for `verify`.
    """
    access.must_own()
    with vault_scope(access.vault_id):
        chain = Chain(access.vault_id)
    start, end = chain.start, chain.end
    place = after if after and start.seq <= after.seq <= end.seq else start
    try:
        place = walk(chain, place, min(end.seq, place.seq + most))
    except Tampered:
        if was_cut(access, chain):
            return check(access, None, most)
        raise
    if place.seq == end.seq:
        chain.must_end_at(place)
    return Checked(place, start.seq, end.seq)


def walk(chain: Chain, place: Place, until: int) -> Place:
    """Verify line by line up to `until`, with a portion of the log in memory at a time."""
    while place.seq < until:
        last = chain.portion(place, until, PORTION)[-1]
        place = Place(last.seq, bytes(last.chain))
    return place


def was_cut(access: Access, chain: Chain) -> bool:
    """Whether lines went for their age while we were reading them."""
    with vault_scope(access.vault_id):
        return Chain(access.vault_id).start.seq > chain.start.seq
