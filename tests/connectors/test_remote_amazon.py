"""AWS AgentCore Memory: signatures, AWS's own model, batches of one, notes in few letters."""

import re
import sys
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("botocore", reason="the optional extra amazon is not installed")

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from connectors.amazon.remote import AgentCoreMemory, _entry, _notes
from connectors.amazon.wire import _service
from connectors.base.errors import (
    AuthError,
    BadResponse,
    ConnectorError,
    Misconfigured,
    NotFound,
    PreconditionFailed,
    RateLimited,
    Rejected,
    Unavailable,
)
from connectors.base.live.options import filled
from connectors.base.live.remote import Remote
from connectors.base.types import Item
from tests.connectors.conformance import ITEM, KEY, RestConformance
from tests.connectors.replay import Always, Replay, recording

NOW = datetime.fromtimestamp(1798632000, UTC)
SECRET = "secret-access-not-real"


class Gate(httpx.BaseTransport):
    """Checks each signature as AWS does, from what arrives, before it lets a request through."""

    def __init__(self, behind: httpx.BaseTransport) -> None:
        self.behind = behind

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        said = request.headers["authorization"]
        names = re.search("SignedHeaders=([^,]+)", said)
        assert names and "/eu-central-1/bedrock-agentcore/aws4_request" in said
        headers = {name: request.headers[name] for name in names[1].split(";")}
        again = AWSRequest(request.method, str(request.url), headers, request.read())
        again.context["timestamp"] = request.headers["x-amz-date"]
        signer = SigV4Auth(Credentials("AKIANOTREAL", SECRET), "bedrock-agentcore", "eu-central-1")
        wanted = signer.signature(
            signer.string_to_sign(again, signer.canonical_request(again)), again
        )
        assert said.endswith(f"Signature={wanted}")
        assert {"host", "x-amz-date", "x-amz-security-token"} <= headers.keys()
        return self.behind.handle_request(request)


class TestAgentCore(RestConformance):
    connector = AgentCoreMemory
    options = {
        "memory_id": "ada_memory-a1b2c3d4e5",
        "namespace": "/users/ada",
        "region": "eu-central-1",
        "access_key_id": "AKIANOTREAL",
        "secret_access_key": SECRET,
        "session_token": "session-not-real",
    }

    @pytest.fixture(autouse=True)
    def _now(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(AgentCoreMemory, "now", lambda self: NOW)

    def connect(self, transport: httpx.BaseTransport | None = None) -> Remote:
        return super().connect(Gate(transport) if transport else None)

    def test_a_changed_request_does_not_pass_the_gate(self) -> None:
        """The gate of these tests does check something."""
        signed = self.connect().connector._signer.signed(  # type: ignore[attr-defined]
            "DeleteMemoryRecord", memoryId="ada_memory-a1b2c3d4e5", memoryRecordId=f"mem-{1:0>40}"
        )
        sent = dict(signed.headers.items())
        gate = httpx.Client(transport=Gate(Always(200)))
        assert gate.request("DELETE", signed.url, headers=sent).is_success
        with pytest.raises(AssertionError):
            gate.request("DELETE", signed.url + "0", headers=sent)

    def test_who_signs_is_not_shown_with_the_keys(self) -> None:
        said = repr(self.connect().connector._signer)  # type: ignore[attr-defined]
        assert "AKIANOTREAL" in said and not any(secret in said for secret in self.secrets())

    def test_what_we_noted_comes_back(self) -> None:
        first, second, third = self.listing()
        assert first.item and first.key == KEY
        assert first.item.title == "Wo ich\u00fcberall war"
        assert [one.key for one in (second, third)] == ["", ""]

    def test_a_record_on_two_pages_is_listed_once(self) -> None:
        assert len(self.listing()) == 3

    def test_a_token_that_comes_back_ends_the_listing_in_an_error(self) -> None:
        answer = b'{"memoryRecordSummaries": [], "nextToken": "n"}'
        with pytest.raises(BadResponse, match="circle"):
            list(self.connect(Always(200, answer)).pages())

    @pytest.mark.parametrize(
        ("code", "error"),
        [
            (400, Rejected),
            (402, RateLimited),
            (403, AuthError),
            (404, NotFound),
            (429, RateLimited),
            (500, Unavailable),
            (None, Rejected),
        ],
    )
    def test_a_batch_that_is_accepted_may_hold_one_that_is_not(
        self, code: int | None, error: type[ConnectorError]
    ) -> None:
        (exchange,) = recording("amazon")["scenes"]["create"]
        failed = {"memoryRecordId": "", "status": "FAILED", "errorMessage": "payload-of-theirs"}
        if code:
            failed["errorCode"] = code  # type: ignore[assignment]
        exchange["answer"] = {"successfulRecords": [], "failedRecords": [failed]}
        with pytest.raises(error) as caught:
            self.connect(Replay([exchange])).create(ITEM, KEY)
        assert "payload" not in str(caught.value)

    @pytest.mark.parametrize(
        "answer",
        [
            {"successfulRecords": [], "failedRecords": []},
            {"successfulRecords": []},
            {"failedRecords": []},
            {},
        ],
    )
    def test_a_batch_that_says_nothing_of_it_is_not_believed(self, answer: dict[str, Any]) -> None:
        (exchange,) = recording("amazon")["scenes"]["create"]
        with pytest.raises(BadResponse):
            self.connect(Replay([{**exchange, "answer": answer}])).create(ITEM, KEY)

    def test_a_quota_that_is_used_up_waits(self) -> None:
        with pytest.raises(RateLimited):
            self.connect(Always(402)).create(ITEM, KEY)

    def test_notes_of_others_stay_with_an_update(self) -> None:
        looked, written = recording("amazon")["scenes"]["update"]
        looked["answer"]["memoryRecord"]["metadata"]["topic"] = {"stringValue": "home"}
        written["body"]["records"][0]["metadata"]["topic"] = {"stringValue": "home"}
        played = Replay([looked, written])
        self.connect(played).update(self.first(), ITEM)
        assert not played.exchanges

    def test_an_update_without_a_title_takes_the_old_one_away(self) -> None:
        entry = self.connect(Replay.of("amazon", "update")).update(self.first(), ITEM)
        assert entry.item and entry.item.title == "" and entry.key == KEY

    def test_what_changed_meanwhile_is_left_alone(self) -> None:
        looked, *_ = recording("amazon")["scenes"]["update"]
        looked["answer"]["memoryRecord"]["content"]["text"] = "Lives in Linz."
        with pytest.raises(PreconditionFailed):
            self.connect(Replay([looked])).update(self.first(), ITEM)
        with pytest.raises(PreconditionFailed):
            self.connect(Replay([looked])).delete(self.first())

    def test_a_delete_of_something_else_is_not_believed(self) -> None:
        looked, deleted = recording("amazon")["scenes"]["delete"]
        deleted["answer"]["memoryRecordId"] = "mem-of-others"
        with pytest.raises(BadResponse):
            self.connect(Replay([looked, deleted])).delete(self.first())

    def test_what_their_model_does_not_take_is_refused_without_being_repeated(self) -> None:
        with pytest.raises(Rejected) as caught:
            self.connect(Always(200)).create(Item(""), KEY)
        assert caught.value.__cause__ is None and caught.value.__suppress_context__

    @pytest.mark.parametrize("region", ["", "eu/central", "a.evil.example", "eu-central-1\n"])
    def test_a_region_cannot_lead_elsewhere(self, region: str) -> None:
        options = AgentCoreMemory.Options(**{**self.options, "region": region})
        with pytest.raises(Misconfigured) as caught:
            AgentCoreMemory(options, httpx.Client())
        assert caught.value.field == "region"

    def test_a_memory_may_be_named_by_its_arn(self) -> None:
        arn = "arn:aws:bedrock-agentcore:eu-central-1:123456789012:memory/ada_memory-a1b2c3d4e5"
        options = filled(AgentCoreMemory.Options, {**self.options, "memory_id": arn})
        exchange = recording("amazon")["scenes"]["check"][0]
        quoted = arn.replace(":", "%3A").replace("/", "%2F")
        exchange["request"] = f"POST /memories/{quoted}/memoryRecords"
        http = httpx.Client(transport=Gate(Replay([exchange])))
        account = Remote(AgentCoreMemory(options, http)).check()
        assert account == self.replay("check").check()

    def test_without_the_extra_it_says_what_is_missing(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "connectors.amazon.wire", None)
        with pytest.raises(Misconfigured, match="extra"):
            self.connect()


def test_the_recording_is_what_their_model_describes() -> None:
    """Every field of every answer is known to AWS, and none that it always gives is absent."""
    operations = {
        ("POST", "memoryRecords"): "ListMemoryRecords",
        ("POST", "batchCreate"): "BatchCreateMemoryRecords",
        ("POST", "batchUpdate"): "BatchUpdateMemoryRecords",
        ("GET", "memoryRecord"): "GetMemoryRecord",
        ("DELETE", "memoryRecords"): "DeleteMemoryRecord",
    }
    for scene in recording("amazon")["scenes"].values():
        for exchange in scene:
            method, _, path = exchange["request"].partition(" ")
            last = path.split("/")[3 if method != "POST" else -1]
            operation = operations[method, last]
            _must_fit(_service().operation_model(operation).output_shape, exchange["answer"])


def _must_fit(shape: Any, value: Any) -> None:
    if shape.type_name == "structure":
        assert value.keys() <= shape.members.keys(), shape.name
        assert set(shape.required_members) <= value.keys(), shape.name
        for name, inner in value.items():
            if inner is not None:
                _must_fit(shape.members[name], inner)
    elif shape.type_name == "list":
        for inner in value:
            _must_fit(shape.member, inner)
    elif shape.type_name == "map":
        for inner in value.values():
            _must_fit(shape.value, inner)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_titles_are_noted_in_the_letters_that_notes_may_have(title: str) -> None:
    shape = _service().shape_for("StringValue")
    notes = _notes(Item("x", title=title), KEY)
    for note in notes.values():
        said = note["stringValue"]
        assert re.fullmatch(shape.metadata["pattern"], said)
        assert shape.metadata["min"] <= len(said) <= shape.metadata["max"]
    entry = _entry({"memoryRecordId": "m", "content": {"text": "x"}, "metadata": notes})
    assert entry.item and entry.item.title in ("", title)
    assert entry.item.title == title or len(title.encode()) * 3 > 256
