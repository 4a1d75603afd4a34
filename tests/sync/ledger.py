"""What must be so of a `Life`, at any time and once it has come to rest."""

from collections import Counter

from sync.engine.convert import Marks
from sync.models import Receipt, Run
from tests.sync.lives import WRITES, Life
from vault.text import folded


def nothing_is_lost(life: Life) -> None:
    """Every word that nobody replaced, deleted or decided against is somewhere."""
    lost = life.written - life.over - _somewhere(life)
    assert not lost, f"lost: {lost}"


def nothing_left_without_a_receipt(life: Life) -> None:
    """What was deleted at the vendor was forgotten or replaced here, or it was withdrawn, and a
    receipt says so."""
    receipts, marks = life.receipts(), Marks(life.key())
    for remote_id, text in life.world.deleted.items():
        if folded(text) not in life.over and not _is_elsewhere_there(life, text):
            assert marks.entry(remote_id) in receipts, f"deleted without a receipt: {text}"


def nothing_is_twice(life: Life) -> None:
    """No entry became two memories, and no memory two entries of ours."""
    for home in life.homes:
        here = Counter(folded(one.text) for one in life.memories(home))
        assert all(times == 1 for times in here.values()), f"twice in the vault: {here}"
    made = life.world.temper.rewrites
    kept = Counter(
        words for one in life.memories() for words in {folded(one.text), folded(made(one.text))}
    )
    ours = _words_there(life, ours=True)
    for words, times in ours.items():
        assert times <= max(kept[words], 1), f"twice there: {words}"


def ours_are_known_as_ours(life: Life) -> None:
    """What we created there is known as that: otherwise it could never be withdrawn. Where nobody
    can tell, or theirs was kept apart as something of its own, it is as it is."""
    if not life.traits.finds_again or life.traits.policy == "both":
        return
    known = {one.link.remote_id for one in life.links() if one.link.by_us}
    lost = life.world.entries.keys() - life.world.theirs - known
    assert not lost, f"not known as ours: {[life.world.entries[one].text for one in lost]}"


def both_agree(life: Life) -> None:
    """What is in sight is there, once, and what is there is in sight or has a reason not to be."""
    links = {one.link.memory_id: one.link for one in life.links() if one.link.memory_id}
    stands = set()
    for memory in life.in_sight():
        link = links.get(memory.id)
        held = life.world.entries.get(link.remote_id or "") if link else None
        assert link and held, f"not there: {memory.text}"
        assert link.remote_id not in stands
        stands.add(link.remote_id)
        same = {folded(memory.text), folded(life.world.temper.rewrites(memory.text))}
        assert folded(held.text) in same | life.let_be, f"{memory.text} is there: {held.text}"
    for remote_id in life.world.entries.keys() - stands:
        _has_a_reason(life, remote_id)


def nothing_was_left_out(life: Life, record: Run | None) -> None:
    """A run of everything, right after one of changes, finds nothing that is gone or new."""
    full = life.run(resync=True)
    if record and full and not life.lied and (record.outcome, full.outcome) == ("done", "done"):
        late = {"taken", "forgotten", "deleted there"} & full.counts.keys()
        assert not late, f"only a full run did this: {full.counts}"


def no_receipt_is_open(life: Life) -> None:
    """Every receipt of what was withdrawn says that it is gone, and it is."""
    for one in life.receipts().values():
        assert one.state == Receipt.State.GONE, f"{one.state}: {one.said}"


def rests(life: Life) -> None:
    """Another run does nothing, and neither does one that looks at everything."""
    for resync in (False, True):
        before = {call: life.world.calls[call] for call in WRITES}
        record = life.run(resync=resync)
        assert record and (record.outcome, record.counts) == ("done", {}), record
        assert before == {call: life.world.calls[call] for call in WRITES}


def _somewhere(life: Life) -> set[str]:
    world, receipts, marks = life.world, life.receipts(), Marks(life.key())
    said = [one.text for one in life.memories()]
    said += [one.text for one in life.suggestions()]
    said += [one.text for one in (*world.entries.values(), *world.pending)]
    said += [text for id, text in world.deleted.items() if marks.entry(id) in receipts]
    return {folded(one) for one in said}


def _is_elsewhere_there(life: Life, text: str) -> bool:
    return folded(text) in _words_there(life)


def _words_there(life: Life, *, ours: bool = False) -> Counter[str]:
    entries = life.world.entries.items()
    return Counter(
        folded(held.text)
        for remote_id, held in entries
        if not (ours and remote_id in life.world.theirs)
    )


def _has_a_reason(life: Life, remote_id: str) -> None:
    """Other entries or memories in sight have its words; or it is the vendor's user's own, and its
    words were forgotten, declined or replaced, or are out of sight here."""
    words = folded(life.world.entries[remote_id].text)
    others = _words_there(life) - Counter([words])
    alias = words in others or words in {folded(one.text) for one in life.in_sight()}
    hidden = words in {folded(one.text) for one in life.memories()}
    own = remote_id in life.world.theirs
    assert alias or (own and (hidden or words in life.let_be | life.over)), f"left there: {words}"
