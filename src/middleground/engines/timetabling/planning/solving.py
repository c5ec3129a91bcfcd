"""The answer to `plan` and `repair`: a first plan, improved piece by piece, proved level by level, within its limit."""

from collections.abc import Sequence
from threading import Event

from ortools.sat.python import cp_model

from ...errors import BadLine
from ..clinic import Clinic
from ..plan import Plan
from ..rules import faults
from ..until import TimeUp
from ..worth import vector
from .alone import all_alone
from .apart import broken
from .asked import LEVELS, Level, Limits, Progress, Solved, Stopped, Tell
from .beginning import begun
from .budget import Budget
from .forced import forced_changes
from .frame import Frame, around, whole
from .guided import bounded, columns_of, guided, guided_again
from .improving import Improving, truth
from .levels import Worth
from .mending import mended, without_faults
from .model import Model
from .must import Must, musts
from .part_by_part import part_by_part
from .possible import TINY, Possible
from .proving import Proofs, first_levels, prove
from .repairing import repaired
from .settling import plan_from
from .touched import Touched

FIRST_LOOK = 0.72  # of the budget: the parts of a large week, before bounds
BY_PRICES = 1_600  # literals of a week that a second of the limit is enough for to have prices of it
MARKS = 0.42, 0.64, 0.88  # of the budget: by when there are prices, starts, and a plan
FIRST_BOUNDS = 0.6  # of the budget: for bounds, where a plan was found soon
TOUCHED = 0.5  # of the budget: for those who lack something in a week that begins with another
AGAIN, BOUNDS = 0.85, 0.92  # of the budget: for finer prices, and for all bounds
NO_PLAN_YET = (
    "No plan that keeps what must stand was found in time; whether there is one is not known. Give it more time."
)
SMALL = 30_000  # literals of seats and visits up to which the whole week is looked at as one model without prices


def solve(clinic: Clinic, limits: Limits, *, tell: Tell | None = None, stop: Event | None = None) -> Solved:
    """The best plan found and how near it is to the best there can be: at worst the empty plan, where nothing must be kept.

    Infeasible when it is proved that pins or what has happened contradict the rules; `reasons` then is a smallest set of them, or
    what was left of them when there was no time to leave out more. Raises `BadLine` ("no-plan-yet") when an answer is due
    before a plan that keeps them is found, or it is known that there is none.
    """
    budget = Budget(limits, stop)
    with budget.listening():
        return solved(clinic, limits, budget, tell)


def solved(clinic: Clinic, limits: Limits, budget: Budget, tell: Tell | None) -> Solved:
    possible = Possible(clinic)
    needed = musts(possible)
    try:
        with budget.grace():
            start = first_plan(possible, needed, budget)
    except TimeUp:
        raise BadLine("no-plan-yet", NO_PLAN_YET, needed[0].where.rpartition("/")[0]) from None
    if start is None:
        return no_plan(possible, needed, budget)
    found = budget.seconds
    proofs = Proofs(clinic, limits.order)
    work = Improving(possible, start, needed, budget, None)
    if tell is not None:
        work.tell = lambda plan, vector: tell(
            Progress(budget.seconds, vector, tuple(level.bound for level in proofs.levels(vector)))
        )
        work.tell(work.plan, work.vector)
    improve(work, proofs, budget)
    return answer(work, proofs, budget, found)


def improve(work: Improving, proofs: Proofs, budget: Budget) -> None:
    """Spend the budget: by prices or in parts where the week is large, bounds of each alone, the first levels, the later ones;
    small weeks as a whole."""
    proofs.always("changes", forced_changes(work.possible))
    size, fresh = work.possible.size, work.clinic.current is None
    small = size <= SMALL
    if fresh and not small and not by_prices(work, proofs):
        part_by_part(work, FIRST_LOOK)
    proofs.alone = work.alone = all_alone(work.possible, budget, work.needy())
    if proofs.done(work.vector):
        return
    if size <= TINY:
        work.run(0.15, fine=True, patience=20)
        prove(work, proofs, 0.99)
        if proofs.done(work.vector):
            return
    if not fresh:
        from_current(work, proofs, small=small)
        return
    if small:
        work.run(0.02, fine=False, patience=60)
        if not by_prices(work, proofs):
            first_levels(work, proofs, 0.75)
        work.run(0.95, fine=True, patience=60)
        prove(work, proofs, 0.99)
    if not proofs.done(work.vector):
        work.run(1.0, fine=True)


def by_prices(work: Improving, proofs: Proofs) -> bool:
    """A week from nothing as one model, guided by prices of what is wanted at the same time, and its bounds. False when there is
    no time for that, or nothing to put a price on."""
    if work.possible.size > BY_PRICES * work.budget.whole:
        return False
    columns = columns_of(work)
    prices, starts, plan = map(work.budget.mark, MARKS)
    if columns is None or not guided(work, columns, (prices, starts, plan)):
        return False
    bounded(work, proofs, columns, FIRST_BOUNDS)
    guided_again(work, proofs, columns, AGAIN)
    bounded(work, proofs, columns, BOUNDS)
    return True


def from_current(work: Improving, proofs: Proofs, *, small: bool) -> None:
    """A week that begins with another: most of it stays, so those come first who lack something; then pieces."""
    if work.clinic.repairs:
        repaired(work, proofs)
    else:
        Touched(work).planned(TOUCHED)
    work.run(0.4 if small else 1.0, fine=True, patience=40 if small else 400)
    if small:
        first_levels(work, proofs, 0.6)
        work.run(0.72, fine=True, patience=60)
        prove(work, proofs, 0.99)
    if not proofs.done(work.vector):
        work.run(1.0, fine=True)


def answer(work: Improving, proofs: Proofs, budget: Budget, found: float) -> Solved:
    levels = proofs.levels(work.vector)
    proved = all(level.proved for level in levels)
    return Solved(
        work.plan,
        work.vector,
        tuple(levels),
        "optimal" if proved else "feasible",
        "proved" if proved else budget.reason,
        first_plan=found,
    )


def first_plan(possible: Possible, needed: Sequence[Must], budget: Budget) -> Plan | None:
    """A valid plan to start from, None where it is proved that there is none. Raises `TimeUp` when neither is known in time."""
    clinic = possible.clinic
    if clinic.current is not None:
        kept = mended(possible)
        if kept is not None:
            return kept
    plan = begun(possible)
    if needed:
        near = pinned(possible, needed, plan, budget)
        return near if near is not None and not faults(clinic, near) else feasible(possible, needed, budget)
    return without_faults(clinic, plan) or Plan()


def pinned(possible: Possible, needed: Sequence[Must], plan: Plan, budget: Budget) -> Plan | None:
    """The plan with the pins brought in: who could be in a pinned group, or sits in one at such a time, is planned anew."""
    pins = possible.clinic.pins
    groups = {pin["id"] for pin in pins if "id" in pin and pin["id"] in possible.of_group}
    times = [(opening.start, opening.end) for group in groups for opening in possible.of_group[group]]
    near = [
        row
        for row in plan.groups
        if row.id in groups
        or any(start < row.start + possible.clinic.groups[row.id].takes and row.start < end for start, end in times)
    ]
    people = {pin["client"] for pin in pins if "client" in pin} | {member for row in near for member in row.members}
    people |= {member for group in groups for opening in possible.of_group[group] for member in opening.members}
    return feasible(possible, needed, budget, around(possible, plan, people))


def feasible(possible: Possible, needed: Sequence[Must], budget: Budget, frame: Frame | None = None) -> Plan | None:
    """Any plan that keeps what must stand; None where it is proved that there is none. Raises `TimeUp`."""
    while not budget.due:
        model = Model(possible, frame or whole(possible), exact_offices=True)
        value = Worth(model)
        for each in needed:
            each.say(model)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = budget.limits.seed
        status = budget.solve(solver, model.cp)
        if status == cp_model.INFEASIBLE:
            return None
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            break
        plan = plan_from(model, value, truth(solver))
        together = broken(possible.clinic, plan, possible.apart)
        if not together:
            return plan
        possible.told_of(together)
    raise TimeUp


def no_plan(possible: Possible, needed: list[Must], budget: Budget) -> Solved:
    """Leave out one after the other; what can't be left out is a smallest set. The levels are those of the empty plan, and
    bounded by nothing."""
    kept = list(needed)
    stopped: Stopped = "proved"
    try:
        for each in needed:
            rest = [other for other in kept if other is not each]
            if feasible(possible, rest, budget) is None:
                kept = rest
    except TimeUp:
        stopped = budget.reason
    nothing = Plan()
    values = vector(possible.clinic, nothing)
    levels = tuple(Level(name, value, 0) for name, value in zip(LEVELS, values, strict=True))
    reasons = [{"rule": each.rule, "where": each.where} for each in kept]
    return Solved(nothing, values, levels, "infeasible", stopped, reasons)
