"""Plays a scenario written as plain text, and tells after each run what was done and what is so.

Lines with "> " are steps; the others are what came of them. Texts are names here: no two are equal.

    > like keeps_keys=no moves=yes          the remote's traits, first of all
    > vault: remember Tea                   in Home; "remember Tea in Work" elsewhere
    > vault: revise Tea => Milk             also: forget Tea, move Tea to Work
    > vault: accept Tea                     or decline: the suggestion with this text
    > remote: write Tea                     also: edit Tea => Milk, remove Tea, rename Tea
    > temper: holds=yes                     any of `Temper`
    > remote: release                       what was accepted is shown from now on
    > grant: narrow                         or widen: to Work, besides Home
    > guard: waive
    > run
    > crash after create                    a run that dies there
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, get_args

from connectors.base.types import Capability
from sync.connections import connections
from sync.models import Run
from tests.connectors.hostile import When
from tests.sync.lives import HOMES, Life, Traits
from vault import memories
from vault.reviewing import suggestions
from vault.types import Draft, Memory


class Player:
    def __init__(self) -> None:
        self._traits = Traits()
        self._made: Life | None = None

    def play(self, text: str) -> str:
        """The scenario with what came of its steps as it is now."""
        lines = [line for line in text.splitlines() if line.startswith(("#", "> "))]
        return "\n".join(said for line in lines for said in (line, *self._told(line))) + "\n"

    def _told(self, line: str) -> Iterator[str]:
        if line.startswith("#"):
            return
        who, _, what = line.removeprefix("> ").partition(" ")
        steps: dict[str, Callable[[str], Iterator[str] | None]] = {
            "like": self._like,
            "vault:": self._vault,
            "remote:": self._remote,
            "temper:": self._temper,
            "grant:": lambda what: getattr(self._life, what)(),
            "guard:": self._guard,
            "run": self._run,
            "crash": self._crash,
        }
        yield from steps[who](what) or ()

    @property
    def _life(self) -> Life:
        if self._made is None:
            self._made = Life(self._traits)
        return self._made

    def _like(self, what: str) -> None:
        self._traits = replace(self._traits, **_settings(what))

    def _vault(self, what: str) -> None:
        verb, _, text = what.partition(" ")
        life, access = self._life, self._life.access
        if verb == "remember":
            text, _, home = text.partition(" in ")
            memories.remember(access, life.homes[home or "Home"], Draft(text))
        elif verb == "revise":
            old, _, new = text.partition(" => ")
            memories.revise(access, self._memory(old).id, text=new)
        elif verb == "forget":
            memories.forget(access, self._memory(text).id)
        elif verb == "move":
            text, _, home = text.partition(" to ")
            memories.move(access, self._memory(text).id, life.homes[home])
        else:
            decide = {"accept": suggestions.accept, "decline": suggestions.decline}[verb]
            (said,) = (one for one in life.suggestions() if text in (one.text, one.action))
            decide(access, said.id)

    def _remote(self, what: str) -> None:
        verb, _, text = what.partition(" ")
        world = self._life.world
        old, _, new = text.partition(" => ")
        ids = [id for id, held in sorted(world.entries.items()) if held.text == old]
        if verb == "edit":
            world.edit(ids[0], new)
        elif verb in ("remove", "rename"):
            (world.remove if verb == "remove" else world.move)(ids[0])
        elif verb == "write":
            world.write(text)
        else:
            world.release()

    def _temper(self, what: str) -> None:
        for name, value in _settings(what).items():
            setattr(self._life.world.temper, name, value)

    def _guard(self, _: str) -> None:
        row = self._life.row()
        connections.waive(self._life.access, row.id, row.guard["name"])

    def _run(self, _: str) -> Iterator[str]:
        yield from self._after(self._life.run(), "its owner is waited for")

    def _crash(self, what: str) -> Iterator[str]:
        when, _, call = what.partition(" ")
        assert when in get_args(When)
        found = self._life.run((when, call))  # type: ignore[arg-type]
        yield from self._after(found, "it died")

    def _after(self, record: Run | None, if_none: str) -> Iterator[str]:
        life = self._life
        counts = record.counts if record else {}
        done = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
        outcome = record.outcome if record else "no run"
        yield f"  {outcome}: {record.said or done or 'nothing to do' if record else if_none}"
        yield from (f"    {one}" for one in life.world.said)
        life.world.said.clear()
        for name in HOMES:
            if found := life.memories(name):
                yield f"  {name}: {_listed(one.text for one in found)}"
        yield f"  remote: {_listed(life.world.texts())}"
        for one in life.suggestions():
            yield f"  asked: {one.action} {one.text}".rstrip()
        if receipts := sorted(str(one.state) for one in life.receipts().values()):
            yield f"  receipts: {_listed(receipts)}"

    def _memory(self, text: str) -> Memory:
        (found,) = (one for one in self._life.memories() if one.text == text)
        return found


def _listed(found: Any) -> str:
    return ", ".join(sorted(found)) or "nothing"


def _settings(what: str) -> dict[str, Any]:
    named = dict(one.split("=", 1) for one in what.split())
    return {name: _value(name, value) for name, value in named.items()}


def _value(name: str, value: str) -> Any:
    if name == "capabilities":
        found = Capability(0)
        for one in value.split("|"):
            found |= Capability[one]
        return found
    known: dict[str, Any] = {"yes": True, "no": False, "none": None}
    known = {} if name == "add" else known
    return known.get(value, int(value) if value.isdigit() else value)


__all__ = ["Player"]
