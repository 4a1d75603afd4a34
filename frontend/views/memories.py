"""The memories: search as you type, filters, pages of fifty."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django_htmx.http import replace_url

from frontend.gate import VaultRequest, vault_required
from frontend.sources import look_of
from frontend.words import KIND_NAMES
from vault import browse, collections, recall
from vault.access import Access
from vault.errors import Invalid
from vault.types import KINDS, Hit, Memory

ROWS = 50
_DEEP = 200  # hits to look through when they are then filtered by source


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for. Anything in it that cannot be is left out."""

    q: str = ""
    kind: str = ""
    collection: UUID | None = None
    source: str = ""
    forgotten: bool = False
    cursor: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> Self:
        kind = query.get("kind", "")
        return cls(
            q=query.get("q", "").strip(),
            kind=kind if kind in KINDS else "",
            collection=_uuid(query.get("collection", "")),
            source=query.get("source", ""),
            forgotten=query.get("state") == "forgotten",
            cursor=query.get("cursor", ""),
        )

    def address(self, cursor: str = "") -> str:
        """The shortest address that asks for this."""
        parts = {
            "q": self.q,
            "kind": self.kind,
            "collection": str(self.collection or ""),
            "source": self.source,
            "state": "forgotten" if self.forgotten else "",
            "cursor": cursor,
        }
        query = urlencode({name: value for name, value in parts.items() if value})
        return reverse("memories") + (f"?{query}" if query else "")

    @property
    def narrowed(self) -> bool:
        return bool(self.q or self.kind or self.collection or self.source)


@dataclass(frozen=True, slots=True)
class Found:
    """A page of memories. `total` is None for a search, which answers the best, not all."""

    memories: list[Memory]
    total: int | None
    older: str = ""
    why: dict[UUID, tuple[str, ...]] | None = None

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
    context = {"wanted": wanted, "found": found, "names": {c.id: c.name for c in listed}}
    if request.htmx and not request.htmx.history_restore_request:
        answer = render(request, "pages/memories.html#results", context)
        return replace_url(answer, wanted.address(wanted.cursor))
    counts = browse.counts(access)
    vendors = sorted(counts.by_vendor, key=lambda slug: look_of(slug).name)
    context |= {"counts": counts, "collections": listed, "kinds": KIND_NAMES.items()}
    context |= {"vendors": [look_of(slug) for slug in vendors]}
    return render(request, "pages/memories.html", context)


def find(access: Access, wanted: Wanted) -> Found:
    """A search when there are words to search for, else the listing."""
    if wanted.q and not wanted.forgotten:
        return _search(access, wanted)
    page = browse.listing(
        access,
        kinds=[wanted.kind] if wanted.kind else None,
        collections=[wanted.collection] if wanted.collection else None,
        vendors=[wanted.source] if wanted.source else None,
        forgotten=wanted.forgotten,
        limit=ROWS,
        cursor=wanted.cursor or None,
    )
    older = wanted.address(page.cursor) if page.cursor else ""
    return Found(list(page.memories), page.total, older)


def _search(access: Access, wanted: Wanted) -> Found:
    hits = recall.search(
        access,
        wanted.q,
        limit=_DEEP if wanted.source else ROWS,
        kinds=[wanted.kind] if wanted.kind else None,
        collections=[wanted.collection] if wanted.collection else None,
        prefix=True,
    )
    kept = [hit for hit in hits if not wanted.source or _from(hit, wanted.source)][:ROWS]
    why = {hit.memory.id: hit.why for hit in kept}
    return Found([hit.memory for hit in kept], None, why=why)


def _from(hit: Hit, vendor: str) -> bool:
    return any(source.vendor == vendor for source in hit.memory.sources)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
