"""A remote that a function plays: what pages of a listing need, which no recording can tell."""

import json
from collections.abc import Callable
from typing import Any

import httpx


class Answers(httpx.BaseTransport):
    """Asks `play` for each answer."""

    def __init__(self, play: Callable[[httpx.Request], httpx.Response]) -> None:
        self.play = play

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        return self.play(request)


def answer(request: httpx.Request) -> Any:
    """The JSON of a request."""
    return json.loads(request.content)
