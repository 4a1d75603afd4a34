"""Catalogs of translations: made from the sources, held to be complete and sound, compiled.

A catalog tells nothing of the machine or the day it was made on: the same sources give the same
bytes. `.mo` files are committed, so that a server needs no gettext.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import polib

from tools.extracted import extracted

ROOT = Path(__file__).resolve().parent.parent
LOCALES = ROOT / "frontend" / "locale"
PLURALS = {
    "de": "nplurals=2; plural=(n != 1);",
    "fr": "nplurals=2; plural=(n > 1);",
    "es": "nplurals=2; plural=(n != 1);",
    "pt_BR": "nplurals=2; plural=(n > 1);",
}
"""The languages by their folders, with the rule that picks a plural's form."""
_IGNORED = ("tests", "tools", "docs", "docker", "connectors", "api", "config", ".*", "static")
VALUE = re.compile(r"%\(\w+\)[a-z]|%[sd%]|\{\w*\}")
TAG = re.compile(r"</?[a-z][^>]*>")


def catalog_of(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "django.po"


def make() -> None:
    """Brings every catalog up to date with the sources. What is translated stays; what was
    reworded is marked fuzzy, with the former words beside it."""
    from django.core.management import call_command
    from django.core.management.commands.makemessages import Command

    command = Command()
    command.xgettext_options = [*Command.xgettext_options, "--keyword=_n:1,2"]
    for language in PLURALS:
        catalog_of(language).parent.mkdir(parents=True, exist_ok=True)
    call_command(
        command,
        locale=list(PLURALS),
        extensions=["html", "txt", "py"],
        ignore_patterns=list(_IGNORED),
        add_location="file",
        no_obsolete=True,
        no_wrap=True,
        verbosity=0,
    )
    for language in PLURALS:
        tidy(catalog_of(language), language)


def tidy(path: Path, language: str) -> None:
    """The catalog with a head that is always the same, in the order of the words, and compiled."""
    catalog = polib.pofile(str(path), wrapwidth=0)
    catalog.header = "Translations of Satchel. See CONTRIBUTING.md, “Languages”."
    catalog.metadata_is_fuzzy = False
    catalog.metadata = {
        "Project-Id-Version": "Satchel",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURALS[language],
    }
    for entry in catalog:
        entry.occurrences = sorted({(file, "") for file, _ in entry.occurrences})
    catalog.sort(key=lambda one: (one.msgid.casefold(), one.msgid, one.msgctxt or ""))
    catalog.save()
    path.with_suffix(".mo").write_bytes(catalog.to_binary())


def problems(language: str, *, complete: bool = True) -> list[str]:
    """What is wrong with a catalog, in sentences; nothing where it is sound and, if wanted,
    `complete`."""
    path = catalog_of(language)
    if not path.exists():
        return [f"{language}: there is no catalog. Run `python tools/messages.py make`."]
    catalog = polib.pofile(str(path), wrapwidth=0)
    found = [f"{language}: {said}" for entry in catalog for said in _of_entry(entry, complete)]
    compiled = path.with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != catalog.to_binary():
        found.append(f"{language}: django.mo is not what django.po gives. Run `compile`.")
    found += [f"{language}: {said}" for said in _behind(catalog)] if complete else []
    dated = [key for key in catalog.metadata if "Date" in key or "Translator" in key]
    return found + [f"{language}: the head says {key}." for key in dated]


def clashes() -> list[str]:
    """Singulars that the sources give two plurals: a catalog can hold one. Give one a context."""
    plurals: dict[tuple[str, str], set[str]] = {}
    for one in extracted():
        if one.plural:
            plurals.setdefault((one.context, one.singular), set()).add(one.plural)
    return [f"{key[1]}: {sorted(said)}" for key, said in plurals.items() if len(said) > 1]


def _behind(catalog: polib.POFile) -> Iterator[str]:
    known = {(entry.msgctxt or "", entry.msgid) for entry in catalog if not entry.obsolete}
    marked = {(one.context, one.singular) for one in extracted()}
    for _, words in sorted(marked - known):
        yield f"not in the catalog, run `make`: {words}"
    for _, words in sorted(known - marked):
        yield f"not in the sources any more, run `make`: {words}"


def compile_all() -> None:
    """Writes each django.mo anew from its django.po."""
    for language in PLURALS:
        tidy(catalog_of(language), language)


def counts(language: str) -> tuple[int, int]:
    """How many words of a catalog are translated, and how many there are."""
    catalog = polib.pofile(str(catalog_of(language)))
    return len(catalog.translated_entries()), len(catalog)


def _of_entry(entry: polib.POEntry, complete: bool) -> Iterator[str]:
    if entry.obsolete:
        yield f"obsolete: {entry.msgid}"
    elif entry.fuzzy:
        yield from [f"fuzzy: {entry.msgid}"] * complete
    elif not entry.translated():
        yield from [f"not translated: {entry.msgid}"] * complete
    else:
        yield from (
            f"other values or tags in: {text}" for text in _texts(entry) if _differs(entry, text)
        )


def _texts(entry: polib.POEntry) -> Iterable[str]:
    return entry.msgstr_plural.values() if entry.msgid_plural else (entry.msgstr,)


def _differs(entry: polib.POEntry, text: str) -> bool:
    """A form of a plural may leave out a value, since "one memory" names its number."""
    wanted = [entry.msgid, entry.msgid_plural] if entry.msgid_plural else [entry.msgid]
    same_ends = all(text.endswith("\n") == each.endswith("\n") for each in wanted[:1])
    return not same_ends or parts(text) not in [parts(each) for each in wanted]


def parts(text: str) -> Counter[str]:
    """The values and HTML tags of a text, each with how often it comes."""
    return Counter([*VALUE.findall(text), *TAG.findall(text)])
