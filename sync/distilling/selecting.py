"""Which conversations wait to be distilled, and about what that would cost."""

from dataclasses import dataclass, replace
from uuid import UUID

from sync.distilling import pieces, prompt
from sync.distilling.choice import ChatChoice
from sync.models import Distilled
from vault import talks
from vault.access import Access
from vault.scope import vault_scope
from vault.talks import Talk, Wanted


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run over at most so many conversations would send. `waiting`: how many there are.
    `cost` is None where no price is known."""

    waiting: int
    conversations: int
    turns: int
    tokens_in: int
    tokens_out: int
    cost: float | None


def waiting(access: Access, wanted: Wanted, run_id: UUID | None = None) -> list[Talk]:
    """Those with turns that were not read yet, the newest first; `turns` counts these alone. Not
    those over which this run passed."""
    with vault_scope(access.vault_id):
        rows = Distilled.objects.filter(vault_id=access.vault_id)
        read = {(row.collection_id, row.conversation): row for row in rows}
    found = []
    for talk in talks.listing(access, wanted):
        row = read.get((talk.collection_id, talk.conversation))
        if row is None:
            found.append(talk)
        elif row.position < talk.last and not (row.unreadable and row.run_id == run_id):
            found.append(replace(talk, turns=min(talk.turns, talk.last - row.position)))
    return found


def estimate(access: Access, wanted: Wanted, most: int, choice: ChatChoice | None) -> Estimate:
    """From a sample of these turns, rather too high than too low."""
    there = waiting(access, wanted)
    meant = there[:most]
    sample = talks.sample(access, wanted) if meant else []
    each = sum(map(pieces.cost, sample)) / max(len(sample), 1)
    turns = sum(talk.turns for talk in meant)
    questions = max(len(meant), -(-round(turns * each) // pieces.ROOM))
    tokens_in = round(turns * each) + questions * prompt.OVERHEAD
    tokens_out = questions * prompt.ANSWER
    cost = choice.cost(tokens_in, tokens_out) if choice else None
    return Estimate(len(there), len(meant), turns, tokens_in, tokens_out, cost)
