"""Conflicts: both sides changed one memory. What the connection's policy, or its owner, says.

One that is asked is a suggestion in Review: theirs beside ours. Accepted, both say the same;
declined, ours is sent.
"""

from collections.abc import Collection
from typing import Literal
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from connectors.base.types import Entry, Item
from sync.engine.bridge import Bridge
from sync.engine.convert import kind_of
from sync.engine.links import State
from sync.engine.pairing import Pair
from sync.models import Conflict, Connection, Link
from vault.access import Access
from vault.ids import new_id
from vault.models import Suggestion
from vault.reviewing import letters
from vault.scope import vault_scope
from vault.text import LONGEST, clean
from vault.types import Memory

Policy = Literal["ask", "newest", "vault", "vendor", "both"]
POLICIES: tuple[tuple[Policy, str], ...] = (
    ("ask", "Ask me"),
    ("newest", "The newer one"),
    ("vault", "Mine, in the vault"),
    ("vendor", "Theirs"),
    ("both", "Keep both"),
)
_TOO_LONG = gettext_noop("What it says there now is too long for a memory.")
Choice = Literal["ask", "wait", "ours", "theirs", "both"]


def choice(row: Connection, state: State, pair: Pair, entry: Entry, memory: Memory) -> Choice:
    """What to do about this one now."""
    if row.policy == "ask":
        return answer(row, state, pair.theirs.mark.encode() if pair.theirs else b"")
    if row.policy == "newest":
        theirs = entry.item.updated_at if entry.item else None
        return "theirs" if theirs is not None and theirs > memory.updated_at else "ours"
    fixed: dict[str, Choice] = {"vault": "ours", "vendor": "theirs", "both": "both"}
    return fixed[row.policy]


def raise_(bridge: Bridge, state: State, pair: Pair, theirs: Item, *, reason: str) -> None:
    """Ask the owner. The question stands until it is answered, or theirs changes again."""
    access, row = bridge.access, bridge.row
    if pair.ours is None or pair.theirs is None or state.collection_id is None:
        return
    text = clean(theirs.text)
    if not text or len(text) > LONGEST:
        bridge.tally.skip(_TOO_LONG, pair.ours.id)
        return
    with vault_scope(row.vault_id):
        said = letters.suggest(
            access,
            state.collection_id,
            action="revise",
            text=text,
            kind=kind_of(theirs),
            title=clean(theirs.title)[:300],
            memory_id=pair.ours.id,
        )
        note(row, state, pair.ours.id, said.id, pair.theirs.mark.encode(), reason)
    bridge.tally.add("undecided")


def note(
    row: Connection, state: State, memory_id: UUID, suggestion_id: UUID, theirs: bytes, reason: str
) -> None:
    """That this was asked, about this version of theirs. A question of before is withdrawn."""
    with vault_scope(row.vault_id):
        end(row, [state.id])
        Conflict.objects.create(
            vault_id=row.vault_id,
            id=new_id(),
            connection_id=row.id,
            link_id=state.id,
            memory_id=memory_id,
            suggestion_id=suggestion_id,
            revision=state.revision,
            theirs=theirs,
            reason=reason,
            since=timezone.now(),
        )


def end(row: Connection, links: Collection[UUID]) -> None:
    """These agree again: nobody has to be asked any more."""
    if not links:
        return
    with vault_scope(row.vault_id):
        over = _rows(row).filter(link_id__in=list(links))
        letters_ = list(over.values_list("suggestion_id", flat=True))
        Suggestion.objects.filter(vault_id=row.vault_id, id__in=letters_).delete()
        over.delete()


def is_asked(row: Connection, memory_id: UUID) -> bool:
    """Whether a change that came from there to this memory waits for its owner's word, as it does
    where the grant may not write. A conflict is something else."""
    with vault_scope(row.vault_id):
        mine = Suggestion.objects.filter(vault_id=row.vault_id, grant_id=row.grant_id)
        asked = mine.filter(memory_id=memory_id, action="revise")
        return asked.exclude(id__in=_rows(row).values("suggestion_id")).exists()


def wait(row: Connection) -> bool:
    """Whether any of this connection's links waits for an answer, or for what follows from one."""
    with vault_scope(row.vault_id):
        links = Link.objects.filter(vault_id=row.vault_id, connection_id=row.id)
        return _rows(row).filter(link_id__in=links.values("id")).exists()


def waiting(access: Access, connection_id: UUID) -> list[Conflict]:
    """Those of a connection that wait for their owner's word, the oldest first."""
    access.must_own()
    with vault_scope(access.vault_id):
        rows = Conflict.objects.filter(vault_id=access.vault_id, connection_id=connection_id)
        open_ones = Suggestion.objects.filter(vault_id=access.vault_id).values("id")
        return list(rows.filter(suggestion_id__in=open_ones).order_by("since"))


def waiting_counts(access: Access) -> dict[UUID, int]:
    """How many wait for their owner's word, by connection."""
    access.must_own()
    with vault_scope(access.vault_id):
        open_ones = Suggestion.objects.filter(vault_id=access.vault_id).values("id")
        rows = Conflict.objects.filter(vault_id=access.vault_id, suggestion_id__in=open_ones)
        found = rows.values("connection_id").annotate(n=Count("id")).order_by()
        return {one["connection_id"]: one["n"] for one in found}


def of_memory(access: Access, memory_id: UUID) -> dict[UUID, UUID]:
    """Of a memory: each suggestion that is the other side of a conflict, with its connection."""
    access.must_own()
    with vault_scope(access.vault_id):
        rows = Conflict.objects.filter(vault_id=access.vault_id, memory_id=memory_id)
        return dict(rows.values_list("suggestion_id", "connection_id"))


def answer(row: Connection, state: State, theirs: bytes) -> Choice:
    """What its owner said about this version of theirs: "ask" for a new question, "wait" while it
    stands, "ours" once it was declined."""
    with vault_scope(row.vault_id):
        asked = _rows(row).filter(link_id=state.id).first()
        if asked is None or bytes(asked.theirs) != theirs:
            return "ask"
        stands = Suggestion.objects.filter(vault_id=row.vault_id, id=asked.suggestion_id).exists()
    return "wait" if stands else "ours"


def _rows(row: Connection) -> QuerySet[Conflict]:
    return Conflict.objects.filter(vault_id=row.vault_id, connection_id=row.id)
