"""Models that fastembed can run, from a folder that the self-hoster filled. Nothing is downloaded.

Optional: `pip install satchel[fastembed]`, and SATCHEL_FASTEMBED_DIR names a folder with one folder
a model, named like the model with "/" written as "--".
"""

from __future__ import annotations

import os
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from django.utils.translation import gettext

from vault.search.embed import MAX_PASSAGES, Embedding
from vault.search.errors import EmbedderRefused
from vault.search.models.passages import split_text
from vault.search.models.vectors import scaled

if TYPE_CHECKING:
    from vault.search.choice import Choice

PASSAGE = 1_200  # characters


def available(folder: str) -> list[str]:
    """The models that are there and that fastembed knows, by name; [] when it is not set up."""
    if not folder or find_spec("fastembed") is None:
        return []
    known = (
        (str(one["model"]), str(one["model_file"])) for one in _library().list_supported_models()
    )
    return sorted(name for name, file in known if (_folder(folder, name) / file).is_file())


def _folder(folder: str, name: str) -> Path:
    return Path(folder) / name.replace("/", "--")


def _library() -> Any:
    os.environ["HF_HUB_OFFLINE"] = "1"  # read when the library is imported
    from fastembed import TextEmbedding

    return TextEmbedding


class FastEmbedder:
    """See `Embedder`. Has no token vectors."""

    def __init__(self, choice: Choice, folder: str) -> None:
        if choice.model not in available(folder):
            raise EmbedderRefused(
                gettext(
                    "This model is no longer on this server. Choose another, or ask who runs it."
                )
            )
        self.model = f"fastembed/{choice.id}"
        self.dim, self.unlike = choice.dim, choice.unlike
        self._choice, self._lock = choice, threading.Lock()
        self._runner = _library()(
            choice.model,
            specific_model_path=str(_folder(folder, choice.model)),
            local_files_only=True,
            threads=1,
        )

    def embed(self, text: str) -> Embedding:
        pieces = split_text(_scrubbed(text), PASSAGE, MAX_PASSAGES)
        prefix = self._choice.document_prefix
        with self._lock:
            rows = list(self._runner.passage_embed([prefix + piece for piece in pieces]))
        return Embedding(np.stack([scaled(row) for row in rows]))

    def query(self, text: str) -> Embedding:
        asked = self._choice.query_prefix + _scrubbed(text)[:PASSAGE]
        with self._lock:
            (row,) = self._runner.query_embed([asked])
        return Embedding(scaled(row)[None])


def _scrubbed(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
