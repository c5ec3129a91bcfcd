"""The ways one day of a client can be had: groups that can all be attended, and 1:1 sessions around them."""

from collections import defaultdict
from collections.abc import Collection, Iterator

import numpy
from numpy.typing import NDArray

from ..clinic import Client, Clinic, within
from ..times import TELEHEALTH
from .counts import DAYS, Counts, Numbers
from .possible import Visit

Prices = NDArray[numpy.float64]
Kind = tuple[int, bool]  # index of the wish, whether by telehealth
FAR = 1e12  # the price of what can't be had
MOST_SETS = 4_000  # of groups on one day
TOGETHER = 2  # sessions of a day that are looked at together; of more each is looked at by itself


class TooManyWays(Exception):
    """A day can be had in more ways than can be looked at one by one."""


class DayWays:
    """`sums`: what the day can add up to; `costs` and `visits`: the best way for each at given prices.

    Raises `TooManyWays`. With three sessions or more on a day some ways are among them that can't be had.
    """

    def __init__(self, clinic: Clinic, client: Client, visits: list[Visit], day: int, counts: Counts) -> None:
        self.clinic, self.client, self.counts, self.every = clinic, client, counts, visits
        today = [i for i, visit in enumerate(visits) if visit.day == day]
        groups = [i for i in today if visits[i].group is not None]
        self.groups = numpy.array(sorted(groups, key=lambda i: visits[i].start), dtype=numpy.int64)
        self.sessions: dict[Kind, Numbers] = {}
        self.sort_sessions([i for i in today if visits[i].group is None])
        self.sets = list(self.grown())
        sizes = numpy.array([len(chosen) for chosen, *_ in self.sets])
        taken = numpy.arange(max(1, sizes.max())) < sizes[:, None]
        each = numpy.fromiter((i for chosen, *_ in self.sets for i in chosen), dtype=numpy.int64)
        self.members = numpy.full(taken.shape, len(groups), dtype=numpy.int64)
        self.members[taken] = each
        self.inside = numpy.zeros((len(self.sets), len(groups)), dtype=numpy.float32)
        self.inside[numpy.nonzero(taken)[0], each] = 1
        self.patterns()
        bundled = list(self.bundled())
        self.bundles, self.bundle_adds = [bundle for bundle, _ in bundled], [added for _, added in bundled]
        self.fitting: dict[tuple[Kind, ...], NDArray[numpy.bool_]] = {
            bundle: self.pairs(*bundle) for bundle in self.bundles if len(bundle) == TOGETHER
        }
        self.list_ways()

    def clash(self, ones: Numbers, others: Numbers) -> NDArray[numpy.bool_]:
        """H9 and H10 for each two: they overlap, or there is no time to get from one to the other."""
        (places, start, end), (there, begin, finish) = (self.spans(each) for each in (ones, others))
        names = sorted({*places, *there})
        code = {name: i for i, name in enumerate(names)}
        table = [[self.clinic.between(self.client, a, b) if a != b else 0 for b in names] for a in names]
        way = numpy.array(table, dtype=numpy.int64).reshape(len(names), len(names))
        ways = way[numpy.ix_([code[name] for name in places], [code[name] for name in there])]
        found: NDArray[numpy.bool_] = (start[:, None] < finish + ways) & (begin < end[:, None] + ways)
        return found

    def spans(self, visits: Numbers) -> tuple[list[str], Numbers, Numbers]:
        rows = [self.every[i] for i in visits]
        start, end = (numpy.array(each, dtype=numpy.int64) for each in ([v.start for v in rows], [v.end for v in rows]))
        return [v.place for v in rows], start, end

    def distant(self, visit: Visit) -> bool:
        return visit.place == TELEHEALTH

    def sort_sessions(self, sessions: list[int]) -> None:
        kinds = {wish.kind: i for i, wish in enumerate(self.client.sessions)}
        found: dict[Kind, list[int]] = defaultdict(list)
        for i in sessions:
            found[kinds[self.every[i].kind], self.distant(self.every[i])].append(i)
        self.sessions = {kind: numpy.array(found[kind], dtype=numpy.int64) for kind in sorted(found)}

    # ------------------------------------------------------------ groups
    def group_adds(self, visit: Visit) -> int:
        adds = self.counts.booking(visit.minutes, self.distant(visit))
        return adds + sum(
            self.counts.add(("mix", i)) for i, rule in enumerate(self.client.mix) if within(visit.kind, rule.kind)
        )

    def grown(self) -> Iterator[tuple[tuple[int, ...], int, int]]:
        """Every set of groups that can be attended together: positions, what it adds, minutes."""
        visits = [self.every[i] for i in self.groups]
        adds = [self.group_adds(visit) for visit in visits]
        clash = self.clash(self.groups, self.groups)
        bars = [
            sum(1 << j for j, two in enumerate(visits) if i != j and (clash[i, j] or same(one, two)))
            for i, one in enumerate(visits)
        ]
        waiting: list[tuple[tuple[int, ...], int, int, int]] = [((), 0, 0, 0)]
        found, most, guards = 0, self.client.day_most, self.counts.guards
        begun = self.counts.nothing + self.counts.add(DAYS)
        while waiting:
            chosen, added, minutes, barred = waiting.pop()
            yield chosen, added, minutes
            found += 1
            if found > MOST_SETS:
                raise TooManyWays
            for i in range(chosen[-1] + 1 if chosen else 0, len(visits)):
                total, more = minutes + visits[i].minutes, added + adds[i]
                if not barred >> i & 1 and total <= most and not begun + more & guards:
                    waiting.append(((*chosen, i), more, total, barred | bars[i]))

    def within(self, added: int) -> bool:
        return not self.counts.nothing + added + self.counts.add(DAYS) & self.counts.guards

    # ------------------------------------------------------------ sessions
    def patterns(self) -> None:
        """`free`: for each pattern of sessions that some set of groups leaves, and each session of a kind, whether it is in it;
        `pattern`: of each set."""
        beside = {kind: self.beside(kind) for kind in self.sessions}
        packed = numpy.concatenate([numpy.zeros((len(self.sets), 0), dtype=bool), *beside.values()], axis=1)
        known: dict[bytes, int] = {}
        self.pattern = numpy.array(
            [known.setdefault(row.tobytes(), len(known)) for row in numpy.packbits(packed, axis=1)]
        )
        first = numpy.unique(self.pattern, return_index=True)[1]
        self.free = {kind: fits[first] for kind, fits in beside.items()}

    def beside(self, kind: Kind) -> NDArray[numpy.bool_]:
        """For each set of groups and each session of the kind whether they fit."""
        hit = self.clash(self.groups, self.sessions[kind]).astype(numpy.float32)
        return numpy.asarray(self.inside @ hit == 0, dtype=bool)

    def session_adds(self, kind: Kind) -> int:
        wish, far = kind
        return self.counts.booking(self.client.sessions[wish].minutes, far) + self.counts.add(("session", wish))

    def bundled(self) -> Iterator[tuple[tuple[Kind, ...], int]]:
        """Which kinds of sessions the day can hold together, and what they add."""
        waiting: list[tuple[tuple[Kind, ...], int]] = [((), 0)]
        while waiting:
            bundle, added = waiting.pop(0)
            yield bundle, added
            for kind in self.sessions:
                more = added + self.session_adds(kind)
                if (not bundle or kind >= bundle[-1]) and self.within(more):
                    waiting.append(((*bundle, kind), more))

    def pairs(self, one: Kind, two: Kind) -> NDArray[numpy.bool_]:
        fits = ~self.clash(self.sessions[one], self.sessions[two])
        return numpy.triu(fits, 1) if one == two else fits

    # ------------------------------------------------------------ ways
    def list_ways(self) -> None:
        """Every set of groups with every bundle of sessions, sorted by what they add."""
        wishes, client, counts = self.client.sessions, self.client, self.counts
        least = 0 if self.clinic.repairs else client.day_least
        minutes = numpy.array([each[2] for each in self.sets], dtype=numpy.int64)
        added = numpy.array([each[1] for each in self.sets], dtype=numpy.int64)
        some = numpy.array([bool(each[0]) for each in self.sets])
        parts = []
        for i, bundle in enumerate(self.bundles):
            total = minutes + sum(wishes[w].minutes for w, _ in bundle)
            sums = added + self.bundle_adds[i] + counts.add(DAYS)
            good = (total <= client.day_most) & (total >= least) & (counts.nothing + sums & counts.guards == 0)
            good &= some | bool(bundle)
            for kind in bundle:
                good &= self.free[kind].any(axis=1)[self.pattern]
            where = numpy.flatnonzero(good)
            parts.append((sums[where], where, numpy.full(len(where), i)))
        sums, of_set, of_bundle = (numpy.concatenate(each) for each in zip(*parts, strict=True))
        sums = counts.kept(counts.nothing + sums) - counts.nothing
        order = numpy.argsort(sums, kind="stable")
        self.of_set, self.of_bundle, self.of_pattern = of_set[order], of_bundle[order], self.pattern[of_set[order]]
        self.sums, self.first = numpy.unique(sums[order], return_index=True)

    def costs(self, prices: Prices, sessions: Prices, barred: Collection[int] = ()) -> Prices:
        """The least cost of each way; `sessions`: of its sessions; `barred`: positions of groups that may not be attended."""
        own = numpy.append(prices[self.groups], 0.0)
        own[list(barred)] = FAR
        costs: Prices = own[self.members].sum(axis=1)[self.of_set] + sessions
        return costs

    def session_costs(self, prices: Prices) -> Prices:
        """The least cost of the sessions of each way."""
        slots = {kind: self.slots(kind, prices) for kind in self.sessions}
        least = {kind: each.min(axis=1) for kind, each in slots.items()}
        table = numpy.array([self.bundle_costs(bundle, slots, least) for bundle in self.bundles])
        costs: Prices = table[self.of_bundle, self.of_pattern]
        return costs

    def slots(self, kind: Kind, prices: Prices) -> Prices:
        """What each session of the kind costs in each pattern."""
        return numpy.where(self.free[kind], prices[self.sessions[kind]], FAR)

    def bundle_costs(self, bundle: tuple[Kind, ...], slots: dict[Kind, Prices], least: dict[Kind, Prices]) -> Prices:
        costs = numpy.zeros(int(self.pattern.max()) + 1)
        for kind in bundle:
            costs += least[kind]
        if len(bundle) != TOGETHER:
            return costs
        one, two = (slots[kind] for kind in bundle)
        fitting = self.fitting[bundle]
        for i in numpy.flatnonzero(~fitting[one.argmin(axis=1), two.argmin(axis=1)]):
            costs[i] = numpy.where(fitting, one[i][:, None] + two[i], FAR).min()
        return costs

    def visits(self, way: int, prices: Prices) -> list[int]:
        """The bookings of a way, each by its place in the client's list."""
        chosen, bundle = int(self.of_set[way]), self.bundles[int(self.of_bundle[way])]
        found = [int(self.groups[i]) for i in self.sets[chosen][0]]
        slots = [self.slots(kind, prices)[self.pattern[chosen]] for kind in bundle]
        if len(bundle) == TOGETHER:
            both = numpy.where(self.fitting[bundle], slots[0][:, None] + slots[1], FAR)
            picked = list(numpy.unravel_index(int(both.argmin()), both.shape))
        else:
            picked = [each.argmin() for each in slots]
        return found + [int(self.sessions[kind][i]) for kind, i in zip(bundle, picked, strict=True)]


def same(one: Visit, two: Visit) -> bool:
    """One group, or one topic (H11)."""
    return one.group == two.group or ("/" in one.kind and one.kind == two.kind)
