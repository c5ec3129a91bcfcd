"""Where much is wanted at the same time: the program over whole weeks says when groups had best run, one after the other
is given the start it wants most, and the week with those starts is planned as one model. Its prices give bounds as well."""

from math import ceil

from .columns import Columns
from .frame import whole
from .improving import FIRST, Improving, weighted
from .linear import ENDLESS
from .proving import Proofs
from .searching import FROM_BELOW, searched

TIGHT = 1.01  # of what each could have alone: below that nearly everybody can have it, and there is little to weigh
SETTLED = 600  # literals of a week with settled starts that a second is enough for
NEAR = 0.01  # of the value: good enough to begin to settle starts
SURE, STEP = 0.95, 6  # a start that runs so much is settled; at least every sixth of the groups at a time
ROUND_UP = 0.05  # between value and bound of the program: nothing more is to be gained
FEW = 3  # rounds between two steps
PAYER, ONE_MORE = 5_000.0, 5.0  # minutes that meeting the payer's rule, and one thing missing, are worth here


def columns_of(work: Improving) -> Columns | None:
    """The program over whole weeks; None where there are too many, or nothing to share."""
    if work.needed or not work.possible.openings:
        return None
    columns = Columns(work.possible, work.budget)
    return columns if columns.begin(work.plan, (PAYER, 1.0, ONE_MORE)) else None


def best_alone(work: Improving) -> float:
    """What each could have alone, as the program counts it."""
    each = work.alone.values()
    return sum(PAYER * one.in_order[0] + one.in_order[1] + ONE_MORE * one.in_order[2] for one in each)


def guided(work: Improving, columns: Columns, alone: float, root: float, dive: float, share: float) -> bool:
    """Look for a plan that way within these shares of the budget. False where the week isn't `TIGHT`."""
    budget = work.budget
    columns.search(budget.mark(root), NEAR)
    if columns.value <= alone * TIGHT:
        return False
    sure = wanted_most(columns, SURE)
    settle(columns, budget.mark(dive))
    until = budget.mark(share)
    with_starts(work, wanted_most(columns), min(until, budget.spent + work.possible.size / SETTLED))
    with_starts(work, sure, until)
    columns.unsettle()
    return True


def wanted_most(columns: Columns, least: float = 0.0) -> dict[str, int]:
    """The start that each group wants most, for those that run at least so much there."""
    starts = columns.starts()
    found = {group: max(runs, key=runs.__getitem__) for group, runs in starts.items()}
    return {group: at for group, at in found.items() if starts[group][at] >= least}


def with_starts(work: Improving, chosen: dict[str, int], until: float) -> None:
    """The whole week with these groups at their chosen starts, or not at all. Anew when people turned out to be apart."""
    told = -1
    while told != len(work.possible.apart) and not work.budget.gone(until):
        told = len(work.possible.apart)
        model, value = work.modelled(whole(work.possible))
        for (group, start), lit in model.runs.items():
            if chosen.get(group, start) != start:
                model.cp.add(lit == 0)
        wish = weighted(value, work.weights.first)
        searched(work, model, value, wish, until - work.budget.spent, FROM_BELOW)


def settle(columns: Columns, until: float) -> None:
    """Give groups their starts, the surest first, with a few rounds after each step."""
    settled: set[str] = set()
    starts = columns.starts()
    while len(settled) < len(starts) and not columns.budget.gone(until):
        left = sorted(
            ((max(runs.values()), group) for group, runs in starts.items() if group not in settled), reverse=True
        )
        for i, (runs, group) in enumerate(left):
            if runs >= SURE or i < max(1, len(starts) // STEP):
                columns.settle(group, max(starts[group], key=starts[group].__getitem__))
                settled.add(group)
        columns.leave_out()
        for _ in range(FEW):
            if columns.budget.gone(until) or not columns.round():
                break
        starts = columns.starts()


def bounded(work: Improving, proofs: Proofs, columns: Columns, share: float) -> None:
    """Bounds of levels 1 to 3, each under the plan's values of the ones before."""
    for i, name in enumerate(FIRST):
        if proofs.proved(name, work.vector) or work.budget.gone(work.budget.mark(share)):
            continue
        limits = [float(value) for value in work.vector[:i]] + [ENDLESS] * (len(FIRST) - i)
        columns.ask([float(other == name) for other in FIRST], limits)
        vector = work.vector
        while not work.budget.gone(work.budget.mark(share)) and columns.round():
            if ceil(columns.bound) >= vector[i] or columns.bound >= columns.value - ROUND_UP:
                break
        proofs.learn(name, vector, ceil(max(0.0, columns.bound)))
