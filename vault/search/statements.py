"""A sentence taken apart, so that two can be compared: who, does what, not or not, with what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from vault.search import wording as w

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 40  # words; what is longer is no single statement
MOST = 8  # sentences of one memory that are looked at
_SENTENCES = re.compile(
    r"(?<=[.!?;])(?<!\bDr\.)(?<!\bMr\.)(?<!\bMs\.)(?<!\bSt\.)"
    r"(?!(?<=\b[Nn][or]\.)\s\d)\s+|\n+"
)
_POINTS = re.compile(r"\W*(?:he|she|it|they|his|her|hers|its|their|this|that|these|those)\b", re.I)
_MONTH = r"(?P<{}>(?:" + "|".join(sorted(w.MONTHS, key=len, reverse=True)) + r"))\.?"
_DAY = r"(?P<{}>\d{{1,2}})(?:st|nd|rd|th)?"
_TOKENS = re.compile(
    "|".join(
        (
            r"(?P<iso>\d{4}-\d{2}(?:-\d{2})?)",
            r"\b" + _DAY.format("d1") + r"\s+(?:of\s+)?" + _MONTH.format("m1")
            + r"\b(?:,?\s+(?P<y1>\d{4}))?",
            r"\b" + _MONTH.format("m2") + r"\s+" + _DAY.format("d2")
            + r"\b(?!\d|:)(?:,?\s+(?P<y2>\d{4}))?",
            r"\b" + _MONTH.format("m3") + r"\s+(?P<y3>\d{4})\b",
            r"\b(?P<h>\d{1,2})(?::(?P<min>\d{2}))?\s?(?P<half>[ap])\.?m\b\.?",
            r"\b(?P<h24>\d{1,2}):(?P<min24>\d{2})\b",
            r"(?P<phone>\+?\d[\d()-]*(?: [\d()-]+){2,})",
            r"(?P<number>(?:(?<!\S)[-\u2212])?\d+(?:[.,]\d+)*)(?:st|nd|rd|th)?\b",
            r"(?P<word>(?=\d*[^\W\d_])[^\W_]+(?:['\u2019-][^\W_]+)*)",
            r"(?P<unit>[\u20ac$\u00a3%#]|(?<=\w)\++)",
        )
    ),
    re.IGNORECASE,
)  # fmt: skip
_UNITS = {"\u20ac": "euro", "$": "dollar", "\u00a3": "pound", "%": "percent", "#": "nr"}
Kind = Literal["word", "number", "date", "time"]


class Token(NamedTuple):
    """A word that tells something, by its stem, or a number, date or time in one form."""

    word: str
    prep: str
    kind: Kind
    name: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence. `subject` is empty when it is about the person whose memory this is."""

    tokens: tuple[Token, ...]
    subject: frozenset[str]
    verb: str
    negated: bool
    past: bool
    turned: bool


def statements(text: str) -> tuple[list[Statement], bool]:
    """The sentences of a memory that can be compared, and whether that is all of it.

    After the first, a sentence about "her" or "it" is left out: who that is, it does not say.
    """
    parts = [part for part in _SENTENCES.split(text[: MOST * 500]) if part.strip()]
    told = [part for place, part in enumerate(parts[:MOST]) if not (place and _POINTS.match(part))]
    found = [one for part in told if (one := _statement(part)) is not None and one.tokens]
    return found, len(found) == len(parts)


def _statement(text: str) -> Statement | None:
    text = _plain(text)
    raw = [_read(match) for match in _TOKENS.finditer(text)]
    if len(raw) > LONGEST:
        return None
    place, verb = _verb([word for word, _, _ in raw])
    tokens, subject = _content(raw, place, verb)
    words = [word for word, _, _ in raw]
    return Statement(
        tokens=tuple(tokens),
        subject=subject,
        verb=verb,
        negated=any(word in w.NEGATIONS for word in words),
        past=_is_past(words[place : place + 1]),
        turned=any(word in w.TURNED for word in words),
    )


def _plain(text: str) -> str:
    """Said in one way what can be said in several, and without who said it."""
    text = text.strip().replace("\u2019", "'")
    text = re.sub(r":(?=\s)", " is", text)
    text = re.sub(r"\s>\s", " over ", text)
    text = re.sub(r"\bn[or]\.\s?(?=\d)", "#", text, flags=re.IGNORECASE)
    text = re.sub(r"(\d)(?=(?:km|kg|mg|gb|mb|cm|mm|min|hrs?)\b)", r"\1 ", text, flags=re.I)
    text = w.WRAPPERS.sub("", text)
    if w.ANY_PHRASE.search(text):
        for pattern, put in w.PHRASES:
            text = pattern.sub(put, text)
    return text


def _read(match: re.Match[str]) -> tuple[str, Kind, bool]:
    """(the word in small letters, or the value in one form; its kind; whether it is a name)"""
    found = match.groupdict()
    if word := found["word"]:
        name = not word.islower() and (match.start() > 0 or not word[1:].islower())
        low = word.casefold().removesuffix("'s").removesuffix("'")
        return (w.COUNTS[low], "number", False) if low in w.COUNTS else (low, "word", name)
    if found["unit"]:
        return _UNITS.get(match[0], match[0]), "word", False
    if found["number"]:
        return _number(found["number"])
    if found["phone"]:
        return re.sub(r"\D", "", match[0]), "number", False
    if found["h"] or found["h24"]:
        return _time(found), "time", False
    return _date(found), "date", False


def _number(digits: str) -> tuple[str, Kind, bool]:
    value = re.sub(r",(?=\d{3}\b)", "", digits.replace("\u2212", "-"))
    year = len(value) == 4 and value.isdigit() and 1900 <= int(value) <= 2100
    return value, "date" if year else "number", False


def _time(found: dict[str, str | None]) -> str:
    hour = int(found["h"] or found["h24"] or 0)
    if (found["half"] or "").lower() == "p":
        hour = hour % 12 + 12
    return f"{hour}:{found['min'] or found['min24'] or '00'}"


def _date(found: dict[str, str | None]) -> str:
    """As in 1987-05-03, 1987-05 or -05-03: what is known of it."""
    if found["iso"]:
        return found["iso"]
    month = w.MONTHS[(found["m1"] or found["m2"] or found["m3"] or "").lower()]
    day, year = found["d1"] or found["d2"], found["y1"] or found["y2"] or found["y3"] or ""
    return f"{year}-{month:02}" + (f"-{int(day):02}" if day else "")


def _verb(words: list[str]) -> tuple[int, str]:
    """(its place, its root); (0, "") for a sentence without one that we know."""
    first = 2 if words[:1] and words[0] in _OWNERS else 0
    for place in range(first, len(words)):
        word = words[place]
        if word in w.BE or word in _HAVE:
            after = (one for one in words[place + 1 :] if one not in w.LIGHT | w.NEGATIONS)
            following = next(after, "")
            if _is_verb(following) and (word in w.BE or _is_past([following])):
                return place, w.root(following)
            return place, "be" if word in w.BE or words[place + 1 : place + 2] == [
                "been"
            ] else "have"
        if _is_verb(word) and not (place and word.endswith("ing")):
            return place, w.root(word)
    return 0, ""


def _is_verb(word: str) -> bool:
    return w.root(word) in w.VERBS and word not in ("name", "names")


def _is_past(words: list[str]) -> bool:
    return any(one in w.PAST or (one.endswith("ed") and _is_verb(one)) for one in words)


_HAVE = frozenset({"have", "has", "had"})
_OWNERS = frozenset({"my", "the", "a", "an", "her", "his", "our", "their", "your"})


def _content(
    raw: list[tuple[str, Kind, bool]], place: int, verb: str
) -> tuple[list[Token], frozenset[str]]:
    """The telling tokens, and the words of the subject."""
    tokens: list[Token] = []
    subject: set[str] = set()
    prep, leads = "", bool(raw) and raw[0][0] in w.PREPOSITIONS
    for number, (word, kind, name) in enumerate(raw):
        if number == place:
            prep = ""
        if kind == "word" and word in w.PREPOSITIONS and not (name and number):
            prep = _preposition(word, verb)
        elif kind != "word" or not (word in w.LIGHT or word in w.NEGATIONS or word in w.TURNED):
            token = Token(w.root(word) if kind == "word" else word, prep, kind, name)
            tokens.append(token)
            if number < place and not leads:
                subject.add(token.word)
    return tokens, frozenset(subject)


def _preposition(word: str, verb: str) -> str:
    prep = w.PREPOSITIONS[word]
    if verb == "prefer" and prep == "to":
        return "over"
    return "at" if verb == "work" and prep == "for" else prep


def words_of(text: str) -> Iterator[str]:
    """Every telling word of a text of any length, as `Statement` has them."""
    for match in _TOKENS.finditer(_plain(text)):
        word, kind, _ = _read(match)
        if kind != "word" or word not in w.LIGHT:
            yield w.root(word) if kind == "word" else word
