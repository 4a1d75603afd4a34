"""Metrics: on an address of their own, only when asked for, and of nobody in particular."""

from collections.abc import Iterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from config import children
from config.environment import Environment, Misconfigured
from config.processes import Service
from tests.api.mcp.callers import LEGACY, MODERN, Caller, connected
from tests.api.people import WRITE, App, Owner
from tests.stack import Live, Stack, environment, free_port

LABELS = ("surface", "name", "method", "status")


class Measured(Live):
    """The web server with metrics."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(stack)
        self.metrics = free_port()

    def service(self) -> Service:
        said = environment(SATCHEL_METRICS=f"127.0.0.1:{self.metrics}")
        return children.web(self.stack.home, said, "127.0.0.1", self.port)

    def numbers(self) -> str:
        return httpx.get(f"http://127.0.0.1:{self.metrics}/metrics").text


@pytest.fixture(scope="module")
def measured(stack: Stack) -> Iterator[Measured]:
    with Measured(stack) as running:
        yield running


@pytest.fixture(scope="module")
def app(database: None) -> App:
    owner = Owner()
    owner.remembers("canary-in-a-memory")
    return owner.grants({"Personal": WRITE})


def test_requests_are_counted(measured: Measured, app: App) -> None:
    http = httpx.Client(base_url=f"{measured.url}/api/v1/", headers=app.headers())
    for _ in range(3):
        assert http.post("search", json={"query": "canary-in-a-query"}).status_code == 200
    memory = http.get("memories").json()["memories"][0]["id"]
    http.get(f"memories/{memory}")
    http.get("nowhere/canary-in-a-path?canary-in-a-question=1")
    http.request("CANARYMETHOD", "me")
    httpx.get(f"{measured.url}/api/v1/me", headers={"Authorization": "Bearer satchel_canary"})
    text = measured.numbers()
    found = {
        tuple(sample.labels[name] for name in LABELS): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "satchel_requests_total"
    }
    assert found["api", "search", "POST", "200"] == 3
    assert found["api", "memory", "GET", "200"] == 1
    assert found["api", "nowhere", "GET", "404"] == 1
    assert found["api", "me", "GET", "401"] == 1
    assert "satchel_request_seconds_bucket" in text
    for private in ("canary", "CANARY", memory, app.token, str(app.grant.id), "127.0.0.1"):
        assert private not in text


def test_calls_over_mcp_are_counted(measured: Measured, app: App) -> None:
    mcp = Caller(measured.url + "/mcp", app.token)
    for era in (MODERN, LEGACY):
        mcp.era = era
        assert mcp.calls("search", query="canary-in-a-query").status_code == 200
        mcp.fails("fetch", id="canary-of-an-id")
        mcp.calls("canary-tool", query="x")
        mcp.calls("search", canary="x")
        mcp.asks("resources/read", uri="memory://profile")
        mcp.asks("resources/read", uri="memory://canary")
        mcp.asks("tools/list")
    httpx.request("CANARYMETHOD", mcp.url, headers=mcp.head())
    httpx.post(mcp.url, content=b"canary", headers={"Authorization": "Bearer satchel_canary"})
    text = measured.numbers()
    samples = [s for family in text_string_to_metric_families(text) for s in family.samples]
    calls = {
        (one.labels["name"], one.labels["outcome"]): one.value
        for one in samples
        if one.name == "satchel_mcp_calls_total"
    }
    assert calls == {("search", "done"): 2, ("fetch", "refused"): 2, ("profile", "done"): 2}
    answered = {
        (one.labels["method"], one.labels["status"]): one.value
        for one in samples
        if one.name == "satchel_requests_total" and one.labels["surface"] == "mcp"
    }
    assert answered["other", "405"] == answered["POST", "401"] == 1
    assert sum(answered.values()) == 16
    assert "canary" not in text.lower() and app.token not in text


def test_a_call_for_which_it_lacks_a_scope_is_counted_as_turned_away(measured: Measured) -> None:
    caller, _ = connected(measured, Owner().person, "memory.read", Personal=WRITE)
    assert caller.calls("remember", text="canary").status_code == 403
    assert (
        'satchel_mcp_calls_total{name="remember",outcome="turned away"} 1.0' in measured.numbers()
    )


def test_they_are_on_no_other_address(measured: Measured, app: App, live: Live) -> None:
    for server in (measured, live):
        for path in ("/metrics", "/api/v1/metrics"):
            assert httpx.get(server.url + path).status_code in (302, 404)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{free_port()}/metrics")


def test_the_setting_is_an_address() -> None:
    def said(value: str) -> object:
        return Environment({"SATCHEL_METRICS": value}).address("SATCHEL_METRICS")

    assert said("") is None
    assert said("127.0.0.1:9321") == ("127.0.0.1", 9321)
    assert said("[::1]:9321") == ("::1", 9321)
    for wrong in ("9321", ":9321", "localhost", "localhost:http", "localhost:0", "a:99999"):
        with pytest.raises(Misconfigured):
            said(wrong)
