"""What only the owner's own session may do; and that it takes away here but never gives."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from tests.api.people import ASK, SEE, WRITE, App, Owner, Session, multipart
from vault import memories
from vault.granting import grants
from vault.types import Right


@pytest.fixture
def owner(database: None) -> Owner:
    return Owner()


@pytest.fixture
def session(owner: Owner) -> Session:
    return owner.session()


def rights(owner: Owner, **named: Right) -> list[dict[str, Any]]:
    return [
        {"collection_id": str(owner.collections[name]), "see": right.see, "add": right.add}
        for name, right in named.items()
    ]


def test_a_suggestion_is_read_accepted_and_declined(owner: Owner, session: Session) -> None:
    app, other = owner.grants({"Personal": ASK}), owner.grants({"Personal": ASK})
    wanted = [app.post("memories", {"text": f"Wish {n}."}).json()["id"] for n in range(2)]
    assert app.get("suggestions").json() == {
        "suggestions": [{"id": one, "state": "waiting"} for one in wanted]
    }
    assert other.get("suggestions").json() == {"suggestions": []}
    told = session.get("suggestions").json()["suggestions"]
    assert [(one["text"], one["action"]) for one in told] == [
        ("Wish 0.", "remember"),
        ("Wish 1.", "remember"),
    ]
    done = session.post(f"suggestions/{wanted[0]}/accept", None)
    assert (done.status_code, done.json()["text"]) == (200, "Wish 0.")
    assert session.post(f"suggestions/{wanted[1]}/decline", None).status_code == 204
    assert app.get("suggestions").json() == {"suggestions": []}
    assert [memory["text"] for memory in app.get("memories").json()["memories"]] == ["Wish 0."]
    for verb in ("accept", "decline"):
        assert session.post(f"suggestions/{wanted[0]}/{verb}", None).status_code == 404


def test_a_grantee_does_none_of_it(owner: Owner) -> None:
    app = owner.grants({"Personal": WRITE})
    asked = owner.grants({"Personal": ASK}).post("memories", {"text": "A wish."}).json()["id"]
    home = owner.collections["Personal"]
    calls = [
        *(("POST", f"suggestions/{asked}/accept"), ("POST", f"suggestions/{asked}/decline")),
        *(("POST", "collections"), ("PATCH", f"collections/{home}"), ("GET", "grants")),
        *(("POST", "grants"), ("GET", f"grants/{app.grant.id}"), ("PATCH", "grants/{}")),
        *(("DELETE", f"grants/{app.grant.id}"), ("GET", "access-log"), ("GET", "imports")),
        *(("POST", "imports"), ("GET", f"imports/{asked}")),
    ]
    for method, path in calls:
        answer = app.call(method, path.format(app.grant.id), None if method == "GET" else {})
        assert answer.status_code == 403, (method, path)
        assert answer.json()["type"] == "urn:satchel:problem:refused"
        assert "A wish" not in answer.content.decode()
    assert app.get("me").status_code == 200


def test_writing_needs_the_csrf_token(owner: Owner) -> None:
    app, forged = owner.grants({"Personal": SEE}), owner.session(csrf=False)
    assert forged.get("grants").status_code == 200
    body, kind = multipart(b"[]")
    for answer in (
        forged.delete(f"grants/{app.grant.id}"),
        forged.patch(f"grants/{app.grant.id}", {"paused": True}),
        forged.call("POST", "imports", body, Content_Type=kind),
    ):
        assert answer.status_code == 403
    assert app.get("me").status_code == 200


def test_another_owners_things_are_not_there(owner: Owner) -> None:
    app = owner.grants({"Personal": SEE})
    asked = owner.grants({"Personal": ASK}).post("memories", {"text": "A wish."}).json()["id"]
    stranger = Owner().session()
    for method, path in (
        *(("GET", f"grants/{app.grant.id}"), ("DELETE", f"grants/{app.grant.id}")),
        *(("POST", f"suggestions/{asked}/accept"), ("GET", f"imports/{asked}")),
        ("PATCH", f"collections/{owner.collections['Personal']}"),
    ):
        body = {"name": "Mine"} if method == "PATCH" else None
        assert stranger.call(method, path, body).status_code == 404, (method, path)
    assert app.get("me").status_code == 200
    assert stranger.get("suggestions").json() == {"suggestions": []}


def test_a_collection_is_renamed_and_made_on_its_page(owner: Owner, session: Session) -> None:
    home = owner.collections["Travel"]
    done = session.patch(f"collections/{home}", {"name": "Journeys", "private": True})
    assert (done.status_code, done.json()["name"]) == (200, "Journeys")
    refused = session.post("collections", {"name": "Garden"})
    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:satchel:problem:step-up-required"
    assert refused.json()["page"] == "http://testserver/settings/collections/new/"
    assert session.client.get(refused.json()["page"]).status_code == 200
    names = [c["name"] for c in session.get("collections").json()["collections"]]
    assert "Journeys" in names
    assert "Garden" not in names


def test_a_collection_is_deleted_on_its_page(owner: Owner, session: Session) -> None:
    home = owner.collections["Travel"]
    refused = session.delete(f"collections/{home}")
    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:satchel:problem:step-up-required"
    page = f"/settings/collections/{home}/delete/"
    assert refused.json()["page"] == f"http://testserver{page}"
    assert session.client.get(page).status_code == 200
    assert session.delete(f"collections/{uuid4()}").status_code == 404
    app = owner.grants({"Travel": SEE})
    assert app.call("DELETE", f"collections/{home}", None).status_code == 403
    assert session.patch(f"collections/{home}", {}).status_code == 400


def test_a_grant_is_narrowed_paused_and_revoked(owner: Owner, session: Session) -> None:
    app = owner.grants({"Personal": WRITE, "Work": SEE})
    place = f"grants/{app.grant.id}"
    assert session.get(place).json()["state"] == "active"
    less = session.patch(place, {"rights": rights(owner, Personal=SEE), "name": "Reader"})
    assert less.status_code == 200, less.content
    assert less.json()["rights"] == rights(owner, Personal=SEE)
    assert less.json()["name"] == "Reader"
    assert [c["name"] for c in app.get("me").json()["collections"]] == ["Personal"]
    soon = (timezone.now() + timedelta(days=1)).isoformat()
    assert session.patch(place, {"expires_at": soon}).json()["rights"] == rights(
        owner, Personal=SEE
    )
    assert session.patch(place, {"paused": True}).json()["state"] == "paused"
    assert app.get("me").status_code == 401
    assert session.delete(place).status_code == 204
    assert session.get(place).json()["state"] == "revoked"
    assert session.delete(place).status_code == 204
    assert session.patch(place, {"paused": True}).status_code == 403


def test_nothing_is_given_without_the_vaults_key(owner: Owner, session: Session) -> None:
    app = owner.grants({"Personal": SEE})
    place, later = f"grants/{app.grant.id}", (timezone.now() + timedelta(days=90)).isoformat()
    session.patch(place, {"confirmed_only": True})
    grants.pause(owner.access, app.grant.id)
    before = session.get(place).json()
    for wish in (
        {"rights": rights(owner, Personal=WRITE)},
        {"rights": rights(owner, Personal=SEE, Work=SEE)},
        *({"expires_at": later}, {"confirmed_only": False}, {"paused": False}),
        {"name": "Renamed", "paused": False},
    ):
        answer = session.patch(place, wish)
        assert answer.status_code == 403, wish
        assert answer.json()["type"] == "urn:satchel:problem:step-up-required"
        assert answer.json()["page"] == f"http://testserver/{place}/change/"
        assert session.get(place).json() == before, "all of it or nothing"
    new = {"name": "New", "rights": rights(owner, Personal=SEE), "expires_at": later}
    answer = session.post("grants", new)
    assert (answer.status_code, answer.json()["page"]) == (403, "http://testserver/grants/new/")
    assert len(session.get("grants").json()["grants"]) == 1


def test_a_grant_cannot_be_emptied_or_named_twice(owner: Owner, session: Session) -> None:
    app = owner.grants({"Personal": SEE})
    twice = rights(owner, Personal=SEE) * 2
    for wish in ({"rights": []}, {"rights": twice}, {"rights": rights(owner, Work=Right())}, {}):
        assert session.patch(f"grants/{app.grant.id}", wish).status_code == 400, wish


def test_the_access_log_in_pages_and_whole(owner: Owner, session: Session) -> None:
    memory = owner.remembers("She is allergic to peanuts.")
    app = owner.grants({"Personal": SEE})
    for _ in range(3):
        app.post("search", {"query": "peanuts", "purpose": "Dinner"})
    lines, cursor = [], ""
    while cursor is not None:
        here = f"access-log?limit=2&grant_id={app.grant.id}"
        page = session.get(f"{here}&cursor={cursor}" if cursor else here).json()
        lines += page["entries"]
        cursor = page["next"]
    assert [line["purpose"] for line in lines] == ["Dinner"] * 3
    assert lines[0]["memory_ids"] == [str(memory.id)]
    whole = session.get("access-log", Accept="application/x-ndjson")
    assert whole.headers["Content-Type"] == "application/x-ndjson"
    told = [json.loads(line) for line in whole.getvalue().splitlines()]
    assert told[-1]["head"]["count"] == len(told) - 1
    assert [line["purpose"] for line in told if line.get("grant")] == ["Dinner"] * 3
    assert session.get("access-log?cursor=AAAA").status_code == 400
    assert session.get("access-log?limit=2", Accept="application/x-ndjson").status_code == 400
    assert session.get("access-log", Accept="text/csv").status_code == 406


def test_an_import_by_upload(owner: Owner, session: Session) -> None:
    body, kind = multipart(b'[{"title": "A talk", "mapping": {}}]', b"[]")
    begun = session.call("POST", "imports", body, Content_Type=kind)
    assert begun.status_code == 202, begun.content
    one = session.get(begun.headers["Location"].removeprefix("/api/v1/")).json()
    assert one["file_names"] == ["0.json", "1.json"]
    assert one["bytes_total"] == len(b'[{"title": "A talk", "mapping": {}}]') + 2
    assert [found["id"] for found in session.get("imports").json()["imports"]] == [one["id"]]
    for data, sent, status in (
        (b"{}", "application/json", 415),
        (multipart()[0], multipart()[1], 400),
        (b"not parts", kind, 400),
    ):
        answer = session.call("POST", "imports", data, Content_Type=sent)
        assert answer.status_code == status, answer.content
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert session.get(f"imports/{UUID(int=1)}").status_code == 404


def test_a_locked_vault_answers_401(owner: Owner) -> None:
    session = owner.session()
    from vault.middleware import KEY_COOKIE

    del session.client.cookies[KEY_COOKIE]
    for path in ("grants", "access-log", "imports", "suggestions", "changes"):
        assert session.get(path).status_code == 401
    assert memories.listing(owner.access).total == 0


def test_ready_and_health(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    from api.rest import ready
    from vault.keys.custodian import KeysFolderError

    assert app.client.get("/api/v1/ready").json() == {"status": "ok"}

    class Broken:
        def pepper(self) -> bytes:
            raise KeysFolderError("gone")

    monkeypatch.setattr(ready, "custodian", Broken)
    answer = app.client.get("/api/v1/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
