"""While the broker is away nothing a person asks for fails or is lost: it waits, and says so."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from sync import erasing, outbox, tasks
from sync.archives import archive_sweeping, archives, archiving
from sync.importing import imports, reading
from sync.models import Erasure
from sync.upkeep import embedding, reembedding, resealing, turning
from tests.embeddings_api import EmbeddingsApi
from tests.exports import talks, upload, zipped
from tests.people import PASSWORD, Person, new_person
from tests.stack import Stack, Worker
from tests.sync.test_crashes import wait_for
from vault import memories, vaults
from vault.access import open_session, open_token
from vault.embedding import embedders
from vault.errors import Locked
from vault.keys import rotation
from vault.middleware import KEY_COOKIE, SESSION_KEY, VAULT_KEY
from vault.models import JobSlot
from vault.scope import vault_scope
from vault.types import Draft, Right

PASSPHRASE = "seven loud bees by the calm sea"


@contextmanager
def no_broker(stack: Stack) -> Iterator[None]:
    """Afterwards there is one again, whatever happened: all tests share it."""
    stack.broker.stop()
    try:
        yield
    finally:
        stack.restart_broker()


@pytest.fixture
def ana() -> Person:
    made = new_person()
    memories.remember(made.access, made.collection("Work"), Draft("The bees are dear."))
    return made


@pytest.fixture
def web(ana: Person) -> Client:
    """Her browser, signed in and with the vault open. A fault of ours is an answer, not a crash."""
    client = Client(raise_request_exception=False, SERVER_NAME="127.0.0.1")
    user = ana.user
    opened = vaults.unlock(owner_id=user.pk, password=PASSWORD, password_hash=user.password)
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    session = client.session
    session[VAULT_KEY], session[SESSION_KEY] = str(opened.vault_id), str(opened.session_id)
    session.save()
    client.cookies[KEY_COOKIE] = opened.secret
    return client


def keys_of_jobs(person: Person) -> list[str]:
    with vault_scope(person.vault_id):
        rows = JobSlot.objects.filter(vault_id=person.vault_id)
        return list(rows.values_list("purpose", flat=True))


def test_an_import_waits_and_goes_on_when_asked(
    stack: Stack, ana: Person, web: Client, worker: Worker
) -> None:
    with no_broker(stack):
        files = {"files": SimpleUploadedFile("export.zip", zipped(talks(3)))}
        begun = web.post(reverse("import"), files)
        assert begun.status_code == 302
        page = web.get(begun["Location"])
        assert "Go on" in page.content.decode()
        (one,) = imports.listing(ana.access)
        assert (one.state, one.stalled) == ("reading", True)
        again = web.post(reverse("import-resume", args=[one.id]))
        assert again.status_code == 302
        assert imports.get(ana.access, one.id).stalled
    assert web.post(reverse("import-resume", args=[one.id])).status_code == 302
    assert wait_for(ana, one.id, "preview", seconds=60).found["turns"] == 30


def test_accepting_and_undoing_an_import_wait_as_well(
    stack: Stack, ana: Person, web: Client
) -> None:
    begun = imports.begin(ana.access, [upload(zipped(talks(2)))], start=reading.run)
    with no_broker(stack):
        said = {"collection": str(ana.collection("Personal"))}
        assert web.post(reverse("import-accept", args=[begun.id]), said).status_code == 302
        assert imports.get(ana.access, begun.id).state == "writing"
        assert imports.get(ana.access, begun.id).stalled
    done = imports.resume(ana.access, begun.id, start=reading.run)
    assert (done.state, done.written) == ("done", 20)
    with no_broker(stack):
        assert web.post(reverse("import-undo", args=[begun.id])).status_code == 302
        assert imports.get(ana.access, begun.id).stalled
    assert imports.resume(ana.access, begun.id, start=reading.run).state == "undone"
    assert keys_of_jobs(ana) == []


def test_an_archive_waits_and_is_made_when_asked(stack: Stack, ana: Person, web: Client) -> None:
    said = {"passphrase": PASSPHRASE, "again": PASSPHRASE, "password": PASSWORD}
    with no_broker(stack):
        begun = web.post(reverse("data"), said)
        assert begun.status_code == 302
        assert "Go on" in web.get(begun["Location"]).content.decode()
    (one,) = archives.listing(ana.access, "export")
    assert (one.state, one.stalled) == ("making", True)
    made = archives.resume(ana.access, ana.owner_key, one.id, start=archiving.run)
    assert made.state == "done"
    archives.cancel(ana.access, one.id)


def test_a_rotation_is_done_and_its_rest_waits(stack: Stack, ana: Person, web: Client) -> None:
    work = ana.collection("Work")
    with no_broker(stack):
        page = reverse("collection-key", args=[work])
        assert web.post(page, {"password": PASSWORD}).status_code == 302
        assert web.get(page).status_code == 200
        assert keys_of_jobs(ana) == []
    opened = vaults.unlock(owner_id=ana.user.pk, password=PASSWORD, password_hash=ana.user.password)
    access = open_session(opened.session_id, opened.vault_id, opened.secret)
    assert resealing.start(access, start=resealing.run)
    with vault_scope(ana.vault_id):
        assert rotation.with_old_keys(access) == []


def test_a_revoke_needs_no_broker(stack: Stack, ana: Person, web: Client) -> None:
    grant, token = ana.token(Work=Right(see=True))
    with no_broker(stack):
        assert web.post(reverse("grant-revoke", args=[grant.id])).status_code == 302
    with pytest.raises(Locked):
        open_token(token)


def test_another_search_model_waits_and_goes_on_when_its_owner_comes(
    stack: Stack, ana: Person, web: Client
) -> None:
    with EmbeddingsApi() as api:
        choice = embedders.try_out(api.choice()).choice
        with no_broker(stack):
            reembedding.begin(ana.access, choice)
            assert reembedding.state(ana.access).work == "stalled"
            assert "Go on" in web.get(reverse("search-settings")).content.decode()
            assert web.post(reverse("search-resume")).status_code == 302
        tokens = list[str]()
        reembedding._looked.pop(ana.vault_id, None)
        assert reembedding.catch_up(ana.access, start=tokens.append)
        cursor = embedding.Cursor()
        while (again := embedding.run(tokens[0], cursor)) is not None:
            cursor = again.cursor
        assert reembedding.state(ana.access).progress.now == choice


def test_another_way_of_searching_waits(stack: Stack, ana: Person, web: Client) -> None:
    work = ana.collection("Work")
    with no_broker(stack):
        turning.set_indexed(ana.access, work, indexed=True)
        assert turning.state(ana.access, work).work == "stalled"
        assert web.get(reverse("collection-search", args=[work])).status_code == 200
    tokens = list[str]()
    turning.set_indexed(ana.access, work, indexed=True, start=lambda token, _: tokens.append(token))
    assert turning.run(tokens[0], work, {}) is None
    assert turning.state(ana.access, work).mode.indexed


def test_erasing_begins_and_the_sweep_goes_on(stack: Stack, ana: Person, web: Client) -> None:
    with no_broker(stack):
        erasure = erasing.begin(ana.access, ana.user, keep_account=False)
        assert Erasure.objects.get(id=erasure).finished_at is None
    archive_sweeping.sweep()
    assert erasing.receipt(erasure).finished_at is not None
    assert vaults.vault_of(ana.user.pk) is None


def test_apps_go_on_remembering_and_searching(stack: Stack, ana: Person, web: Client) -> None:
    _, token = ana.token(Work=Right(see=True, add="yes"))
    head = {"Authorization": f"Bearer {token}"}
    said = {"text": "The sea is loud.", "collection_id": str(ana.collection("Work"))}
    with no_broker(stack):
        made = web.post("/api/v1/memories", said, "application/json", headers=head)
        assert made.status_code == 201, made.content
        listed = web.get("/api/v1/memories", headers=head)
        assert listed.status_code == 200
        assert web.get("/api/v1/health").status_code == 503


def test_a_connection_of_before_is_of_no_matter(stack: Stack) -> None:
    """The pool still holds one to the broker that was; the message goes out all the same."""
    assert outbox.leave(tasks.sweep_imports)
    with no_broker(stack):
        assert not outbox.leave(tasks.sweep_imports)
    assert outbox.leave(tasks.sweep_imports)
    stack.restart_broker()
    assert outbox.leave(tasks.sweep_imports)
