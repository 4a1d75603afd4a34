"""What a browser remembers of a vault, so that a database put back to an earlier day is noticed.

Keys that lie outside the database keep its writer from forging. They do not keep them from putting
everything back as it once was: that was right then, so it verifies. Only a memory outside the
server tells: the owner's browser keeps, sealed, how far the vault had come when it was last seen.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from struct import Struct, error
from typing import Self
from uuid import UUID

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext

from vault.access import Access
from vault.errors import Tampered
from vault.log import access_log
from vault.log.log_chain import Chain, Place
from vault.log.log_check import walk, was_cut
from vault.log.log_keys import open_anchor, seal_anchor
from vault.models import Manifest, Vault
from vault.scope import vault_scope

MOST_COLLECTIONS = 100
"""More than these, the least changed ones, are not remembered: a cookie has 4,096 bytes."""
LINES_AT_ONCE = 5_000
"""New lines that are verified in one comparing; the next one goes on from there."""
_HEAD = Struct(">BqqqB32s")
_MANIFEST = Struct(">8sq8s")
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Anchor:
    """How far a vault had come at a moment: its count of changes, a line of its log, and of each
    manifest (by the last 8 bytes of its id) the count and the start of its mac."""

    at: datetime
    seq: int
    place: Place
    manifests: Mapping[bytes, tuple[int, bytes]]

    def to_bytes(self) -> bytes:
        at = int(self.at.timestamp())
        link = self.place.link
        head = _HEAD.pack(_VERSION, at, self.seq, self.place.seq, len(link), link)
        most = sorted(self.manifests.items(), key=lambda each: -each[1][0])[:MOST_COLLECTIONS]
        return head + b"".join(_MANIFEST.pack(id, seq, mac) for id, (seq, mac) in most)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """ValueError when it is of another version."""
        try:
            version, at, seq, line, length, link = _HEAD.unpack(data[: _HEAD.size])
            rows = list(_MANIFEST.iter_unpack(data[_HEAD.size :]))
        except error:
            raise ValueError("This is no anchor.") from None
        if version != _VERSION:
            raise ValueError("This is an anchor of another version.")
        manifests = {id: (count, mac) for id, count, mac in rows}
        return cls(datetime.fromtimestamp(at, UTC), seq, Place(line, link[:length]), manifests)


@dataclass(frozen=True, slots=True)
class Older:
    """The vault is not what this browser last saw, and why that is thought.

    `since` is when the browser saw what is gone now, None when what it kept cannot be read.
    `broken` says that no restored backup explains it: something was forged.
    """

    since: datetime | None
    reasons: tuple[str, ...] = ()
    collections: tuple[UUID, ...] = ()
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """A look at the vault: what to remember of it, None for nothing, and what was noticed."""

    anchor: Anchor | None
    older: Older | None = None


def look(access: Access, kept: str) -> Look:
    """Compare the vault with what this browser kept of it; "" when it kept nothing yet."""
    access.must_own()
    before, readable = None, True
    try:
        before = _opened(access, kept) if kept else None
    except (Tampered, ValueError):
        readable = False
    try:
        with vault_scope(access.vault_id):
            chain = Chain(access.vault_id)
            now = _now(access, chain)
    except Tampered as error:
        return Look(None, Older(before.at if before else None, (str(error),), broken=True))
    if before is None:
        return Look(now, None if readable else Older(None))
    return _compared(access, chain, now, before)


def sealed(access: Access, anchor: Anchor) -> str:
    """The anchor as the browser keeps it: it says nothing there, and nobody can make another."""
    return base64.urlsafe_b64encode(seal_anchor(access.vault_id, anchor.to_bytes())).decode()


def accept(access: Access) -> Anchor:
    """The owner says that this state is right, as after restoring a backup. That is logged, and
    what is there now is what to remember."""
    access_log.record(access, "accepted")
    with vault_scope(access.vault_id):
        return _now(access, Chain(access.vault_id))


def _opened(access: Access, kept: str) -> Anchor:
    record = base64.b64decode(kept, altchars=b"-_", validate=True)
    return Anchor.from_bytes(open_anchor(access.vault_id, record))


def _now(access: Access, chain: Chain) -> Anchor:
    seq = Vault.objects.values_list("seq", flat=True).get(id=access.vault_id)
    rows = Manifest.objects.filter(vault_id=access.vault_id).values_list("id", "seq", "mac")
    manifests = {_short(id): (count, bytes(mac)[:8]) for id, count, mac in rows}
    return Anchor(timezone.now(), seq, chain.end, manifests)


def _compared(access: Access, chain: Chain, now: Anchor, before: Anchor) -> Look:
    place, reasons = now.place, []
    try:
        place = _walked(access, chain, before.place)
    except Tampered as error:
        reasons.append(str(error))
    if now.seq < before.seq:
        said = gettext("Changes to your memories that are gone: %(count)s.")
        gone_by = number_format(before.seq - now.seq, force_grouping=True)
        reasons.append(said % {"count": gone_by})
    older = {id for id in before.manifests if _is_older(id, now, before)}
    own = _short(access.vault_id)
    gone = older - now.manifests.keys()
    if own in older:
        reasons.append(gettext("The list of your collections is an earlier one."))
    elif now.manifests.get(own) != before.manifests.get(own):
        older -= gone  # the list was changed, so its owner deleted them
    elif gone:
        reasons.append(gettext("A collection is gone that nobody deleted."))
    ids = tuple(id for id in access.keyring.collections if _short(id) in older)
    if reasons or ids:
        return Look(now, Older(before.at, tuple(reasons), ids))
    return Look(replace(now, place=place))


def _walked(access: Access, chain: Chain, place: Place) -> Place:
    """From the line that the browser saw through those written since, as far as one comparing
    goes. Tampered when that does not lead to where the log ends now."""
    end = chain.end
    if place.seq > end.seq:
        raise Tampered(
            gettext("The access log ended with line %(before)s. Now it ends with line %(now)s.")
            % {
                "before": number_format(place.seq, force_grouping=True),
                "now": number_format(end.seq, force_grouping=True),
            }
        )
    if place.seq < chain.start.seq:
        return end  # the lines that followed were deleted for their age
    try:
        place = walk(chain, place, min(end.seq, place.seq + LINES_AT_ONCE))
    except Tampered:
        if was_cut(access, chain):
            return end
        raise
    if place.seq == end.seq and place != end:
        raise Tampered(
            gettext("Line %(number)s of the access log is another than it was.")
            % {"number": number_format(end.seq, force_grouping=True)}
        )
    return place


def _is_older(id: bytes, now: Anchor, before: Anchor) -> bool:
    """Manifests count up with each change, so an equal count with another mac is another past."""
    (was, mac), there = before.manifests[id], now.manifests.get(id)
    return there is None or there[0] < was or (there[0] == was and there[1] != mac)


def _short(id: UUID) -> bytes:
    return id.bytes[-8:]
