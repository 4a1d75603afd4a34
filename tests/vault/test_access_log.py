"""The access log: what it says, who may read it, and that what was done to it shows."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from tests.logs import LINES, fill, state_of, write
from tests.people import Person
from vault.access import Access, open_token
from vault.errors import Refused, Tampered
from vault.log import access_log, log_chain, log_check, log_keeping
from vault.log.log_compare import compare
from vault.log.log_export import export
from vault.models import LogEntry, LogHead
from vault.recalling import recall
from vault.scope import vault_scope
from vault.types import Right


def test_the_first_bad_line_is_named(ana: Person) -> None:
    fill(ana)
    right = state_of(ana.vault_id)
    for seq, change in ((3, {"count": 9}), (5, {"purpose": None}), (6, None)):
        state = right.copy()
        if change is None:
            del state.lines[seq - 1]
        else:
            state.lines[seq - 1] |= {"action": "x"} if "purpose" in change else change
        write(ana.vault_id, state)
        with pytest.raises(Tampered, match=f"Line {seq} "):
            access_log.verify(ana.access)
    del right.lines[-1]
    write(ana.vault_id, right)
    with pytest.raises(Tampered, match=f"Line {LINES} of the access log is missing"):
        access_log.verify(ana.access)


def test_a_forged_end_is_not_signed_by_the_next_line(ana: Person) -> None:
    """Else one recall would make what was forged right."""
    fill(ana)
    state = state_of(ana.vault_id)
    del state.lines[4:]
    state.head |= {"count": 4, "chain": state.lines[-1]["chain"] + state.head["chain"][32:]}
    write(ana.vault_id, state)
    with pytest.raises(Tampered):
        access_log.record(ana.access, "search")
    assert len(state_of(ana.vault_id).lines) == 4


def test_a_line_written_after_the_theft_cannot_be_sealed_to_the_thief(
    ana: Person, ben: Person
) -> None:
    fill(ana)
    with vault_scope(ben.vault_id):
        theirs = LogHead.objects.get(vault_id=ben.vault_id).public_key
    with vault_scope(ana.vault_id):
        LogHead.objects.filter(vault_id=ana.vault_id).update(public_key=theirs)
    with pytest.raises(Tampered):
        access_log.record(ana.access, "search")


def test_altered_lines_are_not_shown_either(ana: Person) -> None:
    fill(ana)
    right = state_of(ana.vault_id)
    for change in ({"action": "granted"}, {"count": 2}, {"at": timezone.now()}):
        state = right.copy()
        state.lines[3] |= change
        write(ana.vault_id, state)
        with pytest.raises(Tampered):
            access_log.listing(ana.access)
        assert len(access_log.listing(ana.access, before_seq=4)) == 3


def test_putting_everything_back_is_the_one_thing_the_chain_alone_does_not_tell(
    ana: Person,
) -> None:
    fill(ana)
    earlier = state_of(ana.vault_id)
    fill(ana)
    write(ana.vault_id, earlier)
    assert access_log.verify(ana.access) == LINES


def test_a_check_goes_on_in_parts_and_takes_in_what_was_written_meanwhile(ana: Person) -> None:
    fill(ana)
    part = log_check.check(ana.access, most=3)
    assert (part.lines, part.last, part.done) == (3, LINES, False)
    fill(ana, 2)
    part = log_check.check(ana.access, part.place, most=3)
    assert (part.lines, part.last, part.done) == (6, LINES + 2, False)
    part = log_check.check(ana.access, part.place, most=3)
    assert (part.lines, part.done) == (LINES + 2, True)


def test_a_place_that_is_none_never_makes_a_check_succeed(ana: Person) -> None:
    fill(ana)
    for place in (log_chain.Place(3, b"x" * 32), log_chain.Place(LINES, b"x" * 32)):
        with pytest.raises(Tampered):
            log_check.check(ana.access, place)
    assert log_check.check(ana.access, log_chain.Place(99, b"")).done


def test_lines_that_go_for_their_age_during_a_check_are_no_fault(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(ana, 9)
    log_keeping.keep(ana.access, 30)
    monkeypatch.setattr(log_check, "PORTION", 2)
    real, later = log_chain.Chain.portion, timezone.now() + timedelta(days=31)

    def portion(self: log_chain.Chain, *args: Any) -> list[LogEntry]:
        lines = real(self, *args)
        if not state_of(ana.vault_id).head["cut"]:
            monkeypatch.undo()
            with monkeypatch.context() as clock:
                clock.setattr(log_keeping.timezone, "now", lambda: later)
                assert log_keeping.cut(ana.vault_id) == 10
        return lines

    monkeypatch.setattr(log_chain.Chain, "portion", portion)
    assert access_log.verify(ana.access) == 1


def test_the_log_of_a_new_vault_is_authentic_before_its_first_line(ana: Person) -> None:
    with vault_scope(ana.vault_id):
        heads = LogHead.objects.filter(vault_id=ana.vault_id)
        public, private = heads.values_list("public_key", "private_key").get()
        heads.delete()
        log_chain.Chain.begin(ana.vault_id, bytes(public), bytes(private))
    assert access_log.verify(ana.access) == 0
    with vault_scope(ana.vault_id):
        heads.update(public_key=bytes(public)[::-1])
    with pytest.raises(Tampered):
        access_log.record(ana.access, "search")
    with vault_scope(ana.vault_id):
        heads.update(public_key=public)
    fill(ana, 2)
    assert access_log.verify(ana.access) == 2


def test_the_log_is_its_owners(ana: Person) -> None:
    app = ana.grantee(Work=Right(see=True))
    refused: list[Callable[[Access], object]] = [
        access_log.verify,
        log_check.head,
        export,
        lambda access: compare(access, []),
        lambda access: log_keeping.keep(access, 30),
        lambda access: access_log.readings(access, uuid4()),
    ]
    for attempt in refused:
        with pytest.raises(Refused):
            attempt(app)


def test_a_line_names_each_memory_the_version_of_the_grant_and_the_purpose(ana: Person) -> None:
    from vault import memories
    from vault.granting import grants
    from vault.types import Draft

    made = memories.remember(ana.access, ana.collection("Work"), Draft("Prefers short answers"))
    grant, token = ana.token(Work=Right(see=True))
    grants.change(ana.access, grant.id, rights={ana.collection("Work"): Right(see=True)})
    recall.search(open_token(token), "answers", purpose="a letter")
    entry = access_log.listing(ana.access, limit=1)[0]
    assert (entry.memory_ids, entry.grant_id) == ((made.id,), grant.id)
    assert (entry.purpose, entry.version) == ("a letter", 2)


def test_every_reading_of_a_memory_is_found_however_long_ago(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_log, "LOOK_THROUGH", 4)
    monkeypatch.setattr(access_log, "_BATCH", 3)
    wanted = uuid4()
    for number in range(18):
        ids = [wanted, uuid4()] if number in (0, 7, 8, 17) else [uuid4()] * (number % 2)
        access_log.record(ana.access, "search", ids)
    found, before, rounds = [], None, 0
    while before != 0:
        answer = access_log.readings(ana.access, wanted, before_seq=before)
        found += [entry.seq for entry in answer.entries]
        before, rounds = answer.looked_to, rounds + 1
    assert found == [18, 9, 8, 1]
    assert rounds > 1
    first = access_log.readings(ana.access, wanted, limit=1)
    assert [e.seq for e in first.entries] == [18] == [first.looked_to]


def test_to_be_told_as_a_purpose_is_not_to_be_read(ana: Person) -> None:
    wanted = uuid4()
    access_log.record(ana.access, "search", [uuid4()], purpose=str(wanted))
    assert access_log.readings(ana.access, wanted).entries == []


def test_a_page_looks_through_the_newest_lines_only(ana: Person) -> None:
    wanted = uuid4()
    for ids in ([wanted], [uuid4()], [uuid4()], []):
        access_log.record(ana.access, "search", ids)
    newest = access_log.readings(ana.access, wanted, most=1)
    assert newest.entries == []
    assert access_log.readings(ana.access, wanted, before_seq=newest.looked_to).entries


def test_lines_written_at_once_stand_in_one_chain(ana: Person) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections

    def write_some(_: int) -> None:
        try:
            fill(ana, 5)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write_some, range(4)))
    assert access_log.verify(ana.access) == 20
