"""Reads a JSON body, and nothing that two readers could understand differently."""

import json
from typing import IO, Any

from rest_framework.exceptions import NotAcceptable, ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.utils.mediatypes import media_type_matches

from api.errors import CONTENT_TYPE, TooLarge

LARGEST_BODY = 1024 * 1024
DEEPEST = 16


class JsonParser(BaseParser):
    """UTF-8, at most `LARGEST_BODY` bytes and `DEEPEST` levels, no name twice in an object."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None
    ) -> Any:
        body = stream.read(LARGEST_BODY + 1)
        if len(body) > LARGEST_BODY:
            raise TooLarge
        try:
            data = json.loads(
                body.decode(), parse_constant=_no_constant, object_pairs_hook=_no_twins
            )
        except (ValueError, RecursionError):
            raise ParseError from None
        if _depth(data) > DEEPEST:
            raise ParseError
        return data


class JsonOnly(BaseContentNegotiation):
    """Answers JSON to whoever takes it; there is no other format, and no `?format=`."""

    def select_parser(self, request: Request, parsers: Any) -> BaseParser | None:
        sent = (request.content_type or "")[:200]
        for parser in parsers:
            # A star matches everything: it is for asking, not for saying what something is.
            if "*" not in sent and media_type_matches(parser.media_type, sent):
                return parser  # type: ignore[no-any-return]
        return None

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        accepts = request._request.accepts
        if not (accepts("application/json") or accepts(CONTENT_TYPE)):
            raise NotAcceptable
        return renderers[0], renderers[0].media_type


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _depth(data: Any) -> int:
    deepest, todo = 0, [(data, 1)]
    while todo and deepest <= DEEPEST:
        value, depth = todo.pop()
        deepest = max(deepest, depth)
        inner = value.values() if isinstance(value, dict) else value
        if isinstance(value, dict | list):
            todo.extend((part, depth + 1) for part in inner)
    return deepest
