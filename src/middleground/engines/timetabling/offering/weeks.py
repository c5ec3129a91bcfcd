"""The best week of one shape, exactly: who holds each session, in which office, and the first of equally good weeks."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from math import prod

from ..times import TELEHEALTH
from ..until import TimeUp
from .days import Days, Slot
from .holding import NOBODY, Chosen, choices, first_choice
from .hope import Hope
from .newcomer import Newcomer
from .shapes import Shape, Vector
from .timetable import keeps_limits

Row = tuple[str, int, str, str]  # kind, start, staff, office or ""
Key = tuple[int, int, int, tuple[Slot, ...]]
FEW = 2000  # weeks of a shape that are simply all looked at
MOST = 300_000  # weeks so far that are held at once
Part = tuple[int, int, tuple[str, ...], tuple[Slot, ...]]  # levels 6 and 7, groups, sessions
DayPart = tuple[int, int, int, Part]  # what the day adds, topics, series


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
        self.base = 0 if newcomer.counselors else 5
        self.order = {day: at for at, day in enumerate(days.of_day, 1)}
        self.able: dict[Slot, list[str]] = {}
        self.assigned: dict[tuple[Slot, ...], tuple[int, tuple[Row, ...], str | None] | None] = {}

    def best(self, shape: Shape, least: Vector, hope: Hope) -> Week | None:
        """The best week of this shape by (vector, groups, sessions); None when the shape can't be had. No week of the shape
        has less than the `least` vector: most often one has just that, and the others needn't be looked at."""
        days = [list(self.parts(*each)) for each in shape]
        if prod([len(parts) for parts in days]) <= FEW:
            return self.within(shape, days, None, hope)
        return self.within(shape, days, least, hope) or self.within(shape, days, None, hope)

    def within(self, shape: Shape, days: list[list[DayPart]], bar: Vector | None, hope: Hope) -> Week | None:
        """The best week of this shape that is within the bar."""
        layer: dict[Key, Part] = {(self.packing.nothing, 0, 0, ()): (0, 0, (), ())}
        for (day, _, _), parts in zip(shape, days, strict=True):
            layer = self.day_more(layer, parts, self.order[day], bar, hope)
        best: tuple[Vector, tuple[str, ...], tuple[Row, ...]] | None = None
        chosen = None
        for least, key, part in sorted((self.vector(key, part, None), key, part) for key, part in layer.items()):
            if best is not None and least > best[0]:
                break
            held = self.assign(part[3])
            if held is None:
                continue
            found = (self.vector(key, part, held[0]), part[2], held[1])
            if bar is not None and found[0] > bar:
                continue
            if best is None or found < best:
                best, chosen = found, (held[2], self.packing.minutes.read(key[0]))
        if best is None or chosen is None:
            return None
        vector, groups, rows = best
        sessions = tuple(Session(kind, start, staff, room or None) for kind, start, staff, room in rows)
        return Week(groups, sessions, chosen[0], chosen[1], vector, shape)

    def parts(self, day: int, first: int, last: int) -> Iterator[DayPart]:
        """The ways to have a day of this shape."""
        for together in self.days.of_day[day]:
            groups = together.groups
            if groups and (groups[0].start < first or max(group.end for group in groups) > last):
                continue
            ids = tuple(sorted(group.id for group in groups))
            for laid in self.days.of_shape(together, (day, first, last)):
                yield laid.adds, together.topics, together.series, (laid.cost, laid.idle, ids, laid.slots)

    def day_more(
        self, layer: dict[Key, Part], parts: list[DayPart], at: int, bar: Vector | None, hope: Hope
    ) -> dict[Key, Part]:
        """Each week so far with the day, if it can still come within the bar."""
        guards = self.packing.guards
        fresh: dict[Key, Part] = {}
        many = len(layer) * len(parts) > FEW
        for (packed, topics, series, slots), (cost, idle, groups, _) in layer.items():
            if many:
                self.days.until.ask()
                if len(fresh) > MOST:
                    raise TimeUp
            for adds, more_topics, more_series, (more, wait, ids, new) in parts:
                total = packed + adds
                if topics & more_topics or total & guards:
                    continue
                wider = series | more_series
                if bar is not None and self.least(hope, at, total, wider, (cost + more, idle + wait)) > bar:
                    continue
                held = slots + new
                key = (total, topics | more_topics, wider, held)
                part = (cost + more, idle + wait, tuple(sorted(groups + ids)), held)
                if key not in fresh or part < fresh[key]:
                    fresh[key] = part
        return self.likely(fresh, at, hope)

    def likely(self, weeks: dict[Key, Part], at: int, hope: Hope) -> dict[Key, Part]:
        """Those worth looking at, when only a few are."""
        most = self.days.most_weeks
        if most is None or len(weeks) <= most:
            return weeks

        def promise(key: Key) -> tuple[tuple[int, ...], tuple[Slot, ...]]:
            return (*hope.promise(at, key[0]), self.continuity(key[0], key[2]), *weeks[key][:2]), key[3]

        return {key: weeks[key] for key in sorted(weeks, key=promise)[:most]}

    def least(self, hope: Hope, at: int, packed: int, series: int, sums: tuple[int, int]) -> Vector:
        """What no week that goes on from here falls below."""
        below, short, missing = hope.of(at, packed)
        return below, short, missing, self.continuity(packed, series), *sums

    def continuity(self, packed: int, series: int) -> int:
        return self.base + 3 * self.packing.strange.read(packed) + max(0, series.bit_count() - 1)

    def vector(self, key: Key, part: Part, strange: int | None) -> Vector:
        """`strange`: the sessions not with the counselor; None: as few as it could be."""
        packed, _, series, _ = key
        below, short = self.packing.first_levels(packed)
        missing = self.packing.missing(packed)
        apart = self.packing.strange.read(packed) if strange is None else strange
        own = self.base + 3 * apart + max(0, series.bit_count() - 1)
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
        one = self.one_of(ordered, able)
        if one is not None:
            return 0, self.rows(ordered, (one,) * len(ordered)), one
        best = first_choice(able, counselors, partial(self.still_bears, ordered))
        if best is None:
            return None
        strange, chosen = best
        first = min(counselors, key=lambda c: (-chosen.count(c), c in self.newcomer.apart.staff, c), default=None)
        return strange, self.rows(ordered, chosen), first

    def one_of(self, slots: list[Slot], able: list[list[str]]) -> str | None:
        """The counselor who holds all of them, the first by id; without any, rather one not kept apart from the client."""
        every = set(self.newcomer.counselors or ()).intersection(*able)
        ranked = sorted(every, key=lambda name: (name in self.newcomer.apart.staff and not slots, name))
        return next((name for name in ranked if self.bears(slots, (name,) * len(slots))), None)

    def one_holds(self, slots: tuple[Slot, ...]) -> bool:
        return self.one_of(list(slots), [self.who(slot) for slot in slots]) is not None

    def can_be_held(self, slots: tuple[Slot, ...]) -> bool:
        """Whether clinicians can be found for these sessions together."""
        found = choices([self.who(slot) for slot in slots], (), 0, partial(self.still_bears, list(slots)), ())
        return any(True for _ in found)

    def who(self, slot: Slot) -> list[str]:
        """Who could hold this session alone, by id."""
        if slot not in self.able:
            index, cell, place = slot
            cells, starts = self.newcomer.cells(index), self.newcomer.frozen.staff_starts
            self.able[slot] = [s.id for s in self.newcomer.holders(index) if starts(s, place, cells) >> cell & 1]
        return self.able[slot]

    def bears(self, slots: list[Slot], chosen: Chosen) -> bool:
        """Whether each clinician can hold all of these first sessions given to them (H6)."""
        for name in set(chosen):
            own = [slot for slot, who in zip(slots, chosen, strict=False) if who == name]
            if len(own) > 1 and name != NOBODY:
                staff, busy = self.newcomer.clinic.staff[name], self.newcomer.frozen.staff_busy[name]
                starts = tuple(slot[1] for slot in own)
                if not keeps_limits(staff, busy, starts, tuple(self.newcomer.cells(slot[0]) for slot in own)):
                    return False
        return True

    def still_bears(self, slots: list[Slot], chosen: Chosen) -> bool:
        self.days.tick()
        return self.bears(slots, chosen)

    def rows(self, slots: list[Slot], chosen: tuple[str, ...]) -> tuple[Row, ...]:
        found = []
        for (index, cell, place), staff in zip(slots, chosen, strict=True):
            cells = self.newcomer.cells(index)
            room = "" if place == TELEHEALTH else self.newcomer.frozen.office(place, cell, cells)
            found.append((self.newcomer.wishes[index].kind, cell * 15, staff, room))
        return tuple(found)
