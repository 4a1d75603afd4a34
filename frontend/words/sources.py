"""How a source looks: a name, a colour for light and dark, a shape and two letters."""

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from connectors.base.registry import vendors

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = str


@dataclass(frozen=True, slots=True)
class Look:
    """`light` and `dark` are CSS colours; `shape` names a drawing in shapes.svg. A vendor's name is
    a name; what ours are called is translated."""

    slug: str
    name: StrOrPromise
    code: str
    shape: str
    light: str
    dark: str


_OURS = (
    Look("you", _("You"), "ME", "bar", "#0b5e63", "#6cc9c6"),
    Look("app", _("An app"), "AP", "plus", "#7a5200", "#e9b95b"),
)
UNKNOWN = Look("other", _("Another source"), "··", "ring", "#51605c", "#a3b2ae")


@cache
def looks() -> dict[str, Look]:
    """Every source by its slug: the vendors' own facts, and our two."""
    found = [
        Look(one.slug, one.name, one.code, one.shape, one.light, one.dark)
        for one in vendors().values()
    ]
    return {look.slug: look for look in (*_OURS, *found)}


def look_of(slug: str) -> Look:
    return looks().get(slug, UNKNOWN)


@cache
def stylesheet() -> str:
    """One line a source: pages only ever use `--source`, so a new vendor edits no page."""
    lines = [
        f'[data-source="{look.slug}"] {{ --source: light-dark({look.light}, {look.dark}); }}'
        for look in (*looks().values(), UNKNOWN)
    ]
    return "/* Made from the connectors. */\n" + "\n".join(lines) + "\n"


@cache
def stylesheet_version() -> str:
    return hashlib.sha256(stylesheet().encode()).hexdigest()[:12]
