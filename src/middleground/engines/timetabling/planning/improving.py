"""Improving a plan piece by piece: parts of the week are planned anew to proof while the rest stands."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from typing import Any

from ortools.sat.python import cp_model

from .. import rules, worth
from ..bookings import Bookings, bookings
from ..clinic import Client, Clinic
from ..plan import Plan
from .alone import NOTHING, Alone
from .apart import broken
from .budget import Budget
from .frame import Frame, around
from .levels import Worth
from .merging import merged
from .model import Model
from .must import Must
from .nearby import Nearby
from .possible import Possible
from .settling import hint, plan_from, told_of

FEWEST, MOST, FIRST_SIZE = 4, 40, 14
PIECE = 1.0  # deterministic seconds for one piece
MEMORY = 200_000  # parts remembered
ROUND = 50_000  # steps counted for a round, whatever its pieces take
ALWAYS = 1_000_000  # rounds without gain: until the budget is gone
STALE = 6  # rounds without gain before the pieces grow
FIRST = ("below_payer", "short_minutes", "missing")
LATER = {"changes": 40_000_000, "continuity": 40_000, "preference": 40, "idle": 2, "load": 1}
LARGEST = 1 << 61  # of what a solver counts
Better = Callable[[Plan, tuple[int, ...]], None]


class Improving:
    """The best plan so far and its vector; `fine` once the later levels are looked at too."""

    def __init__(
        self, possible: Possible, plan: Plan, needed: Sequence[Must], budget: Budget, tell: Better | None = None
    ) -> None:
        self.possible, self.clinic, self.needed, self.budget, self.tell = (
            possible,
            possible.clinic,
            needed,
            budget,
            tell,
        )
        self.alone: dict[str, Alone] = {}
        self.weights = weights_of(self.clinic)
        self.exact_offices = self.clinic.current is not None or bool(self.clinic.pins)
        self.worths = worth.Worth(self.clinic)
        self.known: dict[Any, worth.Part] = {}
        self.plan, self.vector = plan, self.worth_of(plan)
        self.random = Random(budget.limits.seed)
        self.nearby = Nearby(possible, self.random)
        self.size = FIRST_SIZE
        self.order = [0, 1, 2, 3, 4, 5, 6, 7] if not budget.limits.changes_first else [3, 0, 1, 2, 4, 5, 6, 7]

    def worth_of(self, plan: Plan) -> tuple[int, ...]:
        return self.worths.of(bookings(self.clinic, plan), self.part)

    def part(self, client: Client, made: Bookings) -> worth.Part:
        """A client's part, remembered for the same bookings: most keep theirs from one plan to the next."""
        own = tuple((each.key, each.start, each.place, each.staff) for each in made.of(client.id))
        key = client.id, made.counselor.get(client.id), own
        if key not in self.known:
            if len(self.known) > MEMORY:
                self.known.clear()
            self.known[key] = self.worths.part(client, made)
        return self.known[key]

    def rank(self, vector: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(vector[i] for i in self.order)

    def take(self, plan: Plan) -> bool:
        """Keep `plan` if it is worth no less and breaks no rule; says whether it is better."""
        if broken(self.clinic, plan):
            self.possible.told_of(broken(self.clinic, plan, self.possible.apart))
            return False
        vector = self.worth_of(plan)
        if self.rank(vector) > self.rank(self.vector) or rules.faults(self.clinic, plan):
            return False
        better = vector != self.vector
        self.plan, self.vector = plan, vector
        if better and self.tell is not None:
            self.tell(plan, vector)
        return better

    def take_mended(self, plan: Plan) -> bool:
        """Keep `plan` after planning anew those whom it brings together though they are kept apart."""
        people: set[str] = set()
        while not self.budget.due and (together := broken(self.clinic, plan)):
            new = broken(self.clinic, plan, self.possible.apart)
            self.possible.told_of(new)
            names = {name for pair in together for name in (pair.one, pair.two)}
            meeting = [row for row in plan.groups if len(names & {row.lead, row.co, *row.members}) > 1]
            more = (names & set(self.clinic.clients)) | {member for row in meeting for member in row.members}
            if not new and more <= people:
                return False
            people |= more
            model, value = self.modelled(around(self.possible, plan, people))
            hint(model, told_of(model, value, plan))
            solver, _ = self.solve(model, weighted(value, self.weights.first))
            if solver is None:
                return False
            plan = plan_from(model, value, truth(solver), plan)
        return self.take(plan)

    def needy(self) -> list[str]:
        """Who has less than they could have if the clinic were theirs alone; before that is known, who lacks anything."""
        made = bookings(self.clinic, self.plan)
        found = []
        for client in self.clinic.clients.values():
            part, best = self.part(client, made), self.alone.get(client.id, NOTHING)
            if (part.below_payer, part.short_minutes, part.missing) > best.in_order:
                found.append(client.id)
        return found

    def run(
        self, share: float, *, fine: bool, patience: int = ALWAYS, enough: Callable[[], bool] = lambda: False
    ) -> None:
        """Improve until `share` of the budget is gone, `patience` rounds have brought nothing, or it is `enough`."""
        idle, until, stale = 0, self.budget.mark(share), True
        needy: list[str] = []
        with ThreadPoolExecutor(2) as hands:
            while idle < patience and not self.budget.gone(until) and not enough():
                if stale:
                    needy = self.needy()
                if not fine and not needy:
                    return
                self.budget.count(ROUND)
                frames = self.nearby.pair(self.plan, self.size, needy)
                before = self.plan
                found = list(hands.map(lambda frame: self.piece(frame, fine), frames))
                stale = self.take_both(before, [(plan, frame) for (plan, _), frame in zip(found, frames, strict=True)])
                idle = 0 if stale else idle + 1
                self.resize([quick for _, quick in found], idle)

    def take_both(self, before: Plan, found: list[tuple[Plan | None, Frame]]) -> bool:
        """Keep what the pieces bring, put together where that breaks no rule."""
        better = False
        for plan, frame in found:
            if plan is None:
                continue
            if self.plan is not before:
                plan = merged(before, self.plan, plan, frame.clients)
            better = self.take(plan) or better
        return better

    def resize(self, quick: list[bool], idle: int) -> None:
        """Small pieces as long as they bring something; larger ones when they don't; smaller ones when too hard."""
        if not all(quick):
            self.size = max(FEWEST, self.size - 1)
        elif idle and idle % STALE == 0:
            self.size = min(MOST, self.size + 2)

    def piece(self, frame: Frame, fine: bool) -> tuple[Plan | None, bool]:
        """One part of the week planned anew: the plan with it, and whether it was solved to proof quickly."""
        if not frame.clients or self.budget.due:
            return None, True
        model, value = self.modelled(frame)
        before = self.plan
        first = weighted(value, self.weights.first)
        if self.budget.limits.changes_first:
            first = first + self.weights.changes * value.changes
        hint(model, told_of(model, value, before))
        solver, proved = self.solve(model, first)
        if solver is None:
            return None, False
        plan = plan_from(model, value, truth(solver), before)
        if not fine:
            return plan, proved
        model.cp.add(first <= round(solver.objective_value))
        last = weighted(value, LATER)
        hint(model, told_of(model, value, plan))
        again, also = self.solve(model, last)
        return (plan if again is None else plan_from(model, value, truth(again), before)), proved and also

    def modelled(self, frame: Frame) -> tuple[Model, Worth]:
        """A part of the week, or all of it, as a model that keeps what must stand."""
        model = Model(self.possible, frame, exact_offices=self.exact_offices)
        value = Worth(model)
        for must in self.needed:
            must.say(model)
        self.bounded(value, frame)
        return model, value

    def bounded(self, value: Worth, frame: Frame) -> None:
        """What nobody can have even alone needs no search."""
        for client in frame.clients:
            best = self.alone.get(client)
            if best is None:
                continue
            if best.below and client in value.met:
                value.cp.add(value.met[client] == 0)
            if best.short:
                value.cp.add(value.gaps[client] >= best.short)
            if best.lacking and not isinstance(value.lacks[client], int):
                value.cp.add(value.lacks[client] >= best.lacking)

    def hint_whole(self, model: Model, value: Worth, plan: Plan) -> None:
        """Begin at `plan`: with all that follows from it, since a search takes only what is told completely for a first solution."""
        hint(model, told_of(model, value, plan))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.max_deterministic_time = PIECE
        solver.parameters.fix_variables_to_their_hinted_value = True
        if self.budget.solve(solver, model.cp) in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            hint(model, dict(enumerate(solver.response_proto.solution)))

    def solve(self, model: Model, wish: Any) -> tuple[cp_model.CpSolver | None, bool]:
        model.cp.minimize(wish)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = self.budget.limits.seed
        solver.parameters.max_deterministic_time = PIECE
        solver.parameters.symmetry_level = 0
        solver.parameters.cp_model_probing_level = 0
        solver.parameters.linearization_level = 2
        status = self.budget.solve(solver, model.cp)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None, False
        return solver, status == cp_model.OPTIMAL


def weighted(value: Worth, weights: Mapping[str, int]) -> Any:
    return sum(weight * value.level(name) for name, weight in weights.items())


@dataclass(slots=True, frozen=True)
class Weights:
    """`first`: of levels 1 to 3, each more than all that can come after, so that a bound on the sum is one on each; where
    numbers get too large for that they aren't `sure`."""

    first: dict[str, int]
    changes: int
    sure: bool


def weights_of(clinic: Clinic) -> Weights:
    clients = clinic.clients.values()
    missing = 1 + sum(sum(m.least for m in c.mix) + sum(w.count for w in c.sessions if w.required) for c in clients)
    short = missing * (1 + sum(c.prescribed for c in clients))
    sure = short * (len(clients) + 1) < LARGEST
    if not sure:
        missing, short = min(missing, 20_000), 100_000_000_000
    whole = short * (len(clients) + 1)
    return Weights({"below_payer": short, "short_minutes": missing, "missing": 1}, min(whole, LARGEST >> 20), sure)


def truth(solver: cp_model.CpSolver | cp_model.CpSolverSolutionCallback) -> Callable[[Any], bool]:
    return lambda lit: bool(lit) if isinstance(lit, int) else bool(solver.boolean_value(lit))
