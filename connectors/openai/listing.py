"""What a ChatGPT export says about its own files: their real names, which of them there are."""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from re import compile as pattern

from connectors.base.errors import ItemError
from connectors.base.reading.files import File, Files
from connectors.base.reading.json_stream import document, items
from connectors.base.reading.leftovers import not_known
from connectors.base.shape import a_list_in, an_object, an_object_in, name_in
from connectors.base.types import Unreadable

_PART = pattern(r"conversations(-\d+)?\.json")
_LIBRARY = "library_files.json"
_ASSETS = "conversation_asset_file_names.json"
_MANIFEST = "export_manifest.json"
_USER = "user.json"
_CANVASES = "textdocs"
"""Documents of canvas, which are told of as not read: it is public that they lie there, as JSON,
but not under which names their words do."""
_UPLOADED = ("file-", "file_")  # what the person gave to ChatGPT

# Part of every export, and no memories in them.
_PASSED_OVER = (
    *("ads.json", "group_chats.json", "message_feedback.json", "model_comparisons.json"),
    *("sectioned_conversations.json", "shared_conversations.json", "shopping.json", "sora.json"),
    "user_settings.json",
)
_OURS = frozenset((_LIBRARY, _ASSETS, _MANIFEST, _USER, *_PASSED_OVER))


def is_part(name: str) -> bool:
    """Whether ChatGPT calls a file of conversations so."""
    return _PART.fullmatch(name) is not None


def asset_names(files: Files) -> Iterator[tuple[str, str]]:
    """The real names of pictures and files, by the id that messages use for them."""
    for file in files.named(_LIBRARY):
        for entry in items(file):
            if isinstance(entry, dict):
                yield name_in(entry, "file_id"), name_in(entry, "file_name")
    for file in files.named(_ASSETS):
        names = document(file)
        for stored, name in names.items() if isinstance(names, dict) else ():
            if isinstance(name, str):
                yield PurePosixPath(stored).stem, name


def left_out(files: Files, parts: Sequence[File], memories: Sequence[File]) -> Iterator[Unreadable]:
    """What is missing, damaged or unknown besides the conversations themselves."""
    yield from _missing(files)
    for name in (_LIBRARY, _ASSETS, _USER):
        for file in files.named(name):
            if isinstance(problem := document(file), Unreadable):
                yield problem
    folders = {PurePosixPath(file.where).parent for file in parts}
    folders |= {folder / _CANVASES for folder in folders}
    beside = [file for file in files.json if PurePosixPath(file.where).parent in folders]
    known = {file.where for file in [*parts, *memories]}
    yield from not_known(
        file
        for file in beside
        if file.where not in known
        and file.name not in _OURS
        and not file.name.startswith(_UPLOADED)
    )


def _missing(files: Files) -> Iterator[Unreadable]:
    """The parts that the export's own list names and that are not there."""
    present = {file.name for file in files.values()}
    for file in files.named(_MANIFEST):
        try:
            for path in sorted(set(_listed(document(file)))):
                if PurePosixPath(path).name not in present:
                    reason = "The export lists this file, but it was not among the files given."
                    yield Unreadable(path, reason)
        except ItemError as error:
            yield Unreadable(file.where, str(error))


def _listed(manifest: object) -> Iterator[str]:
    if isinstance(manifest, Unreadable):
        raise ItemError(manifest.reason)
    holder = an_object(manifest, "list of files")
    logical = an_object_in(an_object_in(holder, "logical_files"), "conversations.json")
    for entry in [*a_list_in(logical, "files"), *a_list_in(holder, "export_files")]:
        path = name_in(entry, "path") if isinstance(entry, dict) else entry
        if isinstance(path, str) and is_part(PurePosixPath(path).name):
            yield path
