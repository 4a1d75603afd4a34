"""Whatever both sides do, and wherever a run dies: they come to agree, and nothing is lost.

What is looked for does not come from the code under test. A ledger holds every text that somebody
wrote, and those that were replaced or deleted where they were seen; the others must be somewhere.
"""

import os
from collections import Counter
from dataclasses import replace
from itertools import count
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.engine.reconcile import Verb
from tests.sync.two_sides import Content, Crash, Traits, TwoSides

FULL = os.environ.get("SATCHEL_FULL") == "1"
KINDS = ("fact", "preference")


class World:
    """Two people at two sides, a run now and then."""

    def __init__(self, traits: Traits) -> None:
        self.sides = TwoSides(traits)
        self.texts = count(1)
        self.written: set[str] = set()
        self.replaced: set[str] = set()

    def write(self, number: int) -> Content:
        """A text that is nowhere else: mostly with capitals or blanks that a fold takes away."""
        text = f"Text {next(self.texts)}" + " " * (number % 2)
        content = Content(text, KINDS[number % 2])
        self.written.add(content.words)
        return content

    def add_here(self, number: int) -> None:
        self.sides.vault[self.sides.new_id()] = self.write(number)

    def add_there(self, number: int) -> None:
        self.sides.put(self.write(number))

    def add_both(self, number: int) -> None:
        content = self.write(number)
        self.sides.vault[self.sides.new_id()] = content
        self.sides.put(content)

    def edit_here(self, number: int) -> None:
        if id := self.memory(number):
            self.replaced.add(self.sides.vault[id].words)
            self.sides.vault[id] = self.write(number)

    def edit_there(self, number: int) -> None:
        if id := self.entry(number):
            self.replaced.add(self.sides.remote[id].words)
            self.sides.remote[id] = replace(self.write(number), key=self.sides.remote[id].key)

    def edit_both(self, number: int) -> None:
        """The same edit on both sides of a link."""
        linked = [
            one for one in self.sides.links.values()
            if one.memory_id in self.sides.vault and one.remote_id in self.sides.remote
        ]  # fmt: skip
        if linked:
            link, content = linked[number % len(linked)], self.write(number)
            assert link.memory_id and link.remote_id
            before = self.sides.remote[link.remote_id]
            self.replaced |= {self.sides.vault[link.memory_id].words, before.words}
            self.sides.vault[link.memory_id] = content
            self.sides.remote[link.remote_id] = replace(content, key=before.key)

    def drop_here(self, number: int) -> None:
        if id := self.memory(number):
            self.replaced.add(self.sides.vault.pop(id).words)
            self.sides.hidden.discard(id)

    def drop_there(self, number: int) -> None:
        if id := self.entry(number):
            self.replaced.add(self.sides.remote.pop(id).words)

    def move_there(self, number: int) -> None:
        """The vendor gives an entry another id."""
        if id := self.entry(number):
            self.sides.put(self.sides.remote.pop(id))

    def double_there(self, number: int) -> None:
        if id := self.entry(number):
            self.sides.put(replace(self.sides.remote[id], key=""))

    def hide(self, number: int) -> None:
        """Or show again. Only what has a link: whether the same words are elsewhere in the vault
        is for the engine to see."""
        linked = {one.memory_id for one in self.sides.links.values()}
        if (id := self.memory(number)) and id in linked | self.sides.hidden:
            self.sides.hidden ^= {id}

    def accept(self, number: int) -> None:
        """A suggestion becomes a memory of its own."""
        waiting = [
            one.remote_id for one in self.sides.links.values()
            if one.memory_id is None and one.remote_id in self.sides.remote
        ]  # fmt: skip
        words = {one.words for one in self.sides.vault.values()}
        if waiting:
            content = self.sides.remote[str(waiting[number % len(waiting)])]
            if content.words not in words:
                self.sides.vault[self.sides.new_id()] = replace(content, key="")

    def release(self, _number: int) -> None:
        self.sides.release()

    def run(self, _number: int) -> None:
        self.sides.run()

    def crash(self, number: int) -> None:
        left = number

        def fuse() -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise Crash

        self.sides.fuse = fuse
        try:
            self.sides.run()
        except Crash:
            pass
        finally:
            self.sides.fuse = lambda: None

    def memory(self, number: int) -> UUID | None:
        ids = sorted(self.sides.vault, key=lambda id: id.int)
        return ids[number % len(ids)] if ids else None

    def entry(self, number: int) -> str | None:
        ids = sorted(self.sides.remote)
        return ids[number % len(ids)] if ids else None

    def somewhere(self) -> set[str]:
        sides = self.sides
        found = [*sides.vault.values(), *sides.remote.values(), *sides.pending]
        return {one.words for one in found} | sides.conflicts | sides.withdrawn


EDITS = (
    *("add_here", "add_there", "add_both", "edit_here", "edit_there", "edit_both", "drop_here"),
    *("drop_there", "accept", "hide", "release", "run"),
)
steps = st.tuples(st.sampled_from(EDITS), st.integers(0, 9))
odd_steps = st.tuples(st.sampled_from((*EDITS, "move_there", "double_there")), st.integers(0, 9))
crashing = st.tuples(st.sampled_from((*EDITS, "crash", "crash")), st.integers(0, 9))
all_traits = st.builds(
    Traits, st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.booleans()
)
many = settings(max_examples=20_000 if FULL else 300, deadline=None)


def lived(traits: Traits, story: list[tuple[str, int]]) -> World:
    world = World(traits)
    for name, number in story:
        getattr(world, name)(number)
        assert world.written <= world.somewhere() | world.replaced, name
    return world


def brought_to_rest(world: World) -> None:
    for _ in range(2):  # what the first run sends is listed for the second one
        world.sides.release()
        world.sides.run()
        world.sides.give_up_waiting()
    world.sides.release()
    world.sides.run()
    assert {action.verb for action in world.sides.plan()} <= {Verb.NOTHING}
    assert world.written <= world.somewhere() | world.replaced


def both_agree(world: World) -> None:
    sides = world.sides
    seen = {one.words for id, one in sides.vault.items() if id not in sides.hidden}
    only_theirs = {one.remote_id for one in sides.links.values() if one.memory_id is None}
    shared = {one.words for id, one in sides.remote.items() if id not in only_theirs}
    assert seen == shared


@many
@given(all_traits, st.lists(odd_steps, max_size=30))
def test_both_sides_come_to_rest_and_agree(traits: Traits, story: list[tuple[str, int]]) -> None:
    world = lived(traits, story)
    brought_to_rest(world)
    both_agree(world)


@many
@given(all_traits, st.lists(odd_steps, max_size=30))
def test_a_second_run_does_nothing(traits: Traits, story: list[tuple[str, int]]) -> None:
    world = lived(replace(traits, holds=False), story)
    world.sides.run()
    assert {action.verb for action in world.sides.run()} <= {Verb.NOTHING}


@many
@given(all_traits, st.lists(crashing, max_size=30))
def test_crashes_lose_nothing_and_double_nothing(
    traits: Traits, story: list[tuple[str, int]]
) -> None:
    # What is neither listed at once nor known by its key cannot be told from what never arrived.
    world = lived(replace(traits, holds=traits.holds and traits.keeps_keys), story)
    brought_to_rest(world)
    both_agree(world)
    for side in (world.sides.vault, world.sides.remote):
        assert all(times == 1 for times in Counter(one.words for one in side.values()).values())


@many
@given(all_traits, st.lists(steps, max_size=30))
def test_what_nobody_deletes_stays_where_it_is(
    traits: Traits, story: list[tuple[str, int]]
) -> None:
    world = World(traits)
    for name, number in story:
        if not name.startswith(("drop", "edit", "hide")):
            getattr(world, name)(number)
            verbs = {action.verb for action in world.sides.plan()}
            assert not verbs & {Verb.FORGET, Verb.DELETE, Verb.WITHDRAW, Verb.CONFLICT, Verb.DROP}
