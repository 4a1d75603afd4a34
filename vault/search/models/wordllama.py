"""wordllama: static word vectors, 256 numbers a text. Light and fast; understands less."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vault.search.embed import MAX_PASSAGES, Embedding
from vault.search.models.files import package_file, verified
from vault.search.models.passages import split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# Read straight from the package's files: its own loader would look for a download instead.
WEIGHTS = ("weights", "l2_supercat_256.safetensors")
WEIGHTS_SHA256 = "64b47a2dc493cb8e85944076601189739852d7b64e0e1eedcb1937a251cd9fd5"
TOKENIZER = ("tokenizers", "l2_supercat_tokenizer_config.json")
TOKENIZER_SHA256 = "93248f2a9ec36c7b35f700a033d5f36228aae48db61aee31007fa49062cdeb68"
WINDOW = 256
MAX_CHARACTERS = MAX_PASSAGES * WINDOW * 10


class WordLlama:
    """See `Embedder`. Has no token vectors: its words know nothing of their neighbours."""

    model = "wordllama-l2-supercat-256/1"
    dim = 256
    unlike = 0.0

    def __init__(self, weights: bytes, tokenizer: bytes) -> None:
        from safetensors.numpy import load as parse
        from tokenizers import Tokenizer

        table: NDArray[np.float32] = parse(weights)["embedding.weight"].astype(np.float32)
        self._table = table
        self._tokenizer = Tokenizer.from_buffer(tokenizer)
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def embed(self, text: str) -> Embedding:
        windows = split(self._ids(text), WINDOW, MAX_PASSAGES)
        return Embedding(np.stack([self._mean(window) for window in windows]))

    def query(self, text: str) -> Embedding:
        return Embedding(self._mean(self._ids(text))[None])

    def _ids(self, text: str) -> list[int]:
        scrubbed = text[:MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
        return list(self._tokenizer.encode(scrubbed, add_special_tokens=False).ids)

    def _mean(self, ids: Sequence[int]) -> NDArray[np.float16]:
        # a text without words points nowhere in particular, but must still have length 1
        total = self._table[ids].sum(axis=0) if ids else np.ones(self.dim, np.float32)
        unit: NDArray[np.float32] = total / np.linalg.norm(total)
        return unit.astype(np.float16)


def load() -> WordLlama:
    """ModelFilesError when the package's files are absent or altered."""
    return WordLlama(
        verified(package_file("wordllama", *WEIGHTS), WEIGHTS_SHA256),
        verified(package_file("wordllama", *TOKENIZER), TOKENIZER_SHA256),
    )
