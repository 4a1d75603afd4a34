"""What the door of `/mcp` answers by itself, and what it adds to every answer."""

import json
from collections.abc import Iterable

from asgiref.typing import ASGISendCallable, ASGISendEvent, HTTPResponseStartEvent

from api import throttles
from api.errors import UNEXPECTED, own_words, problem_of
from api.throttles import Rate
from vault.granting import audience

_OWN_ERROR = -32000
"""JSON-RPC leaves this one to servers."""


class Answer(Exception):
    """Ends a request with fixed words, or the vault's own; never with what was sent."""

    def __init__(self, status: int, words: str, **headers: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def challenge(base: str, status: int, words: str, error: str, scopes: Iterable[str]) -> Answer:
    """Tells an app where to ask the owner, and for what (RFC 6750, RFC 9728)."""
    parts = {
        "resource_metadata": f"{base}/.well-known/oauth-protected-resource{audience.MCP}",
        "scope": " ".join(sorted(scopes)),
        "error": error,
        "error_description": _quotable(words) if error else "",
    }
    said = ", ".join(f'{name}="{value}"' for name, value in parts.items() if value)
    return Answer(status, words, www_authenticate=f"Bearer {said}")


def too_many(rate: Rate) -> Answer:
    words = "Too many requests. Wait as long as Retry-After says."
    return Answer(429, words, retry_after=str(rate.resets))


def of_error(error: Exception) -> Answer:
    """As REST answers it. Nothing of an error that is not one of ours."""
    problem = problem_of(error)
    words = problem.detail or own_words(error)
    if problem is UNEXPECTED or problem.status < 500:
        return Answer(500, UNEXPECTED.detail)
    later = {"retry_after": "1"} if problem.status == 503 else {}
    return Answer(problem.status, words, **later)


class Reply:
    """Sends an answer, with what every answer of ours says; knows whether it began and ended, and
    what was called, for counting."""

    def __init__(self, send: ASGISendCallable) -> None:
        self._send = send
        self.begun = self.ended = False
        self.status, self.called = 0, ""
        self.rates: list[Rate] = []

    async def __call__(self, event: ASGISendEvent) -> None:
        if event["type"] == "http.response.start":
            self.begun, self.status = True, event["status"]
            event = self._with_headers(event)
        elif event["type"] == "http.response.body":
            self.ended = not event.get("more_body", False)
        await self._send(event)

    async def give(self, answer: Answer) -> None:
        """This answer; where another has begun, only its end."""
        if self.begun:
            if not self.ended:
                await self({"type": "http.response.body", "body": b"", "more_body": False})
            return
        error = {"code": _OWN_ERROR, "message": answer.words}
        body = json.dumps({"jsonrpc": "2.0", "id": None, "error": error}).encode()
        headers = {"content-type": "application/json"} | answer.headers
        await self(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": [(n.encode(), v.encode("latin-1")) for n, v in headers.items()],
                "trailers": False,
            }
        )
        await self({"type": "http.response.body", "body": body, "more_body": False})

    def _with_headers(self, event: HTTPResponseStartEvent) -> HTTPResponseStartEvent:
        headers = list(event.get("headers", []))
        ours = {"x-content-type-options": "nosniff"}
        if not any(name.lower() == b"cache-control" for name, _ in headers):
            ours["cache-control"] = "no-store"
        ours |= {name.lower(): value for name, value in throttles.headers(self.rates).items()}
        more = [(name.encode(), value.encode()) for name, value in ours.items()]
        return {**event, "headers": [*headers, *more]}


def _quotable(words: str) -> str:
    return "".join(c for c in words if " " <= c <= "~" and c not in '"\\')
