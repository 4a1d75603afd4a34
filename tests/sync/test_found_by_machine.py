"""Faults that random lives and scenarios found, each by the shortest life that shows it."""

from tests.sync.lives import Life, Traits
from vault import memories


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
