"""Ranked weeks for one client: what the timetabling engine finds, put in a coordinator's words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

from middleground.engines import outcomes
from middleground.engines.outcomes import Mark, WeekRule
from middleground.engines.timetabling import occupied
from middleground.engines.timetabling.clinic import Client
from middleground.engines.timetabling.offering import Timetable, Week
from middleground.engines.timetabling.until import Until

from . import words
from .advising import PATIENCE, Advising
from .fitting import Held, Payer, newcomer, running_clinic
from .running import Running

A_MONDAY = date(2024, 1, 1)  # any Monday: a planned week has days, not dates


@dataclass(frozen=True)
class Need:
    """What a week is for: the prescribed minutes of the program, and the payer's own rule, never mixed with it."""

    prescribed: int
    rule: WeekRule

    def payer_met(self, groups: Iterable[Running]) -> bool:
        """Whether the payer would count the week if everything in it is attended and documented."""
        marks = [Mark(A_MONDAY + timedelta(days=each.day), each.minutes) for each in groups]
        return outcomes.dose_week(marks, self.rule).payer.reachable

    @property
    def asks_payer(self) -> bool:
        return bool(self.rule.payer_minutes or self.rule.payer_days)

    @property
    def payer_words(self) -> str:
        """What the payer asks for, e.g. "3 days with 3 h or more each"."""
        rule = self.rule
        days = f"{rule.payer_days} days" if rule.payer_days else ""
        days += f" with {words.length(rule.payer_day)} or more each" if days and rule.payer_day else ""
        return " on ".join(filter(None, [words.length(rule.payer_minutes) if rule.payer_minutes else "", days]))

    @property
    def payer(self) -> Payer:
        """The rule as minutes and days, for ranking weeks."""
        rule = self.rule
        return Payer(max(rule.payer_minutes, rule.payer_days * rule.payer_day), rule.payer_days)


@dataclass(frozen=True)
class Offer:
    """One week a client could have. `better` and `worse` say in words what speaks for it and against it."""

    groups: tuple[Running, ...]
    minutes: int
    days: int
    vector: tuple[int, ...]
    reaches: bool
    payer_met: bool
    better: tuple[str, ...]
    worse: tuple[str, ...]


@dataclass(frozen=True)
class Offers:
    """`weeks`, best first. What stands in the way is looked for when a page asks for it."""

    weeks: tuple[Offer, ...]
    need: Need
    advising: Advising | None = None

    @cached_property
    def obstacles(self) -> tuple[str, ...]:
        """Each group that is not in the best week and why; empty when that week reaches everything."""
        return self.advising.obstacles() if self.advising else ()

    @cached_property
    def advice(self) -> str:
        """The one change that would help most; empty when the best week reaches everything."""
        return self.advising.advice() if self.advising else ""


def rank(client: Client, groups: Sequence[Running], need: Need, count: int) -> Offers:
    """The best `count` weeks of the groups that run, the best of each shape (days, first start, last end).

    What stands in the way of a first week that falls short of the prescription or the payer's rule comes with them.
    """
    clinic = running_clinic(groups)
    by_id = {str(each.id): each for each in groups}
    found = Timetable(clinic).weeks(client, count, Until().within(PATIENCE))
    weeks = tuple(_offer(week, by_id, need) for week in found)
    best = found[0] if found else None
    full = best is not None and not any(best.vector[:2])
    return Offers(weeks, need, None if full else Advising(clinic, client, best, by_id))


def asked(
    intervals: Sequence[Mapping[str, Any]],
    travel: Mapping[str, int],
    language: str,
    need: Need,
    busy: Sequence[str],
    populations: Iterable[str] = (),
    now: Iterable[Running] = (),
    talks: Iterable[Held] = (),
) -> Client:
    """The client as the engine knows them; `now`: the groups they sit in."""
    groups = [Held(each.day, each.minutes, each.telehealth) for each in now]
    return newcomer(intervals, travel, language, need.prescribed, need.payer, busy, populations, groups, talks)


def _offer(week: Week, by_id: Mapping[str, Running], need: Need) -> Offer:
    groups = tuple(sorted((by_id[each] for each in week.groups), key=lambda each: (each.start, each.id)))
    better, worse = _reasons(week, need, groups)
    met = need.payer_met(groups)
    return Offer(groups, week.minutes, len(week.shape), week.vector, not week.vector[1], met, better, worse)


def waiting(groups: Sequence[Running]) -> int:
    """Minutes between one group and the next of the same day, all days together. The rest of a quarter hour is none."""
    held = sorted(groups, key=lambda each: (each.day, each.begins))
    gaps = (b.begins - a.begins - occupied(a.minutes) for a, b in pairwise(held) if a.day == b.day)
    return sum(max(0, gap) for gap in gaps)


def _reasons(week: Week, need: Need, groups: Sequence[Running]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    _, short, _, _, cost, _ = week.vector
    tracks, wait = max(0, len({each.series for each in groups if each.series}) - 1), waiting(groups)
    said = [
        (not short, f"All of the prescribed {words.length(need.prescribed)}"),
        (not tracks, "The same track all week"),
        (not cost, "Only hours they like"),
        (not wait, "No waiting between groups"),
    ]
    against = [
        (short, f"{words.length(short)} short of the prescribed {words.length(need.prescribed)}"),
        (tracks, f"Groups of {tracks + 1} tracks"),
        (cost, "Some hours they would rather not come"),
        (wait, f"{words.length(wait)} of waiting between groups"),
    ]
    return tuple(text for so, text in said if so), tuple(text for so, text in against if so)
