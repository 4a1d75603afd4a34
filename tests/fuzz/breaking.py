"""Breaks exports: bytes of a file, what its format says, and which files there are."""

import gzip
import io
import random
import sqlite3
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing, suppress

from tests.fuzz import breaking_json
from tests.fuzz.bundle import Contents

LONGEST = 1 << 15
WORDS = (
    *(b"null", b"{}", b"[]", b'"', b"\\", b"\\ud800", b"\\u0000", b"\xff", b"\x00", b"\n", b"\r"),
    *(
        b"---\n",
        b"&a ",
        b"*a",
        b"- ",
        b"# ",
        b"```",
        b"<",
        b"</div>",
        b"<!--",
        b"<![CDATA[",
        b"&#x",
    ),
    *(b",", b'""', b";", b"\t", b"\xef\xbb\xbf", b"\xff\xfe", b"1e999", b"9" * 30, b"PK\x03\x04"),
    *(b"2026-01-02", b"[unknown] - ", b": ", b"|", b"&amp", b"!!python/object", b"\xe2\x80\xa8"),
)
_UNUSABLE = (sqlite3.Error, UnicodeError, OverflowError, IndexError, AttributeError)
Bytewise = Callable[[bytes, random.Random], bytes]


def broken(contents: Contents, chance: random.Random, bytewise: Bytewise | None = None) -> Contents:
    """`contents` broken in one or several ways; never longer than a fuzzer's input may be."""
    made = dict(contents)
    for _ in range(chance.choice((1, 1, 2, 5))):
        if not made or chance.random() < 0.15:
            made = _other_files(made, chance)
            continue
        name = chance.choice(sorted(made))
        made[name] = broken_file(made[name], chance, bytewise or bytes_broken)[:LONGEST]
    return made if sum(map(len, made.values())) <= 2 * LONGEST else dict(contents)


def broken_file(raw: bytes, chance: random.Random, bytewise: Bytewise) -> bytes:
    """By what it holds three times of four, else as bytes."""
    if chance.random() < 0.75:
        for way in (_packed_broken, _database_broken, _text_broken):
            if (made := way(raw, chance, bytewise)) is not None:
                return made
    return bytewise(raw, chance)


def bytes_broken(raw: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(raw) + 1)
    end = min(len(raw), at + chance.choice((1, 1, 4, 40, 400)))
    other = chance.randrange(len(raw) + 1)
    piece = chance.choice(
        (
            b"",
            b"",
            chance.choice(WORDS),
            chance.randbytes(3),
            raw[other : other + 60],
            raw[at:end] * 3,
        )
    )
    if chance.random() < 0.05:
        return raw[:at]
    return raw[:at] + piece + raw[end if chance.random() < 0.7 else at :]


def _other_files(contents: Contents, chance: random.Random) -> Contents:
    made = dict(contents)
    names = sorted(made)
    one, two = (chance.choice(names), chance.choice(names)) if names else ("x", "x")
    match chance.randrange(6) if names else 5:
        case 0:
            del made[one]
        case 1:
            made[f"copy/{one}"] = made[one]
        case 2:
            made[one], made[two] = made[two], made[one]
        case 3:
            made[chance.choice((f"a/{one}", one.upper(), f"{one}.txt", "x", "\u202e"))] = made.pop(
                one
            )
        case 4:
            made[one] += made[two]
        case _:
            made[chance.choice(("x.json", "a.md", "b/c.csv", one))] = chance.choice((*WORDS, b""))
    return made


def _text_broken(raw: bytes, chance: random.Random, bytewise: Bytewise) -> bytes | None:
    """JSON, or JSON a line."""
    if raw[:1] not in (b"{", b"["):
        return None
    if (made := breaking_json.broken(raw, chance)) is not None:
        return made
    lines = raw.split(b"\n")
    place = chance.randrange(len(lines))
    if chance.random() < 0.2:
        lines.insert(chance.randrange(len(lines)), lines[place])
        return b"\n".join(lines)
    made = breaking_json.broken(lines[place], chance)
    return None if made is None else b"\n".join((*lines[:place], made, *lines[place + 1 :]))


def _packed_broken(raw: bytes, chance: random.Random, bytewise: Bytewise) -> bytes | None:
    """Inside a gzip or a zip, such as a workbook."""
    if raw.startswith(b"\x1f\x8b"):
        with suppress(OSError, EOFError, zlib.error):
            inside = gzip.GzipFile(fileobj=io.BytesIO(raw)).read(LONGEST)
            return gzip.compress(broken_file(inside, chance, bytewise), mtime=0)
    if not raw.startswith(b"PK\x03\x04"):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            parts = {name: packed.open(name).read(LONGEST) for name in packed.namelist()}
    except Exception:  # whatever a broken zip makes it raise
        return None
    parts = broken(parts, chance, bytewise)
    out = io.BytesIO()
    with suppress(ValueError), zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in parts.items():
            packed.writestr(zipfile.ZipInfo(name.encode("utf-8", "replace").decode() or "x"), part)
    return out.getvalue()


def _database_broken(raw: bytes, chance: random.Random, bytewise: Bytewise) -> bytes | None:
    """A cell of a SQLite file."""
    if not raw.startswith(b"SQLite format 3\x00"):
        return None
    with suppress(*_UNUSABLE), closing(sqlite3.connect(":memory:")) as db:
        db.deserialize(raw)
        named = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        table = chance.choice(named)[0].replace('"', '""')
        rows = db.execute(f'SELECT rowid, value FROM "{table}" LIMIT 50').fetchall()
        row, value = chance.choice(rows)
        said = value if isinstance(value, bytes) else str(value).encode()
        change = (broken_file(said, chance, bytewise), row)
        db.execute(f'UPDATE "{table}" SET value = ? WHERE rowid = ?', change)
        db.commit()
        return bytes(db.serialize())
    return None
