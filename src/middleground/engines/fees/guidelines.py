"""The federal poverty guideline of a household on a day. Source: knowledge/payment/poverty-guidelines-*.yaml."""

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from ..errors import BadLine
from ..knowing import load


class NoGuideline(BadLine):
    """No guideline is in force for that day or region; load the new table before charging by income."""

    def __init__(self, message: str, where: str) -> None:
        super().__init__("no-guideline", message, where)


class Guideline(msgspec.Struct, frozen=True):
    """Yearly dollars of one household under one table."""

    amount: Decimal
    year: int
    source: str
    confidence: str


def guideline(household: int, on: date, region: str = "48") -> Guideline:
    """Base and increment: first person + (household - 1) further ones.

    `region` is "48" (the states and DC), "AK" or "HI". Raises `NoGuideline` and, for fewer than one person, `BadLine`.
    """
    if household < 1:
        raise BadLine("out-of-range", "A household has at least one person.", "/household")
    table = in_force(on)
    if region not in table["regions"]:
        raise NoGuideline(f"The {table['year']} poverty guideline for region {region} is not loaded.", "/region")
    row = table["regions"][region]
    amount = Decimal(row["first"]) + (household - 1) * Decimal(row["more"])
    return Guideline(amount, table["year"], table["source"]["title"], row["confidence"])


def in_force(on: date) -> dict[str, Any]:
    tables = [table for name, table in load("payment").items() if name.startswith("poverty-guidelines-")]
    found = [table for table in tables if table["effective"] <= on < table["until"]]
    if not found:
        raise NoGuideline(f"No poverty guideline is in force on {on.isoformat()}: load that year's table.", "/on")
    return max(found, key=lambda table: table["effective"])
