"""An import sorted into collections: previewed, decided, written exactly so, also after a crash."""

import json
import time
from dataclasses import replace
from uuid import UUID

import pytest

from connectors.base.types import Conversation, Item
from sync.importing import import_details, imports, placing, reading
from sync.importing.piles import REST, Piles, subject_of
from sync.importing.tally import Tally
from sync.models import Import as Row
from sync.types import Import, Pile, Placing
from tests.exports import conversation, talks, upload, zipped
from tests.people import PASSWORD, Person, new_person
from tests.stack import Worker
from tests.sync.test_crashes import wait_for
from vault import bulk, collections, memories, rules, sorters, vaults
from vault.access import open_session, open_token
from vault.errors import Invalid, NotFound, Refused
from vault.scope import vault_scope
from vault.sorting.rules import Condition
from vault.types import Draft, Memory, Right

TALKS = [
    conversation(
        "c1",
        ["Plan a four-day trip to Kyoto", "Day one: temples.", "Which hotel?", "Near the station."],
        title="Japan trip",
    ),
    conversation(
        "c2",
        ["Review my pull request for the billing database", "Looks good.", "Deploy it", "Done."],
        title="Code review",
    ),
    conversation(
        "c3",
        ["I was diagnosed with diabetes, what may I eat?", "Less sugar.", "And insulin?", "Yes."],
        title="Food",
    ),
    conversation(
        "c4",
        [
            "How do I get from the airport to the hotel?",
            "By night train.",
            "My password is plumtree88, where do I type it?",
            "In the second field.",
            "Thanks",
            "Gladly.",
        ],
        title="Weekend in Rome",
    ),
    conversation("c5", ["Qwrtz?", "Pardon?"], title="Hm"),
]
SIX = ("Personal", "Work", "Family", "Travel", "Health", "Money")


@pytest.fixture
def ana() -> Person:
    return new_person()


def begin(person: Person, *contents: bytes) -> Import:
    files = [upload(content) for content in contents]
    return imports.begin(person.access, files, start=reading.run)


def accept(person: Person, found: Import, **how: object) -> Import:
    return imports.accept(person.access, found.id, start=reading.run, **how)  # type: ignore[arg-type]


def piles(found: Import) -> dict[str, Pile]:
    assert found.sorting is not None
    return {pile.key: pile for pile in found.sorting.piles}


def where(person: Person) -> dict[str, set[str]]:
    """The first words of everything, by the name of its collection."""
    names = {c.id: c.name for c in collections.listing(person.access)}
    found: dict[str, set[str]] = {}
    for memory in everything(person):
        words = " ".join(memory.text.split()[:3])
        found.setdefault(names[memory.collection_id], set()).add(words)
    return found


def everything(person: Person) -> list[Memory]:
    return list(memories.listing(person.access, limit=100).memories)


def with_private(person: Person, name: str = "Private") -> Person:
    """The same person with one more private collection, and the vault opened again."""
    collections.create(person.access, person.owner_key, name=name, private=True)
    user = person.user
    opened = vaults.unlock(owner_id=user.pk, password=PASSWORD, password_hash=user.password)
    access = open_session(opened.session_id, opened.vault_id, opened.secret)
    return replace(person, access=access)


def test_the_preview_says_what_would_go_where_and_why(ana: Person) -> None:
    found = begin(ana, zipped(TALKS))
    there = piles(found)
    assert there[f"to:{ana.collection('Travel').hex}"].count == 4 + 4  # but for the password
    assert there[f"to:{ana.collection('Work').hex}"].count == 4
    assert there["matter:health"].count == 4
    assert there["matter:credentials"].count == 2  # with the answer to it
    assert there[REST].count == 2
    assert found.sorting is not None
    assert found.sorting.matters == {"credentials": 2, "health": 4}
    (why, *_) = there["matter:health"].samples[0].why
    assert "diagnosed" in why
    assert memories.counts(ana.access).total == 0


def test_secrets_are_not_shown_in_samples_nor_kept_in_the_clear(ana: Person) -> None:
    found = begin(ana, zipped(TALKS))
    (sample,) = piles(found)["matter:credentials"].samples
    assert "•••" in sample.text
    assert "plumtree88" not in sample.text
    with vault_scope(ana.vault_id):
        row = Row.objects.filter(vault_id=ana.vault_id).values().get()
    for word in ("health", "credentials", "Travel", "diagnosed"):
        assert word not in str(row)
    assert json.dumps(row["found"])


def test_no_sample_of_a_saved_memory_or_a_title_shows_a_secret() -> None:
    tally = Tally()
    tally.count(Item("Her wifi password is correct-horse", "fact", "m1"), ())
    tally.count(Conversation("c1", "Password: plumtree88", ()), ())
    told = [sample.text for sample in tally.samples]
    assert told == ["Her wifi password is •••", "Password: •••"]


def test_accepted_as_proposed_everything_is_where_the_preview_said(ana: Person) -> None:
    ana = with_private(ana)
    found = begin(ana, zipped(TALKS))
    done = accept(ana, found, collection_id=ana.collection("Family"), sort=Placing())
    assert (done.state, done.written, done.left_out) == ("done", 20, 0)
    there = where(ana)
    assert there["Travel"] >= {"Plan a four-day", "Which hotel?", "How do I", "Thanks"}
    assert there["Work"] >= {"Review my pull", "Deploy it"}
    assert there["Health"] >= {"I was diagnosed", "And insulin?"}
    assert there["Private"] == {"My password is", "In the second"}
    assert there["Family"] == {"Qwrtz?", "Pardon?"}
    assert placing.brought_to(ana.access, done.id)[ana.collection("Work")] == 4
    assert done.sorting is None  # what the sorter saw is not kept


def test_without_sorting_all_goes_to_one_collection(ana: Person) -> None:
    done = accept(ana, begin(ana, zipped(TALKS)), collection_id=ana.collection("Work"))
    assert set(where(ana)) == {"Work"}
    assert (done.sorted, done.written) == (False, 20)


def test_a_pile_can_be_sent_elsewhere_or_left_out(ana: Person) -> None:
    found = begin(ana, zipped(TALKS))
    decided = Placing(
        {
            f"to:{ana.collection('Travel').hex}": ana.collection("Personal"),
            "matter:credentials": None,
            REST: None,
        }
    )
    done = accept(ana, found, sort=decided)
    assert (done.written, done.left_out) == (16, 4)
    there = where(ana)
    assert "Travel" not in there
    assert "Plan a four-day" in there["Personal"]
    assert not any("password" in memory.text for memory in everything(ana))
    again = accept(ana, begin(ana, zipped(TALKS)), sort=Placing())
    assert (again.written, again.known) == (4, 16)  # what was left out can come later


def test_nothing_sensitive_goes_where_it_is_not_private_unless_that_is_meant(ana: Person) -> None:
    found = begin(ana, zipped(TALKS))
    open_one = {"matter:health": ana.collection("Personal")}
    with pytest.raises(Invalid) as refused:
        accept(ana, found, sort=Placing(open_one))
    assert refused.value.field == "confirmed"
    assert imports.get(ana.access, found.id).state == "preview"
    accept(ana, found, sort=Placing(open_one, confirmed=True))
    assert "I was diagnosed" in where(ana)["Personal"]


def test_what_belongs_to_a_private_collection_does_not_leave_it_unless_meant(ana: Person) -> None:
    work = ana.collection("Work")
    collections.rename(ana.access, work, name="Work", private=True)
    found = begin(ana, zipped(TALKS))
    with pytest.raises(Invalid):
        accept(ana, found, sort=Placing({f"to:{work.hex}": ana.collection("Personal")}))


def test_the_most_private_collection_is_proposed_where_none_was_made_for_it(ana: Person) -> None:
    found = begin(ana, zipped(TALKS))
    keys = {"matter:health": "Health", "matter:credentials": "Health"}
    for key, name in keys.items():
        proposal = placing.proposals(ana.access, piles(found).values(), ana.collection("Work"))[key]
        assert proposal.collection_id == ana.collection(name)
        assert proposal.fits == (key == "matter:health")
    ana.token(Health=Right(see=True))
    after = placing.proposals(ana.access, piles(found).values(), ana.collection("Work"))
    assert after["matter:credentials"].collection_id == ana.collection("Money")
    ana = with_private(ana, "Privat")
    after = placing.proposals(ana.access, piles(found).values(), ana.collection("Work"))
    assert after["matter:credentials"].collection_id == ana.collection("Privat")
    assert after["matter:credentials"].fits


def test_with_no_private_collection_at_all_sensitive_matters_are_left_out(ana: Person) -> None:
    for name in ("Health", "Money"):
        collections.rename(ana.access, ana.collection(name), name=name, private=False)
    found = begin(ana, zipped(TALKS))
    done = accept(ana, found, sort=Placing())
    assert done.left_out == 6
    assert "Health" not in where(ana)


def test_a_rule_comes_first_but_does_not_carry_what_is_sensitive_into_the_open(ana: Person) -> None:
    family, money = ana.collection("Family"), ana.collection("Money")
    rules.create(ana.access, family, Condition(title="japan, food"))
    rules.create(ana.access, money, Condition(text="billing"))
    found = begin(ana, zipped(TALKS))
    accept(ana, found, sort=Placing())
    there = where(ana)
    assert "Plan a four-day" in there["Family"]
    assert "I was diagnosed" in there["Health"]
    assert {"Review my pull", "Looks good.", "Deploy it"} <= there["Money"]


def test_a_rule_may_say_that_it_is_about_sensitive_matters_too(ana: Person) -> None:
    rules.create(ana.access, ana.collection("Family"), Condition(title="food", sensitive_too=True))
    accept(ana, begin(ana, zipped(TALKS)), sort=Placing())
    assert "I was diagnosed" in where(ana)["Family"]


def test_what_was_decided_at_the_preview_holds_whatever_changes_until_it_is_written(
    ana: Person,
) -> None:
    found = begin(ana, zipped(TALKS))
    rules.create(ana.access, ana.collection("Money"), Condition(vendor="openai"))
    accept(ana, found, sort=Placing())
    assert "Money" not in where(ana)


def test_broken_off_while_writing_it_goes_on_as_decided(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each portion but the first fails once: what is left is written where the preview said."""
    monkeypatch.setattr(reading, "_PORTION", 3)
    found = begin(ana, zipped(TALKS))
    real, calls = bulk.remember_many, []

    def fragile(*args: object, **kwargs: object) -> object:
        calls.append(1)
        if len(calls) % 2 == 0:
            raise reading.LostLease("killed")
        return real(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(bulk, "remember_many", fragile)
    tokens = []
    imports.accept(
        ana.access, found.id, sort=Placing(), start=lambda _, token: tokens.append(token)
    )
    for _ in range(20):
        with vault_scope(ana.vault_id):
            Row.objects.filter(vault_id=ana.vault_id).update(lease_owner=None)
        reading.run(found.id, tokens[0])
        if imports.get(ana.access, found.id).state == "done":
            break
    there = where(ana)
    assert sum(memories.counts(ana.access).by_collection.values()) == 20
    assert there["Work"] >= {"Review my pull", "Deploy it"}
    assert {"I was diagnosed", "And insulin?", "My password is"} <= there["Health"]


@pytest.mark.full
def test_kill_9_while_writing_loses_doubles_and_misplaces_nothing(
    ana: Person, worker: Worker
) -> None:
    """Real worker, real broker, killed again and again: what was decided is what there is."""
    kinds = (
        "Plan a trip to town {n} with a flight and a hotel",
        "Fix bug {n} in the Python code of our client",
        "I was diagnosed with illness {n} and take tablets",
    )
    talks = [
        conversation(f"c{n}", [kinds[n % 3].format(n=n), "Yes.", f"More of {n}", "Yes."], title="")
        for n in range(300)
    ]
    found = imports.begin(ana.access, [upload(zipped(talks))])
    wait_for(ana, found.id, "preview", seconds=120)
    expected = {key: pile.count for key, pile in piles(imports.get(ana.access, found.id)).items()}
    imports.accept(ana.access, found.id, sort=Placing())
    kills, deadline = 0, time.monotonic() + 120
    while kills < 3 and time.monotonic() < deadline:
        now = imports.get(ana.access, found.id)
        if now.state != "writing":
            break
        if now.written > 100 * kills:
            worker.kill()
            kills += 1
            worker.start_again()
        time.sleep(0.02)
    done = wait_for(ana, found.id, "done", seconds=300)
    assert kills
    assert done.written == 1200
    places = placing.brought_to(ana.access, found.id)
    health = places.pop(ana.collection("Health"))
    assert health == expected.pop("matter:health")
    assert places == {UUID(key.removeprefix("to:")): count for key, count in expected.items()}


def test_what_is_known_already_is_not_counted_but_keeps_its_place_in_the_order(ana: Person) -> None:
    accept(ana, begin(ana, zipped(TALKS[:2])), collection_id=ana.collection("Family"))
    found = begin(ana, zipped(TALKS))
    assert f"to:{ana.collection('Work').hex}" not in piles(found)
    done = accept(ana, found, sort=Placing())
    assert (done.written, done.known) == (12, 8)
    assert where(ana)["Family"] >= {"Plan a four-day", "Review my pull"}
    assert "I was diagnosed" in where(ana)["Health"]


def test_a_sorted_import_is_undone_whole(ana: Person) -> None:
    done = accept(ana, begin(ana, zipped(TALKS)), sort=Placing())
    imports.undo(ana.access, done.id, start=reading.run)
    assert everything(ana) == []


def test_what_went_to_a_private_collection_is_in_no_grant_that_does_not_name_it(
    ana: Person,
) -> None:
    ana = with_private(ana)
    accept(ana, begin(ana, zipped(TALKS)), sort=Placing())
    rights = {name: Right(see=True) for name in SIX if name not in ("Health", "Money")}
    grantee = open_token(ana.token(**rights)[1])
    seen = {memory.text for memory in memories.listing(grantee, limit=100).memories}
    assert seen
    assert not any("password" in text or "diabetes" in text for text in seen)


def test_saved_memories_are_sorted_one_by_one(ana: Person) -> None:
    drafts = [
        Draft(text="I am allergic to penicillin"),
        Draft(text="My sister's wedding is in July"),
        Draft(text="Always answer in French", kind="instruction"),
    ]
    sorter, found = sorters.sorter(ana.access), Piles()
    for draft in drafts:
        found.add(draft, sorter.one(subject_of(draft)), known=False)
    assert found.counts["matter:health"] == 1
    assert found.counts[f"to:{ana.collection('Family').hex}"] == 1
    assert found.counts[REST] == 1


def test_an_import_read_by_an_earlier_version_can_still_be_taken_whole(ana: Person) -> None:
    found = begin(ana, zipped(talks(2)))
    with vault_scope(ana.vault_id):
        row = Row.objects.get(vault_id=ana.vault_id, id=found.id)
        details = import_details.open_details(ana.access, row)
        import_details.seal_details(ana.access, row, placing.without_choices(details))
        row.save(update_fields=["sealed"])
    assert imports.get(ana.access, found.id).sorting is None
    with pytest.raises(Invalid):
        accept(ana, found, sort=Placing())
    assert accept(ana, found).written == 20


def test_a_collection_of_somebody_else_is_no_place(ana: Person) -> None:
    ben = new_person()
    found = begin(ana, zipped(TALKS))
    with pytest.raises(NotFound):
        accept(ana, found, sort=Placing({REST: ben.collection("Work")}))
    with pytest.raises(Refused):
        rules.listing(ana.grantee(Work=Right(see=True, add="yes")))
