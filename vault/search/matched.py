"""Which words of a text met the words of a question: for marking them where they stand."""

import re
import sqlite3
from collections.abc import Sequence

from vault.search.lexical import TOKENIZER, cut, quoted, searchable, telling

LONGEST = 20_000  # characters of a text that are looked through
MOST = 20  # words told of one text
_OPEN, _CLOSE = "\x02", "\x03"
_MARKED = re.compile(f"{_OPEN}(.*?){_CLOSE}", re.DOTALL)


def matched_words(query: str, texts: Sequence[str], *, prefix: bool = False) -> list[list[str]]:
    """For each text its own words, in small letters, that search takes for those of the query.

    `prefix` takes the query's last word as unfinished.
    """
    asked = telling(cut(query))
    terms = [quoted(term) for term in asked]
    if prefix and asked and query[-1:].isalnum():
        terms.append(f'"{asked[-1]}"*')
    if not terms or not texts:
        return [[] for _ in texts]
    with sqlite3.connect(":memory:") as database:
        database.execute(f'CREATE VIRTUAL TABLE texts USING fts5(text, tokenize="{TOKENIZER}")')
        rows = [(number, searchable(text[:LONGEST])) for number, text in enumerate(texts)]
        database.executemany("INSERT INTO texts(rowid, text) VALUES (?, ?)", rows)
        found = dict(
            database.execute(
                "SELECT rowid, highlight(texts, 0, ?, ?) FROM texts WHERE texts MATCH ?",
                (_OPEN, _CLOSE, " OR ".join(terms)),
            )
        )
    database.close()
    return [_words(found.get(number, "")) for number in range(len(texts))]


def _words(marked: str) -> list[str]:
    words = (word.casefold() for word in _MARKED.findall(marked))
    return list(dict.fromkeys(words))[:MOST]
