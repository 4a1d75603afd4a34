"""Finding by words: SQLite's full-text index, in memory, fed and asked safely.

Texts and questions are other people's: neither ever reaches the query language unquoted.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TOKENIZER = "porter unicode61 remove_diacritics 2 categories 'L* N* Mn Mc Co'"
MAX_TERMS = 32
MAX_QUERY = 2_000  # characters
MAX_TERM = 64
MAX_STOP_WORDS = 3  # they are in most texts, so each costs a look at most of the index
PAGE = 4_096 + 200  # bytes: a page of SQLite, and what it needs around one
SHORTEST_STEM = 3
# FTS5 calls a word that is in most rows worthless, so in a vault of five memories every word
# would be. These rows, of a word that nobody can ask for, stand for an ordinary vault around it,
# and make the scores of a small and of a large collection comparable.
FILLER_ROWS, FILLER_LENGTH, FILLER_WORD = 50, 30, "\ue000"
# Scripts written without spaces (and Hangul, where particles stick to words): pairs of characters
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
    "\uf900-\ufaff\U00020000-\U0003ffff]+"
)
LATIN = re.compile(r"[a-z0-9\u00c0-\u024f]+")
ENGLISH = """
    a about above after again all also am an and any are as at be because been before being
    below between both but by can could d did do does doing don down during each few for from
    further had has have having he her here hers him his how i if in into is it its itself just
    ll m me more most my myself no nor not now of off on once only or other our ours out over
    own re s same she should so some such t than that the their theirs them then there these
    they this those through to too under until up ve very was we were what when where which
    while who whom why will with would you your yours
"""
STOP_WORDS = frozenset(ENGLISH.split())


class Words:
    """A full-text index of `key → text`. Not thread-safe: its owner holds a lock."""

    def __init__(self) -> None:
        self._open()
        # contentless: the texts are held once, by the owner
        self._database.execute(
            f'CREATE VIRTUAL TABLE words USING fts5(text, content="", tokenize="{TOKENIZER}")'
        )
        filler = " ".join([FILLER_WORD] * FILLER_LENGTH)
        self._database.executemany(
            "INSERT INTO words(rowid, text) VALUES (?, ?)",
            [(-number, filler) for number in range(1, FILLER_ROWS + 1)],
        )

    def _open(self) -> None:
        self._database = sqlite3.connect(
            ":memory:", check_same_thread=False, isolation_level=None, cached_statements=16
        )
        # what is removed is overwritten: the index may be kept, with its unused pages
        self._database.execute("PRAGMA secure_delete = ON")

    @property
    def nbytes(self) -> int:
        (pages,) = self._database.execute("PRAGMA page_count").fetchone()
        return int(pages) * PAGE

    def to_bytes(self) -> bytes:
        """All of it, tidied up, for sealing; read back by `from_bytes`."""
        self._database.execute("INSERT INTO words(words) VALUES ('optimize')")
        return self._database.serialize()

    @classmethod
    def from_bytes(cls, data: bytes | memoryview) -> Words:
        """What was authenticated as written by `to_bytes`."""
        words = cls.__new__(cls)
        words._open()
        words._database.deserialize(data)
        return words

    def add(self, rows: Iterable[tuple[int, str]]) -> None:
        """Keys must be new here, from 0 up."""
        searchables = [(key, searchable(text)) for key, text in rows]
        self._database.execute("BEGIN")
        self._database.executemany("INSERT INTO words(rowid, text) VALUES (?, ?)", searchables)
        self._database.execute("COMMIT")

    def remove(self, key: int, text: str) -> None:
        """`text` must be the one that was added."""
        self._database.execute(
            "INSERT INTO words(words, rowid, text) VALUES ('delete', ?, ?)",
            (key, searchable(text)),
        )

    def find(
        self, query: str, limit: int, allowed: NDArray[np.bool_] | None, *, prefix: bool = False
    ) -> dict[int, float]:
        """The best keys, best first, with their BM25 scores (above 0).

        `allowed` is indexed by key. `prefix` takes the last word as unfinished.
        """
        match = self._match(query, prefix=prefix)
        if not match or limit < 1:
            return {}
        barred = 0 if allowed is None else len(allowed) - int(allowed.sum())
        wanted = limit + min(barred, limit * 7)  # of few, none costs a second look
        while True:
            rows = self._ask(match, wanted)
            kept = rows if allowed is None else [row for row in rows if allowed[row[0]]]
            if len(kept) >= limit or len(rows) < wanted:
                return dict(kept[:limit])
            wanted *= 8  # a narrow filter let too few through

    def _ask(self, match: str, limit: int) -> list[tuple[int, float]]:
        return self._database.execute(
            "SELECT rowid, -rank FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?",
            (match, limit),
        ).fetchall()

    def _match(self, query: str, *, prefix: bool) -> str:
        """The question in the language of FTS5: any of its telling words; "" when it has none."""
        asked = cut(query)
        last = asked.pop().casefold() if prefix and asked and query[-1:].isalnum() else ""
        parts = [quoted(term) for term in telling(asked) if term != last]
        return " OR ".join([*parts, self._beginning(last)] if last else parts)

    def _beginning(self, term: str) -> str:
        """`term`, unfinished. Shortened until it matches: the index holds stems ("run")."""
        for end in range(len(term), min(len(term), SHORTEST_STEM) - 1, -1):
            match = f'"{term[:end]}"*'
            if self._has(match):
                return match
        return f'"{term}"'

    def _has(self, match: str) -> bool:
        """Whether anything matches: unlike `_ask` it ranks nothing, and stops at the first."""
        question = "SELECT 1 FROM words WHERE words MATCH ? LIMIT 1"
        return self._database.execute(question, (match,)).fetchone() is not None

    def close(self) -> None:
        self._database.close()


def searchable(text: str) -> str:
    """The text as the index takes it: no lone surrogates or NULs, unspaced scripts in pairs."""
    if text.isascii():
        return text.replace("\0", " ")
    text = unicodedata.normalize("NFKC", text).casefold()
    text = text.replace("\0", " ").replace(FILLER_WORD, " ")
    text = text.encode("utf-8", "replace").decode("utf-8")
    return UNSPACED.sub(lambda run: f" {' '.join(_pairs(run[0], last=True))} ", text)


def cut(query: str) -> list[str]:
    """The words of a question, in order; pairs of characters for unspaced scripts."""
    text = unicodedata.normalize("NFKC", query[:MAX_QUERY]).replace(FILLER_WORD, " ")
    spaced = UNSPACED.sub(lambda run: f" {' '.join(_pairs(run[0], last=False))} ", text)
    letters = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in spaced)
    return [word[:MAX_TERM] for word in letters.split()]


def telling(words: list[str]) -> list[str]:
    """At most 32 distinct words, case folded, without stop words if there are others.

    A stop word with a capital inside a question is a name: Will, Don.
    """
    names = {word.casefold() for word in words[1:] if word.istitle() and len(word) > 1}
    lowered = list(dict.fromkeys(word.casefold() for word in words))
    useful = [word for word in lowered if word not in STOP_WORDS or word in names]
    return (useful or lowered[:MAX_STOP_WORDS])[:MAX_TERMS]


def _pairs(run: str, *, last: bool) -> Iterator[str]:
    if len(run) == 1:
        return iter((run,))
    pairs = (run[i : i + 2] for i in range(len(run) - 1))
    return iter((*pairs, run[-1])) if last else pairs


def quoted(term: str) -> str:
    """A term as FTS5 takes it: quoted; open at its end where endings change and are not stemmed."""
    if UNSPACED.match(term):
        return f'"{term}"*' if len(term) == 1 else f'"{term}"'
    if len(term) >= 6 and not LATIN.fullmatch(term):
        return f'"{term[:-2]}"*'
    return f'"{term}"'
