"""Spans of a week (minutes since Monday 00:00) as the intervals of an instance."""

from collections.abc import Iterable

from middleground.engines.timetabling.clinic import joined
from middleground.engines.timetabling.times import DAY, Span, interval_text


def texts(spans: Iterable[Span]) -> list[str]:
    """Joined and cut at midnight."""
    return [interval_text(part) for span in joined(spans) for part in by_day(*span)]


def by_day(start: int, end: int) -> list[Span]:
    cuts = [start, *(day * DAY for day in range(1, 7) if start < day * DAY < end), end]
    return [(a, b) for a, b in zip(cuts, cuts[1:], strict=False) if a < b]


def joined_by_day(spans: Iterable[Span]) -> list[Span]:
    return [part for span in joined(spans) for part in by_day(*span)]


def outside(span: Span, known: Iterable[Span]) -> list[Span]:
    """The parts of a span that no known one holds."""
    left, at = [], span[0]
    for start, end in sorted(known):
        if end <= at or start >= span[1]:
            continue
        if start > at:
            left.append((at, start))
        at = max(at, end)
    if at < span[1]:
        left.append((at, span[1]))
    return left
