"""The whole week, or a wide part of it, as one model: which strategies look for a plan and its bound, and for how long.

Levels 1 to 3 count people and things; most of them can be had by nearly everybody. A search from below (which of the
wishes can't be met together?) therefore proves them within seconds where one from above still looks for a first plan."""

import math
from collections.abc import Callable, Collection, Sequence
from typing import Any

from ortools.sat.python import cp_model

from .apart import broken
from .budget import Budget
from .frame import Frame, around
from .improving import Improving, truth, weighted
from .levels import Worth
from .model import Model
from .settling import Told, hint, plan_from

Vector = tuple[int, ...]
CORE = ("core",)  # finds from below what can't be had together
FROM_BELOW = (*CORE, "default_lp")  # finds good plans of large weeks, with little made simpler first
TO_PROVE = (*CORE, "max_lp", "reduced_costs")  # finds better bounds of small ones
FOUND = cp_model.OPTIMAL, cp_model.FEASIBLE
LARGE = 2  # levels for whose sake a search goes on
ANEW = 0.25  # of a search: so long it is worth to begin another one when people turn out to be apart
OWN_VISITS, OTHER_VISITS = 4, 2  # 1:1 visits of each client that a thinned week looks at, beside those booked


class Meeting(cp_model.CpSolverSolutionCallback):
    """Stops a search whose plans bring people together who are kept apart, while there is time for another one. Looks at
    the first solution, the second, the fourth and so on."""

    def __init__(self, work: Improving, model: Model, value: Worth, until: float) -> None:
        super().__init__()
        self.work, self.looked_at, self.until, self.seen = work, (model, value), until, 0

    def on_solution_callback(self) -> None:
        self.seen += 1
        if self.seen & self.seen - 1 or self.spent > self.until:
            return
        plan = plan_from(*self.looked_at, truth(self), self.work.plan)
        if together := broken(self.work.clinic, plan, self.work.possible.apart):
            self.work.possible.told_of(together)
            self.stop_search()

    @property
    def spent(self) -> float:
        return self.wall_time if self.work.budget.limits.work is None else self.deterministic_time


def searched(
    work: Improving,
    model: Model,
    value: Worth,
    wish: Any,
    allowed: float,
    strategies: Sequence[str] = TO_PROVE,
    begin: Told | None = None,
) -> tuple[cp_model.CpSolver | None, Vector]:
    """Minimise `wish` for a while and keep the plan: the solver with its bound, and the vector for which that holds. `begin`:
    where, if not at the plan there is."""
    budget, began = work.budget, work.budget.spent
    model.cp.clear_objective()
    model.cp.minimize(wish)
    if begin is None:
        work.hint_whole(model, value, work.plan)
    else:
        hint(model, begin)
    allowed = min(allowed - (budget.spent - began), budget.whole - budget.spent)
    if budget.due or allowed <= 0:
        return None, work.vector
    solver = solver_of(budget, allowed, strategies, simpler=strategies != FROM_BELOW)
    vector = work.vector
    status = budget.solve(solver, model.cp, allowed, Meeting(work, model, value, allowed * ANEW))
    if status in FOUND:
        work.take_mended(plan_from(model, value, truth(solver), work.plan))
    unsolved = status == cp_model.UNKNOWN and budget.stop.is_set()
    return (None if unsolved or status == cp_model.INFEASIBLE else solver), vector


def solver_of(budget: Budget, allowed: float, strategies: Sequence[str], *, simpler: bool) -> cp_model.CpSolver:
    """Each strategy on a core of its own, or with a work limit in turn on one. `simpler`: the model is made so first, which in
    large weeks takes longer than it saves."""
    solver = cp_model.CpSolver()
    settings = solver.parameters
    settings.random_seed = budget.limits.seed
    settings.num_workers = len(strategies) if budget.limits.work is None else 1
    settings.subsolvers.extend(strategies)
    if not simpler:
        settings.symmetry_level = 0
        settings.cp_model_probing_level = 0
        settings.max_presolve_iterations = 1
    if budget.limits.work is not None:
        settings.interleave_search = True
        settings.max_deterministic_time = max(0.01, allowed)
    return solver


def first_levels_of(
    work: Improving,
    modelled: Callable[[], tuple[Model, Worth]],
    until: float,
    stretch: float = math.inf,
    begin: Callable[[Model], Told | None] = lambda _: None,
) -> None:
    """The first three levels of a part of the week at once; anew when people turned out to be apart, and after a `stretch`
    that brought something at the levels worth most: another search begins elsewhere. `begin`: where, if not at the plan
    there is."""
    apart, told = work.possible.apart, -1
    while told != len(apart) and not work.budget.gone(until):
        told, better = len(apart), True
        model, value = modelled()
        while better and told == len(apart) and not work.budget.gone(until):
            before, left = work.vector, until - work.budget.spent
            first = weighted(value, work.weights.first)
            searched(work, model, value, first, min(stretch, left), FROM_BELOW, begin(model))
            better = stretch < left and work.vector[:LARGE] != before[:LARGE]


def part_of(work: Improving, clients: Collection[str]) -> Frame:
    """The week of `clients`; other groups that they could sit in may get other leaders and rooms."""
    visits = work.possible.visits
    near = {visit.group for client in clients for visit in visits[client]}
    return around(work.possible, work.plan, clients, [row.id for row in work.plan.groups if row.id in near])


def thinned(work: Improving, clients: Collection[str]) -> Frame:
    """With some of the 1:1 visits of each: what is found is a plan, what is proved is not a bound."""
    frame = part_of(work, clients)
    work.nearby.thin(frame, work.plan, OWN_VISITS, OTHER_VISITS)
    frame.helpers = None
    return frame
