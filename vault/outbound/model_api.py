"""Model servers in the manner of OpenAI's: how one signs in, and what their statuses mean."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

from vault.outbound.fetch import Answer

_LATER = frozenset({408, 409, 425, 429})
_CONTENT = frozenset({400, 413, 422})
_LONGEST_WAIT = 3600.0
_OTHER = "does not do this: check the address"
_REASONS = {
    401: "did not accept the API key",
    402: "wants to be paid before it goes on",
    403: "did not accept the API key, or does not allow this model",
    404: "knows no such model, or nothing is at this address",
    405: "does not speak the {api} API at this address",
} | dict.fromkeys(
    (301, 302, 303, 307, 308), "sends requests on to another address: type that one instead"
)


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
    if status in _CONTENT:
        return Trouble("content", f"{host} refused the request (status {status}).")
    if status in _LATER or status >= 500:
        busy = "is busy, or your quota there is used up" if status == 429 else "is out of order"
        return Trouble("later", f"{host} {busy} (status {status}).", _asked_to_wait(answer))
    reason = _REASONS.get(status, _OTHER).format(api=api)
    return Trouble("refused", f"{host} {reason} (status {status}).")


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
