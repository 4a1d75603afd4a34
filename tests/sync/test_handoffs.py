"""Taking memories along: what would go, that it was taken, and whether it arrived."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from connectors.base.registry import handoffs as forms
from sync.handing import handoffs
from sync.handing.slicing import Wanted
from sync.upkeep import removals
from tests.people import Person, new_person
from vault import memories
from vault.acting import acts
from vault.errors import Invalid, NotFound, Refused
from vault.log import access_log
from vault.text import clean
from vault.types import KINDS, Draft, Memory, Right
from vault.visible import Selection

pytestmark = pytest.mark.django_db(transaction=True)
CLAUDE = "anthropic"


@pytest.fixture
def person() -> Person:
    return new_person()


def remember(person: Person, text: str, home: str = "Personal") -> Memory:
    made = memories.remember(person.access, person.collection(home), Draft(text=text))
    assert isinstance(made, Memory)
    return made


def wanted(person: Person, *homes: str) -> Wanted:
    ids = frozenset(person.collection(home) for home in homes or ("Personal",))
    return Wanted(ids, frozenset(KINDS))


def test_a_look_keeps_nothing_and_taking_is_written_down(person: Person) -> None:
    tea, _ = remember(person, "I drink green tea"), remember(person, "I earn little", "Work")
    seen = handoffs.look(person.access, CLAUDE, wanted(person))
    assert "I drink green tea" in seen.handout.parts[0].text
    assert "I earn little" not in "".join(part.text for part in seen.handout.parts)
    assert (seen.memories, seen.talks) == (1, 0)
    assert handoffs.listing(person.access) == []
    taken = handoffs.take(person.access, CLAUDE, wanted(person))
    assert [one.id for one in handoffs.listing(person.access)] == [taken.id]
    (line,) = [one for one in access_log.listing(person.access) if one.action == "handed off"]
    assert (line.memory_ids, line.purpose) == ((tea.id,), forms()[CLAUDE].name)


def test_what_was_taken_is_made_again_and_says_when_it_is_not_the_same(person: Person) -> None:
    remember(person, "I drink green tea")
    taken = handoffs.take(person.access, CLAUDE, wanted(person))
    again, look, same = handoffs.again(person.access, taken.id)
    assert (again, same) == (taken, True) and "green tea" in look.handout.parts[0].text
    remember(person, "I play the oboe")
    _, look, same = handoffs.again(person.access, taken.id)
    assert not same and "oboe" in look.handout.parts[0].text


def test_nothing_ticked_cannot_be_taken(person: Person) -> None:
    remember(person, "I drink green tea")
    assert handoffs.look(person.access, CLAUDE, Wanted(frozenset(), frozenset(KINDS))).memories == 0
    with pytest.raises(Invalid):
        handoffs.take(person.access, CLAUDE, Wanted(frozenset(), frozenset(KINDS)))
    assert handoffs.listing(person.access) == []


def test_its_owner_is_asked_until_it_arrived(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(person, "I drink green tea")
    taken = handoffs.take(person.access, CLAUDE, wanted(person))
    assert handoffs.due(person.access) == [] and not taken.due
    later = timezone.now() + handoffs.REMIND_AFTER + timedelta(minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert [one.id for one in handoffs.due(person.access)] == [taken.id]
    handoffs.remind(person.access, taken.id, timedelta(days=7))
    assert handoffs.due(person.access) == []
    handoffs.remind(person.access, taken.id, timedelta(0))
    handoffs.arrived(person.access, taken.id)
    assert handoffs.due(person.access) == []
    assert handoffs.listing(person.access)[0].arrived_at == later


def test_steps_are_ticked_off_and_only_those_there_are(person: Person) -> None:
    remember(person, "I drink green tea")
    taken = handoffs.take(person.access, CLAUDE, wanted(person))
    handoffs.tick(person.access, taken.id, [0, 2, 99, -1])
    assert handoffs.listing(person.access)[0].steps == {0, 2}
    handoffs.tick(person.access, taken.id, [])
    assert handoffs.listing(person.access)[0].steps == frozenset()


def test_off_the_list_is_off_the_list(person: Person) -> None:
    remember(person, "I drink green tea")
    taken = handoffs.take(person.access, CLAUDE, wanted(person))
    handoffs.forget(person.access, taken.id)
    assert handoffs.listing(person.access) == []
    with pytest.raises(NotFound):
        handoffs.again(person.access, taken.id)


def test_it_is_the_owners_alone(person: Person) -> None:
    remember(person, "I drink green tea")
    taken = handoffs.take(person.access, CLAUDE, wanted(person))
    stranger, app = new_person(), person.grantee(Personal=Right(see=True))
    for act in (
        lambda: handoffs.again(stranger.access, taken.id),
        lambda: handoffs.arrived(stranger.access, taken.id),
        lambda: handoffs.forget(stranger.access, taken.id),
        lambda: handoffs.look(stranger.access, CLAUDE, wanted(person)),
        lambda: handoffs.look(person.access, f"no-{uuid4()}", wanted(person)),
    ):
        with pytest.raises(NotFound):
            act()
    assert handoffs.listing(stranger.access) == []
    with pytest.raises(Refused):
        handoffs.look(app, CLAUDE, wanted(person))
    with pytest.raises(Refused):
        handoffs.listing(app)


@pytest.mark.parametrize("slug", sorted(forms()))
def test_every_form_is_made_from_a_real_vault(person: Person, slug: str) -> None:
    remember(person, "I drink green tea")
    draft = Draft("Which tea?", "episode", role="user", conversation="c", title="Tea")
    memories.remember(person.access, person.collection("Personal"), draft)
    answer = replace(draft, text="Green.", role="assistant", position=1)
    memories.remember(person.access, person.collection("Personal"), answer)
    look = handoffs.look(person.access, slug, wanted(person))
    pieces = ["".join(part.pieces()) for part in look.handout.parts]
    assert any("tea" in piece for piece in pieces), look
    takes = forms()[slug].takes
    assert (look.memories > 0) == (takes != "conversations")
    assert (look.talks > 0) == (takes != "memories")
    handoffs.take(person.access, slug, wanted(person))


@pytest.mark.parametrize("slug", [slug for slug, form in forms().items() if form.form == "text"])
def test_what_is_copied_from_a_page_is_what_was_made(person: Person, slug: str) -> None:
    """Pages show words through a filter; of a text to paste it must change nothing."""
    remember(person, "Tea\u202e, \u200bgreen\u2066\n\tand “hot” 👩\u200d👩\u200d👧 ```")
    for part in handoffs.look(person.access, slug, wanted(person)).handout.parts:
        assert clean(part.text) == part.text.strip()


def test_one_of_a_collection_that_was_deleted_is_shown_and_put_away(person: Person) -> None:
    remember(person, "I earn little", "Work")
    taken = handoffs.take(person.access, CLAUDE, wanted(person, "Work"))
    gone = person.collection("Work")
    acts.go_on(
        person.access,
        acts.begin(person.access, "forget", Selection(collections=[gone])).id,
        seconds=60,
    )
    removals.remove(person.access, person.owner_key, gone, shred=True)
    _, look, same = handoffs.again(person.access, taken.id)
    assert (look.handout.parts, same) == ((), False)
    handoffs.forget(person.access, taken.id)
    assert handoffs.listing(person.access) == []
