"""Whatever is done to a collection, in any order and in either mode: search finds what is there."""

import random
from collections.abc import Callable

import pytest

from tests.people import Person
from vault import memories
from vault.embedding import folding, indexes, indexing, modes
from vault.embedding.embedders import bundled
from vault.keys import rotation
from vault.recalling import recall
from vault.scope import vault_scope
from vault.search import indexed, kept, sealed, turned
from vault.search.documents import QueryText
from vault.types import Draft
from vault.types import Memory as Remembered

WORDS = ["sea", "bees", "moon", "tea", "dike", "boat", "tax", "piano", "garden", "roof"]
STEPS = 30


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "LEAST", 3)
    monkeypatch.setattr(folding, "FOLD_FROM", 1)
    monkeypatch.setattr(folding, "MOST", 3)
    monkeypatch.setattr(modes, "MOST", 3)
    for module in (turned, indexed):
        monkeypatch.setattr(module, "EXACT_MOST", 4)


class Script:
    """A person, and what should be in their collection Personal."""

    def __init__(self, person: Person, seed: int) -> None:
        self.person, self.dice = person, random.Random(seed)
        self.here: dict[object, str] = {}
        self.gone: dict[object, str] = {}
        self.place = person.collection("Personal")
        self.way: modes.Step | None = None
        self.acts: list[Callable[[], None]] = [
            *(self.remember, self.remember, self.remember, self.revise, self.forget),
            *(self.restore, self.move_out, self.fold, self.close, self.tend),
            *(self.rotate, self.reseal, self.set_out, self.go_on, self.go_on, self.go_on),
        ]

    def step(self) -> str:
        act = self.dice.choice(self.acts)
        act()
        return act.__name__

    def text(self) -> str:
        return f"note {self.dice.randrange(10**6)} about {self.dice.choice(WORDS)}"

    def remember(self) -> None:
        made = memories.remember(self.person.access, self.place, Draft(self.text()))
        assert isinstance(made, Remembered)
        self.here[made.id] = made.text

    def one(self, which: dict[object, str]) -> object:
        return self.dice.choice(sorted(which, key=str)) if which else None

    def revise(self) -> None:
        if id := self.one(self.here):
            text = self.text()
            memories.revise(self.person.access, id, text=text)  # type: ignore[arg-type]
            self.here[id] = text

    def forget(self) -> None:
        if id := self.one(self.here):
            memories.forget(self.person.access, id)  # type: ignore[arg-type]
            self.gone[id] = self.here.pop(id)

    def restore(self) -> None:
        if id := self.one(self.gone):
            memories.restore(self.person.access, id)  # type: ignore[arg-type]
            self.here[id] = self.gone.pop(id)

    def move_out(self) -> None:
        if id := self.one(self.here):
            memories.move(self.person.access, id, self.person.collection("Health"))  # type: ignore[arg-type]
            del self.here[id]

    def fold(self) -> None:
        folding.fold(self.person.access)

    def close(self) -> None:
        sealed.close(self.person.vault_id)

    def tend(self) -> None:
        indexes.tend()

    def rotate(self) -> None:
        rotation.rotate(self.person.access, self.person.owner_key, self.place)

    def reseal(self) -> None:
        while rotation.reseal_next(self.person.access, self.place):
            pass
        rotation.finish(self.person.access, self.place, lambda *_: False)

    def set_out(self) -> None:
        modes.begin(self.person.access, self.place, indexed=self.dice.random() < 0.6)
        self.way = modes.Step()

    def go_on(self) -> None:
        for _ in range(3):
            if self.way is not None and not self.way.done:
                self.way = modes.go_on(self.person.access, self.place, self.way)

    def by_words(self) -> set[str]:
        hits = recall.search(self.person.access, "note", limit=100, collections=[self.place])
        return {hit.memory.text for hit in hits}

    def by_meaning(self) -> set[str]:
        model = bundled()
        with vault_scope(self.person.vault_id):
            (opened,) = sealed.open_collections(
                self.person.access, [self.place], model=model.model, dim=model.dim
            )
            asked = QueryText("", model.query("what was noted"))
            found = opened.index.search(asked, limit=100)
        assert all(candidate.meaning is not None for candidate in found)
        return {candidate.document.text for candidate in found}


def run(person: Person, seed: int) -> None:
    script, done = Script(person, seed), list[str]()
    for _ in range(STEPS):
        done.append(script.step())
        expected = set(script.here.values())
        assert script.by_words() == expected, done
        while indexing.waiting(person.access):  # as the job does that follows
            indexing.index_next(person.access, None, 100)
        assert script.by_meaning() == expected, done


@pytest.mark.parametrize("seed", range(4))
def test_a_few_scripts(ana: Person, seed: int) -> None:
    run(ana, seed)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(4, 60))
def test_many_scripts(ana: Person, seed: int) -> None:
    run(ana, seed)
