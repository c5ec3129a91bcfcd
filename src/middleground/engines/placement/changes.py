"""Which single answer, changed alone, would give another placement."""

import json
import typing
from collections.abc import Iterator
from typing import Any

import msgspec

from middleground.engines.placement.book import book
from middleground.engines.placement.case import Case, Gate, Placement, Rating, Ratings, Stay, Withdrawal
from middleground.engines.placement.weighing import weighed
from middleground.engines.safety import Change

SAID = ("status", "recommended", "decision")
YES_NO = (True, False)
STAY = {"progress": ("yes", "partly", "no", "worse")}


def would_change(case: Case, now: Placement) -> list[Change]:
    """For each answer and each other outcome the first value that gives it. `then` is what changes: the status,
    or else the recommended level, or else the decision of the review."""
    found: dict[tuple[str, str], Change] = {}
    for at, value, other in neighbours(case):
        then = difference(now, weighed(other))
        if then is not None and (at, then) not in found:
            found[at, then] = Change(f"{at} = {json.dumps(value)}", then)
    return list(found.values())


def difference(now: Placement, other: Placement) -> str | None:
    return next((getattr(other, said) for said in SAID if getattr(other, said) != getattr(now, said)), None)


def neighbours(case: Case) -> Iterator[tuple[str, Any, Case]]:
    """Every case that differs from this one in one answer, with the answer's pointer and new value."""
    for name, values in top_answers(case):
        for value in values:
            yield f"/{name}", value, msgspec.structs.replace(case, **{name: value})
    if case.edition is not None:
        for dimension in book().levels["editions"][case.edition]["dimensions"]:
            yield from rated_otherwise(case, dimension)
    if case.stay is not None:
        yield from reviewed_otherwise(case, case.stay)


def top_answers(case: Case) -> Iterator[tuple[str, Any]]:
    gates = set(case.gates or ())
    yield "withdrawal", typing.get_args(Withdrawal)
    yield "gates", [sorted(gates ^ {gate}) for gate in typing.get_args(Gate)]
    yield from ((name, YES_NO) for name in ("sud_diagnosis", "medical_signed", "clinical_signed"))
    yield "reason_below", ("step-down", None)
    yield "hours_needed", (book().levels["hours"]["at_least"],)


def rated_otherwise(case: Case, dimension: str) -> Iterator[tuple[str, Any, Case]]:
    limits = typing.get_args(Rating)[1]
    for rating in range(limits.ge, limits.le + 1):
        ratings = msgspec.structs.replace(case.ratings or Ratings(), **{f"d{dimension}": rating})
        yield f"/ratings/{dimension}", rating, msgspec.structs.replace(case, ratings=ratings)
    if case.needs is not None and getattr(case.needs, f"d{dimension}") is not None:
        needs = msgspec.structs.replace(case.needs, **{f"d{dimension}": None})
        yield f"/needs/{dimension}", None, msgspec.structs.replace(case, needs=needs)


def reviewed_otherwise(case: Case, stay: Stay) -> Iterator[tuple[str, Any, Case]]:
    for name in Stay.__struct_fields__:
        for value in STAY.get(name, YES_NO):
            other = msgspec.structs.replace(stay, **{name: value})
            yield f"/stay/{name}", value, msgspec.structs.replace(case, stay=other)
