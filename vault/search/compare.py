"""Whether two memories say the same, or cannot both hold.

Nearness of meaning cannot tell: measured, paraphrases often lie further apart than changed facts
("has two cats", "has three cats"). So sentences are taken apart and their parts compared: who,
numbers, names, dates, negation, and the one place where another value stands. In doubt there is no
verdict: what is asked of the owner has to be worth asking.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from vault.search import wording as w
from vault.search.statements import Statement, Token, statements, words_of

Verdict = Literal["duplicate", "disagreement"]
_SAYING = frozenset(map(w.root, ("answer", "write")))
_FAVOURITE = w.root("favourite")
LONGEST_VALUE = 4  # words
LONGEST = 4_000  # characters of a text that is compared word by word
_LASTING = frozenset(map(w.root, ("bear", "spouse", "marry", "grow")))  # once true, always
_DATED = frozenset(map(w.root, ("bear", "marry", "end", "start", "begin", "finish", "retire")))


@dataclass(frozen=True, slots=True)
class Said:
    """A memory made ready for comparing with many others. `words`: all of them, where it is more
    than a single statement and not very long."""

    statements: tuple[Statement, ...]
    single: bool
    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Said:
        parts, complete = statements(text)
        single = complete and len(parts) == 1
        words = () if single or len(text) > LONGEST else tuple(words_of(text))
        return cls(tuple(parts), single, words)


def compare(one: Said, other: Said) -> Verdict | None:
    """What the two are to each other; None for two memories that may both stay."""
    if one.single and other.single:
        return _verdict(one.statements[0], other.statements[0])
    if one.words and one.words == other.words:
        return "duplicate"
    pairs = ((a, b) for a in one.statements for b in other.statements)
    return "disagreement" if any(_verdict(a, b) == "disagreement" for a, b in pairs) else None


def _verdict(a: Statement, b: Statement) -> Verdict | None:
    if a.subject and b.subject and a.subject != b.subject:
        return None
    if a.past != b.past and not ({a.verb, b.verb} & _LASTING or a.turned or b.turned):
        return None
    if _bag(a) == _bag(b):
        if a.negated != b.negated:
            return "disagreement"
        return "duplicate" if _ordered_alike(a, b) else _swapped(a, b)
    if a.negated != b.negated or a.subject != b.subject:
        return None
    return "disagreement" if _another_value(a, b) else None


def _bag(one: Statement) -> Counter[str]:
    """Its telling words. Being a nurse and having the job of a nurse are one."""
    words = Counter(token.word for token in one.tokens)
    if one.verb == "be" and len(words) > 1:
        del words["job"]
    return words


def _ordered_alike(a: Statement, b: Statement) -> bool:
    """Whether the same words stand to each other as they do there."""
    if [token.word for token in a.tokens] == [token.word for token in b.tokens]:
        return True
    return Counter(_roles(a)) == Counter(_roles(b))


def _roles(one: Statement) -> list[tuple[str, str]]:
    """Each word with what puts it in its place: its preposition, or of a number what it counts."""
    following = [token.word for token in one.tokens[1:]] + [""]
    return [
        (after if token.kind == "number" else _place(token.prep), token.word)
        for token, after in zip(one.tokens, following, strict=True)
        if token.word != "job"
    ]


def _place(prep: str) -> str:
    return "" if prep in ("in", "at") else prep


def _swapped(a: Statement, b: Statement) -> Verdict | None:
    """Tea over coffee, coffee over tea."""
    preferred = all(any(token.prep == "over" for token in one.tokens) for one in (a, b))
    return "disagreement" if preferred else None


def _another_value(a: Statement, b: Statement) -> bool:
    """Whether they are alike but for one place, where only one thing can stand."""
    start = 0
    while start < min(len(a.tokens), len(b.tokens)) and _alike(a.tokens[start], b.tokens[start]):
        start += 1
    end = 0
    while end < min(len(a.tokens), len(b.tokens)) - start and _alike(
        a.tokens[-1 - end], b.tokens[-1 - end]
    ):
        end += 1
    before = a.tokens[:start]
    mine, theirs = a.tokens[start : len(a.tokens) - end], b.tokens[start : len(b.tokens) - end]
    if not mine or not theirs or max(len(mine), len(theirs)) > LONGEST_VALUE:
        return False
    if {token.kind for token in (*mine, *theirs)} != {"word"}:
        return len(mine) == len(theirs) == 1 and _another_number(a, b, before, mine[0], theirs[0])
    return _values(mine, theirs) and _one_only(a, b, before, mine, theirs)


def _alike(one: Token, other: Token) -> bool:
    return one.word == other.word and one.kind == other.kind


def _another_number(
    a: Statement, b: Statement, before: tuple[Token, ...], mine: Token, theirs: Token
) -> bool:
    if mine.kind != theirs.kind or mine.kind == "word" or (a.past and a.verb not in _LASTING):
        return False
    if mine.kind == "number" and _is_label(a, before):
        return False
    if mine.kind == "date":
        dated = a.verb in _DATED or mine.prep in ("since", "until") or _has_one(a, before)
        return dated and not _vague(mine.word, theirs.word)
    return mine.kind == "number" or a.verb != "have"


def _is_label(one: Statement, before: tuple[Token, ...]) -> bool:
    """Whether the number that stands after these tells things of one name apart: Assistant 2,
    Python 3.12. One that counts what follows it does not."""
    if not before:
        return False
    named = before[-1].word in w.LABELS or not one.verb or before[-1].name
    after = one.tokens[len(before) + 1 :][:1]
    counts = after and after[0].kind == "word" and after[0].prep == one.tokens[len(before)].prep
    return before[-1].word in w.LABELS or (named and not counts)


def _vague(one: str, other: str) -> bool:
    """Whether one date may be the other, told less exactly."""
    return any(x in y for x, y in ((one, other), (other, one)))


def _values(mine: tuple[Token, ...], theirs: tuple[Token, ...]) -> bool:
    """Two things of a kind, of which neither holds the other."""
    words, others = {t.word for t in mine}, {t.word for t in theirs}
    if words <= others or others <= words or bool(words & w.PLACES) != bool(others & w.PLACES):
        return False
    if len({token.prep for token in mine} | {token.prep for token in theirs}) > 1:
        return False
    return any(t.name for t in mine) == any(t.name for t in theirs)


def _one_only(
    a: Statement,
    b: Statement,
    before: tuple[Token, ...],
    mine: tuple[Token, ...],
    theirs: tuple[Token, ...],
) -> bool:
    """Whether one value leaves no room for the other."""
    if len(mine) == len(theirs) == 1 and _exclude(a, b, mine[0], theirs[0]):
        return True
    if a.verb != b.verb:
        return False
    place = (a.verb, mine[0].prep)
    if place in w.ONE_PLACE or (_is_job(before) and mine[0].prep in ("in", "at")):
        return any(token.name for token in mine)
    if place in w.ONE_OF or _has_one(a, before):
        return True
    return (a.turned or b.turned) and a.verb not in w.COLLECTING


def _exclude(a: Statement, b: Statement, mine: Token, theirs: Token) -> bool:
    """Opposites, two days of one thing, two languages to answer in."""
    pair, verbs = {mine.word, theirs.word}, {a.verb, b.verb}
    if len(verbs) > 1 or verbs <= w.ADJUSTABLE:
        opposite = any(pair <= group for group in w.OPPOSITES)
        days = verbs == {"be"} and bool(a.subject) and pair <= w.WEEKDAYS
        if opposite or days:
            return True
    return verbs <= _SAYING and mine.prep == "in" and pair <= w.LANGUAGES


def _is_job(before: tuple[Token, ...]) -> bool:
    return any(token.word == "job" for token in before)


def _has_one(one: Statement, before: tuple[Token, ...]) -> bool:
    """Whether what stands here is the one name, boss, birthday ... of somebody."""
    if one.verb not in ("be", "") or not before:
        return False
    return before[-1].word in w.ONE_EACH or any(token.word == _FAVOURITE for token in before)
