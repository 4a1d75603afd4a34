"""What there is to connect: every memory API, by vendor; and the vendors that have none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from connectors.base.protocol import Connector
from connectors.base.registry import archives, connectors, vendors
from connectors.base.types import Capability
from frontend.connectioncards import vendor_of
from sync.types import Import

OLD = timedelta(days=60)
"""After it, an archive says little about what a vendor remembers by now."""
_LIVE = {
    "openai": "It can read and add live, as an app in developer mode.",
    "anthropic": "It can read and add live, as a custom connector.",
    "google": "It can read and add live where custom apps are offered: so far in few countries.",
    "xai": "It can read and add live, as a custom connector.",
    "mistral": "It can read and add live, once an administrator adds it as a connector.",
    "microsoft": "It cannot be connected live: only what is built with Copilot Studio can.",
}
"""Whether the app that people talk to can use the vault over MCP, by vendor."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A memory API to connect. `closed` says why it cannot be; "" when it can."""

    connector: type[Connector]
    abilities: tuple[str, ...]
    closed: str


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
    return Choice(one, tuple(_abilities(one)), _closed(one))


def consumer_apps(imports: Sequence[Import]) -> list[AppLine]:
    """In the order of their names; `imports` tell when each was brought in last."""
    lines = [_app(slug, imports) for slug in _LIVE if slug in vendors()]
    return sorted(lines, key=lambda line: line.name.lower())


def _app(slug: str, imports: Sequence[Import]) -> AppLine:
    ended = [
        one.finished_at
        for one in imports
        if one.vendor == slug and one.state == "done" and one.finished_at
    ]
    last = max(ended, default=None)
    old = last is not None and timezone.now() - last > OLD
    can_live = slug != "microsoft"
    name = vendors()[slug].name
    return AppLine(slug, name, _LIVE[slug], can_live, slug in archives(), last, old)


def _abilities(one: type[Connector]) -> list[str]:
    can = one.capabilities
    told = ["brings in"]
    told += ["sends"] if Capability.CREATE in can else []
    told += ["edits"] if Capability.UPDATE in can else []
    told += ["deletes"] if Capability.DELETE in can else []
    told += ["asks only for what changed"] if Capability.DELTA in can else []
    return told


def _closed(one: type[Connector]) -> str:
    if one.reaches == "machine" and one.slug not in settings.SATCHEL_LOCAL_CONNECTORS:
        return (
            "It opens files or starts programs on the server. Whoever runs Satchel can allow it:"
            f" SATCHEL_LOCAL_CONNECTORS={one.slug}"
        )
    return ""
