"""The picture of what flows where: three columns, bands as wide as there are memories.

Numbers go to the page as text: those of a page are written with commas in some languages, which no
drawing understands.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import ngettext

from frontend.presenters.flownodes import Flow, Node, Stream
from frontend.words.numbers import number

MOST = 9
"""Nodes of one column; of more, the smallest are one node together."""
WIDTH = 960
_HEIGHT, _GAP, _LEAST, _TOP = 420.0, 10.0, 40.0, 30.0
_COLUMNS = ((0, 200), (380, 200), (760, 200))
"""Where each column begins, and how wide its boxes are."""
_THIN = 1.5


@dataclass(frozen=True, slots=True)
class Box:
    """A node with its place in the drawing; `bundled` when it stands for several."""

    node: Node
    x: str
    y: str
    width: str
    height: str
    words: str
    note: str
    line1: str
    line2: str
    bundled: bool


@dataclass(frozen=True, slots=True)
class Band:
    path: str
    width: str
    stopped: bool
    source: str


@dataclass(frozen=True, slots=True)
class Picture:
    width: int
    height: str
    boxes: Sequence[Box]
    bands: Sequence[Band]


@dataclass(frozen=True, slots=True)
class _Spot:
    x: float
    y: float
    width: float
    height: float


def picture(flow: Flow, more_at: Sequence[str]) -> Picture:
    """`more_at`: where the link of a bundle leads, for each of the three columns."""
    kept: list[list[Node]] = []
    names: dict[str, str] = {}
    for nodes, url in zip((flow.sources, flow.places, flow.readers), more_at, strict=True):
        shown, bundled = _bundled(nodes, url)
        kept.append(shown)
        names |= bundled
    streams = _joined(flow.streams, names)
    kept[2] = [_together(node, streams) for node in kept[2]]
    scale = min(_scale(column) for column in kept)
    spots: dict[str, _Spot] = {}
    for nodes, (x, width) in zip(kept, _COLUMNS, strict=True):
        spots |= _stacked(nodes, x, width, scale)
    height = max([spot.y + spot.height for spot in spots.values()] + [_TOP + _LEAST])
    every = [node for column in kept for node in column]
    boxes = [_box(node, spots[node.key]) for node in every]
    colours = {node.key: node.source for node in every}
    return Picture(WIDTH + 4, _text(height + 2), boxes, _bands(streams, spots, scale, colours))


def _bundled(nodes: Sequence[Node], url: str) -> tuple[list[Node], dict[str, str]]:
    """The nodes to draw, and which others each of the rest is drawn as. What is stopped comes
    before what is large: it is what the owner looks for."""
    if len(nodes) <= MOST:
        return list(nodes), {}
    order = sorted(nodes, key=lambda node: (not node.why, -node.count))
    rest = order[MOST - 1 :]
    keys = {node.key for node in rest}
    words = ngettext("%(count)s more", "%(count)s more", len(rest))
    why = next((node.why for node in rest if node.why), "")
    last = Node(
        f"more-{rest[0].key}",
        words % {"count": number(len(rest))},
        sum(node.count for node in rest),
        url,
        why,
    )
    return [*(one for one in nodes if one.key not in keys), last], dict.fromkeys(keys, last.key)


def _joined(streams: Iterable[Stream], names: Mapping[str, str]) -> list[Stream]:
    """With bundles for what is in them: what runs side by side is one stream. Readers in a bundle
    may read the same memories: those are not as many as they would be one by one."""
    found: dict[tuple[str, str, bool], int] = {}
    for one in streams:
        key = (names.get(one.start, one.start), names.get(one.end, one.end), one.stopped)
        had = found.get(key, 0)
        found[key] = max(had, one.count) if key[1].startswith("more-to-") else had + one.count
    return [Stream(start, end, n, stopped) for (start, end, stopped), n in found.items()]


def _together(node: Node, streams: Iterable[Stream]) -> Node:
    """A bundle of readers with what they may read together."""
    if not node.key.startswith("more-"):
        return node
    return replace(node, count=sum(one.count for one in streams if one.end == node.key))


def _scale(nodes: Sequence[Node]) -> float:
    """Pixels for one memory."""
    total = sum(node.count for node in nodes)
    return _HEIGHT / total if total else _HEIGHT


def _stacked(nodes: Sequence[Node], x: float, width: float, scale: float) -> dict[str, _Spot]:
    spots, y = {}, _TOP
    for node in nodes:
        height = max(_LEAST, node.count * scale)
        spots[node.key] = _Spot(x, y, width, height)
        y += height + _GAP
    return spots


def _bands(
    streams: Sequence[Stream],
    spots: Mapping[str, _Spot],
    scale: float,
    colours: Mapping[str, str],
) -> list[Band]:
    """Into a box they arrive beside each other. Out of a collection each begins in its middle: the
    same memories go to all who may read them."""
    into: dict[str, float] = {}
    out: dict[str, float] = {}
    made = []
    drawn = [s for s in streams if s.start in spots and s.end in spots]
    order = sorted(drawn, key=lambda s: (s.stopped, spots[s.start].y, spots[s.end].y))
    totals = _totals(order, scale)
    for one in order:
        thick = _thick(one, scale)
        start, end = spots[one.start], spots[one.end]
        if one.start.startswith(("in-", "more-in-")):
            y1 = start.y + start.height / 2
        else:
            y1 = _next(out, f"{one.start}>", start, totals, thick)
        y2 = _next(into, f">{one.end}", end, totals, thick)
        made.append(_band(one, (start.x + start.width, y1), (end.x, y2), thick, colours))
    return made


def _totals(streams: Iterable[Stream], scale: float) -> dict[str, float]:
    found: dict[str, float] = {}
    for one in streams:
        for side in (f"{one.start}>", f">{one.end}"):
            found[side] = found.get(side, 0.0) + _thick(one, scale)
    return found


def _next(
    used: dict[str, float], side: str, spot: _Spot, totals: Mapping[str, float], thick: float
) -> float:
    """The middle of the next free place at a side of a box; what is thinner than it is centred."""
    begin = spot.y + max(0.0, (spot.height - totals[side]) / 2)
    at = begin + used.get(side, 0.0) + thick / 2
    used[side] = used.get(side, 0.0) + thick
    return min(at, spot.y + spot.height)


def _band(
    one: Stream,
    start: tuple[float, float],
    end: tuple[float, float],
    thick: float,
    colours: Mapping[str, str],
) -> Band:
    middle = (start[0] + end[0]) / 2
    (x1, y1), (x2, y2) = start, end
    points = ((x1, y1), (middle, y1), (middle, y2), (x2, y2))
    begin, *curve = (f"{_text(x)} {_text(y)}" for x, y in points)
    path = f"M{begin}C{curve[0]} {curve[1]} {curve[2]}"
    return Band(path, _text(thick), one.stopped, colours.get(one.start, ""))


def _thick(one: Stream, scale: float) -> float:
    return 2.0 if one.stopped else max(_THIN, one.count * scale)


def _box(node: Node, spot: _Spot) -> Box:
    words = ngettext("%(count)s memory", "%(count)s memories", node.count)
    words = words % {"count": number(node.count)}
    middle = spot.y + spot.height / 2
    return Box(
        node,
        _text(spot.x),
        _text(spot.y),
        _text(spot.width),
        _text(spot.height),
        short(node.name),
        node.why or words,
        _text(middle - 4),
        _text(middle + 13),
        node.key.startswith("more-"),
    )


def short(name: str) -> str:
    """As much as a box holds; the whole name is its link's."""
    return name if len(name) <= 22 else f"{name[:21].rstrip()}…"


def _text(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
