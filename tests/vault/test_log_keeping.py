"""How long the lines of the access log are kept, and who can make them go."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from tests.logs import LINES, exported, fill, state_of
from tests.people import Person
from vault import tasks
from vault.errors import Invalid, Tampered
from vault.log import access_log, log_chain, log_check, log_keeping
from vault.log.log_compare import Compared, compare
from vault.models import LogEntry, LogHead
from vault.scope import vault_scope


@pytest.fixture
def long_ago(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[float], None]]:
    """Turns the log's clock."""

    def turn(days: float) -> None:
        moment = datetime.now(UTC) - timedelta(days=days)
        monkeypatch.setattr(log_chain.timezone, "now", lambda: moment)

    yield turn
    monkeypatch.undo()


def test_lines_go_when_they_are_older_than_their_owner_wants(
    ana: Person, long_ago: Callable[[float], None]
) -> None:
    long_ago(100)
    fill(ana, 4)
    long_ago(0)
    fill(ana, 3)
    whole = exported(ana)
    assert log_keeping.cut(ana.vault_id) == 0
    log_keeping.keep(ana.access, 90)
    assert tasks.cut_logs() >= 4
    entries = access_log.listing(ana.access)
    assert [entry.seq for entry in entries] == [9, 8, 7, 6, 5]
    assert [entry.action for entry in entries[:2]] == ["cut", "kept"]
    assert entries[0].purpose == "kept for 90 days: the lines up to 4 were deleted"
    assert access_log.verify(ana.access) == 5
    head = log_check.head(ana.access)
    assert (head.count, head.cut, head.keep_days) == (9, 4, 90)
    assert compare(ana.access, whole) == Compared(3, 4)
    assert compare(ana.access, exported(ana)) == Compared(5)
    assert log_keeping.cut(ana.vault_id) == 0


def test_the_line_about_cutting_is_not_itself_cut_day_after_day(
    ana: Person, long_ago: Callable[[float], None]
) -> None:
    long_ago(100)
    log_keeping.keep(ana.access, 30)
    fill(ana, 2)
    long_ago(60)
    assert log_keeping.cut(ana.vault_id) == 3
    long_ago(0)
    assert log_keeping.cut(ana.vault_id) == 0
    fill(ana, 1)
    assert access_log.verify(ana.access) == 2


def test_nobody_makes_lines_go_by_writing_the_database(
    ana: Person, long_ago: Callable[[float], None]
) -> None:
    fill(ana)
    with vault_scope(ana.vault_id):
        LogHead.objects.filter(vault_id=ana.vault_id).update(keep_days=1)
        LogEntry.objects.filter(vault_id=ana.vault_id).update(at=timezone.now() - timedelta(days=9))
    with pytest.raises(Tampered):
        log_keeping.cut(ana.vault_id)
    with vault_scope(ana.vault_id):
        LogHead.objects.filter(vault_id=ana.vault_id).update(keep_days=None)
    log_keeping.keep(ana.access, 30)
    with vault_scope(ana.vault_id):
        LogEntry.objects.filter(vault_id=ana.vault_id).update(
            at=timezone.now() - timedelta(days=99)
        )
    with pytest.raises(Tampered):
        log_keeping.cut(ana.vault_id)
    assert len(state_of(ana.vault_id).lines) == LINES + 1


def test_one_altered_log_does_not_keep_the_others_from_being_cut(
    ana: Person, ben: Person, long_ago: Callable[[float], None]
) -> None:
    long_ago(100)
    for person in (ana, ben):
        log_keeping.keep(person.access, 30)
        fill(person, 2)
    long_ago(0)
    with vault_scope(ana.vault_id):
        LogEntry.objects.filter(vault_id=ana.vault_id, seq=1).update(action="x")
    tasks.cut_logs()
    assert log_check.head(ana.access).cut == 0
    assert log_check.head(ben.access).cut == 3


def test_a_wrong_period_is_refused(ana: Person) -> None:
    with pytest.raises(Invalid):
        log_keeping.keep(ana.access, 7)
