"""Who may start in ambulatory care and who needs a medically managed setting first."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from middleground.engines import knowing
from middleground.engines.errors import BadLine
from middleground.engines.safety.case import Case, Monitoring, Reason, Result
from middleground.engines.safety.changes import would_change
from middleground.engines.safety.facts import USES, Facts, facts_of
from middleground.engines.safety.lines import read_line
from middleground.engines.safety.needing import outcome, unknown_but_needed
from middleground.engines.safety.rules import AREA, Book, Rule, book, reason_of

INPUT, OUTPUT = Case, Result
SAME_DAY = "same-day-medical-review"


def withdrawal(case: Case) -> Result:
    """The withdrawal check: the strictest finding decides, and an unknown that is needed clears nobody.

    Source: knowledge/withdrawal, each rule with its own. It routes and never diagnoses or doses; a prescriber signs.
    Raises `BadLine` (out-of-range) if `as_of` is too late for the calendar.
    """
    rules, facts = book(), facts_of(case)
    held = [rule for rule in rules.rules if rule.holds(facts)]
    missing = unknown_but_needed(facts, rules.substances)
    result = outcome(max((rule.strictness for rule in held), default=0), bool(missing), rules.results)
    return Result(
        result=result,
        reasons=reasons(held, missing, rules.results),
        missing=missing,
        would_change=would_change(facts, held, missing, result, rules),
        advice=advice(facts, held, rules),
        monitoring=monitoring(facts, rules) if result in rules.results["monitored"] else None,
        valid_until=valid_until(case.as_of, rules.results["valid_hours"]),
        version=knowing.version("withdrawal", AREA),
    )


def answer(line: dict[str, Any]) -> dict[str, Any]:
    """One contract line. Raises `BadLine` with the contract's codes."""
    return msgspec.to_builtins(withdrawal(read_line(line, Case)))


def reasons(held: Iterable[Rule], missing: list[str], results: dict[str, Any]) -> list[Reason]:
    """All findings, strictest first; a sentence of its own when something is missing or nothing was found."""
    found = [rule.reason for rule in held]
    incomplete = [reason_of(results["incomplete"])] if missing else []
    return found + incomplete or [reason_of(results["clear"])]


def advice(facts: Facts, held: Iterable[Rule], rules: Book) -> list[str]:
    today = [SAME_DAY] if any(rule.strictness == rules.same_day_review_for for rule in held) else []
    return [each.code for each in rules.advice if each.holds(facts)] + today


def monitoring(facts: Facts, rules: Book) -> Monitoring | None:
    """The plans of all substances in their risk window, as one: the shortest interval, the longest time, every stop."""
    plans = [plan for plan in rules.results["monitoring"] if in_window(facts, plan["group"], rules)]
    if not plans:
        return None
    stops = dict.fromkeys(stop for plan in plans for stop in plan["transfer_if"])
    every, until = (
        min(plan["every_hours"] for plan in plans),
        max(plan["until_hours_after_last_use"] for plan in plans),
    )
    return Monitoring(every, until, list(stops))


def in_window(facts: Facts, group: str, rules: Book) -> bool:
    return any(rules.substances.window_open(use, group, if_unknown=True) for use in facts.get(USES, ()))


def valid_until(as_of: datetime | None, hours: int) -> datetime | None:
    try:
        return as_of and as_of + timedelta(hours=hours)
    except OverflowError as fault:
        raise BadLine("out-of-range", "This time is too late for the calendar.", "/as_of") from fault
