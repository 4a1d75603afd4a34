"""The vendor's side of a hostile remote: what lies there, and how it behaves."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from connectors.base.errors import ConnectorError, CursorExpired
from connectors.base.types import Account, Capability, Entry, Item, Kind

Call = Literal["check", "page", "create", "update", "delete"]
When = Literal["before", "after"]
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
NASTY = (
    "Family 👨‍👩‍👧‍👦 in Zürich, naïve café ☕",
    "\u202eright to left\u202c and \ufeffmarks",
    "e\u0301 is \u00e9",
    "<script>alert(1)</script> ' OR 1=1 -- {{ 7*7 }} %s",
    "line\r\nline\tline\u2028line",
    "ü" * 524_288,  # 1 MB of UTF-8
)


class Crash(BaseException):
    """The process died here: nothing may catch this."""


@dataclass
class Temper:
    """How it behaves; may be changed at any time."""

    page_size: int = 3
    restless: bool = False
    """Etags change from listing to listing, without a change."""
    twice: bool = False
    """Every entry is listed twice."""
    shuffled: int | None = None
    """Every listing has another order; the number is a seed."""
    dies_after: int | None = None
    """So many pages of a listing, then Unavailable."""
    empty: bool = False
    """Lists nothing, and means it no more than any outage does."""
    drops: frozenset[Literal["kind", "title"]] = frozenset()
    rewrites: Callable[[str], str] = str
    """What it makes of a text that it is given: `str.strip`, NFC, cut, ..."""
    restates: bool = False
    """Says everything in other words at each listing."""
    holds: bool = False
    """`create` answers None; the entry is listed after `world.release()`."""
    keeps_keys: bool = True
    idempotent: bool = True
    """A key that it knows makes no second entry. Only where it keeps keys."""
    moves: bool = False
    """An update makes a new entry with another id."""
    checks_etags: bool = False
    longest: int | None = None
    """Longer texts are rejected, without that `room` says so."""
    refuses: str = ""
    """Texts with these words in them are rejected."""
    unreadable: str = ""
    """Entries with these words in them cannot be shown as an item."""


@dataclass
class Held:
    """An entry as it lies there."""

    text: str
    kind: Kind = "fact"
    title: str = ""
    key: str = ""
    version: int = 1


@dataclass
class World:
    """The vendor's side: outlives every connection to it."""

    capabilities: Capability = Capability.WRITE
    temper: Temper = field(default_factory=Temper)
    account: Account = field(default_factory=lambda: Account("ada-1", "ada@example.org"))
    fuse: Callable[[When, Call], None] = lambda when, call: None
    entries: dict[str, Held] = field(default_factory=dict)
    pending: list[Held] = field(default_factory=list)
    calls: Counter[Call] = field(default_factory=Counter)
    closed: int = 0
    _changes: list[str] = field(default_factory=list)
    """The id of each entry that changed, in order; a cursor is a place in here."""
    _age: int = 0
    _made: int = 0
    _failures: dict[tuple[When, Call], list[ConnectorError]] = field(
        default_factory=lambda: defaultdict(list)
    )

    # what its own user does

    def write(self, text: str, kind: Kind = "fact", title: str = "") -> str:
        return self.put(Held(text, kind, title))

    def edit(self, remote_id: str, text: str) -> None:
        held = self.entries[remote_id]
        self.entries[remote_id] = replace(held, text=text, version=held.version + 1)
        self._changes.append(remote_id)

    def remove(self, remote_id: str) -> None:
        del self.entries[remote_id]
        self._changes.append(remote_id)

    def texts(self) -> list[str]:
        return sorted(held.text for held in self.entries.values())

    # what the vendor does

    def put(self, held: Held) -> str:
        self._made += 1
        remote_id = f"entry-{self._made}"
        self.entries[remote_id] = held
        self._changes.append(remote_id)
        return remote_id

    def release(self) -> list[str]:
        """What was accepted is there now. Their ids."""
        done, self.pending = self.pending, []
        return [self.put(held) for held in done]

    def move(self, remote_id: str) -> str:
        """Give it another id, for no reason."""
        held = self.entries[remote_id]
        self.remove(remote_id)
        return self.put(held)

    def expire_cursors(self) -> None:
        self._age += 1

    def restate(self) -> None:
        for remote_id, held in list(self.entries.items()):
            said = held.text.partition(" (again")[0]
            self.edit(remote_id, f"{said} (again {self._made_up()})")

    def fail(self, call: Call, *errors: ConnectorError, when: When = "before") -> None:
        """The next calls of this sort raise these. "after": what was asked for is done all the
        same, as when an answer is lost on its way."""
        self._failures[when, call] += errors

    # what a connection sees

    @property
    def cursor(self) -> str:
        return f"{self._age}.{len(self._changes)}"

    def changed_since(self, cursor: str) -> list[str]:
        age, _, place = cursor.partition(".")
        if age != str(self._age) or not place.isdigit():
            raise CursorExpired("This mark is too old.")
        return list(dict.fromkeys(self._changes[int(place) :]))

    def called(self, when: When, call: Call) -> None:
        self.calls[call] += when == "before"
        self.fuse(when, call)
        if self._failures[when, call]:
            raise self._failures[when, call].pop(0)

    def entry(self, remote_id: str) -> Entry:
        """As it is listed; a tombstone when it is gone."""
        held = self.entries.get(remote_id)
        if held is None:
            return Entry(remote_id, "", None)
        etag = f"{held.version}"
        if self.temper.restless:
            etag = f"{etag}.{self._made_up()}"
        if self.temper.unreadable and self.temper.unreadable in held.text:
            return Entry(remote_id, etag, None, held.key, "It is kept in another form.")
        at = _EPOCH + timedelta(days=held.version)
        item = Item(held.text, held.kind, title=held.title, created_at=_EPOCH, updated_at=at)
        return Entry(remote_id, etag, item, held.key)

    def is_current(self, entry: Entry) -> bool:
        held = self.entries[entry.remote_id]
        return entry.etag.partition(".")[0] == str(held.version)

    def _made_up(self) -> int:
        self._made += 1
        return self._made
