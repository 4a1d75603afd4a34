"""One question to an embeddings API, and its answer read with suspicion."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext

from vault.outbound import Answer, NotAllowed, Outbound, OutboundError
from vault.outbound.model_api import headers, trouble
from vault.search.errors import EmbedderDown, EmbedderRefused
from vault.search.models.vectors import LARGEST_DIM, unit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vault.search.choice import Choice

_NUMBER = 32  # bytes that one number takes in an answer, at most


class TextsRefused(Exception):
    """The server takes other texts perhaps, or fewer at once, but not these."""


class Wire:
    """Asks one endpoint. Keeps nothing of what it sends."""

    def __init__(self, choice: Choice, outbound: Outbound) -> None:
        self._choice, self._outbound = choice, outbound

    def vectors(self, texts: Sequence[str], seconds: float) -> list[NDArray[np.float16]]:
        """One vector of length 1 for each text, in their order, or an EmbedderError; TextsRefused
        when it is the texts that are at fault."""
        answer = self._ask(texts, seconds)
        _check_status(answer, self._choice)
        rows = _rows(answer, len(texts))
        return [unit(row, self._choice.dim or self._choice.dimensions) for row in rows]

    def _ask(self, texts: Sequence[str], seconds: float) -> Answer:
        question: dict[str, object] = {"model": self._choice.model, "input": list(texts)}
        question["encoding_format"] = "float"
        if self._choice.dimensions:
            question["dimensions"] = self._choice.dimensions
        try:
            return self._outbound.send(
                "POST",
                f"{self._choice.base}/embeddings",
                headers=headers(self._choice.key),
                content=json.dumps(question).encode(),
                size=65_536 + len(texts) * LARGEST_DIM * _NUMBER,
                seconds=seconds,
            )
        except NotAllowed as error:
            raise EmbedderRefused(str(error)) from None
        except OutboundError as error:
            raise EmbedderDown(str(error)) from None


def _check_status(answer: Answer, choice: Choice) -> None:
    wrong = trouble(answer, choice.host, "embeddings")
    if wrong is None:
        return
    if wrong.kind == "content":
        check = gettext("%(trouble)s Check the name of the model.")
        if choice.dimensions:
            check = gettext("%(trouble)s Check the name of the model and the number of dimensions.")
        raise TextsRefused(check % {"trouble": wrong.words})
    if wrong.kind == "later":
        raise EmbedderDown(wrong.words, wrong.wait)
    raise EmbedderRefused(wrong.words)


def _rows(answer: Answer, count: int) -> list[Any]:
    """The vectors as they came, put into the order of the question."""
    try:
        parsed = json.loads(answer.body, parse_constant=_no_number)
        data = parsed["data"]
        rows = [row["embedding"] for row in data]
        places = [row.get("index", place) for place, row in enumerate(data)]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise EmbedderRefused(
            gettext(
                "The server's answer is not that of an embeddings API. Check the address: it"
                " usually ends in /v1."
            )
        ) from None
    if len(rows) != count or any(type(place) is not int for place in places):
        raise EmbedderRefused(
            gettext("The embedding server answered with %(vectors)s vectors for %(texts)s texts.")
            % {"vectors": len(rows), "texts": count}
        )
    if sorted(places) != list(range(count)):
        raise EmbedderRefused(gettext("The embedding server mixed up the order of the texts."))
    return [row for _, row in sorted(zip(places, rows, strict=True), key=lambda pair: pair[0])]


def _no_number(said: str) -> float:
    raise ValueError(f"{said} is no number")
