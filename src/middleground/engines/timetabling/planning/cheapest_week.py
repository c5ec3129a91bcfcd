"""The cheapest week of one client at given prices of what they could book, exactly: days put together by what they add up
to (rules H9 to H13). With no prices it is what the client could have at best if the clinic were theirs alone."""

import heapq
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import count
from math import gcd

import numpy

from ..clinic import Client, Clinic, within
from ..worth import Worth as Worths
from ..worth import meets_payer, minutes_of, missing
from .counts import Counts, Numbers
from .day_ways import DayWays, Prices, TooManyWays
from .possible import Possible, Visit

MOST_STEPS = 400_000  # from one day to the next
MOST_TRIES = 60  # weeks looked at when a group or a topic comes twice
Chosen = list[tuple[int, int]]  # day by its place in `days`, way


@dataclass(frozen=True, slots=True)
class Wanted:
    """What counts in levels 1 to 3: whether the payer's rule is owed, minutes to reach, what was missing before."""

    owed: bool
    prescribed: int
    already: int = 0


@dataclass(frozen=True, slots=True)
class Layer:
    """The steps over one day, sorted by where they lead: from which sum, by which of the day's sums (0: not come)."""

    before: Numbers
    step: Numbers
    first: Numbers


@dataclass(order=True, slots=True)
class Try:
    cost: float
    turn: int
    chosen: Chosen = field(compare=False)
    barred: dict[int, frozenset[int]] = field(compare=False)
    costs: list[Prices] = field(compare=False)  # of each day's ways


class CheapestWeek:
    """Built once for a client, asked at many prices. `levels`: levels 1 to 3 of each sum of a whole week, a row each;
    `steps` is the work of one question.

    Raises `TooManyWays` where there are more weeks than can be looked at.
    """

    def __init__(self, clinic: Clinic, client: Client, visits: list[Visit], wanted: Wanted) -> None:
        self.visits, self.client, self.wanted = visits, client, wanted
        unit = gcd(*(visit.minutes for visit in visits)) or 1
        self.counts = Counts(client, unit)
        days = [DayWays(clinic, client, visits, day, self.counts) for day in sorted({visit.day for visit in visits})]
        self.days = [day for day in days if len(day.sums)]
        self.layers: list[Layer] = []
        sums = numpy.array([self.counts.nothing], dtype=numpy.int64)
        self.steps = 0
        for day in self.days:
            sums = self.one_day_more(sums, day)
        self.levels = self.counts.shortfalls(sums, wanted.prescribed, wanted.owed, wanted.already)

    def one_day_more(self, sums: Numbers, day: DayWays) -> Numbers:
        adds = numpy.append(0, day.sums)
        self.steps += len(sums) * len(adds)
        if self.steps > MOST_STEPS:
            raise TooManyWays
        total = (sums[:, None] + adds).ravel()
        before, step = numpy.divmod(numpy.arange(len(total)), len(adds))
        good = numpy.flatnonzero(total & self.counts.guards == 0)
        total = self.counts.kept(total[good])
        order = numpy.argsort(total, kind="stable")
        after, first = numpy.unique(total[order], return_index=True)
        self.layers.append(Layer(before[good][order], step[good][order], first))
        return after

    def at(self, prices: Prices, wish: Prices, most: int = MOST_TRIES) -> tuple[float, tuple[int, ...] | None]:
        """The least cost of a week, and its bookings by their places in `visits` (None: not found, the cost is a bound).
        `wish`: the cost of each sum of a whole week, made from `levels`."""
        turns = count()
        sessions = [day.session_costs(prices) for day in self.days]
        first = [day.costs(prices, each) for day, each in zip(self.days, sessions, strict=True)]
        tries = [self.tried(wish, {}, first, turns)]
        for _ in range(most):
            best = heapq.heappop(tries)
            booked = sorted(i for day, way in best.chosen for i in self.days[day].visits(way, prices))
            twice = self.twice(booked)
            if twice is None:
                return best.cost, tuple(booked)
            for day, positions in self.each_day(best.chosen, twice):
                barred = best.barred | {day: best.barred.get(day, frozenset()) | positions}
                costs = list(best.costs)
                costs[day] = self.days[day].costs(prices, sessions[day], barred[day])
                heapq.heappush(tries, self.tried(wish, barred, costs, turns))
        return heapq.heappop(tries).cost, None

    def worth(self, booked: Collection[int]) -> Prices:
        """Levels 1 to 3 of a week with these bookings."""
        visits, client, wanted = [self.visits[i] for i in booked], self.client, self.wanted
        minutes, days = sum(visit.minutes for visit in visits), len({visit.day for visit in visits})
        groups = [visit.kind for visit in visits if visit.group is not None]
        sessions = [visit.kind for visit in visits if visit.group is None]
        lacking = sum(max(0, rule.least - sum(within(kind, rule.kind) for kind in groups)) for rule in client.mix)
        lacking += sum(max(0, w.count - sessions.count(w.kind)) for w in client.sessions if w.required)
        below = wanted.owed and (minutes < client.payer_minutes or days < client.payer_days)
        return numpy.array([below, max(0, wanted.prescribed - minutes), max(0, lacking - wanted.already)], dtype=float)

    def twice(self, booked: list[int]) -> str | None:
        """A group or a topic that comes more than once (H11)."""
        seen: set[str] = set()
        for visit in (self.visits[i] for i in booked):
            if visit.group is None:
                continue
            for name in {f"group {visit.group}", *([f"topic {visit.kind}"] if "/" in visit.kind else [])}:
                if name in seen:
                    return name
                seen.add(name)
        return None

    def each_day(self, chosen: Chosen, name: str) -> Iterator[tuple[int, frozenset[int]]]:
        """The days on which it was chosen, and the positions of all that would be it there."""
        for day, way in chosen:
            ways = self.days[day]
            visits = [self.visits[i] for i in ways.groups]
            same = {i for i, visit in enumerate(visits) if name in (f"group {visit.group}", f"topic {visit.kind}")}
            if same & set(ways.sets[int(ways.of_set[way])][0]):
                yield day, frozenset(same)

    def tried(self, wish: Prices, barred: dict[int, frozenset[int]], costs: list[Prices], turns: Iterator[int]) -> Try:
        least = [
            numpy.append(0.0, numpy.minimum.reduceat(each, day.first))
            for each, day in zip(costs, self.days, strict=True)
        ]
        reached = [numpy.zeros(1)]
        for layer, best in zip(self.layers, least, strict=True):
            reached.append(numpy.minimum.reduceat(reached[-1][layer.before] + best[layer.step], layer.first))
        whole = reached[-1] + wish
        at = int(whole.argmin())
        cost, chosen = float(whole[at]), []
        for i in range(len(self.days) - 1, -1, -1):
            layer, day = self.layers[i], self.days[i]
            steps = slice(*edges(layer.first, at, len(layer.step)))
            taken = int((reached[i][layer.before[steps]] + least[i][layer.step[steps]]).argmin()) + steps.start
            at, step = int(layer.before[taken]), int(layer.step[taken])
            if step:
                ways = slice(*edges(day.first, step - 1, len(costs[i])))
                chosen.append((i, int(costs[i][ways].argmin()) + ways.start))
        return Try(cost, next(turns), chosen, barred, costs)


def edges(first: Numbers, at: int, end: int) -> tuple[int, int]:
    """Where the run numbered `at` begins and ends."""
    return int(first[at]), int(first[at + 1]) if at + 1 < len(first) else end


def cheapest_week(possible: Possible, client: Client) -> CheapestWeek | None:
    """The client's weeks at prices; None where there are too many to look at."""
    try:
        return CheapestWeek(possible.clinic, client, possible.visits[client.id], wanted(possible.clinic, client))
    except TooManyWays:
        return None


def wanted(clinic: Clinic, client: Client) -> Wanted:
    """What counts for the client; in a repair only what the events took."""
    in_force = Worths(clinic).in_force if clinic.repairs else None
    if in_force is None or client.id in clinic.joined:
        return Wanted(True, client.prescribed)
    had = in_force.of(client.id)
    return Wanted(meets_payer(client, had), min(client.prescribed, minutes_of(had)), missing(client, had))
