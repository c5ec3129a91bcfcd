"""The best weeks of different shape, exactly: day by day, keeping for each standing only its few best beginnings.

A beginning is cut when the best that can still come of it is worse than the weeks already found. Good weeks are first
scouted for with few beginnings a day; then every week of one series, of two, and so on is looked at, until no week of
more series can be better.
"""

from collections.abc import Iterator, Sequence

from ..knowing import load
from .asked import FitClient
from .days import Bits, Choice, choices
from .hoping import Hope
from .joining import Seat, Ways

Vector = tuple[int, int, int, int, int]
Shape = tuple[tuple[int, int], ...]
State = tuple[int, int, int, int, int, int]  # days, minutes, telehealth, series met, series, topics (bits)
Entry = tuple[int, int, Shape, tuple[str, ...]]  # cost, idle, shape, groups
Done = tuple[Vector, Shape, tuple[str, ...], int, int]  # vector, shape, groups, minutes, days
Beginnings = dict[State, list[Entry]]
START: Beginnings = {(0, 0, 0, 0, 0, 0): [(0, 0, (), ())]}


class Search:
    """One client's weeks. `proved` turns False when the work limit cut something that might have mattered."""

    def __init__(self, client: FitClient, seats: Sequence[Seat], ways: Ways, count: int) -> None:
        self.client, self.count, self.proved = client, count, True
        self.series, self.topics = Bits(seats, "series"), Bits(seats, "topic")
        self.days = sorted({seat.day for seat in seats})
        self.options = [
            choices([seat for seat in seats if seat.day == day], client, ways, self.series, self.topics)
            for day in self.days
        ]
        self.bundles = [bundled(held) for held in self.options]
        self.hope = Hope(client, seats, self.days, self.options, self.series)
        self.all_series = len({seat.series for seat in seats} - {None})
        self.limits = load("timetabling")["week"]["work"]
        self.spent = 0
        self.found: dict[Shape, Done] = {}
        self.worst: Vector | None = None
        self.held_back = False

    def best(self) -> list[Done]:
        """The first `count` weeks by (vector, shape), one for each shape."""
        if self.days:
            self.look(self.limits["scout"])
            self.proved, self.spent = True, 0
            self.look(self.limits["day"])
        return self.first()

    def look(self, width: int) -> None:
        """All weeks of at most one series, two, ... until more can't help; `width` beginnings times choices a day."""
        for series in range(1, max(1, self.all_series) + 1):
            self.held_back = False
            self.keep(self.sweep(series, width))
            if not self.held_back or self.settled(series) or self.tired():
                return

    def settled(self, series: int) -> bool:
        """No week of more series can come before the last one found."""
        return self.worst is not None and (*self.hope.promise(0, 0, 0, 0, self.all_series), series) > self.worst[:3]

    def tired(self) -> bool:
        if self.spent > self.limits["all"]:
            self.proved = False
        return not self.proved and self.spent > self.limits["all"]

    def keep(self, beginnings: Beginnings) -> None:
        for done in self.ended(beginnings):
            self.found[done[1]] = min(done, self.found.get(done[1], done))
        self.worst = self.first()[-1][0] if len(self.found) >= self.count else None

    def first(self) -> list[Done]:
        return sorted(self.found.values())[: self.count]

    def ended(self, beginnings: Beginnings) -> Iterator[Done]:
        for (days, minutes, _, met, _, _), entries in beginnings.items():
            for cost, idle, shape, groups in entries if days else ():
                vector = (*self.hope.verdict(days, minutes), max(0, met - 1), cost, idle)
                yield vector, shape, groups, minutes, days

    def sweep(self, series: int, width: int) -> Beginnings:
        """All beginnings after the last day that meet at most so many series."""
        beginnings = START
        for index in range(len(self.days)):
            beginnings = self.next_day(self.narrowed(beginnings, index, series, width), index, series)
        return beginnings

    def narrowed(self, beginnings: Beginnings, index: int, series: int, width: int) -> Beginnings:
        """Only when there are too many to go on with: those that promise most."""
        most = max(self.count, width // (len(self.options[index]) + 1))
        if len(beginnings) <= most:
            return beginnings
        self.proved = False
        promising = sorted(
            beginnings, key=lambda state: (self.promise(index, state, series), state[3], beginnings[state][0], state)
        )
        return {state: beginnings[state] for state in promising[:most]}

    def promise(self, index: int, state: State, series: int) -> tuple[int, int]:
        days, minutes, _, met, bits, _ = state
        return self.hope.promise(index, days, minutes, bits, series - met)

    def next_day(self, beginnings: Beginnings, index: int, series: int) -> Beginnings:
        forget = self.series.after(self.days[index]), self.topics.after(self.days[index])
        grown: Beginnings = {}
        for state, entries in beginnings.items():
            grown.setdefault(remembered(state, forget), []).extend(entries)
            if state[0] < self.client.days_max:
                self.grow(state, entries, index, series, forget, grown)
        return {state: self.first_of_each_shape(entries) for state, entries in grown.items()}

    def grow(
        self, state: State, entries: list[Entry], index: int, series: int, forget: tuple[int, int], grown: Beginnings
    ) -> None:
        """One beginning with each choice of the day that it allows and that may still lead to a better week."""
        self.spent += len(self.bundles[index])
        for (bits, fresh), options in self.bundles[index].items():
            met = state[3] + fresh + (bits & ~state[4]).bit_count()
            if met > series:
                self.held_back = True
                continue
            self.spent += len(options)
            for option in options:
                then = self.followed(state, option, met)
                if then is None:
                    continue
                kept = remembered(then, forget)
                if self.promising(kept, index + 1, series, entries[0], option):
                    grown.setdefault(kept, []).extend(joined(entries, option))

    def followed(self, state: State, option: Choice, met: int) -> State | None:
        days, minutes, telehealth, _, bits, topics = state
        minutes, telehealth = minutes + option.minutes, telehealth + option.telehealth
        video = self.client.telehealth_max
        if topics & option.topics or minutes > self.client.max_week or (video is not None and telehealth > video):
            return None
        return (
            days + 1,
            minutes,
            telehealth if video is not None else 0,
            met,
            bits | option.series,
            topics | option.topics,
        )

    def promising(self, state: State, index: int, series: int, entry: Entry, option: Choice) -> bool:
        """Whether what starts so can still come before, or beside, the last of the weeks found."""
        if self.worst is None:
            return True
        rest = entry[0] + option.cost, entry[1] + option.idle
        if (*self.promise(index, state, series), max(0, state[3] - 1), *rest) <= self.worst:
            return True
        if (*self.promise(index, state, self.all_series), series, *rest) <= self.worst:
            self.held_back = True
        return False

    def first_of_each_shape(self, entries: list[Entry]) -> list[Entry]:
        if len(entries) == 1:
            return entries
        kept: dict[Shape, Entry] = {}
        for entry in sorted(entries):
            if kept.setdefault(entry[2], entry) is entry and len(kept) == self.count:
                break
        return list(kept.values())


def bundled(options: Sequence[Choice]) -> dict[tuple[int, int], list[Choice]]:
    """Choices by the series they meet, so that a whole bundle is passed over at once."""
    bundles: dict[tuple[int, int], list[Choice]] = {}
    for option in options:
        bundles.setdefault((option.series, option.fresh), []).append(option)
    return bundles


def remembered(state: State, forget: tuple[int, int]) -> State:
    """What can't meet again needs no remembering."""
    return (*state[:4], state[4] & forget[0], state[5] & forget[1])


def joined(entries: list[Entry], option: Choice) -> list[Entry]:
    return [
        (cost + option.cost, idle + option.idle, (*shape, option.shape), groups + option.groups)
        for cost, idle, shape, groups in entries
    ]
