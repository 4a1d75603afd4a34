"""Drives a connector against a real server, asserts what must hold there, and records it.

    python -m tests.connectors.peers.<name> ADDRESS ...

Each of these programs says in its docstring how its server is started. With `--record` the
recording of the connector is written anew.
"""

import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from connectors.base.errors import NotFound, PreconditionFailed
from connectors.base.live.options import filled
from connectors.base.live.remote import Remote
from connectors.base.protocol import Connector
from connectors.base.types import Entry, Item
from tests.connectors.conformance import ITEM, KEY
from tests.connectors.peers.recorder import Recorder

SEEDS = (
    Item("Lives in Riga", kind="profile", title="Home"),
    Item("Uses two spaces — never tabs 🙂\n\nand a second paragraph", kind="preference"),
    Item("Call Ada “Countess” in letters", kind="instruction"),
)
OTHER = Item("Somebody else wrote this", kind="fact")


class Drive:
    """One connector at one server. `forget` and `headers` as in Recorder."""

    def __init__(self, connector: type[Connector], options: dict[str, Any], **kept: Any) -> None:
        self.connector = connector
        self.recorder = Recorder(httpx.HTTPTransport(), **kept)
        client = httpx.Client(transport=self.recorder, timeout=60)
        self.remote = Remote(connector(filled(connector.Options, options), client))

    def listing(self) -> list[Entry]:
        return [entry for page in self.remote.pages() for entry in page.entries]

    def by_id(self) -> dict[str, Entry]:
        return {entry.remote_id: entry for entry in self.listing()}

    def run(self) -> None:
        """All verbs, each way that they end; the listing is as before at the end, but for three
        seeds that stay."""
        for number, item in enumerate(SEEDS):
            self.remote.create(item, f"seed-{number}")
        with self.recorder.scene("check"):
            account = self.remote.check()
        with self.recorder.scene("pages"):
            before = self.listing()
        assert {item.text for item in SEEDS} <= {e.item.text for e in before if e.item}
        assert self.listing() == before and self.remote.check() == account
        self._create()
        self._update(before[0])
        print(f"{self.connector.name}: {len(before)} entries, account {account.label}")

    def _create(self) -> None:
        with self.recorder.scene("create"):
            made = self.remote.create(ITEM, KEY)
        made = made or next(e for e in self.listing() if e.item and e.item.text == ITEM.text)
        assert made.item and made.item.text == ITEM.text
        assert self.by_id()[made.remote_id] == made
        self.remote.delete(made)
        assert made.remote_id not in self.by_id()
        with pytest.raises(NotFound):
            self.remote.update(made, ITEM)
        self.remote.delete(made)

    def _update(self, first: Entry) -> None:
        assert first.item
        with self.recorder.scene("update"):
            after = self.remote.update(first, ITEM)
        assert after.item and after.item.text == ITEM.text and after.etag != first.etag
        assert self.by_id()[after.remote_id] == after
        if after.remote_id == first.remote_id:
            self._keep_to_the_precondition(first, after)
        else:
            self.recorder.scenes["delete"] = [self.recorder.scenes["update"][-1]]
            assert first.remote_id not in self.by_id()
            self.remote.update(after, first.item)

    def _keep_to_the_precondition(self, first: Entry, after: Entry) -> None:
        assert first.item
        for refused in (
            lambda: self.remote.update(first, OTHER),
            lambda: self.remote.delete(first),
        ):
            with pytest.raises(PreconditionFailed):
                refused()
        self.remote.update(after, first.item)
        with self.recorder.scene("delete"):
            self.remote.delete(first)
        assert first.remote_id not in self.by_id()
        self.remote.create(first.item, first.key or "again")

    def end(self, server: str) -> None:
        """Writes the recording, if that was asked for."""
        if "--record" in sys.argv:
            day = datetime.now(UTC).date().isoformat()
            self.recorder.save(self.connector.slug, f"Recorded live on {day} against {server}.")


def kept_time(item: Item, year: int = 2025) -> Item:
    """`item` learnt at a time of its own."""
    return replace(item, created_at=datetime(year, 1, 2, 3, 4, 5, 678901, UTC))
