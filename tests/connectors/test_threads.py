"""Trees of messages, sound and broken: every message once, every thread in order."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from connectors.base.reading.threads import Node, arrange
from connectors.base.types import Turn
from tests.connectors.shapes import calmly


def said(name: str, minute: int | None = None) -> Turn:
    at = None if minute is None else datetime(2026, 1, 1, 0, minute, tzinfo=UTC)
    return Turn(name, "user", name, position=0, created_at=at)


NAMES = [f"n{number}" for number in range(12)]
PARENTS = st.dictionaries(
    st.sampled_from(NAMES), st.sampled_from([*NAMES, "gone", None]), min_size=1
)


@calmly
@given(parents=PARENTS, silent=st.sets(st.sampled_from(NAMES)), current=st.sampled_from(NAMES))
def test_any_tree_is_laid_out_whole(
    parents: dict[str, str | None], silent: set[str], current: str
) -> None:
    """Cycles, missing parents and several roots among them."""
    nodes = {
        name: Node(parent, None if name in silent else said(name))
        for name, parent in parents.items()
    }
    turns = arrange(nodes, current)
    assert sorted(turn.message_id for turn in turns) == sorted(set(parents) - silent)
    assert sorted({turn.branch for turn in turns}) == list(range(len({t.branch for t in turns})))
    by_name = {turn.message_id: turn for turn in turns}
    for turn in turns:
        if turn.parent_id:
            assert turn.position == by_name[turn.parent_id].position + 1
            assert turn.branch >= by_name[turn.parent_id].branch
            assert _leads_up(parents, turn.message_id, turn.parent_id)
        else:
            assert turn.position == 0


def _leads_up(parents: dict[str, str | None], name: str, above: str) -> bool:
    step = parents.get(name)
    for _ in parents:
        if step == above:
            return True
        step = parents.get(step) if step else None
    return False


@calmly
@given(parents=PARENTS, current=st.sampled_from(NAMES))
def test_the_thread_last_seen_is_branch_0(parents: dict[str, str | None], current: str) -> None:
    nodes = {name: Node(parent, said(name)) for name, parent in parents.items()}
    turns = [turn.message_id for turn in arrange(nodes, current) if turn.branch == 0]
    assert turns[-1] == current or current not in parents


def test_branches_go_on_from_where_they_left() -> None:
    nodes = {
        "q": Node(None, said("q")),
        "a1": Node("q", said("a1")),
        "a2": Node("q", said("a2")),
        "more": Node("a2", said("more")),
        "a3": Node("more", said("a3")),
        "a4": Node("more", said("a4")),
    }
    places = [(t.message_id, t.branch, t.position, t.parent_id) for t in arrange(nodes, "a4")]
    assert places == [
        ("q", 0, 0, ""),
        ("a2", 0, 1, "q"),
        ("more", 0, 2, "a2"),
        ("a4", 0, 3, "more"),
        ("a1", 1, 1, "q"),
        ("a3", 2, 3, "more"),
    ]


def test_without_a_current_message_the_newest_leaf_counts() -> None:
    nodes = {
        "q": Node(None, said("q", 0)),
        "new": Node("q", said("new", 9)),
        "old": Node("q", said("old", 5)),
    }
    assert [t.message_id for t in arrange(nodes) if t.branch == 0] == ["q", "new"]
    assert [t.message_id for t in arrange(nodes, "gone") if t.branch == 0] == ["q", "new"]


def test_a_long_thread_is_no_trouble() -> None:
    nodes = {str(n): Node(str(n - 1) if n else None, said(str(n))) for n in range(50_000)}
    assert [turn.position for turn in arrange(nodes, "49999")] == list(range(50_000))
