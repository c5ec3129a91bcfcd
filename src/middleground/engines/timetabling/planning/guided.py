"""Where much is wanted at the same time: the program over whole weeks says when groups had best run, one after the other
is given the start it wants most, and many clients the week they want most; then what is left is planned as one model with the
visits of the weeks that are good at the program's prices. Its prices give bounds as well."""

from collections.abc import Mapping
from dataclasses import replace

from .columns import LEVELS, Columns
from .improving import FIRST, Improving
from .linear import ENDLESS
from .proving import Proofs
from .searching import first_levels_of, thinned

NEAR = 0.005  # of the value: good enough to begin to settle starts
SURE, STEPS = 0.95, 6  # a start that runs so much is settled; steps in which all are
ALL_STARTS = 1_000  # literals that a second is enough for with all starts that are wanted at all
QUICK = 0.15  # of the budget: they are looked at first where that takes no longer
STRETCH = 3_000  # literals for each second that a search which brings nothing more goes on
LITTLE = 0.05  # of a group
CLOSE = 20.0  # minutes by which a week may cost more than the cheapest one and still be looked at
PRICES, STARTS = 0.45, 0.65  # of the time for once more, by which there are prices, and starts
SETTLING = 0.01  # of the value: good enough between two steps, by the bound or by what it was before the first one
WEEKS, WEEK_STEPS = 0.5, 12  # of the clients: so many get the week they want most; steps in which all would
OPEN = 60  # clients whose weeks are left open at most
WORSE = 0.01  # of the value: by so much it may get worse when weeks are given out
PATIENCE = 1 / 3  # of the time left for weeks: so long one step may take before it is taken back
Starts = set[tuple[str, int]]
WORTH = (5_000.0, 1.0, 5.0)  # minutes that meeting the payer's rule, a minute, and one thing missing are worth here


def columns_of(work: Improving) -> Columns | None:
    """The program over whole weeks; None when time is up, with pins or a past, where there is nothing to share, or where half of
    the clients have too many weeks to look at."""
    if work.needed:
        return None
    columns = Columns(work.possible, work.budget)
    if not columns.shared.literals or not columns.begin(work.plan, WORTH):
        return None
    return columns if 2 * len(columns.clients) >= len(work.clinic.clients) else None


def guided(work: Improving, columns: Columns, marks: tuple[float, float, float], finer: int = 1) -> bool:
    """Look for a plan that way: the program, the starts and the plan are each given until their mark of what is spent; giving
    out weeks, the first time only, takes up to half of the plan's time. `finer`: by how much more exactly, and among weeks
    that cost so much more. False when there was no time for it."""
    root, dive, until = marks
    columns.search(root, NEAR / finer)
    if not columns.solved:
        return False
    columns.remember()
    all_starts = work.possible.size / ALL_STARTS
    if all_starts < work.budget.mark(QUICK):
        soon = min(until, work.budget.spent + all_starts)
        with_starts(work, columns, wanted_at_all(columns), CLOSE * finer, soon)
    settle(columns, dive)
    if finer == 1:
        settle_weeks(columns, dive + (until - dive) / 2)
    with_starts(work, columns, wanted_most(columns), CLOSE * finer, until)
    return True


def marks_until(work: Improving, until: float) -> tuple[float, float, float]:
    """By when a search that has until then to end has its prices, and its starts."""
    begin, left = work.budget.spent, until - work.budget.spent
    return begin + PRICES * left, begin + STARTS * left, until


def guided_again(work: Improving, proofs: Proofs, columns: Columns, share: float) -> None:
    """Once more and once more, finer each time, while there is time and it brings something."""
    until, finer, better = work.budget.mark(share), 2, True
    while better and not work.budget.gone(until) and not all(proofs.proved(name, work.vector) for name in FIRST):
        before = work.vector
        columns.unsettle()
        columns.ask(WORTH, [ENDLESS] * LEVELS)
        guided(work, columns, marks_until(work, until), finer)
        finer, better = 2 * finer, work.vector != before


def most_wanted(runs: Mapping[int, float]) -> int:
    """The start at which most of a group runs."""
    return max(runs, key=runs.__getitem__)


def wanted_most(columns: Columns) -> Starts:
    """The start that each group wants most."""
    return {(group, most_wanted(runs)) for group, runs in columns.starts().items()}


def wanted_at_all(columns: Columns) -> Starts:
    """The starts that groups want more than a little."""
    return {(group, start) for group, runs in columns.starts().items() for start, much in runs.items() if much > LITTLE}


def with_starts(work: Improving, columns: Columns, chosen: Starts, close: float, until: float) -> None:
    """The week with groups at these starts, or not at all, and with the visits of good weeks."""
    whole, visits = columns.model.frame, columns.wanted(close)
    others = thinned(work, [client for client in whole.clients if client not in visits]).visits or {}
    wanted = {(v.client, v.group, v.start) for own in visits.values() for v in own}
    few = replace(
        whole,
        visits=others | {c: [v for v in own if v.group is None] for c, own in visits.items()},
        seats={seat for seat in columns.model.seats if seat[1:] in chosen and (seat[0] in others or seat in wanted)},
    )
    first_levels_of(work, lambda: work.modelled(few), until, work.possible.size / STRETCH)


def settle(columns: Columns, until: float) -> None:
    """Give groups their starts, the surest first; after each step the program is solved again. All that are left at once when
    there is no time for more steps."""
    columns.begin_settling()
    good, left = columns.value + SETTLING * abs(columns.value), columns.starts()
    step = max(1, len(left) // STEPS)
    while left and not columns.budget.due:
        last = columns.budget.gone(until)
        surest = sorted(((max(runs.values()), group) for group, runs in left.items()), reverse=True)
        for i, (runs, group) in enumerate(surest):
            if last or runs >= SURE or i < step:
                columns.settle(group, most_wanted(left.pop(group)))
        columns.leave_out()
        if last:
            columns.round(until)
        else:
            columns.search(until, SETTLING, good)
        starts = columns.starts()
        left = {group: starts[group] for group in left}


def settle_weeks(columns: Columns, until: float) -> None:
    """Give clients the week they want most, the surest first, as long as that costs the others little; fewer at once when it
    costs too much."""
    if not columns.value < ENDLESS:
        return
    most = columns.value + WORSE * max(1.0, columns.value)
    number = len(columns.clients)
    enough, many = max(WEEKS * number, number - OPEN), max(1, number // WEEK_STEPS)
    step = many
    while step and len(columns.settled) < enough and not columns.budget.gone(until):
        before = columns.closed()
        left = [(much, client) for much, client in columns.surest() if client not in columns.settled]
        for i, (much, client) in enumerate(left):
            if i < step or (step == many and much >= SURE):
                columns.settle_week(client)
        columns.leave_out()
        columns.search(columns.budget.spent + PATIENCE * (until - columns.budget.spent), SETTLING, most)
        if columns.value > most or not columns.good:
            columns.close(before)
            step //= 2
    if step < many:
        columns.round(until)


def bounded(work: Improving, proofs: Proofs, columns: Columns, share: float) -> None:
    """Bounds of levels 1 to 3, each under the plan's values of the ones before."""
    columns.unsettle()
    columns.bring(work.plan)
    until = work.budget.mark(share)
    for i, name in enumerate(FIRST):
        vector = work.vector
        known = next(level.bound for level in proofs.levels(vector) if level.name == name)
        if known == vector[i] or work.budget.gone(until) or columns.no_more(vector[:i], known):
            continue
        columns.ask([float(other == name) for other in FIRST], [*map(float, vector[:i]), *[ENDLESS] * (LEVELS - i)])
        while not work.budget.gone(until) and columns.round(until):
            if proofs.whole(name, columns.bound) >= vector[i] or columns.exact:
                break
        columns.remember()
        proofs.learn(name, vector, proofs.whole(name, columns.bound))
