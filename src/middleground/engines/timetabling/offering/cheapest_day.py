"""The cheapest day of each sum and shape, where to lay every way would be too much."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..times import CELL, WEEK
from ..until import TimeUp
from .cells import ALL, bits
from .timetable import whole_day

if TYPE_CHECKING:
    from .days import Days, ShapeDay, Together

MOST = 400_000  # days so far that are held at once
Ends = tuple[tuple[str, int], ...]  # the places that have sessions, each with the last end there
Worth = tuple[int, "ShapeDay", int, int]  # what the day adds, its shape, levels 6 and 7


def cheapest_days(days: "Days", day: int, together: "Together") -> Iterator[Worth]:
    """Sessions in the order of time; of days that go on alike only the cheapest does. A sum and shape may come more than once."""
    client, nothing, guards = days.client, days.packing.nothing, days.packing.guards
    options = ways(days, day, together)
    start = min((group.start for group in together.groups), default=WEEK)
    end = max((group.end for group in together.groups), default=0)
    cells = sum(group.end - group.start for group in together.groups) // CELL
    layer: dict[tuple[int, int, int, Ends], tuple[int, int, int]] = {
        (together.adds, start, end, ()): (together.cost, together.minutes, cells)
    }
    while layer:
        after: dict[tuple[int, int, int, Ends], tuple[int, int, int]] = {}
        for (adds, first, last, ends), (cost, minutes, held) in layer.items():
            days.tick()
            if held and minutes >= client.day_least:
                yield adds, (day, first, last), cost, days.idle(first, last, held)
            for place, free, more, length, takes, costs in options:
                total = adds + more
                if minutes + length > client.day_most or (nothing + total) & guards:
                    continue
                soonest = max((z + days.newcomer.between(at, place) for at, z in ends), default=0)
                for cell in bits(free & ALL << -(-soonest // CELL)):
                    finish = (cell + takes) * CELL
                    key = total, min(first, cell * CELL), max(last, finish), ending(ends, place, finish)
                    spent = cost + costs[cell]
                    if key not in after or spent < after[key][0]:
                        after[key] = spent, minutes + length, held + takes
            if len(after) > MOST:
                raise TimeUp
        layer = after


def ways(days: "Days", day: int, together: "Together") -> list[tuple[str, int, int, int, int, dict[int, int]]]:
    """Each way to hold a session on this day around the groups: place, starts, what it adds, minutes, quarter hours, costs."""
    found = []
    for _, place, starts, more, length, takes in days.options:
        free = starts & whole_day(day)
        for group in together.groups:
            free &= days.clear_starts(group.start, group.end, group.place, place, takes)
        if free:
            found.append((place, free, more, length, takes, {at: days.newcomer.cost(at, takes) for at in bits(free)}))
    return found


def ending(ends: Ends, place: str, end: int) -> Ends:
    """The ends with a later one at this place."""
    return tuple(sorted([*((at, z) for at, z in ends if at != place), (place, end)]))
