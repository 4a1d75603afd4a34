"""A folder of Markdown: real files, and what editors and strangers do to them."""

import os
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base.errors import (
    BadResponse,
    Misconfigured,
    NotFound,
    PreconditionFailed,
    Rejected,
    Unavailable,
)
from connectors.base.live.options import filled
from connectors.base.live.remote import Remote
from connectors.base.types import Entry, Item
from connectors.folder import tree
from connectors.folder.remote import Folder
from connectors.folder.text import normal
from tests.connectors.conformance import ITEM, KEY, ConnectorConformance
from tests.connectors.replay import Dead


def remote(path: Path, **more: Any) -> Remote:
    options = filled(Folder.Options, {"path": str(path), **more})
    return Remote(Folder(options, httpx.Client(transport=Dead())))


def listed(path: Path, **more: Any) -> dict[str, Entry]:
    found = [entry for page in remote(path, **more).pages() for entry in page.entries]
    assert len({entry.remote_id for entry in found}) == len(found)
    return {entry.remote_id: entry for entry in found}


def texts(path: Path) -> list[str]:
    return [one.item.text for one in listed(path, layout="bullet").values() if one.item]


def only(entries: dict[str, Entry]) -> Entry:
    (entry,) = entries.values()
    return entry


class TestFolder(ConnectorConformance):
    connector = Folder
    options = {"path": "/home/ana/notes"}

    def test_is_offered_only_where_the_server_may(self) -> None:
        assert Folder.reaches == "machine"


# one file, one memory


def test_a_file_is_made_found_by_its_key_changed_and_removed(tmp_path: Path) -> None:
    here = remote(tmp_path)
    made = here.create(ITEM, KEY)
    assert made is not None
    found = only(listed(tmp_path))
    assert found == made and found.key == KEY
    assert found.item is not None
    assert (found.item.text, found.item.kind, found.item.title) == (ITEM.text, ITEM.kind, "")
    changed = here.update(found, Item("Prefers coffee\n\nafter all"))
    assert changed.remote_id == found.remote_id and changed.etag != found.etag
    assert only(listed(tmp_path)) == changed
    here.delete(changed)
    assert listed(tmp_path) == {}
    here.delete(changed)
    with pytest.raises(NotFound):
        here.update(changed, ITEM)


def test_the_same_write_twice_makes_one_file(tmp_path: Path) -> None:
    assert remote(tmp_path).create(ITEM, KEY) == remote(tmp_path).create(ITEM, KEY)
    assert remote(tmp_path).create(ITEM, "another-key")
    assert len(listed(tmp_path)) == 2


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_only_the_text_of_a_foreign_file_is_touched(tmp_path: Path, end: str, mark: str) -> None:
    lines = ["---", "tags: [a,  b]   # mine", "title: 'Tea'", "---", "", "Likes tea.", "", ""]
    before = (mark + end.join(lines)).encode()
    file = tmp_path / "Notes" / "Tea.md"
    file.parent.mkdir()
    file.write_bytes(before)
    file.chmod(0o640)
    entry = only(listed(tmp_path))
    assert entry.item is not None
    assert (entry.remote_id, entry.item.title) == ("Notes/Tea.md", "Tea")
    remote(tmp_path).update(entry, Item("Likes coffee.\nA lot."))
    wanted = before.replace(b"Likes tea.", f"Likes coffee.{end}A lot.".encode())
    assert file.read_bytes() == wanted
    assert file.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in file.parent.iterdir()] == ["Tea.md"]


def test_a_file_without_frontmatter_is_called_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "My sister.md").write_text("Is called Byron.")
    entry = only(listed(tmp_path))
    assert entry.item and (entry.item.title, entry.item.text) == ("My sister", "Is called Byron.")
    assert entry.item.updated_at is not None and entry.key == ""


def test_text_that_would_read_as_something_else_is_refused_and_nothing_written(
    tmp_path: Path,
) -> None:
    file = tmp_path / "a.md"
    file.write_text("Plain.")
    with pytest.raises(Rejected):
        remote(tmp_path).update(only(listed(tmp_path)), Item("---\nkind: event\n---\nmore"))
    assert file.read_text() == "Plain."
    for text in (" \n ", "\ud800"):
        with pytest.raises(Rejected):
            remote(tmp_path).create(Item(text), KEY)


def test_what_changed_meanwhile_is_neither_overwritten_nor_removed(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("Old.")
    entry = only(listed(tmp_path))
    file.write_text("Newer.")
    for write in (lambda r: r.update(entry, ITEM), lambda r: r.delete(entry)):
        with pytest.raises(PreconditionFailed):
            write(remote(tmp_path))
    assert file.read_text() == "Newer."


def test_a_change_in_the_last_moment_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("Newer.")
    with pytest.raises(PreconditionFailed):
        tree.Tree(str(tmp_path)).replace("a.md", b"Old.", b"Ours.")
    with pytest.raises(PreconditionFailed):
        tree.Tree(str(tmp_path)).remove("a.md", b"Old.")
    with pytest.raises(PreconditionFailed):
        tree.Tree(str(tmp_path)).add("a.md", b"Ours.")
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("a.md", "Newer.")]


def test_touching_or_copying_a_file_is_no_change(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("Same.")
    before = only(listed(tmp_path)).etag
    os.utime(file, (1, 1))
    assert only(listed(tmp_path)).etag == before


# the edges of the folder


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    there = tmp_path / "outside"
    there.mkdir()
    (there / "secret.md").write_text("Not yours.")
    return there


@pytest.fixture
def inside(tmp_path: Path) -> Path:
    here = tmp_path / "inside"
    here.mkdir()
    return here


def test_links_and_hidden_things_are_not_there(inside: Path, outside: Path) -> None:
    (inside / "file.md").symlink_to(outside / "secret.md")
    (inside / "folder").symlink_to(outside)
    for hidden in (".obsidian", ".git"):
        (inside / hidden).mkdir()
        (inside / hidden / "a.md").write_text("Hidden.")
    (inside / ".draft.md").write_text("Hidden.")
    os.mkfifo(inside / "pipe.md")
    (inside / "picture.png").write_bytes(b"\x89")
    assert listed(inside) == {}


@pytest.mark.parametrize(
    "path",
    ["../outside/secret.md", "folder/secret.md", "file.md", "/etc/x.md", ".git/a.md", "a.txt", ""],
)
def test_nothing_outside_is_read_or_written(inside: Path, outside: Path, path: str) -> None:
    (inside / "file.md").symlink_to(outside / "secret.md")
    (inside / "folder").symlink_to(outside)
    (inside / "a.txt").write_text("No note.")
    files = tree.Tree(str(inside))
    for act in (
        lambda: files.read(path),
        lambda: files.replace(path, b"Not yours.", b"Mine."),
        lambda: files.remove(path, b"Not yours."),
    ):
        with pytest.raises(NotFound):
            act()
    assert (outside / "secret.md").read_text() == "Not yours."


@pytest.mark.parametrize("inbox", ["..", "../outside", "folder", "/tmp", ".hidden"])
def test_new_files_cannot_be_put_outside(inside: Path, outside: Path, inbox: str) -> None:
    (inside / "folder").symlink_to(outside)
    with pytest.raises(NotFound):
        remote(inside, inbox=inbox).create(ITEM, KEY)
    assert [one.name for one in outside.iterdir()] == ["secret.md"]
    assert [one.name for one in inside.iterdir()] == ["folder"]


def test_a_folder_that_cannot_be_reached_is_not_an_empty_one(tmp_path: Path) -> None:
    for act in (lambda r: r.check(), lambda r: list(r.pages()), lambda r: r.create(ITEM, KEY)):
        with pytest.raises(Unavailable):
            act(remote(tmp_path / "gone"))
    with pytest.raises(Misconfigured) as caught:
        remote(Path("notes")).check()
    assert caught.value.field == "path"


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_part_that_is_closed_is_not_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("Seen.")
    (tmp_path / "closed").mkdir(mode=0)
    with pytest.raises(Unavailable):
        listed(tmp_path)


def test_a_part_that_cannot_be_listed_breaks_it_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, onerror: Any, **__: object) -> list[Any]:
        onerror(PermissionError(13, "closed"))
        return []

    monkeypatch.setattr(tree.os, "fwalk", fails)
    with pytest.raises(Unavailable):
        listed(tmp_path)


def test_a_file_that_goes_while_it_is_listed_breaks_it_off(tmp_path: Path) -> None:
    """All may be going: a disk taken out leaves an empty folder behind."""
    for name in "ab":
        (tmp_path / f"{name}.md").write_text(name)
    pages = remote(tmp_path).pages()
    next(pages)
    (tmp_path / "b.md").unlink()
    with pytest.raises(Unavailable):
        next(pages)


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "_MOST", 1)
    for name in "ab":
        (tmp_path / f"{name}.md").write_text(name)
    with pytest.raises(BadResponse):
        listed(tmp_path)


def test_odd_files_are_told_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "binary.md").write_bytes(b"\xff\xfe")
    (tmp_path / "empty.md").write_text("---\na: b\n---\n\n")
    (tmp_path / "large.md").write_bytes(b"x" * (tree.LARGEST + 1))
    found = listed(tmp_path)
    assert len(found) == 3
    assert all(one.item is None and one.unreadable for one in found.values())
    assert len(listed(tmp_path, layout="bullet")) == 2, "a file without items is none"


def test_only_files_of_the_pattern_count(tmp_path: Path) -> None:
    for name in ("CLAUDE.md", "README.md", "sub/CLAUDE.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("- One.")
    assert set(listed(tmp_path, pattern="CLAUDE.md")) == {"CLAUDE.md", "sub/CLAUDE.md"}


def test_another_folder_or_layout_is_another_account(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    accounts = {
        remote(tmp_path).check().id,
        remote(tmp_path, layout="bullet").check().id,
        remote(tmp_path / "b").check().id,
    }
    assert len(accounts) == 3
    (tmp_path / "link").symlink_to(tmp_path / "b")
    assert remote(tmp_path / "link").check().id in accounts


# one list item, one memory

FILE = """---
- not: this
---
# Ana

Not an item, though - it says so.

## Preferences
- Tea, not coffee.
* Short answers,
  in English.

  Without lists.
    - nested
1. First things first
and this goes on.

---
- - -
<!-- - not this
- nor this -->
```
- nor code
```
## Work
+   Beekeeper
- Tea, not coffee.
- \t
"""
ITEMS = [
    ("Tea, not coffee.", "Preferences"),
    ("Short answers,\nin English.\n\nWithout lists.\n  - nested", "Preferences"),
    ("First things first\nand this goes on.", "Preferences"),
    ("Beekeeper", "Work"),
    ("Tea, not coffee.", "Work"),
]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_list_items_are_found_under_their_headings(tmp_path: Path, end: str) -> None:
    (tmp_path / "CLAUDE.md").write_bytes(FILE.replace("\n", end).encode())
    found = listed(tmp_path, layout="bullet").values()
    assert [(one.item.text, one.item.title) for one in found if one.item] == ITEMS


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_all_around_a_list_item_stays_as_it_is(tmp_path: Path, end: str) -> None:
    file = tmp_path / "CLAUDE.md"
    before = FILE.replace("\n", end)
    file.write_bytes(before.encode())
    here = remote(tmp_path, layout="bullet")
    first, answers, *_ = listed(tmp_path, layout="bullet").values()
    changed = here.update(first, Item("Coffee.\nBlack."))
    assert changed.item and changed.item.text == "Coffee.\nBlack."
    wanted = before.replace("- Tea, not coffee.", f"- Coffee.{end}  Black.", 1)
    assert file.read_bytes().decode() == wanted
    here.delete(answers)
    start, stop = wanted.index("* Short"), wanted.index("1. First")
    assert file.read_bytes().decode() == wanted[:start] + wanted[stop:]
    with pytest.raises(NotFound):
        here.update(answers, ITEM)
    with pytest.raises(PreconditionFailed):  # the same words under another heading are another
        here.delete(first)


def test_new_list_items_go_to_the_end_of_their_file(tmp_path: Path) -> None:
    here = remote(tmp_path, layout="bullet", inbox="MEMORY")
    file = tmp_path / "MEMORY.md"
    assert here.create(Item("One."), KEY)
    assert file.read_text() == "- One.\n"
    here.create(Item("Two,\n\nand more."), KEY)
    assert file.read_text() == "- One.\n- Two,\n\n  and more.\n"
    file.write_text("# Mine\n\n* a\n\nNo item.")
    here.create(Item("Three."), KEY)
    assert file.read_text() == "# Mine\n\n* a\n\nNo item.\n\n- Three.\n"
    file.write_text("* a\n")
    here.create(Item("Four."), KEY)
    assert file.read_text() == "* a\n* Four.\n"


def test_an_item_where_none_can_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Satchel.md").write_text("```\ncode without an end\n")
    with pytest.raises(Rejected):
        remote(tmp_path, layout="bullet").create(ITEM, KEY)
    with pytest.raises(Rejected):
        remote(tmp_path, layout="bullet", inbox="rule").create(Item("- -"), KEY)
    assert [one.name for one in tmp_path.iterdir()] == ["Satchel.md"]


LINES = st.text(st.sampled_from("ab -*+1.#`~<!>|\t\n\r_é☕\u2028\x0b"), max_size=40)
PROSE = st.text(st.characters(categories=["L", "Nd", "Zs", "Sc"]), min_size=1)


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("notes") / "Satchel.md"


@given(body=LINES, text=LINES.filter(normal), at=st.integers(0, 9))
def test_a_write_does_what_it_says_and_nothing_else_or_is_refused(
    notes: Path, body: str, text: str, at: int
) -> None:
    notes.write_bytes(body.encode())
    before = texts(notes.parent)
    here = remote(notes.parent, layout="bullet")
    chosen = list(listed(notes.parent, layout="bullet").values())[at:]
    wanted = [*before, normal(text)]
    try:
        if chosen:
            wanted = [*before[:at], normal(text), *before[at + 1 :]]
            here.update(chosen[0], Item(text))
        else:
            here.create(Item(text), KEY)
    except Rejected:
        assert notes.read_bytes() == body.encode()
    else:
        assert texts(notes.parent) == wanted


@given(words=st.lists(PROSE, min_size=1).filter(lambda words: normal("\n".join(words))))
def test_what_people_write_is_taken_and_reads_the_same(notes: Path, words: list[str]) -> None:
    notes.write_text("# Mine\n\n- a\n\n## More\n\n- b\n")
    text = "\n".join(words)
    remote(notes.parent, layout="bullet").create(Item(text), KEY)
    assert texts(notes.parent) == ["a", "b", normal(text)]


@given(body=LINES, at=st.integers(0, 9))
def test_taking_out_leaves_the_others(notes: Path, body: str, at: int) -> None:
    notes.write_bytes(body.encode())
    before = texts(notes.parent)
    chosen = list(listed(notes.parent, layout="bullet").values())[at : at + 1]
    for entry in chosen:
        try:
            remote(notes.parent, layout="bullet").delete(entry)
        except Rejected:
            assert notes.read_bytes() == body.encode()
        else:
            assert texts(notes.parent) == [*before[:at], *before[at + 1 :]]
