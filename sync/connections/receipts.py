"""Receipts: entries that are to go from a vendor, and the proof that they went."""

import json
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from connectors.base.errors import ItemError, PreconditionFailed
from connectors.base.live.remote import Remote
from connectors.base.types import Capability, Entry
from sync.engine import sentences
from sync.engine.convert import Marks
from sync.engine.links import State
from sync.models import Receipt
from vault.granting.connecting import ConnectionKey
from vault.ids import id_from
from vault.scope import vault_scope

TRY_FOR = timedelta(days=14)
"""After it, what a vendor did not confirm stays as “cannot check”."""
_CHANGED = gettext_noop("It was changed there since. It is kept for now.")
_LISTED = gettext_noop("It is still listed there.")
_NOT_ASKED = gettext_noop("The vendor could not be asked for two weeks. Look there by hand.")


class Receipts:
    """Those of one connection."""

    def __init__(self, key: ConnectionKey) -> None:
        self._key, self._marks = key, Marks(key)

    def ask(self, states: Sequence[State]) -> None:
        """Note that these entries are to go. Again for one that is there already is no harm."""
        now = timezone.now()
        with self._scope():
            Receipt.objects.bulk_create(
                [self._row(state, now) for state in states if state.link.remote_id],
                update_conflicts=True,
                update_fields=["state", "sealed", "said", "asked_at", "checked_at"],
                unique_fields=["vault", "connection_id", "remote_mark"],
            )

    def open_ones(self) -> list[tuple[Receipt, Entry]]:
        """Those not confirmed yet, with what is to be deleted."""
        with self._scope():
            rows = list(self._rows().filter(sealed__isnull=False).order_by("asked_at", "id"))
        return [(row, self._entry(row)) for row in rows]

    def _delete(self, remote: Remote, row: Receipt, entry: Entry) -> None:
        """Ask the remote once. Its refusal is noted; what means the whole remote is raised."""
        if not remote.can(Capability.DELETE):
            said = sentences.no_way_to_delete(remote.connector)
            self._note(row, Receipt.State.THERE, said)
            return
        try:
            remote.delete(entry)
        except PreconditionFailed:
            self._note(row, Receipt.State.THERE, _CHANGED)
        except ItemError as error:
            self._note(row, Receipt.State.THERE, str(error))

    def cancel(self, remote_ids: Collection[str]) -> None:
        """These may stay after all."""
        marks = [self._marks.entry(one) for one in remote_ids]
        if marks:
            with self._scope():
                self._rows().filter(remote_mark__in=marks).delete()

    def take_back(self, remote: Remote, tick: Callable[[], None]) -> None:
        """Delete what is open, as it is there now, and list again to see that it is gone."""
        listed = _listed(remote)
        for row, entry in self.open_ones():
            tick()
            if entry.remote_id in listed:
                self._delete(remote, row, listed[entry.remote_id])
        self._verify(_listed(remote))

    def _verify(self, listed: Collection[str]) -> None:
        for row, entry in self.open_ones():
            if entry.remote_id not in listed:
                self._note(row, Receipt.State.GONE, "", end=True)
            elif row.state == Receipt.State.ASKED:
                self._note(row, Receipt.State.THERE, _LISTED)

    def lose(self, said: str) -> None:
        """Close what is open: nobody can look there any more."""
        with self._scope():
            open_ones = self._rows().filter(sealed__isnull=False)
            open_ones.update(state=Receipt.State.UNKNOWN, said=said, sealed=None)

    def give_up(self) -> int:
        """Close those that nobody could confirm for `TRY_FOR`. How many are left open."""
        before = timezone.now() - TRY_FOR
        with self._scope():
            late = self._rows().filter(sealed__isnull=False, asked_at__lt=before)
            asked = late.filter(state=Receipt.State.ASKED)
            asked.update(state=Receipt.State.UNKNOWN, said=_NOT_ASKED, sealed=None)
            late.update(sealed=None)
            return self._rows().filter(sealed__isnull=False).count()

    def _note(self, row: Receipt, state: Receipt.State, said: str, *, end: bool = False) -> None:
        row.state, row.said, row.checked_at = state, said[:300], timezone.now()
        row.sealed = None if end else row.sealed
        with self._scope():
            row.save(update_fields=["state", "said", "checked_at", "sealed"])

    def _row(self, state: State, now: datetime) -> Receipt:
        mark = self._marks.entry(state.link.remote_id or "")
        id = id_from(mark)
        data = json.dumps([state.link.remote_id, state.etag, state.link.key])
        return Receipt(
            vault_id=self._key.vault_id,
            id=id,
            connection_id=self._key.id,
            memory_id=state.link.memory_id,
            collection_id=state.collection_id,
            remote_mark=mark,
            sealed=self._key.seal("receipt", id, 0, data.encode()),
            asked_at=now,
        )

    def _entry(self, row: Receipt) -> Entry:
        remote_id, etag, key = json.loads(self._key.open("receipt", row.id, 0, row.sealed or b""))
        return Entry(remote_id, etag, None, key)

    def _rows(self) -> QuerySet[Receipt]:
        mine = Receipt.objects.filter(vault_id=self._key.vault_id, connection_id=self._key.id)
        return mine.filter(state__in=[Receipt.State.ASKED, Receipt.State.THERE])

    def _scope(self) -> AbstractContextManager[None]:
        return vault_scope(self._key.vault_id)


def _listed(remote: Remote) -> dict[str, Entry]:
    """What is there, by name; what it says does not matter here."""
    pages = remote.chosen(lambda entry: False)
    entries = (entry for page in pages for entry in page.entries)
    return {entry.remote_id: entry for entry in entries if entry.is_there}
