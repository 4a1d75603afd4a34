"""The words for what a grantee may do with a collection, and the look that goes with each."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy, pgettext_lazy

from vault.types import Right

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Level:
    """`tone` is the end of a CSS class; `word` fits a table's cell; `sentence` says it in full;
    `code` is what a form sends for it."""

    right: Right
    tone: str
    word: "StrOrPromise"
    sentence: "StrOrPromise"

    @property
    def code(self) -> str:
        return f"{'see' if self.right.see else 'not'}-{self.right.add}"


_LEVELS = {
    level.right: level
    for level in (
        Level(
            Right(see=False, add="no"),
            "none",
            pgettext_lazy("level", "none"),
            gettext_lazy("It sees nothing here and adds nothing."),
        ),
        Level(
            Right(see=True, add="no"),
            "see",
            pgettext_lazy("level", "sees"),
            gettext_lazy("It sees everything here and changes nothing."),
        ),
        Level(
            Right(see=True, add="ask"),
            "ask",
            pgettext_lazy("level", "sees, asks"),
            gettext_lazy("It sees everything here; changes wait for you."),
        ),
        Level(
            Right(see=True, add="yes"),
            "add",
            pgettext_lazy("level", "sees, adds"),
            gettext_lazy("It sees everything here and may add and change."),
        ),
        Level(
            Right(see=False, add="ask"),
            "ask",
            pgettext_lazy("level", "asks to add"),
            gettext_lazy("It sees nothing; what it adds waits for you."),
        ),
        Level(
            Right(see=False, add="yes"),
            "add",
            pgettext_lazy("level", "adds only"),
            gettext_lazy("It sees nothing, but may put things in."),
        ),
    )
}
_BY_CODE = {level.code: level for level in _LEVELS.values()}


def level_of(right: Right) -> Level:
    return _LEVELS[right]


def level_by_code(code: str) -> Level | None:
    """None for what is no code."""
    return _BY_CODE.get(code)


def all_levels() -> list[Level]:
    """For a choice, and for the legend under the table: from nothing to most, then the letterboxes,
    which see nothing."""
    return list(_LEVELS.values())
