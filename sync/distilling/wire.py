"""One question to a chat API in the manner of OpenAI's, and its answer read with suspicion.

Only `model` and `messages` are sent: servers differ in which further settings they take, and refuse
a request for one that they do not know.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext

from sync.distilling.choice import ChatChoice
from sync.distilling.errors import ChatBusy, ChatRefused, TextRefused, Unreadable
from vault.outbound import Answer, NotAllowed, Outbound, OutboundError, TooLarge
from vault.outbound.model_api import headers, trouble

LONGEST_ANSWER = 400_000
"""Bytes: what a model thought on the way may come along."""
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
            headers=headers(choice.key),
            content=json.dumps(question).encode(),
            size=LONGEST_ANSWER,
            seconds=seconds,
        )
    except NotAllowed as error:
        raise ChatRefused(str(error)) from None
    except TooLarge:
        raise Unreadable(gettext("The answer was far too long.")) from None
    except OutboundError as error:
        raise ChatBusy(str(error)) from None
    _check_status(answer, choice)
    return _reply(answer)


def _check_status(answer: Answer, choice: ChatChoice) -> None:
    wrong = trouble(answer, choice.host, "chat")
    if wrong is None:
        return
    if wrong.kind == "content":
        raise TextRefused(gettext("%(trouble)s Check the model's name.") % {"trouble": wrong.words})
    if wrong.kind == "later":
        raise ChatBusy(wrong.words, wrong.wait)
    raise ChatRefused(wrong.words)


def _reply(answer: Answer) -> Reply:
    try:
        parsed = json.loads(answer.body)
        first = parsed["choices"][0]
        text, reason = first["message"]["content"], first.get("finish_reason")
        usage = parsed.get("usage") or {}
        counted = [_count(usage, name) for name in ("prompt_tokens", "completion_tokens")]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        raise ChatRefused(
            gettext(
                "The server's answer is not that of a chat API. Check the address: it usually ends"
                " in /v1."
            )
        ) from None
    if text is None or not isinstance(text, str):
        text = ""
    return Reply(text, counted[0], counted[1], cut=reason == "length")


def _count(usage: Any, name: str) -> int | None:
    said = usage.get(name)
    return said if type(said) is int and 0 <= said <= _MOST_TOKENS else None
