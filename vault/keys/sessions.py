"""The browsers in which a vault stands open, and locking one of them from another."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from vault.access import IDLE_LIMIT, SESSION_LIMIT, Access
from vault.errors import NotFound
from vault.models import SessionSlot
from vault.scope import vault_scope
from vault.types import OpenSession


@dataclass(frozen=True, slots=True)
class Session:
    """One browser with an open vault. `here` is the one that asks; `used_at` is exact to a
    minute; `browser` and `system` are what it said of itself, "" for what is not known."""

    id: UUID
    started_at: datetime
    used_at: datetime
    here: bool
    browser: str
    system: str


def listing(access: Access) -> list[Session]:
    """Where the vault stands open: this browser first, then the latest used."""
    access.must_own()
    with vault_scope(access.vault_id):
        rows = list(_open_ones(access).order_by("-used_at"))
    me = access.asker.id
    found = [Session(r.id, r.created_at, r.used_at, r.id == me, r.browser, r.system) for r in rows]
    return sorted(found, key=lambda session: not session.here)


def name(opened: OpenSession, browser: str, system: str) -> None:
    """Of which family the browser of a session says to be, and its system."""
    with vault_scope(opened.vault_id):
        mine = SessionSlot.objects.filter(vault_id=opened.vault_id, id=opened.session_id)
        mine.update(browser=browser, system=system)


def lock_one(access: Access, session_id: UUID) -> None:
    """Lock the vault in that browser at once. NotFound when it is not open there."""
    access.must_own()
    with vault_scope(access.vault_id):
        mine = SessionSlot.objects.filter(vault_id=access.vault_id, id=session_id)
        if not mine.delete()[0]:
            raise NotFound(gettext("The vault is not open there any more."))


def lock_others(access: Access) -> int:
    """Lock it everywhere but here; in how many browsers it was open."""
    access.must_own()
    with vault_scope(access.vault_id):
        count = _open_ones(access).exclude(id=access.asker.id).count()
        others = SessionSlot.objects.filter(vault_id=access.vault_id)
        others.exclude(id=access.asker.id).delete()
    return count


def _open_ones(access: Access) -> QuerySet[SessionSlot]:
    """Rows that would still open: not idle or old, and with every collection's key."""
    now = timezone.now()
    return SessionSlot.objects.filter(
        vault_id=access.vault_id,
        key_version=F("vault__key_version"),
        used_at__gte=now - IDLE_LIMIT,
        created_at__gte=now - SESSION_LIMIT,
    )
