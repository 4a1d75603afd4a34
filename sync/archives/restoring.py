"""A restore at work: the archive is checked from end to end, then written, then shown.

The memories come first, into collections that are not the vault's yet: nothing half there is ever
seen, and a failure takes nothing away but them. Each portion commits with its checkpoint.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import islice
from typing import Any

from django.db import DataError, IntegrityError
from django.utils import timezone

from sync.archives.archive_work import Work
from sync.archives.archives import State
from sync.archives.unpacking import opened
from sync.importing import import_lines
from vault.archive import collections, grants, lines, log, memories, vectors, views, waiting
from vault.archive.collections import NewKey
from vault.archive.errors import Damaged
from vault.archive.reading import Contents
from vault.archive.taking import PORTION
from vault.embedding import indexing
from vault.embedding.embedders import space_of
from vault.keys.keyring import Key
from vault.log import access_log
from vault.log.log_check import fingerprint
from vault.scope import vault_scope
from vault.search.errors import EmbedderError

logger = logging.getLogger(__name__)

Put = Callable[[Work, Contents, Sequence[Any]], None]
STAGES = (
    *("memories", "revisions", "sources", "vectors", "open"),
    *("suggestions", "pairs", "rules", "views", "grants", "imports", "log", "end"),
)
"""In this order; from "open" on the collections are the vault's, and nothing is taken away."""
_INDEX_PORTION = 128
_LINES = 2000  # between two signs of life while checking


def check(work: Work) -> None:
    """Read every line of it before the first is written."""
    with _contents(work) as contents:
        work.lease.update(total=sum(contents.totals.lines.values()), counts=_counts(contents))
        done = 0
        for name in lines.SHAPES:
            done += _check_file(work, contents, name, done)
        with vault_scope(work.access.vault_id):
            collections.prepare(work.access, keys_of(work))
            work.lease.update(state=State.RESTORING, stage=STAGES[0], checkpoint=0, done=0)


def restore(work: Work) -> None:
    """Go on from the stage and line that are safely there."""
    try:
        with _contents(work) as contents:
            while work.row.state == State.RESTORING:
                _STEPS.get(work.row.stage, _bring)(work, contents)
    except (IntegrityError, DataError):  # ids that are there twice, text that no column takes
        raise Damaged from None


def index(work: Work) -> None:
    """Embed what came without an embedding; words find it all the while."""
    after, done, total = None, 0, indexing.waiting(work.access)
    try:
        while True:
            after, count = indexing.index_next(work.access, after, _INDEX_PORTION)
            done += count
            work.lease.update(done=done, total=max(total, done))
            if after is None:
                break
    except EmbedderError as error:  # found by words until it answers; what waits is embedded then
        logger.warning("A restored vault is not embedded yet: %s", type(error).__name__)
    indexing.fold(work.access)
    work.finish(State.DONE)


def keys_of(work: Work) -> list[NewKey]:
    return [NewKey.from_json(said) for said in work.row.new_keys]


def _contents(work: Work) -> AbstractContextManager[Contents]:
    secret, row = work.secret, work.row
    collections.learn(work.access, keys_of(work))
    return opened(work.path, row.file_id, secret.upload_key, secret.lock)


def _counts(contents: Contents) -> dict[str, int]:
    return {name: contents.count(name) for name in lines.SHAPES}


def _check_file(work: Work, contents: Contents, name: str, before: int) -> int:
    number = 0
    for _ in contents.lines(name):
        number += 1
        if number % _LINES == 0 or work.lease.silent:
            work.lease.update(done=before + number)
    if number != contents.count(name):
        raise Damaged
    return number


def _bring(work: Work, contents: Contents) -> None:
    row = work.row
    rest = contents.lines(row.stage, row.checkpoint)
    while portion := list(islice(rest, PORTION)):
        row.checkpoint, row.done = row.checkpoint + len(portion), row.done + len(portion)
        with vault_scope(work.access.vault_id):
            _PUTS[row.stage](work, contents, portion)
            work.lease.update(checkpoint=row.checkpoint, done=row.done)
    work.lease.update(stage=_after(row.stage), checkpoint=0)


def _open(work: Work, contents: Contents) -> None:
    wanted, key = _wanted(work, contents), Key(work.secret.manifest_key)
    with vault_scope(work.access.vault_id):
        collections.open_all(work.access, wanted, keys_of(work), key)
        done = work.row.done + len(wanted)
        work.lease.update(stage=_after("open"), checkpoint=0, done=done)


def _end(work: Work, contents: Contents) -> None:
    """The log's lines are in the vault's own log now, so the line that says so comes after them."""
    was = contents.manifest.log
    said = f"an archive with {contents.count('log'):,} log lines, head {fingerprint(was.head)}"
    with vault_scope(work.access.vault_id):
        access_log.record(work.access, "restored", purpose=said)
        work.lease.update(state=State.INDEXING, done=0)


def _after(stage: str) -> str:
    return STAGES[STAGES.index(stage) + 1]


def _wanted(work: Work, contents: Contents) -> list[lines.Collection]:
    """A server that would see every word is used only if the owner said so."""
    found = contents.collections
    if work.row.embedders:
        return found
    leaves = {each.id for each in found if collections.choice_of(each).leaves}
    return [replace(each, embedder="") if each.id in leaves else each for each in found]


def _vectors(work: Work, contents: Contents, portion: Sequence[lines.Vector]) -> None:
    wanted = _wanted(work, contents)
    spaces = {each.id: space_of(collections.choice_of(each)) for each in wanted}
    vectors.put(work.access, portion, spaces)


def _log(work: Work, contents: Contents, portion: Sequence[lines.LogLine]) -> None:
    log.put(work.access, portion, contents.manifest.log.keep_days)


_STEPS: Mapping[str, Callable[[Work, Contents], None]] = {"open": _open, "end": _end}
_PUTS: Mapping[str, Put] = {
    "memories": lambda work, _, portion: memories.put(work.access, portion),
    "revisions": lambda work, _, portion: memories.put_revisions(work.access, portion),
    "sources": lambda work, _, portion: memories.put_sources(work.access, portion),
    "vectors": _vectors,
    "suggestions": lambda work, _, portion: waiting.put_suggestions(work.access, portion),
    "pairs": lambda work, _, portion: waiting.put_pairs(work.access, portion),
    "rules": lambda work, _, portion: waiting.put_rules(work.access, portion),
    "views": lambda work, _, portion: views.put(work.access, portion),
    "grants": lambda work, _, portion: grants.put(work.access, portion, timezone.now()),
    "imports": lambda work, _, portion: import_lines.put(work.access, portion),
    "log": _log,
}
