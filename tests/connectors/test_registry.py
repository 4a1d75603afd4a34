"""Vendors are found by themselves, and exports by what is in them."""

import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import connectors as package
from connectors.base import registry
from connectors.base.errors import ArchiveError
from connectors.base.registry import archives, broken, connectors, recognise, vendors
from tests.connectors.shapes import activity, chat, claude_chat, opened, upload

GEMINI = [activity("Prompted x", "2026-01-02T12:00:00Z", "y")]


def test_every_vendor_says_what_the_pages_need() -> None:
    assert {"openai", "anthropic", "google"} <= vendors().keys()
    for slug, vendor in vendors().items():
        assert vendor.slug == slug
        assert vendor.name and vendor.company
        assert re.fullmatch("[A-Z]{2}", vendor.code)
        assert re.fullmatch("#[0-9A-F]{6}", vendor.light)
        assert re.fullmatch("#[0-9A-F]{6}", vendor.dark)
        assert vendor.docs_url.startswith("https://")


def test_marks_differ_in_code_and_in_looks() -> None:
    known = vendors().values()
    assert len({vendor.code for vendor in known}) == len(known)
    assert len({(vendor.shape, vendor.light) for vendor in known}) == len(known)


def test_every_reader_belongs_to_its_vendor_which_says_how_to_get_the_export() -> None:
    for slug, archive in archives().items():
        assert slug == archive.vendor or slug.startswith(f"{archive.vendor}-")
        assert archive.what
        assert vendors()[archive.vendor].export_steps


@pytest.mark.parametrize(
    ("content", "vendor"),
    [([chat()], "openai"), ([claude_chat()], "anthropic"), (GEMINI, "google")],
)
@pytest.mark.parametrize("name", ["conversations.json", "MyActivity.json", "x/y.txt"])
def test_an_export_is_known_by_what_is_in_it(content: Any, vendor: str, name: str) -> None:
    with opened({name: content}) as files:
        found = recognise(files)
        assert found is not None and found.vendor == vendor


DEEPSEEK = {
    "id": "u",
    "title": "T",
    "inserted_at": "2026-01-02T11:00:00+08:00",
    "mapping": {
        "root": {"id": "root", "parent": None, "children": ["1"], "message": None},
        "1": {
            "id": "1",
            "parent": "root",
            "children": [],
            "message": {"fragments": [{"type": "REQUEST", "content": "hello"}]},
        },
    },
}
GROK = {"conversations": [{"conversation": {"id": "c"}, "responses": []}]}


@pytest.mark.parametrize("content", [[], {}, [1, 2], [{"id": "x"}], "just text", "a,b,c\n1,2,3"])
def test_what_no_reader_knows_is_not_guessed(content: Any) -> None:
    with opened({"conversations.json": content}) as files:
        assert recognise(files) is None


@pytest.mark.parametrize("content", [[DEEPSEEK], GROK])
@pytest.mark.parametrize("vendor", ["openai", "anthropic", "google"])
def test_look_alikes_of_other_vendors_are_not_claimed(content: Any, vendor: str) -> None:
    with opened({"conversations.json": content}) as files:
        assert not archives()[vendor].recognise(files)


def test_two_vendors_at_once_are_refused_with_both_names() -> None:
    two = opened({"a.json": [chat()]}, upload({"b.json": [claude_chat()]}, "b.zip"))
    with (
        two as files,
        pytest.raises(ArchiveError, match="ChatGPT data export, Claude data export"),
    ):
        recognise(files)


def test_every_connector_that_we_ship_loads() -> None:
    assert broken() == {}


def test_a_vendor_that_cannot_be_loaded_is_left_out_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faulty = tmp_path / "faulty"
    faulty.mkdir()
    (faulty / "__init__.py").write_text("raise ImportError('no such library')\n")
    (faulty / "remote.py").write_text("")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    known, loaded = vendors(), connectors()
    _forget()
    try:
        assert vendors() == known
        assert connectors() == loaded
        assert list(broken()) == ["connectors.faulty"]
    finally:
        monkeypatch.undo()
        _forget()


def _forget() -> None:
    every = (registry.vendors, registry._loaded, connectors, archives, registry.handoffs)
    for one in every:
        one.cache_clear()


@pytest.mark.parametrize("face", ["remote", "archive", "handoff"])
@pytest.mark.parametrize("fault", ["import no_such_library", "1 / 0", "x = 1"])
def test_a_broken_file_is_left_out_and_told(
    fault: str,
    face: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A fault in one vendor's file stops no import, hand-off or connection of another."""
    every = (connectors, archives, registry.handoffs)
    before, zep = [list(one()) for one in every], import_module("connectors.zep")
    (tmp_path / f"{face}_faulty.py").write_text(fault, encoding="utf-8")
    monkeypatch.setattr(zep, "__path__", [*zep.__path__, str(tmp_path)])
    _forget()
    try:
        assert [list(one()) for one in every] == before
        assert list(broken()) == [f"connectors.zep.{face}_faulty"]
        assert f"connectors.zep.{face}_faulty cannot be loaded" in caplog.text
    finally:
        sys.modules.pop(f"connectors.zep.{face}_faulty", None)
        monkeypatch.undo()
        _forget()


def test_connectors_speak_through_the_client_they_are_given() -> None:
    """Its address checks and limits are what keeps them from the server's own network."""
    clients = r"httpx\.(Client|AsyncClient|get|post|put|request|stream)\("
    others = r"^\s*(import|from) (requests|urllib3|urllib\.request)\b"
    for path in sorted(Path(str(package.__file__)).parent.rglob("*.py")):
        said = path.read_text(encoding="utf-8")
        assert not re.search(f"{clients}|{others}", said, re.M), path
