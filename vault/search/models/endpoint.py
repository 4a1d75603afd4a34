"""Any server that speaks the embeddings API of OpenAI: Ollama, vLLM, LM Studio, a hosted one.

What it answers is not trusted: sizes, counts and numbers are checked before anything is kept. Its
error texts are shown to nobody, since they may quote what was asked.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from django.utils.translation import gettext

from vault.search.embed import MAX_PASSAGES, Embedding
from vault.search.errors import EmbedderDown, EmbedderError, EmbedderRefused
from vault.search.models.passages import split_text
from vault.search.models.wire import TextsRefused, Wire

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vault.outbound import Outbound
    from vault.search.choice import Choice

    Vector = NDArray[np.float16]

PASSAGE = 1_200  # characters: fits 512 tokens of any writing but the densest, which is cut again
FEWEST = 8
SHORT = 400  # characters of a passage that was refused, tried once more
BATCH = 64  # passages in one request, until the server turns out to take fewer
AT_ONCE = 4.0  # seconds that somebody who searches or writes waits for an answer
REST = 20.0  # seconds for which nobody waits again after that
REMEMBERED = 256  # queries
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0


class EndpointEmbedder:
    """See `Embedder` and `Batching`. Has no token vectors."""

    def __init__(
        self, choice: Choice, outbound: Outbound, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.model = f"endpoint/{choice.id}"
        self.dim, self.unlike = choice.dim, choice.unlike
        self._choice, self._sleep = choice, sleep
        self._wire = Wire(choice, outbound)
        self._most = BATCH
        self._lock = threading.Lock()
        self._resting_until = 0.0
        self._known: OrderedDict[bytes, Vector] = OrderedDict()

    def __repr__(self) -> str:
        return f"<EndpointEmbedder {self.model}>"

    def embed(self, text: str) -> Embedding:
        (made,) = self.embed_many([text], 0.0)
        if made is None:
            raise EmbedderRefused(
                gettext("%(host)s does not take this text.") % {"host": self._choice.host}
            )
        return made

    def query(self, text: str) -> Embedding:
        """One try, and after a failure none for a while: whoever searches does not wait long."""
        asked = _scrubbed(self._choice.query_prefix + text)[:PASSAGE]
        name = hashlib.sha256(asked.encode()).digest()
        with self._lock:
            if name in self._known:
                self._known.move_to_end(name)
                return Embedding(self._known[name][None])
        try:
            (vector,) = self._once([asked])
        except TextsRefused as refused:
            raise EmbedderRefused(str(refused)) from None
        with self._lock:
            self._known[name] = vector
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return Embedding(vector[None])

    def embed_many(self, texts: Sequence[str], patience: float) -> list[Embedding | None]:
        prefix = self._choice.document_prefix
        pieces = [split_text(_scrubbed(text), PASSAGE, MAX_PASSAGES) for text in texts]
        flat = [prefix + (piece.strip() or ".") for each in pieces for piece in each]
        until = time.monotonic() + patience if patience else 0.0
        vectors: list[Vector | None] = []
        while len(vectors) < len(flat):
            vectors += self._some(flat[len(vectors) : len(vectors) + self._most], until)
        if not any(vector is not None for vector in vectors) and flat:
            self._must_take_anything(until)
        return _by_text(pieces, vectors)

    def _some(self, texts: Sequence[str], until: float) -> list[Vector | None]:
        """Halves what is refused until what is left is a text that it does not take."""
        try:
            return list(self._patiently(texts, until))
        except TextsRefused:
            if len(texts) == 1:
                return [self._shortened(texts[0], until)]
        half = len(texts) // 2
        parts = [self._some(texts[:half], until), self._some(texts[half:], until)]
        if all(vector is not None for part in parts for vector in part):
            self._most = min(self._most, max(half, FEWEST))  # their number was too much
        return [vector for part in parts for vector in part]

    def _shortened(self, text: str, until: float) -> Vector | None:
        try:
            return self._patiently([text[:SHORT]], until)[0] if len(text) > SHORT else None
        except TextsRefused:
            return None

    def _must_take_anything(self, until: float) -> None:
        try:
            self._patiently(["A short sentence."], until)
        except TextsRefused as refused:
            raise EmbedderRefused(str(refused)) from None

    def _once(self, texts: Sequence[str]) -> list[Vector]:
        if time.monotonic() < self._resting_until:
            raise EmbedderDown(
                gettext("%(host)s did not answer a moment ago.") % {"host": self._choice.host}
            )
        try:
            return self._wire.vectors(texts, AT_ONCE)
        except EmbedderError:
            self._resting_until = time.monotonic() + REST
            raise

    def _patiently(self, texts: Sequence[str], until: float) -> list[Vector]:
        """Tries again until the time is over, waiting longer each time or as long as asked to."""
        if not until:
            return self._once(texts)
        wait = _FIRST_WAIT
        while True:
            left = until - time.monotonic()
            try:
                return self._wire.vectors(texts, max(left, 1.0))
            except EmbedderDown as down:
                pause = wait if down.wait is None else down.wait
                if pause > until - time.monotonic():
                    raise
            self._sleep(pause)
            wait = min(wait * 2, _LONGEST_WAIT)


def _by_text(
    pieces: Sequence[Sequence[str]], vectors: Sequence[Vector | None]
) -> list[Embedding | None]:
    found: list[Embedding | None] = []
    rest = iter(vectors)
    for each in pieces:
        own = [vector for _, vector in zip(each, rest, strict=False) if vector is not None]
        found.append(Embedding(np.stack(own)) if own else None)
    return found


def _scrubbed(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
