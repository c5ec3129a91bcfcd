"""What a week can still become: a bound that never says less than is possible."""

from collections.abc import Sequence
from itertools import accumulate

from ..until import Until
from .packing import Packing

Three = tuple[int, int, int]


MANY = 20_000  # sums that take long enough to look at the clock


class Hope:
    """The best levels 1 to 3 from any sum on, were topics and series no matter: `of(at, packed)` after so many days.

    `days`: what each day can add, `longest`: its most minutes. When not every day's sums are known, or when they would take
    more than `most` steps to put together, the bound is by minutes and days alone.
    """

    def __init__(
        self, packing: Packing, days: Sequence[list[int] | None], longest: Sequence[int], most: int, until: Until
    ) -> None:
        self.packing, self.until = packing, until
        self.mask = ~packing.strange.whole
        self.more = [*accumulate(reversed(longest), initial=0)][::-1]
        self.tables: list[dict[int, Three]] = []
        known = [adds for adds in days if adds is not None]
        layers = self.layers(known, most) if len(known) == len(days) else None
        if layers is not None:
            self.fill(layers, known)

    def layers(self, days: list[list[int]], most: int) -> list[set[int]] | None:
        """The sums there can be after each day; None when they are too many."""
        layers, guards = [{self.packing.nothing}], self.packing.guards
        for adds in days:
            before = layers[-1]
            most -= len(before) * len(adds)
            if most < 0:
                return None
            self.until.ask()
            layers.append(before.union(*({s for each in before if not (s := each + add) & guards} for add in adds)))
        return layers

    def fill(self, layers: list[set[int]], days: list[list[int]]) -> None:
        first, missing = self.packing.first_levels, self.packing.missing
        table = {each: (*first(each), missing(each)) for each in layers.pop()}
        self.tables.append(table)
        for adds in reversed(days):
            later, table = table, {}
            now = layers.pop()
            many = len(now) * len(adds) > MANY
            for each in now:
                if many:
                    self.until.ask()
                best = later[each]
                for add in adds:
                    value = later.get(each + add)
                    if value is not None and value < best:
                        best = value
                table[each] = best
            self.tables.append(table)
        self.tables.reverse()

    def exactly(self, packed: int) -> Three:
        return (*self.packing.first_levels(packed), self.packing.missing(packed))

    def of(self, at: int, packed: int) -> Three:
        return self.tables[at][packed & self.mask] if self.tables else self.loosely(at, packed)

    def promise(self, at: int, packed: int) -> tuple[int, ...]:
        """What to put first of weeks so far: those with the best bound; where it says little, those that aren't behind."""
        if self.tables:
            return self.of(at, packed)
        due = self.packing.client.prescribed * at // (len(self.more) - 1)
        return (*self.of(at, packed), max(0, due - self.packing.minutes.read(packed)), self.packing.missing(packed))

    def loosely(self, at: int, packed: int) -> Three:
        """By the longest that each day left can be."""
        left = len(self.more) - 1 - at
        return (*self.packing.first_levels(packed, self.more[at], left), 0) if left else self.exactly(packed)
