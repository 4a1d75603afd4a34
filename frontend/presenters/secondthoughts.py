"""What can be taken back on the review page: the last acts, kept in the session.

Ids, moments, and of suggestions their letters, still sealed: nothing that could be read there.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest
from django.urls import reverse

from vault import memories
from vault.access import Access
from vault.acting import acts
from vault.errors import Invalid, NotFound, Refused, Stale, Tampered, VaultError
from vault.reviewing import review, settling
from vault.reviewing.review import Letter
from vault.types import Act

LARGEST = 60_000
"""Bytes kept in the session; the oldest go first."""
_SLOT = "review_undo"
_MOST = 20


@dataclass(frozen=True, slots=True)
class Thought:
    """What was done: an `Act`, a word on a pair, on suggestions by their letters, or on all the
    pairs of a batch, which is undone in steps by whoever takes it. `made`: a memory that was
    written for it."""

    act: UUID | None = None
    pair: UUID | None = None
    letters: tuple[Letter, ...] = ()
    batch: datetime | None = None
    made: UUID | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """A suggestion that stays decided on: the words of its memory ("" when it has none that can be
    read), and why."""

    text: str
    why: VaultError


def keep(request: HttpRequest, thought: Thought, at: str = "review-undo", **names: object) -> str:
    """The address that undoes it; `at` names that of another page than review."""
    token = uuid4().hex
    kept = {**_kept(request), token: _to_json(thought)}
    tokens = list(kept)[-_MOST:]
    while len(tokens) > 1 and len(json.dumps([kept[one] for one in tokens])) > LARGEST:
        tokens.pop(0)
    request.session[_SLOT] = {one: kept[one] for one in tokens}
    return reverse(at, kwargs={"token": token, **names})


def take(request: HttpRequest, token: str) -> Thought | None:
    """What is to be undone, once; None when it is too long ago."""
    kept = _kept(request)
    found = kept.pop(token, None)
    request.session[_SLOT] = kept
    return _from_json(found) if found else None


def undo(access: Access, thought: Thought) -> list[Left]:
    """Every part of it but a batch; errors of the vault say what cannot be undone any more. Of
    several letters all come back that can: the answer is those that cannot."""
    if thought.act is not None:
        _finished(access, acts.undo(access, thought.act))
    if thought.pair is not None:
        settling.reopen(access, thought.pair)
    left = [one for letter in thought.letters if (one := _taken_back(access, letter))]
    if left and len(thought.letters) == 1:
        raise left[0].why
    if thought.made is not None:
        memories.forget(access, thought.made)
    return left


def weight(letter: Letter) -> int:
    """What it takes of the session, in bytes."""
    return len(json.dumps(letter.to_json()))


def _taken_back(access: Access, letter: Letter) -> Left | None:
    try:
        review.take_back(access, letter)
    except (Invalid, NotFound, Refused, Stale, Tampered) as error:
        return Left(_words(access, letter.done or letter.memory_id), error)
    return None


def _words(access: Access, memory_id: UUID | None) -> str:
    try:
        return memories.get(access, memory_id).text if memory_id else ""
    except (NotFound, Tampered):
        return ""


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
        "letters": [letter.to_json() for letter in thought.letters],
        "batch": thought.batch and thought.batch.isoformat(),
        "made": thought.made and thought.made.hex,
    }


def _from_json(data: dict[str, Any]) -> Thought:
    """Also of a session that was written before there were several letters."""
    letters = data.get("letters", [data["letter"]] if data.get("letter") else [])
    return Thought(
        act=UUID(data["act"]) if data["act"] else None,
        pair=UUID(data["pair"]) if data["pair"] else None,
        letters=tuple(Letter.from_json(letter) for letter in letters),
        batch=datetime.fromisoformat(data["batch"]) if data.get("batch") else None,
        made=UUID(data["made"]) if data.get("made") else None,
    )
