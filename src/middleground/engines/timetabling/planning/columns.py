"""The whole week as a linear program over whole weeks of clients: at its prices each client's cheapest week is looked for,
and comes in as a column, until none is missing (Dantzig and Wolfe 1960; Lübbecke and Desrosiers 2005).

Any prices of what clients share give a bound: what each client's cheapest week costs, and what is shared brings in. A rule of
what is shared comes in when it is first broken, and prices need to be no more exact than what is still open between value and bound
(Gondzio, González-Brevis and Munari 2013).
"""

import math
from collections.abc import Sequence
from itertools import chain

import numpy
from numpy.typing import NDArray

from ..bookings import bookings
from ..plan import Plan
from .budget import RESERVE, Budget
from .cheapest_week import CheapestWeek, cheapest_week
from .counts import Numbers
from .day_ways import FAR, Prices
from .frame import whole
from .linear import ENDLESS, shared
from .model import Model
from .possible import Possible, Visit
from .program import Program, Solution

EXACT = 1e-4  # of the linear program, beside its value
LOOSE, LOOSEST = 0.03, 0.01  # of the gap, and of the value: how exact it needs to be before
BROKEN, SOME = 1e-3, 0.01  # by so much a rule is broken; a share of them that matters little
WHOLE = 0.05  # what a whole number may be off by
PAIR = 2  # literals of a rule that is too small to begin with
ROUNDING, RELATIVE = 1e-3, 1e-11  # of a bound, and of the sums that it is made of
FINER = 3  # times as exactly, when the last solution was exact enough already
SLICE = 400_000_000  # numbers of the program looked at before the first look at the time: about a second
SWEEP = 8  # of them that take as long as a step
MOST_SLICES = 4  # between later ones: from where it was the last time, the method finds its pace anew
TRIES, LEAST = 2, 0.05  # to solve the program; seconds
LEVELS = 3
DRAWS, MEAN = 15, 150.0  # how often prices are drawn, and a seat's mean price in minutes


Weeks = dict[int, list[tuple[int, ...]]]  # by the client's place: the weeks that are left to them
Closed = tuple[NDArray[numpy.bool_], Weeks, Solution | None, float]


class Columns:
    """`value`: of the program, and `bound`: on what any plan is worth, as last asked; infinite before a round. What is settled
    holds until it is taken back: a week by `close`, starts as well by `unsettle`."""

    def __init__(self, possible: Possible, budget: Budget) -> None:
        self.possible, self.budget = possible, budget
        self.model = Model(possible, whole(possible), own_weeks=False)
        self.shared = shared(self.model)
        self.clients = list(possible.clinic.clients.values())
        self.weeks: list[CheapestWeek] = []
        self.literals: list[Numbers] = []
        self.known: list[dict[tuple[int, ...], int]] = []
        self.barred = numpy.zeros(self.shared.literals, dtype=bool)
        self.value, self.bound = math.inf, -math.inf
        self.best: Prices | None = None
        self.settled: Weeks = {}
        self.broken = 0
        self.reached: Prices | None = None
        self.sharp = False
        self.values, self.beyond = numpy.zeros(0), numpy.zeros(0)
        self.remembered: list[Prices] = []

    def begin(self, plan: Plan, weights: Sequence[float]) -> bool:
        """Read the clients' weeks; `plan` and weeks without anything are the first columns. False when time is up. Whose weeks
        are too many to look at is left out: what they share is theirs for nothing."""
        place = {key: lit.index for key, lit in self.model.visits.items()}
        seat = {key: lit.index for key, lit in self.model.seats.items()}
        for client in list(self.clients):
            week = cheapest_week(self.possible, client)
            if self.budget.gone():
                return False
            if week is None:
                self.clients.remove(client)
                continue
            found = [
                seat.get((client.id, v.group, v.start), -1)
                if v.group is not None
                else place.get((client.id, v.kind, v.start, v.place), -1)
                for v in week.visits
            ]
            self.weeks.append(week)
            self.literals.append(numpy.array(found, dtype=numpy.int64))
        self.known = [{} for _ in self.clients]
        self.open(weights)
        for i in range(len(self.clients)):
            self.add(i, ())
        self.bring(plan)
        self.draw()
        return True

    def bring(self, plan: Plan) -> None:
        """The weeks of a plan as columns."""
        made = bookings(self.possible.clinic, plan)
        for i, client in enumerate(self.clients):
            booked = {(each.key, each.start, each.place) for each in made.of(client.id)}
            visits = enumerate(self.weeks[i].visits)
            self.add(i, tuple(k for k, v in visits if (v.key, v.start, v.place) in booked))

    def draw(self) -> None:
        """Weeks that would be good at prices drawn by chance, the same for all: a first choice for each client."""
        drawn = numpy.random.default_rng(self.budget.limits.seed)
        levels = numpy.array(self.weights)
        for _ in range(DRAWS):
            costs = numpy.zeros(self.shared.literals)
            wanted = {run: drawn.exponential(MEAN) for run in self.model.runs}
            for (_, group, start), seat in self.model.seats.items():
                costs[seat.index] = wanted.get((group, start), 0.0)
            for i, week in enumerate(self.weeks):
                if self.budget.due:
                    return
                literals = self.literals[i]
                _, booked = week.at(numpy.where(literals >= 0, costs[literals], FAR), levels @ week.levels)
                if booked is not None:
                    self.add(i, booked)

    def open(self, weights: Sequence[float]) -> None:
        """The program with what is shared and nobody's week."""
        lp, self.rows = self.shared, len(self.shared.low)
        self.weights = list(weights)
        self.limits = [ENDLESS] * LEVELS
        everybody = numpy.ones(len(self.clients))
        low = numpy.concatenate([lp.low, numpy.full(LEVELS, -ENDLESS), everybody])
        high = numpy.concatenate([lp.high, self.limits, everybody])
        self.program = Program(low, high)
        self.program.counts[: self.rows] = ~self.later()
        taken = numpy.zeros(lp.literals, dtype=bool)
        for literals in self.literals:
            taken[literals[literals >= 0]] = True
        self.others = numpy.flatnonzero(~taken)
        self.column = {int(literal): i for i, literal in enumerate(self.others)}
        self.least, self.most = lp.least[self.others], lp.most[self.others]
        for literal, least, most in zip(self.others, self.least, self.most, strict=True):
            self.program.add(*lp.entries(literal), 0.0, least, most)
        self.begin_settling()

    def later(self) -> NDArray[numpy.bool_]:
        """The rules that wait until they are broken: all but the equalities, and how many there are seats for."""
        lp = self.shared
        seats = [lit.index for lit in self.model.seats.values()]
        of_seats = numpy.zeros(len(lp.low), dtype=bool)
        of_seats[lp.matrix[:, seats].indices] = True
        small = numpy.bincount(lp.matrix.indices, minlength=len(lp.low)) <= PAIR
        later: NDArray[numpy.bool_] = (lp.low != lp.high) & (small | ~of_seats)
        return later

    def awake(self, activity: Prices) -> int:
        """Rules that the program's solution breaks count from here on; says how many there were."""
        counts = self.program.counts[: self.rows]
        broken = ~counts & ((activity > self.shared.high + BROKEN) | (activity < self.shared.low - BROKEN))
        counts |= broken
        return int(broken.sum())

    def add(self, client: int, booked: tuple[int, ...]) -> bool:
        """A column for a client's week; False when it is there already."""
        if booked in self.known[client]:
            return False
        chosen = self.literals[client][list(booked)]
        if (chosen < 0).any():
            return False
        found, factors = self.shared.of(chosen)
        levels = self.weeks[client].worth(booked)
        counted = numpy.flatnonzero(levels)
        index = numpy.concatenate([found, self.rows + counted, [self.rows + LEVELS + client]])
        values = numpy.concatenate([factors, levels[counted], [1.0]])
        cost = float(numpy.dot(self.weights, levels))
        self.known[client][booked] = self.program.add(index, values, cost, most=1.0)
        return True

    def ask(self, weights: Sequence[float], limits: Sequence[float]) -> None:
        """Look for the least of the weighted levels, with at most so much at each."""
        self.weights, self.limits = list(weights), list(limits)
        self.program.high[self.rows : self.rows + LEVELS] = limits
        own = zip(self.weeks, self.known, strict=True)
        self.program.wish(
            {at: float(numpy.dot(weights, week.worth(b))) for week, known in own for b, at in known.items()}
        )
        self.anew()

    def anew(self) -> None:
        """What is known of the program's value no longer holds."""
        self.value, self.bound, self.best, self.reached, self.sharp = math.inf, -math.inf, None, None, False

    def round(self, until: float) -> bool:
        """Solve, price, and let weeks in: at the program's prices, and half way to the best so far, which are steadier.
        False when nothing new came and no rule was broken, though it was solved exactly, or when it couldn't be solved."""
        known = self.value < math.inf and self.few_broken(SOME)
        gap = (self.value - self.bound) / max(1.0, abs(self.value)) if known else 1.0
        near = EXACT if self.sharp else min(LOOSEST, max(EXACT, LOOSE * gap))
        found = self.solve(near, until)
        while found is not None and not found.steps and near > EXACT:
            near = max(EXACT, near / FINER)
            found = self.solve(near, until)
        if found is None:
            return False
        self.value, self.values, self.beyond = found.value, found.values, found.beyond
        duals, best = found.prices[: self.rows + LEVELS], self.best
        self.broken = self.awake(found.activity[: self.rows])
        self.reached = found.activity[self.rows : self.rows + LEVELS]
        new = self.price(duals) + (self.price((duals + best) / 2) if best is not None else 0)
        self.sharp = new + self.broken == 0
        return not self.sharp or near > EXACT

    def solve(self, near: float, until: float) -> Solution | None:
        """The program solved so exactly, or as exactly as there is time for."""
        tried, most = 0, SLICE
        while tried < TRIES:
            found = self.program.solve(near, most, max(LEAST, self.left(until)))
            tried += found is None
            self.budget.count((most if found is None else found.steps) // SWEEP)
            if found is not None and (found.done or self.budget.gone(until)):
                return found
            most = min(2 * most, MOST_SLICES * SLICE)
        return None

    def left(self, until: float) -> float:
        """Seconds until a mark, or until the answer is due."""
        left = self.budget.limits.seconds - RESERVE - self.budget.seconds
        return left if self.budget.limits.work is not None else min(left, until - self.budget.spent)

    def price(self, duals: Prices) -> int:
        """How many new weeks come in at these prices; raises the bound if it can."""
        low = numpy.concatenate([self.shared.low, numpy.full(LEVELS, -ENDLESS)])
        high = numpy.concatenate([self.shared.high, self.limits])
        duals = numpy.where((duals > 0) & (low <= -ENDLESS) | (duals < 0) & (high >= ENDLESS), 0.0, duals)
        paid = numpy.where(duals > 0, duals * numpy.where(low <= -ENDLESS, 0, low), 0.0)
        paid += numpy.where(duals < 0, duals * numpy.where(high >= ENDLESS, 0, high), 0.0)
        costs = -self.shared.prices(duals[: self.rows])
        least, most = (numpy.array(each[: len(self.others)]) for each in (self.program.least, self.program.most))
        bound = float(paid.sum()) + float(numpy.minimum(costs[self.others] * least, costs[self.others] * most).sum())
        scale = float(numpy.abs(paid).sum())
        levels = numpy.array(self.weights) - duals[self.rows :]
        costs[self.barred] = FAR
        new = 0
        for i, week in enumerate(self.weeks):
            literals = self.literals[i]
            prices = numpy.where(literals >= 0, costs[literals], FAR)
            if self.budget.due:
                return new
            if i in self.settled:
                bound += min(float(levels @ week.worth(own) + prices[list(own)].sum()) for own in self.settled[i])
                continue
            cost, booked = week.at(prices, levels @ week.levels)
            bound += cost
            new += booked is not None and self.add(i, booked)
            self.budget.count(week.steps)
        bound -= ROUNDING + scale * RELATIVE
        if bound > self.bound:
            self.bound, self.best = bound, duals
        return new

    def search(self, until: float, near: float = 0.0, enough: float = -math.inf, most: float = math.inf) -> None:
        """Rounds until nothing new comes, the value is down to what is `enough` or the bound `near` it (a share of it), the
        bound is more than the `most` it may be, or the budget is spent to there."""
        while not self.budget.gone(until) and self.round(until) and self.bound <= most:
            down = self.value <= enough or self.bound >= self.value - max(EXACT, near * abs(self.value))
            if down and self.few_broken(near):
                return

    @property
    def solved(self) -> bool:
        return len(self.values) > 0

    @property
    def exact(self) -> bool:
        """Whether the bound of a whole number will hardly get higher."""
        return (
            self.few_broken(SOME) and self.bound > -math.inf and math.ceil(self.bound) >= math.ceil(self.value - WHOLE)
        )

    @property
    def good(self) -> bool:
        """Whether the last solution is as near the best as was asked, and breaks hardly a rule."""
        return self.program.last is not None and self.program.last.done and self.few_broken(SOME)

    def few_broken(self, share: float) -> bool:
        """Whether the last solution broke no more than this share of the rules that counted."""
        return self.broken <= share * int(self.program.counts[: self.rows].sum())

    def remember(self) -> None:
        """The levels that the program's solution reaches, where it breaks hardly a rule."""
        if self.reached is not None and self.few_broken(SOME):
            self.remembered.append(self.reached)

    def no_more(self, limits: Sequence[int], known: int) -> bool:
        """Whether a solution has been seen that keeps these limits of the first levels, and has no more than is `known` of the
        next one: there the bound of the program will hardly be higher."""
        kept = [numpy.append(limits, known) + WHOLE >= seen[: len(limits) + 1] for seen in self.remembered]
        return any(each.all() for each in kept)

    # ------------------------------------------------------------ starts of groups
    def starts(self) -> dict[str, dict[int, float]]:
        """How much of each group runs at each of the starts that are left to it."""
        found: dict[str, dict[int, float]] = {}
        for (group, start), lit in self.model.runs.items():
            column = self.column[lit.index]
            if self.program.most[column]:
                found.setdefault(group, {})[start] = float(self.values[column])
        return found

    def settle(self, group: str, start: int) -> None:
        """From here on the group runs at this start or not at all. Bounds found after that hold for such plans only."""
        model = self.model
        for (name, at, *_), lit in chain(*(each.items() for each in (model.runs, model.leads, model.cos, model.rooms))):
            if name == group and at != start:
                self.program.bounds(self.column[lit.index], 0.0, 0.0)
        for (_, name, at), lit in self.model.seats.items():
            if name == group and at != start:
                self.barred[lit.index] = True

    def surest(self) -> list[tuple[float, int]]:
        """How much each client wants the week that they want most, and whose it is: the surest first."""
        most = [max(map(self.much, known.values())) for known in self.known]
        return sorted(((much, i) for i, much in enumerate(most)), reverse=True)

    def much(self, column: int) -> float:
        """How much of a column the program's solution has; what has just come in is not in it."""
        return float(self.values[column]) if column < len(self.values) else 0.0

    def settle_week(self, client: int) -> None:
        """From here on the client has the week they want most, or one known that is less of it. Bounds found after that hold for
        such plans only."""
        weeks = [week for week in self.known[client] if self.had(client, week)]
        most = max(weeks, key=lambda week: self.much(self.known[client][week]))
        literals, others = self.literals[client], numpy.ones(len(self.literals[client]), dtype=bool)
        others[list(most)] = False
        self.barred[literals[others & (literals >= 0)]] = True
        self.settled[client] = [week for week in weeks if set(week) <= set(most)]

    def wanted(self, near: float) -> dict[str, list[Visit]]:
        """The visits of weeks in which nothing is barred and that cost at most so much more than the client's cheapest, or
        have just come in."""
        found: dict[str, list[Visit]] = {}
        for i, client in enumerate(self.clients):
            weeks = [
                (self.costs_beyond(column), booked) for booked, column in self.known[i].items() if self.had(i, booked)
            ]
            least = min((cost for cost, _ in weeks if cost is not None), default=0.0)
            own = {each for cost, booked in weeks if cost is None or cost <= least + near for each in booked}
            found[client.id] = [self.weeks[i].visits[each] for each in sorted(own)]
        return found

    def costs_beyond(self, column: int) -> float | None:
        """What a week costs beyond the price of its client; None where it has just come in."""
        return float(self.beyond[column]) if column < len(self.beyond) else None

    def had(self, client: int, booked: tuple[int, ...]) -> bool:
        """Whether nothing in the week is barred."""
        return not self.barred[self.literals[client][list(booked)]].any()

    def leave_out(self) -> None:
        """Weeks with what is barred can't be had, all others can; the program's value is to be found anew."""
        for client, known in enumerate(self.known):
            for booked, column in known.items():
                self.program.bounds(column, 0.0, float(self.had(client, booked)))
        self.anew()

    def closed(self) -> Closed:
        """What is barred now, and the program's solution, to come back to with `close`."""
        return self.barred.copy(), dict(self.settled), self.program.last, self.value

    def close(self, closed: Closed) -> None:
        barred, settled, last, value = closed
        self.barred, self.settled = barred.copy(), dict(settled)
        self.leave_out()
        if last is not None:
            self.program.last, self.values, self.beyond, self.value = last, last.values, last.beyond, value

    def begin_settling(self) -> None:
        """What is known now is where to begin again when what is settled from here on is taken back."""
        self.before = self.closed()

    def unsettle(self) -> None:
        """Everything can be had again."""
        self.close(self.before)
        for column, (least, most) in enumerate(zip(self.least, self.most, strict=True)):
            self.program.bounds(column, least, most)
