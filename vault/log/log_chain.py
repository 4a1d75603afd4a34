"""The chain of the access log: what keeps a line as it was written, and where it was written.

Each line carries a MAC over itself and the line before; the head carries one over where the log
ends, what was cut off at its start, and what lines are sealed to. The key comes from the server's
pepper, which lies outside the database: whoever writes the database forges neither. What is left
to them is to put back an earlier end together with its lines, which `vault.log.anchors` notices.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from struct import Struct
from uuid import UUID

from django.db.models import Count, OuterRef, Subquery
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext

from vault.errors import Tampered
from vault.keys.keyring import Key
from vault.keys.slots import log_chain_key
from vault.log.log_details import Details
from vault.log.log_keys import write_log
from vault.models import LogEntry, LogHead
from vault.scope import vault_scope
from vault.types import Asker

PORTION = 2000
"""Lines that are read at a time."""
_LINK = 32
_LINE = Struct(">16s16s16sqqqIII")
_ENDS = Struct(">16sqqqII")
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Place:
    """Between two lines: after line `seq`, whose link in the chain is `link`."""

    seq: int = 0
    link: bytes = b""


class Chain:
    """A vault's log: its verified `head`, and the `link` of its last line.

    Made within a scope. Tampered when the head is not what we wrote. With `writing`, other writers
    wait until the transaction ends: who has locked something already brings the `key` along.
    """

    def __init__(self, vault_id: UUID, *, writing: bool = False, key: Key | None = None) -> None:
        key = key or log_chain_key(vault_id)
        self._line_key, self._head_key = key.derive("line"), key.derive("head")
        rows = LogHead.objects.filter(vault_id=vault_id, id=vault_id)
        head = (rows.select_for_update() if writing else rows).first()
        if head is None:
            raise Tampered(
                gettext(
                    "The end of the access log is gone. Restore a backup of this vault, or see"
                    " under Activity how to go on without."
                )
            )
        self.head, self.link = head, bytes(head.chain)[:-_LINK]
        self._must_be_ours(bytes(head.chain)[-_LINK:])

    @classmethod
    def begin(
        cls, vault_id: UUID, public_key: bytes, private_key: bytes, *, key: Key | None = None
    ) -> None:
        """The empty log of a new vault. Within its scope."""
        head = LogHead(vault_id=vault_id, id=vault_id, public_key=public_key)
        head.private_key = private_key
        cls.set_end(head, Place(), key or log_chain_key(vault_id))
        head.save(force_insert=True)

    @staticmethod
    def set_end(head: LogHead, end: Place, key: Key) -> None:
        """Let the log end here, authenticated. The caller saves the row."""
        head.count = end.seq
        head.chain = end.link + key.derive("head").mac(_ends(head, end.link))

    @property
    def start(self) -> Place:
        """Before the first line that is kept."""
        return Place(self.head.cut, bytes(self.head.cut_chain))

    @property
    def end(self) -> Place:
        return Place(self.head.count, self.link)

    def append(
        self,
        asker: Asker,
        action: str,
        memory_ids: Sequence[UUID] = (),
        purpose: str = "",
        at: datetime | None = None,
    ) -> None:
        """One more line. `save` afterwards, in the same transaction. `at` is given for a line that
        comes from an archive."""
        head = self.head
        head.count += 1
        details = Details(asker.name, asker.version, tuple(memory_ids), purpose).to_bytes()
        line = LogEntry(
            vault_id=head.vault_id,
            seq=head.count,
            at=at or timezone.now(),
            asker_kind=asker.kind,
            asker_id=asker.id,
            action=action,
            count=len(memory_ids),
            sealed=write_log(head.vault_id, head.public_key, head.count, details),
        )
        line.chain = self.link = self._line_key.mac(_message(self.link, line))
        line.save(force_insert=True)

    def save(self) -> None:
        """Write the head as it is now, authenticated."""
        head = self.head
        LogHead.objects.filter(vault_id=head.vault_id, id=head.id).update(
            count=head.count,
            chain=self.link + self._head_key.mac(_ends(head, self.link)),
            cut=head.cut,
            cut_chain=head.cut_chain,
            keep_days=head.keep_days,
        )

    def follows(self, link: bytes, line: LogEntry) -> bool:
        """Whether this very line was written after the one with this link."""
        return self._line_key.verifies(_message(link, line), bytes(line.chain))

    @staticmethod
    def line_follows(key: Key, link: bytes, line: LogEntry) -> bool:
        """The same where no head is: `key` is the log's."""
        return key.derive("line").verifies(_message(link, line), bytes(line.chain))

    def portion(self, after: Place, until: int, most: int = PORTION) -> list[LogEntry]:
        """The next lines up to `until`, oldest first, each verified: at least one, unless
        `after` is there already. Tampered at the first that is altered or missing."""
        head, wanted = self.head, max(0, min(most, until - after.seq))
        with vault_scope(head.vault_id):
            rows = LogEntry.objects.filter(vault_id=head.vault_id, seq__gt=after.seq)
            # Both ends, or without statistics the database would sort all that follow.
            lines = list(rows.filter(seq__lte=after.seq + wanted).order_by("seq"))
        seq, link = after.seq, after.link
        for line in lines:
            seq += 1
            if line.seq != seq:
                raise missing(seq)
            if not self.follows(link, line):
                raise altered(seq)
            link = bytes(line.chain)
        if len(lines) < wanted:
            raise missing(seq + 1)
        return lines

    def must_end_at(self, place: Place) -> None:
        """Tampered unless the head's last line is this one, and no line is left over."""
        if place != self.end:
            raise altered(place.seq)
        head = self.head
        with vault_scope(head.vault_id):
            lines = LogEntry.objects.filter(vault_id=OuterRef("vault_id")).order_by()
            there = lines.values("vault_id").annotate(n=Count("id")).values("n")
            heads = LogHead.objects.filter(vault_id=head.vault_id, id=head.id)
            count, cut, found = (
                heads.annotate(there=Subquery(there)).values_list("count", "cut", "there").get()
            )
        if (found or 0) != count - cut:
            raise Tampered(
                gettext("The access log holds lines that were not written by this server.")
            )

    def _must_be_ours(self, mac: bytes) -> None:
        head = self.head
        if not self._head_key.verifies(_ends(head, self.link), mac):
            raise Tampered(
                gettext(
                    "The end of the access log was altered. Restore a backup of this vault, or see"
                    " under Activity how to go on without."
                )
            )


def altered(seq: int) -> Tampered:
    return Tampered(
        gettext("Line %(number)s of the access log was altered, or the line before it was.")
        % {"number": number_format(seq, force_grouping=True)}
    )


def missing(seq: int) -> Tampered:
    return Tampered(
        gettext("Line %(number)s of the access log is missing.")
        % {"number": number_format(seq, force_grouping=True)}
    )


def _message(link: bytes, line: LogEntry) -> bytes:
    """Fixed widths first, with the lengths of what follows: no two lines have the same bytes."""
    kind, action = line.asker_kind.encode(), line.action.encode()
    fixed = _LINE.pack(
        line.vault_id.bytes,
        line.id.bytes,
        line.asker_id.bytes,
        line.seq,
        (line.at - _EPOCH) // _MICROSECOND,
        line.count,
        len(link),
        len(kind),
        len(action),
    )
    return b"".join((fixed, link, kind, action, line.sealed))


def _ends(head: LogHead, link: bytes) -> bytes:
    keep_days = -1 if head.keep_days is None else head.keep_days
    cut_link = bytes(head.cut_chain)
    fixed = _ENDS.pack(
        head.vault_id.bytes, head.count, head.cut, keep_days, len(link), len(cut_link)
    )
    return b"".join((fixed, link, cut_link, head.public_key))
