"""Today's timetable without the people in it: free seats, clinicians' free time, free offices. Nothing here depends on who asks."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from ...errors import BadLine
from ..clinic import INDIVIDUAL, Client, Clinic, Group, Staff
from ..plan import GroupRow, Plan
from ..times import CELL, TELEHEALTH, Span
from .cells import ALL, DAY_CELLS, WEEK_CELLS, beginnings, bits, held, on_step, ones, same_day


@dataclass(frozen=True, slots=True)
class Seat:
    """A running group that has a place left. `staff`: who leads it; `members` stay inside the engine."""

    group: Group
    start: int
    end: int
    staff: frozenset[str]
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class Apart:
    """Who one client is kept apart from, and the (start, end, site) of those whom they must not meet on a site (H15)."""

    clients: frozenset[str]
    staff: frozenset[str]
    meetings: tuple[tuple[int, int, str], ...]

    def bars(self, seat: Seat) -> bool:
        """Whether somebody they are kept apart from sits in the group or leads it."""
        return not (self.clients.isdisjoint(seat.members) and self.staff.isdisjoint(seat.staff))


class Frozen:
    """The timetable in force as free time: built once, asked by many newcomers (`without`: a client whose bookings are lifted).

    Raises `BadLine` ("bad-current") when the clinic has no timetable in force.
    """

    def __init__(self, clinic: Clinic, without: str | None = None) -> None:
        if clinic.current is None:
            raise BadLine("bad-current", "There is no timetable in force.", "/current")
        self.clinic = clinic
        self.plan = lifted(clinic.current, without)
        self.without = without
        self.steps = on_step(clinic.step)
        self.staff_busy: dict[str, int] = defaultdict(int)
        self.room_busy: dict[str, int] = defaultdict(int)
        self.of_client: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
        self.book()
        self.seats = [seat for row in self.plan.groups if (seat := self.seat(row))]
        self.fixed = Counter(c.counselor for c in clinic.clients.values() if c.counselor and c.id != without)
        self.caseload = self.fixed + Counter(k for c, k in self.plan.counselors.items() if self.stands(c))
        self.starts: dict[tuple[str, str, int], int] = {}
        self.site_starts: dict[tuple[str, int], int] = {}

    def stands(self, client: str) -> bool:
        return client in self.clinic.clients and not self.clinic.clients[client].counselor

    def book(self) -> None:
        """Enter every row of the plan into the calendars of staff, rooms and clients."""
        for row in self.plan.groups:
            group = self.clinic.groups[row.id]
            self.enter((row.start, row.start + group.takes), (row.lead, row.co), row.room, row.members, group.place)
        for session in self.plan.sessions:
            client = self.clinic.clients.get(session.client)
            wish = client and next((w for w in client.sessions if w.kind == session.kind), None)
            if not wish:
                continue
            place = self.clinic.rooms[session.room].site if session.room else TELEHEALTH
            span = session.start, session.start + wish.takes
            self.enter(span, (session.staff,), session.room, (session.client,), place)

    def enter(
        self, span: Span, staff: tuple[str | None, ...], room: str | None, clients: tuple[str, ...], place: str
    ) -> None:
        mask = held((span,))
        for name in staff:
            if name is not None:
                self.staff_busy[name] |= mask
        if room is not None:
            self.room_busy[room] |= mask
        for client in clients:
            self.of_client[client].append((*span, place))

    def seat(self, row: GroupRow) -> Seat | None:
        """The group as an offer, while it has a place left (H3, H8)."""
        group = self.clinic.groups[row.id]
        most = group.most if row.room is None else min(group.most, self.clinic.rooms[row.room].seats)
        if len(row.members) >= (most if row.co is not None else min(most, group.co_above)):
            return None
        staff = frozenset(name for name in (row.lead, row.co) if name is not None)
        return Seat(group, row.start, row.start + group.takes, staff, frozenset(row.members))

    def works(self, staff: Staff, place: str) -> int:
        """The quarter hours in which a clinician works at a place and is not off (H4)."""
        return held(staff.shifts.get(place, ())) & ~held(staff.off)

    def staff_starts(self, staff: Staff, place: str, cells: int) -> int:
        """The starts at which a clinician has so many quarter hours for a session at a place (H4-H6)."""
        key = (staff.id, place, cells)
        if key not in self.starts:
            free = self.works(staff, place) & ~self.staff_busy[staff.id] & ALL
            self.starts[key] = self.bearable(staff, beginnings(free, cells) & same_day(cells), cells)
        return self.starts[key]

    def bearable(self, staff: Staff, starts: int, cells: int) -> int:
        """Those of the starts that keep within the day, the week and the breaks (H6)."""
        busy = self.staff_busy[staff.id]
        found = 0
        for cell in bits(starts):
            if keeps_limits(staff, busy, (cell,), (cells,)):
                found |= 1 << cell
        return found

    def office_starts(self, site: str, cells: int) -> int:
        """The starts at which some office of the site is free for so many quarter hours (H2, H3)."""
        key = (site, cells)
        if key not in self.site_starts:
            self.site_starts[key] = 0
            for room in self.offices(site):
                self.site_starts[key] |= beginnings(self.office_free(room), cells)
        return self.site_starts[key]

    def offices(self, site: str) -> list[str]:
        return sorted(room.id for room in self.clinic.rooms.values() if room.office and room.site == site)

    def office_free(self, room: str) -> int:
        row = self.clinic.rooms[room]
        return held(self.clinic.sites[row.site].open) & ~held(row.closed) & ~self.room_busy[room] & ALL

    def office(self, site: str, cell: int, cells: int) -> str:
        """The first office by id that is free then; the caller knows that there is one."""
        return next(r for r in self.offices(site) if beginnings(self.office_free(r), cells) >> cell & 1)

    def counselors(self, client: Client) -> list[str] | None:
        """Who can be this client's counselor, by id: their own, or everyone with caseload left (H14); None when
        not even their own may be, since the caseload is taken up by clients for whom it was chosen."""
        if client.counselor:
            own = self.clinic.staff[client.counselor]
            fixed = self.fixed[own.id] + 1
            return [own.id] if self.caseload[own.id] + 1 <= max(own.caseload, fixed) else None
        return sorted(s.id for s in self.clinic.staff.values() if self.could_counsel(s, client))

    def could_counsel(self, staff: Staff, client: Client) -> bool:
        if INDIVIDUAL not in staff.leads or not staff.languages & client.languages:
            return False
        return self.caseload[staff.id] + 1 <= max(staff.caseload, self.fixed[staff.id])

    def apart_from(self, client: str) -> Apart:
        """The first of a pair is a client; the second is whoever has that id, client or clinician or both."""
        seconds = {pair.two for pair in self.clinic.apart if pair.one == client}
        firsts = {pair.one for pair in self.clinic.apart if pair.two == client}
        meetings: list[tuple[int, int, str]] = []
        for pair in self.clinic.apart:
            if pair.site and client in (pair.one, pair.two):
                other = pair.two if pair.one == client else pair.one
                meetings += [each for each in self.of_client.get(other, ()) if each[2] != TELEHEALTH]
        return Apart(frozenset(seconds | firsts), frozenset(seconds), tuple(meetings))


def lifted(plan: Plan, without: str | None) -> Plan:
    """The plan without one client's bookings."""
    if without is None:
        return plan
    groups = tuple(
        GroupRow(r.id, r.start, r.room, r.lead, r.co, tuple(m for m in r.members if m != without)) for r in plan.groups
    )
    sessions = tuple(row for row in plan.sessions if row.client != without)
    return Plan(groups, sessions, {c: k for c, k in plan.counselors.items() if c != without})


def keeps_limits(staff: Staff, busy: int, starts: tuple[int, ...], cells: tuple[int, ...]) -> bool:
    """H6 for a clinician who is `busy` and holds more from these starts on, for so many quarter hours each."""
    added = 0
    for start, length in zip(starts, cells, strict=True):
        block = ones(start, start + length - 1)
        if (busy | added) & block:
            return False
        added |= block
    whole = busy | added
    if whole.bit_count() * CELL > staff.max_week:
        return False
    for start in starts:
        if (whole & whole_day(start // DAY_CELLS)).bit_count() * CELL > staff.max_day:
            return False
    return rests(staff, whole, starts, cells)


def rests(staff: Staff, whole: int, starts: tuple[int, ...], cells: tuple[int, ...]) -> bool:
    """Whether in every stretch of `every` minutes that begins with work and meets what was added, `rest` are free."""
    window = -(-staff.every // CELL)
    most = (staff.every - staff.rest) // CELL
    look = (1 << window) - 1
    for start, length in zip(starts, cells, strict=True):
        near = whole & ones(start - window + 1, min(start + length - 1, WEEK_CELLS - 1))
        for first in bits(near):
            if (whole >> first & look).bit_count() > most:
                return False
    return True


def whole_day(day: int) -> int:
    return ones(day * DAY_CELLS, (day + 1) * DAY_CELLS - 1)
