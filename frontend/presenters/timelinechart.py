"""The timeline's picture: a bar for each month or each year, stacked by source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from frontend.presenters.timelinepage import Wanted, next_month
from frontend.words.sources import Look, look_of
from vault.timeline import Counted

LONG = 30
"""Months above which the picture has a bar for each year."""
MOST_YEARS = 250
"""Of more between the first and the last, those with nothing are left out, and the earliest: any
archive can hold a memory of the year 1 and one of the year 9999."""
BETWEEN = 0.2  # of a bar's place


@dataclass(frozen=True, slots=True)
class Piece:
    """What one source has of a bar; `y` and `height` in hundredths of the picture's."""

    look: Look
    count: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One month, or with `yearly` one year: its first day, its pieces from below, and where its
    place and what is drawn there begin, in hundredths of the picture's width."""

    first: date
    yearly: bool
    count: int
    pieces: tuple[Piece, ...]
    x: float
    left: float
    address: str
    here: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars with no gap between, and the sources in the order of their pieces. `long`: there are
    years beside."""

    bars: tuple[Bar, ...]
    looks: tuple[tuple[Look, int], ...]
    total: int
    long: bool

    @property
    def room(self) -> float:
        """What each bar's place has of the picture's width, in hundredths."""
        return 100 / len(self.bars)

    @property
    def wide(self) -> float:
        """What a bar has of it."""
        return self.room * (1 - BETWEEN)

    @property
    def yearly(self) -> bool:
        return bool(self.bars) and self.bars[0].yearly

    @property
    def ends(self) -> tuple[Bar, ...]:
        return (self.bars[0], self.bars[-1]) if len(self.bars) > 1 else self.bars


def chart(counted: Sequence[Counted], wanted: Wanted) -> Chart:
    """Of all of it, or of the year that is asked for if all of it is long."""
    sizes, long = _sizes(counted), _span(counted) > LONG
    if long and wanted.year is None:
        groups = _years(sizes)
    elif long:
        groups = [(one, [one]) for one in _twelve(wanted.year or 0)]
    else:
        groups = [(one, [one]) for one in _months(counted)]
    bars = [(first, _summed(sizes, those)) for first, those in groups]
    return _drawn(bars, wanted, long)


def _drawn(bars: list[tuple[date, dict[str, int]]], wanted: Wanted, long: bool) -> Chart:
    yearly = long and wanted.year is None
    totals: defaultdict[str, int] = defaultdict(int)
    for _, sizes in bars:
        for vendor, count in sizes.items():
            totals[vendor] += count
    order = sorted(totals, key=lambda vendor: (-totals[vendor], vendor))
    top = max((sum(sizes.values()) for _, sizes in bars), default=0)
    drawn = []
    for place, (first, sizes) in enumerate(bars):
        there = replace(
            wanted, cursor="", year=first.year if yearly else None, month=None if yearly else first
        )
        here = wanted.month == first and not yearly
        pieces = _pieces([(vendor, sizes[vendor]) for vendor in order if vendor in sizes], top)
        count = sum(sizes.values())
        x, left = (100 * (place + aside) / len(bars) for aside in (0, BETWEEN / 2))
        drawn.append(Bar(first, yearly, count, pieces, x, left, there.address(), here))
    looks = tuple((look_of(vendor), totals[vendor]) for vendor in order)
    return Chart(tuple(drawn), looks, sum(totals.values()), long)


def _pieces(sizes: list[tuple[str, int]], top: int) -> tuple[Piece, ...]:
    pieces, floor = [], 100.0
    for vendor, count in sizes:
        height = 100 * count / top
        floor -= height
        pieces.append(Piece(look_of(vendor), count, round(floor, 2), round(height, 2)))
    return tuple(pieces)


def _sizes(counted: Sequence[Counted]) -> dict[date, dict[str, int]]:
    sizes: defaultdict[date, dict[str, int]] = defaultdict(dict)
    for one in counted:
        sizes[one.month][one.vendor] = one.count
    return sizes


def _summed(sizes: dict[date, dict[str, int]], months: Iterable[date]) -> dict[str, int]:
    total: defaultdict[str, int] = defaultdict(int)
    for month in months:
        for vendor, count in sizes.get(month, {}).items():
            total[vendor] += count
    return dict(total)


def _span(counted: Sequence[Counted]) -> int:
    """Months from the first to the last."""
    if not counted:
        return 0
    first, last = counted[0].month, counted[-1].month
    return (last.year - first.year) * 12 + last.month - first.month + 1


def _years(months: Iterable[date]) -> list[tuple[date, list[date]]]:
    """Every year from the first to the last with its months that have something."""
    found: defaultdict[int, list[date]] = defaultdict(list)
    for month in months:
        found[month.year].append(month)
    first, last = min(found), max(found)
    few = last - first < MOST_YEARS
    years = range(first, last + 1) if few else sorted(found)[-MOST_YEARS:]
    return [(date(year, 1, 1), found.get(year, [])) for year in years]


def _months(counted: Sequence[Counted]) -> list[date]:
    """Every month from the first to the last, those with nothing among them."""
    if not counted:
        return []
    found, last = [counted[0].month], counted[-1].month
    while found[-1] < last:
        found.append(next_month(found[-1]))
    return found


def _twelve(year: int) -> list[date]:
    return [date(year, month, 1) for month in range(1, 13)]
