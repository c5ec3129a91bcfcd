"""What each client could have at best if the clinic were theirs alone: bounds that hold whatever the others do."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy

from .budget import Budget
from .cheapest_week import CheapestWeek, cheapest_week
from .day_ways import FAR, Prices
from .possible import Possible

LAST = 0.97  # of the budget
TRIES = 8  # for one of these bounds: most weeks are as good without what comes twice
QUESTIONS = 8  # of each client, building counted


@dataclass(slots=True, frozen=True)
class Alone:
    """Lower bounds of one client's own levels 1 to 3: each for itself, and `in_order`: each after the ones before are met."""

    below: int
    short: int
    lacking: int
    in_order: tuple[int, int, int]


NOTHING = Alone(0, 0, 0, (0, 0, 0))


def alone(week: CheapestWeek) -> Alone:
    """Only the client's own rules hold (H9 to H13)."""
    ordered: list[int] = []
    so_far = numpy.zeros(week.levels.shape[1])
    for level in week.levels:
        ordered.append(least(week, level + so_far))
        so_far = numpy.where(level > ordered[-1], FAR, so_far)
    below, short, lacking = ordered
    free = [least(week, level) if bound else 0 for bound, level in zip(ordered[1:], week.levels[1:], strict=True)]
    return Alone(below, free[0], free[1], (below, short, lacking))


def least(week: CheapestWeek, wish: Prices) -> int:
    return round(week.at(numpy.zeros(len(week.visits)), wish, TRIES)[0])


def all_alone(possible: Possible, budget: Budget, people: Collection[str]) -> dict[str, Alone]:
    """The bounds of `people`, of whom those count who lack something now; whoever isn't reached when the budget is gone has none."""
    until, found = budget.mark(LAST), dict.fromkeys(possible.clinic.clients, NOTHING)
    for name in people:
        if budget.gone(until):
            break
        if (week := cheapest_week(possible, possible.clinic.clients[name])) is not None:
            found[name] = alone(week)
            budget.count(week.steps * QUESTIONS)
    return found
