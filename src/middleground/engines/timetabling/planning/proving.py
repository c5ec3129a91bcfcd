"""Bounds: what each client could have alone, and the whole week as one model, level by level."""

from collections.abc import Sequence
from math import ceil, gcd

from ..clinic import Clinic
from .alone import Alone
from .asked import LEVELS, Level
from .frame import whole
from .improving import FIRST, Improving, weighted
from .levels import Worth
from .model import Model
from .searching import FROM_BELOW, Vector, searched

SLACK = 2.0  # of a level's even share of the time: most need less
ROUNDING = 1e-3  # of a bound that is a whole number


class Proofs:
    """What is known of each level's bound, and under which values of the levels before it."""

    def __init__(self, clinic: Clinic, order: Sequence[str]) -> None:
        self.clinic, self.order = clinic, order
        self.alone: dict[str, Alone] = {}
        self.known: dict[str, list[tuple[dict[str, int], int]]] = {name: [] for name in LEVELS}
        self.unit = {"short_minutes": unit_of_minutes(clinic)}

    def learn(self, name: str, vector: Vector, bound: int) -> None:
        """No plan that is no worse than `vector` at the levels before `name` has less than `bound` there."""
        values = dict(zip(LEVELS, vector, strict=True))
        before = {other: values[other] for other in self.order[: self.order.index(name)]}
        self.known[name].append((before, self.whole(name, bound)))

    def whole(self, name: str, bound: float) -> int:
        """The least number from `bound` on that a level can be."""
        unit = self.unit.get(name, 1)
        return unit * ceil(max(0.0, bound) / unit)

    def always(self, name: str, bound: int) -> None:
        """No plan at all has less than `bound`."""
        self.known[name].append(({}, bound))

    def levels(self, vector: Vector) -> list[Level]:
        values = dict(zip(LEVELS, vector, strict=True))
        return [Level(name, values[name], min(values[name], self.bound(name, values))) for name in LEVELS]

    def bound(self, name: str, values: dict[str, int]) -> int:
        told = [bound for before, bound in self.known[name] if all(values[k] <= v for k, v in before.items())]
        return max([0, self.from_alone(name, values), *told])

    def from_alone(self, name: str, values: dict[str, int]) -> int:
        """The sum over clients; each after the levels before it where those are at their own sum."""
        if name not in LEVELS[:3] or not self.alone:
            return 0
        index = LEVELS.index(name)
        sums = [sum(each.in_order[i] for each in self.alone.values()) for i in range(3)]
        if self.order[0] == LEVELS[0] and all(values[LEVELS[i]] == sums[i] for i in range(index)):
            return sums[index]
        return sum((each.below, each.short, each.lacking)[index] for each in self.alone.values())

    def done(self, vector: Vector) -> bool:
        return all(level.proved for level in self.levels(vector))

    def proved(self, name: str, vector: Vector) -> bool:
        return next(level.proved for level in self.levels(vector) if level.name == name)


def unit_of_minutes(clinic: Clinic) -> int:
    """What every number of short minutes is a multiple of."""
    clients = clinic.clients.values()
    sessions = (wish.minutes for client in clients for wish in client.sessions)
    return gcd(*(group.minutes for group in clinic.groups.values()), *(c.prescribed for c in clients), *sessions) or 1


def prove(work: Improving, proofs: Proofs, share: float) -> None:
    """Look at the whole week as one model: each level in turn is brought down to its bound, then kept."""
    budget = work.budget
    until = budget.mark(share)
    if budget.gone(until) or proofs.done(work.vector):
        return
    model, value = work.modelled(whole(work.possible))
    settled: list[str] = []
    for i, name in enumerate(proofs.order):
        while not proofs.proved(name, work.vector) and not isinstance(value.level(name), int):
            now, told = budget.spent, len(work.possible.apart)
            if now >= until or budget.gone():
                return
            one_level(work, proofs, model, value, name, (until - now) / max(1, len(proofs.order) - i) * SLACK)
            if len(work.possible.apart) == told:
                break
            model, value = work.modelled(whole(work.possible))
            for other in settled:
                model.cp.add(value.level(other) <= work.vector[LEVELS.index(other)])
        model.cp.clear_objective()
        model.cp.add(value.level(name) <= work.vector[LEVELS.index(name)])
        settled.append(name)


def first_levels(work: Improving, proofs: Proofs, share: float) -> None:
    """The first three levels in one search: a gain at a later one isn't lost on the way to an earlier one's bound. Anew
    when people turned out to be apart."""
    until = work.budget.mark(share)
    while not work.budget.gone(until) and not all(proofs.proved(name, work.vector) for name in FIRST):
        told = len(work.possible.apart)
        model, value = work.modelled(whole(work.possible))
        left = until - work.budget.spent
        solver, vector = searched(work, model, value, weighted(value, work.weights.first), left, FROM_BELOW)
        if solver is not None:
            learn_together(work, proofs, vector, max(0, round(solver.best_objective_bound)))
        if len(work.possible.apart) == told:
            return


def learn_together(work: Improving, proofs: Proofs, vector: Vector, rest: int) -> None:
    """What a bound of the three together says of each: of the next one only where the one before is at its own."""
    for name, weight in work.weights.first.items() if work.weights.sure else ():
        proofs.learn(name, vector, rest // weight)
        kept = work.vector[LEVELS.index(name)]
        if kept > rest // weight:
            return
        rest -= kept * weight
        vector = work.vector


def one_level(work: Improving, proofs: Proofs, model: Model, value: Worth, name: str, allowed: float) -> None:
    solver, vector = searched(work, model, value, value.level(name), allowed)
    if solver is not None:
        proofs.learn(name, vector, max(0, ceil(solver.best_objective_bound - ROUNDING)))
