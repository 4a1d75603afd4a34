"""Finds vendors and their faces: adding one edits no file but its own."""

import inspect
import logging
import pkgutil
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

import connectors as package
from connectors.base.archive import Archive
from connectors.base.errors import ArchiveError
from connectors.base.handoff import Handoff
from connectors.base.protocol import Connector
from connectors.base.reading.files import Files
from connectors.base.vendor import Vendor

logger = logging.getLogger(__name__)

_FACES: dict[type, str] = {Archive: "archive", Handoff: "handoff", Connector: "remote"}
"""What their modules are called, or begin with."""

_TURNS = ((False, False), (True, False), (False, True))
"""In which readers are asked, as (beside, plain): whoever knows more of the files goes first."""


@cache
def vendors() -> dict[str, Vendor]:
    """Every package of `connectors` that says VENDOR, by slug."""
    modules = (_loaded(path) for path in _packages())
    packages = (one for one in modules if not isinstance(one, Exception))
    found = [vars(package)["VENDOR"] for package in packages if "VENDOR" in vars(package)]
    return {vendor.slug: vendor for vendor in found}


@cache
def archives() -> dict[str, Archive]:
    """Every reader of exports: each vendor's archive.py as "vendor", its archive_<what>.py as
    "vendor-what"."""
    return {_slug(path): face() for path, face in _faces(Archive).items()}


@cache
def handoffs() -> dict[str, Handoff]:
    """Every form that memories go out in: each vendor's handoff.py and handoff_<what>.py, by
    "vendor" and "vendor-what"."""
    return {_slug(path): face() for path, face in _faces(Handoff).items()}


@cache
def connectors() -> dict[str, type[Connector]]:
    """Every live memory API: each vendor's remote.py and remote_<what>.py, by slug."""
    found = _faces(Connector).values()
    return {one.slug: one for one in sorted(found, key=lambda one: one.slug)}


def broken() -> dict[str, Exception]:
    """Modules that cannot be loaded, and why: they are left out, and the others go on. Of those
    that we ship there is none."""
    every = {path: _loaded(path) for path in _packages()}
    for face, name in _FACES.items():
        every |= {path: _loaded(path, face) for path in _paths(name)}
    return {path: one for path, one in every.items() if isinstance(one, Exception)}


def recognise(files: Files) -> Archive | None:
    """The reader for `files`; None if no vendor knows them; ArchiveError if several do."""
    found = next(filter(None, (_knowing(files, turn) for turn in _TURNS)), [])
    if len(found) > 1:
        names = ", ".join(sorted(one.what for one in found))
        raise ArchiveError(f"These files are several things: {names}. Import them one at a time.")
    return found[0] if found else None


def _knowing(files: Files, turn: tuple[bool, bool]) -> list[Archive]:
    asked = (one for one in archives().values() if (one.beside, one.plain) == turn)
    return [archive for archive in asked if archive.recognise(files)]


def _faces(face: type) -> dict[str, Any]:
    """The one class of this face in each of its modules that can be loaded."""
    found = {path: _loaded(path, face) for path in _paths(_FACES[face])}
    return {path: one for path, one in found.items() if not isinstance(one, Exception)}


def _paths(name: str) -> list[str]:
    return [
        f"connectors.{slug}.{module.name}"
        for slug in vendors()
        for module in pkgutil.iter_modules(import_module(f"connectors.{slug}").__path__)
        if module.name == name or module.name.startswith(f"{name}_")
    ]


def _packages() -> list[str]:
    every = pkgutil.iter_modules(package.__path__)
    return sorted(f"connectors.{one.name}" for one in every if one.ispkg)


@cache
def _loaded(path: str, face: type | None = None) -> Any:
    """The module, or the class of this face in it; the exception where it cannot be loaded."""
    try:
        module = import_module(path)
        return module if face is None else _the(face, module)
    except Exception as error:
        logger.exception("%s cannot be loaded: it is left out.", path)
        return error


def _slug(path: str) -> str:
    _, vendor, name = path.split(".")
    return "-".join((vendor, *name.split("_")[1:]))


def _the(face: type, module: ModuleType) -> type:
    (found,) = [
        cls
        for _, cls in inspect.getmembers(module, inspect.isclass)
        if issubclass(cls, face) and cls.__module__ == module.__name__
    ]
    return found
