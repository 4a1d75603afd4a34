"""A real server that speaks the embeddings API of OpenAI, well or badly, on loopback."""

import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

import numpy as np

from tests import model_api
from tests.model_api import Asking, Handler, ModelApi
from vault.search.choice import Choice

DIM = 48


def vector(text: str, dim: int = DIM, offset: float = 0.0) -> list[float]:
    """Near for texts that share words, and the same each time. `offset` makes all texts alike, as
    some models do. Not of length 1."""
    total = np.zeros(dim)
    for word in re.findall(r"\w+", text.lower()) or [""]:
        total += np.random.default_rng(sum(word.encode()) * 7919 + len(word)).normal(size=dim)
    total = 3 * total / np.linalg.norm(total) + 3 * offset / np.sqrt(dim)
    return [round(float(number), 6) for number in total]


@dataclass
class Asked(Asking):
    """One request."""

    dim: int
    offset: float

    @property
    def texts(self) -> list[str]:
        return list(self.body["input"])

    def answer(self, vectors: Sequence[Any], *, order: Sequence[int] | None = None) -> None:
        rows = [
            {"object": "embedding", "index": place, "embedding": each}
            for place, each in enumerate(vectors)
        ]
        rows = [rows[place] for place in order] if order is not None else rows
        self.send(200, json.dumps({"object": "list", "data": rows, "model": "toy"}).encode())

    def well(self) -> None:
        dim = int(self.body.get("dimensions", self.dim))
        self.answer([vector(text, dim, self.offset) for text in self.texts])


@dataclass
class EmbeddingsApi(ModelApi[Asked]):
    """`api.texts`: what it has seen."""

    PATH = "/v1/embeddings"

    dim: int = DIM
    offset: float = 0.0

    def heard(self, handler: Handler, body: dict[str, Any]) -> Asked:
        return Asked(handler, body, self.dim, self.offset)

    @property
    def texts(self) -> list[str]:
        return [text for request in list(self.requests) for text in request["input"]]

    def choice(self, **more: Any) -> Choice:
        return Choice.endpoint(self.base, "toy", **more)


Mood = model_api.Mood[Asked]
first, slow = model_api.first, model_api.slow


# --- moods ---------------------------------------------------------------------------------------


def status(code: int, **headers: str) -> Mood:
    def mood(asked: Asked) -> bool:
        # what vendors say may quote the question: it must reach nobody
        asked.send(code, json.dumps({"error": {"message": asked.texts}}).encode(), **headers)
        return True

    return mood


def body(text: bytes) -> Mood:
    def mood(asked: Asked) -> bool:
        asked.send(200, text)
        return True

    return mood


def vectors(made: Callable[[Asked], list[Any]]) -> Mood:
    def mood(asked: Asked) -> bool:
        asked.answer(made(asked))
        return True

    return mood


def unless(wrong: Callable[[list[str]], bool], code: int = 400) -> Mood:
    """Refuses requests whose texts are `wrong`."""

    def mood(asked: Asked) -> bool:
        return wrong(asked.texts) and status(code)(asked)

    return mood


def http_date(seconds: float) -> str:
    return formatdate(time.time() + seconds, usegmt=True)
