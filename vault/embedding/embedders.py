"""Which embedder each collection uses: its owner's choice, sealed under the collection's key.

So whoever may see a collection can have a question embedded for it, and nobody else learns the
server's address or key.
"""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from uuid import UUID

from django.conf import settings

from vault.access import Access
from vault.errors import Tampered
from vault.integrity import traits
from vault.integrity.traits import Lock, Traits
from vault.keys.keyring import Keyring, tampered
from vault.outbound.configured import outbound
from vault.scope import vault_scope
from vault.search.choice import BUNDLED, Choice
from vault.search.embed import Embedder, default_embedder
from vault.search.errors import EmbedderRefused
from vault.search.models import fast, minilm, wordllama
from vault.search.models.endpoint import EndpointEmbedder
from vault.search.models.vectors import usual_likeness
from vault.search.models.wire import TextsRefused, Wire

_TEST_SECONDS = 20.0
_PROBES = (
    "The train to Lisbon leaves at seven in the morning.",
    "She is allergic to peanuts.",
    "def total(values): return sum(values)",
    "Der Vertrag endet am 31. März.",
    "Our cat sleeps on the printer.",
    "Quarterly revenue grew by four percent.",
)
"""Texts that have nothing in common: how alike a model finds them is its zero."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A collection's embedder, and the one with which it is being embedded anew, if any.

    `trouble` says what keeps that from going on.
    """

    now: Choice = BUNDLED
    next: Choice | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Space:
    """What vectors of a choice are like, whether or not it can be reached."""

    model: str
    dim: int
    unlike: float


@dataclass(frozen=True, slots=True)
class Tried:
    """What a test call found: the choice with its dimensions, and a question's milliseconds."""

    choice: Choice
    ms: int


@cache
def bundled() -> Embedder:
    """The one that needs no server; the first call may take a second to build it."""
    if settings.SATCHEL_EMBEDDER == "wordllama":
        return wordllama.load()
    return default_embedder(Path(settings.SATCHEL_MODELS_DIR))


@lru_cache(maxsize=64)
def embedder_of(choice: Choice) -> Embedder:
    """EmbedderRefused when this server cannot run it any more."""
    match choice.kind:
        case "minilm":
            return minilm.load(Path(settings.SATCHEL_MODELS_DIR))
        case "wordllama":
            return wordllama.load()
        case "endpoint":
            return EndpointEmbedder(choice, outbound())
        case "fastembed":
            return fast.FastEmbedder(choice, settings.SATCHEL_FASTEMBED_DIR)
        case "bundled":
            return bundled()


def space_of(choice: Choice) -> Space:
    if choice.kind in ("endpoint", "fastembed"):
        return Space(f"{choice.kind}/{choice.id}", choice.dim, choice.unlike)
    light = settings.SATCHEL_EMBEDDER == "wordllama" or not _has_minilm()
    if choice.kind == "wordllama" or (choice.kind == "bundled" and light):
        return Space(wordllama.WordLlama.model, wordllama.WordLlama.dim, 0.0)
    return Space(minilm.MiniLM.model, minilm.MiniLM.dim, 0.0)


@cache
def _has_minilm() -> bool:
    """Each request asks, and the files of an installed package stay while a process runs."""
    return minilm.available()


def choices(
    access: Access, collections: Iterable[UUID] | None = None, lock: Lock = ""
) -> dict[UUID, Chosen]:
    """Within a scope: of those collections, or all visible ones; perhaps locked, in one order.
    Tampered when one is not what its owner chose last."""
    wanted = access.visible if collections is None else collections
    found = traits.of(access, wanted, lock)
    return {
        collection: _chosen(access.keyring, collection, one) for collection, one in found.items()
    }


def spaces(access: Access, collections: Iterable[UUID]) -> dict[UUID, Space]:
    """What the present vectors of those collections are like."""
    with vault_scope(access.vault_id):
        return {c: space_of(one.now) for c, one in choices(access, collections).items()}


def choice(access: Access, collection_id: UUID) -> Choice:
    """What this collection's vectors are made with now."""
    with vault_scope(access.vault_id):
        return choices(access, [collection_id])[collection_id].now


def as_it_stands(keyring: Keyring, collection_id: UUID, said: Traits) -> Chosen | None:
    """What a row says that may not be what its owner chose; None when it does not open."""
    try:
        return _chosen(keyring, collection_id, said)
    except Tampered:
        return None


def embedder_for(access: Access, collection_id: UUID) -> Embedder:
    """EmbedderRefused when this server cannot run it any more."""
    return embedder_of(choice(access, collection_id))


def chosen(access: Access) -> Chosen:
    """What the owner chose: what most collections have. During a switch, empty ones have the next
    embedder already, so those being switched speak for all."""
    access.must_own()
    with vault_scope(access.vault_id):
        found = list(choices(access).values())
    switching = [one for one in found if one.next is not None]
    return max(switching or found, key=found.count, default=Chosen())


def try_out(choice: Choice) -> Tried:
    """Embed a few texts of ours with it. EmbedderError says in plain words what is wrong."""
    if choice.kind == "endpoint":
        return _try_endpoint(choice)
    model = embedder_of(choice)
    vectors = [model.embed(text).passages[0] for text in _PROBES]
    begun = time.monotonic()
    model.query(_PROBES[0])
    ms = round((time.monotonic() - begun) * 1000)
    if choice.kind == "fastembed":
        choice = choice.tested(len(vectors[0]), usual_likeness(vectors))
    return Tried(choice, ms)


def seal(
    keyring: Keyring, collection: UUID, epoch: int, choice: Choice, more: Mapping[str, str]
) -> bytes:
    """For `sealed_embedder` ({"as": "now"}) or `sealed_next_embedder` ({"as": "next"})."""
    data = json.dumps({**choice.to_json(), **more}, ensure_ascii=False).encode()
    return keyring.seal(collection, epoch, "embedder", collection, epoch, data)


def _chosen(keyring: Keyring, id: UUID, said: Traits) -> Chosen:
    now, after = said.embedder, said.next_embedder
    current = _open(keyring, id, said.epoch, now, "now") if now else (BUNDLED, "")
    if not after:
        return Chosen(current[0])
    following, trouble = _open(keyring, id, said.epoch, after, "next")
    return Chosen(current[0], following, trouble)


def _open(
    keyring: Keyring, collection: UUID, epoch: int, sealed: bytes, role: str
) -> tuple[Choice, str]:
    data = json.loads(keyring.open(collection, epoch, "embedder", collection, epoch, sealed))
    if data.get("as") != role:  # the other one was put in its place
        raise tampered()
    return Choice.from_json(data), data.get("trouble", "")


def _try_endpoint(choice: Choice) -> Tried:
    wire = Wire(choice.tested(0, 0.0), outbound())
    try:
        vectors = wire.vectors([choice.document_prefix + text for text in _PROBES], _TEST_SECONDS)
        begun = time.monotonic()
        wire.vectors([choice.query_prefix + _PROBES[0]], _TEST_SECONDS)
    except TextsRefused as refused:
        raise EmbedderRefused(str(refused)) from None
    ms = round((time.monotonic() - begun) * 1000)
    return Tried(choice.tested(len(vectors[0]), usual_likeness(vectors)), ms)
