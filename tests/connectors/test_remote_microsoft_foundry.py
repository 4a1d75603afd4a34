"""Azure AI Foundry: three kinds, no place for a key, scopes."""

import json

import pytest

from connectors.base.errors import BadResponse, Misconfigured, PreconditionFailed
from connectors.base.live.options import filled
from connectors.base.live.remote import Remote
from connectors.base.types import Item, Kind
from connectors.microsoft.remote_foundry import FoundryMemoryStore
from tests.connectors.conformance import ITEM, KEY
from tests.connectors.machine_tokens import MachineConformance
from tests.connectors.replay import Always, Replay, recording


class TestFoundry(MachineConformance):
    connector = FoundryMemoryStore
    token_url = "https://login.microsoftonline.com/11111111-2222/oauth2/v2.0/token"
    options = {
        "endpoint": "https://ada.services.ai.azure.com/api/projects/home",
        "store": "ada-store",
        "scope": "ada",
        "tenant_id": "11111111-2222",
        "client_id": "33333333-4444",
        "client_secret": "client-secret-not-real",
    }

    def is_good(self, form: dict[str, str]) -> bool:
        return form == {
            "grant_type": "client_credentials",
            "client_id": "33333333-4444",
            "client_secret": "client-secret-not-real",
            "scope": "https://ai.azure.com/.default",
        }

    @pytest.mark.parametrize(
        ("kind", "sent", "back"),
        [
            ("profile", "user_profile", "profile"),
            ("preference", "user_profile", "profile"),
            ("fact", "user_profile", "profile"),
            ("document", "user_profile", "profile"),
            ("instruction", "procedural", "instruction"),
            ("skill", "procedural", "instruction"),
            ("event", "chat_summary", "episode"),
            ("episode", "chat_summary", "episode"),
        ],
    )
    def test_each_kind_goes_to_the_nearest_one(self, kind: Kind, sent: str, back: Kind) -> None:
        (exchange,) = recording("microsoft-foundry")["scenes"]["create"]
        exchange["body"]["kind"] = exchange["answer"]["kind"] = sent
        entry = self.connect(Replay([exchange])).create(Item(ITEM.text, kind=kind), KEY)
        assert entry and entry.item and entry.item.kind == back

    def test_an_entry_that_comes_on_two_pages_is_listed_once(self) -> None:
        assert [entry.remote_id for entry in self.listing()] == ["mem-1", "mem-2", "mem-3"]

    def test_a_list_goes_on_to_the_last_id_where_it_does_not_say_whether_there_is_more(
        self,
    ) -> None:
        """As Microsoft's own client reads it."""
        exchanges = recording("microsoft-foundry")["scenes"]["pages"]
        end = json.loads(json.dumps(exchanges[1]))
        end["request"] = end["request"].replace("after=mem-2", "after=mem-3")
        end["answer"] |= {"data": [], "last_id": None}
        for exchange in (*exchanges, end):
            del exchange["answer"]["has_more"]
        played = Replay([*exchanges, end])
        found = [one for page in self.connect(played).pages() for one in page.entries]
        assert found == self.listing() and not played.exchanges

    def test_a_mark_that_comes_back_ends_the_listing_in_an_error(self) -> None:
        answer = b'{"data": [], "last_id": "m", "has_more": true}'
        with pytest.raises(BadResponse, match="circle"):
            list(self.connect(Always(200, answer)).pages())

    def test_memories_of_another_scope_stop_the_listing(self) -> None:
        exchanges = recording("microsoft-foundry")["scenes"]["pages"]
        exchanges[0]["answer"]["data"][0]["scope"] = "eve"
        with pytest.raises(BadResponse):
            list(self.connect(Replay(exchanges)).pages())

    def test_a_kind_nobody_knows_yet_is_a_fact(self) -> None:
        exchanges = recording("microsoft-foundry")["scenes"]["pages"]
        exchanges[0]["answer"]["data"][0]["kind"] = "dreams"
        first = next(self.connect(Replay(exchanges)).pages()).entries[0]
        assert first.item and first.item.kind == "fact"

    def test_what_changed_meanwhile_is_left_alone(self) -> None:
        looked, *_ = recording("microsoft-foundry")["scenes"]["update"]
        looked["answer"]["content"] = "Lives in Linz."
        with pytest.raises(PreconditionFailed):
            self.connect(Replay([looked])).update(self.first(), ITEM)
        with pytest.raises(PreconditionFailed):
            self.connect(Replay([looked])).delete(self.first())

    def test_a_delete_that_did_nothing_is_not_believed(self) -> None:
        looked, deleted = recording("microsoft-foundry")["scenes"]["delete"]
        deleted["answer"]["deleted"] = False
        with pytest.raises(BadResponse):
            self.connect(Replay([looked, deleted])).delete(self.first())

    @pytest.mark.parametrize("tenant", ["a/b", "..", "a@b.example", "a b", "x?y"])
    def test_a_tenant_cannot_lead_elsewhere(self, tenant: str) -> None:
        options = filled(FoundryMemoryStore.Options, {**self.options, "tenant_id": tenant})
        remote = Remote(FoundryMemoryStore(options, self.connect().connector.http))
        with pytest.raises(Misconfigured) as caught:
            remote.check()
        assert caught.value.field == "tenant_id"
