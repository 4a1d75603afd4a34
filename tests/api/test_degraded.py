"""When the server that embeds questions is down, answers say that only words were looked for."""

from collections.abc import Iterator

import pytest

from tests import embeddings_api
from tests.api.people import SEE, App, Owner
from tests.embeddings_api import EmbeddingsApi
from tests.vault.test_embedders import embed_all
from vault.embedding import embedders, switching


@pytest.fixture
def server() -> Iterator[EmbeddingsApi]:
    with EmbeddingsApi() as running:
        yield running


@pytest.fixture
def app(server: EmbeddingsApi, settings) -> App:  # type: ignore[no-untyped-def]
    """Sees collections whose embedder is that server."""
    settings.SATCHEL_PRIVATE_ENDPOINTS = ["127.0.0.0/8"]
    owner = Owner()
    owner.remembers("Keeps bees on the roof.")
    switching.switch(owner.access, embedders.try_out(server.choice()).choice)
    embed_all(owner.access)
    for collection in owner.collections.values():
        assert switching.complete(owner.access, collection)
    return owner.grants({"Personal": SEE, "Work": SEE})


@pytest.mark.parametrize("query", ["bees", "nothing of the sort"])
def test_answers_say_whether_meaning_was_looked_for(
    app: App, server: EmbeddingsApi, query: str
) -> None:
    """Also when nothing was found: a failure must not look like emptiness."""
    for mood, degraded in ((None, False), (embeddings_api.status(500), True)):
        server.mood = mood
        for path in ("search", "context"):
            asked = f"{query}, {path}?" if degraded else query  # the same again is remembered
            answer = app.post(path, {"query": asked}).json()
            assert answer["degraded"] is degraded, path
    found = app.post("search", {"query": f"{query}!"}).json()["memories"]
    assert bool(found) == (query == "bees")
    assert all("words-only" in hit["why"] for hit in found)
    assert app.post("context", {}).json()["degraded"] is False  # no question, nothing to embed
