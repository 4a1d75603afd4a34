"""The memory tool, called by a model that was talked into leaving its directory."""

from typing import Any

import pytest

from tests.api.people import SEE, WRITE, App, Owner
from vault import collections

OUT = [
    "/memories/..",
    "/memories/../etc/passwd",
    "/memories/a/../../b",
    "/memories/%2e%2e/x",
    "/memories/%2E%2E%2Fx",
    "/memories/..%2fx",
    "/memories/..\\x",
    "/memories\\..\\x",
    "/memories/\u2025/x",
    "/memories/\u2024\u2024/x",
    "/memories/\uff0e\uff0e/x",
    "/memories/a\uff0fb",
    "/memories/a\u2044b/../../..",
    "/memories/\0",
    "/memories/.\u200b./x",
    "/memoriesx/a",
    "/Memories/a",
    "memories/a",
    "/etc/passwd",
    "",
    "//memories/a",
    "/memories/" + "a" * 400,
    "/memories/" + "/".join("abcdefghijklmnopqrstuvwxyz"),
    "/memories/\ud800",
    "/memories/{path.__class__}",
    "/memories/\u202egnp.exe",
]


def asks(app: App, **said: Any) -> tuple[str, bool]:
    answer = app.post("memory-tool", said)
    assert answer.status_code == 200, answer.content
    return answer.json()["content"], answer.json()["is_error"]


@pytest.mark.parametrize("path", OUT)
def test_no_path_leads_out(ada: Owner, path: str) -> None:
    app = ada.grants({"Personal": WRITE})
    before = app.ids()
    for said in (
        {"command": "view", "path": path},
        {"command": "delete", "path": path},
        {"command": "rename", "old_path": path, "new_path": "/memories/x.md"},
        {"command": "str_replace", "path": path, "old_str": "a", "new_str": "b"},
        {"command": "insert", "path": path, "insert_line": 0, "insert_text": "b"},
    ):
        words, failed = asks(app, **said)
        assert failed, words
    assert app.ids() == before


@pytest.mark.parametrize("name", ["{oops}", "{path.__class__.__mro__}", "{0}", "{", "}", "%s{}"])
def test_a_collections_name_is_only_words(name: str) -> None:
    owner = Owner()
    collections.rename(owner.access, owner.collections["Work"], name=name)
    app = owner.grants({"Personal": WRITE, "Work": SEE})
    for command in ("create", "view", "delete"):
        more = {"file_text": "x"} if command == "create" else {}
        words, failed = asks(app, command=command, path="/memories/nowhere/x.md", **more)
        assert failed and "class" not in words.replace(name, ""), words
    assert not asks(app, command="view", path="/memories")[1]


def test_what_is_asked_for_by_odd_numbers_is_answered(ada: Owner) -> None:
    app = ada.grants({"Personal": WRITE})
    path = "/memories/numbers.md"
    asks(app, command="create", path=path, file_text="a\nb\n")
    for span in ([1, -1], [-5, -5], [10**300, 10**300], [0, 0], [2, 1], [], [1], [1, 2, 3]):
        assert not asks(app, command="view", path=path, view_range=span)[1]
    for line in (-1, 10**300, 3):
        words, failed = asks(app, command="insert", path=path, insert_line=line, insert_text="x")
        assert failed, words
    asks(app, command="delete", path=path)


def test_a_collection_of_somebody_else_is_no_directory(ada: Owner) -> None:
    other = Owner()
    app = ada.grants({"Personal": WRITE})
    for place in (other.collections["Personal"], ada.collections["Health"]):
        answer = app.post(
            f"memory-tool?collection={place}", {"command": "view", "path": "/memories"}
        )
        assert answer.status_code == 404
