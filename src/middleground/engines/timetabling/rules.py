"""The hard rules of a plan, H1 to H17 (timetabling contract, section 4), each fault with the place in the plan.

The faults are for those who plan. What H15 guards is secret: nothing outside may show its number or that it exists.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from .bookings import Booking, Bookings, bookings
from .clinic import INDIVIDUAL, Client, Clinic, Staff, covers, within
from .plan import GroupRow, Plan, SessionRow, group_text, session_text
from .times import CELL, DAY, TELEHEALTH


class Fault(NamedTuple):
    """`rule` is H1..H17; `where` a JSON pointer into the plan (H16: into the instance)."""

    rule: str
    where: str


Faults = Iterator[Fault]


def faults(clinic: Clinic, plan: Plan) -> list[Fault]:
    """Every fault of the plan, none for a valid one."""
    return list(Checked(clinic, plan, bookings(clinic, plan)).faults())


@dataclass
class Checked:
    """One plan under the rules."""

    clinic: Clinic
    plan: Plan
    made: Bookings

    def faults(self) -> Faults:
        yield from (Fault("H1", where) for where in self.made.unknown)
        for booking in self.made.every:
            yield from self.place(booking)
            yield from self.leaders(booking)
            yield from self.group(booking) if booking.group else self.session(booking)
        yield from clashes(self.made.of_room, "H3")
        yield from clashes({who: own for who, own in self.made.of_staff.items() if who in self.clinic.staff}, "H5")
        for name, own in self.made.of_staff.items():
            if name in self.clinic.staff and overworked(self.clinic.staff[name], own):
                yield Fault("H6", own[0].where)
        for client in self.clinic.clients.values():
            if own := self.made.of(client.id):
                yield from self.week(client, own)
        for rule in (self.counselors, self.apart, self.pins, self.past):
            yield from rule()

    def place(self, b: Booking) -> Faults:
        """H2, the seats of H3, and H1: nothing runs past midnight."""
        if b.start % DAY + b.held > DAY:
            yield Fault("H1", b.where)
        if b.place == TELEHEALTH:
            if b.room is not None:
                yield Fault("H2", f"{b.where}/room")
            return
        room = self.clinic.rooms.get(b.room) if b.room is not None else None
        if room is None or room.site != b.place or room.office == bool(b.group):
            yield Fault("H2", f"{b.where}/room")
            return
        if not covers(self.clinic.sites[b.place].open, b.start, b.end) or room.shut(b.start, b.end):
            yield Fault("H2", b.where)
        if b.group and len(b.clients) > room.seats:
            yield Fault("H3", f"{b.where}/room")

    def leaders(self, b: Booking) -> Faults:
        """H4, and of H7 that everyone may hold the kind."""
        for name in b.staff:
            staff = self.clinic.staff.get(name)
            if staff is None:
                yield Fault("H1", b.where)
                continue
            if not staff.works(b.start, b.end, b.place):
                yield Fault("H4", b.where)
            if not staff.holds(b.kind):
                yield Fault("H7", b.where)

    def group(self, b: Booking) -> Faults:
        """H8, the rest of H7, H11 but for one topic twice, and H1: one of its starts."""
        group = b.group
        if group is None:
            return
        if b.start not in group.starts:
            yield Fault("H1", f"{b.where}/start")
        least = 0 if self.clinic.repairs and b.key in self.clinic.kept else group.least
        if not least <= len(b.clients) <= group.most:
            yield Fault("H8", f"{b.where}/members")
        if (len(b.clients) > group.co_above and len(b.staff) < 2) or len(set(b.staff)) < len(b.staff):
            yield Fault("H8", f"{b.where}/co")
        lead = self.clinic.staff.get(b.staff[0])
        if lead and group.credentials and not group.credentials & lead.credentials:
            yield Fault("H7", f"{b.where}/lead")
        known = [self.clinic.staff[name] for name in b.staff if name in self.clinic.staff]
        yield from (Fault("H7", b.where) for staff in known if group.language not in staff.languages)
        yield from (Fault("H11", b.where) for name in b.clients if not self.clinic.clients[name].may_join(group))

    def session(self, b: Booking) -> Faults:
        """H13's hours and steps, and a shared language (H7)."""
        if b.start % self.clinic.step:
            yield Fault("H13", f"{b.where}/start")
        if b.wish and b.wish.when is not None and not covers(b.wish.when, b.start, b.end):
            yield Fault("H13", f"{b.where}/start")
        staff = self.clinic.staff.get(b.staff[0])
        if staff and not staff.languages & self.clinic.clients[b.clients[0]].languages:
            yield Fault("H7", f"{b.where}/staff")

    def week(self, client: Client, own: list[Booking]) -> Faults:
        """One client's week: H9 to H13."""
        yield from (Fault("H9", b.where) for b in own if not client.can_come(b.start, b.end, b.place))
        yield from self.ways(client, own)
        first, kinds = own[0].where, Counter(b.kind for b in own if b.group)
        if any(count > 1 and "/" in kind for kind, count in kinds.items()):
            yield Fault("H11", first)
        yield from self.amounts(client, own)
        for mix in client.mix:
            if mix.most is not None and sum(n for kind, n in kinds.items() if within(kind, mix.kind)) > mix.most:
                yield Fault("H13", first)
        held = Counter(b.kind for b in own if not b.group)
        yield from (Fault("H13", first) for wish in client.sessions if held[wish.kind] > wish.count)

    def ways(self, client: Client, own: list[Booking]) -> Faults:
        """H10."""
        for i, a in enumerate(own):
            for b in own[i + 1 :]:
                if a.day != b.day:
                    break
                if b.start < a.end + self.clinic.between(client, a.place, b.place):
                    yield Fault("H10", b.where)

    def amounts(self, client: Client, own: list[Booking]) -> Faults:
        """H12; in a repair a day may be short."""
        minutes: dict[int, int] = defaultdict(int)
        for b in own:
            minutes[b.day] += b.minutes
        home = sum(b.minutes for b in own if b.place == TELEHEALTH)
        least = 0 if self.clinic.repairs else client.day_least
        if any(not least <= day <= client.day_most for day in minutes.values()):
            yield Fault("H12", own[0].where)
        too_many = len(minutes) > client.days_max or sum(minutes.values()) > client.max_week
        if too_many or home > client.telehealth_max:
            yield Fault("H12", own[0].where)

    def counselors(self) -> Faults:
        """H14."""
        for name, chosen in self.plan.counselors.items():
            client, staff = self.clinic.clients.get(name), self.clinic.staff.get(chosen)
            if client is None or client.counselor or staff is None or not may_counsel(staff, client):
                yield Fault("H14", f"/counselors/{name}")
        given = Counter(client.counselor for client in self.clinic.clients.values() if client.counselor)
        for name, count in Counter(filter(None, self.made.counselor.values())).items():
            if name in self.clinic.staff and count > max(self.clinic.staff[name].caseload, given[name]):
                yield Fault("H14", "/counselors")

    def apart(self) -> Faults:
        """H15."""
        for pair in self.clinic.apart:
            theirs = self.made.of(pair.two) if pair.site else []
            for a in self.made.of(pair.one):
                if pair.two in a.clients or pair.two in a.staff:
                    yield Fault("H15", a.where)
                yield from (Fault("H15", a.where) for b in theirs if meet(a, b))

    def pins(self) -> Faults:
        """H16."""
        for i, pin in enumerate(self.clinic.pins):
            if not pin_kept(pin, self.plan):
                yield Fault("H16", f"/pins/{i}")

    def past(self) -> Faults:
        """H17."""
        clinic = self.clinic
        if clinic.now and clinic.current:
            before = bookings(clinic, clinic.current, in_force=True)
            if begun(self.made, clinic.now) != begun(before, clinic.now):
                yield Fault("H17", "")


def clashes(held: dict[str, list[Booking]], rule: str) -> Faults:
    """Two things in one room (H3) or for one clinician (H5) at a time."""
    for own in held.values():
        yield from (Fault(rule, b.where) for a, b in zip(own, own[1:], strict=False) if b.start < a.end)


def overworked(staff: Staff, own: list[Booking]) -> bool:
    """H6: more than a day or the week allows, or too little rest in a stretch of `every` minutes."""
    days: dict[int, int] = defaultdict(int)
    cells = 0
    for b in own:
        days[b.day] += b.held
        cells |= ((1 << b.held // CELL) - 1) << b.start // CELL
    if any(day > staff.max_day for day in days.values()) or sum(days.values()) > staff.max_week:
        return True
    return restless(cells, staff.every, staff.rest)


def restless(cells: int, every: int, rest: int) -> bool:
    """Whether a stretch of `every` minutes from a busy quarter hour on has less than `rest` free; bit n is quarter n."""
    stretch, allowed = (1 << -(-every // CELL)) - 1, every - rest
    while cells:
        cells >>= (cells & -cells).bit_length() - 1
        if (cells & stretch).bit_count() * CELL > allowed:
            return True
        cells &= ~1
    return False


def may_counsel(staff: Staff, client: Client) -> bool:
    """H14, the caseload aside."""
    return INDIVIDUAL in staff.leads and bool(staff.languages & client.languages)


def meet(a: Booking, b: Booking) -> bool:
    """Whether two bookings bring their people to one site at one time or within a quarter hour."""
    if a is b or a.place != b.place or a.place == TELEHEALTH:
        return False
    return a.start < b.end + CELL and b.start < a.end + CELL


def pin_kept(pin: dict[str, Any], plan: Plan) -> bool:
    """H16 for one pin: some row has all that it says, and at least the members it names."""
    if "id" in pin:
        return any(fits(pin, row, group_text) for row in plan.groups if row.id == pin["id"])
    rows = (row for row in plan.sessions if "client" not in pin or row.client == pin["client"])
    return any(fits(pin, row, session_text) for row in rows)


def fits[R: (GroupRow, SessionRow)](pin: dict[str, Any], row: R, text: Callable[[R], dict[str, Any]]) -> bool:
    says = text(row)
    return all(set(want) <= set(says[key]) if key == "members" else says.get(key) == want for key, want in pin.items())


def begun(made: Bookings, now: int) -> set[tuple[str, int, str | None, tuple[str, ...], str]]:
    """Who was where with whom before `now`."""
    return {(b.key, b.start, b.room, b.staff, name) for b in made.every if b.start < now for name in b.clients}
