"""Random lives of a vault and of a hostile remote, with crashes around every call to it."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from connectors.base.errors import RateLimited, Unavailable
from connectors.base.types import Capability
from tests.sync import ledger
from tests.sync.lives import HOMES, Life, Traits

W, D, S = Capability.WRITE, Capability.DELTA, Capability.SPARING
numbers = st.integers(0, 7)
homes = st.sampled_from(HOMES)
kinds = st.sampled_from(("fact", "preference"))
traits = st.builds(
    Traits,
    capabilities=st.sampled_from((W, W | D, W | S, W | D | S, W & ~Capability.UPDATE)),
    keeps_keys=st.booleans(),
    idempotent=st.booleans(),
    moves=st.booleans(),
    drops=st.booleans(),
    cut=st.sampled_from((False, False, False, True)),
    lies=st.sampled_from((False, False, False, True)),
    policy=st.sampled_from(("ask", "ask", "ask", "both")),
    add=st.sampled_from(("yes", "yes", "yes", "ask")),
)
tempers = st.sampled_from(
    (
        ("page_size", 1),
        ("restless", True),
        ("twice", True),
        ("shuffled", 7),
        ("holds", True),
        ("holds", False),
        ("checks_etags", True),
        ("refuses", "5"),
        ("refuses", ""),
        ("unreadable", "4"),
        ("unreadable", ""),
        ("dies_after", 1),
        ("dies_after", None),
    )
)
errors = st.sampled_from((RateLimited("Slowly.", 60), Unavailable("It is down.")))
calls = st.sampled_from(("check", "page", "create", "update", "delete"))


class Syncing(RuleBasedStateMachine):
    """Whatever happens, nothing is lost; and at the end of every life both sides come to agree."""

    life: Life | None = None
    ran = False

    @initialize(traits=traits, here=st.integers(0, 3), there=st.integers(0, 3), ran=st.booleans())
    def begin(self, traits: Traits, here: int, there: int, ran: bool) -> None:
        """A life that begins with nothing is half over before much can go wrong."""
        self.life = Life(traits)
        for number in range(here):
            self.life.remember(HOMES[number % 2])
        for _ in range(there):
            self.life.write()
        if ran:
            self.run()

    @rule(home=homes, kind=kinds)
    def remember(self, home: str, kind: Any) -> None:
        self._life.remember(home, kind)

    @rule(number=numbers)
    def revise(self, number: int) -> None:
        self._life.revise(number)

    @rule(number=numbers)
    def forget(self, number: int) -> None:
        self._life.forget(number)

    @rule(number=numbers, home=homes)
    def move(self, number: int, home: str) -> None:
        self._life.move(number, home)

    @rule(number=numbers, accept=st.booleans())
    def answer(self, number: int, accept: bool) -> None:
        self._life.answer(number, accept=accept)

    @rule(narrow=st.booleans())
    def change_grant(self, narrow: bool) -> None:
        (self._life.narrow if narrow else self._life.widen)()

    @rule(kind=kinds)
    def write(self, kind: Any) -> None:
        self._life.write(kind)

    @rule(verb=st.sampled_from(("write_the_same", "double", "rename")), number=numbers)
    def be_odd(self, verb: str, number: int) -> None:
        getattr(self._life, verb)(number)

    @rule(number=numbers)
    def edit(self, number: int) -> None:
        self._life.edit(number)

    @rule(number=numbers)
    def remove(self, number: int) -> None:
        self._life.remove(number)

    @rule(number=numbers, forget=st.booleans(), remove=st.booleans())
    def clash(self, number: int, forget: bool, remove: bool) -> None:
        self._life.clash(number, forget=forget, remove=remove)

    @rule(number=numbers)
    def clash_of_edits(self, number: int) -> None:
        self._life.clash(number, forget=False, remove=False)

    @rule(changed=tempers)
    def change_temper(self, changed: tuple[str, Any]) -> None:
        """What nobody could tell apart is left out: see ALGORITHM.md, "Applying"."""
        name, value = changed
        knowable = {"holds": self._life.traits.finds_again, "unreadable": self._keeps_keys}
        if knowable.get(name, True):
            setattr(self._life.world.temper, name, value)

    @rule()
    def show_what_was_held(self) -> None:
        self._life.world.release()

    @rule()
    def expire_cursors(self) -> None:
        self._life.world.expire_cursors()

    @rule(call=calls, error=errors, when=st.sampled_from(("before", "after")))
    def fail(self, call: Any, error: Any, when: Any) -> None:
        self._life.world.fail(call, error, when=when)

    @rule()
    def run_empty(self) -> None:
        traits = self._life.traits
        if traits.lies or D not in traits.capabilities:
            self._life.run_empty()
            self.ran = True

    @rule(verb=st.sampled_from(("edit", "remove", "revise", "forget")), number=numbers)
    def change_between_runs(self, verb: str, number: int) -> None:
        """The most ordinary day: what a listing of changes is for."""
        self.run()
        getattr(self._life, verb)(number)
        ledger.nothing_was_left_out(self._life, self._life.run())
        self._life.unblock()

    @rule()
    def run(self) -> None:
        self._life.run()
        self.ran = True
        self._life.unblock()

    @rule()
    def run_again(self) -> None:
        self.run()

    @rule(at=st.integers(1, 14))
    def run_and_crash(self, at: int) -> None:
        self._life.run(at)
        self.ran = True
        self._life.unblock()

    @rule(at=st.integers(3, 8))
    def run_and_crash_early(self, at: int) -> None:
        self.run_and_crash(at)

    @invariant()
    def nothing_is_lost(self) -> None:
        if self.ran:
            self.ran = False
            ledger.nothing_is_lost(self._life)
            ledger.nothing_left_without_a_receipt(self._life)

    def teardown(self) -> None:
        if self.life is None:
            return
        self.life.come_to_rest()
        ledger.nothing_is_lost(self.life)
        ledger.nothing_left_without_a_receipt(self.life)
        ledger.nothing_is_twice(self.life)
        ledger.ours_are_known_as_ours(self.life)
        ledger.both_agree(self.life)
        ledger.no_receipt_is_open(self.life)
        ledger.rests(self.life)

    @property
    def _life(self) -> Life:
        assert self.life is not None
        return self.life

    @property
    def _keeps_keys(self) -> bool:
        return self._life.traits.keeps_keys
