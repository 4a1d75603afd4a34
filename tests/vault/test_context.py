"""A context: what stands, what was found, the turns around it; said once, explained, in budget."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.people import Person
from vault import bulk, memories
from vault.recalling import recall
from vault.search.budget import count_tokens
from vault.search.matched import matched_words
from vault.types import Context, Draft, Memory, SourceDraft

AT = datetime(2026, 3, 1, tzinfo=UTC)


def talk(person: Person, turns: Sequence[tuple[str, str]], name: str = "talk") -> None:
    drafts = [
        Draft(
            text,
            "episode",
            role=role,
            speaker="" if role else "Ann",
            conversation=name,
            position=number,
            occurred_at=AT + timedelta(minutes=number),
            source=SourceDraft("openai", f"{name}:{number}"),
        )
        for number, (role, text) in enumerate(turns)
    ]
    home = person.collection("Personal")
    bulk.remember_many(person.access, [(home, draft) for draft in drafts])


def remember(person: Person, text: str, place: str = "Personal", **more: Any) -> Memory:
    made = memories.remember(person.access, person.collection(place), Draft(text, **more))
    assert isinstance(made, Memory)
    return made


def why(context: Context) -> dict[str, tuple[str, ...]]:
    return {hit.memory.text: hit.why for hit in context.hits}


def lines(context: Context) -> list[str]:
    return [line.split(") ", 1)[1] for line in context.text.splitlines() if line.startswith("- [")]


TALK = (
    ("user", "Good morning, can you help me today?"),
    ("assistant", "Certainly."),
    ("user", "Who should look at the leaking weir?"),
    ("assistant", "Marieke from the water board inspects the weir."),
    ("user", "Thanks, I will call her."),
)


def test_an_answer_brings_its_question_before_it(ana: Person) -> None:
    talk(ana, TALK)
    found = recall.context(ana.access, query="What does Marieke from the water board do?")
    said = lines(found)
    answer = said.index(TALK[3][1])
    assert said[answer - 1] == TALK[2][1]
    assert why(found)[TALK[3][1]] != ("conversation",)


def test_a_question_without_a_role_is_known_by_its_mark(ana: Person) -> None:
    turns = [("", "Lovely weather."), ("", "Where is the spare key?"), ("", "Under the azalea.")]
    talk(ana, turns)
    assert "Where is the spare key?" in lines(recall.context(ana.access, query="azalea"))
    talk(ana, [("", "I am home."), ("", "The oleander was watered.")], "other")
    assert "I am home." not in lines(recall.context(ana.access, query="oleander watered"))


def test_a_question_only_comes_along_where_there_is_room(ana: Person) -> None:
    talk(ana, TALK)
    for number in range(6):
        remember(ana, f"The weir at lock {number} was inspected by the water board in May")
    query = "Who of the water board inspects the weir?"
    roomy = recall.context(ana.access, query=query, max_tokens=1000)
    assert TALK[2][1] in lines(roomy)
    for budget in range(60, 400, 20):
        tight = recall.context(ana.access, query=query, max_tokens=budget)
        assert tight.used_tokens <= budget
        assert count_tokens(tight.text) <= budget
        said = lines(tight)
        if TALK[2][1] in said and TALK[3][1] not in said:  # then it was found for itself
            assert why(tight)[TALK[2][1]] != ("conversation",)


def test_each_part_says_why_it_is_there(ana: Person) -> None:
    talk(ana, TALK)
    remember(ana, "Is a hydrologist", kind="profile")
    remember(ana, "Answer briefly", kind="instruction")
    remember(ana, "The weir leaks since May", pinned=True)
    reasons = why(recall.context(ana.access, query="weir leaks, who inspects"))
    assert reasons["Is a hydrologist"] == ("profile",)
    assert reasons["Answer briefly"] == ("instruction",)
    assert {"words", "pinned"} <= set(reasons["The weir leaks since May"])


def test_the_same_is_said_once_wherever_it_comes_from(ana: Person) -> None:
    remember(ana, "Is allergic to peanuts", kind="profile")
    remember(ana, "is allergic to PEANUTS.", "Health")
    remember(ana, "Is allergic to walnuts", "Health")
    found = recall.context(ana.access, query="which nuts is she allergic to")
    said = [line.casefold().rstrip(".") for line in lines(found)]
    assert said.count("is allergic to peanuts") == 1
    assert "is allergic to walnuts" in said


def test_the_owner_is_told_which_words_matched_and_nobody_else(ana: Person) -> None:
    from vault.types import Right

    remember(ana, "She was running along the dikes of Utrecht")
    (mine,) = recall.search(ana.access, "runs on dike")
    assert mine.matched == ("running", "dikes")
    (typed,) = recall.search(ana.access, "utr", prefix=True)
    assert typed.matched == ("utrecht",)
    app = ana.grantee(Personal=Right(see=True))
    (theirs,) = recall.search(app, "runs on dike")
    assert theirs.matched == ()


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("cafe", "Un café à Porto", ["cafe"]),
        ("кофейня", "в новую кофейню", ["кофейню"]),
        ("the", "The end", ["the"]),
        ("the end", "The beginning", []),
        ('" OR texts:x NEAR(', "x or y", ["x"]),
        ("", "anything", []),
        ("tea", "a\0b tea \ud800", ["tea"]),
        ("tea", "", []),
        ("naïve", "NAIVE!", ["naive"]),
    ],
)
def test_matched_words_are_those_that_search_means(query: str, text: str, found: list[str]) -> None:
    (words,) = matched_words(query, [text])
    assert [word.replace("é", "e") for word in words] == found


def test_an_unfinished_word_matches_what_begins_so_and_nothing_shorter() -> None:
    texts = ["hydrology and a hydrant", "hybrid"]
    assert matched_words("hydr", texts, prefix=True) == [["hydrology", "hydrant"], []]
    assert matched_words("hydr", texts) == [[], []]
    assert matched_words("hydr", [], prefix=True) == []
