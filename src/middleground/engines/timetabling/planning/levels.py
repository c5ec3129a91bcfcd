"""The eight levels of the objective as expressions over a model (contract, section 5)."""

from collections import Counter, defaultdict
from functools import cached_property
from typing import Any

from ..bookings import Booking, Bookings, wish_for
from ..clinic import Client
from ..plan import GroupRow, Plan
from ..times import TELEHEALTH
from ..worth import Worth as Worths
from ..worth import meets_payer, minutes_of, missing
from .model import Model
from .possible import TINY
from .same_time import Literal

LOST, NEW, OTHER_PERSON, OTHER_ROOM, OTHER_CO = 4, 1, 2, 1, 1
NOT_OWN, NO_COUNSELOR = 3, 5


class Worth:
    """Each level is made when it is first asked for; constants of what stands are left out."""

    def __init__(self, model: Model) -> None:
        self.model, self.clinic, self.cp = model, model.clinic, model.cp
        self.clients = [self.clinic.clients[each] for each in model.frame.clients]
        self.chosen: dict[tuple[str, str], Literal] = {}

    def level(self, name: str) -> Any:
        return getattr(self, name)

    @cached_property
    def before(self) -> Bookings | None:
        """The plan in force of a repair: there, only what an event took away counts in levels 1 to 3."""
        return Worths(self.clinic).in_force if self.clinic.repairs else None

    def had(self, client: Client) -> list[Booking] | None:
        """What the client had before the events; None where all that is prescribed counts."""
        if self.before is None or client.id in self.clinic.joined:
            return None
        return self.before.of(client.id)

    @cached_property
    def met(self) -> dict[str, Literal]:
        had = ((c, self.had(c)) for c in self.clients)
        return {c.id: self.model.weeks[c.id].meets() for c, own in had if own is None or meets_payer(c, own)}

    @cached_property
    def gaps(self) -> dict[str, Any]:
        return {c.id: self.model.weeks[c.id].short(self.target(c)) for c in self.clients}

    def target(self, client: Client) -> int:
        had = self.had(client)
        return client.prescribed if had is None else min(client.prescribed, minutes_of(had))

    @cached_property
    def lacks(self) -> dict[str, Any]:
        return {c.id: self.lack(c) for c in self.clients}

    def lack(self, client: Client) -> Any:
        week, had = self.model.weeks[client.id], self.had(client)
        already = 0 if had is None else missing(client, had)
        if not already:
            return week.lacking
        beyond = self.cp.new_int_var(0, 1000, "")
        self.cp.add(beyond >= week.lacking - already)
        return beyond

    @cached_property
    def below_payer(self) -> Any:
        return sum(1 - met for met in self.met.values())

    @cached_property
    def short_minutes(self) -> Any:
        return sum(self.gaps.values())

    @cached_property
    def missing(self) -> Any:
        return sum(self.lacks.values())

    # ------------------------------------------------------------ changes
    @cached_property
    def changes(self) -> Any:
        current = self.clinic.current
        if current is None:
            return 0
        entries: dict[str, set[tuple[str, int]]] = defaultdict(set)
        for row in current.groups:
            for member in row.members if row.id in self.clinic.groups else ():
                entries[member].add((row.id, row.start))
        for session in current.sessions:
            if wish_for(self.clinic.clients.get(session.client), session.kind):
                entries[session.client].add((session.kind, session.start))
        costs = [self.entry_changes(c, entries[c.id]) for c in self.clients if entries.get(c.id)]
        costs += [self.session_changes(current)]
        costs += [self.group_changes(row) for row in current.groups if row.id in self.clinic.groups]
        self.model.settle_held()
        return sum(costs)

    def entry_changes(self, client: Client, entries: set[tuple[str, int]]) -> Any:
        """4 for each calendar entry lost, 1 for each new one."""
        total: Any = 0
        kept: dict[tuple[str, int], list[Literal]] = {entry: [] for entry in sorted(entries)}
        for visit, lit in self.model.weeks[client.id].visits:
            entry = visit.key, visit.start
            if entry in kept:
                kept[entry].append(lit)
            else:
                total += NEW * lit
        return total + LOST * sum(self.none_of(lits) for lits in kept.values())

    def none_of(self, lits: list[Literal]) -> Any:
        """1 where none of these is true."""
        if len(lits) < 2:
            return 1 - lits[0] if lits else 1
        none = self.cp.new_bool_var("")
        self.cp.add_bool_or([none, *lits])
        return none

    def session_changes(self, current: Plan) -> Any:
        """For an entry kept: 2 for another clinician, 1 for another room or modality."""
        total: Any = 0
        for row in current.sessions:
            if row.client not in self.model.chosen:
                continue
            for visit, lit in self.model.weeks[row.client].sessions:
                if (visit.kind, visit.start) == (row.kind, row.start):
                    key = row.client, row.kind, row.start, visit.place
                    total += OTHER_PERSON * self.differs(lit, self.model.hold(key, row.staff))
                    if row.room is not None:
                        total += OTHER_ROOM * self.differs(lit, self.model.offices.get((*key, row.room)))
                    elif visit.place != TELEHEALTH:
                        total += OTHER_ROOM * lit
        return total

    def differs(self, booked: Literal, same: Literal | None) -> Literal:
        """True where this is booked, and not with the same as before."""
        if same is None:
            return booked
        other = self.cp.new_bool_var("")
        self.cp.add_bool_or([~booked, same, other])
        return other

    def group_changes(self, row: GroupRow) -> Any:
        """For a group kept at its start: 2 for another leader, 1 another co-leader, 1 another room."""
        model, key = self.model, (row.id, row.start)
        here = {who: lit for (*at, who), lit in model.cos.items() if tuple(at) == key}
        if key not in model.runs:
            return OTHER_CO * sum(here.values()) if row.co is None else 0
        runs = model.runs[key]
        total = OTHER_PERSON * self.differs(runs, model.leads.get((*key, row.lead)))
        total += OTHER_CO * (sum(here.values()) if row.co is None else self.differs(runs, here.get(row.co)))
        if row.room is not None:
            total += OTHER_ROOM * self.differs(runs, model.rooms.get((*key, row.room)))
        return total

    # ------------------------------------------------------------ continuity
    @cached_property
    def continuity(self) -> Any:
        self.choose_counselors()
        total = sum((self.own_counselor(client) for client in self.clients), start=0)
        self.model.settle_held()
        return total + self.own_series() + self.own_leader()

    def choose_counselors(self) -> None:
        """A counselor with caseload left for each client who has none (H14)."""
        clinic, frame = self.clinic, self.model.frame
        load = Counter(c.counselor for c in clinic.clients.values() if c.counselor)
        load.update(frame.counselors.values())
        taken: dict[str, list[Literal]] = defaultdict(list)
        for client in self.clients:
            if client.counselor is not None:
                continue
            able = [s for s in self.model.possible.counselors(client) if load[s] < clinic.staff[s].caseload]
            for staff in able:
                lit = self.chosen[client.id, staff] = self.cp.new_bool_var("")
                taken[staff].append(lit)
            if able:
                self.cp.add_at_most_one([self.chosen[client.id, staff] for staff in able])
        for staff, lits in taken.items():
            left = clinic.staff[staff].caseload - load[staff]
            if len(lits) > left:
                self.cp.add(sum(lits) <= left)

    def own_counselor(self, client: Client) -> Any:
        week = self.model.weeks[client.id]
        if not week.visits:
            return 0
        own = (
            {client.counselor: None}
            if client.counselor
            else {s: g for (c, s), g in self.chosen.items() if c == client.id}
        )
        total: Any = 0
        for visit, lit in week.sessions:
            key = client.id, visit.kind, visit.start, visit.place
            total += NOT_OWN * lit
            for staff, given in own.items():
                held = self.model.hold(key, staff)
                if held is not None:
                    total -= NOT_OWN * (held if given is None else self.both(held, given))
        if client.counselor is None:
            nobody = self.cp.new_bool_var("")
            for day in week.day.values():
                self.cp.add_bool_or([~day, nobody, *(g for g in own.values() if g is not None)])
            total += NO_COUNSELOR * nobody
        return total

    def both(self, held: Literal, given: Literal) -> Literal:
        """Held by somebody who is the client's counselor: the visit may be held by others for other reasons."""
        lit = self.cp.new_bool_var("")
        self.cp.add_implication(lit, held)
        self.cp.add_implication(lit, given)
        return lit

    def own_series(self) -> Any:
        """1 for each series a client sits in beyond the first."""
        total: Any = 0
        for client in self.clients:
            sits: dict[str, Literal] = {}
            for visit, lit in self.model.weeks[client.id].groups:
                series = self.clinic.groups[visit.group or ""].series
                if series is not None:
                    if series not in sits:
                        sits[series] = self.cp.new_bool_var("")
                    self.cp.add_implication(lit, sits[series])
            if len(sits) > 1:
                more = self.cp.new_int_var(0, len(sits) - 1, "")
                self.cp.add(more >= sum(sits.values()) - 1)
                total += more
        return total

    def own_leader(self) -> Any:
        """2 for each leader of a series beyond the first."""
        standing: dict[str, set[str]] = defaultdict(set)
        for row in self.model.frame.groups.values():
            series = self.clinic.groups[row.id].series
            if series and row.id not in self.model.frame.loose:
                standing[series].add(row.lead)
        leads: dict[str, dict[str, Literal]] = defaultdict(dict)
        for (group, _, staff), lit in self.model.leads.items():
            series = self.clinic.groups[group].series
            if series and staff not in standing[series]:
                if staff not in leads[series]:
                    leads[series][staff] = self.cp.new_bool_var("")
                self.cp.add_implication(lit, leads[series][staff])
        total: Any = 0
        for series, who in leads.items():
            if standing[series]:
                total += 2 * sum(who.values())
            elif len(who) > 1:
                more = self.cp.new_int_var(0, len(who) - 1, "")
                self.cp.add(more >= sum(who.values()) - 1)
                total += 2 * more
        return total

    # ------------------------------------------------------------ preference, idle, load
    @cached_property
    def preference(self) -> Any:
        total: Any = 0
        for client in self.clients:
            for visit, lit in self.model.weeks[client.id].visits:
                cost = client.dislikes(visit.start, visit.end)
                if cost:
                    total += cost * lit
        return total

    @cached_property
    def idle(self) -> Any:
        as_ways = self.model.frame.bare and self.model.possible.size <= TINY
        return sum((sum(self.model.weeks[client.id].waits(as_ways=as_ways)) for client in self.clients), start=0)

    @cached_property
    def load(self) -> Any:
        """The highest share of `max_week`, in whole hundredths rounded up."""
        most = self.cp.new_int_var(0, 100, "")
        for staff in self.clinic.staff.values():
            stands = sum(end - start for start, end in self.model.busy_staff.get(staff.id, ()))
            use = self.model.staff_use.get(staff.id, ())
            if staff.max_week and (use or stands):
                minutes = sum((end - start) * lit for start, end, lit in use)
                self.cp.add(100 * minutes + 100 * stands <= staff.max_week * most)
        return most
