"""Which chat endpoint somebody chose for distilling: a value that can be sealed."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.utils.translation import gettext

from sync.distilling.errors import ChatRefused
from vault.outbound import NotAllowed, check_url

_KEY = re.compile(r"[!-~]{0,300}")  # what may stand in a header
_LONGEST_BASE, _LONGEST_MODEL = 300, 150
MILLION = 1_000_000
MOST_PRICE = 10_000.0


@dataclass(frozen=True, slots=True)
class ChatChoice:
    """`base` is the address up to before /chat/completions. The prices are for a million tokens, in
    whatever money the owner thinks in; None where they gave none."""

    base: str
    model: str
    key: str = field(default="", repr=False)
    price_in: float | None = None
    price_out: float | None = None

    @classmethod
    def made(
        cls,
        base: str,
        model: str,
        key: str = "",
        price_in: float | None = None,
        price_out: float | None = None,
    ) -> "ChatChoice":
        """From what somebody typed. ChatRefused names a value that is wrong."""
        base = base.strip().rstrip("/").removesuffix("/chat/completions").rstrip("/")
        made = cls(base, " ".join(model.split()), key.strip(), price_in, price_out)
        if not made.model or len(made.model) > _LONGEST_MODEL:
            raise ChatRefused(gettext("Type the name of the model, as its server calls it."))
        if len(base) > _LONGEST_BASE:
            raise ChatRefused(_too_long())
        if not _KEY.fullmatch(made.key):
            raise ChatRefused(
                gettext("An API key has letters, digits and marks only. Copy it again.")
            )
        if any(p is not None and not 0 <= p <= MOST_PRICE for p in (price_in, price_out)):
            raise ChatRefused(gettext("A price for a million tokens is a number from 0 to 10,000."))
        try:
            check_url(base)
        except NotAllowed as error:
            raise ChatRefused(str(error)) from None
        return made

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "ChatChoice":
        return cls(**data)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def with_key(self, key: str) -> "ChatChoice":
        return replace(self, key=key)

    @property
    def host(self) -> str:
        """The name of the server that reads the conversations."""
        return check_url(self.base).netloc.decode()

    def cost(self, tokens_in: float, tokens_out: float) -> float | None:
        """What so many tokens cost; None where a price is missing."""
        if self.price_in is None or self.price_out is None:
            return None
        return (tokens_in * self.price_in + tokens_out * self.price_out) / MILLION


def _too_long() -> str:
    said = gettext("That address is too long: at most %(most)s characters.")
    return said % {"most": _LONGEST_BASE}
