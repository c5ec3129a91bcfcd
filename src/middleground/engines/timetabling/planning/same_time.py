"""What can't be at the same time."""

from typing import Any

from ortools.sat.python import cp_model

from ..times import CELL, TELEHEALTH

Literal = Any
Use = tuple[int, int, Literal]


def near(start: int, end: int, place: str, other: int, other_end: int, other_place: str) -> bool:
    """On one site at the same time or with less than a quarter hour between."""
    return place == other_place != TELEHEALTH and start < other_end + CELL and other < end + CELL


def one_at_a_time(cp: cp_model.CpModel, use: list[Use]) -> None:
    """No two of these overlap."""
    for at in sorted({start for start, _, _ in use}):
        now = [lit for start, end, lit in use if start <= at < end]
        if len(now) > 1:
            cp.add_at_most_one(now)
