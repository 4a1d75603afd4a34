"""What is sent wrong gets a problem that helps, and tells nothing it should not."""

import json
import logging
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from api.errors import TABLE, UNEXPECTED
from tests.api.people import WRITE, App, Owner
from vault import errors, middleware
from vault.recalling import recall

NO = "00000000-0000-7000-8000-000000000000"
DEEP = b'{"query": ' + b"[" * 5000 + b"]" * 5000 + b"}"
NESTED = json.dumps({"query": {"a": {"b": [[[[[[[[[[[[[[1]]]]]]]]]]]]]]}}}).encode()

# (method, path, body, status, the fields that `errors` names)
BROKEN: list[tuple[str, str, Any, int, list[str]]] = [
    ("POST", "search", b"", 400, ["query"]),
    ("POST", "search", b"{", 400, []),
    ("POST", "search", b"\xff\xfe", 400, []),
    ("POST", "search", "\ufeff{}".encode(), 400, []),
    ("POST", "search", b'{"query": NaN}', 400, []),
    ("POST", "search", b'{"query": "a", "query": "b"}', 400, []),
    ("POST", "search", b'{"query": ' + b"9" * 5000 + b"}", 400, []),
    ("POST", "search", DEEP, 400, []),
    ("POST", "search", NESTED, 400, []),
    ("POST", "search", [], 400, ["body"]),
    ("POST", "search", "text", 400, ["body"]),
    ("POST", "search", None, 400, ["query"]),
    ("POST", "search", {}, 400, ["query"]),
    ("POST", "search", {"query": ""}, 400, ["query"]),
    ("POST", "search", {"query": 5}, 400, ["query"]),
    ("POST", "search", {"query": None}, 400, ["query"]),
    ("POST", "search", {"query": ["a"]}, 400, ["query"]),
    ("POST", "search", {"query": "x" * 4001}, 400, ["query"]),
    ("POST", "search", {"query": "a\x00b"}, 400, ["query"]),
    ("POST", "search", b'{"query": "\\ud800"}', 400, ["query"]),
    ("POST", "search", {"query": "x", "limit": 0}, 400, ["limit"]),
    ("POST", "search", {"query": "x", "limit": 101}, 400, ["limit"]),
    ("POST", "search", {"query": "x", "limit": "5"}, 400, ["limit"]),
    ("POST", "search", {"query": "x", "limit": 1.5}, 400, ["limit"]),
    ("POST", "search", {"query": "x", "limit": True}, 400, ["limit"]),
    ("POST", "search", b'{"query": "x", "limit": 1e999}', 400, ["limit"]),
    ("POST", "search", {"query": "x", "kinds": ["rumour"]}, 400, ["kinds.0"]),
    ("POST", "search", {"query": "x", "kinds": "fact"}, 400, ["kinds"]),
    ("POST", "search", {"query": "x", "collections": ["nope"]}, 400, ["collections.0"]),
    ("POST", "search", {"query": "x", "collections": [5]}, 400, ["collections.0"]),
    ("POST", "search", {"query": "x", "after": "yesterday"}, 400, ["after"]),
    ("POST", "search", {"query": "x", "after": "0001-01-01T00:00:00+14:00"}, 400, ["after"]),
    ("POST", "search", {"query": "x", "topk": 3}, 400, ["topk"]),
    ("POST", "search", {"query": "x", "purpose": "p" * 201}, 400, ["purpose"]),
    ("POST", "context", {"max_tokens": 49}, 400, ["max_tokens"]),
    ("POST", "context", {"max_tokens": 32_001}, 400, ["max_tokens"]),
    ("POST", "context", {"format": "html"}, 400, ["format"]),
    ("POST", "context", {"messages": ["hello"]}, 400, ["messages.0"]),
    ("POST", "context", {"messages": [{"role": "user"}]}, 400, ["messages.0.content"]),
    ("POST", "context", {"messages": [{"role": "god", "content": ""}]}, 400, ["messages.0.role"]),
    (
        "POST",
        "context",
        {"messages": [{"role": "user", "content": "", "x": 1}]},
        400,
        ["messages.0.x"],
    ),
    ("POST", "context", {"messages": [{"role": "user", "content": ""}] * 101}, 400, ["messages"]),
    ("POST", "memories", {"text": "x" * 100_001}, 400, ["text"]),
    ("POST", "memories", {"text": " "}, 400, ["text"]),
    ("POST", "memories", {"text": "\u200b"}, 400, ["text"]),
    ("POST", "memories", {"text": "x", "kind": "rumour"}, 400, ["kind"]),
    ("POST", "memories", {"text": "x", "pinned": True}, 400, ["pinned"]),
    ("POST", "memories", {"text": "x", "title": "t" * 301}, 400, ["title"]),
    ("POST", "memories", {"text": "x", "collection_id": NO}, 404, []),
    ("GET", "memories?limit=0", None, 400, ["limit"]),
    ("GET", "memories?limit=1&limit=2", None, 400, ["limit"]),
    ("GET", "memories?limit=ten", None, 400, ["limit"]),
    ("GET", "memories?limit=" + "9" * 500, None, 400, ["limit"]),
    ("GET", "memories?kinds=rumour", None, 400, ["kinds.0"]),
    ("GET", "memories?cursor=nonsense", None, 400, ["cursor"]),
    ("GET", "memories?cursor=%00", None, 400, ["cursor"]),
    ("GET", "memories?page=2", None, 400, ["page"]),
    ("GET", f"memories/{NO}", None, 404, []),
    ("GET", "memories/nonsense", None, 404, []),
    ("GET", "memories/../me", None, 404, []),
    ("PATCH", f"memories/{NO}", {"text": "x"}, 404, []),
    ("PATCH", f"memories/{NO}", {"pinned": "yes"}, 400, ["pinned"]),
    ("DELETE", f"memories/{NO}", None, 404, []),
    ("GET", "nowhere", None, 404, []),
    ("GET", "", None, 404, []),
    ("POST", "nowhere", b"{", 404, []),
    ("PUT", "me", {}, 405, []),
    ("GET", "context", None, 405, []),
    ("DELETE", "memories", None, 405, []),
    ("TRACE", "me", None, 405, []),
    ("BREW", "me", None, 405, []),
]


def is_problem(answer: Any) -> dict[str, Any]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"].startswith("urn:satchel:problem:")
    assert problem["title"] and problem["detail"]
    return problem


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "fields"),
    BROKEN,
    ids=[f"{row[0]} {row[1][:40]} {n}" for n, row in enumerate(BROKEN)],
)
def test_broken_input(
    app: App, method: str, path: str, body: Any, status: int, fields: list[str]
) -> None:
    answer = app.call(method, path, body)
    problem = is_problem(answer)
    assert answer.status_code == status, problem
    assert list(problem.get("errors", {})) == fields
    if status == 405:
        assert "Allow" in answer.headers


def test_other_media_types(app: App) -> None:
    for sent in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "x" * 999,
    ):
        answer = app.post("search", b'{"query": "x"}', Content_Type=sent)
        assert is_problem(answer) and answer.status_code == 415
    for wanted in ("text/html", "application/xml", "image/*"):
        answer = app.get("me", Accept=wanted)
        assert is_problem(answer) and answer.status_code == 406
    for wanted in ("*/*", "application/*", "application/json;q=0.5, text/html", "application/json"):
        assert app.get("me", Accept=wanted).status_code == 200


def test_a_body_of_more_than_a_mebibyte(app: App) -> None:
    answer = app.post("search", b'{"query": "' + b"x" * 1024 * 1024 + b'"}')
    assert is_problem(answer) and answer.status_code == 413
    fits = json.dumps({"messages": [{"role": "user", "content": "x" * 90_000}] * 11}).encode()
    assert app.post("context", fits).status_code == 200


def test_a_wrong_value_is_not_repeated(app: App) -> None:
    """Neither words nor a token sent by mistake come back, or are written down."""
    canary = "canary-8f1c"
    for body in (
        {"query": "x", "kinds": [canary]},
        {"query": "x", "collections": [canary]},
        {"query": "x", "limit": canary},
        {"query": [canary]},
        {"query": "x", "after": canary},
    ):
        answer = app.post("search", body)
        assert answer.status_code == 400
        assert canary not in answer.content.decode()


def test_what_django_refuses_is_a_problem_too() -> None:
    unknown_host = Client().get("/api/v1/me", headers={"Host": "evil.example"})
    assert is_problem(unknown_host)["type"] == "urn:satchel:problem:unreadable"
    assert unknown_host.status_code == 400
    beside = Client().get("/api/v2/me")
    assert is_problem(beside) and beside.status_code == 404


def test_an_error_before_any_view_tells_nothing(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(request: object) -> None:
        raise RuntimeError("canary")

    monkeypatch.setattr(middleware, "_open", fail)
    app = App(app.token, app.grant)
    app.client.raise_request_exception = False
    answer = app.get("me")
    assert is_problem(answer)["type"] == "urn:satchel:problem:unexpected"
    assert "canary" not in answer.content.decode()


@pytest.mark.parametrize("problem", [*(problem for _, problem in TABLE), UNEXPECTED])
def test_every_row_of_the_table_is_usable(problem: Any) -> None:
    assert 400 <= problem.status < 600
    assert problem.slug == problem.slug.lower() and " " not in problem.slug
    assert problem.title


@pytest.mark.parametrize(
    ("error", "status", "slug"),
    [
        (errors.Locked("Your vault is locked."), 401, "locked"),
        (errors.NotFound("x"), 404, "not-found"),
        (errors.Refused("Only the owner may do this."), 403, "refused"),
        (errors.Stale("x"), 412, "stale"),
        (errors.Invalid("Send less.", "text"), 400, "invalid"),
        (errors.Tampered("row canary of table canary"), 500, "tampered"),
        (errors.OutsideScope("canary"), 500, "tampered"),
        (RuntimeError("canary"), 500, "unexpected"),
        (OperationalError("canary"), 503, "unavailable"),
        (UnicodeDecodeError("utf-8", b"canary", 0, 1, "canary"), 500, "unexpected"),
    ],
)
def test_each_error_has_its_problem_and_500s_tell_nothing(
    app: App,
    error: Exception,
    status: int,
    slug: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise error

    monkeypatch.setattr(recall, "search", fail)
    with caplog.at_level(logging.DEBUG):
        answer = app.post("search", {"query": "canary in the query"})
    problem = is_problem(answer)
    assert (answer.status_code, problem["type"]) == (status, f"urn:satchel:problem:{slug}")
    assert "canary" not in answer.content.decode()
    assert "canary" not in caplog.text
    if status >= 500:
        assert type(error).__name__ in caplog.text
        assert "rest/search.py" in caplog.text, "the place of the error must be in the log"


def test_nothing_is_cached_and_no_other_site_may_read(app: App) -> None:
    for answer in (app.get("me"), app.get("memories/x"), app.get("health"), app.get("schema")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert not [name for name in answer.headers if name.startswith("Access-Control")]
    foreign = app.get("me", Origin="https://evil.example")
    assert not [name for name in foreign.headers if name.startswith("Access-Control")]


def test_tampered_rows_are_reported_and_not_shown() -> None:
    from vault.models import Memory
    from vault.scope import vault_scope

    owner = Owner()
    app = owner.grants({"Personal": WRITE})
    memory = owner.remembers("To be damaged.")
    with vault_scope(owner.access.vault_id):
        row = Memory.objects.get(vault_id=owner.access.vault_id, id=memory.id)
        damaged = bytes(row.sealed[:-1]) + bytes([row.sealed[-1] ^ 1])
        Memory.objects.filter(vault_id=row.vault_id, id=row.id).update(sealed=damaged)
    answer = app.get(f"memories/{memory.id}")
    assert answer.status_code == 500
    assert is_problem(answer)["type"] == "urn:satchel:problem:tampered"
    assert app.get("memories").status_code == 500, "a failure must not look like an empty list"
