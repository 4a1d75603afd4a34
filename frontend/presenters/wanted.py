"""What the page of memories is asked for: words and filters, as an address or a form says them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol, Self
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from vault.types import KINDS
from vault.visible import Selection

STATES = ("past", "held", "forgotten")
"""What can be shown instead of all that is kept."""
LEARNT = ("today", "7", "30", "90", "year", "days")
"""When it was learnt: today, so many days back, this year, or between two days."""
_FIRST_YEAR, _LAST_YEAR = 1000, 3000
_LONGEST_DAY = 40


class Sent(Protocol):
    """A `QueryDict`, or the parts of a saved view."""

    def get(self, name: str, default: str, /) -> str: ...
    def __contains__(self, name: object, /) -> bool: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address, or a form, asks for. Anything in it that cannot be is left out, but for
    days: what was meant by one that is none is asked, in `trouble`."""

    q: str = ""
    kind: str = ""
    collection: UUID | None = None
    source: str = ""
    state: str = ""
    learnt: str = ""
    since: str = ""
    upto: str = ""
    import_id: UUID | None = None
    cursor: str = ""

    @classmethod
    def of(cls, sent: Sent) -> Self:
        kind, state = sent.get("kind", ""), sent.get("state", "")
        since, upto = (sent.get(name, "").strip()[:_LONGEST_DAY] for name in ("since", "upto"))
        learnt = sent.get("learnt", "" if "learnt" in sent else "days")
        between = learnt == "days" and bool(since or upto)
        return cls(
            q=sent.get("q", "").strip(),
            kind=kind if kind in KINDS else "",
            collection=uuid_of(sent.get("collection", "")),
            source=sent.get("source", "").replace("\0", ""),
            state=state if state in STATES else "",
            learnt=learnt if between or learnt in LEARNT[:-1] else "",
            since=since if between else "",
            upto=upto if between else "",
            import_id=uuid_of(sent.get("import", "")),
            cursor=sent.get("cursor", ""),
        )

    @property
    def parts(self) -> dict[str, str]:
        """All but the cursor, as an address or a form says it."""
        parts = {
            "q": self.q,
            "kind": self.kind,
            "collection": str(self.collection or ""),
            "source": self.source,
            "state": self.state,
            "learnt": self.learnt,
            "since": self.since,
            "upto": self.upto,
            "import": str(self.import_id or ""),
        }
        return {name: value for name, value in parts.items() if value}

    def address(self, cursor: str = "") -> str:
        """The shortest address that asks for this."""
        query = urlencode(self.parts | ({"cursor": cursor} if cursor else {}))
        return reverse("memories") + (f"?{query}" if query else "")

    @property
    def cleared(self) -> str:
        """The address with the words, and without any filter."""
        return Wanted(q=self.q).address()

    @property
    def within(self) -> str:
        """What a memory's address says of the list that it was opened from."""
        return "?" + urlencode({"in": "list"} | self.parts)

    def without(self, part: str) -> str:
        """The address without this filter."""
        gone: Mapping[str, Mapping[str, object]] = {
            "kind": {"kind": ""},
            "collection": {"collection": None},
            "source": {"source": ""},
            "state": {"state": ""},
            "learnt": {"learnt": "", "since": "", "upto": ""},
            "import": {"import_id": None},
        }
        return replace(self, cursor="", **gone[part]).address()  # type: ignore[arg-type]

    def selection(self, words: bool = True) -> Selection:
        """All that fits. A search means what holds all of its words."""
        after, before = self.span
        return Selection(
            kinds=[self.kind] if self.kind else None,
            collections=[self.collection] if self.collection else None,
            vendors=[self.source] if self.source else None,
            import_id=self.import_id,
            held=True if self.state == "held" else None,
            past=True if self.state == "past" else None,
            forgotten=self.forgotten,
            words=self.q if words and not self.forgotten else "",
            after=after,
            before=before,
        )

    @property
    def span(self) -> tuple[datetime | None, datetime | None]:
        """From which moment on it was learnt, and before which; None is without end. Only for one
        without `trouble`."""
        today = timezone.localdate()
        match self.learnt:
            case "":
                return None, None
            case "days":
                last = _day(self.upto)
                return _begins(_day(self.since)), _begins(last and last + timedelta(days=1))
            case "today":
                return _begins(today), None
            case "year":
                return _begins(today.replace(month=1, day=1)), None
        return _begins(today - timedelta(days=int(self.learnt) - 1)), None

    @property
    def trouble(self) -> list[str]:
        """Why the days that were typed mean nothing; one sentence each."""
        if self.learnt != "days":
            return []
        wrong = [text for text in (self.since, self.upto) if text and _day(text) is None]
        if wrong:
            example = timezone.localdate().isoformat()
            words = gettext("“%(text)s” is not a day. Write it as year, month, day: %(example)s.")
            return [words % {"text": text, "example": example} for text in wrong]
        first, last = _day(self.since), _day(self.upto)
        if first and last and first > last:
            return [gettext("The first day comes after the last one. Change one of them.")]
        return []

    @property
    def first_day(self) -> date | None:
        return _day(self.since)

    @property
    def last_day(self) -> date | None:
        return _day(self.upto)

    @property
    def forgotten(self) -> bool:
        return self.state == "forgotten"

    @property
    def filtered(self) -> bool:
        """Whether anything but words is asked for."""
        return bool(self.parts.keys() - {"q"})

    @property
    def narrowed(self) -> bool:
        """Whether it may be that nothing fits though there are memories of this state."""
        return bool(self.parts.keys() - {"state"})

    def filters(self) -> Iterator[str]:
        """The names of the filters that are set, as `without` takes them."""
        for part in ("collection", "kind", "source", "state", "learnt", "import"):
            if part in self.parts:
                yield part


def uuid_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _FIRST_YEAR <= day.year < _LAST_YEAR else None


def _begins(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None
