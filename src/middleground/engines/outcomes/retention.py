"""How many are still in care after so many days: the Kaplan-Meier estimate (Kaplan and Meier 1958)."""

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

HALF = 0.5


class Point(msgspec.Struct, frozen=True):
    """From this day on a share of people are still in care. `at_risk` were in care that day, `left` ended on it."""

    day: int
    at_risk: int
    left: int
    share: float


def retention_curve(stays: Iterable[tuple[int, bool]]) -> list[Point]:
    """One point for each day on which someone left. `stays` are (days in care, ended); False: still in care.

    Someone still in care on day t counts as at risk on day t.
    """
    known = list(stays)
    left = Counter(day for day, ended in known if ended)
    gone = Counter(day for day, _ in known)
    share, at_risk, points = 1.0, len(known), []
    for day in sorted(gone):
        if left[day]:
            share *= 1 - left[day] / at_risk
            points.append(Point(day, at_risk, left[day], share))
        at_risk -= gone[day]
    return points


def median_stay(curve: Sequence[Point]) -> int | None:
    """The first day by which half have left; None while more than half are still in care."""
    return next((point.day for point in curve if point.share <= HALF), None)
