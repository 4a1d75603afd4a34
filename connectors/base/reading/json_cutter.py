"""Cuts JSON text into the entries of its list without building any of them.

Only brackets, commas and quotes are looked at, so an entry may be malformed, a gigabyte long or
nested a million deep: it is passed over and the next one is found. No public parser does this.
ijson 3.6 was tried first: its C backend fails inside the interpreter (SystemError, then a crash) on
a 5,000-digit number, ends at the first error, and buffers a string of any length.
"""

import re

from connectors.base.limits import Limits

TOO_LARGE = "This entry is larger than any real one and was left out."
TOO_DEEP = "This entry is nested deeper than any real one and was left out."
TOO_MANY_VALUES = "This entry holds more values than any real one and was left out."

# Everything up to the next mark that counts: strings are passed over whole, so the mark is a quote
# only where a string does not end in this chunk. Possessive, so that no input makes it go back.
_NEXT = re.compile(rb'(?:[^"{}\[\],]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+([{}\[\],"])', re.S)
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.S)
_INSIDE = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.S)
_HEAD = 256
_QUOTE, _COMMA = ord('"'), ord(",")
_OPEN, _CLOSE = b"[{", b"]}"
_OTHERS = bytes(sorted(set(range(256)) - set(_OPEN + _CLOSE)))
_PAIR = re.compile(rb"[\[{][\]}]")
_ROUNDS = 16


def _unpaired(brackets: bytes) -> bytes:
    """`brackets` without most of the pairs, which leave the depth as it was."""
    for _ in range(_ROUNDS):
        brackets, found = _PAIR.subn(b"", brackets)
        if not found:
            break
    return brackets


def _count(text: bytes, marks: bytes) -> int:
    return sum(text.count(mark) for mark in marks)


class Cutter:
    """Feed it chunks; it answers the entries completed by each: their bytes, or why they were left
    out. `under` is "" for a list, or the key of the list in an object."""

    def __init__(self, under: str, limits: Limits) -> None:
        self._limits = limits
        self._list_depth = 2 if under else 1
        key = rb'"' + re.escape(under.encode()) + rb'"\s*:\s*\Z'
        self._key = re.compile(key) if under else None
        self._depth = 0
        self._string = self._escaped = False
        self._before = b""  # the last bytes before this chunk, while looking for the key
        self._forget()
        self.began = self.ended = False
        self.rest = b""

    def feed(self, chunk: bytes) -> list[bytes | str]:
        """The entries that end in `chunk`. After the list, `ended` is set and `rest` follows it."""
        cut: list[bytes | str] = []
        at = self._leave_string(chunk)
        if self._glide(chunk, at):
            return cut
        start = 0
        while not self.ended and (found := _NEXT.match(chunk, at)):
            place = found.start(1)
            at = place + 1
            mark = chunk[place]
            if mark == _QUOTE:
                self._enter_string(chunk)
                break
            if self.began:
                start = self._inside(chunk, place, mark, start, cut)
            elif mark in _OPEN:
                start = self._outside(chunk, place, mark)
            elif mark in _CLOSE:
                self._depth -= 1
        if self.ended:
            self.rest = chunk[at:]
        elif self.began:
            self._keep(chunk, start, len(chunk))
        else:
            self._before = (self._before + chunk)[-_HEAD:]
        return cut

    def _glide(self, chunk: bytes, at: int) -> bool:
        """Take a whole chunk at once if no entry can end in it and this one is being left out:
        entries of gigabytes would take an hour else."""
        if not self._why:
            return False
        bare, quote, _ = _STRING.sub(b"", chunk[at:]).partition(b'"')
        unpaired = _unpaired(bare.translate(None, _OTHERS))
        closes = _count(unpaired, _CLOSE)
        if self._depth - closes <= self._list_depth:
            return False
        self._depth += len(unpaired) - 2 * closes
        if quote:
            self._enter_string(chunk)
        return True

    def _outside(self, chunk: bytes, place: int, mark: int) -> int:
        """An opening bracket before the list was found: perhaps the list's own."""
        self._depth += 1
        if self._depth == self._list_depth and mark == ord("["):
            head = (self._before + chunk[max(0, place - _HEAD) : place])[-_HEAD:]
            self.began = self._key is None or self._key.search(head) is not None
        return place + 1

    def _inside(
        self, chunk: bytes, place: int, mark: int, start: int, cut: list[bytes | str]
    ) -> int:
        """A mark inside the list; answers where the current entry starts in the chunk."""
        self._values += mark not in _CLOSE
        if mark in _OPEN:
            self._depth += 1
            return start
        ends = self._depth == self._list_depth
        if mark in _CLOSE:
            self._note_depth()
            self._depth -= 1
        if not ends:
            return start
        self._keep(chunk, start, place)
        self._cut(cut)
        self.ended = mark in _CLOSE
        return place + 1

    def _note_depth(self) -> None:
        if self._depth - self._list_depth > self._limits.depth:
            self._why = TOO_DEEP

    def _keep(self, chunk: bytes, start: int, end: int) -> None:
        if self._values > self._limits.item_values:
            self._why = self._why or TOO_MANY_VALUES
        if len(self._entry) + end - start > self._limits.item_bytes:
            self._why = self._why or TOO_LARGE
        self._note_depth()
        if self._why:
            self._entry.clear()
        else:
            self._entry += memoryview(chunk)[start:end]

    def _cut(self, cut: list[bytes | str]) -> None:
        if self._why:
            cut.append(self._why)
        elif self._entry.strip():
            cut.append(bytes(self._entry))
        self._forget()

    def _forget(self) -> None:
        self._entry, self._why, self._values = bytearray(), "", 0

    def _enter_string(self, chunk: bytes) -> None:
        """A string begins in `chunk` and does not end there."""
        self._string = True
        slashes = len(chunk) - len(chunk.rstrip(b"\\"))
        self._escaped = slashes % 2 == 1

    def _leave_string(self, chunk: bytes) -> int:
        """Where the string that an earlier chunk began ends in this one."""
        if not self._string or not chunk:
            return 0
        found = _INSIDE.match(chunk, 1 if self._escaped else 0)
        end = found.end() if found else len(chunk)
        self._escaped = end < len(chunk) and chunk[end] != _QUOTE
        self._string = end >= len(chunk) or self._escaped
        return len(chunk) if self._string else end + 1
