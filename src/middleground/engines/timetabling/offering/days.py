"""The days of a week a newcomer could have: groups that fit together, and 1:1 sessions laid around them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from ..times import CELL, DAY
from ..until import NEVER, TimeUp, Until
from .cells import ALL, bits, clear_of, ones
from .newcomer import Candidate, Newcomer
from .timetable import whole_day

LONG_WAIT = 8
MOST_WAYS = 30_000  # ways to lay the sessions around one set of groups that are kept
MOST_KEPT = 300_000  # of all sets
MOST_SETS = 300_000
Slot = tuple[int, int, str]  # index of the wish, quarter hour, place
ShapeDay = tuple[int, int, int]  # day, first start, last end


@dataclass(frozen=True, slots=True)
class Together:
    """Groups of one day that can all be attended; also none of them."""

    groups: tuple[Candidate, ...]
    adds: int
    minutes: int
    topics: int
    series: int
    cost: int


class Laid(NamedTuple):
    """A day with its sessions laid: what it adds, its shape, and levels 6 and 7."""

    adds: int
    shape: ShapeDay
    cost: int
    idle: int
    slots: tuple[Slot, ...]


class TooMany(Exception):
    """More ways to lay a day than are worth keeping."""


class Days:
    """`most_weeks`: of the weeks so far only so many are worth looking at; None: all. `most_steps`: how much work a bound is
    worth."""

    most_weeks: int | None = None
    most_steps = 5_000_000

    def __init__(self, newcomer: Newcomer, until: Until = NEVER) -> None:
        self.newcomer, self.until = newcomer, until
        self.asked = self.kept_ways = self.room = 0
        self.packing = newcomer.packing
        self.client = newcomer.client
        self.clear: dict[tuple[int, int, str, str, int], int] = {}
        self.kept: dict[int, dict[ShapeDay, list[Laid]]] = {}  # by the id of a `Together` of `of_day`
        self.options = self.session_options()
        self.of_day = {day: self.combine(day) for day in newcomer.days()}

    def session_options(self) -> list[tuple[int, str, int, int, int, int]]:
        """Each way to hold a wished kind: wish, place, starts, what it adds, its minutes, its quarter hours."""
        found = []
        for (index, place), own in self.newcomer.own.items():
            for starts, strange in ((own, False), (self.newcomer.other[index, place], True)):
                if starts:
                    adds = self.packing.session(index, place, strange)
                    minutes = self.newcomer.wishes[index].minutes
                    found.append((index, place, starts, adds, minutes, self.newcomer.cells(index)))
        return found

    def combine(self, day: int) -> list[Together]:
        """Every set of the day's groups that can be attended together, the empty one too."""
        groups = [group for group in self.newcomer.groups if group.start // DAY == day]
        found: list[Together] = []
        extra = sum(w.minutes * w.count for w in self.newcomer.wishes)

        def grow(chosen: Together, at: int) -> None:
            self.tick()
            if len(found) > MOST_SETS:
                raise TimeUp
            if self.enough_sets(found):
                return
            if chosen.minutes + extra >= self.client.day_least:
                found.append(chosen)
            for i in range(at, len(groups)):
                wider = self.with_group(chosen, groups[i])
                if wider is not None:
                    grow(wider, i + 1)

        grow(Together((), self.packing.days.one, 0, 0, 0, 0), 0)
        return found

    def enough_sets(self, found: list[Together]) -> bool:
        return False

    def with_group(self, chosen: Together, group: Candidate) -> Together | None:
        """The set with one more, later group; None when a rule forbids it (H10-H13)."""
        minutes = chosen.minutes + group.minutes
        adds = chosen.adds + group.adds
        if minutes > self.client.day_most or chosen.topics & group.topic:
            return None
        if (self.packing.nothing + adds) & self.packing.guards:
            return None
        for other in chosen.groups:
            if group.start < other.end + self.newcomer.between(other.place, group.place):
                return None
        topics, series = chosen.topics | group.topic, chosen.series | group.series
        return Together((*chosen.groups, group), adds, minutes, topics, series, chosen.cost + group.cost)

    def tick(self) -> None:
        """Asks now and then whether it is time."""
        self.asked += 1
        if not self.asked & 127:
            self.until.ask()

    def idle(self, start: int, end: int, cells: int) -> int:
        """Level 7 of a day that holds so many quarter hours."""
        wait = (end - start) // CELL - cells
        return wait + LONG_WAIT if wait >= LONG_WAIT else wait

    def look(self, found: list[Laid]) -> None:
        """Whether there is time and room for more ways."""
        self.until.ask()
        if len(found) > self.room:
            raise TooMany

    def clear_starts(self, start: int, end: int, at: str, place: str, cells: int) -> int:
        """The starts at a place that leave time from and to something else (H10)."""
        key = (start, end, at, place, cells)
        if key not in self.clear:
            self.clear[key] = clear_of(((start, end),), cells * CELL, self.newcomer.between(at, place))
        return self.clear[key]

    def laid(self, day: int, together: Together) -> dict[ShapeDay, list[Laid]] | None:
        """Every way to lay sessions around the groups, by its shape; kept. None when they are too many for that."""
        key = id(together)
        if key not in self.kept:
            try:
                self.keep(key, self.lay(day, together, whole_day(day), min(MOST_WAYS, MOST_KEPT - self.kept_ways)))
            except TooMany:
                return None
        return self.kept[key]

    def keep(self, key: int, ways: list[Laid]) -> None:
        found: dict[ShapeDay, list[Laid]] = {}
        for each in ways:
            found.setdefault(each.shape, []).append(each)
        self.kept[key] = found
        self.kept_ways += len(ways)

    def of_shape(self, together: Together, shape: ShapeDay) -> Iterable[Laid]:
        """The ways to lay sessions around the groups that give the day this shape."""
        day, first, last = shape
        kept = self.kept.get(id(together))
        if kept is not None:
            return kept.get(shape, ())
        window = ones(first // CELL, last // CELL - 1)
        try:
            return [each for each in self.lay(day, together, window, MOST_KEPT) if each.shape == shape]
        except TooMany as many:
            raise TimeUp from many

    def lay(self, day: int, together: Together, window: int, most: int) -> list[Laid]:
        """Every way to lay sessions around the groups within the window, a mask of quarter hours.

        Raises `TooMany` when they are more than `most`.
        """
        self.room = most
        spans = [(group.start, group.end, group.place) for group in together.groups]
        start = spans[0][0] if spans else DAY * 7
        end = max((span[1] for span in spans), default=0)
        cells = sum(z - a for a, z, _ in spans) // CELL
        found: list[Laid] = []
        so_far = (together.adds, together.minutes, start, end, cells, together.cost)
        self.lay_more(found, day, window, spans, so_far, ())
        if len(found) > most:
            raise TooMany
        return found

    def lay_more(
        self,
        found: list[Laid],
        day: int,
        window: int,
        spans: list[tuple[int, int, str]],
        so_far: tuple[int, int, int, int, int, int],
        slots: tuple[Slot, ...],
    ) -> None:
        """The day as it is, then with one more session after the last."""
        adds, minutes, start, end, cells, cost = so_far
        if spans and minutes >= self.client.day_least:
            wait = (end - start) // CELL - cells
            idle = wait + LONG_WAIT if wait >= LONG_WAIT else wait
            found.append(Laid(adds, (day, start, end), cost, idle, slots))
        last = slots[-1][1] if slots else -1
        for index, place, starts, more, length, takes in self.options:
            if minutes + length > self.client.day_most or (self.packing.nothing + adds + more) & self.packing.guards:
                continue
            free = starts & window & (ALL << last + 1)
            for a, z, at in spans:
                free &= self.clear_starts(a, z, at, place, takes)
            self.asked += 1
            if not self.asked & 31:
                self.look(found)
            for cell in bits(free):
                begin, finish = cell * CELL, (cell + takes) * CELL
                grown = (adds + more, minutes + length, min(start, begin), max(end, finish), cells + takes)
                spent = cost + self.newcomer.cost(cell, takes)
                wider = [*spans, (begin, finish, place)]
                self.lay_more(found, day, window, wider, (*grown, spent), (*slots, (index, cell, place)))
