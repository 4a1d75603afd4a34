"""Where a path of the memory tool leads: into which collection, and to what there."""

import unicodedata
from dataclasses import dataclass
from uuid import UUID

from api.memorytool import strings
from api.memorytool.strings import ToolError, shown
from vault import filepaths, folder
from vault.access import Access
from vault.filepaths import KNOWN, Parts
from vault.folder import Mount

_ROOT = "/memories"


@dataclass(frozen=True, slots=True)
class Place:
    """`path` is what was sent, fit to be repeated. No `mount`: above the collections, or, when
    `lost`, in none of them. `parts` is within the collection, empty for its own directory."""

    path: str
    mount: Mount | None
    parts: Parts
    lost: bool = False

    @property
    def is_top(self) -> bool:
        """Whether it is a directory that is always there."""
        return not self.parts and not self.lost

    @property
    def top(self) -> str:
        """The directory that is always there and holds this."""
        return f"{_ROOT}/{self.mount.name}" if self.mount and self.mount.name else _ROOT

    @property
    def is_known(self) -> bool:
        return self.parts[:1] == (KNOWN,)


class Places:
    """The collections of an asker under /memories: the only one is that directory itself, several
    are a directory each."""

    def __init__(self, access: Access, only: UUID | None) -> None:
        self.mounts = folder.mounts(access, only)
        self.flat = [mount.name for mount in self.mounts] == [""]

    def find(self, path: str) -> Place:
        parts, echo = _parts(path), shown(path)
        if self.flat:
            return Place(echo, self.mounts[0], parts)
        if not parts:
            return Place(echo, None, ())
        for mount in self.mounts:
            if mount.name == parts[0]:
                return Place(echo, mount, parts[1:])
        return Place(echo, None, (), lost=True)

    def tops(self) -> list[str]:
        """The directories that are always there."""
        return [_ROOT if self.flat else f"{_ROOT}/{mount.name}" for mount in self.mounts]


def _parts(path: str) -> Parts:
    """The names on the way, with every `..` taken. ToolError for a path that leads out, or has a
    name that no file can have."""
    if path != _ROOT and not path.startswith(_ROOT + "/"):
        raise ToolError(strings.OUTSIDE, path=shown(path))
    found: list[str] = []
    for sent in path[len(_ROOT) :].split("/"):
        name = unicodedata.normalize("NFC", sent)
        if name == ".." and found:
            found.pop()
        elif name == ".." or (name not in ("", ".") and filepaths.misleads(name)):
            raise ToolError(strings.ESCAPES, path=shown(path))
        elif name not in ("", "."):
            found.append(name)
    if found and not all(map(filepaths.is_name, found)):
        raise ToolError(strings.BAD_NAME, path=shown(path))
    return tuple(found)
