"""Reads the tables of an SQLite file that a stranger may have made, with no database in sight.

Only what is needed to walk a table from its root: pages, cells, their overflow and records. Nothing
of the file is run: no schema, view, trigger or index is looked at but for a table's name and root.
Every page is walked once at most, so no file takes longer than its size says.
Source: sqlite.org/fileformat2.html.
"""

from collections.abc import Iterator

from connectors.base.errors import ArchiveError

MAGIC = b"SQLite format 3\x00"
DAMAGED = "This database is damaged or cut short. Close the program it is from and copy it again."
_UTF8 = 1
_LEAF, _INNER = 0x0D, 0x05
_HEADS = {_LEAF: 8, _INNER: 12}
_FIRST = 100  # bytes of the file's own head, before the first page's
_SIZES = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)  # bytes of a value by its serial type
_BLOB = 12

Value = bytes | int | None


class Pages:
    """A database in memory; ArchiveError wherever it is not one."""

    def __init__(self, content: bytes) -> None:
        if not content.startswith(MAGIC) or len(content) < 512:
            raise ArchiveError(DAMAGED)
        self._content = memoryview(content)
        size = int.from_bytes(content[16:18], "big")
        self._size = 65536 if size == 1 else size
        self._usable = self._size - content[20]
        encoding = int.from_bytes(content[56:60], "big")
        power = self._size & (self._size - 1) == 0
        if not power or self._size < 512 or self._usable < 480 or encoding not in (0, _UTF8):
            raise ArchiveError(DAMAGED)
        self._count = len(content) // self._size

    def tables(self) -> dict[str, int]:
        """The root page of each table by its name."""
        found = {}
        for row in self.rows(1):
            kind, name, _, root = (*row, None, None, None, None)[:4]
            if kind == b"table" and isinstance(name, bytes) and isinstance(root, int):
                found[name.decode("utf-8", "replace")] = root
        return found

    def rows(self, root: int) -> Iterator[list[Value]]:
        """The values of each row of a table, as they are stored: text and blobs are bytes."""
        waiting, seen = [root], set[int]()
        while waiting:
            number = waiting.pop()
            if number in seen:
                raise ArchiveError(DAMAGED)
            seen.add(number)
            page, base = self._page(number), _FIRST if number == 1 else 0
            kind = page[base]
            if kind not in _HEADS:
                raise ArchiveError(DAMAGED)
            cells = list(self._cells(page, base))
            if kind == _LEAF:
                for at in cells:
                    yield self._record(self._payload(page, at, seen))
            else:
                children = [int.from_bytes(page[at : at + 4], "big") for at in cells]
                last = int.from_bytes(page[base + 8 : base + 12], "big")
                waiting += [last, *reversed(children)]

    def _page(self, number: int) -> memoryview:
        if not 1 <= number <= self._count:
            raise ArchiveError(DAMAGED)
        return self._content[(number - 1) * self._size : number * self._size]

    def _cells(self, page: memoryview, base: int) -> Iterator[int]:
        count = int.from_bytes(page[base + 3 : base + 5], "big")
        start = base + _HEADS[page[base]]
        if start + 2 * count > self._usable:
            raise ArchiveError(DAMAGED)
        for at in range(start, start + 2 * count, 2):
            yield int.from_bytes(page[at : at + 2], "big")

    def _payload(self, page: memoryview, at: int, seen: set[int]) -> bytes:
        """The bytes of one record, also where they go on in other pages."""
        size, at = _number(page, at)
        _, at = _number(page, at)  # the row's own number
        if size > len(self._content):
            raise ArchiveError(DAMAGED)
        here = self._here(size)
        parts, left = [page[at : at + here]], size - here
        number = int.from_bytes(page[at + here : at + here + 4], "big") if left else 0
        while left > 0:
            if number in seen:
                raise ArchiveError(DAMAGED)
            seen.add(number)
            page = self._page(number)
            number = int.from_bytes(page[:4], "big")
            parts.append(page[4 : 4 + min(left, self._usable - 4)])
            left -= self._usable - 4
        found = b"".join(parts)
        if len(found) != size:
            raise ArchiveError(DAMAGED)
        return found

    def _here(self, size: int) -> int:
        """How many bytes of a record of this size stand in the page itself."""
        most = self._usable - 35
        if size <= most:
            return size
        least = (self._usable - 12) * 32 // 255 - 23
        rest = least + (size - least) % (self._usable - 4)
        return rest if rest <= most else least

    @staticmethod
    def _record(payload: bytes) -> list[Value]:
        view = memoryview(payload)
        end, at = _number(view, 0)
        body, values = end, list[Value]()
        while at < end:
            kind, at = _number(view, at)
            size = (kind - _BLOB) // 2 if kind >= _BLOB else _SIZES[min(kind, 9)]
            if body + size > len(payload):
                raise ArchiveError(DAMAGED)
            values.append(_value(kind, payload[body : body + size]))
            body += size
        return values


def _value(kind: int, raw: bytes) -> Value:
    if kind in (8, 9):
        return kind - 8
    if kind == 0 or kind in (7, 10, 11):
        return None  # also of a fraction: no column that is read holds one
    return raw if kind >= _BLOB else int.from_bytes(raw, "big", signed=True)


def _number(page: memoryview, at: int) -> tuple[int, int]:
    """The number of one to nine bytes that stands here, and where it ends."""
    value = 0
    for step in range(9):
        if at + step >= len(page):
            raise ArchiveError(DAMAGED)
        byte = page[at + step]
        if step == 8:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + step + 1
    raise AssertionError("nine bytes at most")
