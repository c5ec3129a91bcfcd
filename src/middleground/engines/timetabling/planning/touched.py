"""A week that begins with another: those who lack something are planned anew, while everybody else keeps what they have or gives
it up for them."""

from collections.abc import Collection
from typing import Any

from ortools.sat.python import cp_model

from .asked import LEVELS
from .frame import Entries, entries, staying
from .improving import LARGEST, Improving, truth, weighted
from .levels import LOST
from .searching import CORE, FROM_BELOW, solver_of
from .settling import plan_from

MANY = 80  # who are planned anew at one time, where others are in the way
MODELLED = 30_000  # literals of a week that a second of the limit is enough for
BEFORE_CHANGES = LEVELS[: LEVELS.index("changes")]
HOURS = 2  # levels that count hours
LOOK = 0.25  # of the budget: for one look


class Near:
    """Some planned anew, while the others keep what they have or lose it. `kept`: what that may be. `as_good`: no
    level before the changes gets worse than it is, also not for the sake of one before it."""

    def __init__(self, work: Improving, kept: Entries, people: Collection[str], *, as_good: bool = False) -> None:
        self.work = work
        self.model, self.value = work.modelled(staying(work.possible, kept, people))
        if as_good:
            for name, most in zip(BEFORE_CHANGES, work.vector, strict=False):
                self.model.cp.add(self.value.level(name) <= most)
        self.wish = self.in_order()

    def in_order(self) -> Any:
        """Levels 1 to 4 in the order asked for."""
        first, weights = weighted(self.value, self.work.weights.first), self.work.weights
        if self.work.budget.limits.changes_first:
            return first + weights.changes * self.value.changes
        literals = len(self.model.seats) + len(self.model.visits) + len(self.work.plan.groups)
        most = LARGEST // (1 + sum(weights.first.values()) * (1 + len(self.work.clinic.clients)))
        return min(most, LOST * literals) * first + self.value.changes

    def solve(self, share: float, *, alone: bool) -> cp_model.CpSolver | None:
        """What is best, or what is found until `share` of the budget is gone. `alone`: nothing else is searched meanwhile."""
        budget = self.work.budget
        allowed = min(LOOK * budget.whole, budget.mark(share) - budget.spent)
        if budget.due or allowed <= 0:
            return None
        self.model.cp.minimize(self.wish)
        self.work.hint_whole(self.model, self.value, self.work.plan)
        solver = solver_of(budget, allowed, FROM_BELOW if alone else CORE, simpler=False)
        status = budget.solve(solver, self.model.cp, allowed)
        return solver if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else None

    def taken(self, solver: cp_model.CpSolver | None) -> bool:
        if solver is None:
            return False
        return self.work.take(plan_from(self.model, self.value, truth(solver), self.work.plan))


class Touched:
    """Those who lose something by the events, or lack something in the week that begins. Who gives something up for them, or
    sits where they could, is one of them from then on."""

    def __init__(self, work: Improving) -> None:
        self.work, self.told = work, -1
        known = {(client, v.key, v.start) for client, visits in work.possible.visits.items() for v in visits}
        self.people = {client for client, *_ in in_force(work) - known} | set(work.needy())

    def near(self) -> Near:
        self.told, again = len(self.work.possible.apart), self.told >= 0
        hours = any(self.work.vector[:HOURS])
        return Near(self.work, in_force(self.work) | entries(self.work.plan), self.people, as_good=again and hours)

    def planned(self, share: float, *, alone: bool = True) -> None:
        """Plan them anew as long as somebody lacks something and there are more of them, until `share` of the budget is gone."""
        budget = self.work.budget
        again = self.work.possible.size <= MODELLED * budget.whole
        while again and not budget.gone(budget.mark(share)):
            near = self.near()
            again = self.taken(near, near.solve(share, alone=alone))

    def taken(self, near: Near, solver: cp_model.CpSolver | None) -> bool:
        """Keep what was found; says whether to look again: with people found to be kept apart, or with more of them."""
        work, before = self.work, self.people
        near.taken(solver)
        if self.told != len(work.possible.apart):
            return True
        needy = set(work.needy())
        gave_up = {client for client, *_ in in_force(work) - entries(work.plan)}
        self.people = before | needy | gave_up
        self.people |= self.in_the_way(needy, MANY - len(self.people))
        return bool(needy) and self.people > before

    def in_the_way(self, needy: Collection[str], most: int) -> set[str]:
        """Who sits where the needy could sit, those first who could sit in most other groups: no more than `most`."""
        visits = self.work.possible.visits
        wanted = {(v.group, v.start) for client in needy for v in visits[client] if v.group is not None}
        there = {member for row in self.work.plan.groups if (row.id, row.start) in wanted for member in row.members}
        free = {client: sum(v.group is not None for v in visits[client]) for client in there - self.people}
        return set(sorted(free, key=lambda client: (-free[client], client))[: max(0, most)])


def put_back(work: Improving, share: float) -> None:
    """Everybody as in force or as planned now, whichever takes fewer changes, while the levels before are as good."""
    if not work.budget.gone(work.budget.mark(share)):
        near = Near(work, in_force(work) | entries(work.plan), (), as_good=True)
        near.taken(near.solve(share, alone=False))


def in_force(work: Improving) -> Entries:
    """What those who are still here have in the plan in force."""
    current = work.clinic.current
    return {each for each in entries(current) if each[0] in work.clinic.clients} if current is not None else set()
