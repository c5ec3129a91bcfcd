"""A promised start date: the days between which somebody who asks today begins, as often as stated, and whether that held.

Pure: dates in, days out. Rules and thresholds: knowledge/outcomes/starting.yaml.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import msgspec

from ..knowing import load


class Began(msgspec.Struct, frozen=True):
    """Somebody who asked and began: `ahead` people were waiting when they asked."""

    asked: date
    began: date
    ahead: int = 0

    @property
    def days(self) -> int:
        return max(0, (self.began - self.asked).days)


class Promised(msgspec.Struct, frozen=True):
    """Days from asking to the first session: `early`..`late` in `share` of cases, half by `likely`. `of` past waits."""

    early: int
    likely: int
    late: int
    share: float
    of: int


class BackTest(msgspec.Struct, frozen=True):
    """Of `judged` people whose start would have been promised from what was known the day they asked, `held` began inside."""

    judged: int
    held: int
    mean_days: float

    @property
    def share(self) -> float | None:
        return self.held / self.judged if self.judged else None


def rule() -> dict[str, Any]:
    found: dict[str, Any] = load("outcomes")["starting"]
    return found


def promised(past: Iterable[Began], on: date, ahead: int) -> Promised | None:
    """What can be promised to somebody who asks on a day with so many ahead; None while too few have begun.

    Only what was known on that day counts: who had begun, and asked so long ago that the slow ones have begun too.
    """
    told = rule()
    settled = on - timedelta(days=told["settled"])
    known = [each for each in past if each.began < on and each.asked <= settled]
    known.sort(key=lambda each: (abs(each.ahead - ahead), -each.asked.toordinal()))
    days = sorted(each.days for each in known[: told["like"]])
    return interval(days, told["share"]) if len(days) >= told["least"] else None


def interval(days: Sequence[int], share: float) -> Promised:
    """From sorted waits the days that leave equal parts on both sides; a day more on one side is dropped while enough are
    still inside, since whole days hold several waits."""
    count = len(days)
    tail = (1 - share) / 2
    low = days[max(0, math.floor((count + 1) * tail) - 1)]
    high = days[min(count - 1, math.ceil((count + 1) * (1 - tail)) - 1)]
    wanted = math.ceil((count + 1) * share) if count else 0
    while low < high:
        ends = [(low + 1, high), (low, high - 1)]
        best = max(ends, key=lambda end: inside(days, *end))
        if inside(days, *best) < wanted:
            break
        low, high = best
    return Promised(low, days[count // 2], high, share, count)


def inside(days: Sequence[int], low: int, high: int) -> int:
    return sum(low <= each <= high for each in days)


def back_test(past: Iterable[Began]) -> BackTest:
    """Promise everybody their start from what was known the day they asked, and count how many promises held."""
    everyone = sorted(past, key=lambda each: (each.asked, each.began))
    judged = held = 0
    for each in everyone:
        told = promised(everyone, each.asked, each.ahead)
        if told is None:
            continue
        judged += 1
        held += told.early <= each.days <= told.late
    mean = sum(each.days for each in everyone) / len(everyone) if everyone else 0.0
    return BackTest(judged, held, mean)


def holds(test: BackTest) -> bool:
    """Whether the stated share proved true."""
    told = rule()["holds"]
    return test.share is not None and told["low"] <= test.share <= told["high"]
