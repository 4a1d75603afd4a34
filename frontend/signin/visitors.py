"""An app at the door: what it calls itself, who vouches for that, and where its answer goes.

All of it comes from outside: it is shown as words, cut short, and decides nothing.
"""

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vault.text import clean

NAMELESS = _("An app without a name")
LONGEST_NAME = 60
LONGEST_PURPOSE = 120
_BLANK = re.compile("[\u115f\u1160\u2800\u3164\uffa0]")
"""Letters and signs that look like nothing."""
_MARKS_IN_A_ROW = 2
_MOST_HOSTS = 3
_HOST = re.compile(r"[a-z0-9.-]+(:\d{1,5})?")
Kind = Literal["site", "open", "device", "scheme"]
Vouched = Literal["document", "itself", "server"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer goes: to a site by `host`, unencrypted to one (`open`), to a program on the
    person's own device, or to whichever program there has claimed a scheme."""

    kind: Kind
    host: str
    origin: str
    """As the content security policy writes it."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """`vouched` says who told us the name: the document at `host`, the app itself when it
    registered, or whoever runs this server."""

    name: str
    vouched: Vouched
    host: str


def visitor_of(app: Any) -> Visitor:
    """By an OAuth client as the library keeps it."""
    kinds: dict[str, Vouched] = {"cimd": "document", "dcr": "itself"}
    vouched = kinds.get(app.registration_source, "server")
    host = _host(app.client_id) if vouched == "document" else ""
    return Visitor(short(app.name, LONGEST_NAME) or str(NAMELESS), vouched, host)


def place_of(address: str) -> Place:
    """By the address an app was registered with."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https"):
        scheme = f"{parts.scheme}:"
        return Place("scheme", scheme, scheme)
    host = _host(address)
    origin = f"{parts.scheme}://{host}" if _HOST.fullmatch(host) else f"{parts.scheme}:"
    if _is_here(parts.hostname or ""):
        return Place("device", host, origin)
    return Place("site" if parts.scheme == "https" else "open", host, origin)


def home_of(app: Any) -> str:
    """The host an app is known by: of its document, or else of its addresses."""
    if app.registration_source == "cimd":
        return _host(app.client_id)
    hosts = list(dict.fromkeys(place_of(one).host for one in app.redirect_uris.split()))
    more = len(hosts) - _MOST_HOSTS
    shown = ", ".join(hosts[:_MOST_HOSTS])
    if more <= 0:
        return shown
    return gettext("%(hosts)s and %(count)s more") % {"hosts": shown, "count": more}


def short(text: str, most: int) -> str:
    """One line of somebody else's words, of at most so many characters; "" for nothing to see."""
    line, row = "", 0
    for letter in " ".join(_BLANK.sub(" ", clean(text)).split()):
        row = row + 1 if unicodedata.combining(letter) else 0
        line += letter if row <= _MARKS_IN_A_ROW else ""
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def _host(address: str) -> str:
    """Name and port, without what may stand before an @; letters beyond ASCII spelt out."""
    parts = urlsplit(address)
    name = parts.hostname or ""
    try:
        name, port = name.encode("ascii").decode(), parts.port
    except UnicodeEncodeError:
        name, port = name.encode("ascii", "backslashreplace").decode(), None
    except ValueError:
        port = None
    name = f"[{name}]" if ":" in name else name
    return f"{name}:{port}" if port else name


def _is_here(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
