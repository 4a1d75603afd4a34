"""The vault's chores, done as the worker does them: without any key."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.utils import timezone

from config.schedule import BEAT_SCHEDULE
from tests.people import PASSWORD, Person
from vault import bulk, memories, tasks, vaults
from vault.access import IDLE_LIMIT
from vault.errors import NotFound
from vault.keys.custodian import custodian
from vault.models import GrantSlot, JobSlot, Memory, Revision, SessionSlot, Source, Vector
from vault.scope import vault_scope
from vault.types import Draft, Right, SourceDraft


def test_every_scheduled_task_exists() -> None:
    from celery import current_app

    current_app.loader.import_default_modules()
    assert {entry["task"] for entry in BEAT_SCHEDULE.values()} <= set(current_app.tasks)


def test_what_was_forgotten_is_shredded_after_thirty_days_and_not_before(ana: Person) -> None:
    home = ana.collection("Work")
    drafts = [
        (home, Draft(text, source=SourceDraft("openai", f"item:{text}")))
        for text in ("forgotten long ago", "forgotten yesterday", "kept")
    ]
    bulk.remember_many(ana.access, drafts)
    by_text = {m.text: m for m in memories.listing(ana.access).memories}
    old, new = by_text["forgotten long ago"], by_text["forgotten yesterday"]
    memories.revise(ana.access, old.id, text="forgotten very long ago")
    for memory, days in ((old, 31), (new, 1)):
        memories.forget(ana.access, memory.id)
        with vault_scope(ana.vault_id):
            Memory.objects.filter(vault_id=ana.vault_id, id=memory.id).update(
                forgotten_at=timezone.now() - timedelta(days=days)
            )
    assert tasks.shred_forgotten() >= 1
    with pytest.raises(NotFound):
        memories.restore(ana.access, old.id)
    assert memories.restore(ana.access, new.id).text == "forgotten yesterday"
    with vault_scope(ana.vault_id):
        mine = {"vault_id": ana.vault_id, "memory_id": old.id}
        assert bytes(Memory.objects.get(vault_id=ana.vault_id, id=old.id).sealed) == b""
        assert not Revision.objects.filter(**mine).exists()
        assert not Vector.objects.filter(**mine).exists()
        assert [bytes(s.sealed) for s in Source.objects.filter(**mine)] == [b""]
    assert bulk.remember_many(ana.access, drafts).written == 0


def test_slots_whose_time_is_over_are_deleted(ana: Person) -> None:
    ana.token(Work=Right(see=True))
    vaults.unlock(owner_id=ana.user.pk, password=PASSWORD, password_hash=ana.user.password)
    long_ago = timezone.now() - timedelta(days=400)
    with vault_scope(ana.vault_id):
        GrantSlot.objects.filter(vault_id=ana.vault_id).update(expires_at=long_ago)
        SessionSlot.objects.filter(vault_id=ana.vault_id).update(created_at=long_ago)
    tasks.close_stale_slots()
    with vault_scope(ana.vault_id):
        for model in (GrantSlot, SessionSlot, JobSlot):
            assert not model.objects.filter(vault_id=ana.vault_id).exists()


def test_a_session_that_is_idle_for_too_long_leaves_no_row(ana: Person) -> None:
    user = ana.user
    other = vaults.unlock(owner_id=user.pk, password=PASSWORD, password_hash=user.password)
    with vault_scope(ana.vault_id):
        idle = SessionSlot.objects.filter(vault_id=ana.vault_id, id=other.session_id)
        idle.update(used_at=timezone.now() - IDLE_LIMIT - timedelta(seconds=1))
    tasks.close_stale_slots()
    with vault_scope(ana.vault_id):
        (left,) = SessionSlot.objects.filter(vault_id=ana.vault_id).values_list("id", flat=True)
    assert left == ana.access.asker.id


def test_peppers_of_days_without_living_tokens_are_destroyed(
    settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SATCHEL_KEYS_DIR = tmp_path / "keys"
    today = timezone.now()
    custodian().pepper_of(today.date())
    for days, gone in ((0, 0), (366, 0), (368, 1)):
        monkeypatch.setattr(tasks.timezone, "now", lambda days=days: today + timedelta(days=days))
        assert tasks.destroy_old_peppers() == gone
    assert today.date() not in custodian().days()
