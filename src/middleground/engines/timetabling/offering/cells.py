"""The week as 672 quarter hours, one bit each in an int: whole weeks are compared with one operation."""

from collections.abc import Iterable, Iterator

from ..times import CELL, DAY, WEEK, Span

DAY_CELLS = DAY // CELL
WEEK_CELLS = WEEK // CELL
ALL = (1 << WEEK_CELLS) - 1


def ones(first: int, last: int) -> int:
    """Bits first..last, both in; nothing when last is before first."""
    first = max(first, 0)
    return ((1 << (last - first + 1)) - 1) << first if last >= first else 0


def held(spans: Iterable[Span]) -> int:
    """The quarter hours that spans on quarter hours hold."""
    mask = 0
    for start, end in spans:
        mask |= ones(start // CELL, end // CELL - 1)
    return mask


def beginnings(free: int, cells: int) -> int:
    """Where something of so many quarter hours fits into what is free."""
    mask, have = free, 1
    while have < cells:
        step = min(have, cells - have)
        mask &= mask >> step
        have += step
    return mask


def same_day(cells: int) -> int:
    """The starts from which something of so many quarter hours ends by midnight."""
    return sum(ones(day, day + DAY_CELLS - cells) for day in range(0, WEEK_CELLS, DAY_CELLS))


def on_step(step: int) -> int:
    """The quarter hours that are multiples of `step` minutes."""
    return sum(1 << cell for cell in range(WEEK_CELLS) if cell * CELL % step == 0)


def bits(mask: int) -> Iterator[int]:
    """The positions of the ones, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def clear_of(spans: Iterable[Span], takes: int, margin: int) -> int:
    """The starts at which something of `takes` minutes, `margin` before and after included, touches none of the spans."""
    mask = ALL
    for start, end in spans:
        mask &= ~ones((start - takes - margin) // CELL + 1, -(-(end + margin) // CELL) - 1)
    return mask


def inside(spans: Iterable[Span], takes: int, margin: int) -> int:
    """The starts at which it lies within one of the spans, `margin` before and after included."""
    mask = 0
    for start, end in spans:
        mask |= ones(-(-(start + margin) // CELL), (end - margin - takes) // CELL)
    return mask
