"""Finds the lists in a JSON object without building anything: which of its keys hold one."""

import json
import re

from connectors.base.limits import Limits
from connectors.base.reading.json_cutter import Cutter
from connectors.base.reading.letters import cleaned

_KEY = re.compile(rb'"((?:[^"\\]|\\.){1,120})"\s*:\s*\Z', re.S)
_MOST = 100
_HEAD = 256


class Outline(Cutter):
    """Feed it chunks; `lists` are the keys of the outermost object that hold lists, in their order
    and at most a hundred."""

    def __init__(self, limits: Limits) -> None:
        super().__init__("any", limits)
        self.lists: dict[str, None] = {}

    def _outside(self, chunk: bytes, place: int, mark: int) -> int:
        self._depth += 1
        if self._depth == 2 and mark == ord("[") and len(self.lists) < _MOST:
            head = (self._before + chunk[max(0, place - _HEAD) : place])[-_HEAD:]
            if found := _KEY.search(head):
                self.lists.setdefault(_name(found[1]))
        return place + 1


def _name(key: bytes) -> str:
    text = key.decode("utf-8", "replace")
    try:
        return str(cleaned(json.loads(f'"{text}"', strict=False)))
    except ValueError:
        return str(cleaned(text))
