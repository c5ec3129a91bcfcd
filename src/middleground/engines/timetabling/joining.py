"""Which groups one client can join, and what keeps them out of the others."""

from collections.abc import Iterable, Sequence

import msgspec

from ..errors import BadLine
from .asked import FitClient, FitGroup
from .times import CELL, DAY, TELEHEALTH, WEEK, interval, moment, occupied


class Seat(msgspec.Struct, frozen=True):
    """A group the client can join, in minutes since Monday 00:00; `end` covers the occupied quarter hours."""

    id: str
    start: int
    end: int
    minutes: int
    place: str
    series: str | None
    topic: str | None
    cost: int

    @property
    def day(self) -> int:
        return self.start // DAY

    @property
    def telehealth(self) -> int:
        return self.minutes if self.place == TELEHEALTH else 0


class Calendar:
    """The client's quarter hours: a cost where they are free, None where they are not."""

    def __init__(self, client: FitClient) -> None:
        self.cells: list[int | None] = [None] * (WEEK // CELL)
        for each in client.free:
            self.fill(interval(each.at), each.cost)
        for taken in client.busy:
            self.fill(interval(taken), None)

    def fill(self, span: tuple[int, int], cost: int | None) -> None:
        first, last = span[0] // CELL, span[1] // CELL
        self.cells[first:last] = [cost] * (last - first)

    def free(self, start: int, end: int) -> bool:
        """Free in all of it, also in quarter hours that it only touches."""
        return start >= 0 and end <= WEEK and None not in self.cells[start // CELL : -(-end // CELL)]

    def cost(self, start: int, end: int) -> int:
        return sum(cost or 0 for cost in self.cells[start // CELL : end // CELL])


def margin(client: FitClient, place: str) -> int | None:
    """Minutes from where the client is to the group; None when it is out of reach."""
    return 0 if place == TELEHEALTH else client.travel.get(place)


def span_of(group: FitGroup) -> tuple[int, int]:
    if group.minutes < 1:
        raise BadLine("out-of-range", f"Group {group.id} has no minutes.", "/groups")
    start = moment(group.start)
    return start, start + occupied(group.minutes)


def kept_out(client: FitClient, group: FitGroup, calendar: Calendar) -> str | None:
    """The first thing that keeps the client out of the group; None when they can join."""
    return barred(client, group) or hindered(client, group, calendar)


def barred(client: FitClient, group: FitGroup) -> str | None:
    """What no free time would change."""
    if group.language not in client.languages:
        return "language"
    if not group.only <= client.tags:
        return "population"
    if topic(group) in client.done:
        return "topic"
    return "full" if group.seats_left < 1 else None


def hindered(client: FitClient, group: FitGroup, calendar: Calendar) -> str | None:
    start, end = span_of(group)
    way = margin(client, group.place)
    if way is None or end > (start // DAY + 1) * DAY:
        return "travel" if way is None else "not-free"
    if not calendar.free(start, end):
        return "not-free"
    return None if calendar.free(start - way, end + way) else "travel"


def topic(group: FitGroup) -> str | None:
    """A kind with a slash names a topic; nobody sits through one twice in a week."""
    return group.kind if "/" in group.kind else None


def seats(client: FitClient, groups: Iterable[FitGroup], calendar: Calendar) -> list[Seat]:
    joinable = [group for group in groups if kept_out(client, group, calendar) is None]
    return sorted((seat(group, calendar) for group in joinable), key=lambda each: (each.start, each.end, each.id))


def seat(group: FitGroup, calendar: Calendar) -> Seat:
    start, end = span_of(group)
    return Seat(group.id, start, end, group.minutes, group.place, group.series, topic(group), calendar.cost(start, end))


class Ways:
    """Minutes from one group to the next: none on one site, the client's own way to or from telehealth."""

    def __init__(self, client: FitClient, between: Sequence[tuple[str, str, int]]) -> None:
        self.client = client
        self.sites = {frozenset((a, b)): minutes for a, b, minutes in between}

    def minutes(self, a: str, b: str) -> int:
        """A pair of sites that isn't listed can't be combined in one day."""
        if a == b:
            return 0
        if TELEHEALTH in (a, b):
            return margin(self.client, b if a == TELEHEALTH else a) or 0
        return self.sites.get(frozenset((a, b)), DAY)

    def follow(self, earlier: Seat, later: Seat) -> bool:
        return later.start - earlier.end >= self.minutes(earlier.place, later.place)
