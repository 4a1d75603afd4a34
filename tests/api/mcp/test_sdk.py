"""The reference SDK's client, with the whole of OAuth, in both eras of the protocol."""

import asyncio
from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider, TokenStorage
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

from tests.api.mcp.callers import apart
from tests.api.oauth.apps import BACK, allow
from tests.people import Person, new_person, signed_in
from tests.stack import Live
from vault import memories
from vault.granting import clients, grants
from vault.granting.scopes import OFFLINE
from vault.types import Draft, Right

Era = Literal["legacy", "2026-07-28"]
ERAS: tuple[Era, ...] = ("legacy", "2026-07-28")


class Memory(TokenStorage):
    """What an app keeps on its own disk."""

    def __init__(self) -> None:
        self.tokens: OAuthToken | None = None
        self.client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


@pytest.fixture(scope="module")
def ana() -> Person:
    made = new_person()
    memories.remember(made.access, made.collection("Work"), Draft("Ana keeps bees in Porto."))
    memories.remember(made.access, made.collection("Health"), Draft("Ana is allergic to bees."))
    return made


class Unwilling(Exception):
    """The owner was asked again, and did not allow it."""


def flat(error: BaseException) -> list[BaseException]:
    """An error, those that it groups, and those that it came from."""
    inner = list(getattr(error, "exceptions", ()))
    inner += [cause for cause in (error.__cause__, error.__context__) if cause is not None]
    return [error, *(one for part in inner for one in flat(part))]


class Agent:
    """An app that was told the address of the server, and nothing else."""

    def __init__(self, live: Live, person: Person, **rights: Right) -> None:
        self.url, self.store = live.url + "/mcp", Memory()
        self.asked: list[set[str]] = []
        self.willing = True
        self._person, self._browser, self._rights = person, signed_in(person), rights
        self._back: dict[str, str] = {}

    def run(self, era: Era, act: Callable[[Client], Any]) -> Any:
        return apart(self._run(era, act))

    async def _run(self, era: Era, act: Callable[[Client], Any]) -> Any:
        wanted = OAuthClientMetadata(
            client_name="An agent",
            redirect_uris=[AnyUrl(BACK)],
            token_endpoint_auth_method="none",
        )
        auth = OAuthClientProvider(
            self.url,
            wanted,
            self.store,
            redirect_handler=self._owner_allows,
            callback_handler=self._sent_back,
        )
        async with (
            httpx2.AsyncClient(auth=auth, timeout=60) as http,
            Client(streamable_http_client(self.url, http_client=http), mode=era) as client,
        ):
            return await act(client)

    async def _owner_allows(self, address: str) -> None:
        parts = urlsplit(address)
        self.asked.append(set(parse_qs(parts.query)["scope"][0].split()) - {OFFLINE})
        if not self.willing:
            raise Unwilling
        host: Any = {"HTTP_HOST": parts.netloc}
        self._browser.defaults.update(host)
        self._back = await asyncio.to_thread(
            allow, self._browser, self._person, f"{parts.path}?{parts.query}", **self._rights
        )

    async def _sent_back(self) -> AuthorizationCodeResult:
        back = self._back
        return AuthorizationCodeResult(code=back["code"], state=back["state"], iss=back["iss"])


@pytest.mark.parametrize("era", ERAS)
def test_it_connects_finds_and_is_out_when_taken_back(live: Live, ana: Person, era: Era) -> None:
    agent = Agent(live, ana, Work=Right(see=True, add="yes"))

    async def finds(client: Client) -> Any:
        found = await client.call_tool("search", {"query": "bees"})
        return found.structured_content["results"]

    results = agent.run(era, finds)
    assert [one["title"] for one in results] == ["Ana keeps bees in Porto."]
    assert agent.asked == [{"memory.read"}]

    assert agent.store.client is not None
    grant = clients.known(ana.access, agent.store.client.client_id)
    assert grant is not None
    grants.revoke(ana.access, grant.id)
    agent.willing = False
    with pytest.raises(BaseException) as refused:
        agent.run(era, finds)
    assert any(isinstance(error, Unwilling) for error in flat(refused.value)), refused.value
    assert len(agent.asked) == 2, "neither its token nor its refresh token worked any more"


@pytest.mark.parametrize("era", ERAS)
def test_it_asks_for_more_when_it_needs_more(live: Live, ana: Person, era: Era) -> None:
    agent = Agent(live, ana, Work=Right(see=True, add="yes"))

    async def remembers(client: Client) -> Any:
        await client.call_tool("search", {"query": "bees"})
        return await client.call_tool("remember", {"text": "Ana sold the bees."})

    said = agent.run(era, remembers).structured_content
    assert said["state"] == "waiting for the owner", "nothing of it was let in before"
    assert agent.asked == [{"memory.read"}, {"memory.read", "memory.write"}]
