"""The plan in force after the events, with as little changed as a quick look allows: somebody else leads or sees, another
room is taken, and only what nobody can hold is left out."""

from collections import Counter
from dataclasses import replace

from .. import rules
from ..bookings import bookings
from ..clinic import Clinic
from ..plan import GroupRow, Plan, SessionRow
from ..times import DAY, TELEHEALTH
from .beginning import Diary
from .frame import session_end, session_place
from .possible import Opening, Possible, Visit

ROUNDS = 30  # of leaving out what breaks a rule


def mended(possible: Possible) -> Plan | None:
    """A valid plan near the one in force; None when what has to stay breaks a rule."""
    clinic = possible.clinic
    if clinic.current is None:
        return None
    groups, sessions = still_here(clinic, clinic.current)
    return without_faults(clinic, Mending(possible, groups, sessions).plan(clinic.current))


def still_here(clinic: Clinic, plan: Plan) -> tuple[list[GroupRow], list[SessionRow]]:
    """The rows less who has left, and the seats of those who can't come any more."""
    kinds = {(c.id, w.kind) for c in clinic.clients.values() for w in c.sessions}
    groups = [seated(clinic, row) for row in plan.groups if row.id in clinic.groups]
    return groups, [row for row in plan.sessions if (row.client, row.kind) in kinds]


def seated(clinic: Clinic, row: GroupRow) -> GroupRow:
    group, past = clinic.groups[row.id], row.start < (clinic.now or 0)
    end = row.start + group.takes
    members = [clinic.clients[each] for each in row.members if each in clinic.clients]
    here = (m.id for m in members if past or m.can_come(row.start, end, group.place))
    return replace(row, members=tuple(here))


class Mending:
    def __init__(self, possible: Possible, groups: list[GroupRow], sessions: list[SessionRow]) -> None:
        self.possible, self.clinic, self.diary = possible, possible.clinic, Diary(possible)
        self.groups, self.sessions = groups, sessions

    def plan(self, current: Plan) -> Plan:
        """What can stay stays; then the rest finds people and rooms, the groups first."""
        whole = [row for row in self.groups if self.holds(row)]
        kept = [row for row in self.sessions if self.can_be(row)]
        for row in whole:
            self.write(row)
        for session in kept:
            self.write_session(session)
        broken = [row for row in self.groups if row not in whole]
        groups = [*whole, *filter(None, (self.with_others(row) for row in broken))]
        lost = [row for row in self.sessions if row not in kept]
        sessions = [*kept, *filter(None, (self.seen_by_another(row) for row in lost))]
        here = self.clinic.clients
        chosen = {c: s for c, s in current.counselors.items() if c in here and here[c].counselor is None}
        return Plan(tuple(groups), tuple(sessions), chosen)

    def happened(self, start: int) -> bool:
        return start < (self.clinic.now or 0)

    def holds(self, row: GroupRow) -> bool:
        if self.happened(row.start):
            return True
        opening = self.possible.openings.get((row.id, row.start))
        if opening is None or row.lead not in opening.leads or (row.co is not None and row.co not in opening.assists):
            return False
        return row.room is None or row.room in {room.id for room in opening.rooms}

    def can_be(self, row: SessionRow) -> bool:
        if self.happened(row.start):
            return True
        place, end = session_place(self.possible, row), session_end(self.possible, row)
        if row.room is not None and self.clinic.rooms[row.room].shut(row.start, end):
            return False
        return self.diary.visit(row) is not None and self.possible.at_work(row.staff, row.start, end, place)

    def write(self, row: GroupRow) -> None:
        span = row.start, row.start + self.clinic.groups[row.id].takes
        for who in (row.lead, row.co):
            if who is not None:
                self.diary.staff[who].append(span)
        if row.room is not None:
            self.diary.rooms[row.room].append(span)

    def write_session(self, row: SessionRow) -> None:
        span = row.start, session_end(self.possible, row)
        self.diary.staff[row.staff].append(span)
        if row.room is not None:
            self.diary.rooms[row.room].append(span)

    def with_others(self, row: GroupRow) -> GroupRow | None:
        """The group at its time with another leader, co-leader or room where that must be; None when nobody can."""
        opening = self.possible.openings.get((row.id, row.start))
        if opening is None or not row.members:
            return None
        lead = self.first_free(opening, opening.leads, row.lead, None)
        if lead is None:
            return None
        co = None if row.co is None else self.first_free(opening, opening.assists, row.co, lead)
        room = self.free_room(opening, row)
        if (room is None) != opening.group.telehealth:
            return None
        most = opening.group.most if co is not None else min(opening.group.most, opening.group.co_above)
        made = replace(row, lead=lead, co=co, room=room, members=row.members[:most])
        self.write(made)
        return made

    def first_free(self, opening: Opening, names: list[str], own: str, other: str | None) -> str | None:
        able = [s for s in names if s != other and self.diary.works(s, opening.start, opening.end)]
        return own if own in able else next(iter(able), None)

    def free_room(self, opening: Opening, row: GroupRow) -> str | None:
        able = [
            room
            for room in opening.rooms
            if room.seats >= len(row.members)
            and not any(a < opening.end and opening.start < b for a, b in self.diary.rooms[room.id])
        ]
        return row.room if row.room in {room.id for room in able} else next((room.id for room in able), None)

    def seen_by_another(self, row: SessionRow) -> SessionRow | None:
        """The session at its time with another clinician or in another office."""
        visit = self.diary.visit(row)
        if visit is None:
            return None
        pool = [s for s in sorted(self.possible.pools[row.client, row.kind]) if s != row.staff]
        for staff in (row.staff, *pool):
            there = self.possible.at_work(staff, visit.start, visit.end, visit.place)
            if there and self.diary.works(staff, visit.start, visit.end):
                room = self.free_office(row, visit)
                if (room is None) == (visit.place == TELEHEALTH):
                    made = replace(row, staff=staff, room=room)
                    self.write_session(made)
                    return made
        return None

    def free_office(self, row: SessionRow, visit: Visit) -> str | None:
        if visit.place == TELEHEALTH:
            return None
        able = [
            room.id
            for room in self.clinic.offices(visit.place, visit.start, visit.end)
            if not any(a < visit.end and visit.start < b for a, b in self.diary.rooms[room.id])
        ]
        return row.room if row.room in able else next(iter(able), None)


def without_faults(clinic: Clinic, plan: Plan) -> Plan | None:
    """The plan less the rows that still break a rule; None when what can't be left out does."""
    for _ in range(ROUNDS):
        if not clinic.repairs:
            plan = replace(plan, groups=tuple(row for row in plan.groups if row.members))
        checked = rules.Checked(clinic, plan, bookings(clinic, plan))
        faults = list(checked.faults())
        if not faults:
            return plan
        spoilt = spoilt_days(checked)
        less = (
            without_days(clinic, plan, spoilt) if spoilt else left_out(clinic, plan, {fault.where for fault in faults})
        )
        if (less.groups, less.sessions) == (plan.groups, plan.sessions):
            return None
        plan = less
    return None


def spoilt_days(checked: rules.Checked) -> set[tuple[str, int]]:
    """Whose days break a rule of the client's own week (H9 to H13): those with too little in them, else all that are left."""
    clinic, found = checked.clinic, set()
    for client in clinic.clients.values():
        own = [each for each in checked.made.of(client.id) if each.start >= (clinic.now or 0)]
        if own and any(checked.week(client, checked.made.of(client.id))):
            minutes = Counter[int]()
            for each in own:
                minutes[each.day] += each.minutes
            short = {day for day, many in minutes.items() if many < client.day_least}
            found |= {(client.id, day) for day in short or minutes}
    return found


def without_days(clinic: Clinic, plan: Plan, days: set[tuple[str, int]]) -> Plan:
    """Without what these clients have on these days; what has happened stays."""
    now = clinic.now or 0
    groups = [
        replace(row, members=tuple(m for m in row.members if (m, row.start // DAY) not in days))
        if row.start >= now
        else row
        for row in plan.groups
    ]
    sessions = (row for row in plan.sessions if row.start < now or (row.client, row.start // DAY) not in days)
    return replace(plan, groups=tuple(groups), sessions=tuple(sessions))


def left_out(clinic: Clinic, plan: Plan, places: set[str]) -> Plan:
    """Without the rows at these JSON pointers; what has happened stays."""
    at = {"/".join(place.split("/")[1:3]) for place in places}
    now = clinic.now or 0
    groups = (row for i, row in enumerate(plan.groups) if f"groups/{i}" not in at or row.start < now)
    sessions = (row for i, row in enumerate(plan.sessions) if f"sessions/{i}" not in at or row.start < now)
    return replace(plan, groups=tuple(groups), sessions=tuple(sessions))
