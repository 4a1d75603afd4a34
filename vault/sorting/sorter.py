"""Decides where a memory belongs. The same question always gets the same answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from vault.sorting.homes import Home, best, profiles_of
from vault.sorting.lexicon import words_of
from vault.sorting.looks import Look, look
from vault.sorting.matters import Matter, Sign, in_order
from vault.sorting.rules import Matcher, Rule, Subject, all_words
from vault.sorting.sensitive import hard_signs, hinted, soft_signs

if TYPE_CHECKING:
    from vault.sorting.meaning import Meaning

_OPENING_TURNS = 3
_OPENING_CHARACTERS = 200
_CAUTION = 1.0
"""A single turn goes elsewhere than its conversation only when that is rather clear."""
_STANDING = ("instruction", "skill")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where something belongs: `place`, or where its `matter` has a home, or the default.

    `matters` is all that is sensitive in it; `why` is for the owner to read.
    """

    place: UUID | None = None
    matter: Matter | None = None
    matters: tuple[Matter, ...] = ()
    why: tuple[str, ...] = ()


class Sorter:
    """Made once for a batch: it reads no database and opens no keys."""

    def __init__(
        self, homes: Sequence[Home], rules: Sequence[Rule] = (), meaning: Meaning | None = None
    ) -> None:
        self._meaning = meaning
        self._private = {home.id for home in homes if home.private}
        self._names = {home.id: home.name for home in homes}
        self._rules = [
            (rule, Matcher(rule.condition)) for rule in rules if rule.collection_id in self._names
        ]
        self._profiles = profiles_of(homes, meaning)

    def one(self, subject: Subject) -> Verdict:
        """For one memory."""
        signs = hard_signs(subject.text, spoken=subject.role != "assistant")
        seen = look(subject.text, subject.title, self._meaning)
        return self._decide(subject, seen, [*signs, *soft_signs(seen)])

    def talk(self, turns: Sequence[Subject]) -> Iterator[Verdict]:
        """For each turn of a conversation, in order. Its title and what the person said first
        decide for all of it; a turn that says a secret or something else that is sensitive, or
        that a rule names, goes where that belongs, and the answer to it goes along."""
        if not turns:
            return
        common = now = self._opening(turns)
        for turn in turns:
            own = self._turn(turn, common)
            if turn.role != "assistant":
                now = own or common
            yield own or now

    def _opening(self, turns: Sequence[Subject]) -> Verdict:
        said = [turn for turn in turns if turn.role != "assistant"][:_OPENING_TURNS] or turns[:1]
        text = "\n".join(turn.text[:_OPENING_CHARACTERS] for turn in said)
        seen = look(text, turns[0].title, self._meaning)
        return self._decide(replace(said[0], text=text), seen, list(soft_signs(seen)))

    def _turn(self, turn: Subject, common: Verdict) -> Verdict | None:
        """What this turn alone asks for; None when it goes with its conversation."""
        answer = turn.role == "assistant"
        signs = hard_signs(turn.text, spoken=not answer)
        if not answer and not common.matter and hinted(words_of(turn.text)):
            signs += soft_signs(look(turn.text, "", self._meaning), caution=_CAUTION)
        ruled = self._ruled(turn, bool(signs or common.matter))
        if ruled is not None:
            return replace(ruled, matters=in_order(sign.matter for sign in signs))
        return _sensitive(signs) if signs else None

    def _decide(self, subject: Subject, seen: Look, signs: Sequence[Sign]) -> Verdict:
        ruled = self._ruled(subject, bool(signs))
        if ruled is not None:
            return replace(ruled, matters=in_order(sign.matter for sign in signs))
        if signs:
            return _sensitive(signs)
        if subject.kind in _STANDING:
            return Verdict()
        place = best(self._profiles, seen)
        return Verdict(place, why=(f"it sounds like {self._names[place]}",) if place else ())

    def _ruled(self, subject: Subject, sensitive: bool) -> Verdict | None:
        if not self._rules:
            return None
        words, title = all_words(subject.text), all_words(subject.title)
        for rule, matcher in self._rules:
            safe = rule.collection_id in self._private or rule.condition.sensitive_too
            if (safe or not sensitive) and matcher.fits(subject, words, title):
                return Verdict(rule.collection_id, why=("your rule",))
        return None


def _sensitive(signs: Sequence[Sign]) -> Verdict:
    matters = in_order(sign.matter for sign in signs)
    why = tuple(dict.fromkeys(sign.why for sign in signs if sign.matter == matters[0]))
    return Verdict(None, matters[0], matters, why)
