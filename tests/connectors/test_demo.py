"""The demo person's exports: always the same, wholly readable, and worth showing."""

import re
from collections import Counter

from connectors.base.archive import Record
from connectors.base.ids import same_text
from connectors.demo import demo_exports
from tests.connectors.shapes import conversations, items, problems, read, turns, upload


def everything() -> dict[str, list[Record]]:
    return {name: read(upload(content, name)) for name, content in demo_exports()}


def test_the_same_bytes_every_time() -> None:
    assert demo_exports() == demo_exports()


def test_what_is_in_them() -> None:
    found = everything()
    counts = {
        name: (len(conversations(r)), len([t for t in turns(r) if not t.hidden]), len(items(r)))
        for name, r in found.items()
    }
    assert counts == {
        "chatgpt-export.zip": (17, 88, 20),
        "claude-export.zip": (13, 70, 24),
        "gemini-takeout.zip": (10, 40, 2),
    }


def test_one_thing_cannot_be_read_and_says_so() -> None:
    lost = [problem for records in everything().values() for problem in problems(records)]
    assert [problem.where for problem in lost] == ["conversations.json, entry 18"]


def test_there_is_something_to_decide_between_the_vendors() -> None:
    found = everything()
    said = Counter(same_text(i.text) for records in found.values() for i in items(records))
    assert len([text for text, count in said.items() if count == 2]) == 2
    chatgpt = {item.text for item in items(found["chatgpt-export.zip"])}
    claude = {item.text for item in items(found["claude-export.zip"])}
    assert "Can eat tree nuts." in chatgpt and "Allergic to peanuts and all tree nuts." in claude
    assert "Eats fish but no meat." in chatgpt and "Is vegetarian." in claude


def test_it_shows_a_branch_a_picture_and_a_private_talk() -> None:
    talks = conversations(everything()["chatgpt-export.zip"])
    assert {turn.branch for talk in talks for turn in talk.turns} == {0, 1}
    assert [talk.title for talk in talks if talk.do_not_remember] == ["A private matter"]
    assert any("[image: otter-from-above.png]" in turn.text for t in talks for turn in t.turns)


def test_every_talk_takes_turns() -> None:
    for records in everything().values():
        for talk in conversations(records):
            roles = [t.role for t in talk.turns if not t.hidden and t.branch == 0]
            assert roles == ["user", "assistant"] * (len(roles) // 2)
            assert all(re.search(r"\w", turn.text) for turn in talk.turns)
