"""Where much is wanted at the same time: the program over whole weeks says when groups had best run, one after the other
is given the start it wants most, and many clients the week they want most; then what is left is planned as one model with the
visits of the weeks that are good at the program's prices. Its prices give bounds as well."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..bookings import Booking, bookings
from .columns import LEVELS, Columns
from .improving import FIRST, Improving
from .levels import Worth
from .likely import likely
from .linear import ENDLESS
from .model import Model
from .possible import Visit
from .proving import Proofs
from .searching import first_levels_of, thinned
from .settling import Told

NEAR = 0.005  # of the value: good enough to begin to settle starts
SURE, STEPS = 0.95, 6  # a start that runs so much is settled; steps in which all are
ALL_STARTS = 1_000  # literals that a second is enough for with all starts that are wanted at all
QUICK = 0.15  # of the budget: they are looked at first where that takes no longer
STRETCH = 3_000  # literals for each second that a search which brings nothing more goes on
LITTLE = 0.05  # of a group
CLOSE = 20.0  # minutes by which a week may cost more than the cheapest one and still be looked at
SETTLING = 0.01  # of the value: good enough between two steps, by the bound or by what it was before the first one
WEEKS, HALF = 0.7, 0.5  # of the clients: so many get the week they want most, or so many when a step costs too much
WEEK_STEPS = 12  # in which all would
WORSE = 0.01  # of the value: by so much it may get worse when weeks are given out
PATIENCE = 1 / 3  # of the time left for weeks: so long one step may take before it is taken back
FINEST = 16  # times finer prices
PRICES, STARTS = 0.3, 0.5  # of the time that is left: for finer prices, and then for starts
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


def guided(work: Improving, columns: Columns, marks: tuple[float, float, float]) -> bool:
    """Look for a plan that way: the program, the starts and the plan are each given until their mark of what is spent; giving
    out weeks takes up to half of the plan's time. False when there was no time for it."""
    root, dive, until = marks
    columns.search(root, NEAR)
    if not columns.solved:
        return False
    columns.remember()
    all_starts = work.possible.size / ALL_STARTS
    if all_starts < work.budget.mark(QUICK):
        soon = min(until, work.budget.spent + all_starts)
        with_starts(work, columns, wanted_at_all(columns), soon)
    settle(columns, dive)
    settle_weeks(columns, dive + (until - dive) / 2)
    with_starts(work, columns, wanted_most(columns), until)
    return True


def guided_again(work: Improving, proofs: Proofs, columns: Columns, share: float) -> None:
    """From the plan there is, with all starts that groups want at all; where that brings no more, with starts by finer prices;
    in turn. Weeks that came in since the first prices count as good."""
    until, finer = work.budget.mark(share), 1
    columns.unsettle()
    while (
        finer <= FINEST and not work.budget.gone(until) and not all(proofs.proved(name, work.vector) for name in FIRST)
    ):
        before = work.vector[: len(FIRST)]
        with_starts(work, columns, wanted_at_all(columns), until, finer)
        if work.vector[: len(FIRST)] != before:
            continue
        finer *= 2
        columns.ask(WORTH, [ENDLESS] * LEVELS)
        columns.search(work.budget.spent + PRICES * (until - work.budget.spent), NEAR / finer)
        settle(columns, work.budget.spent + STARTS * (until - work.budget.spent))
        with_starts(work, columns, wanted_most(columns), until, finer)
        columns.unsettle()


def most_wanted(runs: Mapping[int, float]) -> int:
    """The start at which most of a group runs."""
    return max(runs, key=runs.__getitem__)


def wanted_most(columns: Columns) -> Starts:
    """The start that each group wants most."""
    return {(group, most_wanted(runs)) for group, runs in columns.starts().items()}


def wanted_at_all(columns: Columns) -> Starts:
    """The starts that groups want more than a little."""
    return {(group, start) for group, runs in columns.starts().items() for start, much in runs.items() if much > LITTLE}


def with_starts(work: Improving, columns: Columns, chosen: Starts, until: float, wide: int = 1) -> None:
    """The week with groups at these starts, or not at all, and with the visits of good weeks; where the search begins at the
    plan, with what that has as well. `wide`: with so much more of them, and so much longer without a gain."""
    whole, good, first = columns.model.frame, columns.wanted(CLOSE * wide), work.vector

    def at_plan() -> bool:
        return not columns.settled or work.vector != first

    def begin(model: Model) -> Told | None:
        return None if at_plan() else likely(columns, model)

    def modelled() -> tuple[Model, Worth]:
        others = thinned(work, [client for client in whole.clients if client not in good]).visits or {}
        visits, starts = good, chosen
        if at_plan():
            made, looked_at = bookings(work.clinic, work.plan), work.possible.visits
            visits = {client: with_booked(looked_at[client], good[client], made.of(client)) for client in good}
            starts = chosen | {(row.id, row.start) for row in work.plan.groups}
        wanted = {(v.client, v.group, v.start) for own in visits.values() for v in own}
        sessions = {client: [v for v in own if v.group is None] for client, own in visits.items()}
        here = (seat for seat in columns.model.seats if seat[1:] in starts)
        seats = {seat for seat in here if seat[0] in others or seat in wanted}
        return work.modelled(replace(whole, visits=others | sessions, seats=seats))

    first_levels_of(work, modelled, until, wide * work.possible.size / STRETCH, begin)


def with_booked(visits: Iterable[Visit], good: list[Visit], booked: Iterable[Booking]) -> list[Visit]:
    """The good ones of a client's visits, and those that are booked."""
    now = {(each.key, each.start, each.place) for each in booked}
    return [*good, *(v for v in visits if (v.key, v.start, v.place) in now and v not in good)]


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
    """Give clients the week they want most, the surest first, as long as that costs the others little. A step that costs too
    much is tried with fewer until half have theirs."""
    if not columns.value < ENDLESS:
        return
    most = columns.value + WORSE * max(1.0, columns.value)
    number = len(columns.clients)
    enough, step = WEEKS * number, max(1, number // WEEK_STEPS)
    while step and len(columns.settled) < enough and not columns.budget.gone(until):
        before = columns.closed()
        left = [(much, client) for much, client in columns.surest() if client not in columns.settled]
        for i, (much, client) in enumerate(left):
            if i < step or (enough > HALF * number and much >= SURE):
                columns.settle_week(client)
        columns.leave_out()
        columns.search(columns.budget.spent + PATIENCE * (until - columns.budget.spent), SETTLING, most, most)
        if columns.value > most or columns.bound > most or not columns.good:
            columns.close(before)
            enough, step = HALF * number, step // 2
    if enough < WEEKS * number:
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
