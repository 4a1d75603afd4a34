"""A preview in the making: what is counted, and sorted, while an archive is read."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from connectors.base.types import Conversation, Item
from sync.importing.piles import Piles, subject_of
from sync.importing.tally import Tally
from vault import bulk, sorters
from vault.access import Access
from vault.scope import vault_scope
from vault.sorting.sorter import Verdict
from vault.types import Draft


class Preview:
    """Drafts wait until `settle`, which finds out at once for many whether they are known."""

    def __init__(self, access: Access, breathe: Callable[[], object]) -> None:
        """`breathe` is called between steps that may take long."""
        self.tally = Tally()
        self._piles = Piles()
        self._access, self._breathe = access, breathe
        self._sorter = sorters.sorter(access)
        self._waiting: list[tuple[Draft, Verdict]] = []
        breathe()

    def __len__(self) -> int:
        """How many drafts wait."""
        return len(self._waiting)

    def add(self, value: Item | Conversation, drafts: Sequence[Draft]) -> None:
        """A memory or a conversation of the archive, and its drafts in their order."""
        self.tally.count(value, drafts)
        self._waiting += zip(drafts, self._verdicts(value, drafts), strict=True)

    def settle(self) -> None:
        with vault_scope(self._access.vault_id):
            known = bulk.known(self._access, [draft for draft, _ in self._waiting])
        self.tally.count_known(known)
        for (draft, verdict), was_known in zip(self._waiting, known, strict=True):
            self._piles.add(draft, verdict, known=was_known)
        self._waiting = []

    def to_json(self) -> dict[str, Any]:
        return {**self.tally.to_json(), "sorting": self._piles.to_json()}

    def _verdicts(self, value: Item | Conversation, drafts: Sequence[Draft]) -> Iterator[Verdict]:
        subjects = [subject_of(draft) for draft in drafts]
        if isinstance(value, Item):
            yield from map(self._sorter.one, subjects)
            return
        for verdict in self._sorter.talk(subjects):
            self._breathe()
            yield verdict
