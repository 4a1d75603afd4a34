"""Stops a run that looks like an accident at the vendor, until a person looked at it. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sync.engine.reconcile import Action, Verb

Name = Literal[
    "emptied",
    "many deletions here",
    "many deletions there",
    "everything changed",
    "other account",
]
_MANY: Final = 10
"""So many are an ordinary day's work, whatever share they are."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Why a run does not go on. `said` is for the person: what was found, and what to do."""

    name: Name
    said: str
    counts: Mapping[str, int]


def check(
    actions: Sequence[Action],
    *,
    links: int,
    listed: int,
    complete: bool,
    account: str,
    account_before: str,
    waived: frozenset[str] = frozenset(),
) -> Guard | None:
    """The first guard that `actions` meet and that was not waived.

    `links`: how many links had an entry; `listed`: entries in this listing; `complete`: it was a
    full one. What is withdrawn does not count: its owner asked for it.
    """
    found: list[Guard] = []
    if account_before and account != account_before:
        found.append(_other_account(links))
    if complete and not listed and links:
        found.append(_emptied(links))
    found += _of_counts(Counter(action.verb for action in actions), links)
    changed = sum(_was_changed_there(action) for action in actions)
    if links > _MANY and changed * 10 >= links * 9:
        found.append(_everything_changed(changed, links))
    return next((guard for guard in found if not allowed(guard, waived)), None)


def allowed(guard: Guard, waived: frozenset[str]) -> bool:
    """Whether the person has said that this is as it should be."""
    return guard.name in waived


def _was_changed_there(action: Action) -> bool:
    link = action.pair.link
    takes = {Verb.TAKE_CHANGE, Verb.TAKE_BACK, Verb.CONFLICT}
    return action.verb in takes and link is not None and link.theirs is not None


def _of_counts(counts: Counter[Verb], links: int) -> Iterator[Guard]:
    if _too_many(counts[Verb.FORGET], links):
        yield _deleted_there(counts[Verb.FORGET], links)
    if _too_many(counts[Verb.DELETE], links):
        yield _forgotten_here(counts[Verb.DELETE], links)


def _too_many(count: int, links: int) -> bool:
    return count > _MANY and count * 4 > links


def _other_account(links: int) -> Guard:
    return Guard(
        "other account",
        f"The sign-in now leads to another account than before. {_paired(links)} Sign in to the"
        " former account again, or confirm that this one takes its place.",
        {"links": links},
    )


def _emptied(links: int) -> Guard:
    return Guard(
        "emptied",
        f"Nothing is there any more. {_paired(links)} Look at the account first. If it was emptied"
        " on purpose, confirm, and the same is forgotten here.",
        {"links": links},
    )


def _deleted_there(count: int, links: int) -> Guard:
    return Guard(
        "many deletions here",
        f"{count} of {links} entries were deleted there, and would be forgotten here. Confirm if"
        " that was meant; otherwise restore them there, and run again.",
        {"forget": count, "links": links},
    )


def _forgotten_here(count: int, links: int) -> Guard:
    return Guard(
        "many deletions there",
        f"{count} of {links} memories were forgotten here, and would be deleted there. Confirm if"
        " that was meant; otherwise restore them here, and run again.",
        {"delete": count, "links": links},
    )


def _everything_changed(count: int, links: int) -> Guard:
    return Guard(
        "everything changed",
        f"{count} of {links} entries say something else than before. Look at a few of them there."
        " Confirm if they should be changed here as well.",
        {"changed": count, "links": links},
    )


def _paired(links: int) -> str:
    what = "One entry was" if links == 1 else f"{links} entries were"
    return f"{what} paired with memories here."
