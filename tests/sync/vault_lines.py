"""Whole vaults as Hypothesis makes them, in the lines of an archive, each reference kept."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from vault.archive import lines
from vault.ids import NIL
from vault.text import clean
from vault.types import KINDS

times = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
maybe = times | st.none()
ids = st.uuids(version=4)
words = st.text(min_size=1, max_size=60).map(clean).filter(bool)
short = st.text(max_size=20).map(clean)
column = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
small = st.integers(0, 2**31 - 1)
big = st.integers(0, 2**62)
keys = st.binary(min_size=32, max_size=32)


def built(shape: type, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(shape, **fields)


content = built(lines.Words, text=words, title=short, role=short, speaker=short, branch=small)
details = built(
    lines.Details,
    account=st.text(st.characters(codec="utf-8"), max_size=20),
    conversation_id=column,
    conversation_title=short,
    message_id=column,
)


@st.composite
def vaults(draw: st.DrawFn) -> dict[str, list[Any]]:
    """What a vault of up to three collections and eight memories may hold."""
    homes = [
        built(
            lines.Collection,
            id=st.just(id),
            name=words.map(lambda text: " ".join(text.split())[:80].strip() or "x"),
            private=st.booleans(),
            position=small,
            indexed=st.just(False),
            embedder=st.just(""),
            names_key=keys,
            created_at=times,
        )
        for id in draw(st.lists(ids, min_size=1, max_size=3, unique=True))
    ]
    collections = [draw(one) for one in homes]
    home = st.sampled_from([one.id for one in collections])
    memories = [draw(_memory(id, home)) for id in draw(st.lists(ids, max_size=8, unique=True))]
    found: dict[str, list[Any]] = {"collections": collections, "memories": memories}
    if memories:
        found |= draw(_about([one.id for one in memories]))
    return found | draw(_beside(home, [one.id for one in collections]))


def _memory(id: UUID, home: st.SearchStrategy[UUID]) -> st.SearchStrategy[Any]:
    usual = {
        "id": st.just(id),
        "collection_id": home,
        "kind": st.sampled_from(KINDS),
        "revision": st.integers(1, 100),
        "created_at": times,
        "updated_at": times,
        "occurred_at": maybe,
        "valid_from": maybe,
        "valid_until": maybe,
        "pinned": st.booleans(),
        "trusted": st.booleans(),
        "held": st.sampled_from(["", "new_source", "orders"]),
        "conversation": ids | st.none(),
        "position": small,
    }
    kept = built(lines.Memory, words=content, forgotten_at=maybe, **usual)
    shredded = built(lines.Memory, words=st.none(), forgotten_at=times, **usual)
    return st.one_of(kept, kept, kept, shredded)


@st.composite
def _about(draw: st.DrawFn, memory_ids: list[UUID]) -> dict[str, list[Any]]:
    of = st.sampled_from(memory_ids)
    revisions = built(
        lines.Revision,
        id=ids,
        memory_id=of,
        kind=st.sampled_from(KINDS),
        revision=small,
        words=content,
        valid_from=maybe,
        valid_until=maybe,
        changed_at=times,
        changed_by=column,
        grant_id=ids | st.none(),
    )
    sources = built(
        lines.Source,
        id=ids,
        memory_id=of,
        vendor=column,
        key=keys | st.none(),
        details=details | st.none(),
        grant_id=ids | st.none(),
        import_id=ids | st.none(),
        seen_at=times,
    )
    pairs = built(
        lines.Pair,
        id=ids,
        first_id=of,
        second_id=of,
        kind=st.sampled_from(["duplicate", "disagreement"]),
        state=st.sampled_from(["open", "dismissed", "settled"]),
        found_at=times,
        settled_at=maybe,
    )
    return {
        "revisions": draw(_some(revisions, lambda one: (one.memory_id, one.revision))),
        "sources": draw(_some(sources, lambda one: one.key or one.id)),
        "pairs": draw(_some(pairs, lambda one: (one.first_id, one.second_id))),
    }


@st.composite
def _beside(
    draw: st.DrawFn, home: st.SearchStrategy[UUID], homes: list[UUID]
) -> dict[str, list[Any]]:
    suggestions = built(
        lines.Suggestion,
        id=ids,
        collection_id=home,
        grant_id=ids,
        action=st.sampled_from(["remember", "revise", "forget"]),
        memory_id=ids | st.none(),
        title=words | st.just(""),
        text=words,
        memory_kind=st.sampled_from(KINDS),
        settled=st.just(False),  # others are taken in when the vault is opened
        suggested_at=times,
        evidence=st.none(),
    )
    rests = built(
        lines.Evidence,
        model=words,
        lines=st.lists(ids, max_size=3).map(tuple),
        occurred_at=maybe,
    )
    distilled = built(
        lines.Suggestion,
        id=ids,
        collection_id=home,
        grant_id=st.just(NIL),
        action=st.just("remember"),
        memory_id=st.none(),
        title=st.just(""),
        text=words,
        memory_kind=st.sampled_from(KINDS),
        settled=st.just(False),
        suggested_at=times,
        evidence=rests | st.none(),
    )
    rules = built(
        lines.Rule,
        id=ids,
        collection_id=home,
        text=st.sampled_from(["tax", "tax, invoice*"]),
        title=st.just(""),
        vendor=column,
        speaker=column,
        kind=st.sampled_from(["", *KINDS]),
        sensitive_too=st.booleans(),
        position=small,
        created_at=times,
    )
    adds = st.sampled_from(["no", "ask", "yes"])
    rights = built(lines.Right, collection_id=home, see=st.booleans(), add=adds)
    grants = built(
        lines.Grant,
        id=ids,
        kind=st.sampled_from(["token", "app", "connection", "model"]),
        name=words.map(lambda text: " ".join(text.split())[:120]),
        version=small,
        created_at=times,
        expires_at=maybe,
        revoked_at=times,
        paused_at=maybe,
        confirmed_only=st.booleans(),
        last_used_at=maybe,
        rights=_some(rights, lambda one: one.collection_id).map(_in_order),
    )
    views = built(
        lines.View,
        id=ids,
        name=words.map(lambda text: text[:60]),
        search=st.sampled_from(["q=boat", "kind=fact&learnt=7", "q=tea+%26+rye"]),
        created_at=times,
    )
    imports = built(
        lines.Import,
        id=ids,
        state=st.sampled_from(["done", "failed", "cancelled", "undone"]),
        vendor=st.sampled_from(["openai", "anthropic", ""]),
        collection_id=home,
        target_id=home,
        details=st.sampled_from(['{"files": ["export.zip"]}', '{"files": [], "error": "No."}']),
        found=st.dictionaries(st.sampled_from(["turns", "known"]), big),
        sort=st.booleans(),
        started_at=times,
        finished_at=maybe,
        **dict.fromkeys([field.name for field in fields(lines.Import) if field.type is int], big),
    )
    log = built(
        lines.LogLine,
        seq=big,
        at=times,
        asker_kind=st.sampled_from(["owner", "token", "job"]),
        asker_id=ids,
        action=st.sampled_from(["search", "read", "imported"]),
        count=st.just(0),
        name=short,
        version=small,
        memories=st.just(()),
        purpose=short,
        chain=keys,
    )
    return {
        "suggestions": draw(_some(suggestions | distilled, lambda one: one.id)),
        "rules": draw(_some(rules, lambda one: one.id)),
        "views": draw(_some(views, lambda one: one.id)),
        "grants": draw(_some(grants, lambda one: one.id)),
        "imports": draw(_some(imports, lambda one: one.id)),
        "log": draw(_some(log, lambda one: one.seq)),
    }


def _some(one: st.SearchStrategy[Any], named: Any) -> st.SearchStrategy[list[Any]]:
    return st.lists(one, max_size=4, unique_by=named)


def _in_order(rights: list[lines.Right]) -> tuple[lines.Right, ...]:
    return tuple(sorted(rights, key=lambda right: right.collection_id))
