"""What can be taken back on the review page: the last acts, kept in the session.

Ids, and of a suggestion its letter, still sealed: nothing that could be read there.
"""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest
from django.urls import reverse

from vault import acts, review, settling
from vault.access import Access
from vault.review import Letter
from vault.types import Act

_SLOT = "review_undo"
_MOST = 20
_LARGEST = 60_000  # bytes kept in the session; the oldest go first


@dataclass(frozen=True, slots=True)
class Thought:
    """One act: of an `Act`, on a pair, or on a suggestion, by its letter."""

    act: UUID | None = None
    pair: UUID | None = None
    letter: Letter | None = None


def keep(request: HttpRequest, thought: Thought) -> str:
    """The address that undoes it."""
    token = uuid4().hex
    kept = {**_kept(request), token: _to_json(thought)}
    names = list(kept)[-_MOST:]
    while len(names) > 1 and len(json.dumps([kept[name] for name in names])) > _LARGEST:
        names.pop(0)
    request.session[_SLOT] = {name: kept[name] for name in names}
    return reverse("review-undo", args=[token])


def take(request: HttpRequest, token: str) -> Thought | None:
    """What is to be undone, once; None when it is too long ago."""
    kept = _kept(request)
    found = kept.pop(token, None)
    request.session[_SLOT] = kept
    return _from_json(found) if found else None


def undo(access: Access, thought: Thought) -> None:
    """Every part of it; errors of the vault say what cannot be undone any more."""
    if thought.act is not None:
        _finished(access, acts.undo(access, thought.act))
    if thought.pair is not None:
        settling.reopen(access, thought.pair)
    if thought.letter is not None:
        review.take_back(access, thought.letter)


def _finished(access: Access, act: Act) -> None:
    while act.working:
        act = acts.go_on(access, act.id, seconds=2)


def _kept(request: HttpRequest) -> dict[str, Any]:
    kept: dict[str, Any] = dict(request.session.get(_SLOT, {}))
    return kept


def _to_json(thought: Thought) -> dict[str, Any]:
    return {
        "act": thought.act and thought.act.hex,
        "pair": thought.pair and thought.pair.hex,
        "letter": thought.letter and thought.letter.to_json(),
    }


def _from_json(data: dict[str, Any]) -> Thought:
    return Thought(
        act=UUID(data["act"]) if data["act"] else None,
        pair=UUID(data["pair"]) if data["pair"] else None,
        letter=Letter.from_json(data["letter"]) if data["letter"] else None,
    )
