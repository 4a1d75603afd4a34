"""Faults that random lives and scenarios found, each by the shortest life that shows it."""

import pytest

from connectors.base.types import Capability
from tests.sync.lives import Life, Traits
from vault import memories
from vault.reviewing import suggestions


def texts(life: Life, *homes: str) -> list[str]:
    return sorted(one.text for one in life.memories(*homes))


def taken_and_hidden() -> tuple[Life, str]:
    """An entry of theirs whose memory its owner moved out of the connection's sight."""
    life = Life(Traits())
    name = life.world.write("Bees")
    life.world.write("Tea")
    life.run()
    (bees,) = (one for one in life.memories("Home") if one.text == "Bees")
    memories.move(life.access, bees.id, life.homes["Private"])
    life.run()
    return life, name


def done(life: Life) -> dict[str, int]:
    record = life.run()
    assert record is not None and record.outcome == "done", record
    return dict(record.counts)


def test_an_edit_to_an_entry_whose_memory_is_out_of_sight_comes_as_a_memory_of_its_own() -> None:
    life, name = taken_and_hidden()
    life.world.edit(name, "Wasps")
    assert done(life) == {"taken": 1}
    assert texts(life, "Home") == ["Tea", "Wasps"] == life.world.texts()
    assert texts(life, "Private") == ["Bees"]
    assert done(life) == {}


def test_an_entry_that_goes_while_its_memory_is_out_of_sight_takes_nothing_with_it() -> None:
    life, name = taken_and_hidden()
    life.world.remove(name)
    assert done(life) == {}
    assert texts(life) == ["Bees", "Tea"] and life.world.texts() == ["Tea"]


def test_both_are_kept_also_of_an_entry_that_came_from_there() -> None:
    """Its source was known already, and the run failed for ever."""
    life = Life(Traits(policy="both"))
    name = life.world.write("Bees")
    life.run()
    memories.revise(life.access, life.memories("Home")[0].id, text="Wasps")
    life.world.edit(name, "Hornets")
    done(life)
    done(life)
    assert texts(life, "Home") == ["Hornets", "Wasps"] == life.world.texts()
    assert done(life) == {}


def test_words_that_an_edit_took_away_and_a_new_entry_says_are_not_lost() -> None:
    """The new entry took over the memory of the edited one, and its words were nowhere here."""
    life = Life(Traits())
    name = life.world.write("Bees")
    life.run()
    life.world.edit(name, "Wasps")
    life.world.write("Bees")
    assert done(life) == {"taken": 2}
    assert texts(life) == ["Bees", "Wasps"] == life.world.texts()
    assert done(life) == {}


def test_an_entry_with_the_words_of_a_memory_that_has_one_takes_no_ones_place() -> None:
    """A listing of changes shows the new one alone: the memory's own entry was let go."""
    life = Life(Traits(Capability.WRITE | Capability.DELTA))
    name = life.world.write("Bees")
    life.run()
    life.run()
    life.world.write("Bees")
    done(life)
    (link,) = (one.link for one in life.links() if one.link.memory_id)
    assert link.remote_id == name
    assert done(life) == {}


def test_both_are_kept_and_ours_is_sent_where_only_changes_are_told() -> None:
    """Ours had no link and had not changed since: nothing looked at it before the next day."""
    life = Life(Traits(Capability.WRITE | Capability.DELTA, policy="both"))
    name = life.world.write("Bees")
    done(life)
    memories.revise(life.access, life.memories("Home")[0].id, text="Wasps")
    life.world.edit(name, "Hornets")
    done(life)
    assert done(life) == {"sent": 1}
    assert texts(life, "Home") == ["Hornets", "Wasps"] == life.world.texts()
    assert done(life) == {}


def test_what_comes_back_with_the_words_of_a_memory_that_has_an_entry_takes_no_ones_place() -> None:
    life = Life(Traits())
    bees, wasps = life.world.write("Bees"), life.world.write("Wasps")
    done(life)
    (gone,) = (one for one in life.memories("Home") if one.text == "Bees")
    memories.forget(life.access, gone.id)
    life.world.edit(bees, "Wasps")
    done(life)
    assert texts(life) == ["Wasps"]
    (link,) = (one.link for one in life.links() if one.link.memory_id)
    assert link.remote_id == wasps
    assert done(life) == {}


def asked_and_forgotten(traits: Traits) -> Life:
    """An edit there of which its owner was asked, and the memory was forgotten without an answer.
    The entry was deleted there, and nobody could have its words any more."""
    life = Life(traits)
    life.remember("Home")
    done(life)
    (name,) = life.world.entries
    life.world.edit(name, "Wasps")
    assert done(life) == {"suggested": 1}
    life.forget(0)
    assert done(life) == {"left there": 1}
    assert done(life) == {}
    assert life.world.texts() == ["Wasps"]
    return life


@pytest.mark.parametrize("more", [Capability.WRITE, Capability.DELTA], ids=["all", "changes"])
def test_an_edit_that_waits_for_an_answer_outlives_its_memory(more: Capability) -> None:
    life = asked_and_forgotten(Traits(Capability.WRITE | more, add="ask"))
    (said,) = life.suggestions()
    suggestions.accept(life.access, said.id)
    assert texts(life) == ["Wasps"]
    assert done(life) == {"settled": 1}
    assert done(life) == {}
    assert texts(life) == ["Wasps"] == life.world.texts()


def test_such_an_edit_that_is_declined_stays_there() -> None:
    life = asked_and_forgotten(Traits(add="ask"))
    suggestions.decline(life.access, life.suggestions()[0].id)
    assert done(life) == {}
    assert texts(life) == [] and life.world.texts() == ["Wasps"]


def test_a_suggestion_is_accepted_where_only_changes_are_told() -> None:
    """Its entry was not listed again, and the run failed."""
    life = Life(Traits(Capability.WRITE | Capability.DELTA, add="ask"))
    life.world.write("Bees")
    done(life)
    suggestions.accept(life.access, life.suggestions()[0].id)
    assert done(life) == {"settled": 1}
    assert done(life) == {}


def test_a_conflict_that_waits_is_remembered_where_only_changes_are_told() -> None:
    """Theirs was told once and counted as unchanged from then on: ours went over it."""
    life = Life(Traits(Capability.WRITE | Capability.DELTA))
    name = life.world.write("Bees")
    done(life)
    memories.revise(life.access, life.memories("Home")[0].id, text="Wasps")
    life.world.edit(name, "Hornets")
    assert done(life) == {"undecided": 1}
    memories.revise(life.access, life.memories("Home")[0].id, text="Ants")
    assert done(life) == {"undecided": 1}
    assert life.world.texts() == ["Hornets"]
    suggestions.decline(life.access, life.suggestions()[0].id)
    assert done(life) == {"sent": 1}
    assert life.world.texts() == ["Ants"]
    assert done(life) == {}


def test_what_is_remembered_again_before_a_run_stands_for_the_entry_of_before() -> None:
    """Of what was edited there, the memory that was forgotten, and the question of it then answered
    with yes, there were two entries."""
    life = Life(Traits())
    life.remember("Home")
    done(life)
    (name,) = life.world.entries
    life.revise(0)
    life.world.edit(name, "Wasps")
    assert done(life) == {"undecided": 1}
    life.forget(0)
    suggestions.accept(life.access, life.suggestions()[0].id)
    assert done(life) == {"settled": 1}
    assert texts(life) == ["Wasps"] == life.world.texts()
    assert done(life) == {}


@pytest.mark.parametrize("more", [Capability.WRITE, Capability.DELTA], ids=["all", "changes"])
def test_an_edit_that_waits_for_an_answer_is_not_overwritten(more: Capability) -> None:
    life = Life(Traits(Capability.WRITE | more, add="ask"))
    life.remember("Home")
    done(life)
    (name,) = life.world.entries
    life.world.edit(name, "Wasps")
    assert done(life) == {"suggested": 1}
    memories.revise(life.access, life.memories("Home")[0].id, text="Ants")
    assert done(life) == done(life) == {"undecided": 1}
    assert life.world.texts() == ["Wasps"]
    suggestions.decline(life.access, life.suggestions()[0].id)
    assert done(life) == {"sent": 1}
    assert life.world.texts() == ["Ants"]
    assert done(life) == {}
