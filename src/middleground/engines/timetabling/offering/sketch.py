"""A few likely ways to have each day, soon found: good weeks before all weeks have been looked at."""

from collections.abc import Iterable, Iterator

from ..times import CELL
from ..until import Until
from .cells import ALL, bits, ones
from .days import Days, Laid, Slot, Together
from .newcomer import Newcomer
from .timetable import whole_day
from .weeks import Weeks

DAYS = 150  # ways to have a day with so many sessions, for one of width, shared by the kinds of session
LIKELY = 4  # times as many are looked at
LOOKED = 200  # sets of groups to choose from, for one of width
Spans = tuple[tuple[int, int, str], ...]
Begun = tuple[int, int, int, Spans, tuple[Slot, ...]]  # adds, minutes, cost, spans, slots


class Sketch(Days):
    """Sessions stand next to what the day has already; of each sum only the best few days are kept. `wide`: how many."""

    def __init__(self, newcomer: Newcomer, until: Until, wide: int) -> None:
        self.wide = wide
        self.likes: dict[tuple[int, int], int] = {}
        super().__init__(newcomer, until)
        self.weeks = Weeks(newcomer, self)
        self.most_weeks, self.most_steps = 20 * wide, 50_000 * wide

    def combine(self, day: int) -> list[Together]:
        """The longest sets, and the longest of few series; the empty one is among these."""
        every = super().combine(day)
        long = sorted(every, key=lambda t: (-t.minutes, t.cost))[: 2 * self.wide]
        taken: dict[int, int] = {}
        few = []
        for each in sorted(every, key=lambda t: (t.series.bit_count(), -t.minutes, t.cost)):
            taken[each.series] = taken.get(each.series, 0) + 1
            if taken[each.series] <= self.wide and each not in long:
                few.append(each)
        return [*long, *few[: 2 * self.wide]]

    def enough_sets(self, found: list[Together]) -> bool:
        return len(found) >= LOOKED * self.wide

    def lay(self, day: int, together: Together, window: int, most: int) -> list[Laid]:
        spans = tuple((group.start, group.end, group.place) for group in together.groups)
        layer: list[Begun] = [(together.adds, together.minutes, together.cost, spans, ())]
        found: list[Laid] = []
        while layer:
            grown: dict[tuple[Slot, ...], Begun] = {}
            for begun in layer:
                self.tick()
                found += self.as_laid(day, begun)
                grown.update((each[4], each) for each in self.wider(day, window & whole_day(day), begun))
            layer = self.best_few(grown.values())
        return found

    def as_laid(self, day: int, begun: Begun) -> Iterator[Laid]:
        adds, minutes, cost, spans, slots = begun
        if spans and minutes >= self.client.day_least:
            start, end, idle = self.outline(spans)
            yield Laid(adds, (day, start, end), cost, idle, slots)

    def outline(self, spans: Spans) -> tuple[int, int, int]:
        """First start, last end and level 7."""
        start, end = min(span[0] for span in spans), max(span[1] for span in spans)
        return start, end, self.idle(start, end, sum(z - a for a, z, _ in spans) // CELL)

    def wider(self, day: int, window: int, begun: Begun) -> Iterator[Begun]:
        """The day with one more session."""
        adds, minutes, cost, spans, slots = begun
        for number, (index, place, starts, more, length, takes) in enumerate(self.options):
            if minutes + length > self.client.day_most or (self.packing.nothing + adds + more) & self.packing.guards:
                continue
            free = starts & window
            for a, z, at in spans:
                free &= self.clear_starts(a, z, at, place, takes)
            liked = free & self.liked(number, day)
            for cell in {*self.near(free, spans), *self.near(liked, spans)}:
                span = cell * CELL, (cell + takes) * CELL, place
                held = tuple(sorted((*slots, (index, cell, place)), key=lambda slot: slot[1]))
                yield adds + more, minutes + length, cost + self.newcomer.cost(cell, takes), (*spans, span), held

    def liked(self, number: int, day: int) -> int:
        """The cheapest starts of an option on this day."""
        if (number, day) not in self.likes:
            option = self.options[number]
            costs = {cell: self.newcomer.cost(cell, option[5]) for cell in bits(option[2] & whole_day(day))}
            least = min(costs.values(), default=0)
            self.likes[number, day] = sum(1 << cell for cell, cost in costs.items() if cost == least)
        return self.likes[number, day]

    def near(self, free: int, spans: Spans) -> Iterable[int]:
        """The last start before everything, the first after it and the first between; some of all if there is nothing yet."""
        if not spans:
            cells = list(bits(free))
            return cells[:: max(1, len(cells) // (2 * self.wide))]
        start, end = min(span[0] for span in spans) // CELL, max(span[1] for span in spans) // CELL
        before, between, after = free & ones(0, start - 1), free & ones(start, end - 1), free & ALL << end
        lowest = [(mask & -mask).bit_length() - 1 for mask in (between, after) if mask]
        return [*lowest, before.bit_length() - 1] if before else lowest

    def best_few(self, days: Iterable[Begun]) -> list[Begun]:
        """Of each sum the best few, each with another first start and last end; those that one counselor can hold come first."""
        most = self.wide * max(3, DAYS // max(1, len(self.options)))
        taken: dict[int, set[tuple[int, int]]] = {}
        found: list[Begun] = []
        others: list[Begun] = []
        for _, begun in sorted(((each[2], self.outline(each[3])[2], each[4]), each) for each in days)[: LIKELY * most]:
            alone = self.weeks.one_holds(begun[4])
            adds = begun[0] if alone else self.with_strangers(begun[0])
            outlines, outline = taken.setdefault(adds, set()), self.outline(begun[3])[:2]
            if len(outlines) < self.wide and outline not in outlines and (alone or self.weeks.can_be_held(begun[4])):
                outlines.add(outline)
                (found if alone else others).append((adds, *begun[1:]))
        return [*found, *others][:most]

    def with_strangers(self, adds: int) -> int:
        """The sum with at least one session not with the counselor."""
        field = self.packing.strange
        return adds if field.read(adds) else adds + field.one
