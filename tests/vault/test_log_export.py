"""The access log as a file, and an earlier file held against the log."""

import json

import pytest

from tests.logs import LINES, Row, exported, fill, state_of, write
from tests.people import Person
from vault.errors import Invalid
from vault.log import access_log, log_chain, log_check, log_compare, log_export
from vault.log.log_compare import Compared, compare
from vault.models import LogEntry
from vault.scope import vault_scope


def test_an_export_says_what_the_log_says_and_ends_with_the_head(ana: Person) -> None:
    fill(ana)
    *lines, head = [json.loads(line) for line in exported(ana)]
    assert [line["seq"] for line in lines] == list(range(1, LINES + 1))
    entry = access_log.listing(ana.access, limit=1)[0]
    assert lines[-1]["memories"] == [str(id) for id in entry.memory_ids]
    assert (lines[-1]["purpose"], lines[-1]["version"]) == (entry.purpose, 1)
    now = log_check.head(ana.access)
    assert (head["head"]["count"], head["head"]["fingerprint"]) == (LINES, now.fingerprint)
    assert head["head"]["chain"] == lines[-1]["chain"]
    assert log_export._PORTION > LINES  # see the test below for several portions


def test_an_export_in_several_portions_is_the_same(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(ana)
    whole = exported(ana)[:-1]
    for module in (log_export, log_compare):
        monkeypatch.setattr(module, "_PORTION", 3)
    assert exported(ana)[:-1] == whole
    assert compare(ana.access, exported(ana)) == Compared(LINES)


def test_an_earlier_export_agrees_with_the_log_that_grew(ana: Person) -> None:
    fill(ana)
    earlier = exported(ana)
    fill(ana, 3)
    assert compare(ana.access, earlier) == Compared(LINES)


def test_an_export_shows_up_a_log_that_was_rewritten_with_the_servers_own_keys(
    ana: Person, ben: Person
) -> None:
    """Who holds the keys folder too can make the chain right again, but not the export."""
    fill(ana)
    earlier = exported(ana)
    with vault_scope(ana.vault_id):
        LogEntry.objects.filter(vault_id=ana.vault_id).delete()
        chain = log_chain.Chain(ana.vault_id, writing=True)
        chain.head.count, chain.link = 0, b""
        for number in range(LINES):
            chain.append(ana.access.asker, "search", [], f"another purpose {number}")
        chain.save()
    assert access_log.verify(ana.access) == LINES
    assert "Line 1 of the log" in compare(ana.access, earlier).problem
    assert f"Line {LINES} of the log" in compare(ana.access, earlier[-1:]).problem
    fill(ben)
    assert compare(ben.access, earlier).problem


def test_an_export_shows_up_a_log_that_was_put_back(ana: Person) -> None:
    fill(ana)
    before = state_of(ana.vault_id)
    fill(ana, 2)
    later = exported(ana)
    write(ana.vault_id, before)
    assert compare(ana.access, later) == Compared(
        LINES, 0, "The export has line 8, and the log ends with line 7."
    )
    fill(ana, 5)
    assert compare(ana.access, later).problem.startswith("Line 8 of the log says something else")


@pytest.mark.parametrize(
    "change",
    [{"purpose": "x"}, {"memories": []}, {"asker": "x"}, {"chain": ""}, {"more": 1}],
    ids=str,
)
def test_an_export_that_was_altered_does_not_agree(ana: Person, change: Row) -> None:
    fill(ana)
    lines = [json.loads(line) for line in exported(ana)]
    lines[2] |= change
    told = compare(ana.access, [json.dumps(line).encode() for line in lines])
    assert (told.same, "Line 3 of the log" in told.problem) == (2, True)


@pytest.mark.parametrize(
    "line",
    [
        *(b"", b"\n", b"x", b"[]", b"{}", b"1", b'{"head": 1}', b'{"head": {"count": 1}}'),
        *(b'{"seq": true, "chain": ""}', b'{"seq": -1, "chain": ""}', b'{"seq": 1, "chain": 1}'),
        *(b'{"seq": 1e9, "chain": ""}', b'{"seq": %d, "chain": ""}' % 10**30, b"[" * 100_000),
        *(b'{"head": {"count": "1", "chain": ""}}', b"\xff\xfe", b'{"head": {"head": {}}}'),
    ],
    ids=lambda line: repr(line[:40]),
)
def test_what_is_no_export_is_refused(ana: Person, line: bytes) -> None:
    with pytest.raises(Invalid):
        compare(ana.access, [line])
    with pytest.raises(Invalid):
        compare(ana.access, [])


def test_altered_lines_are_exported_as_they_are_found(ana: Person) -> None:
    fill(ana)
    state = state_of(ana.vault_id)
    state.lines[2] |= {"action": "forged"}
    write(ana.vault_id, state)
    lines = [json.loads(line) for line in exported(ana)]
    assert [line["seq"] for line in lines if line.get("altered")] == [3]
    assert lines[2]["action"] == "forged"
