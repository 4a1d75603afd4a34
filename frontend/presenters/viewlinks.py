"""Saved views as links: what each looks for, and whether it is the page that is open."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from frontend.presenters.finding import Chip, chips
from frontend.presenters.wanted import Wanted
from vault import savedviews
from vault.access import Access
from vault.savedviews import SavedView


@dataclass(frozen=True, slots=True)
class ViewLink:
    """`words` and `chips` say what it looks for. `here`: this is what is shown now."""

    view: SavedView
    address: str
    words: str
    chips: list[Chip]
    here: bool


def links(access: Access, now: Wanted, names: Mapping[UUID, str]) -> list[ViewLink]:
    """Of every saved view, by name."""
    return [_link(view, now, names) for view in savedviews.listing(access)]


def what(view: SavedView) -> Wanted:
    """The search that it stands for."""
    return Wanted.of(dict(view.query) | {"learnt": view.query.get("learnt", "")})


def _link(view: SavedView, now: Wanted, names: Mapping[UUID, str]) -> ViewLink:
    wanted = what(view)
    here = not view.broken and wanted.parts == now.parts
    return ViewLink(view, wanted.address(), wanted.q, chips(wanted, names), here)
