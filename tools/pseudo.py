"""A language that nobody speaks: it shows what is not translated, and what has no room for words.

"xx" wraps each text in ⟦ ⟧ and makes its words a third longer. "xr" is the same in letters that
run from right to left. For tests alone: they are written into a folder that is thrown away.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import polib
from allauth import __path__ as allauth_path
from django import __path__ as django_path

from tools.catalogs import TAG, VALUE, catalog_of

_KEPT = re.compile(rf"{VALUE.pattern}|{TAG.pattern}|&#?\w+;|\s+")
_WORD = re.compile(r"[^\W\d_]{3,}")
_LATIN = "abcdefghijklmnopqrstuvwxyz"
_HEBREW = "אבגדהוזחטיכלמנסעפצקרשתאבגד"
_TO_HEBREW = str.maketrans(_LATIN + _LATIN.upper(), _HEBREW * 2)
LANGUAGES = {"xx": "Pseudo", "xr": "Pseudo, right to left"}


def write(folder: Path) -> None:
    """Both languages, for LOCALE_PATHS: `folder`/xx/LC_MESSAGES/django.mo and the same of xr."""
    said = list(_entries())
    _write(folder / "xx", said, longer)
    _write(folder / "xr", said, lambda text: _outside(longer(text), _mirrored))


def longer(text: str) -> str:
    """The text in ⟦ ⟧, with longer words; its values and HTML tags are as they were."""
    bare = text.strip("\n")
    return text.replace(bare, f"⟦{_outside(bare, _stretched)}⟧") if bare else text


def _entries() -> Iterator[polib.POEntry]:
    """What our pages, Django and allauth say, ours first: a text may be in several catalogs."""
    sources = [
        catalog_of("de"),
        Path(django_path[0]) / "conf" / "locale" / "de" / "LC_MESSAGES" / "django.po",
        Path(django_path[0]) / "contrib/auth/locale/de/LC_MESSAGES/django.po",
        Path(allauth_path[0]) / "locale" / "de" / "LC_MESSAGES" / "django.po",
    ]
    seen = set()
    for path in sources:
        for entry in polib.pofile(str(path)):
            if not entry.obsolete and (entry.msgctxt, entry.msgid) not in seen:
                seen.add((entry.msgctxt, entry.msgid))
                yield entry


def _write(folder: Path, said: list[polib.POEntry], change: Callable[[str], str]) -> None:
    catalog = polib.POFile()
    catalog.metadata = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    for one in said:
        forms = {0: change(one.msgid), 1: change(one.msgid_plural)} if one.msgid_plural else None
        entry = polib.POEntry(msgctxt=one.msgctxt, msgid=one.msgid, msgid_plural=one.msgid_plural)
        entry.msgstr, entry.msgstr_plural = "" if forms else change(one.msgid), forms or {}
        catalog.append(entry)
    place = folder / "LC_MESSAGES"
    place.mkdir(parents=True)
    catalog.save_as_mofile(str(place / "django.mo"))


def _outside(text: str, change: Callable[[str], str]) -> str:
    """Changes what is between values, tags and spaces."""
    done, end = [], 0
    for kept in _KEPT.finditer(text):
        done += [change(text[end : kept.start()]), kept.group()]
        end = kept.end()
    return "".join([*done, change(text[end:])])


def _stretched(text: str) -> str:
    return _WORD.sub(lambda word: word.group() + word.group()[-(len(word.group()) // 3) :], text)


def _mirrored(text: str) -> str:
    return text.translate(_TO_HEBREW)
