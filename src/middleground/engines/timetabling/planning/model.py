"""The week as a CP-SAT model: literals for what is booked, and the hard rules between them.

Sessions are modelled in two halves: `visits` (a client has one then and there) and `serves` (a clinician holds one for a
pool of clients whom the same people may see); a pool's visits and serves are equal in number at each time and place, so
who sees whom can always be settled afterwards. `held` says that one named clinician holds a visit, where that matters.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from ortools.sat.python import cp_model

from ..plan import GroupRow
from ..times import TELEHEALTH
from .frame import Frame, session_end
from .hours import hours
from .possible import Opening, Possible, Visit
from .same_time import Literal, Use, near, one_at_a_time
from .weeks import ClientWeek


class Model:
    """`runs`, `leads`, `cos`, `rooms`, `seats` by group and start; `visits`, `serves`, `held`, `offices` for sessions.
    Without `own_weeks` only what clients share: each one's own rules (H9 to H13) are left out."""

    def __init__(
        self, possible: Possible, frame: Frame, *, exact_offices: bool = False, own_weeks: bool = True
    ) -> None:
        self.possible, self.clinic, self.frame, self.own_weeks = possible, possible.clinic, frame, own_weeks
        self.cp = cp_model.CpModel()
        self.runs: dict[tuple[str, int], Literal] = {}
        self.leads: dict[tuple[str, int, str], Literal] = {}
        self.cos: dict[tuple[str, int, str], Literal] = {}
        self.rooms: dict[tuple[str, int, str], Literal] = {}
        self.seats: dict[tuple[str, str, int], Literal] = {}
        self.visits: dict[tuple[str, str, int, str], Literal] = {}
        self.serves: dict[tuple[str, frozenset[str], int, int, str], Literal] = {}
        self.held: dict[tuple[str, str, int, str, str], Literal] = {}
        self.offices: dict[tuple[str, str, int, str, str], Literal] = {}
        self.weeks: dict[str, ClientWeek] = {}
        self.staff_use: dict[str, list[Use]] = defaultdict(list)
        self.room_use: dict[str, list[Use]] = defaultdict(list)
        self.office_use: dict[str, list[Use]] = defaultdict(list)
        self.pooled: dict[tuple[frozenset[str], int, int, str], list[tuple[tuple[str, str, int, str], Literal]]]
        self.pooled = defaultdict(list)
        closed = any(room.office and room.closed for room in self.clinic.rooms.values())
        self.exact_offices = (exact_offices or closed) and not frame.counted
        self.build()

    def build(self) -> None:
        self.chosen = set(self.frame.clients)
        self.in_force = self.offices_in_force() if self.frame.counted else {}
        self.pinned = {pin["id"] for pin in self.clinic.pins if "id" in pin}
        self.busy_staff, self.busy_rooms, self.busy_offices = self.standing()
        seats: dict[str, list[tuple[Visit, Literal]]] = defaultdict(list)
        for group in self.clinic.groups:
            self.group(group, seats)
        for client in self.frame.clients:
            self.sessions(client, seats)
        self.serve()
        for staff in self.clinic.staff.values():
            hours(self.cp, staff, self.staff_use.get(staff.id, []), self.busy_staff.get(staff.id, []))
        for room, use in self.room_use.items():
            one_at_a_time(self.cp, use)
            self.rooms_stand(room, use)
        self.count_offices()
        for client in self.frame.clients if self.own_weeks else ():
            self.weeks[client] = ClientWeek(self.cp, self.clinic, self.clinic.clients[client], seats[client])
        self.keep_apart(seats)

    # ------------------------------------------------------------ what stands
    def standing(self) -> tuple[dict[str, list[tuple[int, int]]], ...]:
        """The times at which staff, rooms and offices are taken by what stands and can't change."""
        staff: dict[str, list[tuple[int, int]]] = defaultdict(list)
        rooms: dict[str, list[tuple[int, int]]] = defaultdict(list)
        offices: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for row in self.frame.groups.values():
            if row.id in self.frame.loose:
                continue
            span = row.start, row.start + self.clinic.groups[row.id].takes
            for who in (row.lead, row.co):
                if who is not None:
                    staff[who].append(span)
            if row.room is not None:
                rooms[row.room].append(span)
        for session in self.frame.sessions:
            span = session.start, session_end(self.possible, session)
            staff[session.staff].append(span)
            if session.room is not None:
                offices[session.room].append(span)
        return staff, rooms, offices

    def idle_staff(self, names: Iterable[str], start: int, end: int) -> list[str]:
        busy = self.busy_staff
        return [s for s in names if not any(a < end and start < b for a, b in busy.get(s, ()))]

    # ------------------------------------------------------------ groups
    def group(self, group: str, seats: dict[str, list[tuple[Visit, Literal]]]) -> None:
        row = self.frame.groups.get(group)
        if row is not None:
            self.standing_group(row, seats)
            return
        starts = [lit for opening in self.possible.of_group[group] if (lit := self.opening(opening, seats)) is not None]
        if len(starts) > 1:
            self.cp.add_at_most_one(starts)

    def opening(self, opening: Opening, seats: dict[str, list[tuple[Visit, Literal]]]) -> Literal | None:
        """A group that may run at this start, or not."""
        members = self.members(opening)
        least = self.possible.least[opening.group.id]
        leads = self.idle_staff(opening.leads, opening.start, opening.end)
        rooms = self.free_rooms(opening)
        past = self.possible.past_groups.get(opening.group.id)
        floor = least if past or opening.group.id in self.pinned else max(least, 1)
        if len(members) < floor or not leads or not (rooms or opening.group.telehealth):
            return None
        runs = self.runs[opening.key] = self.cp.new_bool_var("")
        taken = self.take(opening, members, runs, seats)
        self.cp.add(sum(taken) >= floor * runs)
        self.people(opening, runs, taken, leads)
        self.place(opening, runs, taken, rooms)
        return runs

    def members(self, opening: Opening) -> list[str]:
        """Who of those who are planned anew could sit in it."""
        seats, (group, start) = self.frame.seats, opening.key
        return [c for c in opening.members if c in self.chosen and (seats is None or (c, group, start) in seats)]

    def take(
        self,
        opening: Opening,
        members: list[str],
        runs: Literal | None,
        seats: dict[str, list[tuple[Visit, Literal]]],
    ) -> list[Literal]:
        """A seat literal for each who could sit in it."""
        group, taken = opening.group, []
        for client in members:
            seat = self.seats[client, group.id, opening.start] = self.cp.new_bool_var("")
            if runs is not None:
                self.cp.add_implication(seat, runs)
            visit = Visit(client, group.kind, group.id, opening.start, opening.end, group.minutes, group.place)
            seats[client].append((visit, seat))
            taken.append(seat)
        return taken

    def free_rooms(self, opening: Opening) -> list[Any]:
        start, end = opening.start, opening.end
        busy = self.busy_rooms
        return [r for r in opening.rooms if not any(a < end and start < b for a, b in busy.get(r.id, ()))]

    def people(self, opening: Opening, runs: Literal, taken: list[Literal], leads: list[str], already: int = 0) -> None:
        """One leader of those free (H7), a co-leader beyond `co_above` (H8); `already` seats are taken by who stays."""
        key = opening.key
        for staff in leads:
            lead = self.leads[(*key, staff)] = self.cp.new_bool_var("")
            self.staff_use[staff].append((opening.start, opening.end, lead))
        self.cp.add(sum(self.leads[(*key, staff)] for staff in leads) == runs)
        self.co_leader(opening, runs, taken, already)

    def co_leader(self, opening: Opening, runs: Literal, taken: list[Literal], already: int) -> None:
        group, key = opening.group, opening.key
        assists = self.idle_staff(opening.assists, opening.start, opening.end)
        limit = min(group.most, group.co_above)
        if already + len(taken) <= limit and not self.wants_co(opening):
            return
        cos = []
        for staff in assists:
            co = self.cos[(*key, staff)] = self.cp.new_bool_var("")
            self.staff_use[staff].append((opening.start, opening.end, co))
            if (*key, staff) in self.leads:
                self.cp.add_at_most_one(co, self.leads[(*key, staff)])
            cos.append(co)
        self.cp.add(sum(cos) <= runs)
        self.cp.add(already + sum(taken) <= limit * runs + (group.most - limit) * sum(cos))

    def wants_co(self, opening: Opening) -> bool:
        """Whether a co-leader stands there in the plan in force or in a pin, though none is needed."""
        current = self.clinic.current
        rows = [row for row in current.groups if row.id == opening.group.id and row.co] if current else []
        return bool(rows) or any(pin.get("id") == opening.group.id and pin.get("co") for pin in self.clinic.pins)

    def place(self, opening: Opening, runs: Literal, taken: list[Literal], rooms: list[Any], already: int = 0) -> None:
        """One free room with enough seats (H2, H3)."""
        if opening.group.telehealth:
            return
        for room in rooms:
            here = self.rooms[(*opening.key, room.id)] = self.cp.new_bool_var("")
            self.room_use[room.id].append((opening.start, opening.end, here))
        self.cp.add(sum(self.rooms[(*opening.key, room.id)] for room in rooms) == runs)
        if min(room.seats for room in rooms) < already + len(taken):
            seats = sum(room.seats * self.rooms[(*opening.key, room.id)] for room in rooms)
            self.cp.add(already + sum(taken) <= seats)

    def standing_group(self, row: GroupRow, seats: dict[str, list[tuple[Visit, Literal]]]) -> None:
        """A group that runs for those who stay in it: the others may come and go within its bounds."""
        opening = self.possible.openings.get((row.id, row.start))
        if opening is None:
            return
        group, already = opening.group, len(row.members)
        members = self.members(opening)
        past = row.id in self.possible.past_groups
        loose = row.id in self.frame.loose and not past
        if not members and not loose:
            return
        taken = self.take(opening, members, None, seats)
        self.cp.add(already + sum(taken) >= self.possible.least[row.id])
        if loose:
            runs = self.runs[opening.key] = self.cp.new_constant(1)
            self.people(opening, runs, taken, self.idle_staff(opening.leads, opening.start, opening.end), already)
            self.place(opening, runs, taken, self.free_rooms(opening), already)
            return
        room = self.clinic.rooms[row.room].seats if row.room is not None else group.most
        most = min(group.most, room)
        if row.co is None:
            self.join_co(opening, row, taken, already, most)
        else:
            self.cp.add(already + sum(taken) <= most)

    def join_co(self, opening: Opening, row: GroupRow, taken: list[Literal], already: int, most: int) -> None:
        """A standing group without a co-leader may get one when it grows."""
        limit = min(most, opening.group.co_above)
        assists = [s for s in self.idle_staff(opening.assists, opening.start, opening.end) if s != row.lead]
        if already + len(taken) <= limit or limit == most or not assists:
            self.cp.add(already + sum(taken) <= limit)
            return
        cos = []
        for staff in assists:
            co = self.cos[(*opening.key, staff)] = self.cp.new_bool_var("")
            self.staff_use[staff].append((opening.start, opening.end, co))
            cos.append(co)
        self.cp.add_at_most_one(cos)
        self.cp.add(already + sum(taken) <= limit + (most - limit) * sum(cos))

    # ------------------------------------------------------------ sessions
    def sessions(self, client: str, seats: dict[str, list[tuple[Visit, Literal]]]) -> None:
        looked_at = self.possible.visits if self.frame.visits is None else self.frame.visits
        for visit in looked_at[client]:
            if visit.group is not None:
                continue
            slot = self.possible.pools[client, visit.kind], visit.start, visit.end, visit.place
            if slot not in self.pooled and not self.idle_staff(
                self.possible.staff_there(*slot), visit.start, visit.end
            ):
                continue
            key = client, visit.kind, visit.start, visit.place
            lit = self.visits[key] = self.cp.new_bool_var("")
            self.pooled[slot].append((key, lit))
            seats[client].append((visit, lit))
            if visit.place != TELEHEALTH:
                self.office_use[visit.place].append((visit.start, visit.end, lit))
                if self.exact_offices:
                    self.office(key, visit, lit)
                elif key[:3] in self.in_force:
                    self.office_in_force(key, visit, lit)

    def office(self, key: tuple[str, str, int, str], visit: Visit, lit: Literal) -> None:
        rooms = []
        for room in self.clinic.offices(visit.place, visit.start, visit.end):
            if any(a < visit.end and visit.start < b for a, b in self.busy_offices.get(room.id, ())):
                continue
            here = self.offices[(*key, room.id)] = self.cp.new_bool_var("")
            self.room_use[room.id].append((visit.start, visit.end, here))
            rooms.append(here)
        self.cp.add(sum(rooms) == lit)

    def offices_in_force(self) -> dict[tuple[str, str, int], str]:
        rows = self.clinic.current.sessions if self.clinic.current is not None else ()
        return {(row.client, row.kind, row.start): row.room for row in rows if row.room is not None}

    def office_in_force(self, key: tuple[str, str, int, str], visit: Visit, lit: Literal) -> None:
        """The one office that a session has now; it may be another one."""
        room = self.in_force[key[:3]]
        if any(room == each.id for each in self.clinic.offices(visit.place, visit.start, visit.end)):
            here = self.offices[(*key, room)] = self.cp.new_bool_var("")
            self.cp.add_implication(here, lit)

    def serve(self) -> None:
        """As many clinicians of the pool hold a session then and there as clients have one."""
        for (pool, start, end, place), wanted in self.pooled.items():
            serving = []
            own = {self.clinic.clients[key[0]].counselor for key, _ in wanted}
            helpers = self.frame.helpers
            for staff in self.idle_staff(self.possible.staff_there(pool, start, end, place), start, end):
                if helpers is not None and staff not in helpers and staff not in own:
                    continue
                lit = self.serves[staff, pool, start, end, place] = self.cp.new_bool_var("")
                self.staff_use[staff].append((start, end, lit))
                serving.append(lit)
            self.cp.add(sum(lit for _, lit in wanted) == sum(serving))

    def hold(self, key: tuple[str, str, int, str], staff: str) -> Literal | None:
        """A literal that may be true only when `staff` holds this visit; None when they can't. Call `settle_held` after."""
        client, kind, start, place = key
        known = (*key, staff)
        if known in self.held:
            return self.held[known]
        pool = self.possible.pools[client, kind]
        wish = next(w for w in self.clinic.clients[client].sessions if w.kind == kind)
        if (staff, pool, start, start + wish.takes, place) not in self.serves:
            return None
        lit = self.held[known] = self.cp.new_bool_var("")
        self.cp.add_implication(lit, self.visits[key])
        return lit

    def settle_held(self) -> None:
        """A clinician serves a pool if held by one of its clients; one client's visit is held by at most one."""
        by_visit: dict[tuple[str, str, int, str], list[Literal]] = defaultdict(list)
        by_serve: dict[Any, list[Literal]] = defaultdict(list)
        for (client, kind, start, place, staff), lit in self.held.items():
            by_visit[client, kind, start, place].append(lit)
            wish = next(w for w in self.clinic.clients[client].sessions if w.kind == kind)
            by_serve[staff, self.possible.pools[client, kind], start, start + wish.takes, place].append(lit)
        for lits in by_visit.values():
            if len(lits) > 1:
                self.cp.add_at_most_one(lits)
        for key, lits in by_serve.items():
            self.cp.add(sum(lits) <= self.serves[key])

    # ------------------------------------------------------------ rooms
    def rooms_stand(self, room: str, use: list[Use]) -> None:
        for start, end, lit in use:
            if any(a < end and start < b for a, b in self.busy_rooms.get(room, ())):
                self.cp.add(lit == 0)

    def count_offices(self) -> None:
        """H3 for offices: no more sessions at once than offices (they are alike, so who sits where is settled after)."""
        for site, use in self.office_use.items():
            rooms = [r.id for r in self.clinic.rooms.values() if r.office and r.site == site]
            stands = [span for room in rooms for span in self.busy_offices.get(room, ())]
            for at in sorted({start for start, _, _ in use} | {start for start, _ in stands}):
                now = [lit for start, end, lit in use if start <= at < end]
                left = len(rooms) - sum(start <= at < end for start, end in stands)
                if len(now) > left:
                    self.cp.add(sum(now) <= left)

    # ------------------------------------------------------------ who is kept apart
    def keep_apart(self, seats: dict[str, list[tuple[Visit, Literal]]]) -> None:
        """H15; the pools of sessions leave out who is kept apart already."""
        for pair in self.possible.apart:
            for one, two in ((pair.one, pair.two), (pair.two, pair.one)):
                for (client, group, start), seat in self.seats.items():
                    if client == one:
                        self.not_with(seat, group, start, two, led=two == pair.two)
            for row in self.frame.groups.values():
                if pair.one in row.members:
                    self.not_led(row, pair.two)
            if pair.site and pair.one in self.clinic.clients and pair.two in self.clinic.clients:
                self.not_on_site(seats, pair.one, pair.two)

    def not_with(self, seat: Literal, group: str, start: int, other: str, *, led: bool) -> None:
        """`led`: nor where `other` leads; the first of a pair is a client only, whoever else has the same id."""
        if (other, group, start) in self.seats:
            self.cp.add_bool_or(~seat, ~self.seats[other, group, start])
        for who in (self.leads, self.cos) if led else ():
            if (group, start, other) in who:
                self.cp.add_bool_or(~seat, ~who[group, start, other])
        row = self.frame.groups.get(group)
        if row is not None and row.start == start:
            loose = group in self.frame.loose
            if other in row.members or (led and not loose and other in (row.lead, row.co)):
                self.cp.add(seat == 0)

    def not_led(self, row: GroupRow, other: str) -> None:
        """A group in which somebody stays gets no leader or co-leader who is kept apart from them."""
        for who in (self.leads, self.cos):
            if (lit := who.get((row.id, row.start, other))) is not None:
                self.cp.add(lit == 0)

    def not_on_site(self, seats: dict[str, list[tuple[Visit, Literal]]], one: str, two: str) -> None:
        for a, b in ((one, two), (two, one)):
            standing = self.standing_visits(b)
            for visit, lit in seats.get(a, ()):
                if any(near(visit.start, visit.end, visit.place, *other) for other in standing):
                    self.cp.add(lit == 0)
        for visit, lit in seats.get(one, ()):
            for other, that in seats.get(two, ()):
                if near(visit.start, visit.end, visit.place, other.start, other.end, other.place):
                    self.cp.add_bool_or(~lit, ~that)

    def standing_visits(self, client: str) -> list[tuple[int, int, str]]:
        if client in self.chosen:
            return []
        found = []
        for row in self.frame.groups.values():
            if client in row.members:
                group = self.clinic.groups[row.id]
                found.append((row.start, row.start + group.takes, group.place))
        for session in self.frame.sessions:
            if session.client == client and session.room is not None:
                site = self.clinic.rooms[session.room].site
                found.append((session.start, session_end(self.possible, session), site))
        return found
