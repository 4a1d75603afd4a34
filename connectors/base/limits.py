"""How much an export may hold before it is refused. One value, injected everywhere."""

from dataclasses import dataclass

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes are in bytes. Zip limits refuse the archive, JSON limits skip one entry."""

    entries: int = 10_000
    unpacked: int = 4 * GIB
    ratio: int = 200
    ratio_from: int = MIB  # smaller files may compress as well as they like: they cannot hurt
    directory: int = 4 * MIB  # a zip's table of contents; read whole, so bounded before reading
    nested: int = 256 * MIB  # a zip inside a zip is held in memory, never on disk
    depth: int = 200
    item_bytes: int = 64 * MIB
    item_values: int = 4_000_000
    items: int = 1_000_000
    saved: int = 20_000  # saved memories of one export that are kept in memory to be compared
    saved_bytes: int = 32 * MIB
    html_tail: int = 32 * KIB  # HTML that does not parse into anything yet
    html_record: int = 4 * MIB
