"""What waits for the owner's word before anybody else may see it: text that gives a model orders,
and what a source brings while the owner has let nothing of it in.

The owner's own writing is never held, nor what they accept as a suggestion.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from vault import records
from vault.access import Access
from vault.acting import acts
from vault.browse import sources_of
from vault.filepaths import is_path
from vault.integrity import manifests, unreadable
from vault.models import Grant
from vault.models import Memory as Row
from vault.models import Source as SourceRow
from vault.reviewing import pairs
from vault.reviewing.signs import commands, signs, strong_signs
from vault.scope import vault_scope
from vault.types import Act, Draft, Memory
from vault.visible import Selection, visible_rows

NEW_SOURCE = "new_source"
MOST = 100
_TALK = frozenset({"episode", "document"})
_STATEMENTS = frozenset({"profile", "preference", "fact", "event"})


@dataclass(frozen=True, slots=True)
class Held:
    """A memory that waits. `reasons` are codes, the gravest first; `grant_id` and `grant_name` say
    which app brought it, if one did; `new` that it also waits because its source is new."""

    memory: Memory
    reasons: tuple[str, ...]
    grant_id: UUID | None
    grant_name: str

    @property
    def new(self) -> bool:
        return self.memory.held == NEW_SOURCE


def reasons(text: str) -> tuple[str, ...]:
    """Why words of a vendor or an app would have to wait; () when nothing speaks against them."""
    return signs(text)


def warnings(text: str, kind: str) -> tuple[str, ...]:
    """As `reasons`, of a statement that a model made: it gives orders where a person would not."""
    return _found(text, kind, "", by_app=True)


def held_for(access: Access, draft: Draft, *, first_of_source: bool, confirmed: bool = True) -> str:
    """Why this draft has to wait, as `Memory.held` keeps it; "" to let it in.

    `first_of_source`: see `is_new`. `confirmed` False: the owner writes, but did not look at it.
    """
    if access.is_owner and confirmed:
        return ""
    by_app = brought_by(access, draft) is not None
    found = _found(draft.text, draft.kind, draft.title, by_app=by_app)
    return found[0] if found else NEW_SOURCE if first_of_source else ""


def why_held(access: Access, draft: Draft, *, confirmed: bool = True) -> str:
    """`held_for` of one draft, with what there is to know about its source."""
    if access.is_owner and confirmed:
        return ""
    new = is_new(access, brought_by(access, draft))
    return held_for(access, draft, first_of_source=new, confirmed=confirmed)


def wary(access: Access, text: str | None, kind: str, title: str) -> bool:
    """Whether a grantee's change of a memory has to be suggested instead: holding the memory back
    would take the owner's own words out of sight."""
    if access.is_owner or access.asker.kind != "token":
        return False
    changes = text is not None and bool(_found(text, kind, title, by_app=True))
    return changes or is_new(access, access.asker.id)


def brought_by(access: Access, draft: Draft) -> UUID | None:
    """The grant under which this comes; None for an import that the owner looked at."""
    if access.asker.kind == "token":
        return access.asker.id
    return draft.source.grant_id if draft.source else None


def is_new(access: Access, grant_id: UUID | None) -> bool:
    """Whether the owner has let in nothing yet of what this grant brought. False for no grant.

    Words that were there before, and that the grant only said again, do not count; nor does what
    was taken back.
    """
    if grant_id is None:
        return False
    with vault_scope(access.vault_id):
        mine = SourceRow.objects.filter(vault_id=access.vault_id)
        first = mine.filter(memory_id=OuterRef("id")).order_by("seen_at", "id")
        brought = mine.filter(grant_id=grant_id).values("memory_id")
        rows = Row.objects.filter(vault_id=access.vault_id, id__in=brought, held="")
        rows = rows.filter(Q(forgotten_at=None) | Q(trusted=True))
        rows = rows.annotate(first=Subquery(first.values("grant_id")[:1]))
        return not rows.filter(first=grant_id).exists()


def new_sources(access: Access, drafts: Iterable[Draft]) -> set[UUID]:
    """The grants that bring these and are new, each looked up once."""
    grants = {grant for draft in drafts if (grant := brought_by(access, draft))}
    return {grant for grant in grants if is_new(access, grant)}


def waiting(access: Access) -> QuerySet[Row]:
    """The held memories, the oldest first. Within a scope; the owner's only."""
    access.must_own()
    rows = visible_rows(access).filter(forgotten_at=None).exclude(held="")
    return rows.order_by("id")


def listing(
    access: Access,
    *,
    ids: Collection[UUID] | None = None,
    limit: int = MOST,
    altered: bool = False,
) -> list[Held]:
    """What waits, or what of these does. Tampered when one was altered; with `altered` its owner is
    shown that it is there."""
    views = unreadable.views if altered else records.views
    with vault_scope(access.vault_id):
        rows = waiting(access) if ids is None else waiting(access).filter(id__in=list(ids))
        found = list(rows[: max(1, min(limit, MOST))])
        sources = sources_of(access, [row.id for row in found])
        grants = {source.memory_id: source.grant_id for source in reversed(sources)}
        asked = Grant.objects.filter(id__in={one for one in grants.values() if one})
        names = dict(asked.filter(vault_id=access.vault_id).values_list("id", "name"))
        opened = views(access, found, sources)
    return [_held(memory, grants.get(memory.id), names) for memory in opened]


def release(access: Access, memory_ids: Sequence[UUID]) -> Act:
    """Let these in: the owner looked at them, so they are confirmed. `acts.undo` holds them again.

    Invalid when none of them is there. One that was altered goes on waiting.
    """
    ids = _untouched(access, memory_ids)
    act = acts.begin(access, "confirm", Selection(ids=ids, held=True))
    done = acts.go_on(access, act.id, seconds=_SECONDS)
    pairs.find_later(access, ids[: pairs.PORTION])
    return done


def release_source(access: Access, grant_id: UUID) -> Act:
    """Trust a source: let in what only waits because it is new. What gives orders still waits.

    Invalid when nothing of it waits for that. An act that is long goes on with `acts.go_on`.
    """
    return release(access, new_of(access, grant_id))


def new_of(access: Access, grant_id: UUID) -> list[UUID]:
    """What of this grant waits only because it is new."""
    with vault_scope(access.vault_id):
        brought = SourceRow.objects.filter(vault_id=access.vault_id, grant_id=grant_id)
        rows = waiting(access).filter(held=NEW_SOURCE)
        rows = rows.filter(id__in=brought.values("memory_id"))
        return list(rows.values_list("id", flat=True))


def forget(access: Access, memory_ids: Sequence[UUID]) -> Act:
    """Away with these, for 30 days restorably. Invalid when none of them is there. One that was
    altered goes on waiting."""
    ids = _untouched(access, memory_ids)
    act = acts.begin(access, "forget", Selection(ids=ids, held=True))
    return acts.go_on(access, act.id, seconds=_SECONDS)


def _untouched(access: Access, memory_ids: Sequence[UUID]) -> list[UUID]:
    """Those that are what they were left as: an act refuses all when one was altered."""
    with vault_scope(access.vault_id):
        rows = waiting(access).filter(id__in=list(memory_ids)).iterator(2000)
        return [row.id for row in rows if manifests.is_genuine(access, row)]


_SECONDS = 5.0
"""How long a click may work through what it is about; then it is gone on with."""


def _held(memory: Memory, grant_id: UUID | None, names: dict[UUID, str]) -> Held:
    found = _found(memory.text, memory.kind, memory.title, by_app=grant_id is not None)
    if memory.held != NEW_SOURCE and memory.held not in found:
        found = (memory.held, *found)  # seen in what was cleaned away, like hidden letters
    return Held(memory, found, grant_id, names.get(grant_id, "") if grant_id else "")


def _found(text: str, kind: str, title: str, *, by_app: bool) -> tuple[str, ...]:
    """A statement of an app that gives orders is an instruction in disguise. A file is no talk:
    models write it to be read by models."""
    if kind in _TALK and not is_path(title):
        return strong_signs(text)
    found = signs(text)
    if not found and by_app and kind in _STATEMENTS and commands(text):
        return ("orders",)
    return found
