"""The memory tool's six commands over a vault, answered in that tool's own words."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.memorytool import inputs, strings, trees
from api.memorytool.places import Place, Places
from api.memorytool.strings import ToolError, shown
from vault import folder, known
from vault.access import Access
from vault.errors import Invalid, KeyChanged, NotFound, Refused, Stale
from vault.folder import File, Mount
from vault.text import unhidden
from vault.types import Memory, Suggestion


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes into a tool_result."""

    content: str
    is_error: bool = False


def run(access: Access, sent: Mapping[str, Any], only: UUID | None = None) -> Answer:
    """Do what a model asked for, perhaps within one collection. NotFound when there is none."""
    places = Places(access, only)
    try:
        command, fields = inputs.checked(sent)
        return Answer(unhidden(getattr(Desk(access, places), command)(**fields)))
    except ToolError as error:
        return Answer(unhidden(str(error)), is_error=True)


@dataclass(frozen=True, slots=True)
class Desk:
    """An asker at work under /memories: a method for each of `inputs.COMMANDS`."""

    access: Access
    places: Places

    def view(self, path: str, view_range: Sequence[int] | None) -> str:
        place = self.places.find(path)
        mount = place.mount
        if mount is None and place.is_top:
            return strings.listing(place.path, trees.of_all(self.access, self.places.mounts))
        if mount is None:
            raise ToolError(strings.NOWHERE, path=place.path)
        if not mount.readable:
            raise ToolError(strings.BLIND, path=place.path)
        if place.is_known:
            return self._view_known(mount, place, view_range)
        files = folder.read(self.access, mount.collection_id, place.parts)
        if place.parts and not files:
            raise ToolError(strings.NOWHERE, path=place.path)
        if place.parts and files[0].parts == place.parts:
            return strings.content(place.path, files[0].text, view_range)
        tree = trees.of(self.access, mount, place.parts, files)
        return strings.listing(place.path, tree)

    def create(self, path: str, file_text: str) -> str:
        place = self.places.find(path)
        mount = self._to_write(place, strings.EXISTS)
        with _told(place, strings.EXISTS):
            made = folder.create(self.access, mount.collection_id, place.parts, file_text)
        return self._said([made], place) or strings.CREATED.format(path=place.path)

    def str_replace(self, path: str, old_str: str, new_str: str) -> str:
        place, file = self._file(path)
        count = file.text.count(old_str)
        if count == 0:
            raise ToolError(strings.NO_MATCH, old=old_str, path=place.path)
        if count > 1:
            lines = strings.lines_with(file.text, old_str)
            raise ToolError(strings.MANY_MATCHES, old=old_str, lines=lines)
        text = file.text.replace(old_str, new_str)
        waits = self._rewrite(place, file, text)
        changed = file.text[: file.text.find(old_str)].count("\n")
        return waits or strings.snippet(text, changed)

    def insert(self, path: str, insert_line: int, insert_text: str) -> str:
        place, file = self._file(path)
        lines = file.text.removesuffix("\n").split("\n") if file.text else []
        if not 0 <= insert_line <= len(lines):
            raise ToolError(strings.BAD_LINE, line=insert_line, most=len(lines))
        lines.insert(insert_line, insert_text.rstrip("\n"))
        text = "\n".join(lines)
        waits = self._rewrite(place, file, text if text.endswith("\n") else text + "\n")
        return waits or strings.EDITED.format(path=place.path)

    def delete(self, path: str) -> str:
        place = self.places.find(path)
        if place.is_top:
            raise ToolError(strings.KEEPS_DELETE, path=place.top)
        mount = _changeable(place, strings.GONE, seen=True)
        with _told(place, strings.EXISTS):
            gone = folder.delete(self.access, mount.collection_id, place.parts)
        if not gone:
            raise ToolError(strings.GONE, path=place.path)
        return self._said(gone, place) or strings.DELETED.format(path=place.path)

    def rename(self, old_path: str, new_path: str) -> str:
        old, new = self.places.find(old_path), self.places.find(new_path)
        if old.is_top:
            raise ToolError(strings.KEEPS_RENAME, path=old.top)
        mount = _changeable(old, strings.GONE, seen=True)
        there = self._to_write(new, strings.DESTINATION)
        if mount != there:
            raise ToolError(strings.NOT_APART)
        with _told(new, strings.DESTINATION):
            moved = folder.rename(self.access, mount.collection_id, old.parts, new.parts)
        if not moved:
            raise ToolError(strings.GONE, path=old.path)
        return self._said(moved, new) or strings.RENAMED.format(old=old.path, new=new.path)

    def _view_known(self, mount: Mount, place: Place, view_range: Sequence[int] | None) -> str:
        name = "/".join(place.parts[1:])
        if not name and (tree := trees.of_known(self.access, mount)):
            return strings.listing(place.path, tree)
        kind, ending, _ = name.partition(trees.ENDING)
        text = known.text(self.access, mount.collection_id, kind) if ending else None
        if text is None or name != kind + ending:
            raise ToolError(strings.NOWHERE, path=place.path)
        return strings.content(place.path, text, view_range)

    def _to_write(self, place: Place, exists: str) -> Mount:
        """Where something new is to be. ToolError where that cannot be."""
        if place.is_top:
            raise ToolError(exists, path=place.path)
        names = shown(", ".join(self.places.tops()))
        return _changeable(place, strings.CHOOSE, names=names)

    def _file(self, path: str) -> tuple[Place, File]:
        """A file to edit: what it says stands in the answer, so reading it is logged."""
        place = self.places.find(path)
        if place.is_top:
            raise ToolError(strings.NOT_A_FILE, path=place.path)
        mount = _changeable(place, strings.NOWHERE, seen=True)
        files = folder.read(self.access, mount.collection_id, place.parts)
        if not files:
            raise ToolError(strings.NOWHERE, path=place.path)
        if files[0].parts != place.parts:
            raise ToolError(strings.NOT_A_FILE, path=place.path)
        return place, files[0]

    def _rewrite(self, place: Place, file: File, text: str) -> str:
        with _told(place, strings.EXISTS):
            return self._said([folder.rewrite(self.access, file, text)], place)

    def _said(self, outcomes: Sequence[Memory | Suggestion], place: Place) -> str:
        """What is to be said instead of done; "" when it is done for all to see."""
        made = [one for one in outcomes if isinstance(one, Memory)]
        if len(made) < len(outcomes):
            return strings.WAITS.format(path=place.path)
        unseen = [m for m in made if m.held or (self.access.confirmed_only and not m.trusted)]
        return strings.KEPT.format(path=place.path) if unseen else ""


def _changeable(place: Place, nowhere: str, *, seen: bool = False, **parts: str) -> Mount:
    """Where it stands. ToolError where nothing can be changed, or cannot be `seen` first."""
    if place.mount is None:
        raise ToolError(nowhere, path=place.path, **parts)
    if place.is_known:
        raise ToolError(strings.READ_ONLY, path=place.path)
    if seen and not place.mount.readable:
        raise ToolError(strings.BLIND, path=place.path)
    return place.mount


@contextmanager
def _told(place: Place, taken: str) -> Iterator[None]:
    """What the vault says to a write, as the tool says it."""
    try:
        yield
    except folder.Taken:
        raise ToolError(taken, path=place.path) from None
    except KeyChanged:
        raise  # no business of the model: whoever calls repeats the same request
    except Stale:
        raise ToolError(strings.CHANGED, path=place.path) from None
    except NotFound:
        raise ToolError(strings.VANISHED, path=place.path) from None
    except (Invalid, Refused) as error:
        raise ToolError(strings.REFUSED, path=place.path, why=str(error)) from None
