"""A week that begins with another: those who lack something are planned anew, while everybody else keeps what they have, gives
it up for them or, in a wide look, goes to another group that runs."""

from collections.abc import Collection, Sequence
from typing import Any

from ortools.sat.python import cp_model

from .asked import LEVELS
from .frame import Entries, entries, staying
from .improving import LARGEST, Improving, truth, weighted
from .levels import LOST
from .proving import Proofs
from .searching import CORE, FOUND, FROM_BELOW, Vector, solver_of
from .settling import plan_from

MANY = 80  # who are planned anew at one time, where others are in the way
MODELLED = 30_000  # literals of a week that a second of the limit is enough for
BEFORE_CHANGES = LEVELS[: LEVELS.index("changes")]
HOURS = 2  # levels that count hours
LOOK, AT_BOUNDS = (
    0.25,
    0.35,
)  # of the budget: for one look, and for one with the levels before the changes at their bounds


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
        self.model.cp.minimize(self.wish)
        self.work.hint_whole(self.model, self.value, self.work.plan)
        return self.searched(self.model.cp, LOOK, share, FROM_BELOW if alone else CORE)

    def solve_at(self, wanted: Vector, share: float) -> cp_model.CpSolver | None:
        """The fewest changes with the levels before as `wanted`: where that can be had, it is found far sooner than by asking for
        all levels in order."""
        cp = self.model.cp.clone()
        for name, most in zip(BEFORE_CHANGES, wanted, strict=False):
            cp.add(self.value.level(name) <= most)
        cp.minimize(self.value.changes)
        return self.searched(cp, AT_BOUNDS, share, CORE)

    def searched(
        self, cp: cp_model.CpModel, part: float, share: float, strategies: Sequence[str]
    ) -> cp_model.CpSolver | None:
        budget = self.work.budget
        allowed = min(part * budget.whole, budget.mark(share) - budget.spent)
        if budget.due or allowed <= 0:
            return None
        solver = solver_of(budget, allowed, strategies, simpler=False)
        return solver if budget.solve(solver, cp, allowed) in FOUND else None

    def taken(self, solver: cp_model.CpSolver | None) -> bool:
        if solver is None:
            return False
        return self.work.take(plan_from(self.model, self.value, truth(solver), self.work.plan))


class Touched:
    """Those who lose something by the events, or lack something in the week that begins. Who gives something up for them, or
    sits where they could, is one of them from then on. With `proofs` all looks but the first are wide."""

    def __init__(self, work: Improving, proofs: Proofs | None = None) -> None:
        self.work, self.proofs, self.told, self.looks = work, proofs, -1, 0
        known = {(client, v.key, v.start) for client, visits in work.possible.visits.items() for v in visits}
        self.people = {client for client, *_ in in_force(work) - known} | set(work.needy())

    def near(self) -> Near:
        self.told, again = len(self.work.possible.apart), self.looks > 0
        self.looks += 1
        hours = any(self.work.vector[:HOURS])
        kept = in_force(self.work) | entries(self.work.plan)
        if self.wide:
            kept |= seats_there_are(self.work)
        return Near(self.work, kept, self.people, as_good=again and hours)

    @property
    def wide(self) -> bool:
        return self.proofs is not None and self.looks > 1

    def look(self, near: Near, share: float, *, alone: bool) -> cp_model.CpSolver | None:
        found = None
        if self.proofs is not None and self.wide:
            found = near.solve_at(at_bounds(self.work, self.proofs), share)
        return found or near.solve(share, alone=alone)

    def planned(self, share: float, *, alone: bool = True) -> None:
        """Plan them anew as long as somebody lacks something and there are more of them, until `share` of the budget is gone."""
        budget = self.work.budget
        again = self.work.possible.size <= MODELLED * budget.whole
        while again and not budget.gone(budget.mark(share)):
            near = self.near()
            again = self.taken(near, self.look(near, share, alone=alone))

    def taken(self, near: Near, solver: cp_model.CpSolver | None) -> bool:
        """Keep what was found; says whether to look again: with people found to be kept apart, or with more of them."""
        work, before = self.work, self.people
        near.taken(solver)
        if self.told != len(work.possible.apart):
            return True
        needy = set(work.needy())
        gave_up = {client for client, *_ in in_force(work) - entries(work.plan)}
        self.people = before | needy | gave_up
        widest = self.proofs is None or self.wide
        if widest:
            self.people |= self.in_the_way(needy, MANY - len(self.people))
        return bool(needy) and (not widest or self.people > before)

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


def seats_there_are(work: Improving) -> Entries:
    """Everybody's in the groups that run, in force or as planned now, at the times at which they do."""
    running = {(row.id, row.start) for plan in (work.clinic.current, work.plan) if plan for row in plan.groups}
    openings = work.possible.openings
    return {(client, *key) for key in running if key in openings for client in openings[key].members}


def at_bounds(work: Improving, proofs: Proofs) -> Vector:
    """The levels before the changes at the least they can be, each with those before it there."""
    values = dict(zip(LEVELS, work.vector, strict=True))
    for name in BEFORE_CHANGES:
        values[name] = proofs.bound(name, values)
    return tuple(values.values())


def in_force(work: Improving) -> Entries:
    """What those who are still here have in the plan in force."""
    current = work.clinic.current
    return {each for each in entries(current) if each[0] in work.clinic.clients} if current is not None else set()
