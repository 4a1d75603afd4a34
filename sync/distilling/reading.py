"""One conversation read by the model: asked about a piece of it, judged, and proposed."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone

from sync.distilling import prompt, wire
from sync.distilling.answers import Judged, Proposal, judged
from sync.distilling.errors import TextRefused, Unreadable
from sync.distilling.pieces import BEFORE, LEAST_ROOM, ROOM, Piece, piece_of
from sync.models import Distilled, Proposed
from vault import talks
from vault.outbound.configured import outbound
from vault.reviewing import distilled, echoes, quarantine
from vault.scope import vault_scope
from vault.search.budget import count_tokens
from vault.talks import Talk
from vault.types import Draft, Evidence, Memory

if TYPE_CHECKING:
    from sync.distilling.work import Work

_SECONDS = 300.0
"""For an answer: a model on one's own machine may think for long."""
_MOST_BEFORE = 4


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a piece: what to propose, each with the mark by which it is known again."""

    fresh: Sequence[tuple[Proposal, str]] = ()
    counts: dict[str, int] = field(default_factory=dict)


def read(work: "Work", talk: Talk, over: Callable[[], bool]) -> bool:
    """Read what was not read of it yet. False when the turn was over before its end."""
    row, part = _row(work, talk), frozenset[UUID]()
    while row.position < talk.last:
        new = talks.turns(work.access, work.here.wanted, talk, row.position, but=part)
        if not new:
            break  # the rest was forgotten meanwhile
        before = row.position
        turns = [*_before_these(work, talk, before), *new]
        try:
            piece, judgement = _asked(work, turns, before)
        except (TextRefused, Unreadable):
            _pass_over(work, row)
            return True
        found = _sifted(work, judgement, row, {turn.id for turn in new})
        _commit(work, talk, row, _ended(piece, before, new), found)
        # Where it is within a position is not written down: no turn ends there.
        part = frozenset() if row.position > before else part.union(piece.read)
        if row.position < talk.last and not part and over():
            return False
    if row.position < talk.last:
        row.position = talk.last
        with vault_scope(work.access.vault_id):
            _end(work, row)
    return True


def _before_these(work: "Work", talk: Talk, position: int) -> list[Memory]:
    """Turns that were read before, the last ones; where many branches are at one position, some."""
    after = position - BEFORE
    some = talks.turns(work.access, work.here.wanted, talk, after, most=_MOST_BEFORE)
    return [turn for turn in some if turn.position <= position]


def _ended(piece: Piece, before: int, new: Sequence[Memory]) -> Piece:
    """Not at its position, where there may be more turns than could be opened together."""
    return replace(piece, position=before) if len(new) > talks.AT_ONCE else piece


def _row(work: "Work", talk: Talk) -> Distilled:
    """How far it is; of what another run read, where that stopped."""
    vault_id = work.access.vault_id
    place = {"collection_id": talk.collection_id, "conversation": talk.conversation}
    with vault_scope(vault_id):
        row = Distilled.objects.filter(vault_id=vault_id, **place).first()
    row = row or Distilled(vault_id=vault_id, **place)
    if row.run_id != work.run_id:
        row.run_id, row.proposed, row.unreadable = work.run_id, 0, False
    return row


def _asked(work: "Work", turns: Sequence[Memory], after: int) -> tuple[Piece, Judged]:
    """The answer about as many turns as the model takes. TextRefused or Unreadable when it takes,
    or answers, not even the least."""
    room = ROOM
    while True:
        piece = piece_of(turns, after, room)
        if not piece.worth_asking:
            return piece, Judged()
        try:
            return piece, _answered(work, piece)
        except TextRefused:
            size = sum(count_tokens(line.text) for line in piece.lines)
            room = min(room, size) // 2
            if room < LEAST_ROOM:
                raise


def _answered(work: "Work", piece: Piece) -> Judged:
    """Asked once more where the answer is none. TextRefused where it had no room to end."""
    try:
        return _once(work, piece)
    except Unreadable:
        return _once(work, piece)


def _once(work: "Work", piece: Piece) -> Judged:
    question, choice = prompt.messages(piece.lines), work.plan.choice
    with work.pulse() as pulse:
        reply = wire.ask(choice, outbound(), question, _SECONDS)
    pulse.check()
    _spend(work, question, reply)
    work.save()  # it was paid for, whatever becomes of it
    try:
        return judged(reply.text, piece.lines)
    except Unreadable:
        if reply.cut:
            raise TextRefused("The answer had no room to end.") from None
        raise


def _spend(work: "Work", question: Sequence[dict[str, str]], reply: wire.Reply) -> None:
    row = work.row
    asked = sum(count_tokens(one["content"]) for one in question)
    row.tokens_in += asked if reply.tokens_in is None else reply.tokens_in
    row.tokens_out += count_tokens(reply.text) if reply.tokens_out is None else reply.tokens_out
    row.guessed = row.guessed or None in (reply.tokens_in, reply.tokens_out)


def _sifted(work: "Work", judgement: Judged, row: Distilled, turns: Container[UUID]) -> Found:
    """Without what the vault holds, what waits already or was proposed before, and what is too much
    of one conversation; and what rests on none of these turns, which are read for the first time.
    """
    counts = dict(judgement.dropped)
    kept = [one for one in judgement.kept if any(turn in turns for turn in one.turns)]
    drafts = [Draft(one.text, one.kind, occurred_at=one.at) for one in kept]
    fresh: list[tuple[Proposal, str]] = []
    for one, known in zip(kept, echoes.known(work.access, drafts), strict=True):
        essence = echoes.essence(one.text)
        if known:
            why = "known"
        elif _before(work, essence) or _waits(work, one, fresh):
            why = "before"
        elif row.proposed + len(fresh) >= prompt.MOST:
            why = "too many"
        else:
            fresh.append((one, essence))
            continue
        counts[why] = counts.get(why, 0) + 1
    return Found(fresh, counts)


def _before(work: "Work", essence: str) -> bool:
    """Whether it was proposed from any collection, whatever its owner said to it."""
    access = work.access
    with vault_scope(access.vault_id):
        marks = [distilled.mark(access, one, essence) for one in access.visible]
        return Proposed.objects.filter(vault_id=access.vault_id, mark__in=marks).exists()


def _waits(work: "Work", one: Proposal, fresh: Sequence[tuple[Proposal, str]]) -> bool:
    others = [*work.waiting_texts(), *(other.text for other, _ in fresh)]
    return any(echoes.same(one.text, other) for other in others)


def _commit(work: "Work", talk: Talk, row: Distilled, piece: Piece, found: Found) -> None:
    """All that came of a piece, or nothing of it."""
    into, name = work.here.into or talk.collection_id, work.plan.choice.model
    told = {"recalled": piece.recalled, "shortened": piece.shortened, **found.counts}
    told["turns"] = len(piece.read)
    with vault_scope(work.access.vault_id):
        for one, essence in found.fresh:
            _propose(work, talk, one, essence, into, name)
        for what, number in told.items():
            work.count(what, number)
        row.position, row.proposed = piece.position, row.proposed + len(found.fresh)
        work.row.counts["in a row"] = work.row.failures = 0
        _end(work, row, done=row.position >= talk.last)
    work.waiting_texts().extend(one.text for one, _ in found.fresh)


def _propose(work: "Work", talk: Talk, one: Proposal, essence: str, into: UUID, name: str) -> None:
    access = work.access
    draft = Draft(one.text, one.kind, occurred_at=one.at)
    distilled.post(access, into, draft, Evidence(name, one.turns, one.at))
    Proposed.objects.create(
        vault_id=access.vault_id,
        collection_id=talk.collection_id,
        mark=distilled.mark(access, talk.collection_id, essence),
        at=timezone.now(),
    )
    work.count("proposed")
    work.count("flagged", int(bool(quarantine.warnings(one.text, one.kind))))


def _pass_over(work: "Work", row: Distilled) -> None:
    row.unreadable = True
    work.count("unreadable")
    work.count("in a row")
    with vault_scope(work.access.vault_id):
        _end(work, row)


def _end(work: "Work", row: Distilled, *, done: bool = True) -> None:
    """Write how far the conversation was read. Within a scope."""
    row.read_at = timezone.now()
    work.count("conversations", int(done))
    row.save(force_insert=row._state.adding)
    work.save(wait_until=None)
