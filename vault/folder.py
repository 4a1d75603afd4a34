"""A collection as a directory of files: its documents whose titles are paths.

Directories are there as long as something is in them. Where two documents claim one path, the older
has it; the other is read among what else is known.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from vault import collections, filepaths, memories
from vault.access import Access
from vault.errors import Invalid, NotFound, Refused, Stale
from vault.filepaths import Parts
from vault.integrity import manifests
from vault.log import access_log
from vault.models import Memory as Row
from vault.models import Source
from vault.records import open_content
from vault.reviewing import quarantine
from vault.scope import vault_scope
from vault.types import Draft, Kind, Memory, Suggestion
from vault.visible import visible_rows

KIND: Kind = "document"
MOST = 5_000
"""Files in one collection that a grantee may fill it up to."""
MOST_AT_ONCE = 200
"""Files that one deleting or renaming of a directory may touch."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A collection under the name of its directory. Who may only add cannot look into it."""

    name: str
    collection_id: UUID
    readable: bool


@dataclass(frozen=True, slots=True)
class File:
    """`size` is in bytes of UTF-8. `text` is empty where a whole directory was asked for."""

    memory_id: UUID
    parts: Parts
    text: str
    size: int
    revision: int


def mounts(access: Access, only: UUID | None = None) -> list[Mount]:
    """What this asker may see or add to. NotFound when it may do neither in `only`."""
    mine = {c for c, right in access.rights.items() if right.see or right.add != "no"}
    if only is not None and only not in mine:
        raise NotFound("There is no such collection.")
    wanted = mine if only is None else {only}
    if len(wanted) == 1:
        (one,) = wanted
        return [Mount("", one, access.may_see(one))]
    found: list[Mount] = []
    for its in collections.listing(access):
        if its.id in wanted:
            name = filepaths.a_name(its.name, {mount.name for mount in found})
            found.append(Mount(name, its.id, its.right.see))
    return found


def walk(access: Access, collection_id: UUID) -> Iterator[File]:
    """Every file that the asker may see, the oldest first, opened one by one. Within a scope."""
    taken, directories = set[Parts](), set[Parts]()
    key = manifests.key_of(access, collection_id)
    for row in documents(access, collection_id).iterator(chunk_size=500):
        manifests.must_be_genuine(key, row)
        content = open_content(access.keyring, row)
        parts = filepaths.parts_of(content.title)
        above = [parts[:length] for length in range(1, len(parts))] if parts else []
        if parts is None or parts in taken | directories or not taken.isdisjoint(above):
            continue
        taken.add(parts)
        directories.update(above)
        size = len(content.text.encode())
        yield File(row.id, parts, content.text, size, row.revision)


def documents(access: Access, collection_id: UUID) -> QuerySet[Row]:
    """The rows that files are among, the oldest first. Within a scope."""
    kept = visible_rows(access).filter(forgotten_at=None, held="")
    return kept.filter(collection_id=collection_id, kind=KIND).order_by("id")


def below(access: Access, collection_id: UUID, parts: Parts) -> list[File]:
    """The file at this path, or those in the directory there; none where there is neither."""
    if not access.may_see(collection_id):
        return []
    with vault_scope(access.vault_id):
        found = list[File]()
        for file in walk(access, collection_id):
            if file.parts == parts:
                return [file]
            if file.parts[: len(parts)] == parts:
                found.append(replace(file, text=""))
        return found


def read(access: Access, collection_id: UUID, parts: Parts) -> list[File]:
    """As `below`, for showing: it stands in the access log."""
    with vault_scope(access.vault_id):
        found = below(access, collection_id, parts)
        whole = [file.parts for file in found] == [parts]
        log = access_log.record_reading
        log(access, "read" if whole else "listed", [file.memory_id for file in found])
    return found


def create(access: Access, collection_id: UUID, parts: Parts, text: str) -> Memory | Suggestion:
    """A new file, where nothing is yet; see `check_free`. Refused when this one waits already."""
    title = _checked(access, parts)
    with _writing(access, collection_id):
        check_free(access, collection_id, parts)
        if title in _waiting(access, collection_id):
            raise Refused("A file with this path waits for the owner of this vault already.")
        return memories.remember(access, collection_id, Draft(text, kind=KIND, title=title))


def rewrite(access: Access, file: File, text: str) -> Memory | Suggestion:
    """Stale when somebody else changed it since it was read."""
    return memories.revise(access, file.memory_id, text=text, if_revision=file.revision)


def delete(access: Access, collection_id: UUID, parts: Parts) -> list[Memory | Suggestion]:
    """A file, or a directory with all in it, at once or not at all. Empty when there is none."""
    with _writing(access, collection_id):
        files = below(access, collection_id, parts)
        _lock(access, files)
        return [memories.forget(access, file.memory_id) for file in files]


def rename(
    access: Access, collection_id: UUID, old: Parts, new: Parts
) -> list[Memory | Suggestion]:
    """A file or directory, at once or not at all. Empty when there is none."""
    with _writing(access, collection_id):
        check_free(access, collection_id, new)
        files = below(access, collection_id, old)
        _lock(access, files)
        if files and files[0].parts != old and new[: len(old)] == old:
            raise Invalid("A directory cannot be moved into itself.", "new_path")
        moved = [(file, _checked(access, new + file.parts[len(old) :])) for file in files]
        return [memories.revise(access, file.memory_id, title=title) for file, title in moved]


class Taken(Invalid):
    """There is a file or directory at that path already."""


def check_free(access: Access, collection_id: UUID, parts: Parts) -> None:
    """Taken when something visible is there, Invalid when a file stands in the way or it is full.

    Within the scope of what is about to be written.
    """
    if not access.may_see(collection_id):
        return
    count = 0
    for file in walk(access, collection_id):
        count += 1
        if file.parts[: len(parts)] == parts:
            raise Taken("There is something at that path already.", "path")
        if parts[: len(file.parts)] == file.parts:
            raise Invalid("There is a file where a directory would have to be.", "path")
    if count >= MOST:
        raise Invalid(f"There are {MOST:,} files already, and there can be no more.", "path")


def _checked(access: Access, parts: Parts) -> str:
    """The title for this path. Invalid when no file can have it, Refused when it gives orders."""
    if not filepaths.fits(parts) or parts[0] == filepaths.KNOWN:
        raise Invalid("There can be no file at that path.", "path")
    words = " ".join(parts).replace("_", " ").replace("-", " ")
    if not access.is_owner and quarantine.reasons(words):
        raise Refused("This name reads like an order to a model. Choose a plain one.")
    return filepaths.title_of(parts)


def _waiting(access: Access, collection_id: UUID) -> set[str]:
    """Titles of what this grantee itself wrote and is held, to spare it writing that again."""
    if access.is_owner or not access.may_see(collection_id):
        return set()
    mine = Source.objects.filter(vault_id=access.vault_id, grant_id=access.asker.id)
    rows = Row.objects.filter(vault_id=access.vault_id, id__in=mine.values("memory_id"))
    rows = rows.filter(collection_id=collection_id, kind=KIND, forgotten_at=None, revision=1)
    rows = rows.exclude(held="").exclude(sealed=b"")
    return {open_content(access.keyring, row).title for row in rows}


@contextmanager
def _writing(access: Access, collection_id: UUID) -> Iterator[None]:
    """One at a time in a collection: titles are sealed, so no index keeps two from being alike."""
    with vault_scope(access.vault_id):
        with connection.cursor() as cursor:
            lock = int.from_bytes(collection_id.bytes[8:], signed=True)
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
        yield


def _lock(access: Access, files: Sequence[File]) -> None:
    """In one order, and before anything else of them is: or two writers wait for each other."""
    if len(files) > MOST_AT_ONCE:
        raise Invalid(f"These are more than {MOST_AT_ONCE} files. Take fewer at once.", "path")
    wanted: Iterable[UUID] = [file.memory_id for file in files]
    rows = visible_rows(access).filter(id__in=wanted).order_by("id").select_for_update()
    revisions = {row.id: row.revision for row in rows}
    if revisions != {file.memory_id: file.revision for file in files}:
        raise Stale("Some of these files changed meanwhile. View them again.")
