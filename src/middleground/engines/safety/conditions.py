"""The small language in which the withdrawal rules are written, compiled once into plain functions.

    {at: /scales/ciwa-ar, at_least: 10}      also at_most, above, below, is, in, has_any
    {used: sedative, daily: true, weeks_above: 4, distinct: 2}   a use whose risk window is open
    {listed: alcohol}                        named at all, however long ago
    {any: [...]}                             one of these; the conditions of a rule hold together

A condition holds only when it is known to hold: an unknown answer never makes one true.
"""

import operator
from collections.abc import Callable, Iterator
from typing import Any

from middleground.engines.safety.facts import USES, Facts, Use

Holds = Callable[[Facts], bool]
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "at_least": operator.ge,
    "at_most": operator.le,
    "above": operator.gt,
    "below": operator.lt,
    "is": operator.is_,
    "in": lambda value, allowed: value in allowed,
    "has_any": lambda value, wanted: not value.isdisjoint(wanted),
}


class Substances:
    """The groups and risk windows of knowledge/withdrawal/substances.yaml."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.groups = {name: frozenset(members) for name, members in data["groups"].items()}
        self.windows: dict[str, float] = data["windows"]
        self.needed: dict[str, Any] = data["needed"]

    def window_open(self, use: Use, group: str, if_unknown: bool) -> bool:
        """Whether withdrawal may still come; `if_unknown` answers for a last use that is not known."""
        if use.substance is None or use.substance not in self.groups[group]:
            return False
        if use.last_use_hours is None:
            return if_unknown
        return use.last_use_hours <= self.windows[use.substance]


def all_of(conditions: list[dict[str, Any]], substances: Substances) -> Holds:
    parts = [compiled(condition, substances) for condition in conditions]
    return lambda facts: all(part(facts) for part in parts)


def compiled(condition: dict[str, Any], substances: Substances) -> Holds:
    if "any" in condition:
        parts = [compiled(each, substances) for each in condition["any"]]
        return lambda facts: any(part(facts) for part in parts)
    if "used" in condition:
        return used(substances, **condition)
    if "listed" in condition:
        members = substances.groups[condition["listed"]]
        return lambda facts: any(use.substance in members for use in facts.get(USES, ()))
    return compared(**condition)


def used(
    substances: Substances, used: str, daily: bool = False, weeks_above: float | None = None, distinct: int = 1
) -> Holds:
    """At least `distinct` substances of the group `used` in their risk window, daily and for long enough if so asked."""

    def counts(use: Use) -> bool:
        long_enough = weeks_above is None or (use.weeks is not None and use.weeks > weeks_above)
        return long_enough and (use.daily is True or not daily) and substances.window_open(use, used, if_unknown=False)

    return lambda facts: len({use.substance for use in facts.get(USES, ()) if counts(use)}) >= distinct


def compared(at: str, **how: Any) -> Holds:
    ((word, wanted),) = how.items()
    compare = COMPARE[word]
    limit = frozenset(wanted) if isinstance(wanted, list) else wanted
    return lambda facts: at in facts and compare(facts[at], limit)


def plain(conditions: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """All conditions without the `any` around them."""
    for condition in conditions:
        yield from plain(condition["any"]) if "any" in condition else (condition,)


def places(conditions: list[dict[str, Any]]) -> frozenset[str]:
    """The pointers that the conditions look at."""
    return frozenset(condition.get("at", USES) for condition in plain(conditions))
