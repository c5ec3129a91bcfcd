"""The sliding fee: a class by income and household size only, the same for all.

Source: knowledge/payment/sliding-scale.yaml.
"""

from datetime import date
from decimal import ROUND_CEILING, ROUND_DOWN, Decimal
from typing import Any

import msgspec

from ..errors import BadLine
from ..knowing import load
from .guidelines import Guideline, guideline

CENT = Decimal("0.01")


class Fee(msgspec.Struct, frozen=True):
    """What one session costs. `percent` of the guideline is rounded up to 0.01, after the class was chosen."""

    percent: Decimal
    class_name: str
    per_session: Decimal
    table_year: int
    sentence_en: str
    sentence_es: str
    source: str
    confidence: str


def fee(income: Decimal, household: int, on: date, region: str = "48", *, full_charge: Decimal) -> Fee:
    """The fee for yearly `income` dollars in a household of that many people, on a day.

    Raises `NoGuideline` when no table is in force that day, `BadLine` for negative money or an empty household.
    Source: HRSA Compliance Manual ch. 9; the class is the first whose upper bound is not below the exact percent.
    """
    money(income, "/income")
    money(full_charge, "/full_charge")
    line = guideline(household, on, region)
    step = class_of(income, line.amount)
    return worded(step, (100 * income / line.amount).quantize(CENT, ROUND_CEILING), charge(step, full_charge), line)


def money(amount: Decimal, where: str) -> None:
    if not isinstance(amount, Decimal | int) or isinstance(amount, bool):
        raise BadLine("wrong-type", "Money is an exact decimal.", where)
    if not Decimal(amount).is_finite() or amount < 0:
        raise BadLine("out-of-range", "Money can't be negative.", where)


def classes() -> list[dict[str, Any]]:
    return load("payment")["sliding-scale"]["classes"]


def class_of(income: Decimal, line: Decimal) -> dict[str, Any]:
    """Compared by multiplication, so that no rounding moves anyone over an edge."""
    return next(step for step in classes() if "up_to" not in step or 100 * income <= Decimal(step["up_to"]) * line)


def charge(step: dict[str, Any], full: Decimal) -> Decimal:
    """Rounded down to the cent, in the client's favour; a nominal charge never above the next class's."""
    if "share" in step:
        return (Decimal(step["share"]) * full).quantize(CENT, ROUND_DOWN)
    following = classes()[classes().index(step) + 1]
    return min(Decimal(load("payment")["sliding-scale"]["nominal"]["amount"]), charge(following, full))


def worded(step: dict[str, Any], percent: Decimal, amount: Decimal, line: Guideline) -> Fee:
    rule = load("payment")["sliding-scale"]
    english, spanish = (
        rule["sentence"][language].format(
            percent=f"{percent:,}", year=line.year, amount=f"{amount:,}", name=step[language]
        )
        for language in ("en", "es")
    )
    source = f"{rule['source']['title']}; {line.source}"
    return Fee(percent, step["id"], amount, line.year, english, spanish, source, line.confidence)
