"""OKF and MIF folders: Markdown that people read, and that comes back whole."""

from typing import Any

import pytest
import yaml
from hypothesis import given

from connectors.base.handoff import Held, Slice
from connectors.base.registry import archives, recognise
from connectors.base.types import Item
from connectors.okf import handoff
from connectors.okf.handoff import _SPOKEN, _TOO_MANY, OkfHandoff
from tests.connectors.held import (
    NOW,
    SLICES,
    at_length,
    came_back,
    differing,
    made,
    packed,
    returned,
    sent,
)
from tests.connectors.shapes import items, opened, problems, read

TABLE = """\
---
type: BigQuery Table
title: Orders
description: One row an order.
tags: [sales, orders]
generated: { by: reference_agent/g, at: 2026-05-28T14:30:00Z }
sources:
  - id: s
    resource: https://example.org/doc
stale_after: 2027-01-01T00:00:00Z
---

# Schema

Joined with [customers](/tables/customers.md).
"""
BUNDLE = {
    "shop/index.md": "# Tables\n\n* [Orders](tables/orders.md) - One row an order.\n",
    "shop/log.md": "# Log\n\n## 2026-05-22\n* **Creation**: all of it.\n",
    "shop/tables/orders.md": TABLE,
    "shop/old.md": "---\ntype: Metric\nstatus: deprecated\ndescription: Gone.\n---\n",
    "shop/run.py": "print(1)",
}
UNIT = """\
---
id: 7f3a8b2c-1d4e-5f6a-9b0c-2d3e4f5a6b7c
type: semantic
created: '2026-01-15T10:30:00Z'
modified: 2026-01-20T14:22:00Z
namespace: _semantic/preferences
title: Dark mode
tags:
- ui
temporal:
  '@type': TemporalMetadata
  validFrom: 2026-01-15T00:00:00Z
  validUntil: null
provenance:
  sourceRef: conversation:conv-1
---

# Dark mode

Prefers dark mode.
"""


@at_length
@given(SLICES)
def test_memories_come_back_as_they_were(slice: Slice) -> None:
    """Whatever stands in them: the head is read by a strict reader of YAML, too."""
    out = made(OkfHandoff(), slice)
    spoken = [one for one in slice.held if one.item.kind == "episode"]
    assert out.left_out.get(_SPOKEN, 0) == len(spoken) and out.lost == ()
    if not out.parts:
        return
    found = {one.remote_id: returned(one) for one in items(came_back(out, "okf"))}
    before = {one.id: sent(one) for one in slice.held if one.item.kind != "episode"}
    assert found.keys() == before.keys()
    assert set() == {name for id in before for name in differing(before[id], found[id])}
    for text in packed(out).values():
        _, head, _ = text.split("---\n", 2)
        said = yaml.safe_load(head)
        assert said.get("type") or said == {"okf_version": "0.2"}


@at_length
@given(SLICES)
def test_reading_it_a_second_time_adds_nothing(slice: Slice) -> None:
    out = made(OkfHandoff(), slice)
    if out.parts:
        later = made(OkfHandoff(), Slice([*slice.held, Held("one-more", Item("New"))], NOW))
        before, after = items(came_back(out, "okf")), items(came_back(later, "okf"))
        assert [one.remote_id for one in after if one not in before] == ["one-more"]


def test_it_reads_like_a_folder_of_notes() -> None:
    held = [
        Held("a", Item("Likes tea", "preference", title="Drinks [hot]"), collection="Home"),
        Held("b", Item("Answer\nbriefly", "instruction", pinned=True), origin="you"),
    ]
    files = packed(OkfHandoff().make(Slice(held, NOW, owner="Ana")))
    index, tea, brief = files
    assert (index, tea[:16], brief[:23]) == (
        "index.md",
        "home/drinks-hot-",
        "memories/answer-briefly",
    )
    assert files[index] == (
        "---\nokf_version: '0.2'\n---\n\n# Home\n\n"
        f"* [Drinks \\[hot\\]]({tea}) - Likes tea\n\n# Memories\n\n"
        f"* [Answer briefly]({brief}) - Answer briefly\n"
    )
    head, text = files[brief].removeprefix("---\n").split("---\n")
    assert text == "\nAnswer\nbriefly\n"
    assert yaml.safe_load(head) == {
        "type": "Instruction",
        "generated": {"by": "human:Ana"},
        "verified": [{"by": "human:Ana", "at": "2026-11-21T12:00:00Z"}],
        "satchel": {"id": "b", "origin": "you", "pinned": "yes"},
    }


def test_more_than_an_import_takes_back_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handoff, "_MOST", 2)
    out = OkfHandoff().make(Slice([Held(str(n), Item(f"Fact {n}")) for n in range(5)], NOW))
    assert (out.kept, out.left_out, len(out.parts)) == (("0", "1"), {_TOO_MANY: 3}, 3)


def test_a_bundle_of_others() -> None:
    """Total: two concepts; what lists them and what runs is none."""
    found = read(BUNDLE)
    old, table = sorted(items(found), key=lambda item: item.remote_id)
    assert (old.remote_id, old.text, old.title) == ("old", "Gone.", "old")
    assert old.metadata == {"type": "Metric", "superseded": "yes"}
    assert (table.remote_id, table.title, table.kind) == ("tables/orders", "Orders", "document")
    assert table.text.startswith("# Schema\n\nJoined")
    assert table.metadata == {"type": "BigQuery Table", "tags": "sales, orders"}
    assert str(table.updated_at) == "2026-05-28 14:30:00+00:00"
    assert str(table.valid_until) == "2027-01-01 00:00:00+00:00"
    assert len(found) == 2


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        ("---\ntype: [\n---\nx", "cannot be read"),
        ("---\ntype: &a x\nb: *a\n---\nx", "cannot be read"),
        ("---\n- list\n---\nx", "cannot be read"),
        ("---\ntype: Note\n---\n \n", "holds no text"),
        ("---\ntype: Note\ntitle: [1]\n---\nx", "not text"),
        (b"---\ntype: Note\n---\n\xff", "not text in UTF-8"),
        ("---\ntype: Note\n" + "a: [" * 50 + "\n---\nx", "cannot be read"),
        (f"---\ntype: {'x' * 70_000}\n---\nx", "longer than any real one"),
    ],
)
def test_one_broken_file_is_one_problem(odd: Any, reason: str) -> None:
    found = read({"index.md": "---\nokf_version: '0.2'\n---\n", "a.md": TABLE, "odd.md": odd})
    assert len(items(found)) == 1
    assert [(p.where, reason in p.reason) for p in problems(found)] == [("odd.md", True)]


@pytest.mark.parametrize(
    "files",
    [
        {"a.md": "# A note"},
        {"a.md": "---\ntype: note\n---\nx"},  # many people's notes have a type
        {"a.md": TABLE, "b.md": "no head"},
        {"CLAUDE.md": "Be brief."},
        {"a.md": "---\nname: x\ndescription: y\ntype: user\n---\nz"},
    ],
)
def test_other_notes_are_not_claimed(files: dict[str, str]) -> None:
    with opened(files) as found:
        assert not archives()["okf"].recognise(found)
        assert not archives()["mif"].recognise(found)


def test_units_of_mif_and_their_projections() -> None:
    """Total: three. The projection of the first is passed over, the Markdown counts."""
    id = "7f3a8b2c-1d4e-5f6a-9b0c-2d3e4f5a6b7c"
    same = {"@id": f"urn:mif:{id}", "@type": "Concept", "conceptType": "semantic", "content": "x"}
    other = {**same, "@id": "urn:mif:2", "conceptType": "procedural", "content": "Rotate keys."}
    found = read({"m/a.md": UNIT, "m/a.jsonld": same, "m/b.jsonld": other})
    dark, keys = items(found)
    assert (dark.remote_id, dark.kind, dark.title) == (id, "preference", "Dark mode")
    assert (dark.text, dark.conversation_id) == ("# Dark mode\n\nPrefers dark mode.", "conv-1")
    assert str(dark.created_at) == "2026-01-15 10:30:00+00:00"
    assert str(dark.updated_at) == "2026-01-20 14:22:00+00:00"
    assert str(dark.valid_from) == "2026-01-15 00:00:00+00:00" and dark.valid_until is None
    assert dark.metadata == {"namespace": "_semantic/preferences", "tags": "ui"}
    assert (keys.remote_id, keys.kind, keys.text) == ("2", "skill", "Rotate keys.")
    assert len(found) == 2


def test_a_folder_of_units_is_mif_alone() -> None:
    with opened({"a.md": UNIT, "index.md": "---\nokf_version: '0.2'\n---\n"}) as files:
        archive = recognise(files)
        assert archive is not None and archive.what == "MIF bundle"


def test_an_odd_unit_is_reported() -> None:
    odd = {"@id": "urn:mif:1", "content": "x", "conceptType": "mood"}
    found = read({"a.md": UNIT, "b.json": odd})
    assert [problem.where for problem in problems(found)] == ["b.json"]


def test_a_nul_becomes_what_stands_for_an_odd_letter() -> None:
    (item,) = items(read({"index.md": "---\nokf_version: '0.2'\n---\n", "a.md": TABLE + "a\0b"}))
    assert item.text.endswith("a\ufffdb")
