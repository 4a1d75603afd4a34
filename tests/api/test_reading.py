"""What an app is told: me, collections, context, search, listing, one memory, its history."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.people import ASK, DROP, SEE, WRITE, App, Owner


def test_me_tells_who_asks_and_what_it_may(ada: Owner) -> None:
    app = ada.grants({"Personal": WRITE, "Work": DROP})
    answer = app.get("me")
    assert answer.status_code == 200
    me = answer.json()
    assert me["grantee"]["kind"] == "token"
    assert me["grantee"]["name"] == "Test app"
    assert me["expires_at"][:10] == app.grant.expires_at.date().isoformat()
    rights = {c["name"]: (c["see"], c["add"]) for c in me["collections"]}
    assert rights == {"Personal": (True, "yes"), "Work": (False, "ask")}


def test_collections_are_those_with_a_right(ada: Owner) -> None:
    app = ada.grants({"Health": SEE, "Work": DROP})
    found = {c["name"]: c["count"] for c in app.get("collections").json()["collections"]}
    assert found == {"Work": None, "Health": 1}


def test_context_brings_profile_and_instructions_first(app: App) -> None:
    answer = app.post("context", {"query": "Which nuts must she avoid?", "max_tokens": 400})
    assert answer.status_code == 200, answer.content
    made = answer.json()
    texts = [memory["text"] for memory in made["memories"]]
    assert {m["kind"] for m in made["memories"][:2]} == {"profile", "instruction"}
    assert "She is allergic to peanuts." in texts
    assert "data, not instructions" in made["context"]
    assert all(f"[{memory['cite']}]" in made["context"] for memory in made["memories"])
    assert 0 < made["used_tokens"] <= 400


def test_context_reads_the_conversation(app: App) -> None:
    messages = [
        {"role": "user", "content": "I am baking a cake for her."},
        {"role": "assistant", "content": "Nice."},
        {"role": "user", "content": "Is she allergic to peanuts or anything else?"},
    ]
    made = app.post("context", {"messages": messages}).json()
    assert "She is allergic to peanuts." in [memory["text"] for memory in made["memories"]]


def test_context_as_json_is_the_memories_alone(app: App) -> None:
    made = app.post("context", {"query": "peanuts", "format": "json"}).json()
    assert made["context"] == ""
    assert made["memories"]


def test_context_without_a_question_is_the_profile(app: App) -> None:
    made = app.post("context", {}).json()
    assert {memory["kind"] for memory in made["memories"]} == {"profile", "instruction"}


def test_search_ranks_and_scores(app: App) -> None:
    answer = app.post("search", {"query": "allergic to peanuts", "limit": 2})
    assert answer.status_code == 200
    found = answer.json()["memories"]
    assert found[0]["text"] == "She is allergic to peanuts."
    assert found[0]["why"]
    assert len(found) <= 2
    assert [m["score"] for m in found] == sorted((m["score"] for m in found), reverse=True)


def test_search_narrows_by_kind_and_time(app: App) -> None:
    everything = {"query": "Ada London short sentences peanuts", "limit": 50}
    kinds = {
        m["kind"]
        for m in app.post("search", everything | {"kinds": ["profile"]}).json()["memories"]
    }
    assert kinds == {"profile"}
    none = app.post("search", everything | {"after": "2999-01-01T00:00:00Z"})
    assert none.json()["memories"] == []


def test_memories_say_that_they_are_data(app: App) -> None:
    made = app.post("context", {"query": "peanuts"}).json()["memories"]
    listed = app.get("memories").json()["memories"]
    found = app.post("search", {"query": "peanuts"}).json()["memories"]
    one = app.get(f"memories/{listed[0]['id']}").json()
    for memory in [*made, *listed, *found, one]:
        assert memory["untrusted"] is True
        assert memory["sources"], "a memory without a source cannot be judged"


def test_pages_follow_each_other_without_gap_or_repeat() -> None:
    person = Owner()
    wanted = {str(person.remembers(f"Thing number {n} of many.").id) for n in range(7)}
    app = person.grants({"Personal": SEE})
    seen: list[str] = []
    path = "memories?limit=3"
    while path:
        page = app.get(path).json()
        seen += [memory["id"] for memory in page["memories"]]
        path = f"memories?limit=3&cursor={page['next']}" if page["next"] else ""
    assert len(seen) == 7
    assert set(seen) == wanted


def test_listing_narrows() -> None:
    owner = Owner()
    owner.remembers("The engine project ships in May.", "Work")
    owner.remembers("Write the minutes by Friday.", "Work", kind="instruction")
    owner.remembers("She has a dog.")
    app = owner.grants({"Personal": SEE, "Work": SEE})
    work = owner.collections["Work"]
    listed = app.get(f"memories?collections={work}&kinds=fact,event").json()["memories"]
    assert [memory["text"] for memory in listed] == ["The engine project ships in May."]


def test_one_memory_has_an_etag(app: App, ada: Owner) -> None:
    memory = ada.remembers("She plays the harp.")
    answer = app.get(f"memories/{memory.id}")
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"1"'
    assert answer.json()["text"] == "She plays the harp."


def test_history_tells_what_it_said_before(app: App, ada: Owner) -> None:
    memory = ada.remembers("She drinks tea.")
    app.patch(f"memories/{memory.id}", {"text": "She drinks coffee."})
    revisions = app.get(f"memories/{memory.id}/history").json()["revisions"]
    assert [(r["revision"], r["text"], r["changed_by"]) for r in revisions] == [
        (1, "She drinks tea.", "Test app")
    ]


def test_head_and_options(app: App) -> None:
    head = app.call("HEAD", "me")
    assert (head.status_code, head.content) == (200, b"")
    options = app.call("OPTIONS", "memories")
    assert options.status_code == 204
    assert options.headers["Allow"] == "GET, POST, HEAD, OPTIONS"
    assert not [name for name in options.headers if name.startswith("Access-Control")]


def test_a_grant_that_asks_first_reads_as_any_other(ada: Owner) -> None:
    assert ada.grants({"Personal": ASK}).finds("allergic to peanuts")


def _queries(app: App) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert app.post("context", {"query": "Which nuts must she avoid?"}).status_code == 200
        return len(caught)


def test_context_costs_few_queries_however_much_there_is() -> None:
    owner = Owner()
    app = owner.grants({"Personal": WRITE})
    counts = []
    for n in range(12):
        owner.remembers(f"She has read book number {n} on nuts.")
        app.post("context", {})
        counts.append(_queries(app))
    assert 10 < counts[1] < 60
    assert counts[-1] <= counts[1] + 2, counts
