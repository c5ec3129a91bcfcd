"""The best weeks of different shape, exactly: day by day, keeping for each standing only its few best beginnings.

A beginning is cut when the best that can still follow it (more minutes on more days, at no cost) is worse than the
weeks already found. Weeks of few series are sought first, since they are almost always the best.
"""

from collections.abc import Iterable, Sequence
from functools import cache

import msgspec

from ..knowing import load
from .asked import FitClient
from .days import Bits, Choice, choices
from .joining import Seat, Ways

Vector = tuple[int, int, int, int, int]
Shape = tuple[tuple[int, int], ...]
Entry = tuple[int, int, Shape, tuple[str, ...]]          # cost, idle, shape, groups
Done = tuple[Vector, Shape, tuple[str, ...], int, int]   # vector, shape, groups, minutes, days


class State(msgspec.Struct, frozen=True):
    """Where a beginning stands, as far as the days to come can tell."""

    days: int = 0
    minutes: int = 0
    telehealth: int = 0
    met: int = 0
    series: int = 0
    topics: int = 0

    def with_(self, choice: Choice) -> "State":
        met = self.met + choice.fresh + (choice.series & ~self.series).bit_count()
        return State(self.days + 1, self.minutes + choice.minutes, self.telehealth + choice.telehealth, met,
                     self.series | choice.series, self.topics | choice.topics)

    def forget(self, series: int, topics: int) -> "State":
        """What can't meet again needs no remembering."""
        return State(self.days, self.minutes, self.telehealth, self.met, self.series & series, self.topics & topics)


class Search:
    """One client's weeks. `proved` turns False when the work limit cut something that might have mattered."""

    def __init__(self, client: FitClient, seats: Sequence[Seat], ways: Ways, count: int) -> None:
        self.client, self.count, self.proved = client, count, True
        self.series, self.topics = Bits(seats, "series"), Bits(seats, "topic")
        self.days = sorted({seat.day for seat in seats})
        self.choices = [choices([seat for seat in seats if seat.day == day], client, ways, self.series, self.topics)
                        for day in self.days]
        self.telehealth_max = client.telehealth_max
        self.work = load("timetabling")["week"]["work"]
        self.reach = self.reachable()
        self.hope = cache(self.short)
        self.worst: Vector | None = None
        self.held_back = False

    def reachable(self) -> list[list[int]]:
        """For each day: the minutes (a bit set) that it and later days can add on exactly j days, other rules aside."""
        rows = [[1] + [0] * len(self.days)]
        for options in reversed(self.choices):
            after, lengths = rows[0], {each.minutes for each in options}
            rows.insert(0, [after[0]] + [after[j] | union(after[j - 1] << m for m in lengths)
                                         for j in range(1, len(after))])
        return rows

    def short(self, index: int, days: int, minutes: int) -> tuple[int, int]:
        """The best (below_payer, short_minutes) that can still come of a week that stands so before day `index`."""
        room = (1 << (self.client.max_week - minutes + 1)) - 1
        left = range(min(self.client.days_max - days, len(self.days) - index) + 1)
        return min(self.verdict(days + j, minutes + (self.reach[index][j] & room).bit_length() - 1)
                   for j in left if self.reach[index][j] & room)

    def verdict(self, days: int, minutes: int) -> tuple[int, int]:
        payer = self.client.payer
        return int(minutes < payer.minutes or days < payer.days), max(0, self.client.prescribed - minutes)

    def best(self) -> list[Done]:
        """The first `count` weeks by (vector, shape), one for each shape."""
        found: list[Done] = []
        beyond = 0
        while True:
            self.held_back = False
            found = self.finish(self.sweep(beyond))
            self.worst = found[-1][0] if len(found) == self.count else None
            if not self.held_back or not self.proved or self.settled(beyond):
                return found
            beyond += 1

    def settled(self, beyond: int) -> bool:
        """No week of more series can come before the last one found."""
        return self.worst is not None and (*self.hope(0, 0, 0), beyond + 1) > self.worst[:3]

    def sweep(self, beyond: int) -> dict[State, list[Entry]]:
        """All beginnings after the last day that use at most `beyond` series more than one."""
        states: dict[State, list[Entry]] = {State(): [(0, 0, (), ())]}
        for index, options in enumerate(self.choices):
            states = self.next_day(self.narrowed(states, index, len(options)), index, options, beyond)
        return states

    def narrowed(self, states: dict[State, list[Entry]], index: int, options: int) -> dict[State, list[Entry]]:
        """Only when there are too many to go on with: those that promise most."""
        most = max(self.count, self.work // (options + 1))
        if len(states) <= most:
            return states
        self.proved = False
        first = sorted(states, key=lambda state: (*self.hope(index, state.days, state.minutes), state.met,
                                                  states[state][0], msgspec.structs.astuple(state)))
        return {state: states[state] for state in first[:most]}

    def next_day(self, states: dict[State, list[Entry]], index: int, options: Sequence[Choice],
                 beyond: int) -> dict[State, list[Entry]]:
        day = self.days[index]
        series, topics = self.series.after(day), self.topics.after(day)
        grown: dict[State, list[Entry]] = {}
        for state, entries in states.items():
            grown.setdefault(state.forget(series, topics), []).extend(entries)
            if state.days == self.client.days_max:
                continue
            for option in options:
                then = state.with_(option)
                if self.allowed(state, option, then, beyond) and self.promising(then, index + 1, entries[0], option):
                    grown.setdefault(then.forget(series, topics), []).extend(joined(entries, option))
        return {state: self.first_of_each_shape(entries) for state, entries in grown.items()}

    def allowed(self, state: State, option: Choice, then: State, beyond: int) -> bool:
        if state.topics & option.topics or then.minutes > self.client.max_week:
            return False
        if self.telehealth_max is not None and then.telehealth > self.telehealth_max:
            return False
        if then.met > beyond + 1:
            self.held_back = True
            return False
        return True

    def promising(self, then: State, index: int, entry: Entry, option: Choice) -> bool:
        """Whether something that starts so can still come before, or beside, the last of the weeks found."""
        if self.worst is None:
            return True
        least = (*self.hope(index, then.days, then.minutes), max(0, then.met - 1), entry[0] + option.cost)
        return least <= self.worst[:4]

    def first_of_each_shape(self, entries: list[Entry]) -> list[Entry]:
        if len(entries) == 1:
            return entries
        kept: dict[Shape, Entry] = {}
        for entry in sorted(entries):
            if kept.setdefault(entry[2], entry) is entry and len(kept) == self.count:
                break
        return list(kept.values())

    def finish(self, states: dict[State, list[Entry]]) -> list[Done]:
        weeks = sorted(self.week(state, entry) for state, entries in states.items() if state.days for entry in entries)
        kept: dict[Shape, Done] = {}
        for each in weeks:
            kept.setdefault(each[1], each)
        return list(kept.values())[:self.count]

    def week(self, state: State, entry: Entry) -> Done:
        cost, idle, shape, groups = entry
        vector = (*self.verdict(state.days, state.minutes), max(0, state.met - 1), cost, idle)
        return vector, shape, groups, state.minutes, state.days


def joined(entries: list[Entry], option: Choice) -> list[Entry]:
    return [(cost + option.cost, idle + option.idle, (*shape, option.shape), groups + option.groups)
            for cost, idle, shape, groups in entries]


def union(masks: Iterable[int]) -> int:
    whole = 0
    for mask in masks:
        whole |= mask
    return whole
