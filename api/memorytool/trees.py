"""Directories as they are listed: the files of a collection, and what else it knows."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from api.memorytool.strings import Tree
from vault import folder, known
from vault.access import Access
from vault.filepaths import KNOWN, Parts
from vault.folder import File, Mount
from vault.scope import vault_scope

ENDING = ".md"


def of(access: Access, mount: Mount, parts: Parts, files: Sequence[File]) -> Tree:
    """The directory at `parts`, with these files in it or below it."""
    tree = _nested((file.parts[len(parts) :], file.size) for file in files)
    if parts:
        return tree
    others = _known(access, mount, {file.memory_id for file in files})
    return {**tree, KNOWN: others} if others else tree


def of_all(access: Access, mounts: Sequence[Mount]) -> Tree:
    """A directory of collections. One that may only be added to looks empty: nothing of it is
    told."""
    found: dict[str, Tree] = {}
    for mount in mounts:
        files = folder.read(access, mount.collection_id, ()) if mount.readable else []
        found[mount.name] = of(access, mount, (), files) if mount.readable else {}
    return found


def of_known(access: Access, mount: Mount) -> Tree:
    files = folder.below(access, mount.collection_id, ())
    return _known(access, mount, {file.memory_id for file in files})


def _known(access: Access, mount: Mount, files: Collection[UUID]) -> Tree:
    with vault_scope(access.vault_id):
        sizes = known.sizes(access, mount.collection_id, files)
    return {kind + ENDING: size for kind, size in sizes.items()}


def _nested(files: Iterable[tuple[Parts, int]]) -> Tree:
    top: dict[str, Tree | int] = {}
    for (*above, name), size in files:
        here = top
        for directory in above:
            here = here.setdefault(directory, {})  # type: ignore[assignment]  # no file is above one
        here[name] = size
    return top
