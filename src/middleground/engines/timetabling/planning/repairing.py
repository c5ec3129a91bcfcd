"""A repair: those whom the events touch are planned anew, and beside it the whole week is searched for the fewest changes.

Nearly all of a week stays in a repair. A search from below (which of the things in force can't all stay?) therefore proves the
fewest changes of a whole clinic within seconds. It tells no office from another but those in force, so what it finds is a bound;
the plan is then made of it with all offices."""

from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from math import ceil

from ortools.sat.python import cp_model

from .asked import LEVELS
from .budget import LISTEN
from .frame import Entries, whole
from .improving import Improving, truth
from .proving import ROUNDING, Proofs, first_levels
from .searching import CORE, solver_of
from .touched import BEFORE_CHANGES, Near, Touched, at_bounds, in_force, put_back

CHANGES = LEVELS.index("changes")
SEARCHED = 6_000  # literals of a week that a second of the limit is enough for to search all of it
PIECES = 0.5  # of the budget: from then on pieces of the week are planned anew beside the search of all of it
FIRST_LEVELS = 0.6  # of the budget: by when the levels before are proved, where they can't all be at their bounds
WHOLE, PROVED = 0.7, 0.94  # of the budget: for the search of the whole week before pieces, or beside them
NEARLY = 3  # times the changes there must be: up to so many it is worth to ask for fewer
SAID = cp_model.OPTIMAL, cp_model.INFEASIBLE


def repaired(work: Improving, proofs: Proofs) -> None:
    """Bring back what the events took away with the fewest changes. Where hours come first and there is time to search the
    whole week, the bounds of that too (levels 1 to 4)."""
    budget = work.budget
    if budget.limits.changes_first or work.possible.size > SEARCHED * budget.whole:
        Touched(work).planned(PROVED)
        if not budget.limits.changes_first:
            put_back(work, PROVED)
        return
    told, asked = -1, False
    while told != len(work.possible.apart) and not is_over(work, proofs):
        told = len(work.possible.apart)
        if not from_below(work, proofs) and not asked and not budget.gone(budget.mark(FIRST_LEVELS)):
            first_levels(work, proofs, FIRST_LEVELS)
            told, asked = -1, True


def is_over(work: Improving, proofs: Proofs) -> bool:
    """Whether levels 1 to 4 are proved, or there is no more time for that."""
    known = proofs.levels(work.vector)[: CHANGES + 1]
    return work.budget.gone(work.budget.mark(PROVED)) or all(level.proved for level in known)


def from_below(work: Improving, proofs: Proofs) -> bool:
    """Those who are touched, the whole week, and the whole week with fewer changes than are found: side by side; with a work
    limit one after the other. False when the levels before the changes can't all be at their bounds."""
    touched = Touched(work, proofs)
    if work.budget.limits.work is not None:
        touched.planned(PROVED)
        week = WholeWeek(work, proofs)
        with ThreadPoolExecutor(1) as hands:
            week.search(hands, share=WHOLE)
            return week.learned()
    with ThreadPoolExecutor(2) as hands:
        near = touched.near()
        looking = hands.submit(near.solve, PROVED, alone=False)
        week = WholeWeek(work, proofs)
        try:
            week.search(hands)
            touched.taken(near, looking.result())
            if work.needy() or work.vector[CHANGES] > NEARLY * week.least:
                touched.planned(PROVED, alone=False)
            if work.vector[CHANGES] > NEARLY * week.least:
                put_back(work, PROVED)
            if week.reached and work.vector[CHANGES] <= NEARLY * week.least:
                week.search(hands, below=work.vector[CHANGES])
                week.searched_until(work.budget.mark(PIECES))
            work.run(PROVED, fine=True, enough=week.ended)
            return week.learned()
        finally:
            week.stop()


@dataclass(eq=False)
class Search:
    """`below`: how many changes there must be fewer than, where that is said."""

    solver: cp_model.CpSolver
    below: int | None
    running: Future[int]


class WholeWeek:
    """Everybody, with the levels before the changes at their bounds and offices only counted: no plan has fewer changes than that
    at these levels."""

    def __init__(self, work: Improving, proofs: Proofs) -> None:
        self.work, self.proofs = work, proofs
        self.wanted = at_bounds(work, proofs)
        counted = not any("client" in pin and pin.get("room") is not None for pin in work.clinic.pins)
        self.model, self.value = work.modelled(replace(whole(work.possible), counted=counted))
        for name, most in zip(BEFORE_CHANGES, self.wanted, strict=False):
            self.model.cp.add(self.value.level(name) <= most)
        self.model.cp.minimize(self.value.changes)
        self.searches: list[Search] = []

    @property
    def reached(self) -> bool:
        return self.work.vector[:CHANGES] == self.wanted[:CHANGES]

    @property
    def least(self) -> int:
        """The fewest changes that there can be, as far as that is known."""
        return self.proofs.bound("changes", dict(zip(LEVELS, self.wanted, strict=True)))

    def search(self, hands: Executor, below: int | None = None, share: float = PROVED) -> None:
        cp, budget = self.model.cp, self.work.budget
        left = budget.mark(share) - budget.spent
        if budget.due or left <= 0 or below == 0:
            return
        if below is not None:
            cp = cp.clone()
            cp.add(self.value.changes < below)
        solver = solver_of(budget, left, CORE, simpler=False)
        solver.parameters.cp_model_presolve = False
        self.searches.append(Search(solver, below, hands.submit(budget.solve, solver, cp, left)))

    def ended(self) -> bool:
        """Whether a search has said all it can."""
        done = (each.running.result() for each in self.searches if each.running.done())
        return any(status in SAID for status in done)

    def searched_until(self, until: float) -> None:
        """Nothing else is done until then, or until a search has ended."""
        budget = self.work.budget
        while not self.ended() and not budget.gone(until):
            wait([each.running for each in self.searches], LISTEN, FIRST_COMPLETED)

    def learned(self) -> bool:
        """Wait for what ends first; once the fewest changes are known, or that these levels can't be had, the other one stops.
        False in the latter case."""
        can_be = True
        while self.searches:
            wait([each.running for each in self.searches], return_when=FIRST_COMPLETED)
            search = next(each for each in self.searches if each.running.done())
            self.searches.remove(search)
            status = search.running.result()
            if status in SAID:
                self.stop()
            can_be = can_be and (status != cp_model.INFEASIBLE or search.below is not None)
            self.learn(search, status)
        return can_be

    def stop(self) -> None:
        """End what is still searched. A solver that is only about to begin doesn't hear."""
        for search in self.searches:
            while not search.running.done():
                search.solver.stop_search()
                wait([search.running], LISTEN)

    def learn(self, search: Search, status: int) -> None:
        below = search.below
        if status == cp_model.INFEASIBLE:
            if below is not None:
                self.proofs.learn("changes", self.wanted, below)
            return
        if status == cp_model.UNKNOWN and self.work.budget.stop.is_set():
            return
        bound = max(0, ceil(search.solver.best_objective_bound - ROUNDING))
        self.proofs.learn("changes", self.wanted, bound if below is None else min(bound, below))
        if status == cp_model.UNKNOWN or self.work.budget.due:
            return
        if not self.reached or search.solver.objective_value < self.work.vector[CHANGES]:
            near = Near(self.work, self.found(search.solver) | in_force(self.work), ())
            near.taken(near.solve(PROVED, alone=False))

    def found(self, solver: cp_model.CpSolver) -> Entries:
        true = truth(solver)
        seats = {key for key, lit in self.model.seats.items() if true(lit)}
        return seats | {key[:3] for key, lit in self.model.visits.items() if true(lit)}
