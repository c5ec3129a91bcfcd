"""Which single answer, changed alone, would give another result. Bounded: only values at which some rule turns."""

import json
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from middleground.engines.safety.case import Change, Outcome
from middleground.engines.safety.conditions import plain
from middleground.engines.safety.facts import USES, Facts, changed
from middleground.engines.safety.needing import outcome, unknown_but_needed
from middleground.engines.safety.rules import Book, Rule, book

TURNS = {"at_least": (-1, 0), "below": (-1, 0), "above": (0, 1), "at_most": (0, 1)}


def would_change(facts: Facts, held: list[Rule], missing: list[str], result: str, rules: Book) -> list[Change]:
    """For each answer and each other result, the nearest value that gives it, in the order of the danger file."""
    found: dict[tuple[str, str], Change] = {}
    for at, value in candidates(facts, rules):
        then = result_with(facts, at, value, held, missing, rules)
        if then != result and (at, then) not in found:
            found[at, then] = Change(f"{at} = {written(value)}", then)
    return list(found.values())[: rules.results["would_change_at_most"]]


def result_with(facts: Facts, at: str, value: Any, held: list[Rule], missing: list[str], rules: Book) -> Outcome:
    """The result after one change. Only the rules that look at the changed answer are asked again."""
    root = USES if at.startswith(USES) else at
    altered = changed(facts, at, value)
    if root == USES:
        still = bool(unknown_but_needed(altered, rules.substances))
    else:
        still = any(pointer != at for pointer in missing)
    strictness = max((rule.strictness for rule in held if root not in rule.looks_at), default=0)
    again = (rule.strictness for rule in looking_at(root) if rule.strictness > strictness and rule.holds(altered))
    return outcome(max(again, default=strictness), still, rules.results)


@cache
def looking_at(root: str) -> tuple[Rule, ...]:
    return tuple(rule for rule in book().rules if root in rule.looks_at)


def candidates(facts: Facts, rules: Book) -> Iterator[tuple[str, Any]]:
    for fact in rules.danger["facts"]:
        at = fact["at"]
        yield from ((at, value) for value in values(fact, facts.get(at), turning_points(at, fact.get("step"))))
    for index, use in enumerate(facts.get(USES, ())):
        for fact in rules.danger["uses"]:
            points = turning_points_of_use(fact, use.substance)
            own = values(fact, getattr(use, fact["at"]), points)
            yield from ((f"{USES}/{index}/{fact['at']}", value) for value in own)


def values(fact: dict[str, Any], now: Any, points: Iterable[float]) -> list[Any]:
    """Other values worth trying: the whole order, one more or one fewer in a list, or the turning points, nearest first."""
    if fact["worse"] == "more":
        known = now or frozenset()
        return [known ^ {each} for each in fact["order"]]
    if "order" in fact:
        return [value for value in fact["order"] if value is not now and value != now]
    return sorted((p for p in points if p != now and p >= 0), key=lambda p: (abs(p - (now or 0)), p))


@cache
def turning_points(at: str, step: float | None) -> frozenset[float]:
    """The values just on either side of each limit that a rule sets at `at`."""
    conditions = [each for rule in looking_at(at) for each in plain(rule.when) if each.get("at") == at]
    limits = [(each[word], turn) for each in conditions for word, turn in TURNS.items() if word in each]
    return frozenset(round(limit + side * step, 3) for limit, turn in limits for side in turn) if step else frozenset()


def turning_points_of_use(fact: dict[str, Any], substance: str | None) -> frozenset[float]:
    limits = limits_of_use(fact["at"], substance)
    return frozenset(limit + side * fact.get("step", 0) for limit in limits for side in (0, 1))


def limits_of_use(name: str, substance: str | None) -> frozenset[float]:
    if name == "last_use_hours":
        return frozenset({book().substances.windows[substance]} if substance in book().substances.windows else ())
    limits = (each.get("weeks_above") for rule in looking_at(USES) for each in plain(rule.when))
    return frozenset(limit for limit in limits if limit is not None and name == "weeks")


def written(value: Any) -> str:
    return json.dumps(sorted(value) if isinstance(value, frozenset) else value)
