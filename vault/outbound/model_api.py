"""Model servers in the manner of OpenAI's: how one signs in, and what their statuses mean."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

from django.utils.translation import gettext, gettext_noop

from vault.outbound.fetch import Answer

_LATER = frozenset({408, 409, 425, 429})
_CONTENT = frozenset({400, 413, 422})
_LONGEST_WAIT = 3600.0
_OTHER = gettext_noop("%(host)s does not do this: check the address (status %(status)s).")
_REASONS = {
    401: gettext_noop("%(host)s did not accept the API key (status %(status)s)."),
    402: gettext_noop("%(host)s wants to be paid before it goes on (status %(status)s)."),
    403: gettext_noop(
        "%(host)s did not accept the API key, or does not allow this model (status %(status)s)."
    ),
    404: gettext_noop(
        "%(host)s knows no such model, or nothing is at this address (status %(status)s)."
    ),
    405: gettext_noop(
        "%(host)s does not speak the %(api)s API at this address (status %(status)s)."
    ),
} | dict.fromkeys(
    (301, 302, 303, 307, 308),
    gettext_noop(
        "%(host)s sends requests on to another address: type that one instead (status %(status)s)."
    ),
)
_REFUSED = gettext_noop("%(host)s refused the request (status %(status)s).")
_BUSY = gettext_noop("%(host)s is busy, or your quota there is used up (status %(status)s).")
_BROKEN = gettext_noop("%(host)s is out of order (status %(status)s).")
SENTENCES = (*dict.fromkeys(_REASONS.values()), _OTHER, _REFUSED, _BUSY, _BROKEN)
"""All that `Trouble.words` may be made of."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is no answer, in a sentence without anything of what was sent. Of the kind
    "content": other content might do; "later": the same might do, after `wait` seconds if it said
    so; "refused": nothing will before somebody changes something."""

    kind: Literal["content", "later", "refused"]
    words: str
    wait: float | None = None


def headers(key: str) -> dict[str, str]:
    said = {"Content-Type": "application/json", "Accept": "application/json"}
    return said | ({"Authorization": f"Bearer {key}"} if key else {})


def trouble(answer: Answer, host: str, api: str) -> Trouble | None:
    """What is wrong with the answer of this `api`, by its status alone; None when nothing is."""
    status = answer.status
    if status == 200:
        return None
    named = {"host": host, "status": status, "api": api}
    if status in _CONTENT:
        return Trouble("content", gettext(_REFUSED) % named)
    if status in _LATER or status >= 500:
        busy = _BUSY if status == 429 else _BROKEN
        return Trouble("later", gettext(busy) % named, _asked_to_wait(answer))
    return Trouble("refused", gettext(_REASONS.get(status, _OTHER)) % named)


def _asked_to_wait(answer: Answer) -> float | None:
    """Retry-After in seconds, whether given as a number or as a time."""
    said = answer.headers.get("retry-after", "").strip()
    try:
        seconds = float(said) if said[:1].isdigit() else _until(said)
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), _LONGEST_WAIT) if math.isfinite(seconds) else None


def _until(said: str) -> float:
    when = parsedate_to_datetime(said)
    return ((when if when.tzinfo else when.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds()
