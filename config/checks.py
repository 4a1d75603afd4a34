"""`manage.py check --deploy`: settings and surroundings that a server for others must not have.

Django's own checks cover cookies, HTTPS, DEBUG and the secret key. These look at what is ours: the
keys, the broker, the database's connection and the machine.
"""

import resource
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from stat import S_IMODE
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

_FLOOR = (65_536, 3, 1)  # KiB, passes, lanes: what a server with 1 GiB can still do
_SWAPS = Path("/proc/swaps")


@register(Tags.security, deploy=True)
def deployment(**kwargs: Any) -> list[CheckMessage]:
    """Everything below, each with what to do."""
    found = (_keys(), _key_server(), _broker(), _database(), _web(), _machine())
    return [message for part in found for message in part]


def _keys() -> Iterator[CheckMessage]:
    folder = Path(settings.SATCHEL_KEYS_DIR)
    if settings.SATCHEL_TRANSIT_URL or not folder.is_dir():
        return
    open_ones = [p for p in (folder, *folder.iterdir()) if S_IMODE(p.stat().st_mode) & 0o077]
    if open_ones:
        yield Error(
            f"{len(open_ones)} entries of the keys folder can be read by others.",
            hint="Set the folder's mode to 0700 and its files' to 0400.",
            id="satchel.E001",
        )
    if not settings.SATCHEL_EMBEDDED_DATABASE:
        return
    if folder.resolve().is_relative_to(Path(settings.SATCHEL_HOME).resolve()):
        yield Warning(
            "The peppers lie in the data folder, beside the database.",
            hint="Set SATCHEL_KEYS_DIR to another disk, or leave it out of the database's backups.",
            id="satchel.W001",
        )


def _key_server() -> Iterator[CheckMessage]:
    address = urlsplit(settings.SATCHEL_TRANSIT_URL)
    if address.scheme == "http" and not _is_here(address.hostname):
        yield Error(
            "The key server is spoken to without encryption.",
            hint="Give SATCHEL_TRANSIT_URL as https.",
            id="satchel.E002",
        )
    if settings.SATCHEL_TRANSIT_URL and not settings.SATCHEL_TRANSIT_TOKEN:
        yield Error(
            "There is no token for the key server.",
            hint="Set SATCHEL_TRANSIT_TOKEN or SATCHEL_TRANSIT_TOKEN_FILE.",
            id="satchel.E003",
        )


def _broker() -> Iterator[CheckMessage]:
    address = urlsplit(settings.CELERY_BROKER_URL)
    if _is_here(address.hostname) or address.scheme.endswith("+socket"):
        return
    if address.scheme in ("redis", "amqp"):
        yield Warning(
            "Job tokens travel to the broker without encryption.",
            hint="Use rediss:// or amqps://, or a network that nobody else is on.",
            id="satchel.W002",
        )
    if not address.password:
        yield Error(
            "The broker asks for no password.",
            hint="Set one there, and put it into CELERY_BROKER_URL.",
            id="satchel.E004",
        )


def _database() -> Iterator[CheckMessage]:
    used = settings.DATABASES["default"]
    host = str(used.get("HOST") or "")
    mode = used.get("OPTIONS", {}).get("sslmode", "")
    if host.startswith("/") or _is_here(host) or mode in ("verify-ca", "verify-full"):
        return
    yield Warning(
        "The database is spoken to over the network, and its certificate is not checked.",
        hint="Add ?sslmode=verify-full to DATABASE_URL, unless nobody else is on that network.",
        id="satchel.W003",
    )


def _web() -> Iterator[CheckMessage]:
    if "*" in settings.ALLOWED_HOSTS:
        yield Error(
            "Any host name is accepted, so that links in mails can lead elsewhere.",
            hint="Name your hosts in SATCHEL_HOSTS.",
            id="satchel.E005",
        )
    if tuple(settings.SATCHEL_ARGON2) < _FLOOR:
        yield Error(
            "Passwords are stretched too little.",
            hint="SATCHEL_ARGON2 is at least 65536,3,1 on a server for others.",
            id="satchel.E006",
        )
    if settings.SATCHEL_PRIVATE_ENDPOINTS:
        yield Warning(
            "People may have this server call the addresses in SATCHEL_PRIVATE_ENDPOINTS.",
            hint="Fine for yourself or a household; not where strangers sign up.",
            id="satchel.W004",
        )
    if settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        yield Warning(
            "Mail is not sent, so nobody can reset a password.",
            hint="Set SATCHEL_EMAIL_URL.",
            id="satchel.W005",
        )


def _machine() -> Iterator[CheckMessage]:
    if _SWAPS.is_file() and len(_SWAPS.read_text().splitlines()) > 1:
        yield Warning(
            "This machine swaps: words and keys in memory may be written to its disk.",
            hint="Switch swap off, or encrypt it.",
            id="satchel.W006",
        )
    if resource.getrlimit(resource.RLIMIT_CORE)[1] != 0:
        yield Warning(
            "A process that is not started by `up` may leave a core dump with words and keys.",
            hint="Set LimitCORE=0 in the unit, or `ulimits: core: 0` in the compose file.",
            id="satchel.W007",
        )


def _is_here(host: str | None) -> bool:
    """Loopback, or no host at all: a socket."""
    try:
        return not host or host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
