"""The same API over real HTTP, as an app meets it."""

import gzip
import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import pytest

from tests.api.people import WRITE, App, Owner
from tests.stack import Live


@pytest.fixture(scope="module")
def granted(database: None) -> App:
    owner = Owner()
    owner.remembers("She is allergic to peanuts.")
    return owner.grants({"Personal": WRITE})


@pytest.fixture(scope="module")
def http(live: Live, granted: App) -> httpx.Client:
    headers = {"Authorization": f"Bearer {granted.token}"}
    return httpx.Client(base_url=f"{live.url}/api/v1/", headers=headers, timeout=30)


def test_remember_recall_forget(http: httpx.Client) -> None:
    made = http.post("memories", json={"text": "Her sister is called Byron."})
    assert made.status_code == 201
    asked = http.post("context", json={"query": "What is her sister called?"})
    assert asked.status_code == 200
    assert "Her sister is called Byron." in asked.json()["context"]
    assert asked.headers["Cache-Control"] == "no-store"
    assert "RateLimit" in asked.headers
    path = f"memories/{made.json()['id']}"
    assert http.delete(path, headers={"If-Match": made.headers["ETag"]}).status_code == 204
    assert http.get(path).status_code == 404


def test_a_bad_token(live: Live) -> None:
    answer = httpx.get(f"{live.url}/api/v1/me", headers={"Authorization": "Bearer satchel_x"})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_health_without_a_token(live: Live) -> None:
    answer = httpx.get(f"{live.url}/api/v1/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


def test_head_sends_no_body(http: httpx.Client) -> None:
    answer = http.head("me")
    assert (answer.status_code, answer.content) == (200, b"")
    assert http.get("me").status_code == 200


def test_a_large_body_is_refused(http: httpx.Client) -> None:
    answer = http.post("search", content=b'{"query": "' + b"x" * 2_000_000 + b'"}', headers={
        "Content-Type": "application/json",
    })  # fmt: skip
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_body_of_unknown_length_or_packed_is_refused(http: httpx.Client) -> None:
    kind = {"Content-Type": "application/json"}
    stream = http.post("search", content=iter([b'{"query":', b'"x"}']), headers=kind)
    assert stream.status_code == 411
    assert stream.headers["Content-Type"] == "application/problem+json"
    packed = gzip.compress(json.dumps({"query": "x"}).encode())
    answer = http.post("search", content=packed, headers=kind | {"Content-Encoding": "gzip"})
    assert answer.status_code == 400


def test_many_at_once(http: httpx.Client) -> None:
    def ask(n: int) -> int:
        return http.post("context", json={"query": f"peanuts {n}"}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(40))) == {200}


def test_a_sender_that_goes_away_writes_nothing(live: Live, granted: App) -> None:
    before = granted.ids()
    address = urlsplit(live.url)
    head = (
        "POST /api/v1/memories HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {granted.token}\r\nContent-Length: 40\r\n\r\n"
    )
    with socket.create_connection((address.hostname, address.port)) as caller:
        caller.sendall(head.encode() + b'{"text": "Half a mem')
    time.sleep(0.3)  # long enough for the server to have written it
    assert granted.ids() == before


def test_no_token_in_the_log(live: Live, http: httpx.Client, granted: App) -> None:
    http.get("me", params={"access_token": granted.token})
    http.post("search", json={"query": "canary-in-a-query"})
    http.get("nowhere")
    log = live.log
    assert granted.token[8:] not in log
    assert "canary-in-a-query" not in log
