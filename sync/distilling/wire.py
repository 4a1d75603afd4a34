"""One question to a chat API in the manner of OpenAI's, and its answer read with suspicion.

Only `model` and `messages` are sent: servers differ in which further settings they take, and refuse
a request for one that they do not know.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from sync.distilling.choice import ChatChoice
from sync.distilling.errors import ChatBusy, ChatRefused, TextRefused, Unreadable
from vault.outbound import Answer, NotAllowed, Outbound, OutboundError, TooLarge

LONGEST_ANSWER = 400_000
"""Bytes: what a model thought on the way may come along."""
_LATER = frozenset({408, 409, 425, 429})
_THE_TEXT = frozenset({400, 413, 422})
_LONGEST_WAIT = 3600.0
_MOST_TOKENS = 100_000_000


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model said, and the tokens that its server counted; None where it counted none.
    `cut`: it had no room to end."""

    text: str = field(repr=False)
    tokens_in: int | None
    tokens_out: int | None
    cut: bool = False


def ask(
    choice: ChatChoice, outbound: Outbound, messages: Sequence[Mapping[str, str]], seconds: float
) -> Reply:
    """Ask once. A DistillingError says in plain words what is wrong, with nothing of what either
    side said in it."""
    question = {"model": choice.model, "messages": [dict(one) for one in messages]}
    try:
        answer = outbound.send(
            "POST",
            f"{choice.base}/chat/completions",
            headers=_headers(choice),
            content=json.dumps(question).encode(),
            size=LONGEST_ANSWER,
            seconds=seconds,
        )
    except NotAllowed as error:
        raise ChatRefused(str(error)) from None
    except TooLarge:
        raise Unreadable("The answer was far too long.") from None
    except OutboundError as error:
        raise ChatBusy(str(error)) from None
    _check_status(answer, choice)
    return _reply(answer)


def _headers(choice: ChatChoice) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    return headers | ({"Authorization": f"Bearer {choice.key}"} if choice.key else {})


def _check_status(answer: Answer, choice: ChatChoice) -> None:
    host, status = choice.host, answer.status
    if status == 200:
        return
    if status in _THE_TEXT:
        raise TextRefused(f"{host} refused the request (status {status}). Check the model's name.")
    if status in _LATER or status >= 500:
        busy = "is busy, or your quota there is used up" if status == 429 else "is out of order"
        raise ChatBusy(f"{host} {busy} (status {status}).", _asked_to_wait(answer))
    raise ChatRefused(f"{host} {_REASONS.get(status, _OTHER)} (status {status}).")


_OTHER = "does not do this: check the address"
_REASONS = {
    401: "did not accept the API key",
    402: "wants to be paid before it goes on",
    403: "did not accept the API key, or does not allow this model",
    404: "knows no such model, or nothing is at this address",
    405: "does not speak the chat API at this address",
} | dict.fromkeys(
    (301, 302, 303, 307, 308), "sends requests on to another address: type that one instead"
)


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


def _reply(answer: Answer) -> Reply:
    try:
        parsed = json.loads(answer.body)
        first = parsed["choices"][0]
        text, reason = first["message"]["content"], first.get("finish_reason")
        usage = parsed.get("usage") or {}
        counted = [_count(usage, name) for name in ("prompt_tokens", "completion_tokens")]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        raise ChatRefused(
            "The server's answer is not that of a chat API. Check the address: it usually ends in"
            " /v1."
        ) from None
    if text is None or not isinstance(text, str):
        text = ""
    return Reply(text, counted[0], counted[1], cut=reason == "length")


def _count(usage: Any, name: str) -> int | None:
    said = usage.get(name)
    return said if type(said) is int and 0 <= said <= _MOST_TOKENS else None
