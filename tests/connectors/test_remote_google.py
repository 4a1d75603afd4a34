"""Google Memory Bank: a signed assertion, operations that take their time, scopes, topics."""

import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

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
from connectors.google.remote import GoogleMemoryBank
from tests.connectors.conformance import ITEM, KEY
from tests.connectors.machine_tokens import MachineConformance
from tests.connectors.replay import Always, Dead, Replay, recording

PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
ACCOUNT = {
    "type": "service_account",
    "client_email": "satchel@ada-project.iam.gserviceaccount.com",
    "private_key_id": "key-1",
    "private_key": PEM,
    "token_uri": "https://elsewhere.example/token",
}
ENGINE = "projects/ada-project/locations/europe-west4/reasoningEngines/42"


class TestGoogle(MachineConformance):
    connector = GoogleMemoryBank
    token_url = "https://oauth2.googleapis.com/token"
    options = {"engine": ENGINE, "scope": "user_id=ada", "credentials": json.dumps(ACCOUNT)}

    @pytest.fixture(autouse=True)
    def _without_waiting(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(GoogleMemoryBank, "waits", (0.0, 0.0, 0.0))

    def is_good(self, form: dict[str, str]) -> bool:
        """As Google checks it: the signature, for whom it is, and for how long. Whatever the file
        says of another place to get tokens at is not followed."""
        claims = jwt.decode(
            form["assertion"],
            PRIVATE.public_key(),
            algorithms=["RS256"],
            audience=self.token_url,
            options={"require": ["iat", "exp", "iss"]},
        )
        assert jwt.get_unverified_header(form["assertion"])["kid"] == "key-1"
        assert claims["iss"] == ACCOUNT["client_email"]
        assert claims["scope"] == "https://www.googleapis.com/auth/cloud-platform"
        assert claims["exp"] - claims["iat"] <= 3600
        return form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"

    def with_options(self, **changed: str) -> GoogleMemoryBank:
        options = filled(GoogleMemoryBank.Options, {**self.options, **changed})
        return GoogleMemoryBank(options, self.connect().connector.http)

    def test_topics_tell_the_kind_unless_we_said_it(self) -> None:
        ours, theirs, other = (entry.item for entry in self.listing() if entry.item)
        assert (ours.kind, ours.title) == ("fact", "Home")
        assert theirs.kind == "preference" and other.kind == "fact"
        assert [entry.key for entry in self.listing()] == [KEY, "", "", ""]

    def test_a_profile_without_text_is_left_alone(self) -> None:
        profile = next(entry for entry in self.listing() if entry.remote_id.endswith("/8"))
        assert profile.item is None and profile.unreadable

    @pytest.mark.parametrize("location", ["global", "us-central1"])
    def test_the_address_is_that_of_the_region(self, location: str) -> None:
        host = "" if location == "global" else f"{location}-"
        remote = self.with_options(engine=f"projects/p/locations/{location}/reasoningEngines/1")
        assert remote.base_url == f"https://{host}aiplatform.googleapis.com/v1beta1"

    @pytest.mark.parametrize(
        "engine", ["42", "projects/p/locations/a.evil.example#/reasoningEngines/1", "x\n" + ENGINE]
    )
    def test_what_is_no_engine_is_told_at_its_field(self, engine: str) -> None:
        with pytest.raises(Misconfigured) as caught:
            Remote(self.with_options(engine=engine)).check()
        assert caught.value.field == "engine"

    @pytest.mark.parametrize("scope", ["ada", "user_id=", "=ada", "user_id=*", ","])
    def test_what_is_no_scope_is_told_at_its_field(self, scope: str) -> None:
        with pytest.raises(Misconfigured) as caught:
            Remote(self.with_options(scope=scope)).check()
        assert caught.value.field == "scope"

    def test_a_scope_may_have_several_parts(self) -> None:
        remote = self.with_options(scope="user_id=ada, app=notes")
        assert remote._scope == {"user_id": "ada", "app": "notes"}

    @pytest.mark.parametrize(
        "credentials",
        [
            "not json",
            "[]",
            "{}",
            json.dumps({**ACCOUNT, "private_key": PEM[:200]}),
            json.dumps({**ACCOUNT, "private_key": "no key"}),
            json.dumps({**ACCOUNT, "private_key": 7}),
        ],
    )
    def test_what_is_no_key_file_is_told_at_its_field_and_not_repeated(
        self, credentials: str
    ) -> None:
        with pytest.raises(Misconfigured) as caught:
            Remote(self.with_options(credentials=credentials)).check()
        assert caught.value.field == "credentials"
        assert caught.value.__cause__ is None and caught.value.__suppress_context__

    def test_nothing_at_all_is_an_empty_bank_and_anything_else_is_not(self) -> None:
        assert [page.entries for page in self.connect(Always(200, b"{}")).pages()] == [[]]
        for content in (b'{"memories": []}', b'{"retrievedMemories": null}'):
            with pytest.raises(BadResponse):
                list(self.connect(Always(200, content)).pages())

    def test_memories_of_another_scope_stop_the_listing(self) -> None:
        exchanges = recording("google")["scenes"]["pages"]
        exchanges[0]["answer"]["retrievedMemories"][0]["memory"]["scope"] = {"user_id": "eve"}
        with pytest.raises(BadResponse):
            list(self.connect(Replay(exchanges)).pages())

    def test_creating_again_finds_the_id_taken_and_waits_for_the_listing(self) -> None:
        assert self.connect(Always(409)).create(ITEM, KEY) is None
        failed = json.dumps({"name": "o/1", "done": True, "error": {"code": 6}}).encode()
        assert self.connect(Always(200, failed)).create(ITEM, KEY) is None

    def test_an_operation_that_takes_longer_is_not_waited_for_without_end(self) -> None:
        """A create shows up in a later listing; a change and a delete are tried again."""
        exchanges = recording("google")["scenes"]["create"]
        played = Replay([exchanges[0], *[exchanges[1]] * 3])
        assert self.connect(played).create(ITEM, KEY) is None and not played.exchanges
        for scene in ("update", "delete"):
            looked, asked = recording("google")["scenes"][scene]
            asked["answer"] = exchanges[1]["answer"]
            remote = self.connect(Replay([looked, asked, *[exchanges[1]] * 3]))
            with pytest.raises(Unavailable):
                if scene == "update":
                    remote.update(self.first(), ITEM)
                else:
                    remote.delete(self.first())

    @pytest.mark.parametrize(
        ("code", "error"),
        [
            (3, Rejected),
            (5, NotFound),
            (7, AuthError),
            (8, RateLimited),
            (13, Unavailable),
            (14, Unavailable),
            (16, AuthError),
        ],
    )
    def test_an_operation_that_fails_says_what_to_do(
        self, code: int, error: type[ConnectorError]
    ) -> None:
        looked, asked = recording("google")["scenes"]["update"]
        failed = {"code": code, "message": "payload-of-theirs"}
        asked["answer"] = {"name": "o/1", "done": True, "error": failed}
        with pytest.raises(error) as caught:
            self.connect(Replay([looked, asked])).update(self.first(), ITEM)
        assert "payload" not in str(caught.value)

    def test_what_changed_meanwhile_is_left_alone(self) -> None:
        looked, *_ = recording("google")["scenes"]["update"]
        looked["answer"]["fact"] = "Lives in Linz."
        with pytest.raises(PreconditionFailed):
            self.connect(Replay([looked])).update(self.first(), ITEM)
        with pytest.raises(PreconditionFailed):
            self.connect(Replay([looked])).delete(self.first())

    def test_a_new_time_alone_is_no_change(self) -> None:
        exchanges = recording("google")["scenes"]["pages"]
        exchanges[0]["answer"]["retrievedMemories"][0]["memory"]["updateTime"] = (
            "2026-11-21T09:00:00Z"
        )
        first = next(self.connect(Replay(exchanges)).pages()).entries[0]
        assert first.etag == self.first().etag

    def test_the_assertion_is_of_now(self) -> None:
        remote, service = self.signing_in(self.granted, Dead())
        with pytest.raises(Unavailable):
            remote.check()
        claims: dict[str, Any] = jwt.decode(
            service.forms[0]["assertion"], options={"verify_signature": False}
        )
        assert abs(claims["iat"] - time.time()) < 60
