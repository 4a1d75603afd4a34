"""What a run was begun with, sealed in its row: the model, which conversations, where to."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sync.distilling.choice import ChatChoice
from vault.talks import Wanted


@dataclass(frozen=True, slots=True)
class Plan:
    """`into`: where all proposals go; None: each to the collection of its conversation. `said`:
    what keeps the run from going on."""

    choice: ChatChoice
    wanted: Wanted
    into: UUID | None = None
    said: str = ""

    def to_json(self) -> dict[str, Any]:
        wanted = self.wanted
        return {
            "choice": self.choice.to_json(),
            "collections": [one.hex for one in wanted.collections],
            "vendor": wanted.vendor,
            "since": wanted.since.isoformat() if wanted.since else None,
            "until": wanted.until.isoformat() if wanted.until else None,
            "import": wanted.import_id.hex if wanted.import_id else None,
            "into": self.into.hex if self.into else None,
            "said": self.said,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Plan":
        wanted = Wanted(
            collections=[UUID(one) for one in data["collections"]],
            vendor=data["vendor"],
            since=_time(data["since"]),
            until=_time(data["until"]),
            import_id=UUID(data["import"]) if data["import"] else None,
        )
        into = UUID(data["into"]) if data["into"] else None
        return cls(ChatChoice.from_json(data["choice"]), wanted, into, data["said"])

    def saying(self, said: str) -> "Plan":
        return replace(self, said=said)

    def within(self, visible: Collection[UUID]) -> "Plan":
        """Without the collections that were deleted since."""
        left = [one for one in self.wanted.collections if one in visible]
        into = self.into if self.into in visible else None
        return replace(self, wanted=replace(self.wanted, collections=left), into=into)

    def keyless(self) -> "Plan":
        """Of a run that is over: nothing needs the API key any more."""
        return replace(self, choice=self.choice.with_key(""))


def _time(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None
