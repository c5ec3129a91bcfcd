"""What must be known before anybody is cleared, and what the findings come to."""

from collections.abc import Iterator
from typing import Any

from middleground.engines.safety.case import Outcome
from middleground.engines.safety.conditions import Substances
from middleground.engines.safety.facts import USES, Facts, Use


def unknown_but_needed(facts: Facts, substances: Substances) -> list[str]:
    """JSON pointers of needed answers that are not known, sorted. Source: knowledge/withdrawal/substances.yaml."""
    always = (at for at in substances.needed["always"] if at not in facts)
    per_use = (at for i, use in enumerate(facts.get(USES, ())) for at in needed_for(use, i, facts, substances))
    return sorted({*always, *per_use})


def needed_for(use: Use, index: int, facts: Facts, substances: Substances) -> Iterator[str]:
    if use.substance is None:
        yield f"{USES}/{index}/substance"
    for need in substances.needed["while_window_open"]:
        if may_apply(need, use, substances):
            yield from (f"{USES}/{index}/{name}" for name in need["each"] if getattr(use, name) is None)
            yield from (at for at in need["facts"] if at not in facts)


def may_apply(need: dict[str, Any], use: Use, substances: Substances) -> bool:
    """An unknown last use or an unknown `daily` may well be the dangerous one, so it counts."""
    daily_enough = not need.get("daily") or use.daily is not False
    return daily_enough and substances.window_open(use, need["group"], if_unknown=True)


def outcome(strictness: int, incomplete: bool, results: dict[str, Any]) -> Outcome:
    """The result that the strictest finding gives; UNKNOWN outranks all up to medical review."""
    order: list[Outcome] = results["order"]
    if incomplete and strictness <= order.index(results["outranked_by_unknown"]):
        return results["unknown"]
    return order[strictness]
