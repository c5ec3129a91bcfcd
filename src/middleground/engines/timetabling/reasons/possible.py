"""Everything one client could book if this or that were lifted, and what each booking needs lifted.

How the table of the contract is read: `travel:<site>` changes the client's own way to the site, not the ways between
sites. `running:<group>` needs no room, leader or other members. `counselor` gives times at a site while it is open, not
by telehealth, and the counselor must still be able to hold the kind; an office is needed unless `office` is lifted too.
Who leads a session is free, as in an offer. Two kept apart never meet in a session, whatever is lifted.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..clinic import Client, Clinic, Group, Spans, Staff, covers, touches
from ..offering.cells import beginnings, bits, held, inside, same_day
from ..offering.packing import wishes
from ..offering.timetable import Frozen, keeps_limits
from ..times import CELL, DAY, TELEHEALTH, WEEK
from ..until import NEVER, Until
from .constraints import FREE

Clause = tuple[str, ...]  # at least one of these must be lifted


@dataclass(frozen=True, slots=True)
class Possible:
    """A group at one of its starts, or a 1:1 slot (`group` None). `needs`: of each clause one must be lifted."""

    kind: str
    group: str | None
    start: int
    end: int
    minutes: int
    place: str
    needs: tuple[Clause, ...]

    @property
    def day(self) -> int:
        return self.start // DAY


class Bookable:
    """What one client of a frozen timetable could book; their own bookings are lifted. Raises `TimeUp` once `until` is due."""

    def __init__(self, clinic: Clinic, client: Client, until: Until = NEVER) -> None:
        until.ask()
        self.clinic, self.client, self.until = clinic, client, until
        self.frozen = Frozen(clinic, without=client.id)
        self.apart = self.frozen.apart_from(client.id)
        chosen = clinic.current.counselors.get(client.id) if clinic.current else None
        self.counselor = client.counselor or chosen
        self.open_to = {seat.group.id for seat in self.frozen.seats if not self.apart.bars(seat)}
        self.all = [*self.groups(), *self.sessions()]

    def groups(self) -> Iterator[Possible]:
        running = {row.id: row.start for row in self.frozen.plan.groups}
        for group in self.clinic.groups.values():
            self.until.ask()
            starts = (running[group.id],) if group.id in running else group.starts
            for start in starts:
                if start % DAY + group.takes <= DAY:
                    yield self.in_group(group, start, group.id in running)

    def in_group(self, group: Group, start: int, runs: bool) -> Possible:
        end, client = start + group.takes, self.client
        needs = self.time_needs(start, end, group.place)
        if group.language not in client.languages:
            needs.append(("language",))
        if not group.only <= client.tags:
            needs.append(("population",))
        if group.kind in client.done:
            needs.append(("topics",))
        if not runs:
            needs.append((f"running:{group.id}",))
        elif group.id not in self.open_to or self.meets(start, end, group.place):
            needs.append((f"place:{group.id}",))
        return Possible(group.kind, group.id, start, end, group.minutes, group.place, tuple(needs))

    def meets(self, start: int, end: int, place: str) -> bool:
        """H15, on a site."""
        near = [(a - CELL, z + CELL) for a, z, site in self.apart.meetings if site == place]
        return touches(near, start, end)

    def time_needs(self, start: int, end: int, place: str) -> list[Clause]:
        """H9: the days that must be free, the commitments that must go, the way that must be none."""
        needs: list[Clause] = [(name,) for name in self.in_the_way(start, end)]
        if place == TELEHEALTH:
            return needs
        way = f"travel:{place}"
        margin = self.client.travel.get(place)
        if margin is None:
            return [*needs, (way,)]
        wider = self.in_the_way(start - margin, end + margin)
        if start < margin or end + margin > WEEK:
            return [*needs, (way,)]
        return [*needs, *((way, name) for name in wider if (name,) not in needs)]

    def in_the_way(self, start: int, end: int) -> list[str]:
        names = [FREE[day] for day in not_free(self.client.free, max(start, 0), min(end, WEEK))]
        busy = (f"busy:{i}" for i, (a, z) in enumerate(self.client.busy) if a < end and start < z)
        return [*names, *busy]

    # ------------------------------------------------------------ 1:1 sessions
    def sessions(self) -> Iterator[Possible]:
        for wish in wishes(self.client):
            cells = wish.takes // CELL
            starts = self.frozen.steps & same_day(cells)
            if wish.when is not None:
                starts &= inside(wish.when, wish.takes, 0)
            for place in (*self.clinic.sites, TELEHEALTH):
                for cell, needs in self.slots(wish.kind, cells, place, starts):
                    start, end = cell * CELL, (cell + cells) * CELL
                    clauses = (*self.time_needs(start, end, place), *needs)
                    yield Possible(wish.kind, None, start, end, wish.minutes, place, clauses)

    def slots(self, kind: str, cells: int, place: str, starts: int) -> Iterator[tuple[int, list[Clause]]]:
        """The starts at a place that some lifting allows, with what they need of clinicians and offices."""
        understood, foreign = self.clinician_starts(kind, cells, place)
        lifted, both = self.counselor_lifted(kind)
        offices = -1
        if place != TELEHEALTH:
            starts &= beginnings(held(self.clinic.sites[place].open), cells)
            offices = self.frozen.office_starts(place, cells)
        else:
            lifted = both = False
        for cell in bits(starts):
            if place != TELEHEALTH and self.meets(cell * CELL, (cell + cells) * CELL, place):
                continue
            needs = clinician_needs(bool(understood >> cell & 1), bool(foreign >> cell & 1), lifted, both)
            if needs is not None:
                yield cell, needs if offices >> cell & 1 else [*needs, ("office",)]

    def holders(self, kind: str) -> list[Staff]:
        return [s for s in self.clinic.staff.values() if s.holds(kind) and s.id not in self.apart.staff]

    def understands(self, staff: Staff) -> bool:
        return bool(staff.languages & self.client.languages)

    def clinician_starts(self, kind: str, cells: int, place: str) -> tuple[int, int]:
        """When someone who understands the client has time, and when someone who doesn't."""
        understood = foreign = 0
        for staff in self.holders(kind):
            self.until.ask()
            found = self.frozen.staff_starts(staff, place, cells)
            if self.understands(staff):
                understood |= found
            else:
                foreign |= found
        return understood, foreign

    def freed(self, kind: str) -> list[Staff]:
        """Who has time at any hour once `counselor` is lifted."""
        return [s for s in self.holders(kind) if self.counselor in (None, s.id)]

    def counselor_lifted(self, kind: str) -> tuple[bool, bool]:
        """Whether lifting `counselor` helps, and whether it helps together with `language`."""
        freed = self.freed(kind)
        return any(self.understands(s) for s in freed), bool(freed)

    def can_be_held(self, slots: Iterable[Possible], lifted: frozenset[str]) -> bool:
        """Whether clinicians can be found for these sessions together (H6), with so much lifted."""
        able = []
        for each in slots:
            known = [s for s in self.holders(each.kind) if "language" in lifted or self.understands(s)]
            freed = (
                "counselor" in lifted and each.place != TELEHEALTH and any(s in known for s in self.freed(each.kind))
            )
            if not freed:
                start, cells = each.start // CELL, (each.end - each.start) // CELL
                free = [s for s in known if self.frozen.staff_starts(s, each.place, cells) >> start & 1]
                able.append((start, cells, free))
        return self.held_by(able, {})

    def held_by(self, able: list[tuple[int, int, list[Staff]]], given: dict[str, list[tuple[int, int]]]) -> bool:
        self.until.ask()
        if not able:
            return True
        (start, cells, staff), *rest = able
        for one in staff:
            own = [*given.get(one.id, ()), (start, cells)]
            starts, lengths = zip(*own, strict=True)
            if keeps_limits(one, self.frozen.staff_busy[one.id], starts, lengths) and self.held_by(
                rest, {**given, one.id: own}
            ):
                return True
        return False


def clinician_needs(understood: bool, foreign: bool, lifted: bool, both: bool) -> list[Clause] | None:
    """What must be lifted for someone to hold the session; None when nothing helps."""
    if understood:
        return []
    if foreign:
        return [("language", "counselor")] if lifted else [("language",)]
    if lifted:
        return [("counselor",)]
    return [("counselor",), ("language",)] if both else None


def not_free(free: Spans, start: int, end: int) -> list[int]:
    """The days on which some of start..end is not free."""
    days = range(start // DAY, (end - 1) // DAY + 1)
    return [day for day in days if not covers(free, max(start, day * DAY), min(end, (day + 1) * DAY))]
