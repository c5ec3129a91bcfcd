"""What one day can hold for one client: every choice of groups that can follow each other, worse twins left out."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from ..knowing import load
from .asked import FitClient
from .joining import Seat, Ways
from .times import CELL


class Choice(msgspec.Struct, frozen=True):
    """A day's groups. `series`, `topics`: bit sets of those that also meet on other days; `fresh` counts the rest."""

    minutes: int
    telehealth: int
    series: int
    fresh: int
    topics: int
    cost: int
    idle: int
    shape: tuple[int, int]
    groups: tuple[str, ...]


class Bits:
    """A number for each series (or topic) that meets on more than one day; the others never need remembering."""

    def __init__(self, seats: Sequence[Seat], field: str) -> None:
        self.field = field
        days: dict[str, set[int]] = {}
        for seat in seats:
            name = getattr(seat, field)
            if name is not None:
                days.setdefault(name, set()).add(seat.day)
        shared = sorted(name for name, met in days.items() if len(met) > 1)
        self.bit = {name: 1 << number for number, name in enumerate(shared)}
        self.last = {name: max(days[name]) for name in shared}

    def of(self, picked: Sequence[Seat]) -> tuple[int, int]:
        """(bit set of the shared ones, how many others) among the picked seats."""
        names = {getattr(seat, self.field) for seat in picked} - {None}
        shared = [self.bit[name] for name in names if name in self.bit]
        return sum(shared), len(names) - len(shared)

    def after(self, day: int) -> int:
        """The bits that can still meet after that day."""
        return sum(bit for name, bit in self.bit.items() if self.last[name] > day)


def choices(seats: Sequence[Seat], client: FitClient, ways: Ways, series: Bits, topics: Bits) -> list[Choice]:
    """All choices for one day's seats (sorted by start), the cheapest of those that are alike for every other day."""
    best: dict[tuple, Choice] = {}
    for picked in sequences(seats, client, ways):
        each = choice(picked, series, topics)
        if each.minutes < client.day_min:
            continue
        alike = (each.shape, each.minutes, each.telehealth, each.series, each.fresh, each.topics)
        if alike not in best or rank(each) < rank(best[alike]):
            best[alike] = each
    return sorted(best.values(), key=lambda each: (-each.minutes, rank(each)))


def rank(each: Choice) -> tuple[int, int, tuple[str, ...]]:
    return each.cost, each.idle, each.groups


def sequences(seats: Sequence[Seat], client: FitClient, ways: Ways) -> Iterator[list[Seat]]:
    """Every non-empty run of groups that can follow each other within the day's limits."""
    most = min(client.day_max, client.max_week)
    video = most if client.telehealth_max is None else client.telehealth_max
    after = followers(seats, ways)

    def longer(picked: list[Seat], open_: int, minutes: int, telehealth: int) -> Iterator[list[Seat]]:
        for index, seat in enumerate(seats):
            total, distant = minutes + seat.minutes, telehealth + seat.telehealth
            if not open_ >> index & 1 or total > most or distant > video:
                continue
            chosen = [*picked, seat]
            yield chosen
            yield from longer(chosen, open_ & after[index], total, distant)

    return longer([], (1 << len(seats)) - 1, 0, 0)


def followers(seats: Sequence[Seat], ways: Ways) -> list[int]:
    """For each seat, the bit set of seats that can come after it."""
    return [
        sum(
            1 << n
            for n, later in enumerate(seats)
            if ways.follow(seat, later) and (later.topic is None or later.topic != seat.topic)
        )
        for seat in seats
    ]


def choice(picked: Sequence[Seat], series: Bits, topics: Bits) -> Choice:
    known, fresh = series.of(picked)
    first, last = picked[0].start, picked[-1].end
    gap = (last - first - sum(seat.end - seat.start for seat in picked)) // CELL
    return Choice(
        sum(seat.minutes for seat in picked),
        sum(seat.telehealth for seat in picked),
        known,
        fresh,
        topics.of(picked)[0],
        sum(seat.cost for seat in picked),
        waiting(gap),
        (first, last),
        tuple(seat.id for seat in picked),
    )


def waiting(gap: int) -> int:
    """Quarter hours of waiting; a split day counts for more."""
    split: Mapping[str, int] = load("timetabling")["week"]["split"]
    return gap + (split["adds"] if gap >= split["from"] else 0)
