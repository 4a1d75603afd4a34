"""Finds vendors and their faces: adding one edits no file but its own."""

import inspect
import logging
import pkgutil
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

import connectors as package
from connectors.base.archive import Archive
from connectors.base.errors import ArchiveError
from connectors.base.files import Files
from connectors.base.protocol import Connector
from connectors.base.vendor import Vendor

logger = logging.getLogger(__name__)


@cache
def vendors() -> dict[str, Vendor]:
    """Every package of `connectors` that says VENDOR, by slug."""
    packages = (import_module(f"connectors.{name}") for name in _packages())
    found = [vars(package)["VENDOR"] for package in packages if "VENDOR" in vars(package)]
    return {vendor.slug: vendor for vendor in found}


@cache
def archives() -> dict[str, Archive]:
    """The reader of each vendor that has an archive.py, by slug."""
    paths = {slug: f"connectors.{slug}.archive" for slug in vendors()}
    return {
        slug: _archive_in(import_module(path)) for slug, path in paths.items() if find_spec(path)
    }


@cache
def connectors() -> dict[str, type[Connector]]:
    """Every live memory API: each vendor's remote.py and remote_<what>.py, by slug. Without those
    that are `broken`: the others go on."""
    found = [one for one in _loaded().values() if not isinstance(one, Exception)]
    return {one.slug: one for one in sorted(found, key=lambda one: one.slug)}


def broken() -> dict[str, Exception]:
    """Modules of connectors that cannot be loaded, and why. Of those that we ship there is none."""
    return {path: one for path, one in _loaded().items() if isinstance(one, Exception)}


def recognise(files: Files) -> Archive | None:
    """The reader for `files`; None if no vendor knows them; ArchiveError if several do."""
    found = [archive for archive in archives().values() if archive.recognise(files)]
    if len(found) > 1:
        names = " and ".join(vendors()[archive.vendor].name for archive in found)
        raise ArchiveError(f"These files come from {names}. Import them one vendor at a time.")
    return found[0] if found else None


@cache
def _loaded() -> dict[str, type[Connector] | Exception]:
    return {path: _load(path) for path in _remotes()}


def _load(path: str) -> type[Connector] | Exception:
    try:
        return _connector_in(import_module(path))
    except Exception as error:
        logger.exception("%s cannot be loaded: its connector is left out.", path)
        return error


def _packages() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(package.__path__) if module.ispkg)


def _remotes() -> list[str]:
    return [
        f"connectors.{slug}.{module.name}"
        for slug in vendors()
        for module in pkgutil.iter_modules(import_module(f"connectors.{slug}").__path__)
        if module.name == "remote" or module.name.startswith("remote_")
    ]


def _connector_in(module: ModuleType) -> type[Connector]:
    (found,) = [
        cls
        for _, cls in inspect.getmembers(module, inspect.isclass)
        if issubclass(cls, Connector) and cls.__module__ == module.__name__
    ]
    return found


def _archive_in(module: ModuleType) -> Archive:
    (found,) = [
        cls
        for _, cls in inspect.getmembers(module, inspect.isclass)
        if issubclass(cls, Archive) and cls.__module__ == module.__name__
    ]
    return found()
