"""Holding an earlier export of the access log against the log.

What is in the file left the server long ago: not even who holds the server's keys can change the
log without the two falling apart.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext

from vault.access import Access
from vault.errors import Invalid
from vault.log.log_chain import Chain
from vault.log.log_export import told
from vault.models import LogEntry
from vault.scope import vault_scope

LONGEST_LINE = 4 * 1024 * 1024
_PORTION = 500
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of it: the lines that agree, those that were deleted for their age since, and
    what is wrong with the first other one, or ""."""

    same: int = 0
    cut: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of an export. Of its last line, which is about the end of the log, `said` is None."""

    seq: int
    chain: str
    said: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class _Log:
    """The part of the log that some lines of an export are about."""

    chain: Chain
    links: Mapping[int, str]
    said: Mapping[int, Mapping[str, Any]]


def compare(access: Access, lines: Iterable[bytes]) -> Compared:
    """Hold the lines of an export against the log, up to the first that does not agree. Invalid
    when they are no export."""
    access.must_own()
    left, read, same, cut = iter(lines), 0, 0, 0
    while portion := [_parsed(line) for line in islice(left, _PORTION)]:
        read += len(portion)
        log = _part(access, [line.seq for line in portion])
        for line in portion:
            if _was_cut(line, log):
                cut += 1
            elif problem := _problem(line, log):
                return Compared(same, cut, problem)
            elif line.said is not None:
                same += 1
    if not read:
        raise _no_export()
    return Compared(same, cut)


def _part(access: Access, seqs: Sequence[int]) -> _Log:
    with vault_scope(access.vault_id):
        rows = LogEntry.objects.filter(vault_id=access.vault_id, seq__in=seqs).order_by("seq")
        said = {line["seq"]: line for line in told(access, list(rows))}
        chain = Chain(access.vault_id)  # after the rows, so that none of them lies beyond its end
    links = {seq: line["chain"] for seq, line in said.items()}
    return _Log(chain, {chain.start.seq: chain.start.link.hex()} | links, said)


def _was_cut(line: _Line, log: _Log) -> bool:
    start = log.chain.start.seq
    return line.seq < start or (line.seq == start and line.said is not None)


def _problem(line: _Line, log: _Log) -> str:
    end = log.chain.end.seq
    named = {"number": _number(line.seq), "last": _number(end)}
    if line.seq > end:
        beyond = gettext("The export has line %(number)s, and the log ends with line %(last)s.")
        return beyond % named
    if line.seq not in log.links:
        return gettext("Line %(number)s of the export is missing in the log.") % named
    same = line.chain == log.links[line.seq] and line.said in (None, log.said.get(line.seq))
    other = gettext("Line %(number)s of the log says something else than the export.")
    return "" if same else other % named


def _number(value: int) -> str:
    return number_format(value, force_grouping=True)


def _parsed(line: bytes) -> _Line:
    if len(line) > LONGEST_LINE:
        raise _no_export()
    try:
        said: Any = json.loads(line)
        told = said.get("head", said)
        seq, chain = told["seq" if told is said else "count"], told["chain"]
    except (ValueError, RecursionError, KeyError, AttributeError, TypeError):
        raise _no_export() from None
    if type(seq) is not int or not 0 <= seq <= _LARGEST or not isinstance(chain, str):
        raise _no_export()
    return _Line(seq, chain, said if told is said else None)


def _no_export() -> Invalid:
    return Invalid(
        gettext("This is no export of an access log. Choose a file you got here."), "export"
    )
