"""Continue, step down, step up, discharge or transfer: the decision of a continued-stay review."""

from typing import Any, NamedTuple

import msgspec

from middleground.engines.placement.book import Book
from middleground.engines.placement.case import Case, Decision
from middleground.engines.placement.rating import Recommendation
from middleground.engines.safety import Reason

# Facts that follow from ratings, gates and the withdrawal check: what they lack is named as missing there.
DERIVED = ("medical", "nothing_left")


class Verdict(NamedTuple):
    decision: Decision | None
    reasons: list[Reason]
    missing: list[str]


def stay_decision(case: Case, told: Recommendation, book: Book) -> Verdict:
    """The first rule that holds. Left open if an unknown answer could make an earlier rule decide otherwise.

    Source: knowledge/placement/stay.yaml.
    """
    if case.stay is None:
        return Verdict(None, [], [])
    facts = msgspec.to_builtins(case.stay)
    facts |= {"medical": medical_care_needed(case, told, book), "nothing_left": told.nothing_left}
    possible: list[dict[str, Any]] = []
    for rule in book.stay["rules"]:
        holds = known_to_hold(rule["when"], facts)
        possible += [rule] if holds is not False else []
        if holds:
            return settled(possible, facts)
    return open_verdict(possible, facts)


def known_to_hold(when: dict[str, list[Any]], facts: dict[str, Any]) -> bool | None:
    """True or False when it is known, None when an unknown answer could still decide it."""
    states = [None if facts[name] is None else facts[name] in allowed for name, allowed in when.items()]
    return False if False in states else None if None in states else True


def settled(possible: list[dict[str, Any]], facts: dict[str, Any]) -> Verdict:
    """The last rule holds; it decides if every rule that may come before it would say the same."""
    *before, holds = possible
    if any(rule["decision"] != holds["decision"] for rule in before):
        return open_verdict(before, facts)
    return Verdict(holds["decision"], [Reason(holds["code"], holds["text"], holds["source"], holds["confidence"])], [])


def open_verdict(possible: list[dict[str, Any]], facts: dict[str, Any]) -> Verdict:
    unknown = {name for rule in possible for name in rule["when"] if facts[name] is None}
    return Verdict(None, [], sorted(f"/stay/{name}" for name in unknown.difference(DERIVED)))


def medical_care_needed(case: Case, told: Recommendation, book: Book) -> bool | None:
    """Whether a gate, the withdrawal check or a rating asks for a medically managed setting; None while unknown."""
    gates, stay = case.gates or [], book.stay
    by_level = told.level is not None and book.rank(told.level) >= book.rank(book.status["medically_managed_from"])
    if by_level or case.withdrawal in stay["medical_withdrawal"] or set(gates) & set(stay["medical_gates"]):
        return True
    return None if case.withdrawal is None or case.gates is None or told.missing else False
