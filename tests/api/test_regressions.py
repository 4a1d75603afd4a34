"""Failures that other memory services had, each kept from happening here."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from api.mcp import needs
from tests.api.mcp.callers import connected, with_token
from tests.api.people import ASK, DROP, SEE, WRITE, App, Owner
from tests.stack import Live
from vault import memories
from vault.granting import tokens
from vault.granting.scopes import ADD, SUGGEST
from vault.models import Vector
from vault.scope import vault_scope

_IDS = ("collection_id", "grant_id", "suggestion_id", "import_id")


def test_an_empty_allow_list_denies(app: App) -> None:
    """A filter that names nothing finds nothing; it does not mean "all"."""
    for narrowing in ({"collections": []}, {"kinds": []}):
        body = {"query": "Ada London peanuts", **narrowing}
        assert app.post("search", body).json()["memories"] == []
        assert app.post("context", body).json()["memories"] == []
    assert app.get("memories?collections=").json()["memories"] == []
    assert app.get("memories?kinds=").json()["memories"] == []


def test_a_grant_that_lost_its_rights_sees_nothing(ada: Owner) -> None:
    from vault.models import GrantRight
    from vault.scope import vault_scope

    app = ada.grants({"Personal": WRITE})
    with vault_scope(ada.access.vault_id):
        GrantRight.objects.filter(vault_id=ada.access.vault_id, grant_id=app.grant.id).delete()
    for path in ("memories", "collections", "me"):
        assert app.get(path).status_code == 401
    for path, body in (("search", {"query": "Ada"}), ("memories", {"text": "Anything."})):
        assert app.post(path, body).status_code == 401


def test_a_read_token_fails_on_every_mutating_call(ada: Owner, reader: App) -> None:
    """The write calls are taken from the document, so that a new one cannot be forgotten."""
    memory = ada.remembers("She keeps bees.")
    document = reader.get("schema").json()
    reading = {("/api/v1/context", "post"), ("/api/v1/search", "post")}
    tried = 0
    for path, operations in document["paths"].items():
        for method in operations:
            if method == "get" or (path, method) in reading:
                continue
            body = {"text": "Changed."}
            if method == "post":
                body["collection_id"] = str(ada.collections["Personal"])
            body = {"command": "delete", "path": "/memories"} if "memory-tool" in path else body
            ids = dict.fromkeys(_IDS, reader.grant.id) | {"memory_id": memory.id}
            address = path.removeprefix("/api/v1/").format_map(ids)
            answer = reader.call(method.upper(), address, body)
            told = answer.status_code == 200 and answer.json().get("is_error")
            assert answer.status_code == 403 or told, (path, method, answer.content)
            tried += 1
    assert tried >= 12
    assert reader.get(f"memories/{memory.id}").json()["text"] == "She keeps bees."


@pytest.mark.parametrize("by", ["token", "oauth"])
def test_a_read_token_fails_on_every_mutating_mcp_tool(by: str, live: Live, ada: Owner) -> None:
    """CVE-2026-49291. The tools are taken from the server's own list: none can be forgotten."""
    memory = ada.remembers("She keeps bees in the garden.")
    if by == "token":
        caller = with_token(live, ada.person, Personal=SEE)
    else:
        caller, _ = connected(live, ada.person, "memory.read", Personal=WRITE)
    writing = {
        name for name, ways in needs.OF_TOOL.items() if any({ADD, SUGGEST} & w for w in ways)
    }
    assert writing == {"remember", "revise", "forget"}
    assert needs.OF_TOOL.keys() >= caller.tools().keys()
    arguments: dict[str, Any] = {
        "remember": {"text": "New."},
        "revise": {"id": str(memory.id), "text": "Changed."},
        "forget": {"id": str(memory.id)},
    }
    before = memories.counts(ada.access).total
    for name in writing:
        answer = caller.calls(name, **arguments[name])
        if by == "token":
            assert answer.json()["result"]["isError"], (name, answer.text)
        else:
            assert answer.status_code == 403, (name, answer.text)
    assert memories.get(ada.access, memory.id).text == "She keeps bees in the garden."
    assert memories.counts(ada.access).total == before


def test_a_foreign_id_is_not_found(ada: Owner) -> None:
    stranger = Owner().grants({"Personal": WRITE})
    memory = ada.remembers("She hides the key under the mat.")
    for answer in (
        stranger.get(f"memories/{memory.id}"),
        stranger.get(f"memories/{memory.id}/history"),
        stranger.patch(f"memories/{memory.id}", {"text": "Gone."}),
        stranger.delete(f"memories/{memory.id}"),
    ):
        assert answer.status_code == 404
        assert "mat" not in answer.content.decode()


def test_an_omitted_scope_does_not_widen(ada: Owner, app: App) -> None:
    """Every way of reading keeps to the grant when no collection is named."""
    assert not [text for text in app.finds("engine project ships") if "engine" in text]
    everything = app.post("context", {"query": "engine project, blood group", "max_tokens": 4000})
    for word in ("engine project", "blood group"):
        assert word not in everything.content.decode()
        assert word not in app.get("memories?limit=100").content.decode()


def test_a_misspelt_scope_does_not_widen(ada: Owner) -> None:
    app = ada.grants({"Personal": SEE, "Work": SEE})
    work = str(ada.collections["Work"])
    assert app.post("search", {"query": "Ada", "collection": [work]}).status_code == 400
    assert app.get(f"memories?collection={work}").status_code == 400


def test_what_is_deleted_is_gone_everywhere() -> None:
    person = Owner()
    app = person.grants({"Personal": WRITE})
    made = app.post("memories", {"text": "Her old address is Elm Street."}, Idempotency_Key="k1")
    path = f"memories/{made.json()['id']}"
    app.patch(path, {"text": "Her old address is Oak Street."})
    assert app.finds("old address")  # so that caches are warm
    assert app.post("context", {"query": "old address"}).json()["memories"]
    assert app.delete(path).status_code == 204
    assert app.finds("old address") == []
    assert app.post("context", {"query": "old address"}).json()["memories"] == []
    assert app.ids() == set()
    assert app.get("collections").json()["collections"][0]["count"] == 0
    again = app.post("memories", {"text": "Her old address is Elm Street."}, Idempotency_Key="k1")
    for answer in (app.get(path), app.get(f"{path}/history"), app.delete(path), again):
        assert answer.status_code == 404
        assert "Street" not in answer.content.decode()
    feed = app.get("changes")
    assert feed.json()["changes"] == [], "a copy made now knows nothing of it"
    told = app.post("memory-tool", {"command": "view", "path": "/memories"}).content.decode()
    assert "Street" not in told


def test_deleting_for_one_leaves_the_others() -> None:
    one, other = Owner(), Owner()
    text = "The meeting is on Monday."
    mine, theirs = one.remembers(text), other.remembers(text)
    app, their_app = one.grants({"Personal": WRITE}), other.grants({"Personal": WRITE})
    assert app.delete(f"memories/{mine.id}").status_code == 204
    assert their_app.ids() == {theirs.id}
    assert their_app.finds("meeting on Monday") == [text]


def test_an_edit_is_found_by_its_new_words_only(app: App, ada: Owner) -> None:
    memory = ada.remembers("Her favourite flower is the tulip.")
    assert "Her favourite flower is the tulip." in app.finds("tulip")
    app.patch(f"memories/{memory.id}", {"text": "Her favourite bloom is the dahlia."})
    assert "Her favourite bloom is the dahlia." in app.finds("dahlia")
    assert not [text for text in app.finds("tulip") if "tulip" in text]


def test_an_edit_embeds_anew(app: App, ada: Owner) -> None:
    """OpenMemory changed the words and kept the vector of the old ones."""
    memory = ada.remembers("He collects stamps of islands.")
    answer = app.patch(f"memories/{memory.id}", {"text": "Rockets are launched at dawn."})
    revision = answer.json()["revision"]
    with vault_scope(ada.access.vault_id):
        vectors = Vector.objects.filter(vault_id=ada.access.vault_id, memory_id=memory.id)
        assert {vector.revision for vector in vectors} == {revision}
    found = app.post("search", {"query": "spacecraft lifting off in the morning"}).json()
    mine = [hit for hit in found["memories"] if hit["id"] == str(memory.id)]
    assert mine, "by meaning alone: none of these words are in it"
    assert "meaning" in mine[0]["why"]


def test_checking_tokens_does_not_block_others(live: Live, ada: Owner) -> None:
    """A slow hash for each token would keep everybody waiting: a flood of tokens that do not work
    must leave the server answering, and cost no more than tokens that do."""
    app = ada.grants({"Personal": SEE})
    wrong = [tokens.new(ada.access.vault_id) for _ in range(24)]

    def ask(token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.get(f"{live.url}/api/v1/me", headers=headers, timeout=30).status_code

    def flood(those: list[str]) -> tuple[set[int], float]:
        started = time.perf_counter()
        with ThreadPoolExecutor(8) as pool:
            answers = [pool.submit(ask, token) for token in those]
            assert [ask(app.token) for _ in range(4)] == [200] * 4
            return {answer.result() for answer in answers}, time.perf_counter() - started

    ask(app.token)
    worked, usual = flood([app.token] * 24)
    refused, took = flood(wrong)
    assert worked == {200}
    assert refused <= {401, 429}
    assert took < 4 * usual  # with a slow hash for each it would be far more


def test_concurrent_writes_stay_in_their_vaults() -> None:
    """Many people at once, in threads that share connections."""
    people = [Owner() for n in range(3)]
    apps = [person.grants({"Personal": WRITE}) for person in people]
    statuses: list[int] = []

    def write(n: int) -> None:
        from django.db import connections

        for turn in range(4):
            answer = apps[n].post("memories", {"text": f"Note {turn} of person {n} alone."})
            statuses.append(answer.status_code)
        connections.close_all()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(3) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) == {201}
    for n, app in enumerate(apps):
        texts = {memory["text"] for memory in app.get("memories?limit=100").json()["memories"]}
        assert texts == {f"Note {turn} of person {n} alone." for turn in range(4)}


def test_embeddings_never_leave(app: App) -> None:
    """Nothing in any answer is a list of numbers, nor named like one."""
    answers = [
        app.get("memories").json(),
        app.post("search", {"query": "Ada"}).json(),
        app.post("context", {"query": "Ada"}).json(),
        app.get("changes").json(),
        *(app.get(path).json() for path in ("me", "collections", "suggestions")),
    ]

    def walk(value: object) -> None:
        if isinstance(value, dict):
            assert not {"embedding", "vector", "tokens"} & value.keys()
            for part in value.values():
                walk(part)
        elif isinstance(value, list):
            assert not value or not isinstance(value[0], int | float)
            for part in value:
                walk(part)

    for answer in answers:
        walk(answer)


def test_an_edit_by_an_app_takes_the_confirmation_away(app: App, ada: Owner) -> None:
    """Else an app could put words into the owner's mouth (provenance laundering)."""
    memory = ada.remembers("She banks with Coutts.")
    assert app.get(f"memories/{memory.id}").json()["confirmed"] is True
    edited = app.patch(f"memories/{memory.id}", {"text": "She banks with Evil & Co."})
    assert edited.json()["confirmed"] is False


def test_a_deleted_memory_is_not_found_rather_than_null(app: App, ada: Owner) -> None:
    memory = ada.remembers("She owns a canoe.")
    app.delete(f"memories/{memory.id}")
    assert app.get(f"memories/{memory.id}").status_code == 404


def test_repeating_words_makes_no_second_memory(app: App) -> None:
    first = app.post("memories", {"text": "She votes by post."})
    second = app.post("memories", {"text": "she votes by post"})
    assert first.json()["id"] == second.json()["id"]


def test_an_unseen_collection_is_the_same_as_none(ada: Owner, app: App) -> None:
    """Naming a collection that is out of sight, another person's, or nobody's: one answer."""
    foreign = Owner().collections["Personal"]
    names = [ada.collections["Work"], foreign, "00000000-0000-7000-8000-000000000000"]
    for path in ("search", "context"):
        answers = [app.post(path, {"query": "x", "collections": [str(c)]}) for c in names]
        assert {(a.status_code, a.content) for a in answers} == {(404, answers[0].content)}
    answers = [app.get(f"memories?collections={c}") for c in names]
    assert {(a.status_code, a.content) for a in answers} == {(404, answers[0].content)}
    answers = [app.post("memories", {"text": "x", "collection_id": str(c)}) for c in names]
    assert {(a.status_code, a.content) for a in answers} == {(404, answers[0].content)}


def test_a_suggestion_over_another_vault_or_collection_is_not_found(ada: Owner) -> None:
    work = ada.remembers("The plan is secret.", "Work")
    for right in (ASK, DROP):
        app = ada.grants({"Personal": right})
        assert app.delete(f"memories/{work.id}").status_code == 404
    assert memories.get(ada.access, work.id).forgotten_at is None
