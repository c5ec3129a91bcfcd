"""The best week of one shape, exactly: who holds each session, in which office, and the first of equally good weeks."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from ..times import TELEHEALTH
from .days import Days, Slot
from .newcomer import Newcomer
from .shapes import Shape, Vector
from .timetable import keeps_limits

Row = tuple[str, int, str, str]  # kind, start, staff, office or ""
Key = tuple[int, int, int, tuple[Slot, ...]]
Part = tuple[int, int, tuple[str, ...], tuple[Slot, ...]]  # levels 6 and 7, groups, sessions


@dataclass(frozen=True, slots=True)
class Session:
    """`room` None is telehealth; `start` in minutes of the week."""

    kind: str
    start: int
    staff: str
    room: str | None


@dataclass(frozen=True, slots=True)
class Week:
    """An offered week. `vector`: levels 1, 2, 3, 5, 6 and 7 for this client alone; `shape`: (day, first start, last end)."""

    groups: tuple[str, ...]
    sessions: tuple[Session, ...]
    counselor: str | None
    minutes: int
    vector: Vector
    shape: Shape


class Weeks:
    def __init__(self, newcomer: Newcomer, days: Days) -> None:
        self.newcomer, self.days = newcomer, days
        self.packing = newcomer.packing
        self.many = sum(wish.count for wish in newcomer.wishes) > 1
        self.able: dict[Slot, list[str]] = {}
        self.assigned: dict[tuple[Slot, ...], tuple[int, tuple[Row, ...], str | None] | None] = {}

    def best(self, shape: Shape) -> Week | None:
        """The best week of this shape by (vector, groups, sessions); None when the shape can't be had."""
        layer: dict[Key, Part] = {(self.packing.nothing, 0, 0, ()): (0, 0, (), ())}
        for day, first, last in shape:
            layer = self.day_more(layer, list(self.parts(day, first, last)))
        best: tuple[Vector, tuple[str, ...], tuple[Row, ...]] | None = None
        chosen = None
        for least, key, part in sorted((self.vector(key, part, None), key, part) for key, part in layer.items()):
            if best is not None and least > best[0]:
                break
            held = self.assign(part[3])
            if held is None:
                continue
            found = (self.vector(key, part, held[0]), part[2], held[1])
            if best is None or found < best:
                best, chosen = found, (held[2], self.packing.minutes.read(key[0]))
        if best is None or chosen is None:
            return None
        vector, groups, rows = best
        sessions = tuple(Session(kind, start, staff, room or None) for kind, start, staff, room in rows)
        return Week(groups, sessions, chosen[0], chosen[1], vector, shape)

    def parts(self, day: int, first: int, last: int) -> Iterator[tuple[int, int, int, Part]]:
        """The ways to have a day of this shape."""
        for together in self.days.of_day[day]:
            groups = together.groups
            if groups and (groups[0].start < first or max(group.end for group in groups) > last):
                continue
            ids = tuple(sorted(group.id for group in groups))
            for laid in self.days.of_shape(together, (day, first, last)):
                yield laid.adds, together.topics, together.series, (laid.cost, laid.idle, ids, laid.slots)

    def day_more(self, layer: dict[Key, Part], parts: list[tuple[int, int, int, Part]]) -> dict[Key, Part]:
        guards = self.packing.guards
        fresh: dict[Key, Part] = {}
        for (packed, topics, series, slots), (cost, idle, groups, _) in layer.items():
            for adds, more_topics, more_series, (more, wait, ids, new) in parts:
                total = packed + adds
                if topics & more_topics or total & guards:
                    continue
                held = slots + new
                key = (total, topics | more_topics, series | more_series, held)
                part = (cost + more, idle + wait, tuple(sorted(groups + ids)), held)
                if key not in fresh or part < fresh[key]:
                    fresh[key] = part
        return fresh

    def vector(self, key: Key, part: Part, strange: int | None) -> Vector:
        """`strange`: the sessions not with the counselor; None: as few as it could be."""
        packed, _, series, _ = key
        below, short = self.packing.first_levels(packed)
        missing = self.packing.missing(packed)
        apart = self.packing.strange.read(packed) if strange is None else strange
        base = 0 if self.newcomer.counselors else 5
        own = base + 3 * apart + max(0, series.bit_count() - 1)
        return below, short, missing, own, part[0], part[1]

    # ------------------------------------------------------------ who holds the sessions
    def assign(self, slots: tuple[Slot, ...]) -> tuple[int, tuple[Row, ...], str | None] | None:
        """How few of the sessions are not with the counselor, their rows, the counselor; None when nobody can hold them."""
        if slots not in self.assigned:
            self.assigned[slots] = self.assignment(slots)
        return self.assigned[slots]

    def assignment(self, slots: tuple[Slot, ...]) -> tuple[int, tuple[Row, ...], str | None] | None:
        ordered = sorted(slots, key=lambda slot: (self.newcomer.wishes[slot[0]].kind, slot[1]))
        able = [self.who(slot) for slot in ordered]
        counselors = self.newcomer.counselors or []
        every = set(counselors).intersection(*able)
        for one in sorted(every, key=lambda name: (name in self.newcomer.apart.staff and not slots, name)):
            if self.bears(ordered, (one,) * len(ordered)):
                return 0, self.rows(ordered, (one,) * len(ordered)), one
        best: tuple[int, tuple[str, ...]] | None = None
        for chosen in product(*able):
            strange = len(chosen) - max((chosen.count(name) for name in counselors), default=0)
            if (best is None or (strange, chosen) < best) and self.bears(ordered, chosen):
                best = strange, chosen
        if best is None:
            return None
        strange, chosen = best
        first = min(counselors, key=lambda c: (-chosen.count(c), c in self.newcomer.apart.staff, c), default=None)
        return strange, self.rows(ordered, chosen), first

    def who(self, slot: Slot) -> list[str]:
        """Who could hold this session alone, by id."""
        if slot not in self.able:
            index, cell, place = slot
            cells, starts = self.newcomer.cells(index), self.newcomer.frozen.staff_starts
            self.able[slot] = [s.id for s in self.newcomer.holders(index) if starts(s, place, cells) >> cell & 1]
        return self.able[slot]

    def bears(self, slots: list[Slot], chosen: tuple[str, ...]) -> bool:
        """Whether each clinician can hold all the sessions given to them (H6)."""
        for name in set(chosen):
            own = [slot for slot, who in zip(slots, chosen, strict=True) if who == name]
            if len(own) > 1:
                staff, busy = self.newcomer.clinic.staff[name], self.newcomer.frozen.staff_busy[name]
                starts = tuple(slot[1] for slot in own)
                if not keeps_limits(staff, busy, starts, tuple(self.newcomer.cells(slot[0]) for slot in own)):
                    return False
        return True

    def rows(self, slots: list[Slot], chosen: tuple[str, ...]) -> tuple[Row, ...]:
        found = []
        for (index, cell, place), staff in zip(slots, chosen, strict=True):
            cells = self.newcomer.cells(index)
            room = "" if place == TELEHEALTH else self.newcomer.frozen.office(place, cell, cells)
            found.append((self.newcomer.wishes[index].kind, cell * 15, staff, room))
        return tuple(found)
