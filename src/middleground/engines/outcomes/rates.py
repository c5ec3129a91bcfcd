"""Waits, continuation and completion, counted as NIATx counts them. Source: knowledge/outcomes/niatx.yaml."""

from collections.abc import Iterable
from datetime import date, timedelta
from statistics import mean, median
from typing import Any

import msgspec

from ..knowing import load


class Waits(msgspec.Struct, frozen=True):
    """Days from first contact to first treatment, of those who began; `waiting` have not yet. None without anyone."""

    count: int
    waiting: int
    mean_days: float | None
    median_days: float | None
    longest_days: int | None


class Stay(msgspec.Struct, frozen=True):
    """One episode of care: the day of admission and the days on which treatment was given."""

    admitted_on: date
    treatment_days: frozenset[date]


class Rate(msgspec.Struct, frozen=True):
    """`part` of `whole`; `left_out` could not be judged. `share` is None without anyone to count."""

    part: int
    whole: int
    left_out: int = 0

    @property
    def share(self) -> float | None:
        return self.part / self.whole if self.whole else None


def niatx() -> dict[str, Any]:
    return load("outcomes")["niatx"]


def waits(dates: Iterable[tuple[date, date | None]]) -> Waits:
    """Pairs (first contact, first treatment or None while waiting). A treatment before the contact is no wait."""
    pairs = list(dates)
    lengths = [max(0, (treated - asked).days) for asked, treated in pairs if treated is not None]
    waiting = len(pairs) - len(lengths)
    if not lengths:
        return Waits(0, waiting, None, None, None)
    return Waits(len(lengths), waiting, mean(lengths), median(lengths), max(lengths))


def continuation_30(episodes: Iterable[Stay], as_of: date) -> Rate:
    """Admissions with four further treatment days within thirty days of admission.

    The day of admission itself is not a further day. Episodes whose thirty days are not over on `as_of` are left out,
    also when they have their four days already: counting only those would flatter the rate.
    """
    rule = niatx()["continuation"]
    span = timedelta(days=rule["within_days"])
    stays = list(episodes)
    judged = [stay for stay in stays if stay.admitted_on + span < as_of]
    continued = sum(further_days(stay, span) >= rule["units"] for stay in judged)
    return Rate(continued, len(judged), len(stays) - len(judged))


def further_days(stay: Stay, span: timedelta) -> int:
    return sum(stay.admitted_on < day <= stay.admitted_on + span for day in stay.treatment_days)


def completion(reasons: Iterable[str]) -> Rate:
    """Completed episodes of all discharges but those by death, incarceration and transfer."""
    rule, given = niatx()["completion"], list(reasons)
    judged = [reason for reason in given if reason not in rule["left_out"]]
    return Rate(sum(reason in rule["completed"] for reason in judged), len(judged), len(given) - len(judged))


def benchmark(name: str) -> float:
    """What NIATx calls good: "continuation" above it, "no_show" below it."""
    return niatx()["benchmarks"][name]
