"""The program at a glance: who is in care, hours given against hours prescribed, waits, who stays, what changes, what is owed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any

from middleground.admissions.promises import Promise
from middleground.engines import outcomes
from middleground.engines.knowing import load
from middleground.engines.outcomes import Point, Rate, Stay, Waits
from middleground.engines.outcomes.change import direction
from middleground.kernel import clock

from . import counting
from .counting import Care, Day, Tally
from .timeline import level_words, short_title

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Hours:
    """One week: hours that counted and hours prescribed to those in care."""

    monday: date
    delivered: float
    prescribed: float

    @property
    def share(self) -> int | None:
        return round(100 * self.delivered / self.prescribed) if self.prescribed else None


@dataclass(frozen=True)
class Promised:
    """One promise to those who ask for help: how many it was kept for, how many it was not, the median hours it took."""

    label: str
    hours: int
    kept: int
    broken: int
    median_hours: float | None

    @property
    def judged(self) -> int:
        return self.kept + self.broken

    @property
    def share(self) -> int | None:
        return round(100 * self.kept / self.judged) if self.judged else None


@dataclass(frozen=True)
class Measure:
    """First against latest score of everybody asked twice: means, and how many are better, the same, worse."""

    title: str
    people: int
    first: float
    latest: float
    better: int
    same: int
    worse: int

    @property
    def share(self) -> int:
        return round(100 * self.better / self.people)


@dataclass(frozen=True)
class Board:
    """Everything the director's page shows for a period of `weeks` weeks that ends today."""

    period: str
    weeks: int
    first: date
    in_care: int
    admitted: int
    left: int
    census: list[tuple[date, int]]
    levels: list[tuple[str, int]]
    tracks: list[tuple[str, int]]
    hours: list[Hours]
    no_shows: Rate
    waits: Waits
    promises: list[Promised]
    retention: list[Point]
    median_stay: int | None
    continuation: Rate
    completion: Rate
    measures: list[Measure]
    documents: dict[str, Tally]
    small: int

    @property
    def retained(self) -> list[tuple[int, int]]:
        """(week since admission, percent still in care), read from the curve."""
        last = max((point.day for point in self.retention), default=0)
        return [(week, round(100 * _share_on(self.retention, week * 7))) for week in range(min(last // 7 + 1, 26) + 1)]

    @property
    def delivered_share(self) -> int | None:
        """Hours given of those prescribed, over the whole weeks of the period."""
        asked = sum(h.prescribed for h in self.hours[:-1])
        return round(100 * sum(h.delivered for h in self.hours[:-1]) / asked) if asked else None

    @property
    def is_small(self) -> bool:
        return self.in_care < self.small

    @property
    def continuation_goal(self) -> int:
        return round(100 * outcomes.benchmark("continuation"))

    @property
    def no_show_goal(self) -> int:
        return round(100 * outcomes.benchmark("no_show"))


def periods() -> list[dict[str, Any]]:
    return load("insight")["board"]["periods"]


def board(period: str = "8-weeks") -> Board:
    """The board for one of `periods()`; an unknown one gives the first. Four statements."""
    chosen = next((p for p in periods() if p["id"] == period), periods()[0])
    today = clock.today()
    first = today - timedelta(days=today.weekday()) - (chosen["weeks"] - 1) * WEEK
    care, facts = counting.episodes(first), counting.facts(first)
    days, tallies = facts.days, facts.tallies
    begun = [c for c in care if c.admitted_on >= first]
    here = [c for c in care if c.is_in_care_after(today)]
    curve = outcomes.retention_curve(lengths(begun, today))
    return Board(
        chosen["id"],
        chosen["weeks"],
        first,
        len(here),
        len(begun),
        sum(c.ended_on is not None and c.ended_on <= today for c in care),
        census(care, first, today),
        counted(level_words(c.level) for c in here),
        sorted(((t.label, t.n) for t in tallies if t.sort == "track"), key=lambda pair: (-pair[1], pair[0])),
        hours(care, days, first, today),
        Rate(sum(d.no_shows for d in days), sum(d.marks for d in days)),
        outcomes.waits([(c.first_contact_on, c.admitted_on) for c in begun if c.first_contact_on]),
        promised(counting.waiting(first)),
        curve,
        outcomes.median_stay(curve),
        continuation(facts.stays, begun, today),
        completed(care),
        measured(counting.first_and_latest(first)),
        {t.sort: t for t in tallies if t.sort != "track"},
        load("insight")["board"]["small_numbers"]["staff"],
    )


def lengths(care: Sequence[Care], today: date) -> list[tuple[int, bool]]:
    """(days in care, whether it is over) of each episode."""
    return [(((c.ended_on or today) - c.admitted_on).days, c.ended_on is not None) for c in care]


def _share_on(curve: Sequence[Point], day: int) -> float:
    return next((point.share for point in reversed(curve) if point.day <= day), 1.0)


def counted(words: Any) -> list[tuple[str, int]]:
    return Counter(words).most_common()


def census(care: Sequence[Care], first: date, today: date) -> list[tuple[date, int]]:
    """How many were in care at the end of each week, today in the current one."""
    ends = [min(first + WEEK * n + timedelta(days=6), today) for n in range((today - first).days // 7 + 1)]
    return [(day, sum(c.is_in_care_after(day) for c in care)) for day in ends]


def hours(care: Sequence[Care], days: Sequence[Day], first: date, today: date) -> list[Hours]:
    """Each week's hours: prescribed counts a client's weekly dose by their days in care up to today."""
    minutes: Counter[date] = Counter()
    for day in days:
        minutes[day.on - timedelta(days=day.on.weekday())] += day.minutes
    found, monday = [], first
    while monday <= today:
        last = min(monday + timedelta(days=6), today)
        asked = sum(c.minutes * _days_in_care(c, monday, last) / 7 for c in care)
        found.append(Hours(monday, round(minutes[monday] / 60, 1), round(asked / 60, 1)))
        monday += WEEK
    return found


def _days_in_care(care: Care, first: date, last: date) -> int:
    return max(0, (min(care.ended_on or last, last) - max(care.admitted_on, first)).days + 1)


def promised(found: Sequence[list[Promise]]) -> list[Promised]:
    """Each promise over everybody it was made to; those still running are not judged yet."""
    made = []
    for rule in load("admissions")["promises"]["promises"]:
        own = [p for each in found for p in each if p.id == rule["id"]]
        took = [(p.done_at - p.due).total_seconds() / 3600 + rule["hours"] for p in own if p.done_at]
        made.append(
            Promised(
                rule["label"]["en"],
                rule["hours"],
                sum(p.state == "kept" for p in own),
                sum(p.state == "broken" for p in own),
                round(median(took), 1) if took else None,
            )
        )
    return made


def continuation(came: Sequence[Stay], begun: Sequence[Care], today: date) -> Rate:
    """NIATx continuation; an episode without a single further day is one that did not continue."""
    silent = Counter(c.admitted_on for c in begun) - Counter(s.admitted_on for s in came)
    return outcomes.continuation_30([*came, *(Stay(day, frozenset()) for day in silent.elements())], today)


def completed(care: Sequence[Care]) -> Rate:
    """Completion among those whose care ended."""
    return outcomes.completion(c.reason for c in care if c.ended_on is not None)


def measured(found: dict[str, list[tuple[int, float, float]]]) -> list[Measure]:
    """Per instrument: how many changed by at least what its rule calls notable (knowledge/outcomes/measure-change)."""
    rules, made = load("outcomes")["measure-change"]["measures"], []
    for name, people in found.items():
        if people:
            ways = Counter(
                direction(round(last - start), rules[name]["better"], rules[name]["notable"])
                for _, start, last in people
            )
            n = len(people)
            made.append(
                Measure(
                    short_title(name),
                    n,
                    round(sum(p[1] for p in people) / n, 1),
                    round(sum(p[2] for p in people) / n, 1),
                    ways["better"],
                    ways["same"],
                    ways["worse"],
                )
            )
    return made
