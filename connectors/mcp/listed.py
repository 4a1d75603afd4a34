"""Any memory server with a tool that lists, and others that add, change and delete."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from connectors.base.errors import BadResponse, NotFound, PreconditionFailed, Rejected, Unavailable
from connectors.base.kinds import kind_of
from connectors.base.moments import moment
from connectors.base.types import Entry, Item
from connectors.mcp.mapping import IDS, ITEMS, TEXTS, Use, Uses, first
from connectors.mcp.session import Session

_SIZES = ("limit", "page_size", "pageSize", "top_k", "topK", "n", "count", "max_results")
_MARKS = ("next_cursor", "nextCursor", "cursor", "next")
_TOTALS = ("total", "total_count", "totalCount", "total_items", "totalItems")
_MOST = 100
_PAGES = 10_000
_UNKNOWN = "The memory server lists its memories in a form that is not known."
_CIRCLE = "The memory server lists the same again and again."
_PART = "The memory server shows only a part of its memories."
_NO_ADD = "The memory server has no tool to add anything."
_NO_CHANGE = "The memory server has no tool to change this."
_NO_DELETE = "The memory server has no tool to delete this."


class Listed:
    """Where a tool takes metadata, the key of a write is kept there, with kind and title."""

    def __init__(self, session: Session, mapping: Uses) -> None:
        self._session, self._mapping = session, mapping

    def entries(self) -> list[Entry]:
        found: dict[str, Entry] = {}
        for row in self._rows():
            entry = _entry(self._mapping.list, row)
            found.setdefault(entry.remote_id, entry)
        return list(found.values())

    def create(self, item: Item, key: str) -> Entry | None:
        there = self.entries()
        again = next((one for one in there if key and one.key == key), None)
        return again or self._add(item, key, there)

    def update(self, entry: Entry, item: Item) -> Entry:
        self._must_be_as(entry)
        if self._mapping.update is None:
            return self._put_in_place_of(entry, item)
        self._use(self._mapping.update, _NO_CHANGE, id=entry.remote_id, text=item.text)
        found = {one.remote_id: one for one in self.entries()}.get(entry.remote_id)
        if found is None or found.item is None or found.item.text != item.text:
            raise BadResponse("The memory server did not keep what it was given.")
        return found

    def delete(self, entry: Entry) -> None:
        self._must_be_as(entry)
        self._use(self._mapping.delete, _NO_DELETE, id=entry.remote_id)

    def _add(self, item: Item, key: str, there: list[Entry]) -> Entry | None:
        known = {one.remote_id for one in there}
        self._use(self._mapping.add, _NO_ADD, text=item.text, item=item, key=key)
        return next((one for one in self.entries() if _is_new(one, item, known)), None)

    def _put_in_place_of(self, entry: Entry, item: Item) -> Entry:
        made = self._add(item, entry.key, self.entries())
        if made is None:
            raise Unavailable("The memory server took the new text and does not show it yet.")
        self._use(self._mapping.delete, _NO_DELETE, id=entry.remote_id)
        return made

    def _must_be_as(self, entry: Entry) -> None:
        found = {one.remote_id: one for one in self.entries()}.get(entry.remote_id)
        if found is None:
            raise NotFound("This memory is not there any more.")
        if found.etag != entry.etag:
            raise PreconditionFailed("This memory was changed meanwhile.")

    def _use(
        self,
        use: Use | None,
        lacking: str,
        *,
        id: str = "",
        text: str = "",
        item: Item | None = None,
        key: str = "",
    ) -> None:
        if use is None:
            raise Rejected(lacking)
        sent = {**use.arguments, use.id: id, use.text: text}
        if item and _takes_object(use.tool.arguments.get("metadata")):
            sent["metadata"] = {"satchel": key, "kind": item.kind, "title": item.title}
        sent.pop("", None)
        self._session.call(use.tool.name, sent)

    def _rows(self) -> Iterator[dict[str, Any]]:
        """All of them, in as many pages as it takes; BadResponse where that cannot be had."""
        use = self._mapping.list
        pager = _Pager(use)
        for _ in range(_PAGES):
            answer = self._session.call(use.tool.name, {**pager.arguments, **use.arguments})
            rows = _the_rows(answer, use.items)
            yield from rows
            if not pager.goes_on(answer, rows):
                return
        raise BadResponse("The memory server does not come to an end with its memories.")


class _Pager:
    """What to ask the listing tool for next, by the arguments that it takes."""

    def __init__(self, use: Use) -> None:
        takes = use.tool.arguments
        self._size = first(takes, _SIZES)
        self._by = first(takes, ("cursor", "offset", "page"))
        told = use.arguments.get(self._size) or takes.get(self._size, {}).get("maximum")
        self._most = told if isinstance(told, int) and told > 0 else _MOST
        self.arguments: dict[str, Any] = {self._size: self._most} if self._size else {}
        self._seen, self._page, self._marks = 0, 1, set[str]()
        self._before: list[dict[str, Any]] = []
        if self._by in ("offset", "page"):
            self.arguments[self._by] = 0 if self._by == "offset" else 1

    def goes_on(self, answer: Any, rows: list[dict[str, Any]]) -> bool:
        """Whether to ask again. A page may be shorter than was asked for: only an empty one is
        the last."""
        self._seen, self._page = self._seen + len(rows), self._page + 1
        if self._by == "cursor":
            return self._next(answer)
        if self._by and rows:
            if rows == self._before:
                raise BadResponse(_CIRCLE)
            self._before = rows
            self.arguments[self._by] = self._seen if self._by == "offset" else self._page
            return True
        total = _total(answer)
        full = bool(self._size) and not self._by and len(rows) >= self._most
        if full if total is None else total > self._seen:
            raise BadResponse(_PART)
        return False

    def _next(self, answer: Any) -> bool:
        mark = answer.get(first(answer, _MARKS)) if isinstance(answer, dict) else None
        if not mark:
            return False
        if str(mark) in self._marks:
            raise BadResponse(_CIRCLE)
        self._marks.add(str(mark))
        self.arguments["cursor"] = mark
        return True


def _takes_object(schema: Any) -> bool:
    choices = [schema, *schema.get("anyOf", [])] if isinstance(schema, dict) else []
    return any(one.get("type") == "object" for one in choices)


def _total(answer: Any) -> int | None:
    found = answer.get(first(answer, _TOTALS)) if isinstance(answer, dict) else None
    return found if type(found) is int else None


def _the_rows(answer: Any, path: str) -> list[dict[str, Any]]:
    found = answer
    if path or not isinstance(answer, list):
        for name in path.split(".") if path else (first(answer, ITEMS),):
            found = found[name]
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise BadResponse(_UNKNOWN)
    return found


def _entry(use: Use, row: dict[str, Any]) -> Entry:
    id, text = row[use.id or first(row, IDS)], row[use.text or first(row, TEXTS)]
    if not isinstance(id, str | int) or isinstance(id, bool) or not isinstance(text, str):
        raise BadResponse(_UNKNOWN)
    kept = row.get("metadata")
    kept = kept if isinstance(kept, dict) else {}
    key = kept.get("satchel")
    item = Item(
        text,
        kind_of(kept.get("kind")),
        title=str(kept.get("title") or ""),
        created_at=moment(row.get("created_at")),
        updated_at=moment(row.get("updated_at")),
    )
    said = "\x1f".join((item.kind, item.title, text)).encode("utf-8", "surrogatepass")
    etag = sha256(said).hexdigest()
    return Entry(str(id), etag, item, key if isinstance(key, str) else "")


def _is_new(entry: Entry, item: Item, known: set[str]) -> bool:
    return bool(entry.item and entry.item.text == item.text and entry.remote_id not in known)
