"""First come, first served: the week as a careful coordinator would plan it by hand.

Clients are taken in the order of the file. Each gets their 1:1 hours with their own counselor at the first time that suits both,
then seats in groups that run already, the needed kinds first; where those don't give enough hours, the coordinator opens a group
for them at its first start with a room and a leader, if enough of those still short of hours could come. At the end groups that stayed
too small are called off, days that stayed too short too, and whoever lost something gets free seats elsewhere.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from middleground.engines.timetabling.bookings import Booking, group_booking, session_booking
from middleground.engines.timetabling.clinic import INDIVIDUAL, Client, Clinic, Group, Staff, Wish, within
from middleground.engines.timetabling.plan import GroupRow, Plan, SessionRow
from middleground.engines.timetabling.rules import faults, may_counsel, meet, overworked
from middleground.engines.timetabling.times import DAY, TELEHEALTH, WEEK

ROUNDS = 3  # times that the coordinator goes through the list again after calling groups off


@dataclass
class Diary:
    """What has been promised so far."""

    clinic: Clinic
    groups: dict[str, GroupRow] = field(default_factory=dict)
    sessions: list[SessionRow] = field(default_factory=list)
    counselors: dict[str, str] = field(default_factory=dict)
    own: dict[str, list[Booking]] = field(default_factory=lambda: defaultdict(list))
    staff: dict[str, list[Booking]] = field(default_factory=lambda: defaultdict(list))
    rooms: dict[str, list[Booking]] = field(default_factory=lambda: defaultdict(list))

    def plan(self) -> Plan:
        return Plan(tuple(self.groups.values()), tuple(self.sessions), dict(self.counselors))

    def minutes(self, client: Client) -> int:
        return sum(b.minutes for b in self.own[client.id])

    def short(self, client: Client) -> bool:
        return self.minutes(client) < client.prescribed

    def fits(self, client: Client, b: Booking) -> bool:
        """Whether the client could add it to their week; the least of a day is looked at in the end."""
        own, today = self.own[client.id], [e for e in self.own[client.id] if e.day == b.day]
        distant = sum(e.minutes for e in [*own, b] if e.place == TELEHEALTH)
        return (
            client.can_come(b.start, b.end, b.place)
            and self.minutes(client) + b.minutes <= client.max_week
            and sum(e.minutes for e in today) + b.minutes <= client.day_most
            and len({e.day for e in [*own, b]}) <= client.days_max
            and distant <= client.telehealth_max
            and all(self.in_time(client, e, b) for e in today)
            and self.of_a_kind(client, b)
            and not self.kept_apart(client, b)
        )

    def in_time(self, client: Client, one: Booking, two: Booking) -> bool:
        way = self.clinic.between(client, one.place, two.place)
        return two.start >= one.end + way or one.start >= two.end + way

    def of_a_kind(self, client: Client, b: Booking) -> bool:
        """No topic twice, no more of a kind than the mix allows."""
        if not b.group:
            return True
        kinds = [e.kind for e in self.own[client.id] if e.group]
        if "/" in b.kind and b.kind in kinds:
            return False
        return all(
            sum(within(kind, mix.kind) for kind in kinds) < mix.most
            for mix in client.mix
            if mix.most is not None and within(b.kind, mix.kind)
        )

    def kept_apart(self, client: Client, b: Booking) -> bool:
        for pair in self.clinic.apart:
            if client.id in (pair.one, pair.two):
                other = pair.two if pair.one == client.id else pair.one
                if other in b.clients or other in b.staff:
                    return True
                if pair.site and any(meet(b, e) for e in self.own.get(other, ())):
                    return True
        return False

    def works(self, staff: Staff, b: Booking) -> bool:
        """Whether the clinician is there, free, and rested enough."""
        theirs = self.staff[staff.id]
        return (
            staff.works(b.start, b.end, b.place)
            and not any(e.start < b.end and b.start < e.end for e in theirs)
            and not overworked(staff, [*theirs, b])
        )

    def room_free(self, room: str, b: Booking) -> bool:
        return not any(e.start < b.end and b.start < e.end for e in self.rooms[room])

    def book(self, b: Booking, who: tuple[str, ...], staff: tuple[str, ...]) -> None:
        for client in who:
            self.own[client].append(b)
        for name in staff:
            self.staff[name].append(b)
        if b.room is not None and staff:
            self.rooms[b.room].append(b)


class Coordinator:
    def __init__(self, clinic: Clinic) -> None:
        self.clinic, self.diary = clinic, Diary(clinic)
        self.could = {g.id: [c for c in clinic.clients.values() if c.may_join(g)] for g in clinic.groups.values()}
        self.running: dict[str, Booking] = {}
        self.called_off: set[str] = set()

    def plan(self) -> Plan:
        """A valid plan; the empty one where pins or a past leave the coordinator at a loss."""
        for client in self.clinic.clients.values():
            self.choose_counselor(client)
            self.give_week(client)
        for _ in range(ROUNDS):
            self.call_off()
            for client in self.clinic.clients.values():
                self.give_week(client)
        self.call_off()
        plan = self.diary.plan()
        return Plan() if faults(self.clinic, plan) else plan

    def give_week(self, client: Client) -> None:
        """Groups, leaving hours for the 1:1 sessions; those beside the groups; more groups for what is still lacking."""
        self.seat(client, self.session_minutes(client))
        self.hold_sessions(client)
        self.seat(client, 0)

    # ------------------------------------------------------------ 1:1 hours
    def session_minutes(self, client: Client) -> int:
        """Minutes of 1:1 sessions not yet held."""
        held = sum(b.minutes for b in self.diary.own[client.id] if not b.group)
        return sum(wish.minutes * wish.count for wish in client.sessions) - held

    def choose_counselor(self, client: Client) -> None:
        chosen = list(self.diary.counselors.values()) + [c.counselor for c in self.clinic.clients.values()]
        able = [s for s in self.clinic.staff.values() if may_counsel(s, client) and chosen.count(s.id) < s.caseload]
        if client.counselor is None and able:
            self.diary.counselors[client.id] = min(able, key=lambda s: chosen.count(s.id)).id

    def hold_sessions(self, client: Client) -> None:
        for wish in client.sessions:
            held = sum(b.key == wish.kind and not b.group for b in self.diary.own[client.id])
            for _ in range(wish.count - held):
                self.hold(client, wish)

    def hold(self, client: Client, wish: Wish) -> None:
        """The first time that suits client and counselor, or whoever else may hold this kind."""
        own = client.counselor or self.diary.counselors.get(client.id)
        able = [s for s in self.clinic.staff.values() if s.holds(wish.kind) and s.languages & client.languages]
        for staff in sorted(able, key=lambda s: s.id != own):
            if staff.id != own and wish.kind == INDIVIDUAL:
                continue
            days = {b.day for b in self.diary.own[client.id]}
            for row in sorted(self.times(client, wish, staff), key=lambda row: row.start // DAY not in days):
                b = session_booking(self.clinic, row, wish)
                if self.diary.fits(client, b) and self.diary.works(staff, b):
                    self.diary.sessions.append(row)
                    self.diary.book(b, (client.id,), (staff.id,))
                    return

    def times(self, client: Client, wish: Wish, staff: Staff) -> Iterator[SessionRow]:
        for start in range(0, WEEK, self.clinic.step):
            end = start + wish.takes
            hours_fit = wish.when is None or any(a <= start and end <= z for a, z in wish.when)
            if not hours_fit or start % DAY + wish.takes > DAY or not client.can_come(start, end, TELEHEALTH):
                continue
            for site in client.travel:
                if staff.works(start, end, site):
                    trial = session_booking(self.clinic, SessionRow(client.id, wish.kind, start, staff.id, None), wish)
                    for room in self.clinic.offices(site, start, end):
                        if self.diary.room_free(room.id, trial):
                            yield SessionRow(client.id, wish.kind, start, staff.id, room.id)
                            break
            yield SessionRow(client.id, wish.kind, start, staff.id, None)

    # ------------------------------------------------------------ groups
    def seat(self, client: Client, reserve: int) -> None:
        """Seats in groups that run; then, for those still short, a new group."""
        for wish_for_new in (False, True):
            while self.diary.minutes(client) + reserve < client.prescribed:
                found = self.new_groups(client) if wish_for_new else self.open_seats(client)
                best = min(found, key=lambda b: self.taste(client, b), default=None)
                if best is None:
                    break
                self.sit(client, best)

    def taste(self, client: Client, b: Booking) -> tuple[object, ...]:
        """Needed kinds first, then days on which the client comes anyway, hours they like, the earliest."""
        own = self.diary.own[client.id]
        lacks = [m.kind for m in client.mix if sum(within(e.kind, m.kind) for e in own if e.group) < m.least]
        needed = any(within(b.kind, kind) for kind in lacks)
        return not needed, b.day not in {e.day for e in own}, client.dislikes(b.start, b.end), b.start, b.key

    def open_seats(self, client: Client) -> list[Booking]:
        return [b for b in self.running.values() if self.has_seat(client, b) and self.diary.fits(client, b)]

    def has_seat(self, client: Client, b: Booking) -> bool:
        group, members = self.clinic.groups[b.key], len(self.diary.groups[b.key].members)
        room = self.clinic.rooms[b.room].seats if b.room else group.most
        crowd = len(b.staff) < 2 and members + 1 > group.co_above
        if crowd or members >= min(group.most, room) or not client.may_join(group):
            return crowd and members < min(group.most, room) and client.may_join(group) and self.second(b) is not None
        return True

    def second(self, b: Booking) -> Staff | None:
        """A co-leader who is free."""
        group = self.clinic.groups[b.key]
        able = (s for s in self.clinic.staff.values() if s.id not in b.staff and self.clinic.assists(s, group))
        barred = {p.two for p in self.clinic.apart if p.one in self.diary.groups[b.key].members}
        return next((s for s in able if s.id not in barred and self.diary.works(s, b)), None)

    def new_groups(self, client: Client) -> list[Booking]:
        closed = [g for g in self.clinic.groups.values() if g.id not in self.running and g.id not in self.called_off]
        found = (self.opening(g, client) for g in closed if client.may_join(g))
        return [b for b in found if b is not None]

    def opening(self, group: Group, client: Client) -> Booking | None:
        """The group at its first start that suits, with a room and a leader, if enough people could come."""
        for start in group.starts:
            end = start + group.takes
            trial = group_booking(GroupRow(group.id, start, None, "", None, ()), group, ())
            if start % DAY + group.takes > DAY or not self.diary.fits(client, trial):
                continue
            takers = sum(self.diary.short(c) and self.diary.fits(c, trial) for c in self.could[group.id])
            rooms = [r for r in self.clinic.group_rooms(group, start) if self.diary.room_free(r.id, trial)]
            leader = next(
                (s for s in self.clinic.staff.values() if self.clinic.leads(s, group) and self.diary.works(s, trial)),
                None,
            )
            if takers >= max(1, group.least) and leader and (rooms or group.telehealth) and end:
                room = None if group.telehealth else max(rooms, key=lambda r: r.seats).id
                b = group_booking(GroupRow(group.id, start, room, leader.id, None, ()), group, ())
                if self.diary.fits(client, b):
                    return b
        return None

    def sit(self, client: Client, b: Booking) -> None:
        """Give the client the seat; open the group, or call in a co-leader, if that is needed."""
        group = self.clinic.groups[b.key]
        if b.key not in self.running:
            self.running[b.key] = b
            self.diary.groups[b.key] = GroupRow(b.key, b.start, b.room, b.staff[0], None, ())
            self.diary.book(b, (), b.staff)
        row = self.diary.groups[b.key]
        if len(row.members) + 1 > group.co_above and len(b.staff) < 2 and (other := self.second(b)):
            row = replace(row, co=other.id)
            b.staff = (*b.staff, other.id)
            self.diary.staff[other.id].append(b)
        row = replace(row, members=tuple(sorted((*row.members, client.id))))
        self.diary.groups[b.key] = row
        b.clients = row.members
        self.diary.own[client.id].append(b)

    # ------------------------------------------------------------ what doesn't come about
    def call_off(self) -> None:
        """Groups that stayed too small and days that stayed too short, until neither is left."""
        while True:
            small = [
                g for g, b in self.running.items() if len(b.clients) < self.clinic.groups[g].least or not b.clients
            ]
            for group in small:
                self.cancel(group)
            days = [(c, day) for c in self.clinic.clients.values() for day in self.thin_days(c)]
            for client, day in days:
                self.clear(client, day)
            if not small and not days:
                return

    def cancel(self, group: str) -> None:
        b = self.running.pop(group)
        self.called_off.add(group)
        del self.diary.groups[group]
        for held in (*(self.diary.own[c] for c in b.clients), *(self.diary.staff[s] for s in b.staff)):
            held.remove(b)
        if b.room is not None:
            self.diary.rooms[b.room].remove(b)

    def thin_days(self, client: Client) -> list[int]:
        minutes: dict[int, int] = defaultdict(int)
        for b in self.diary.own[client.id]:
            minutes[b.day] += b.minutes
        return [day for day, total in minutes.items() if total < client.day_least]

    def clear(self, client: Client, day: int) -> None:
        for b in [b for b in self.diary.own[client.id] if b.day == day]:
            self.diary.own[client.id].remove(b)
            if b.group:
                row = self.diary.groups[b.key]
                left = tuple(m for m in row.members if m != client.id)
                self.diary.groups[b.key], b.clients = replace(row, members=left), left
                continue
            self.diary.staff[b.staff[0]].remove(b)
            if b.room is not None:
                self.diary.rooms[b.room].remove(b)
            gone = next(s for s in self.diary.sessions if (s.client, s.kind, s.start) == (client.id, b.key, b.start))
            self.diary.sessions.remove(gone)


def first_come(clinic: Clinic) -> Plan:
    """The coordinator's plan: valid, and found in a moment."""
    return Coordinator(clinic).plan()
