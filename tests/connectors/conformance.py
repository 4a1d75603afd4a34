"""What every connector must do. Inherit it, name the connector, give options and a recording.

    class TestMem0(RestConformance):
        connector = Mem0
        options = {"api_key": "m0-not-a-real-key", "user_id": "ada"}

`ConnectorConformance` is for all; its `connect` may be overridden by what does not speak HTTP.
`RestConformance` adds what a replayed HTTP conversation can tell. Scenes of a recording: `check`,
`pages`, and `create`, `update`, `delete` for what the connector can; `delta` with DELTA, whose
`cursor` is the last one of `pages`. `update` and `delete` are about the first entry of `pages` that
has an item; what is written is ITEM, and `create` gives it KEY. Nothing may be asked that is not in
the scene, and all of it must be.

"... answered in a form that is not known" hides what `Remote` met: either the error that stands
above it in the traceback, or an `Entry` that is not sound, say with an id or an etag that is no
text, or with a time without a zone.
"""

import dataclasses
from typing import Any, ClassVar

import httpx
import pytest

from connectors.base.errors import (
    AuthError,
    BadResponse,
    ConnectorError,
    ItemError,
    Misconfigured,
    NotFound,
    RateLimited,
    Unavailable,
)
from connectors.base.live.options import filled, settings_of
from connectors.base.live.remote import Remote
from connectors.base.protocol import Connector
from connectors.base.registry import connectors, vendors
from connectors.base.types import Capability, Entry, Item, Page
from tests.connectors.replay import Always, Dead, Refusing, Replay, recording

ITEM = Item("Prefers tea to coffee ☕", kind="preference")
KEY = "0198c0de-0000-7000-8000-000000000001"
WRITES = (Capability.CREATE, Capability.UPDATE, Capability.DELETE)
METHODS = {Capability.NOTICE: "heard", Capability.SPARING: "chosen"}
SECRET_WORDS = ("key", "token", "secret", "password", "credential")


def _asks(played: Replay) -> list[str]:
    """The recorded requests that are left."""
    return [exchange["request"] for exchange in played.exchanges]


class ConnectorConformance:
    """Holds for every connector, whatever it speaks."""

    connector: ClassVar[type[Connector]]
    options: ClassVar[dict[str, Any]]

    def connect(self, transport: httpx.BaseTransport | None = None) -> Remote:
        client = httpx.Client(transport=transport or Dead())
        return Remote(self.connector(filled(self.connector.Options, self.options), client))

    def needs(self, capability: Capability) -> None:
        if capability not in self.connector.capabilities:
            pytest.skip(f"{self.connector.name} cannot {capability.name}")

    def test_is_found_by_its_slug(self) -> None:
        slug, vendor = self.connector.slug, self.connector.__module__.split(".")[1]
        assert vendor in vendors(), f'connectors/{vendor}/__init__.py has no VENDOR "{vendor}"'
        found = connectors().get(slug)
        assert found is self.connector, f'"{slug}" is {found}: is it the only one in its file?'
        is_its_vendors = slug == vendor or slug.startswith(vendor + "-")
        assert is_its_vendors, f'"{slug}" is neither "{vendor}" nor "{vendor}-<what>"'

    @pytest.mark.parametrize("can", [*WRITES, *METHODS])
    def test_capabilities_match_the_methods(self, can: Capability) -> None:
        method = METHODS.get(can, str(can.name).lower())
        overridden = getattr(self.connector, method) is not getattr(Connector, method)
        said = can in self.connector.capabilities
        assert overridden == said, f"has {method}(): {overridden}, says {can.name}: {said}"

    def test_says_what_it_is(self) -> None:
        assert self.connector.name, "name is empty"
        assert self.connector.docs_url.startswith("https://"), "docs_url is no https address"
        assert all(line.endswith(".") for line in self.connector.quirks), "quirks are sentences"
        assert 0 < self.connector.per_minute <= 10_000, "per_minute is out of bounds"

    def test_options_have_labels_and_secrets_stay_out_of_repr(self) -> None:
        options = filled(self.connector.Options, self.options)
        assert dataclasses.is_dataclass(options) and options.__dataclass_params__.frozen  # type: ignore[attr-defined]
        for one in settings_of(self.connector.Options):
            assert one.label, f"{one.name} has no label"
            if one.is_secret and (value := getattr(options, one.name)):
                assert value not in repr(options)

    def test_credentials_are_declared_secret(self) -> None:
        for one in settings_of(self.connector.Options):
            if any(word in one.name for word in SECRET_WORDS) and not one.name.endswith("_id"):
                assert one.is_secret, f"{one.name} is a credential: declare it with secret()"

    def test_unknown_and_missing_options_are_named(self) -> None:
        with pytest.raises(Misconfigured) as caught:
            filled(self.connector.Options, {**self.options, "surprise": "x"})
        assert caught.value.field == "surprise"
        for one in settings_of(self.connector.Options):
            if one.default is None:
                given = {k: v for k, v in self.options.items() if k != one.name}
                with pytest.raises(Misconfigured) as caught:
                    filled(self.connector.Options, given)
                assert caught.value.field == one.name


class RestConformance(ConnectorConformance):
    """Holds for whatever speaks HTTP, told by a recording."""

    refused: ClassVar[tuple[int, ...]] = (401, 403)
    """Statuses of credentials that do not work."""

    def replay(self, scene: str) -> Remote:
        return self.connect(Replay.of(self.connector.slug, scene))

    def pages(self, scene: str = "pages", cursor: str | None = None) -> list[Page]:
        played = Replay.of(self.connector.slug, scene)
        found = list(self.connect(played).pages(cursor))
        assert not played.exchanges, f"not asked for: {_asks(played)}"
        return found

    def listing(self) -> list[Entry]:
        return [entry for page in self.pages() for entry in page.entries]

    def first(self) -> Entry:
        return next(entry for entry in self.listing() if entry.item)

    def secrets(self) -> list[str]:
        hidden = {one.name for one in settings_of(self.connector.Options) if one.is_secret}
        return [value for name, value in self.options.items() if name in hidden]

    def test_the_recording_says_where_it_comes_from(self) -> None:
        assert len(recording(self.connector.slug)["origin"]) > 20, "origin says too little"

    def test_check_names_the_account(self) -> None:
        account = self.replay("check").check()
        assert account.id and account.label, "the account has no id or no label"
        leaks = any(secret in account.id + account.label for secret in self.secrets())
        assert not leaks, "the account shows a secret"
        assert self.replay("check").check() == account, "the account is another one each time"

    def test_lists_every_recorded_entry_once(self) -> None:
        ids = [entry.remote_id for entry in self.listing()]
        assert ids and all(ids) and len(ids) == len(set(ids)), f"none, empty or twice in {ids}"

    def test_entries_have_text(self) -> None:
        assert any(entry.item for entry in self.listing()), "no entry has an item"
        for entry in self.listing():
            assert not entry.item or entry.item.text, f"{entry.remote_id} has an item without text"

    def test_etags_are_stable_and_told_apart(self) -> None:
        assert self.listing() == self.listing(), "the same answers were read differently"
        for entry in self.listing():
            assert not entry.item or entry.etag, f"{entry.remote_id} has no etag"

    def test_times_have_zones(self) -> None:
        for entry in self.listing():
            if entry.item:
                times = (entry.item.created_at, entry.item.updated_at)
                assert all(time.tzinfo for time in times if time)

    def test_a_broken_listing_does_not_look_complete(self) -> None:
        exchanges = recording(self.connector.slug)["scenes"]["pages"]
        for at in range(len(exchanges)):
            broken = [*exchanges[:at], {**exchanges[at], "status": 503}]
            with pytest.raises(Unavailable):
                list(self.connect(Replay(broken)).pages())

    def test_a_listing_that_is_not_there_is_not_an_empty_one(self) -> None:
        """A wrong address answers 404: nothing may be deleted because of it."""
        with pytest.raises(ConnectorError) as caught:
            list(self.connect(Always(404)).pages())
        assert not isinstance(caught.value, ItemError), "it would pass for one item's error"

    def test_changes_since_the_last_listing(self) -> None:
        self.needs(Capability.DELTA)
        cursor = self.pages()[-1].cursor
        assert cursor, "the last page has no cursor, which DELTA promises"
        assert self.pages("delta", cursor)[-1].cursor, "the last page of changes has no cursor"

    def test_created_text_survives(self) -> None:
        self.needs(Capability.CREATE)
        played = Replay.of(self.connector.slug, "create")
        entry = self.connect(played).create(ITEM, KEY)
        assert entry is None or (entry.remote_id and entry.item), f"created {entry}"
        assert not played.exchanges, f"not asked for: {_asks(played)}"
        if entry and entry.item:
            assert entry.item.text == ITEM.text

    def test_update_changes_the_etag(self) -> None:
        self.needs(Capability.UPDATE)
        played = Replay.of(self.connector.slug, "update")
        after = self.connect(played).update(self.first(), ITEM)
        assert after.item, "update() gave an entry without an item"
        assert after.etag != self.first().etag, f"the etag is still {after.etag!r}"
        assert not played.exchanges, f"not asked for: {_asks(played)}"

    def test_what_was_not_listed_now_is_written_all_the_same(self) -> None:
        """After a listing of changes alone, only its name, etag and key are known."""
        self.needs(Capability.DELTA)
        known = dataclasses.replace(self.first(), item=None)
        for capability, scene in ((Capability.UPDATE, "update"), (Capability.DELETE, "delete")):
            if capability in self.connector.capabilities:
                played = Replay.of(self.connector.slug, scene)
                remote = self.connect(played)
                remote.update(known, ITEM) if scene == "update" else remote.delete(known)
                assert not played.exchanges, f"not asked for: {_asks(played)}"

    def test_delete(self) -> None:
        self.needs(Capability.DELETE)
        played = Replay.of(self.connector.slug, "delete")
        self.connect(played).delete(self.first())
        assert not played.exchanges, f"not asked for: {_asks(played)}"

    def test_deleting_what_is_gone_succeeds(self) -> None:
        self.needs(Capability.DELETE)
        self.connect(Always(404)).delete(self.first())

    def test_writes_that_fail_say_so(self) -> None:
        """No 5xx, refusal or nonsense may pass for a write that was done."""
        for capability, write in (
            (Capability.CREATE, lambda remote: remote.create(ITEM, KEY)),
            (Capability.UPDATE, lambda remote: remote.update(self.first(), ITEM)),
            (Capability.DELETE, lambda remote: remote.delete(self.first())),
        ):
            if capability in self.connector.capabilities:
                for status, error in ((503, Unavailable), (429, RateLimited), (401, AuthError)):
                    with pytest.raises(error):
                        write(self.connect(Always(status)))
                with pytest.raises(Unavailable):
                    write(self.connect(Dead()))

    def test_updating_what_is_gone_says_so(self) -> None:
        self.needs(Capability.UPDATE)
        with pytest.raises(NotFound):
            self.connect(Always(404)).update(self.first(), ITEM)

    @pytest.mark.parametrize(("status", "error"), [(429, RateLimited), (503, Unavailable)])
    def test_errors_say_what_to_do(self, status: int, error: type[ConnectorError]) -> None:
        with pytest.raises(error):
            self.connect(Always(status)).check()
        with pytest.raises(error):
            list(self.connect(Always(status)).pages())

    def test_refused_credentials_ask_to_reconnect(self) -> None:
        for status in self.refused:
            with pytest.raises(AuthError):
                self.connect(Always(status)).check()

    @pytest.mark.parametrize("typed", ["ключ", "kéy", "key\n", "key\x00", " key "])
    def test_a_secret_that_cannot_be_sent_is_told_at_its_field(self, typed: str) -> None:
        for one in settings_of(self.connector.Options):
            if one.is_secret:
                made = filled(self.connector.Options, {**self.options, one.name: typed})
                asked: list[str] = []
                client = httpx.Client(transport=Refusing(asked))
                with pytest.raises(ConnectorError) as caught:
                    Remote(self.connector(made, client)).check()
                if isinstance(caught.value, Misconfigured):
                    assert caught.value.field == one.name
                else:
                    assert asked, f"{one.name}: {caught.value}"
                assert typed.strip() not in asked

    def test_retry_after_is_honoured(self) -> None:
        with pytest.raises(RateLimited) as caught:
            self.connect(Always(429, headers={"retry-after": "7"})).check()
        assert caught.value.retry_after == 7

    def test_out_of_reach_is_unavailable(self) -> None:
        with pytest.raises(Unavailable):
            self.connect(Dead()).check()
        with pytest.raises(Unavailable):
            list(self.connect(Dead()).pages())

    def test_messages_hold_no_secret_and_no_payload(self) -> None:
        for status in (302, 400, 401, 404, 409, 429, 500):
            echo = " ".join(["payload-of-theirs", *self.secrets()]).encode()
            for read in (lambda r: r.check(), lambda r: list(r.pages())):
                with pytest.raises(ConnectorError) as caught:
                    read(self.connect(Always(status, echo)))
                said = str(caught.value)
                for word in ("payload-of-theirs", *self.secrets()):
                    assert word not in said, f"the error for {status} repeats what was answered"

    @pytest.mark.parametrize(
        "content",
        [b"<html>", b'{"surprise": true}', b"[1]", b"null", b'"x"', b"7", b'{"results": null}'],
    )
    def test_an_unknown_shape_is_a_bad_response_never_an_empty_remote(self, content: bytes) -> None:
        remote = self.connect(Always(200, content))
        with pytest.raises(BadResponse):
            remote.check()
        with pytest.raises(BadResponse):
            list(remote.pages())
