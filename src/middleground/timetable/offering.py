"""Ranked weeks for one client: what the timetabling engine finds, put in a coordinator's words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from middleground.engines import outcomes, timetabling
from middleground.engines.outcomes import Mark, WeekRule
from middleground.engines.timetabling import FitClient, Free, Missing, Payer, Week, occupied

from . import words
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
    """`weeks`, best first. `obstacles` and `advice` are empty when the first week reaches everything."""

    weeks: tuple[Offer, ...]
    need: Need
    obstacles: tuple[str, ...] = ()
    advice: str = ""


def rank(client: FitClient, groups: Sequence[Running], need: Need, count: int) -> Offers:
    """The best `count` weeks of the groups that run."""
    asked = [each.asked() for each in groups]
    by_id = {str(each.id): each for each in groups}
    found = timetabling.fit(client, asked, count)
    missing = found[0].missing if found else timetabling.explain(client, asked)
    weeks = tuple(_offer(week, by_id, need) for week in found)
    return Offers(weeks, need, *_in_the_way(missing, by_id))


def asked(
    intervals: Sequence[Mapping[str, Any]], travel: Mapping[str, int], language: str, need: Need, busy: Sequence[str]
) -> FitClient:
    """The client as the engine knows them."""
    return FitClient(
        free=[Free(each["at"], each.get("cost", 0)) for each in intervals],
        languages=frozenset({language}),
        prescribed=need.prescribed,
        travel=travel,
        payer=need.payer,
        busy=busy,
    )


def _offer(week: Week, by_id: Mapping[str, Running], need: Need) -> Offer:
    groups = tuple(by_id[each] for each in week.groups)
    better, worse = _reasons(week, need, waiting(groups))
    met = need.payer_met(groups)
    return Offer(groups, week.minutes, week.days, week.vector, not week.vector[1], met, better, worse)


def waiting(groups: Sequence[Running]) -> int:
    """Minutes between one group and the next of the same day, all days together. The rest of a quarter hour is none."""
    held = sorted(groups, key=lambda each: (each.day, each.begins))
    gaps = (b.begins - a.begins - occupied(a.minutes) for a, b in pairwise(held) if a.day == b.day)
    return sum(max(0, gap) for gap in gaps)


def _reasons(week: Week, need: Need, wait: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    _, short, tracks, cost, _ = week.vector
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


def _in_the_way(missing: Missing | None, by_id: Mapping[str, Running]) -> tuple[tuple[str, ...], str]:
    """Each group that is out of the best week and why, and the one change that would help most."""
    if missing is None:
        return (), ""
    out = tuple(
        f"{by_id[each.group].name}, {by_id[each.group].when}: {timetabling.why_words(each.why)}."
        for each in missing.because
    )
    change = missing.change
    if change is None:
        return out, "No single day made free would help: another group, a seat or another language is needed."
    at, reach = words.stretch(change.at), words.length(change.reach)
    return out, f"Being free {at} would help most: the week would then have {reach}."
