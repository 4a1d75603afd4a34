"""Which embedder somebody chose: a value that can be sealed, and the embedder made from it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, get_args

from django.utils.translation import gettext

from vault.search.errors import EmbedderRefused

Kind = Literal["bundled", "minilm", "wordllama", "endpoint", "fastembed"]
_KEY = re.compile(r"[!-~]{0,300}")  # what may stand in a header
_LONGEST = {"base": 300, "model": 150, "query_prefix": 200, "document_prefix": 200}


@dataclass(frozen=True, slots=True)
class Choice:
    """`id` makes vectors of two choices different even if all else is equal.

    For an endpoint: `base` its address, `key` its API key, `dimensions` how many numbers to ask for
    (0: as it likes). `dim` and `unlike` are what a test call found.
    """

    kind: Kind = "bundled"
    id: str = ""
    base: str = ""
    model: str = ""
    key: str = field(default="", repr=False)
    dim: int = 0
    dimensions: int = 0
    unlike: float = 0.0
    query_prefix: str = ""
    document_prefix: str = ""

    @classmethod
    def endpoint(cls, base: str, model: str, **more: Any) -> Choice:
        """A new choice of an endpoint. EmbedderRefused names a value that is wrong."""
        base = base.strip().rstrip("/").removesuffix("/embeddings")
        made = cls("endpoint", secrets.token_hex(8), base, model.strip(), **more)
        for name, longest in _LONGEST.items():
            if len(getattr(made, name)) > longest:
                raise EmbedderRefused(
                    gettext("That is too long: at most %(most)s characters.") % {"most": longest}
                )
        if not made.model:
            raise EmbedderRefused(gettext("Type the name of the model, as its server calls it."))
        return made.with_key(made.key)

    def with_key(self, key: str) -> Choice:
        """The same with another API key. EmbedderRefused for what cannot be one."""
        if not _KEY.fullmatch(key):
            raise EmbedderRefused(
                gettext("An API key has letters, digits and marks only. Copy it again.")
            )
        return replace(self, key=key)

    @classmethod
    def fastembed(cls, model: str) -> Choice:
        """A new choice of a model on this server."""
        return cls("fastembed", secrets.token_hex(8), model=model)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Choice:
        """ValueError for what `to_json` would not have written, left out parts aside."""
        made = cls(**{name: data[name] for name in cls.__slots__ if name in data})
        if made.kind not in get_args(Kind):
            raise ValueError("unknown kind of embedder")
        if any(type(getattr(made, n)) is not type(getattr(BUNDLED, n)) for n in cls.__slots__):
            raise ValueError("an embedder's setting is of the wrong type")
        return made

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def leaves(self) -> bool:
        """Whether texts leave this server."""
        return self.kind == "endpoint"

    @property
    def host(self) -> str:
        """The name of the server that sees the texts; "" when they stay here."""
        from vault.outbound import check_url

        return check_url(self.base).netloc.decode() if self.leaves else ""

    def tested(self, dim: int, unlike: float) -> Choice:
        return replace(self, dim=dim, unlike=unlike)


BUNDLED = Choice()
