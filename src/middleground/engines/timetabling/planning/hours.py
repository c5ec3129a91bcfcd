"""A clinician's hours: one thing at a time, within the day, the week and the breaks (H5, H6)."""

from collections import defaultdict

from ortools.sat.python import cp_model

from ..clinic import Staff
from ..times import CELL, DAY, occupied
from .same_time import Use, one_at_a_time

Span = tuple[int, int]


def hours(cp: cp_model.CpModel, staff: Staff, use: list[Use], stands: list[Span]) -> None:
    """What may be used beside what stands."""
    if not use:
        return
    one_at_a_time(cp, use)
    at_most(cp, use, staff.max_week - sum(end - start for start, end in stands))
    days: dict[int, list[Use]] = defaultdict(list)
    held: dict[int, list[Span]] = defaultdict(list)
    for each in use:
        days[each[0] // DAY].append(each)
    for span in stands:
        held[span[0] // DAY].append(span)
    for day in sorted({*days, *held}):
        at_most(cp, days[day], staff.max_day - sum(end - start for start, end in held[day]))
        for first in sorted({start for start, *_ in (*days[day], *held[day])}):
            last = first + occupied(staff.every)
            near = range(day, (last - 1) // DAY + 1)
            rest(
                cp,
                staff.every - staff.rest,
                (first, last),
                [each for day in near for each in days.get(day, ())],
                [span for day in near for span in held.get(day, ())],
            )


def at_most(cp: cp_model.CpModel, use: list[Use], minutes: int) -> None:
    """Of these at most so many minutes; nothing where more than that is taken already."""
    if sum(end - start for start, end, _ in use) > minutes:
        cells = [(end - start) // CELL for start, end, _ in use]
        cp.add(cp_model.LinearExpr.weighted_sum([lit for *_, lit in use], cells) <= max(0, minutes) // CELL)


def rest(cp: cp_model.CpModel, most: int, stretch: Span, use: list[Use], stands: list[Span]) -> None:
    """H6: at most so many minutes of work in this stretch, which may reach into the next day."""
    first, last = stretch
    left = most - sum(min(e, last) - max(s, first) for s, e in stands if s < last and first < e)
    at_most(cp, [(max(s, first), min(e, last), lit) for s, e, lit in use if s < last and first < e], left)
