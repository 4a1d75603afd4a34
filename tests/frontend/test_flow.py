"""What flows where: by hand in numbers, drawn, bundled, stopped; and as tables."""

import re
from uuid import UUID

import pytest
from playwright.sync_api import expect

from frontend.presenters.flownodes import Flow, Node, Stream, flow
from frontend.presenters.flowpicture import MOST, picture
from sync.connections import connections
from tests.frontend.conftest import Visit
from tests.frontend.connectionshow import connection_pages
from tests.frontend.grantcrowd import crowd
from tests.frontend.test_memories import remember
from tests.people import Person, signed_in
from vault import memories
from vault.granting import grants
from vault.types import Right

AT = ("#a", "#b", "#c")


def node(key: str, count: int, why: str = "") -> Node:
    return Node(key, key, count, "/", why)


def filled(person: Person) -> UUID:
    """Three of ChatGPT, one of Claude, one by hand: three in Work, two in Travel."""
    for text in ("Paints tide gauges", "Reads tide tables"):
        remember(person, text, "Work", vendor="openai")
    remember(person, "Likes night trains", "Travel", vendor="openai")
    remember(person, "Sails on Sundays", "Travel", vendor="anthropic")
    gone = remember(person, "Owns a red bicycle", "Work", vendor="google")
    memories.forget(person.access, gone.id)
    remember(person, "Wrote this", "Work", vendor="you")
    work = person.token("Claude", Work=Right(see=True))[0]
    person.token("Llama", Work=Right(see=True), Travel=Right(see=True, add="ask"))
    person.token("Letterbox", Work=Right(see=False, add="ask"))
    ended = person.token("Old script", Work=Right(see=True))[0]
    grants.revoke(person.access, ended.id)
    return work.id


def test_numbers_worked_out_by_hand(person: Person) -> None:
    filled(person)
    found = flow(person.access)
    assert found.total == 5
    assert {(one.source, one.count) for one in found.sources} == {
        ("openai", 3),
        ("anthropic", 1),
        ("you", 1),
    }
    assert {one.name: one.count for one in found.places if one.count} == {"Work": 3, "Travel": 2}
    assert [(one.name, one.count, one.why) for one in found.readers] == [
        ("Old script", 0, "Revoked"),
        ("Llama", 5, ""),
        ("Claude", 3, ""),
    ]
    names = {one.key: one.name for one in (*found.sources, *found.places, *found.readers)}
    streams = {(names[s.start], names[s.end], s.count, s.stopped) for s in found.streams}
    assert streams == {
        ("ChatGPT", "Work", 2, False),
        ("ChatGPT", "Travel", 1, False),
        ("Claude", "Travel", 1, False),
        ("You", "Work", 1, False),
        ("Work", "Claude", 3, False),
        ("Work", "Llama", 3, False),
        ("Travel", "Llama", 2, False),
        ("Work", "Old script", 0, True),
    }


def test_bands_are_as_wide_as_there_are_memories() -> None:
    drawn = picture(
        Flow(
            [node("from-a", 30), node("from-b", 10)],
            [node("in-x", 30), node("in-y", 10)],
            [node("to-p", 40), node("to-q", 0, "Paused")],
            [
                Stream("from-a", "in-x", 30),
                Stream("from-b", "in-y", 10),
                Stream("in-x", "to-p", 30),
                Stream("in-y", "to-p", 10),
                Stream("in-x", "to-q", 0, stopped=True),
            ],
            40,
        ),
        AT,
    )
    # 420 pixels for the fullest column's 40 memories: 10.5 each.
    assert [(band.width, band.stopped) for band in drawn.bands] == [
        ("315", False),
        ("315", False),
        ("105", False),
        ("105", False),
        ("2", True),
    ]
    heights = [(box.node.key, box.y, box.height) for box in drawn.boxes]
    assert heights == [
        ("from-a", "30", "315"),
        ("from-b", "355", "105"),
        ("in-x", "30", "315"),
        ("in-y", "355", "105"),
        ("to-p", "30", "420"),
        ("to-q", "460", "40"),
    ]
    assert drawn.height == "502"
    # From the right of the first box (its middle is at 187.5) to the left of the second.
    assert drawn.bands[0].path == "M200 187.5C290 187.5 290 187.5 380 187.5"
    # At p the band of x lies over that of y: their middles are at 187.5 and 397.5.
    assert drawn.bands[1].path.endswith("760 187.5")
    assert drawn.bands[2].path.endswith("760 397.5")


def test_the_smallest_are_bundled_and_what_is_stopped_is_not() -> None:
    sources = [node(f"from-{n}", 100 - n) for n in range(29)] + [node("from-stuck", 1, "Failing")]
    streams = [Stream(one.key, "in-x", one.count) for one in sources]
    drawn = picture(Flow(sources, [node("in-x", 900)], [], streams, 900), AT)
    left = [box.node for box in drawn.boxes if box.x == "0"]
    assert [one.name for one in left] == [
        *(f"from-{n}" for n in range(MOST - 2)),
        "from-stuck",
        "22 more",
    ]
    assert left[-1].count == sum(100 - n for n in range(MOST - 2, 29))
    assert left[-1].url == "#a"
    assert len(drawn.bands) == MOST


def test_readers_in_a_bundle_do_not_read_a_memory_twice() -> None:
    readers = [node(f"to-{n}", 10) for n in range(20)]
    streams = [Stream("in-x", one.key, 10) for one in readers]
    drawn = picture(Flow([], [node("in-x", 10)], readers, streams, 10), AT)
    assert (drawn.boxes[-1].node.name, drawn.boxes[-1].node.count) == ("12 more", 10)


def test_nothing_at_all_draws_nothing_and_says_what_to_do(visit: Visit, person: Person) -> None:
    page = visit(person)
    page.goto("/flow/")
    expect(page.get_by_role("heading", name="Nothing flows yet")).to_be_visible()
    expect(page.get_by_role("link", name="Import an export")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_the_drawing_has_no_localised_numbers(person: Person, language: str) -> None:
    filled(person)
    client = signed_in(person)
    page = client.get("/flow/", headers={"accept-language": language}).content.decode()
    drawn = page[page.index('<svg class="flow"') : page.index("</figure>")]
    for part in drawn.split('viewBox="')[1:]:
        assert "," not in part[: part.index('"')]
    assert 'd="M200 ' in drawn
    assert not any("," in part[: part.index('"')] for part in drawn.split(' d="')[1:])


def test_every_box_is_a_link_and_the_tables_say_the_same(visit: Visit, person: Person) -> None:
    filled(person)
    page = visit(person)
    page.goto("/flow/")
    picture = page.get_by_role("group", name="Picture of what flows where")
    expect(picture.get_by_role("link", name="ChatGPT, 3 memories")).to_be_visible()
    expect(picture.get_by_role("link", name="Old script, Revoked")).to_be_visible()
    readers = page.get_by_role("region", name="May be read by")
    row = readers.get_by_role("row", name="Llama")
    expect(row.locator("td")).to_have_text(["5", "Work, Travel", re.compile("Open")])
    picture.get_by_role("link", name="Llama, 5 memories").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Llama")
    page.go_back()
    page.get_by_role("row", name="ChatGPT").get_by_role("link").click()
    expect(page.get_by_role("link", name="Paints tide gauges")).to_be_visible()
    expect(page.get_by_text("Wrote this")).to_have_count(0)


def test_a_connection_that_is_stopped_is_told_with_the_way_to_it(
    visit: Visit, person: Person
) -> None:
    remember(person, "Paints tide gauges", "Work", vendor="openai")
    connection_pages(person)
    states = {one.name: one.state for one in connections.listing(person.access)}
    page = visit(person)
    page.goto("/flow/")
    words = {"needs sign-in": "Needs sign-in", "paused": "Paused", "blocked": "Held back"}
    told = [words[state] for state in states.values() if state in words]
    assert told
    for word in told:
        expect(page.locator(".box.stopped", has_text=word).first).to_be_visible()
        assert page.locator(f".notice a:has-text('{word}')").count() >= 1


def test_stacked_on_a_phone(visit: Visit, person: Person) -> None:
    filled(person)
    page = visit(person, viewport={"width": 320, "height": 640})
    page.goto("/flow/")
    expect(page.locator("svg.flow")).to_be_hidden()
    expect(page.locator("tbody .flow-bar").first).to_be_visible()
    assert page.evaluate("document.querySelector('main').scrollWidth") <= 320


def test_questions_do_not_grow_with_what_is_drawn(person: Person) -> None:
    from tests.frontend.test_grant_matrix import questions

    assert questions(crowd(2, 8), "/flow/") == questions(crowd(20, 8), "/flow/")
