"""Bodies, cursors and headers that were made to break something, or to see more."""

import base64
import json
from typing import Any
from uuid import uuid4

import pytest

from api.errors import CONTENT_TYPE
from tests.api.oauth.apps import allow, registered
from tests.api.people import SEE, WRITE, App, Owner
from tests.people import signed_in
from vault.types import Right


def raw(app: App, method: str, path: str, body: str) -> Any:
    app.client.raise_request_exception = False
    return app.call(method, path, body.encode())


@pytest.mark.parametrize(
    "body",
    [
        '{"query": "x", "\\ud800": 1}',
        '{"query": "\\ud800"}',
        '{"query": "x", "purpose": "\\udfff"}',
        '{"query": "x", "kinds": ["\\ud800"]}',
        '{"query": "x", "collections": ["\\ud800"]}',
        '{"query": "x", "after": "\\ud800"}',
        '{"query": "x", "limit": 1e999}',
        '{"query": "x", "\\u0000": 1}',
        '{"query": "x", "query": "y"}',
        '{"query": "x", "limit": ' + "9" * 4000 + "}",
        '{"query": "x", "limit": ' + "9" * 5000 + "}",
    ],
)
def test_half_letters_and_endless_numbers(app: App, body: str) -> None:
    answer = raw(app, "POST", "search", body)
    assert answer.status_code == 400, answer.content
    assert answer.headers["Content-Type"] == CONTENT_TYPE
    json.loads(answer.content)


@pytest.mark.parametrize("path", ["context", "memories", "memory-tool"])
@pytest.mark.parametrize(
    "body",
    [
        '{"\\ud800": "\\ud800"}',
        '{"text": "x", "messages": [{"role": "user", "\\ud800": 1}]}',
        '{"messages": [{"role": "user", "content": "x", "\\ud800": 1}]}',
        '{"command": "\\ud800"}',
        '{"command": "view", "\\ud800": 1}',
        '{"command": "view", "path": "/memories/\\ud800"}',
        '{"command": "view", "path": "/memories", "view_range": [1e999]}',
    ],
)
def test_half_letters_anywhere(app: App, path: str, body: str) -> None:
    answer = raw(app, "POST", path, body)
    assert answer.status_code < 500, answer.content
    json.loads(answer.content)


def cursor(at: str, id: str = "0" * 32) -> str:
    return base64.urlsafe_b64encode(f"{at}|{id}".encode()).decode()


@pytest.mark.parametrize(
    "made",
    [
        cursor("2026-01-01T00:00:00+00:00:00.5"),
        cursor("2026-01-01T00:00:00+23:59:59.999999"),
        cursor("2026-01-01T00:00:00-23:59:59"),
        cursor("0001-01-01T00:00:00+23:59"),
        cursor("9999-12-31T23:59:59.999999-23:59"),
        cursor("2026-01-01T00:00:00+00:00", "{" + "0" * 32 + "}"),
        cursor("2026-01-01"),
        cursor("2026-W01-1T00:00:00Z"),
        "é",
        "=",
        "A" * 500,
    ],
)
def test_a_forged_cursor_breaks_nothing(app: App, made: str) -> None:
    app.client.raise_request_exception = False
    for path in ("memories", "changes"):
        answer = app.get(f"{path}?cursor={made}")
        assert answer.status_code in (200, 400), (path, answer.content)


def test_a_cursor_of_another_shows_nothing_of_theirs(ada: Owner, app: App) -> None:
    other = Owner()
    for n in range(3):
        other.remembers(f"Secret {n}.")
    theirs = other.grants({"Personal": SEE})
    page = theirs.get("memories?limit=1").json()
    answer = app.get(f"memories?cursor={page['next']}")
    ours = {m["id"] for m in answer.json().get("memories", [])}
    assert not ours & {str(one) for one in theirs.ids()}
    feed = theirs.get("changes?limit=1").json()["next"]
    assert app.get(f"changes?cursor={feed}").status_code == 400
    assert ada.grants({"Personal": SEE}).get(f"changes?cursor={feed}").status_code == 400


def test_head_asks_for_the_scopes_of_get(ada: Owner) -> None:
    visitor, browser = registered(), signed_in(ada.person)
    given = allow(
        browser, ada.person, visitor.asks(scope="memory.write"), Personal=Right(add="yes")
    )
    token = visitor.exchanges(given["code"])[1]["access_token"]
    head = {"Authorization": f"Bearer {token}"}
    for path in ("memories", "changes"):
        got = visitor.http.get(f"/api/v1/{path}", headers=head)
        asked = visitor.http.head(f"/api/v1/{path}", headers=head)
        assert (got.status_code, asked.status_code) == (403, 403)


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"])
def test_no_header_makes_another_method_of_one(ada: Owner, reader: App, name: str) -> None:
    memory = next(iter(reader.ids()))
    answer = reader.get(f"memories/{memory}", **{name.replace("-", "_"): "DELETE"})
    assert answer.status_code == 200
    posted = reader.call("POST", f"memories/{memory}", b"_method=DELETE", Content_Type="text/plain")
    assert posted.status_code in (403, 405, 415)
    assert memory in reader.ids()


@pytest.mark.parametrize(
    "written",
    ["bearer {0}", "BEARER {0}", "Bearer  {0}", "Bearer {0} "],
)
def test_spellings_of_authorization_that_are_taken(reader: App, written: str) -> None:
    head = {"Authorization": written.format(reader.token)}
    assert reader.client.get("/api/v1/me", headers=head).status_code == 200


@pytest.mark.parametrize(
    "written",
    [
        "{0}",
        "Bearer",
        "Bearer {0} {0}",
        "Bearer {0},Bearer {0}",
        "Bearer {0}=",
        "Bearer {0}\u00a0x",
        "Basic {0}",
        "Token {0}",
        "Bearer\t{0}",
        "Bearer SATCHEL_{1}",
    ],
)
def test_spellings_of_authorization_that_are_not(reader: App, written: str) -> None:
    bare = reader.token.removeprefix("satchel_")
    head = {"Authorization": written.format(reader.token, bare)}
    answer = reader.client.get("/api/v1/me", headers=head)
    assert answer.status_code == 401
    assert bare not in answer.content.decode() + str(answer.headers)


@pytest.mark.parametrize("field", ["access_token", "token", "bearer", "api_key"])
def test_a_token_anywhere_else_is_not_looked_at(reader: App, field: str) -> None:
    bare = reader.client
    assert bare.get(f"/api/v1/me?{field}={reader.token}").status_code == 401
    body = json.dumps({"query": "x", field: reader.token})
    posted = bare.post("/api/v1/search", body, content_type="application/json")
    assert posted.status_code == 401
    bare.cookies[field] = reader.token
    assert bare.get("/api/v1/me").status_code == 401
    del bare.cookies[field]


def test_a_key_of_one_grant_tells_another_nothing(ada: Owner) -> None:
    first, second = ada.grants({"Personal": WRITE}), ada.grants({"Personal": WRITE})
    key, said = str(uuid4()), {"text": f"Something {uuid4()}."}
    mine = first.post("memories", said, Idempotency_Key=key)
    theirs = second.post("memories", {"text": f"Else {uuid4()}."}, Idempotency_Key=key)
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert mine.json()["id"] != theirs.json()["id"]
    assert theirs.headers["Idempotent-Replayed"] == "false"


def test_a_key_opens_nothing_after_the_grant_was_narrowed(ada: Owner) -> None:
    writer = ada.grants({"Personal": WRITE, "Work": WRITE})
    key = str(uuid4())
    said = {"text": f"At work {uuid4()}.", "collection_id": str(ada.collections["Work"])}
    assert writer.post("memories", said, Idempotency_Key=key).status_code == 201
    owner = ada.session()
    left = [{"collection_id": str(ada.collections["Personal"]), "see": True, "add": "yes"}]
    assert owner.patch(f"grants/{writer.grant.id}", {"rights": left}).status_code == 200
    again = writer.post("memories", said, Idempotency_Key=key)
    assert again.status_code == 404 and said["text"] not in again.content.decode()


@pytest.mark.parametrize("tag", ["3, 4", '"1", "2"', "'1'", '"', '""', '"1" ', "W/", '"-1"', '"½"'])
def test_no_odd_precondition_lets_a_change_through(ada: Owner, tag: str) -> None:
    app = ada.grants({"Personal": WRITE})
    made = app.post("memories", {"text": f"Kept {uuid4()}."}).json()
    app.patch(f"memories/{made['id']}", {"title": "newer"})
    answer = app.patch(f"memories/{made['id']}", {"text": "Lost."}, If_Match=tag)
    assert answer.status_code in (400, 412), answer.content
    assert app.get(f"memories/{made['id']}").json()["text"] == made["text"]


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "application/xml", "application/x-www-form-urlencoded",
     "multipart/form-data", "application/json-patch+json", "application/jsonx", "*/*"],
)  # fmt: skip
def test_only_json_is_read(app: App, kind: str) -> None:
    answer = app.call("POST", "memories", b'{"text": "x"}', Content_Type=kind)
    assert answer.status_code in (400, 415), answer.content
