"""The readers of the largest exports lose no entry, whatever is broken in one: of all entries each
is read, skipped for what it says of itself, or reported. The other readers' tests do the same."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base.archive import Record
from connectors.google.activity import PRODUCTS
from tests.connectors import test_anthropic, test_openai, test_xai
from tests.connectors.assistants import meta, meta_talk
from tests.connectors.mutilated import mutilated
from tests.connectors.shapes import (
    Json,
    activity,
    calmly,
    chat,
    claude_chat,
    claude_message,
    conversations,
    items,
    node,
    problems,
    read,
    turns,
)
from tests.connectors.test_okf import TABLE

CHATS: dict[str, tuple[Callable[[str], Json], Callable[..., Any]]] = {
    "openai": (chat, test_openai.export),
    "anthropic": (claude_chat, test_anthropic.export),
    "xai": (test_xai.talk, test_xai.export),
}


def whole(found: list[Record], number: int) -> int:
    """How many entries were reported as a whole: places in them have more words."""
    return len([one for one in problems(found) if one.where.endswith(f", entry {number}")])


@pytest.mark.parametrize("slug", CHATS)
@calmly
@given(data=st.data())
def test_each_of_three_conversations_is_read_or_reported(slug: str, data: st.DataObject) -> None:
    """Total: three. None is skipped: no two have one id."""
    build, export = CHATS[slug]
    odd = data.draw(mutilated(build("b")))
    found = read(export(build("a"), odd, build("c")))
    assert len(conversations(found)) + whole(found, 2) == 3
    assert {"a", "c"} <= {one.conversation_id for one in conversations(found)}


def three(build: Callable[..., Any]) -> list[Any]:
    return [build("m1", text="one"), build("m2", text="two"), build("m3", text="three")]


def gpt(messages: list[Any]) -> Any:
    nodes = {f"m{number}": message for number, message in enumerate(messages, 1)}
    return test_openai.export({"id": "c", "mapping": nodes, "current_node": "m3"})


def claude(messages: list[Any]) -> Any:
    return test_anthropic.export(claude_chat(messages=messages))


def grok(messages: list[Any]) -> Any:
    return test_xai.export(test_xai.talk(responses=messages))


MESSAGES: dict[str, tuple[list[Any], Callable[[list[Any]], Any]]] = {
    "openai": (
        [node(f"m{n}", None, text) for n, text in enumerate(("one", "two", "three"), 1)],
        gpt,
    ),
    "anthropic": (three(claude_message), claude),
    "xai": (three(test_xai.response), grok),
}


@pytest.mark.parametrize("slug", MESSAGES)
@calmly
@given(data=st.data())
def test_each_of_three_messages_is_read_skipped_or_reported(slug: str, data: st.DataObject) -> None:
    """Total: three. Skipped is what has no words left; of one read, parts may be reported."""
    messages, export = MESSAGES[slug]
    odd = data.draw(mutilated(messages[1]))
    found = read(export([messages[0], odd, messages[2]]))
    texts = [turn.text for turn in turns(found)]
    assert {"one", "three"} <= set(texts)
    read_as, reported = len(texts) - 2, {one.where for one in problems(found)}
    assert read_as in (0, 1) and len(reported) <= 1
    assert read_as or reported or not _has_words(odd), odd


def _has_words(message: Any) -> bool:
    """Whether "two" still stands where the text of a message does."""
    if not isinstance(message, dict):
        return "two" in repr(message)
    held = message.get("message") or message.get("response") or message
    if not isinstance(held, dict):
        return False
    places = (held.get(key) for key in ("message", "text", "content"))
    return any("two" in repr(place) for place in places)


@calmly
@given(mutilated(activity("Prompted two", "2026-01-02T11:00:00Z", "so 2")))
def test_each_of_three_entries_of_a_log_is_read_skipped_or_reported(odd: Any) -> None:
    """Total: three. Skipped is what is of another product, or was done and not asked."""
    log = [
        activity("Prompted three", "2026-01-02T15:00:00Z", "so 3"),
        odd,
        activity("Prompted one", "2026-01-02T07:00:00Z", "so 1"),
    ]
    found = read({"MyActivity.json": log})
    said = [turn.text for turn in turns(found)]
    assert {"three", "so 3", "one", "so 1"} <= set(said)
    came = len(conversations(found)) == 3
    skipped = str(odd.get("header")) not in PRODUCTS
    assert came + whole(found, 2) + skipped == 1, (odd, found)


@calmly
@given(st.text(st.sampled_from('<>/&"ab :\nsectiondrYouMetaAI'), max_size=30))
def test_each_of_three_sections_of_a_page_is_read_or_reported(odd: str) -> None:
    """Total: three sections; markup of its own may end one, or begin more."""
    sections = [meta_talk("You: one", "01-01-2026_1"), meta_talk(f"You: two{odd}", "01-02-2026_1")]
    found = read(meta(*sections, meta_talk("You: three", "01-03-2026_1")))
    assert len(conversations(found)) + len(problems(found)) >= 3
    assert any(turn.text.startswith("one") for turn in turns(found))


NOTES = st.text(st.sampled_from("-:[]&*{}|>#\"'\n\t\0 aity"), max_size=40)


@calmly
@given(head=NOTES, body=NOTES)
def test_each_of_three_notes_is_read_or_reported(head: str, body: str) -> None:
    """Total: three files."""
    odd = f"---\ntype: Note\n{head}\n---\n{body}"
    index = "---\nokf_version: '0.2'\n---\n"
    found = read({"index.md": index, "a.md": TABLE, "b.md": odd, "c.md": TABLE})
    assert len(items(found)) + len(problems(found)) == 3
    assert {"a", "c"} <= {one.remote_id for one in items(found)}
