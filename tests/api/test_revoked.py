"""From the owner's click on Revoke until an app is refused: over REST and MCP, with tokens by
OAuth, from one request to the next and in the middle of an answer."""

import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count

import httpx
import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from tests.api.mcp.callers import LEGACY, Caller, connected
from tests.people import Person, new_person, signed_in
from tests.stack import Live
from vault import memories, telling
from vault.granting import clients
from vault.scope import vault_scope
from vault.types import Draft, Right

ROUNDS = 15 if os.environ.get("SATCHEL_FULL") else 3
READS, ADDS = "memory.read", "memory.read memory.write"


@pytest.fixture(scope="module")
def ana(database: None) -> Person:
    made = new_person()
    memories.remember(made.access, made.collection("Work"), Draft("Ana keeps bees in Porto."))
    return made


@pytest.fixture(scope="module")
def browser(ana: Person) -> Client:
    return signed_in(ana)


@dataclass
class Asking(threading.Thread):
    """An app that asks until it is refused: when each request began and ended, and its answer."""

    ask: Callable[[], int]
    answers: list[tuple[float, float, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        while not self.answers or self.answers[-1][2] == 200:
            self.once()

    def once(self) -> None:
        began = time.monotonic()
        status = self.ask()
        self.answers.append((began, time.monotonic(), status))


def click(live: Live, ana: Person, browser: Client, client_id: str) -> None:
    """Revoke, on the page of the grant."""
    grant = clients.known(ana.access, client_id)
    assert grant is not None
    cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
    cookies[settings.CSRF_COOKIE_NAME] = "c" * 32
    answer = httpx.post(
        f"{live.url}/grants/{grant.id}/revoke/",
        cookies=cookies,
        headers={"X-CSRFToken": "c" * 32, "Origin": live.url},
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/grants/{grant.id}/")


@dataclass
class Place:
    """An app at an address of its own: each may be refused a few times a minute only."""

    caller: Caller
    http: httpx.Client

    def post(self, address: str, said: object, head: dict[str, str]) -> int:
        return self.http.post(address, json=said, headers=head).status_code

    def rest(self) -> int:
        head = {"Authorization": f"Bearer {self.caller.token}"}
        return self.post(f"{self.caller.url}/search", {"query": "bees"}, head)

    def mcp(self, tool: str = "search", **arguments: str) -> int:
        said = self.caller.message(
            "tools/call", name=tool, arguments=arguments or {"query": "bees"}
        )
        return self.post(self.caller.url, said, self.caller.head("tools/call", tool))

    def older(self) -> int:
        self.caller.era = LEGACY
        return self.mcp()


_numbers = count(2)


def place(caller: Caller) -> Place:
    transport = httpx.HTTPTransport(local_address=f"127.0.1.{next(_numbers)}")
    return Place(caller, httpx.Client(transport=transport, timeout=30))


WAYS = {
    "REST": ("/api/v1", Place.rest),
    "MCP": ("/mcp", Place.mcp),
    "MCP, older": ("/mcp", Place.older),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_next_request_is_refused(way: str, live: Live, ana: Person, browser: Client) -> None:
    at, ask = WAYS[way]
    seconds = []
    for _ in range(ROUNDS):
        caller, client_id = connected(live, ana, READS, at, Work=Right(see=True))
        app = Asking(partial(ask, place(caller)))
        assert app.ask() == 200
        app.start()
        clicked = time.monotonic()
        click(live, ana, browser, client_id)
        done = time.monotonic()
        app.join(30)
        seconds.append(app.answers[-1][1] - clicked)
        app.once()
        after = [status for began, _, status in app.answers if began >= done]
        assert set(after) == {401}, app.answers
    told(way, seconds)


def test_an_answer_that_is_under_way_is_cut_off(live: Live, ana: Person, browser: Client) -> None:
    seconds = []
    for number in range(ROUNDS):
        caller, client_id = connected(live, ana, ADDS, Work=Right(see=True, add="yes"))
        app = Asking(partial(place(caller).mcp, "remember", text=f"Number {number}."))
        with nobody_tells(ana):
            app.start()
            time.sleep(0.3)
            assert app.answers == [], "it waits until it may write"
            clicked = time.monotonic()
            click(live, ana, browser, client_id)
            app.join(30)
            seconds.append(app.answers[0][1] - clicked)
            assert [status for *_, status in app.answers] == [401]
    told("MCP, in the middle of an answer", seconds)


@contextmanager
def nobody_tells(ana: Person) -> Iterator[None]:
    """Whoever wants to write a memory waits."""
    holds, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with vault_scope(ana.vault_id):
            telling.take_turns(ana.access)
            holds.set()
            let_go.wait(60)
        connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    assert holds.wait(10)
    try:
        yield
    finally:
        let_go.set()
        thread.join()


def told(way: str, seconds: list[float]) -> None:
    median, most = statistics.median(seconds), max(seconds)
    print(f"\n{way}: from the click to the refusal {median * 1000:.0f} ms in the median, ", end="")
    print(f"{most * 1000:.0f} ms at most, of {len(seconds)}")
