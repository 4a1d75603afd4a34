"""The words for what a grantee may do with a collection, and the look that goes with each."""

from dataclasses import dataclass

from vault.types import Right


@dataclass(frozen=True, slots=True)
class Level:
    """`tone` is the end of a CSS class; `word` fits a table's cell; `sentence` says it in full."""

    tone: str
    word: str
    sentence: str


_LEVELS = {
    (False, "no"): Level("none", "none", "It sees nothing here and adds nothing."),
    (False, "ask"): Level("ask", "asks to add", "It sees nothing; what it adds waits for you."),
    (False, "yes"): Level("add", "adds only", "It sees nothing, but may put things in."),
    (True, "no"): Level("see", "sees", "It sees everything here and changes nothing."),
    (True, "ask"): Level("ask", "sees, asks", "It sees everything here; changes wait for you."),
    (True, "yes"): Level("add", "sees, adds", "It sees everything here and may add and change."),
}


def level_of(right: Right) -> Level:
    return _LEVELS[right.see, right.add]


def all_levels() -> list[Level]:
    """For the legend under the table, from nothing to most."""
    order = [(False, "no"), (True, "no"), (True, "ask"), (True, "yes"), (False, "ask")]
    return [_LEVELS[key] for key in order]
