"""What Satchel put into a conversation is found there and cut out; all else stays."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.mcp import tools
from api.mcp.asking import Asking
from tests.people import Person
from vault import known, memories
from vault.recalling import recall
from vault.recalling.render import HEADING, citation
from vault.reviewing.recalled import without_recalled
from vault.types import Draft, Memory, Right


@pytest.fixture
def kept(ana: Person) -> list[Memory]:
    drafts = [
        Draft("I like rye bread", "preference"),
        Draft("Ana, a nurse", "profile"),
        Draft("I own a red bicycle.\n# not a heading\n- [of mine]"),
    ]
    home = ana.collection("Personal")
    made = [memories.remember(ana.access, home, draft) for draft in drafts]
    return [one for one in made if isinstance(one, Memory)]


def words_left(text: str) -> str:
    return without_recalled(text)[0]


def test_a_context_goes_whole_and_the_question_stays(ana: Person, kept: list[Memory]) -> None:
    told = recall.context(ana.access, query="bread bicycle nurse").text
    assert all(word in told for word in ("rye", "bicycle", "nurse"))
    assert words_left(told) == ""
    assert words_left(f"{told}\n\nWhat is for dinner?") == "What is for dinner?"
    quoted = "\n".join(f"> {line}" for line in told.split("\n"))
    assert words_left(f"See:\n{quoted}\nNice, no?") == "See:\nNice, no?"
    assert words_left(f"```\n{told}\n```").strip("`\n") == ""


def test_what_the_tools_of_mcp_and_rest_answer_goes(ana: Person, kept: list[Memory]) -> None:
    app = ana.grantee(Personal=Right(see=True, add="yes"))
    asking = Asking(app, "https://example.org", executor=ThreadPoolExecutor(1))
    home = str(ana.collection("Personal"))
    answers = [
        tools.search(asking, "bread"),
        tools.fetch(asking, str(kept[0].id), 0),
        tools.remember(asking, "I like rye bread", "fact", home),
    ]
    for answer in answers:
        for text in (json.dumps(answer), json.dumps(answer, indent=2), str(answer)):
            assert "rye" not in words_left(f"Before.\n{text}\nAfter."), text
            assert words_left(f"Before.\n{text}\nAfter.") == "Before.\nAfter."
    assert words_left(tools.context(asking, "bread", 500)) == ""


def test_the_files_of_the_memory_tool_go(ana: Person, kept: list[Memory]) -> None:
    told = known.text(ana.access, ana.collection("Personal"), "preference")
    assert told is not None
    assert "rye" in told
    assert words_left(f"It holds:\n{told}") == "It holds:"


def test_a_sentence_that_cites_a_memory_goes_and_its_neighbours_stay() -> None:
    cite = citation(uuid4())
    text = f"Good morning. You like rye bread [{cite}]. Shall I bake some?"
    assert words_left(text) == "Good morning. Shall I bake some?"


@pytest.mark.parametrize(
    "text",
    [
        "I like rye bread.",
        "# Shopping\n- bread\n- [x] milk",
        'My dog is "Rex".\n{ "name": "Rex" }',
        "See [1] and [note 2].",
        "Call me at [555-12345].",
        "",
    ],
)
def test_what_people_write_stays(text: str) -> None:
    assert without_recalled(text) == (text, 0)


_PLAIN = st.text(
    st.characters(exclude_characters="[]{}\"'\n", exclude_categories=["C"]), max_size=60
)


@given(st.lists(_PLAIN), st.lists(_PLAIN.filter(str.strip), max_size=5), st.integers(0, 10))
def test_whatever_stands_around_it(before: list[str], notes: list[str], place: int) -> None:
    """Notes are cut out wherever they stand, and not a word that stands elsewhere."""
    block = [*HEADING.split("\n"), *(f"- [{uuid4().hex[-8:]}] (fact) {one}" for one in notes)]
    lines = [*before[:place], *block, *before[place:]]
    left, gone = without_recalled("\n".join(lines))
    assert gone >= len(block)
    ours = re.compile(
        r"# From the person|These are notes about|## Who they are|## What bears", re.I
    )
    assert left.split() == " ".join(one for one in before if not ours.search(one)).split()
