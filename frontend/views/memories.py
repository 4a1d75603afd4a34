"""The memories: search as you type, filters, pages of fifty."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django_htmx.http import replace_url

from frontend.signin.gate import VaultRequest, vault_required
from frontend.words import KIND_HELP, KIND_NAMES, actwords
from frontend.words.sources import look_of
from vault import acts, browse, collections, recall
from vault.access import Access
from vault.errors import Invalid
from vault.types import KINDS, Hit, Memory
from vault.visible import Selection

ROWS = 50
STATES = ("past", "held", "forgotten")
"""What can be shown instead of all that is kept."""
_OFFERED = ("move", "forget", "pin", "unpin", "confirm", "kind", "until", "still", "merge")
_FOUND_BY = ("words", "meaning")
_DEEP = 200  # hits to look through when they are then filtered


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address, or a form, asks for. Anything in it that cannot be is left out."""

    q: str = ""
    kind: str = ""
    collection: UUID | None = None
    source: str = ""
    state: str = ""
    import_id: UUID | None = None
    cursor: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> Self:
        kind, state = query.get("kind", ""), query.get("state", "")
        return cls(
            q=query.get("q", "").strip(),
            kind=kind if kind in KINDS else "",
            collection=_uuid(query.get("collection", "")),
            source=query.get("source", ""),
            state=state if state in STATES else "",
            import_id=_uuid(query.get("import", "")),
            cursor=query.get("cursor", ""),
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
            "import": str(self.import_id or ""),
        }
        return {name: value for name, value in parts.items() if value}

    def address(self, cursor: str = "") -> str:
        """The shortest address that asks for this."""
        query = urlencode(self.parts | ({"cursor": cursor} if cursor else {}))
        return reverse("memories") + (f"?{query}" if query else "")

    def selection(self, words: bool = True) -> Selection:
        """All that fits. A search means what holds all of its words."""
        return Selection(
            kinds=[self.kind] if self.kind else None,
            collections=[self.collection] if self.collection else None,
            vendors=[self.source] if self.source else None,
            import_id=self.import_id,
            held=True if self.state == "held" else None,
            past=True if self.state == "past" else None,
            forgotten=self.forgotten,
            words=self.q if words and not self.forgotten else "",
        )

    @property
    def forgotten(self) -> bool:
        return self.state == "forgotten"

    @property
    def narrowed(self) -> bool:
        return bool(self.q or self.kind or self.collection or self.source or self.import_id)


@dataclass(frozen=True, slots=True)
class Found:
    """A page of memories. `total` is None for a search, which answers the best, not all."""

    memories: list[Memory]
    total: int | None
    older: str = ""
    why: dict[UUID, tuple[str, ...]] | None = None
    marks: dict[UUID, str] | None = None

    degraded: bool = False

    @property
    def only_close(self) -> bool:
        """A search that found no word, only what is near in meaning."""
        return bool(self.why) and not any("words" in why for why in (self.why or {}).values())


@vault_required
def memories(request: VaultRequest) -> HttpResponse:
    access, wanted = request.access, Wanted.of(request.GET)
    try:
        found = find(access, wanted)
    except Invalid:
        return redirect(wanted.address())  # a cursor of another day: start at the newest
    listed = collections.listing(access)
    names = {c.id: c.name for c in listed}
    context: dict[str, object] = {"wanted": wanted, "found": found, "names": names}
    context |= {"collections": listed, "verbs": _verbs(wanted)}
    context |= {"kinds_by_hand": [(kind, KIND_NAMES[kind]) for kind in KIND_HELP]}
    if request.htmx and not request.htmx.history_restore_request:
        answer = render(request, "pages/memories.html#results", context)
        return replace_url(answer, wanted.address(wanted.cursor))
    counts = browse.counts(access)
    vendors = sorted(counts.by_vendor, key=lambda slug: look_of(slug).name)
    context |= {"counts": counts, "kinds": KIND_NAMES.items()}
    context |= {"vendors": [look_of(slug) for slug in vendors]}
    broken_off = acts.unfinished(access)
    context |= {"broken_off": [(act, actwords.doing(act, names)) for act in broken_off]}
    return render(request, "pages/memories.html", context)


def find(access: Access, wanted: Wanted) -> Found:
    """A search when there are words to search for, else the listing."""
    if wanted.q and not wanted.forgotten:
        return _search(access, wanted)
    asked = wanted.selection(words=False)
    page = browse.selected(access, asked, limit=ROWS, cursor=wanted.cursor or None, altered=True)
    older = wanted.address(page.cursor) if page.cursor else ""
    return Found(list(page.memories), page.total, older)


def _search(access: Access, wanted: Wanted) -> Found:
    sifted = wanted.source or wanted.state or wanted.import_id
    hits = recall.search(
        access,
        wanted.q,
        limit=_DEEP if sifted else ROWS,
        kinds=[wanted.kind] if wanted.kind else None,
        collections=[wanted.collection] if wanted.collection else None,
        prefix=True,
    )
    kept = [hit for hit in hits if _fits(hit, wanted)][:ROWS]
    why = {hit.memory.id: tuple(w for w in hit.why if w in _FOUND_BY) for hit in kept}
    marks = {hit.memory.id: _marks(hit, wanted.q) for hit in kept}
    found = [hit.memory for hit in kept]
    return Found(found, None, why=why, marks=marks, degraded=hits.degraded)


def _marks(hit: Hit, query: str) -> str:
    """The words to mark in it: of a word that goes on after what was typed, only that."""
    typed = sorted(query.casefold().split(), key=len, reverse=True)
    return " ".join(
        next((word for word in typed if matched.startswith(word)), matched)
        for matched in hit.matched
    )


def _fits(hit: Hit, wanted: Wanted) -> bool:
    memory = hit.memory
    if wanted.source and all(source.vendor != wanted.source for source in memory.sources):
        return False
    if wanted.import_id and all(s.import_id != wanted.import_id for s in memory.sources):
        return False
    if wanted.state == "past":
        return memory.valid_until is not None and memory.valid_until <= timezone.now()
    return bool(memory.held) if wanted.state == "held" else True


def _verbs(wanted: Wanted) -> list[tuple[str, str]]:
    """What can be done to what is shown, with its words."""
    verbs = ["restore"] if wanted.forgotten else [v for v in actwords.VERB_WORDS if v in _OFFERED]
    return [(verb, actwords.VERB_WORDS[verb].choose) for verb in verbs]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
