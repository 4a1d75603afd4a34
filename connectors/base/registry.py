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
from connectors.base.files import Files
from connectors.base.handoff import Handoff
from connectors.base.protocol import Connector
from connectors.base.vendor import Vendor

logger = logging.getLogger(__name__)

_TURNS = ((False, False), (True, False), (False, True))
"""In which readers are asked, as (beside, plain): whoever knows more of the files goes first."""


@cache
def vendors() -> dict[str, Vendor]:
    """Every package of `connectors` that says VENDOR, by slug. Without those that are `broken`."""
    packages = [one for one in _packages().values() if not isinstance(one, Exception)]
    found = [vars(package)["VENDOR"] for package in packages if "VENDOR" in vars(package)]
    return {vendor.slug: vendor for vendor in found}


@cache
def archives() -> dict[str, Archive]:
    """Every reader of exports: each vendor's archive.py as "vendor", its archive_<what>.py as
    "vendor-what"."""
    found = {path: _the(Archive, import_module(path)) for path in _faces("archive")}
    return {_slug(path): face() for path, face in found.items()}


@cache
def handoffs() -> dict[str, Handoff]:
    """Every form that memories go out in: each vendor's handoff.py and handoff_<what>.py, by
    "vendor" and "vendor-what"."""
    found = {path: _the(Handoff, import_module(path)) for path in _faces("handoff")}
    return {_slug(path): face() for path, face in found.items()}


@cache
def connectors() -> dict[str, type[Connector]]:
    """Every live memory API: each vendor's remote.py and remote_<what>.py, by slug. Without those
    that are `broken`: the others go on."""
    found = [one for one in _loaded().values() if not isinstance(one, Exception)]
    return {one.slug: one for one in sorted(found, key=lambda one: one.slug)}


def broken() -> dict[str, Exception]:
    """Vendors and connectors that cannot be loaded, and why. Of those we ship there is none."""
    every = {**_packages(), **_loaded()}
    return {path: one for path, one in every.items() if isinstance(one, Exception)}


def recognise(files: Files) -> Archive | None:
    """The reader for `files`; None if no vendor knows them; ArchiveError if several do."""
    found = next(filter(None, (_knowing(files, turn) for turn in _TURNS)), [])
    if len(found) > 1:
        names = " and ".join(vendors()[archive.vendor].name for archive in found)
        raise ArchiveError(f"These files come from {names}. Import them one vendor at a time.")
    return found[0] if found else None


@cache
def _loaded() -> dict[str, type[Connector] | Exception]:
    return {path: _load(path) for path in _faces("remote")}


def _load(path: str) -> type[Connector] | Exception:
    try:
        found: type[Connector] = _the(Connector, import_module(path))
        return found
    except Exception as error:
        logger.exception("%s cannot be loaded: its connector is left out.", path)
        return error


@cache
def _packages() -> dict[str, ModuleType | Exception]:
    names = sorted(one.name for one in pkgutil.iter_modules(package.__path__) if one.ispkg)
    return {path: _package(path) for path in (f"connectors.{name}" for name in names)}


def _package(path: str) -> ModuleType | Exception:
    try:
        return import_module(path)
    except Exception as error:
        logger.exception("%s cannot be loaded: this vendor is left out.", path)
        return error


def _knowing(files: Files, turn: tuple[bool, bool]) -> list[Archive]:
    asked = (one for one in archives().values() if (one.beside, one.plain) == turn)
    return [archive for archive in asked if archive.recognise(files)]


def _faces(face: str) -> list[str]:
    """The modules <face>.py and <face>_<what>.py of all vendors."""
    return [
        f"connectors.{slug}.{module.name}"
        for slug in vendors()
        for module in pkgutil.iter_modules(import_module(f"connectors.{slug}").__path__)
        if module.name == face or module.name.startswith(f"{face}_")
    ]


def _slug(path: str) -> str:
    _, vendor, name = path.split(".")
    return "-".join((vendor, *name.split("_")[1:]))


def _the(face: type, module: ModuleType) -> Any:
    """The one class of this face that `module` defines."""
    (found,) = [
        cls
        for _, cls in inspect.getmembers(module, inspect.isclass)
        if issubclass(cls, face) and cls.__module__ == module.__name__
    ]
    return found
