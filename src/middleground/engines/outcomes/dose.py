"""Hours of one client in one week, and whether a day counts.

Sources: knowledge/outcomes/hours.yaml, payer-days.yaml.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from ..errors import BadLine
from ..knowing import load


class Mark(msgspec.Struct, frozen=True):
    """One session on one client's week, in minutes. `mark` None: still to come.

    Breaks, meals and mutual-help meetings are not `clinical`. Minutes without a note are not `documented`.
    """

    day: date
    planned: int
    mark: str | None = None
    attended: int = 0
    clinical: bool = True
    documented: bool = True


class WeekRule(msgspec.Struct, frozen=True):
    """The program's minimum, and the payer's own rule beside it. Minutes; 0 where nothing is asked."""

    program_minutes: int
    payer_minutes: int = 0
    payer_days: int = 0
    payer_day: int = 0
    source: str = ""
    confidence: str = "D"


class Standing(msgspec.Struct, frozen=True):
    """Where the week stands against one rule. `met` now, `reachable` with what is still planned."""

    required_minutes: int
    required_days: int
    met: bool
    reachable: bool
    short_minutes: int
    short_days: int
    text: str
    text_es: str


class Dose(msgspec.Struct, frozen=True):
    """Minutes of one week: planned, delivered (clinical and documented), still reachable; the payer's days."""

    planned: int
    delivered: int
    reachable: int
    undocumented: int
    days_counted: int
    days_reachable: int
    program: Standing
    payer: Standing


class DayVerdict(msgspec.Struct, frozen=True):
    """Whether a day counts, how many minutes it lacks, and why."""

    counts: bool
    short_minutes: int
    code: str
    text: str
    text_es: str
    source: str
    confidence: str


def payer_rule(name: str) -> dict[str, Any]:
    rules = load("outcomes")["payer-days"]["rules"]
    if name not in rules:
        raise BadLine("unknown-value", f"There is no payer rule {name!r}.", "/payer")
    return rules[name]


def week_rule(age_group: str = "adult", payer: str | None = None) -> WeekRule:
    """The rule for "adult" or "adolescent" and a payer's id. Raises `BadLine` for names that aren't there."""
    hours = load("outcomes")["hours"]
    if age_group not in hours["program"]:
        raise BadLine("unknown-value", f"There is no age group {age_group!r}.", "/age_group")
    asked = payer_rule(payer) if payer else {}
    return WeekRule(
        hours["program"][age_group],
        asked.get("minutes", 0),
        asked.get("days", 0),
        asked.get("day", 0),
        asked.get("source", hours["source"]["title"]),
        asked.get("confidence", hours["source"]["confidence"]),
    )


def dose_week(marks: Sequence[Mark], rule: WeekRule) -> Dose:
    """Planned, delivered and still reachable minutes of one week; the program's minimum and the payer's rule apart.

    Only delivered, documented, clinical minutes count (knowledge/outcomes/hours.yaml). `reachable` adds the sessions still to come.
    """
    clinical = [each for each in marks if each.clinical]
    delivered, reachable = sum(map(given, clinical)), sum(map(possible, clinical))
    counted, countable = days(clinical, given, rule), days(clinical, possible, rule)
    return Dose(
        sum(each.planned for each in clinical),
        delivered,
        reachable,
        sum(attended(each) for each in clinical if not each.documented),
        counted,
        countable,
        standing(delivered, reachable, rule.program_minutes),
        standing(delivered, reachable, rule.payer_minutes, rule.payer_days, counted, countable),
    )


def attended(each: Mark) -> int:
    return each.attended if each.mark in load("outcomes")["hours"]["counted"] else 0


def given(each: Mark) -> int:
    return attended(each) if each.documented else 0


def possible(each: Mark) -> int:
    """What the session has given or can still give: a note can be written, a session to come can be held."""
    return each.planned if each.mark is None else attended(each)


def days(marks: Sequence[Mark], worth: Any, rule: WeekRule) -> int:
    """How many days hold at least the payer's minutes for a day (any minutes, where none are named)."""
    by_day: dict[date, int] = {}
    for each in marks:
        by_day[each.day] = by_day.get(each.day, 0) + worth(each)
    return sum(minutes >= max(1, rule.payer_day) for minutes in by_day.values())


def standing(
    delivered: int, reachable: int, minutes: int, days_: int = 0, counted: int = 0, countable: int = 0
) -> Standing:
    met = delivered >= minutes and counted >= days_
    can = reachable >= minutes and countable >= days_
    words = load("outcomes")["hours"]["sentences"]["met" if met else "open" if can else "lost"]
    english, spanish = (
        words[language].format(delivered=delivered, required=minutes, reachable=reachable) for language in ("en", "es")
    )
    return Standing(minutes, days_, met, can, max(0, minutes - delivered), max(0, days_ - counted), english, spanish)


def countable_day(minutes: int, payer: str = "default") -> DayVerdict:
    """Whether a day with so many delivered clinical minutes counts for a payer. Raises `BadLine` without a rule."""
    rule = payer_rule(payer)
    needed = rule.get("day")
    short = max(0, (needed or 0) - minutes)
    code = "no-rule" if needed is None else "short" if short else "counts"
    words = load("outcomes")["payer-days"]["sentences"][code]
    english, spanish = (words[language].format(minutes=minutes, day=needed, short=short) for language in ("en", "es"))
    return DayVerdict(not short, short, code, english, spanish, rule["source"], rule["confidence"])
