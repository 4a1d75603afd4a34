"""Names of files: which ones there can be, and how a path stands in a memory's title.

A file is a document whose title is its path within its collection, beginning with "/". So the owner
sees and changes it like any other memory.
"""

import re
import unicodedata

from vault.text import checked, clean, exact

Parts = tuple[str, ...]

KNOWN = "known"
"""The directory of each collection in which its other memories are read. No file is in it."""
LONGEST_PATH = 300
"""Characters of a path within its collection: as many as a title has."""
LONGEST_NAME = 255
"""Bytes, as on a disk."""
DEEPEST = 20
_ENCODED = re.compile(r"%(2e|2f|5c|00)", re.IGNORECASE)


def is_path(title: str) -> bool:
    """Whether a title is meant as a path. The words below it are kept to the last space."""
    return title.startswith("/")


def worded(text: str, title: str) -> str:
    """Words as they are kept under this title. Invalid when they cannot be."""
    return exact(text) if is_path(title) else checked(text)


def title_of(parts: Parts) -> str:
    return "/" + "/".join(parts)


def parts_of(title: str) -> Parts | None:
    """The path that a title is; None when it is none, or one that no file can have."""
    if not is_path(title):
        return None
    parts = tuple(title[1:].split("/"))
    return parts if fits(parts) and parts[0] != KNOWN else None


def fits(parts: Parts) -> bool:
    """Whether there can be a file at this path within a collection."""
    short = len(parts) <= DEEPEST and len(title_of(parts)) <= LONGEST_PATH
    return short and all(map(is_name, parts))


def is_name(name: str) -> bool:
    """Whether it names one file or directory, and looks like what it is."""
    if not name or misleads(name) or name != clean(name):
        return False
    plain = not any(letter.isspace() and letter != " " for letter in name)
    return plain and len(name.encode()) <= LONGEST_NAME


def misleads(name: str) -> bool:
    """Whether somebody could take it for a way up or down: dots and slashes in any disguise."""
    alike = unicodedata.normalize("NFKC", name)
    return alike in (".", "..") or bool(set(alike) & {"/", "\\", "\0"} or _ENCODED.search(name))


def a_name(words: str, taken: set[str]) -> str:
    """A name for a directory that is called by these words, unlike those taken."""
    name = words if is_name(words) else re.sub(r"[^\w .\-]", "-", clean(words))
    name = name.strip(" .") if is_name(name.strip(" .")) else "collection"
    number, found = 1, name
    while found.casefold() in {other.casefold() for other in taken}:
        number += 1
        found = f"{name} {number}"
    return found
