"""Notes to search, and bringing a collection to another way of searching at once."""

from typing import Any
from uuid import UUID

from sync.upkeep import turning
from tests.people import Person
from vault import memories
from vault.access import Access
from vault.embedding import folding
from vault.embedding.embedders import bundled
from vault.models import TurnedVector
from vault.recalling import recall
from vault.scope import vault_scope
from vault.search import sealed
from vault.search.documents import Candidate, QueryText
from vault.search.embed import Embedding
from vault.types import Draft
from vault.types import Memory as Remembered

NOTES = (
    "Works as a hydrologist in Utrecht",
    "Is allergic to peanuts",
    "Learns Portuguese on Tuesday evenings",
    "Has a daughter called Mila",
    "Prefers short answers with the conclusion first",
)
ASKED = ("what is her job", "dangerous food", "does she have children", "xylograph peanuts")


def switch(person: Person, name: str, *, indexed: bool) -> None:
    """All of the way, as the worker goes it."""
    started: list[tuple[str, UUID]] = []
    home = person.collection(name)
    turning.set_indexed(
        person.access, home, indexed=indexed, start=lambda *job: started.append(job)
    )
    for token, collection in started:
        go(token, collection)


def go(token: str, collection: UUID) -> None:
    step: dict[str, Any] = {}
    while (again := turning.run(token, collection, step)) is not None:
        step = again.step


def remember(person: Person, text: str, place: str = "Personal", **more: object) -> Remembered:
    made = memories.remember(person.access, person.collection(place), Draft(text, **more))  # type: ignore[arg-type]
    assert isinstance(made, Remembered)
    return made


def texts(person: Person | Access, query: str, **more: object) -> list[str]:
    access = person.access if isinstance(person, Person) else person
    return [hit.memory.text for hit in recall.search(access, query, **more)]  # type: ignore[arg-type]


def note(person: Person, place: str = "Personal") -> list[Remembered]:
    return [remember(person, text, place) for text in NOTES]


def opened_of(person: Person) -> list[sealed.Opened]:
    model = bundled()
    home = person.collection("Personal")
    with vault_scope(person.vault_id):
        return sealed.open_collections(person.access, [home], model=model.model, dim=model.dim)


def searched(person: Person, asked: Embedding) -> list[Candidate]:
    with vault_scope(person.vault_id):
        (opened,) = opened_of(person)
        return opened.index.search(QueryText("", asked), limit=10)


def rows(person: Person, model: type = TurnedVector, **where: object) -> int:
    with vault_scope(person.vault_id):
        return int(model.objects.filter(vault_id=person.vault_id, **where).count())


def folded(person: Person) -> None:
    folding.fold(person.access)
    sealed.close(person.vault_id)
