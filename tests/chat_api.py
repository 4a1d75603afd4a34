"""A real server that speaks the chat API of OpenAI, well or badly, on loopback."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from sync.distilling.choice import ChatChoice
from tests import model_api
from tests.model_api import Asking, Handler, ModelApi

_FENCED = re.compile(r"<conversation-([0-9a-f]{24})>\n(.*)\n</conversation-\1>", re.DOTALL)
_SAID = re.compile(r"\bI (?:am|have|like|live|work|own|play)\b[^.!?\n]*")


@dataclass
class Asked(Asking):
    """One request."""

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What lies between the fences; [] for a question without any."""
        found = _FENCED.search(self.body["messages"][-1]["content"])
        return [json.loads(line) for line in found[2].split("\n")] if found else []

    def say(self, content: Any, *, reason: str = "stop", usage: Any = True) -> None:
        told: dict[str, Any] = {
            "object": "chat.completion",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": content},
                    "finish_reason": reason,
                }
            ],
        }
        if usage is True:
            usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
        if usage:
            told["usage"] = usage
        self.send(200, json.dumps(told).encode())

    def propose(self, *proposals: tuple[str, str, list[int]]) -> None:
        told = [{"text": t, "kind": k, "lines": lines} for t, k, lines in proposals]
        self.say(json.dumps({"proposals": told}))

    def well(self) -> None:
        """Proposes what the person says of themselves, as in "I like rye bread"."""
        if not self.lines:
            self.say("OK")
            return
        self.propose(
            *(
                (found[0].strip(), "fact", [line["line"]])
                for line in self.lines
                for found in _SAID.finditer(line["text"])
                if line["who"] == "person"
            )
        )


@dataclass
class ChatApi(ModelApi[Asked]):
    """`api.asked`: the questions with a
    conversation in them, as their lines."""

    PATH = "/v1/chat/completions"

    asked: list[list[dict[str, Any]]] = field(default_factory=list)

    def heard(self, handler: Handler, body: dict[str, Any]) -> Asked:
        asked = Asked(handler, body)
        if asked.lines:
            self.asked.append(asked.lines)
        return asked

    @property
    def texts(self) -> list[str]:
        """Every line that was asked about, as often as it was."""
        return [line["text"] for lines in list(self.asked) for line in lines]

    def choice(self, **more: Any) -> ChatChoice:
        return ChatChoice.made(self.base, "toy", **more)


Mood = model_api.Mood[Asked]
first, slow = model_api.first, model_api.slow


# --- moods ---------------------------------------------------------------------------------------


def status(code: int, **headers: str) -> Mood:
    def mood(asked: Asked) -> bool:
        # what vendors say may quote the question: it must reach nobody
        said = json.dumps({"error": {"message": asked.body["messages"]}}).encode()
        asked.send(code, said, **headers)
        return True

    return mood


def saying(content: Any, **more: Any) -> Mood:
    def mood(asked: Asked) -> bool:
        asked.say(content, **more)
        return True

    return mood


def proposing(*proposals: tuple[str, str, list[int]]) -> Mood:
    def mood(asked: Asked) -> bool:
        asked.propose(*proposals)
        return True

    return mood


def at_most(characters: int, code: int = 400) -> Mood:
    """Refuses conversations that are longer than that."""

    def mood(asked: Asked) -> bool:
        size = sum(len(line["text"]) for line in asked.lines)
        return size > characters and status(code)(asked)

    return mood
