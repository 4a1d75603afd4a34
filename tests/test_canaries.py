"""The canary sweep: words, keys and tokens go in by every route, and none lies anywhere after.

Looked through: a dump of the database, its files and write-ahead log, the broker's files, the
sealed uploads, the logs and whatever else lies in the data folder; for the words themselves, and
as base64, hex, UTF-16, JSON-escaped, and as vectors.
"""

import base64
import json
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import psycopg
import pytest
from django.conf import settings

from config.home import ADMIN_ROLE, Home
from config.postgres_folder import programs_for, system_user
from sync.importing import imports
from tests.exports import conversation, upload, zipped
from tests.people import PASSWORD, Person, new_person
from tests.stack import Live, Worker
from tests.sync.test_crashes import wait_for
from vault import collections, memories, vaults
from vault.embedding import embedders
from vault.granting import grants
from vault.recalling import recall
from vault.reviewing import suggestions
from vault.types import Draft, Right


@dataclass
class Aviary:
    """Makes canaries and remembers them. The marks make JSON and URLs escape something."""

    birds: dict[str, bytes] = field(default_factory=dict)

    def __call__(self, where: str) -> str:
        bird = f"kanárek-{secrets.token_hex(8)}"
        self.birds[where] = bird.encode()
        return bird

    def secret(self, where: str, value: bytes | str) -> None:
        self.birds[where] = value.encode() if isinstance(value, str) else value


def forms(bird: bytes) -> Iterator[bytes]:
    """How a canary may look where it should not be."""
    yield bird
    yield bird.hex().encode()
    yield bird.hex().upper().encode()
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + bird)
        whole = encoded[(shift * 8 + 5) // 6 : len(encoded) - 4]
        yield whole
        yield whole.replace(b"+", b"-").replace(b"/", b"_")
    try:
        text = bird.decode()
    except UnicodeDecodeError:
        return
    yield text.encode("utf-16-le")
    yield text.encode("utf-16-be")
    yield json.dumps(text).strip('"').encode()
    yield text.encode("latin-1", "ignore")


def fill(person: Person, live: Live, bird: Aviary) -> None:
    """Every route that words, keys and tokens take into the service."""
    work = person.collection("Work")
    bird.secret("password", PASSWORD)
    bird.secret("recovery code", person.recovery_code)
    made = memories.remember(person.access, work, Draft(bird("memory"), title=bird("title")))
    memories.revise(person.access, made.id, text=bird("revision"))
    gone = memories.remember(person.access, work, Draft(bird("forgotten")))
    memories.forget(person.access, gone.id)
    collections.create(person.access, person.owner_key, name=bird("collection"))
    bird.secret("new recovery code", vaults.new_recovery_code(person.owner_key))
    for collection in person.access.visible:
        for epoch in person.access.keyring.epochs(collection):
            root = person.access.keyring.root(collection, epoch)
            bird.secret(f"key {collection}", root.raw)
    vector = embedders.bundled().embed(bird("embedded"))
    memories.remember(person.access, work, Draft(bird.birds["embedded"].decode()))
    bird.secret("vector", vector.passages.tobytes()[:48])
    bird.secret("wide vector", vector.passages.astype("float32").tobytes()[:48])
    if vector.tokens is not None:
        bird.secret("token vectors", vector.tokens.tobytes()[:64])
    by_api(person, live, bird)
    by_web(live, bird)
    by_import(person, bird)


def by_api(person: Person, live: Live, bird: Aviary) -> None:
    rights = {"Work": Right(see=True, add="yes"), "Travel": Right(add="ask")}
    grant, token = person.token(**rights)
    raw = base64.urlsafe_b64decode(token.removeprefix("satchel_"))[16:]
    bird.secret("token", token)
    bird.secret("token bytes", raw)
    head = {"Authorization": f"Bearer {token}"}
    work, travel = str(person.collection("Work")), str(person.collection("Travel"))
    with httpx.Client(base_url=live.url + "/api/v1", headers=head, timeout=30) as api:
        said = {"collection_id": work, "text": bird("by api"), "kind": "fact"}
        assert api.post("/memories", json=said).status_code == 201
        asked = {"collection_id": travel, "text": bird("suggested"), "kind": "fact"}
        assert api.post("/memories", json=asked).status_code == 202
        query = {"query": bird("query"), "purpose": bird("purpose")}
        assert api.post("/search", json=query).status_code == 200
        assert api.post("/context", json=query).status_code == 200
        broken, plain = "{" + bird("broken json"), {"Content-Type": "application/json"}
        assert api.post("/memories", content=broken, headers=plain).status_code == 400
        wrong = {**said, bird("unknown field"): bird("unknown value")}
        assert api.post("/memories", json=wrong).status_code == 400
        api.get("/memories", params={"cursor": bird("cursor"), "q": bird("query string")})
        api.get(f"/memories/{bird('path')}")
        stale = {"Authorization": "Bearer satchel_" + bird("bad token").encode().hex()}
        assert api.get("/me", headers=stale).status_code == 401
    recall.search(person.grantee(Work=Right(see=True)), bird("asked in process"))
    (waiting, *_) = suggestions.listing(person.access)
    suggestions.accept(person.access, waiting.id)
    grants.revoke(person.access, grant.id)


def by_web(live: Live, bird: Aviary) -> None:
    with httpx.Client(base_url=live.url, timeout=30, follow_redirects=True) as web:
        web.get("/accounts/login/", params={"next": "/" + bird("next")})
        form = {"login": "nobody@example.org", "password": bird("wrong password")}
        form["csrfmiddlewaretoken"] = bird("forged csrf")
        web.post("/accounts/login/", data=form)
        web.post("/import/", files={"files": ("x.zip", bird("refused upload").encode())})
        web.get("/memories/", params={"q": bird("web search")}, headers={"Referer": live.url})


def by_import(person: Person, bird: Aviary) -> None:
    talk = conversation(
        bird("conversation id"), [bird("turn"), bird("answer")], title=bird("talk title")
    )
    broken = {"title": bird("broken entry")}
    files = [upload(zipped([talk, broken]), name=bird("file name") + ".zip")]
    found = imports.begin(person.access, files)
    found = wait_for(person, found.id, "preview", seconds=60)
    imports.accept(person.access, found.id)
    wait_for(person, found.id, "done", seconds=90)
    refused = imports.begin(person.access, [upload(bird("no export").encode())])
    wait_for(person, refused.id, "failed", seconds=60)
    left = imports.begin(person.access, [upload(zipped([conversation("c", [bird("left lying")])]))])
    wait_for(person, left.id, "preview", seconds=60)


def places(home: Home) -> Iterator[tuple[str, bytes]]:
    """(name, content) of everything at rest."""
    with psycopg.connect(home.database_url(ADMIN_ROLE), autocommit=True) as admin:
        admin.execute("CHECKPOINT")
    dump = subprocess.run(
        [programs_for(home, system_user(home)) / "pg_dump", home.database_url(ADMIN_ROLE)],
        capture_output=True,
        check=True,
    )
    assert b"vault_memory" in dump.stdout
    yield "pg_dump", dump.stdout
    for path in sorted(home.path.rglob("*")):
        # The model's files are the package's own; keys are where keys belong, and not looked for.
        if path.is_file() and "models" not in path.parts:
            yield str(path.relative_to(home.path)), path.read_bytes()


@pytest.fixture(scope="module")
def swept(live: Live, worker: Worker) -> tuple[Aviary, dict[str, bytes]]:
    bird = Aviary()
    fill(new_person(), live, bird)
    return bird, dict(places(Home(settings.SATCHEL_HOME)))


def test_no_canary_lies_anywhere_at_rest(swept: tuple[Aviary, dict[str, bytes]]) -> None:
    bird, at_rest = swept
    found = [
        (where, name)
        for where, value in bird.birds.items()
        for form in set(forms(value))
        for name, content in at_rest.items()
        if form in content
    ]
    assert not found


def test_the_sweep_would_find_one(swept: tuple[Aviary, dict[str, bytes]]) -> None:
    """What is plain by design is there: so the places are the right ones, and searched."""
    _, at_rest = swept
    assert b"my assistant" in at_rest["pg_dump"]
    assert any(b"my assistant" in c for n, c in at_rest.items() if n.startswith("postgres/base"))
    assert any(b"my assistant" in c for n, c in at_rest.items() if "pg_wal" in n)
    assert any(n.startswith("broker/") and c for n, c in at_rest.items())
    assert any((n.startswith("logs/") and b"sync" in c) or b"INFO" in c for n, c in at_rest.items())
    assert any(n.startswith("uploads/") and c for n, c in at_rest.items())
    for shape in ("plain", "hex"):
        needle = b"kanarek-" + shape.encode()
        hay = needle.hex().encode() if shape == "hex" else needle
        assert any(form in b"xx" + hay for form in forms(needle))
