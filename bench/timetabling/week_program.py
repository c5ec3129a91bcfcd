"""The clinic's week as an integer program, rule by rule as the contract states them, nothing made clever.

Offices are counted, not named: as many sessions at a time as there are open offices; `plain_mip` gives out the doors.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from middleground.engines.timetabling.clinic import Client, Clinic, Group, Staff, within
from middleground.engines.timetabling.rules import may_counsel
from middleground.engines.timetabling.times import CELL, DAY, TELEHEALTH, WEEK

from .lines import Lines, add

MANY = 12  # more bookings than anybody has near one another


@dataclass(slots=True, frozen=True)
class Slot:
    """One thing that a client or clinician may do: what column says so, when, where."""

    column: int
    start: int
    end: int
    minutes: int
    place: str
    kind: str
    group: str | None

    @property
    def day(self) -> int:
        return self.start // DAY


@dataclass
class WeekProgram:
    """Columns by what they say: `runs[group, start]`, `leads` and `cos` `[group, start, staff]`, `rooms[group, start, room]`,
    `seats[client, group, start]`, `sessions[client, kind, start, place, staff]`, `counsels[client, staff]`."""

    clinic: Clinic
    lines: Lines = field(default_factory=Lines)
    runs: dict[tuple[str, int], int] = field(default_factory=dict)
    leads: dict[tuple[str, int, str], int] = field(default_factory=dict)
    cos: dict[tuple[str, int, str], int] = field(default_factory=dict)
    rooms: dict[tuple[str, int, str], int] = field(default_factory=dict)
    seats: dict[tuple[str, str, int], int] = field(default_factory=dict)
    sessions: dict[tuple[str, str, int, str, str], int] = field(default_factory=dict)
    counsels: dict[tuple[str, str], int] = field(default_factory=dict)
    days: dict[tuple[str, int], int] = field(default_factory=dict)
    of_client: dict[str, list[Slot]] = field(default_factory=lambda: defaultdict(list))
    of_staff: dict[str, list[Slot]] = field(default_factory=lambda: defaultdict(list))
    of_room: dict[str, list[Slot]] = field(default_factory=lambda: defaultdict(list))
    at_site: dict[str, list[Slot]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for group in self.clinic.groups.values():
            self.open_group(group)
        for client in self.clinic.clients.values():
            self.hold_sessions(client)
        for room in self.of_room.values():
            self.one_at_a_time(room)
        for name, slots in self.of_staff.items():
            self.clinician(self.clinic.staff[name], slots)
        for site, slots in self.at_site.items():
            self.offices(site, slots)
        for client in self.clinic.clients.values():
            self.client(client, self.of_client[client.id])
        self.choose_counselors()
        self.keep_apart()

    # ------------------------------------------------------------ groups
    def open_group(self, group: Group) -> None:
        starts = [s for s in group.starts if s % DAY + group.takes <= DAY]
        self.lines.most_one([self.opening(group, start) for start in starts])

    def opening(self, group: Group, start: int) -> int:
        lines, clinic, end = self.lines, self.clinic, start + group.takes
        run = self.runs[group.id, start] = lines.column()
        lead, second, hall = {run: -1.0}, {run: -1.0}, {run: -1.0}
        for staff in (
            s for s in clinic.staff.values() if clinic.assists(s, group) and s.works(start, end, group.place)
        ):
            helps = self.cos[group.id, start, staff.id] = self.new_slot(self.of_staff[staff.id], group, start)
            second[helps] = 1
            if clinic.leads(staff, group):
                column = self.leads[group.id, start, staff.id] = self.new_slot(self.of_staff[staff.id], group, start)
                lead[column] = 1
        for room in clinic.group_rooms(group, start):
            hall[self.new_room(group, start, room.id)] = 1
        lines.row(lead, 0, 0)
        lines.row(second, high=0)
        if not group.telehealth:
            lines.row(hall, 0, 0)
        self.members(group, start, run, [c for c in second if c != run])
        return run

    def new_slot(self, slots: list[Slot], group: Group, start: int) -> int:
        column = self.lines.column()
        slots.append(Slot(column, start, start + group.takes, group.minutes, group.place, group.kind, group.id))
        return column

    def new_room(self, group: Group, start: int, room: str) -> int:
        column = self.rooms[group.id, start, room] = self.new_slot(self.of_room[room], group, start)
        return column

    def members(self, group: Group, start: int, run: int, cos: list[int]) -> None:
        seats = []
        for client in self.clinic.clients.values():
            if client.may_join(group) and client.can_come(start, start + group.takes, group.place):
                seat = self.seats[client.id, group.id, start] = self.new_slot(self.of_client[client.id], group, start)
                self.lines.row({seat: 1, run: -1}, high=0)
                seats.append(seat)
        people = dict.fromkeys(seats, 1.0)
        self.lines.row(people | {run: -group.least}, low=0)
        self.lines.row(people | {run: -group.most}, high=0)
        self.lines.row(people | {run: -group.co_above} | dict.fromkeys(cos, -float(group.most)), high=0)
        if not group.telehealth:
            halls = {
                c: -self.clinic.rooms[r].seats for (g, s, r), c in self.rooms.items() if (g, s) == (group.id, start)
            }
            self.lines.row(people | halls, high=0)

    # ------------------------------------------------------------ 1:1 sessions
    def hold_sessions(self, client: Client) -> None:
        for wish in client.sessions:
            able = [s for s in self.clinic.staff.values() if s.holds(wish.kind) and s.languages & client.languages]
            for start in range(0, WEEK, self.clinic.step):
                end = start + wish.takes
                if start % DAY + wish.takes > DAY or (
                    wish.when is not None and not any(a <= start and end <= z for a, z in wish.when)
                ):
                    continue
                for place in (*client.travel, TELEHEALTH):
                    if not client.can_come(start, end, place) or (
                        place != TELEHEALTH and not self.clinic.offices(place, start, end)
                    ):
                        continue
                    for staff in able:
                        if staff.works(start, end, place):
                            column = self.lines.column()
                            self.sessions[client.id, wish.kind, start, place, staff.id] = column
                            slot = Slot(column, start, end, wish.minutes, place, wish.kind, None)
                            for held in (self.of_client[client.id], self.of_staff[staff.id], self.at_site[place]):
                                held.append(slot)

    def offices(self, site: str, slots: list[Slot]) -> None:
        if site != TELEHEALTH:
            for at in sorted({s.start for s in slots}):
                doors = len(self.clinic.offices(site, at, at + CELL))
                self.lines.row({s.column: 1 for s in slots if s.start <= at < s.end}, high=doors)

    def one_at_a_time(self, slots: list[Slot]) -> None:
        for at in sorted({s.start for s in slots}):
            self.lines.most_one(s.column for s in slots if s.start <= at < s.end)

    # ------------------------------------------------------------ people
    def clinician(self, staff: Staff, slots: list[Slot]) -> None:
        """H5 and H6."""
        self.one_at_a_time(slots)
        self.lines.row({s.column: s.end - s.start for s in slots}, high=staff.max_week)
        for day in sorted({s.day for s in slots}):
            self.lines.row({s.column: s.end - s.start for s in slots if s.day == day}, high=staff.max_day)
        for first in sorted({s.start for s in slots}) if staff.rest else ():
            last = first + -(-staff.every // CELL) * CELL
            near = {s.column: min(last, s.end) - max(first, s.start) for s in slots if s.start < last and first < s.end}
            self.lines.row(near, high=staff.every - staff.rest)

    def client(self, client: Client, slots: list[Slot]) -> None:
        """H10 to H13."""
        self.one_at_a_time(slots)
        lines = self.lines
        for day in sorted({s.day for s in slots}):
            used = self.days[client.id, day] = lines.column()
            minutes = {s.column: float(s.minutes) for s in slots if s.day == day}
            lines.row(minutes | {used: -client.day_most}, high=0)
            lines.row(minutes | {used: -max(1, client.day_least)}, low=0)
            for s in (s for s in slots if s.day == day):
                lines.row({s.column: 1, used: -1}, high=0)
        lines.row({c: 1 for (name, _), c in self.days.items() if name == client.id}, high=client.days_max)
        lines.row({s.column: s.minutes for s in slots}, high=client.max_week)
        lines.row({s.column: s.minutes for s in slots if s.place == TELEHEALTH}, high=client.telehealth_max)
        groups = [s for s in slots if s.group]
        for topic in sorted({s.kind for s in groups if "/" in s.kind}):
            lines.most_one(s.column for s in groups if s.kind == topic)
        for mix in (m for m in client.mix if m.most is not None):
            lines.row({s.column: 1 for s in groups if within(s.kind, mix.kind)}, high=mix.most or 0)
        for wish in client.sessions:
            lines.row({s.column: 1 for s in slots if not s.group and s.kind == wish.kind}, high=wish.count)
        self.ways(client, slots)

    def ways(self, client: Client, slots: list[Slot]) -> None:
        """H10: at this place at this time, at no other place too near to it."""
        here: dict[tuple[int, int, str], list[Slot]] = defaultdict(list)
        for s in slots:
            here[s.start, s.end, s.place].append(s)
        for (start, end, place), same in here.items():
            others = [s for s in slots if s.place != place and s.day == start // DAY]
            near = {}
            for s in others:
                way = self.clinic.between(client, place, s.place)
                if s.start < end + way and start < s.end + way:
                    near[s.column] = 1
            if near:
                self.lines.row(near | {s.column: MANY for s in same}, high=MANY)

    def choose_counselors(self) -> None:
        """H14."""
        for client in (c for c in self.clinic.clients.values() if c.counselor is None):
            able = [s.id for s in self.clinic.staff.values() if may_counsel(s, client)]
            self.counsels |= {(client.id, s): self.lines.column() for s in able}
            self.lines.most_one(self.counsels[client.id, s] for s in able)
        for staff in self.clinic.staff.values():
            given = sum(c.counselor == staff.id for c in self.clinic.clients.values())
            self.lines.row(
                {c: 1 for (_, s), c in self.counsels.items() if s == staff.id}, high=max(0, staff.caseload - given)
            )

    def keep_apart(self) -> None:
        """H15."""
        for pair in self.clinic.apart:
            ones = {(s.group, s.start): s for s in self.of_client[pair.one] if s.group}
            twos = {(s.group, s.start): s for s in self.of_client.get(pair.two, ()) if s.group}
            for key in ones.keys() & twos.keys():
                self.lines.most_one((ones[key].column, twos[key].column))
            for s in self.of_client[pair.one] if pair.two in self.clinic.staff else ():
                theirs = [
                    self.leads.get((s.group or "", s.start, pair.two)),
                    self.cos.get((s.group or "", s.start, pair.two)),
                ]
                self.lines.most_one([s.column, *(c for c in theirs if c is not None)])
            for (client, *_, staff), column in self.sessions.items():
                if (client, staff) == (pair.one, pair.two):
                    self.lines.row({column: 1}, high=0)
            if pair.site:
                self.apart_on_site(self.of_client[pair.one], self.of_client.get(pair.two, []))

    def apart_on_site(self, ones: list[Slot], twos: list[Slot]) -> None:
        for one in (s for s in ones if s.place != TELEHEALTH):
            near = [s for s in twos if s.place == one.place and one.start < s.end + CELL and s.start < one.end + CELL]
            self.lines.row(add({one.column: MANY}, {s.column: 1 for s in near}), high=MANY)
