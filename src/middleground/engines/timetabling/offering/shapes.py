"""The shapes of the best weeks: days combined, fewest series first, with a bound that stops what can't come among the best.

What a newcomer's own sessions do to one clinician together (H6, one counselor for all) is left to `weeks`: here each session
counts as if it were alone, so that a shape's vector is never above the true one.
"""

from collections.abc import Sized
from itertools import combinations
from math import comb

import numpy
from numpy.typing import NDArray

from ..until import TimeUp
from .cheapest_day import cheapest_days
from .days import Days, ShapeDay, Together
from .hope import Hope
from .newcomer import Newcomer
from .packing import MINUTES_BITS
from .timetable import whole_day

MINUTES = (1 << (MINUTES_BITS + 1)) - 1
AT_ONCE = 10000  # combinations of days up to which all series are searched at once
NO_BAR = 1 << 30  # above any level
WIDEST = 1_000_000  # weeks so far that are held at once, each as often as weeks are kept
MANY = 5000  # weeks that take long enough to look at the clock
SETS = 8000  # sets of series looked at one by one; larger ones are searched all at once
Shape = tuple[ShapeDay, ...]
Vector = tuple[int, int, int, int, int, int]
Ranked = tuple[int, int, Shape]  # levels 6 and 7, and the shape
Key = tuple[int, int, int]  # packed counts, topics, series
Pattern = tuple[int, int, int, list[tuple[int, int, ShapeDay]]]
Outlines = dict[Key, dict[ShapeDay, tuple[int, int]]]  # levels 6 and 7 of each shape of a day
Numbers = NDArray[numpy.int64]


class Shapes:
    """`best()`: the `keep` first by (vector, shape), each shape with the best vector it could have. `hope` may be one made before."""

    def __init__(self, newcomer: Newcomer, days: Days, keep: int, hope: Hope | None = None) -> None:
        self.newcomer, self.days, self.keep = newcomer, days, keep
        self.packing, self.until = newcomer.packing, days.until
        self.base = 0 if newcomer.counselors else 5
        self.found: dict[Shape, Vector] = {}
        self.bar: Vector | None = None
        self.by_series = {day: by_series(list_) for day, list_ in days.of_day.items()}
        self.kept: dict[tuple[int, int], list[Pattern]] = {}
        self.hope = hope or self.hope_of_days()
        self.own: dict[tuple[int, int], dict[Key, list[tuple[int, int, ShapeDay]]]] = {}

    def hope_of_days(self) -> Hope:
        sums, most = [self.sums(day) for day in self.by_series], self.days.most_steps
        return Hope(self.packing, sums, [self.longest(day) for day in self.by_series], most, self.until)

    def best(self) -> list[tuple[Vector, Shape]]:
        self.search_sets()
        ranked = sorted((vector, shape) for shape, vector in self.found.items())
        return ranked[: self.keep]

    # ------------------------------------------------------------ sets of series, the most promising first
    def search_sets(self) -> None:
        """Sets of series that could be as good as any, fewest series first; then those that fall short. Sets too many to
        look at one by one are searched all at once."""
        number, total = len(self.newcomer.series), 0
        whole, least = (1 << number) - 1, self.hope.of(0, self.packing.nothing)
        if self.small() or number < 2:
            self.search(whole)
            return
        tables, later = self.tables(number), []
        for size in range(number + 1):
            total += comb(number, size)
            self.until.ask()
            if total > SETS and size > 1:
                self.search_if((*least, self.base + size - 1), whole)
                break
            if not self.hopeful_at((*least, self.base + max(0, size - 1))):
                break
            sets = numpy.array(list(combinations(range(number), size)), dtype=numpy.int64)
            for first, chosen in self.bounds(sets.reshape(comb(number, size), size), tables):
                bound = (*max(first, least), self.base + max(0, size - 1))
                if first <= least:
                    self.search_if(bound, chosen)
                else:
                    later.append((bound, chosen))
        for bound, chosen in sorted(later):
            self.search_if(bound, chosen)

    def small(self) -> bool:
        """Whether all days can be combined at once."""
        weeks = 1
        for sets in self.by_series.values():
            weeks *= 1 + sum(len(list_) for list_ in sets.values())
        return weeks <= AT_ONCE

    def hopeful_at(self, four: tuple[int, ...]) -> bool:
        return self.bar is None or four <= self.bar[:4]

    def search_if(self, four: tuple[int, ...], allowed: int) -> None:
        if self.hopeful_at(four):
            self.search(allowed)

    def longest(self, day: int) -> int:
        """The most minutes the day can have."""
        groups = max((together.minutes for together in self.days.of_day[day]), default=0)
        return min(self.newcomer.client.day_most, groups + self.session_minutes())

    def sums(self, day: int) -> list[int] | None:
        """What the day can add, if its sessions fit at any time; None when that is too much."""
        mask, guards, nothing = ~self.packing.strange.whole, self.packing.guards, self.packing.nothing
        client = self.newcomer.client
        options = {
            (more & mask, minutes) for _, _, starts, more, minutes, _ in self.days.options if starts & whole_day(day)
        }
        grown = {(t.adds, t.minutes) for t in self.days.of_day[day]}
        found: set[tuple[int, int]] = set()
        while grown:
            self.until.ask()
            found |= grown
            if len(found) * len(options) > self.days.most_steps // 10:
                return None
            grown = {
                (adds + more, minutes + length)
                for adds, minutes in grown
                for more, length in options
                if minutes + length <= client.day_most and not (nothing + adds + more) & guards
            } - found
        return sorted({adds for adds, minutes in found if minutes and minutes >= client.day_least})

    def tables(self, number: int) -> list[tuple[int, Numbers, Numbers, bool]]:
        """For each day the most minutes of groups of one series, of two, and whether three or more ever combine."""
        found = []
        for sets in self.by_series.values():
            plain = max((t.minutes for t in sets.get(0, ())), default=0)
            single = numpy.full(number, plain, dtype=numpy.int64)
            pair = numpy.zeros((number, number), dtype=numpy.int64)
            more = False
            for mask, list_ in sets.items():
                members = [i for i in range(number) if mask >> i & 1]
                most = max(t.minutes for t in list_)
                if len(members) == 1:
                    single[members[0]] = max(single[members[0]], most)
                elif len(members) == 2:
                    one, two = members
                    pair[one, two] = pair[two, one] = most
                more = more or len(members) > 2
            found.append((plain, single, pair, more))
        return found

    def bounds(
        self, sets: Numbers, tables: list[tuple[int, Numbers, Numbers, bool]]
    ) -> list[tuple[tuple[int, int, int], int]]:
        """Levels 1 to 3 at best for each set of series."""
        client = self.newcomer.client
        by_day = numpy.array([self.of_sets(sets, *table) for table in tables], dtype=numpy.int64).reshape(
            len(tables), len(sets)
        )
        usable = self.session_days()
        days = numpy.minimum(((by_day > 0) | usable[:, None]).sum(axis=0), client.days_max)
        top = numpy.sort(by_day, axis=0)[::-1][: client.days_max].sum(axis=0)
        minutes = numpy.minimum(top + self.session_minutes(), client.max_week)
        below = (minutes < client.payer_minutes) | (days < client.payer_days)
        short = numpy.maximum(client.prescribed - minutes, 0)
        lack = self.lacking(sets)
        masks = (1 << sets).sum(axis=1) if sets.shape[1] and len(self.newcomer.series) < 62 else None
        found = []
        for i in range(len(sets)):
            mask = int(masks[i]) if masks is not None else sum(1 << int(one) for one in sets[i])
            found.append(((int(below[i]), int(short[i]), int(lack[i])), mask))
        return found

    def of_sets(self, sets: Numbers, plain: int, single: Numbers, pair: Numbers, more: bool) -> Numbers:
        """The most minutes of groups on one day for each set."""
        best = numpy.full(len(sets), plain, dtype=numpy.int64)
        size = sets.shape[1]
        if more and size > 2:
            whole = plain + (single[sets] - (plain if plain else 0)).sum(axis=1)
            return numpy.maximum(best, numpy.minimum(whole, self.newcomer.client.day_most))
        for one in range(size):
            best = numpy.maximum(best, single[sets[:, one]])
            for two in range(one):
                best = numpy.maximum(best, pair[sets[:, one], sets[:, two]])
        return best

    def session_days(self) -> NDArray[numpy.bool_]:
        options = [option[2] for option in self.days.options]
        return numpy.array(
            [any(m >> day * 96 & ((1 << 96) - 1) for m in options) for day in self.by_series], dtype=bool
        )

    def session_minutes(self) -> int:
        held = {option[0] for option in self.days.options}
        return sum(self.newcomer.wishes[i].minutes * self.newcomer.wishes[i].count for i in held)

    def lacking(self, sets: Numbers) -> Numbers:
        """Level 3 at best: groups of each mix kind that the sets hold, and sessions that can be held at all."""
        held = {option[0] for option in self.days.options}
        never = sum(w.count for i, w in enumerate(self.newcomer.wishes) if w.required and i not in held)
        lack = numpy.full(len(sets), never, dtype=numpy.int64)
        for rule, field in zip(self.newcomer.client.mix, self.packing.mix, strict=True):
            have = numpy.zeros(len(self.newcomer.series), dtype=numpy.int64)
            plain = 0
            for group in self.newcomer.groups:
                hits = int(group.adds >> field.shift & 1)
                if group.series:
                    have[group.series.bit_length() - 1] += hits
                else:
                    plain += hits
            lack += numpy.maximum(rule.least - plain - have[sets].sum(axis=1), 0)
        return lack

    # ------------------------------------------------------------ one set of series
    def patterns(self, day: int, allowed: int) -> list[Pattern]:
        """What the day can be with groups of these series only: for each sum its best shapes."""
        within = allowed & self.every_series(day)
        if (day, within) not in self.kept:
            merged: dict[Key, list[tuple[int, int, ShapeDay]]] = {}
            for mask in self.by_series[day]:
                if not mask & ~within:
                    for key, ranked in self.of_mask(day, mask).items():
                        merged[key] = ranked
            self.kept[day, within] = [(*key, ranked) for key, ranked in merged.items()]
        return self.kept[day, within]

    def every_series(self, day: int) -> int:
        whole = 0
        for mask in self.by_series[day]:
            whole |= mask
        return whole

    def of_mask(self, day: int, mask: int) -> dict[Key, list[tuple[int, int, ShapeDay]]]:
        """The days with groups of exactly these series."""
        if (day, mask) not in self.own:
            found: Outlines = {}
            for together in self.by_series[day][mask]:
                laid = self.days.laid(day, together)
                if laid is None:
                    found = self.with_cheapest(found, day, together)
                    continue
                for shape, ways in laid.items():
                    for way in ways:
                        shapes = found.setdefault((way.adds, together.topics, mask), {})
                        worth = (way.cost, way.idle)
                        if shape not in shapes or worth < shapes[shape]:
                            shapes[shape] = worth
            self.own[day, mask] = {key: self.first(shapes) for key, shapes in found.items()}
        return self.own[day, mask]

    def with_cheapest(self, found: Outlines, day: int, together: Together) -> Outlines:
        """The same where there are too many ways to have the day: only the first shapes of each sum."""
        for adds, shape, cost, idle in cheapest_days(self.days, day, together):
            shapes = found.setdefault((adds, together.topics, together.series), {})
            if shape not in shapes or (cost, idle) < shapes[shape]:
                shapes[shape] = (cost, idle)
        return {key: {shape: (cost, idle) for cost, idle, shape in self.first(shapes)} for key, shapes in found.items()}

    def first(self, shapes: dict[ShapeDay, tuple[int, int]]) -> list[tuple[int, int, ShapeDay]]:
        return sorted((cost, idle, shape) for shape, (cost, idle) in shapes.items())[: self.keep]

    def search(self, allowed: int) -> None:
        """Combine the days of one set of series and keep what comes among the best.

        While nothing is known to be good, first only weeks as good in levels 1 to 3 as any could be: enough of them are the best.
        """
        days = [self.patterns(day, allowed) for day in self.by_series]
        if self.bar is None:
            least = self.hope.of(0, self.packing.nothing)
            self.bar = (*least, NO_BAR, 0, 0)
            self.combine(days)
            if len(self.found) >= self.keep:
                self.raise_bar()
                return
            self.bar = None
        self.combine(days)
        self.raise_bar()

    def combine(self, days: list[list[Pattern]]) -> None:
        """Rank every week of these days that could come within the bar."""
        longest = [max((each[0] & MINUTES for each in patterns), default=0) for patterns in days]
        layer: dict[Key, list[Ranked]] = {(self.packing.nothing, 0, 0): [(0, 0, ())]}
        for at, patterns in enumerate(days, 1):
            left = sorted(longest[at:], reverse=True)
            layer = self.day_more(layer, patterns, at, [self.enough() - sum(left[:n]) for n in range(len(left) + 1)])
        for (packed, _, series), ranked in layer.items():
            if self.packing.days.read(packed):
                self.rank(len(days), packed, series, ranked)

    def enough(self) -> int:
        """The least minutes, as packed, of a week that is among the best by levels 1 and 2."""
        client, bar = self.newcomer.client, self.bar
        if bar is None:
            return 0
        owed = client.prescribed - bar[1]
        return self.packing.minutes.offset + (
            min(owed, client.payer_minutes) if bar[0] else max(owed, client.payer_minutes)
        )

    def day_more(
        self, layer: dict[Key, list[Ranked]], patterns: list[Pattern], at: int, needed: list[int]
    ) -> dict[Key, list[Ranked]]:
        """Each week so far without and with the day; `needed`: the minutes it must have by the number of days left to fill."""
        guards, keep = self.packing.guards, self.keep
        fresh: dict[Key, list[Ranked]] = {}
        many = len(layer) * len(patterns) > MANY
        self.until.ask()
        for key, ranked in layer.items():
            if many:
                self.room(fresh)
            packed, topics, series = key
            days = min(self.packing.days_left(packed), len(needed) - 1)
            cost, idle, _ = ranked[0]
            if packed & MINUTES >= needed[days] and self.hopeful(packed, series, at, cost, idle):
                fresh[key] = merge(fresh[key], ranked, keep) if key in fresh else ranked
            if not self.packing.days_left(packed):
                continue
            owed = needed[min(self.packing.days_left(packed) - 1, len(needed) - 1)]
            for adds, more_topics, more_series, shapes in patterns:
                total = packed + adds
                if total & MINUTES < owed or topics & more_topics or total & guards:
                    continue
                wider = series | more_series
                if self.hopeful(total, wider, at, cost + shapes[0][0], idle + shapes[0][1]):
                    grown = product(ranked, shapes, keep)
                    new = (total, topics | more_topics, wider)
                    fresh[new] = merge(fresh[new], grown, keep) if new in fresh else grown
        return self.likely(fresh, at)

    def likely(self, weeks: dict[Key, list[Ranked]], at: int) -> dict[Key, list[Ranked]]:
        """Those worth looking at, when only a few are."""
        most = self.days.most_weeks
        if most is None or len(weeks) <= most:
            return weeks

        def promise(key: Key) -> tuple[int, ...]:
            return (*self.hope.promise(at, key[0]), self.continuity(key[0], key[2]), *weeks[key][0][:2])

        return {key: weeks[key] for key in sorted(weeks, key=promise)[:most]}

    def room(self, weeks: Sized) -> None:
        """Raises `TimeUp` when it is time, or when there is no room for so many weeks."""
        if len(weeks) * self.keep > WIDEST:
            raise TimeUp
        self.until.ask()

    def hopeful(self, packed: int, series: int, at: int, cost: int, idle: int) -> bool:
        """Whether a week that has this after so many days can still come among the best."""
        bar = self.bar
        if bar is None:
            return True
        bound = (*self.hope.of(at, packed), self.continuity(packed, series))
        return bound < bar[:4] or (bound == bar[:4] and (cost, idle) <= bar[4:])

    def rank(self, at: int, packed: int, series: int, ranked: list[Ranked]) -> None:
        four = (*self.hope.of(at, packed), self.continuity(packed, series))
        for cost, idle, shape in ranked:
            vector = (*four, cost, idle)
            if shape not in self.found or vector < self.found[shape]:
                self.found[shape] = vector

    def continuity(self, packed: int, series: int) -> int:
        return self.base + 3 * self.packing.strange.read(packed) + max(0, series.bit_count() - 1)

    def raise_bar(self) -> None:
        if len(self.found) >= self.keep:
            ranked = sorted((vector, shape) for shape, vector in self.found.items())[: self.keep]
            self.found = {shape: vector for vector, shape in ranked}
            self.bar = ranked[-1][0]


def by_series(list_: list[Together]) -> dict[int, list[Together]]:
    found: dict[int, list[Together]] = {}
    for together in list_:
        found.setdefault(together.series, []).append(together)
    return found


def merge(one: list[Ranked], two: list[Ranked], keep: int) -> list[Ranked]:
    """The first of both, each shape once."""
    best: list[Ranked] = []
    seen: set[Shape] = set()
    for each in sorted(one + two):
        if each[2] not in seen:
            seen.add(each[2])
            best.append(each)
            if len(best) == keep:
                break
    return best


def product(ranked: list[Ranked], shapes: list[tuple[int, int, ShapeDay]], keep: int) -> list[Ranked]:
    """The first sums of both. The shapes of a list differ, so do all sums."""
    if len(ranked) == 1 and len(shapes) == 1:
        (cost, idle, shape), (more, wait, day) = ranked[0], shapes[0]
        return [(cost + more, idle + wait, (*shape, day))]
    sums = []
    for i, (cost, idle, shape) in enumerate(ranked):
        for more, wait, day in shapes[: keep // (i + 1)]:
            sums.append((cost + more, idle + wait, (*shape, day)))
    sums.sort()
    return sums[:keep]
