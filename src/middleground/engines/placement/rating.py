"""From the ratings to the level they ask for: the highest of the dimensions, never an average."""

from typing import Any, NamedTuple

import msgspec

from middleground.engines.placement.book import Book
from middleground.engines.placement.case import Case, Level
from middleground.engines.safety import Reason


class Asked(NamedTuple):
    """The level that one dimension asks for, and why."""

    dimension: str
    level: Level
    reason: Reason


class Recommendation(NamedTuple):
    """`level` is null when nothing is rated; with `missing` it is the least that is known to be needed."""

    level: Level | None
    deciding: list[str]
    reasons: list[Reason]
    missing: list[str]
    nothing_left: bool | None


def recommendation(case: Case, book: Book) -> Recommendation:
    """Steps 3 to 6 of the placement algorithm. Source: knowledge/placement/levels.yaml, unverified until signed."""
    if case.edition is None:
        return Recommendation(None, [], [], ["/edition"], None)
    asked, missing = asked_by_dimension(case, book)
    if not asked:
        return Recommendation(None, [], [], missing, None)
    level = max((each.level for each in asked), key=book.rank)
    deciding = [each for each in asked if each.level == level]
    fitted, why = fitted_to_program(level, case, book)
    reasons = why + [each.reason for each in deciding]
    return Recommendation(fitted, [each.dimension for each in deciding], reasons, missing, nothing_left(case, book))


def asked_by_dimension(case: Case, book: Book) -> tuple[list[Asked], list[str]]:
    ratings, needs = told(case.ratings), told(case.needs)
    asked, missing = [], []
    for dimension, default in book.levels["editions"][case.edition]["dimensions"].items():
        need, rating = needs.get(dimension), ratings.get(dimension)
        if need is not None:
            words = {"level": need, "dimension": dimension, "name": default["name"]}
            asked.append(Asked(dimension, need, book.reason("assessor-names-level", **words)))
        elif rating is not None:
            level = default["levels"][rating]
            words = {"level": level, "dimension": dimension, "name": default["name"], "rating": rating}
            asked.append(Asked(dimension, level, book.reason("rating-asks-level", **words)))
        else:
            missing.append(f"/ratings/{dimension}")
    return asked, missing


def told(part: msgspec.Struct | None) -> dict[str, Any]:
    return msgspec.to_builtins(part) if part else {}


def fitted_to_program(level: Level, case: Case, book: Book) -> tuple[Level, list[Reason]]:
    """2.1 instead of less with a reason below; the level with more hours when 2.1 does not give enough."""
    program, hours, why = book.levels["program"], book.levels["hours"], []
    if case.reason_below and book.rank(level) < book.rank(program):
        level, why = program, [book.reason(case.reason_below)]
    if level == hours["instead_of"] and case.hours_needed is not None and case.hours_needed >= hours["at_least"]:
        return hours["level"], [*why, book.reason("hours-needed")]
    return level, why


def nothing_left(case: Case, book: Book) -> bool | None:
    """Whether every rated dimension is at 0 and no assessor names a level; None while a rating is unknown."""
    dimensions = book.levels["editions"][case.edition]["dimensions"]
    known = [told(case.ratings).get(each) for each in dimensions]
    if any(known) or any(told(case.needs).get(each) for each in dimensions):
        return False
    return None if None in known else True


def environment_asks(case: Case, book: Book) -> bool:
    """Whether the place where the client lives makes recovery harder (source: knowledge/placement/status.yaml)."""
    if case.edition is None:
        return False
    dimension, residence = book.levels["editions"][case.edition]["environment"], book.status["companions"]["residence"]
    rating, need = told(case.ratings).get(dimension), told(case.needs).get(dimension)
    asks_residence = need is not None and book.rank(need) >= book.rank(residence["while_selected_below"])
    return asks_residence or (rating is not None and rating >= residence["rating_at_least"])
