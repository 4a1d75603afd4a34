"""Words imported again that were merged away: they count for the memory that stands for them."""

from collections import Counter
from uuid import UUID, uuid4

import pytest

from tests.people import Person
from tests.vault.test_merging import last_act, messages, remember
from vault import bulk, memories
from vault.acting import merging
from vault.types import Draft, Memory, SourceDraft


def tell(person: Person, text: str, message: str, place: str = "Personal") -> UUID:
    """An import that says this, with a source that was never told before; its id."""
    import_id = uuid4()
    source = SourceDraft("google", uuid4().hex, message_id=message, import_id=import_id)
    made = bulk.remember_many(
        person.access, [(person.collection(place), Draft(text, source=source))]
    )
    assert (made.written, made.merged) == (0, 1)
    return import_id


def there(person: Person, memory: Memory) -> tuple[list[str], bool]:
    """Its sources, and whether it is kept."""
    now = memories.get(person.access, memory.id)
    return messages(now), now.forgotten_at is None


@pytest.fixture
def pets(ana: Person) -> tuple[Memory, Memory]:
    """A dog, and a cat elsewhere that was merged into it under other words."""
    dog, cat = remember(ana, "Has a dog"), remember(ana, "Has a cat", "Travel")
    merging.merge(ana.access, dog.id, [cat.id], text="Has a dog and a cat")
    return dog, cat


def test_they_become_a_source_of_what_they_were_merged_into(
    ana: Person, pets: tuple[Memory, Memory]
) -> None:
    dog, cat = pets
    tell(ana, "has a CAT.", "again")
    assert there(ana, dog) == (["Has a dog", "Has a cat", "again"], True)
    assert there(ana, cat) == ([], False)
    assert memories.counts(ana.access).total == 1


@pytest.mark.parametrize("how", ["undone", "restored"])
def test_they_go_back_with_what_was_merged_away(
    ana: Person, pets: tuple[Memory, Memory], how: str
) -> None:
    dog, cat = pets
    tell(ana, "Has a cat", "again")
    tell(ana, "Has a dog and a cat", "both")
    if how == "undone":
        merging.unmerge(ana.access, last_act(ana))
    else:
        memories.restore(ana.access, cat.id)
    assert there(ana, dog) == (["Has a dog", "both"], True)
    assert there(ana, cat) == (["Has a cat", "again"], True)
    tell(ana, "Has a cat", "once more")
    assert there(ana, cat) == (["Has a cat", "again", "once more"], True)


def test_an_import_undone_since_takes_only_its_own_source(
    ana: Person, pets: tuple[Memory, Memory]
) -> None:
    dog, cat = pets
    import_id = tell(ana, "Has a cat", "again")
    while bulk.undo_import(ana.access, import_id):
        pass
    assert there(ana, dog) == (["Has a dog", "Has a cat"], True)
    merging.unmerge(ana.access, last_act(ana))
    assert there(ana, cat) == (["Has a cat"], True)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_merges_of_merges_are_followed_to_their_end_and_back(
    ana: Person, order: tuple[int, int]
) -> None:
    cat, dog, hen = (remember(ana, f"Has a {pet}") for pet in ("cat", "dog", "hen"))
    merging.merge(ana.access, dog.id, [cat.id])
    first = last_act(ana)
    merging.merge(ana.access, hen.id, [dog.id])
    acts = (first, last_act(ana))
    tell(ana, "Has a cat", "cat again")
    tell(ana, "Has a dog", "dog again")
    assert Counter(there(ana, hen)[0]) == Counter(
        ["Has a cat", "Has a dog", "Has a hen", "cat again", "dog again"]
    )
    for which in order:
        merging.unmerge(ana.access, acts[which])
    assert there(ana, cat) == (["Has a cat", "cat again"], True)
    assert there(ana, dog) == (["Has a dog", "dog again"], True)
    assert there(ana, hen) == (["Has a hen"], True)


def test_what_the_owner_forgot_stays_forgotten(ana: Person) -> None:
    """Also when it had been merged away and was back; and also as what a merge kept."""
    dog, cat, hen = (remember(ana, f"Has a {pet}") for pet in ("dog", "cat", "hen"))
    merging.merge(ana.access, dog.id, [cat.id])
    memories.restore(ana.access, cat.id)
    memories.forget(ana.access, cat.id)
    tell(ana, "Has a cat", "again")
    assert there(ana, cat) == (["Has a cat", "again"], False)
    merging.merge(ana.access, dog.id, [hen.id])
    memories.forget(ana.access, dog.id)
    tell(ana, "Has a hen", "hen again")
    assert there(ana, dog) == (["Has a dog", "Has a hen", "hen again"], False)
    assert memories.counts(ana.access).total == 0


def test_a_memory_that_is_kept_comes_before_a_forgotten_one(ana: Person) -> None:
    kept = remember(ana, "Has a cat")
    memories.forget(ana.access, kept.id)
    other = remember(ana, "Has a cat")
    memories.restore(ana.access, kept.id)
    memories.forget(ana.access, other.id)
    tell(ana, "Has a cat", "again")
    assert there(ana, kept) == (["Has a cat", "again"], True)
