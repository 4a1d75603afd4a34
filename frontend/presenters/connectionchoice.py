"""What there is to connect: every memory API, by vendor; and the vendors that have none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy

from connectors.base.protocol import Connector
from connectors.base.registry import archives, connectors, vendors
from connectors.base.types import Capability
from connectors.base.vendor import Vendor
from frontend.presenters.connectioncards import vendor_of
from sync.connections.notices import can
from sync.types import Import

OLD = timedelta(days=60)
"""After it, an archive says little about what a vendor remembers by now."""
_ABILITIES = (
    (None, pgettext_lazy("a memory service", "brings in")),
    (Capability.CREATE, pgettext_lazy("a memory service", "sends")),
    (Capability.UPDATE, pgettext_lazy("a memory service", "edits")),
    (Capability.DELETE, pgettext_lazy("a memory service", "deletes")),
    (Capability.DELTA, pgettext_lazy("a memory service", "asks only for what changed")),
    (Capability.NOTICE, pgettext_lazy("a memory service", "calls when something changed")),
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A memory API to connect. `closed` says why it cannot be; "" when it can."""

    slug: str
    name: str
    docs_url: str
    quirks: tuple[str, ...]
    abilities: tuple[str, ...]
    closed: str
    notices: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A vendor's memory APIs."""

    vendor: str
    name: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class AppLine:
    """An assistant without a memory API. `imported_at` is of its last archive; `old`: long ago."""

    vendor: str
    name: str
    live: str
    can_live: bool
    reads_archive: bool
    imported_at: datetime | None
    old: bool


def groups() -> list[Group]:
    """By vendor, in the order of their names."""
    found: dict[str, list[Choice]] = {}
    for one in connectors().values():
        found.setdefault(vendor_of(one.slug), []).append(choice_of(one))
    names = {slug: vendors()[slug].name if slug in vendors() else slug for slug in found}
    made = [Group(slug, names[slug], tuple(choices)) for slug, choices in found.items()]
    return sorted(made, key=lambda group: group.name.lower())


def choice_of(one: type[Connector]) -> Choice:
    abilities = tuple(_abilities(one))
    return Choice(one.slug, one.name, one.docs_url, one.quirks, abilities, _closed(one), can(one))


def consumer_apps(imports: Sequence[Import]) -> list[AppLine]:
    """In the order of their names; `imports` tell when each was brought in last."""
    lines = [_app(one, imports) for one in vendors().values() if one.without_api]
    return sorted(lines, key=lambda line: line.name.lower())


def _app(vendor: Vendor, imports: Sequence[Import]) -> AppLine:
    ended = [
        one.finished_at
        for one in imports
        if one.vendor == vendor.slug and one.state == "done" and one.finished_at
    ]
    last = max(ended, default=None)
    old = last is not None and timezone.now() - last > OLD
    live = vendor.without_api
    can_live = live.startswith("It can ")
    readable = any(archive.vendor == vendor.slug for archive in archives().values())
    return AppLine(vendor.slug, vendor.name, live, can_live, readable, last, old)


def _abilities(one: type[Connector]) -> list[str]:
    has = one.capabilities
    return [str(words) for needed, words in _ABILITIES if needed is None or needed in has]


def _closed(one: type[Connector]) -> str:
    if one.reaches == "machine" and one.slug not in settings.SATCHEL_LOCAL_CONNECTORS:
        return gettext(
            "It opens files or starts programs on the server. Whoever runs Satchel can allow it:"
            " %(setting)s"
        ) % {"setting": f"SATCHEL_LOCAL_CONNECTORS={one.slug}"}
    return ""
