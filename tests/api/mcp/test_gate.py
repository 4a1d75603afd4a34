"""The door of /mcp, by hand: who is let in, how often, and what the others are told."""

import json
import secrets
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from api.mcp import arrivals
from api.mcp.answers import Answer
from api.mcp.arrivals import base_of, headers_of
from tests.api.mcp.callers import LEGACY, MODERN, Caller, connected, result_of, with_token
from tests.people import Person, new_person
from tests.stack import Live
from vault import memories
from vault.granting import clients, grants
from vault.models import Grant
from vault.scope import vault_scope
from vault.types import Draft, Right

SEES = Right(see=True)
ADDS = Right(see=True, add="yes")
ERAS = (LEGACY, MODERN)


@pytest.fixture(scope="module")
def ana() -> Person:
    made = new_person()
    memories.remember(made.access, made.collection("Work"), Draft("Ana keeps bees in Porto."))
    return made


@pytest.fixture
def reader(live: Live, ana: Person) -> Caller:
    return with_token(live, ana, Work=SEES)


def challenge_of(answer: httpx.Response) -> dict[str, str]:
    said = answer.headers["WWW-Authenticate"].removeprefix("Bearer ")
    return {k: v.strip('"') for k, _, v in (part.partition("=") for part in said.split(", "))}


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "OPTIONS", "PUT", "POST"])
def test_without_a_token_everybody_is_told_where_to_sign_in(live: Live, method: str) -> None:
    answer = httpx.request(method, live.url + "/mcp")
    assert answer.status_code == 401
    assert challenge_of(answer) == {
        "resource_metadata": f"{live.url}/.well-known/oauth-protected-resource/mcp",
        "scope": "memory.read",
    }
    named = httpx.get(challenge_of(answer)["resource_metadata"]).json()
    assert named["resource"] == live.url + "/mcp"


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "OPTIONS", "PUT"])
def test_only_post_is_served(reader: Caller, method: str) -> None:
    answer = httpx.request(method, reader.url, headers=reader.head())
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("era", ERAS)
def test_a_slash_at_the_end_changes_nothing(reader: Caller, era: str) -> None:
    slashed = replace(reader, url=reader.url + "/", era=era)
    assert slashed.does("search", query="bees")["results"]


def test_answers_say_what_is_left_and_are_kept_nowhere(reader: Caller) -> None:
    first, second = reader.asks("tools/list"), reader.asks("tools/list")
    left = [answer.headers["RateLimit"].split(";")[1] for answer in (first, second)]
    assert left == ["r=599", "r=598"]
    assert first.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "token",
    ["", "x", "satchel_", "satchel_" + "A" * 64, "satchel_" + "é" * 64, "Zm9v" * 5000],
    ids=["none", "short", "prefix", "unknown", "not ascii", "long"],
)
def test_a_token_that_does_not_work(live: Live, token: str) -> None:
    head = {"Authorization": f"Bearer {token}".strip().encode()}
    answer = httpx.post(live.url + "/mcp", headers=head, json={})
    assert answer.status_code == 401
    assert challenge_of(answer)["error"] == "invalid_token"
    assert token not in answer.text + str(answer.headers) or len(token) < 10


def test_a_token_in_the_address_is_not_looked_at(reader: Caller) -> None:
    bare = replace(reader, url=f"{reader.url}?access_token={reader.token}", token="")
    assert bare.asks("tools/list").status_code == 401


def test_a_token_for_rest_does_not_work_here(live: Live, ana: Person) -> None:
    caller, _ = connected(live, ana, "memory.read", Work=SEES)
    rest = httpx.get(live.url + "/api/v1/me", headers={"Authorization": f"Bearer {caller.token}"})
    assert (caller.asks("tools/list").status_code, rest.status_code) == (200, 401)


def test_paused_expired_revoked_and_inactive(live: Live) -> None:
    ben = new_person()
    states = ("paused", "expired", "revoked", "active")
    made = {state: ben.token(state, Work=SEES) for state in states}
    callers = {state: Caller(live.url + "/mcp", token) for state, (_, token) in made.items()}
    assert {caller.asks("tools/list").status_code for caller in callers.values()} == {200}
    grants.pause(ben.access, made["paused"][0].id)
    grants.revoke(ben.access, made["revoked"][0].id)
    with vault_scope(ben.vault_id):
        past = timezone.now() - timedelta(seconds=1)
        Grant.objects.filter(vault_id=ben.vault_id, id=made["expired"][0].id).update(
            expires_at=past
        )
    answers = {state: caller.asks("tools/list") for state, caller in callers.items()}
    assert [answers[state].status_code for state in states] == [401, 401, 401, 200]
    assert "paused" in challenge_of(answers["paused"])["error_description"]
    assert challenge_of(answers["expired"]) == challenge_of(answers["revoked"])
    User.objects.filter(pk=ben.user.pk).update(is_active=False)
    assert callers["active"].asks("tools/list").status_code == 401


def test_challenges_name_all_that_the_call_needs(live: Live, ana: Person) -> None:
    sees, _ = connected(live, ana, "memory.read", Work=ADDS)
    adds, _ = connected(live, ana, "memory.write", Work=ADDS)
    lacking = [(sees, "remember"), (sees, "revise"), (sees, "forget")]
    lacking += [(adds, "search"), (adds, "fetch"), (adds, "recall"), (adds, "forget")]
    for caller, tool in lacking:
        for era in ERAS:
            answer = replace(caller, era=era).calls(tool, query="x", id="x", text="x")
            assert answer.status_code == 403, tool
            assert challenge_of(answer)["error"] == "insufficient_scope"
            assert challenge_of(answer)["scope"] == "memory.read memory.write", tool
    profile = adds.asks("resources/read", uri="memory://profile")
    assert (profile.status_code, challenge_of(profile)["error"]) == (403, "insufficient_scope")
    assert adds.does("whoami")["collections"], "needs no scope"


def test_a_batch_does_nothing(live: Live, ana: Person) -> None:
    """The last version with batches is from before tokens had scopes; no served one has them."""
    caller = with_token(live, ana, Work=ADDS)
    word = secrets.token_hex(8)
    for era in (LEGACY, "2025-03-26", MODERN):
        caller.era = era
        one = caller.message("tools/call", name="remember", arguments={"text": f"A {word}."})
        answer = httpx.post(caller.url, json=[one, one], headers=caller.head(), timeout=30)
        assert answer.status_code == 400, era
    assert word not in json.dumps([m.text for m in memories.listing(ana.access).memories])


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"\xff\xfe{\x00}\x00", b"[" * 50_000, b"1" * 5000, b'{"a":NaN}'],
    ids=["empty", "cut", "list", "null", "utf-16", "deep", "long number", "nan"],
)
@pytest.mark.parametrize("era", ERAS)
def test_broken_bodies_are_refused_calmly(reader: Caller, era: str, body: bytes) -> None:
    head = {**replace(reader, era=era).head("tools/list"), "Content-Type": "application/json"}
    answer = httpx.post(reader.url, content=body, headers=head, timeout=30)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] in (-32700, -32600, -32602)


def test_large_bodies_are_refused(reader: Caller) -> None:
    def parts() -> Iterator[bytes]:
        yield from [b"x" * 65_536] * 17

    head = {**reader.head(), "Content-Type": "application/json"}
    for content in (b"x" * (arrivals.LONGEST + 1), parts()):
        with httpx.stream("POST", reader.url, content=content, headers=head, timeout=30) as answer:
            assert answer.status_code == 413


def test_two_of_a_header_that_comes_once(reader: Caller) -> None:
    twice = [*reader.head().items(), ("Authorization", "Bearer x")]
    assert httpx.post(reader.url, headers=twice, json={}).status_code == 400


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("Host", "evil.example", 421),
        ("Host", "127.0.0.1.evil.example", 421),
        ("Host", "", 421),
        ("Origin", "https://evil.example", 403),
        ("Origin", "null", 403),
        ("Origin", "HTTP://127.0.0.1", 403),
    ],
)
def test_other_names_and_other_sites_pages(
    reader: Caller, header: str, value: str, status: int
) -> None:
    reader.headers[header] = value
    answer = reader.asks("tools/list")
    assert answer.status_code == status
    assert "evil" not in answer.text


def test_its_own_pages_may_call_it(reader: Caller) -> None:
    reader.headers["Origin"] = reader.url.removesuffix("/mcp")
    assert reader.asks("tools/list").status_code == 200


def came_with(**headers: str) -> str:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope: Any = {"headers": named}
    return base_of(headers_of(scope))


def test_behind_a_proxy_that_speaks_https(settings: Any) -> None:
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["satchel.example"], True
    host = "Satchel.example"
    here = "https://satchel.example"
    assert came_with(host=host, x_forwarded_proto="https") == here
    assert came_with(host=host, x_forwarded_proto="https", origin=here) == here
    for refused in (
        {},
        {"x_forwarded_proto": "http"},
        {"x_forwarded_proto": "http,https"},
        {"x_forwarded_proto": "https", "origin": "http://satchel.example"},
    ):
        with pytest.raises(Answer) as answer:
            came_with(host=host, **refused)
        assert answer.value.status == 403


@contextmanager
def half_sent(live: Live, caller: Caller) -> Iterator[None]:
    """A request whose body never ends."""
    with socket.create_connection(("127.0.0.1", live.port)) as line:
        head = f"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {caller.token}\r\n"
        line.sendall(f"{head}Content-Length: 500\r\n\r\n{{".encode())
        yield


@pytest.mark.parametrize("era", ERAS)
def test_taken_back_is_out_at_the_very_next_request(live: Live, ana: Person, era: str) -> None:
    caller, client_id = connected(live, ana, "memory.read", Work=SEES)
    caller.era = era
    with half_sent(live, caller):
        assert caller.does("search", query="bees")["results"]
        grant = clients.known(ana.access, client_id)
        assert grant is not None
        grants.revoke(ana.access, grant.id)
        refused = caller.calls("search", query="bees")
    assert (refused.status_code, "bees" in refused.text) == (401, False)


def test_many_slow_senders_leave_room(live: Live, reader: Caller) -> None:
    """More of them than there are threads."""
    with ExitStack() as lines:
        for _ in range(20):
            lines.enter_context(half_sent(live, reader))
        assert result_of(reader.asks("tools/list"))


def test_no_secret_is_in_an_error_or_a_log(live: Live, ana: Person) -> None:
    caller = with_token(live, ana, Work=ADDS)
    bird = "kanarek" + secrets.token_hex(8)
    said = [
        caller.calls("search", query=bird),
        caller.calls("fetch", id=bird),
        caller.calls("remember", text=bird, kind=bird),
        caller.calls(bird, text=bird),
        caller.asks("resources/read", uri=f"memory://{bird}"),
        caller.asks("prompts/get", name=bird),
        caller.asks(bird, x=bird),
        caller.calls("remember", text=bird, collection=bird),
        httpx.post(caller.url, json=[bird], headers=replace(caller, era=LEGACY).head()),
        httpx.post(caller.url, content=f"{{{bird}", headers=caller.head("tools/list")),
        httpx.post(caller.url, json={}, headers={"Authorization": f"Bearer {bird}"}),
        httpx.post(f"{caller.url}?x={bird}", json={}, headers={bird: bird}),
    ]
    assert all(answer.status_code < 500 for answer in said)
    log = live.log
    assert bird not in log and caller.token not in log
    assert "ERROR" not in log, "none of it was a fault of ours"
    for answer in said:
        assert caller.token not in answer.text + str(answer.headers)
