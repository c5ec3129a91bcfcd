"""The withdrawal rules in force, read once from knowledge/withdrawal and compiled."""

from functools import cache
from typing import Any, NamedTuple

from middleground.engines import knowing
from middleground.engines.safety.case import Reason
from middleground.engines.safety.conditions import Holds, Substances, all_of, places

AREA = "withdrawal"


class Rule(NamedTuple):
    """`strictness` is the place of `result` from mild to strict; `looks_at` are the pointers its conditions name."""

    holds: Holds
    strictness: int
    reason: Reason
    looks_at: frozenset[str]
    when: list[dict[str, Any]]


class Advice(NamedTuple):
    code: str
    holds: Holds


class Book(NamedTuple):
    """Everything the check interprets. `results` and `danger` are the data files as they stand."""

    rules: tuple[Rule, ...]
    advice: tuple[Advice, ...]
    substances: Substances
    results: dict[str, Any]
    danger: dict[str, Any]
    same_day_review_for: int


@cache
def book() -> Book:
    """The rules in force, strictest first and then by code, so that the order of files means nothing."""
    data = knowing.load(AREA)
    substances, results = Substances(data["withdrawal-substances"]), data["withdrawal-results"]
    order, advice = results["order"], data["withdrawal-advice"]
    written = [rule for file in data.values() for rule in file.get("rules", ())]
    rules = sorted((rule_of(each, order, substances) for each in written), key=lambda r: (-r.strictness, r.reason.code))
    return Book(
        rules=tuple(rules),
        advice=tuple(Advice(each["code"], all_of(each["when"], substances)) for each in advice["advice"]),
        substances=substances,
        results=results,
        danger=data["withdrawal-danger"],
        same_day_review_for=order.index(advice["same_day_review_for"]),
    )


def rule_of(data: dict[str, Any], order: list[str], substances: Substances) -> Rule:
    when = data["when"]
    return Rule(all_of(when, substances), order.index(data["result"]), reason_of(data), places(when), when)


def reason_of(data: dict[str, Any]) -> Reason:
    return Reason(data["code"], data["text"], data["source"], data["confidence"])
