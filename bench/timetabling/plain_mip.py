"""A plain integer program: the rules written down, the levels solved one after the other by HiGHS, no tricks.

Each level may take half of what is left of the time; its value is then kept and the next one is looked at.
"""

import time
from collections import defaultdict

import highspy
import numpy as np

from middleground.engines.timetabling.bookings import bookings
from middleground.engines.timetabling.clinic import Clinic, within
from middleground.engines.timetabling.plan import GroupRow, Plan, SessionRow
from middleground.engines.timetabling.rules import faults
from middleground.engines.timetabling.times import CELL, DAY, TELEHEALTH
from middleground.engines.timetabling.worth import vector

from .lines import Lines, add
from .week_program import WeekProgram

WAITS, SPLIT = DAY // CELL, 8
Values = list[float]
Terms = dict[int, float]


def plain_mip(clinic: Clinic, seconds: float = 60.0, seed: int = 1, threads: int = 2) -> Plan:
    """The best plan found in time; the empty one where there is none (writing the program down counts too)."""
    until = time.monotonic() + seconds
    best = Plan()
    try:
        week = WeekProgram(clinic, Lines(until))
        levels = Levels(week).all()
    except TimeoutError:
        return best
    solver, values = week.lines.program(threads, seed), list(week.lines.empty)
    for wish in levels:
        left = until - time.monotonic()
        if left < 0.2:
            break
        values = minimize(solver, wish, left / 2 if wish is not levels[-1] else left, values)
        plan = plan_from(week, values)
        if not faults(clinic, plan) and vector(clinic, plan) <= vector(clinic, best):
            best = plan
        reached = round(sum(values[c] * f for c, f in wish.items()))
        solver.addRow(
            -highspy.kHighsInf,
            reached + 0.5,
            len(wish),
            np.array(list(wish)),
            np.array(list(wish.values()), dtype=float),
        )
    return best


def minimize(solver: highspy.Highs, wish: Terms, seconds: float, known: Values) -> Values:
    """The best values found for this level, `known` when there are none."""
    n = solver.getNumCol()
    costs = np.zeros(n)
    for column, factor in wish.items():
        costs[column] = factor
    solver.changeColsCost(n, np.arange(n, dtype=np.int32), costs)
    given = highspy.HighsSolution()
    given.col_value = known
    solver.setSolution(given)
    solver.setOptionValue("time_limit", seconds)
    solver.run()
    if solver.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return known
    return list(solver.getSolution().col_value)


class Levels:
    """The eight levels as sums of columns (what doesn't depend on the plan left out)."""

    def __init__(self, week: WeekProgram) -> None:
        self.week, self.lines, self.clinic = week, week.lines, week.clinic

    def all(self) -> list[Terms]:
        return [
            self.below_payer(),
            self.short(),
            self.missing(),
            self.continuity(),
            self.preference(),
            self.idle(),
            self.load(),
        ]

    def lack(self, terms: Terms, wanted: float) -> int:
        """A column that is at least `wanted` less the terms."""
        column = self.lines.column(wanted, empty=wanted)
        self.lines.row(terms | {column: 1}, low=wanted)
        return column

    def below_payer(self) -> Terms:
        found: Terms = {}
        for client in self.clinic.clients.values():
            below = self.lines.column(empty=1)
            minutes: Terms = {s.column: float(s.minutes) for s in self.week.of_client[client.id]}
            days: Terms = {c: 1.0 for (name, _), c in self.week.days.items() if name == client.id}
            self.lines.row(minutes | {below: client.payer_minutes}, low=client.payer_minutes)
            self.lines.row(days | {below: client.payer_days}, low=client.payer_days)
            found[below] = 1
        return found

    def short(self) -> Terms:
        minutes = {
            c.id: {s.column: float(s.minutes) for s in self.week.of_client[c.id]} for c in self.clinic.clients.values()
        }
        return {self.lack(minutes[c.id], c.prescribed): 1.0 for c in self.clinic.clients.values()}

    def missing(self) -> Terms:
        found: Terms = {}
        for client in self.clinic.clients.values():
            slots = self.week.of_client[client.id]
            for mix in (m for m in client.mix if m.least):
                found[self.lack({s.column: 1.0 for s in slots if s.group and within(s.kind, mix.kind)}, mix.least)] = 1
            for wish in (w for w in client.sessions if w.required):
                held = {s.column: 1.0 for s in slots if not s.group and s.kind == wish.kind}
                found[self.lack(held, wish.count)] = 1
        return found

    def continuity(self) -> Terms:
        found: Terms = {}
        by_client: dict[str, dict[tuple[str, int], str]] = defaultdict(dict)
        for (client, kind, _, _, staff), column in self.week.sessions.items():
            by_client[client][kind, column] = staff
            own = self.clinic.clients[client].counselor
            if own != staff:
                found[column] = 3.0
        for client in (c for c in self.clinic.clients.values() if c.counselor is None):
            self.chosen(client.id, by_client[client.id], found)
        self.series(found)
        return found

    def chosen(self, client: str, held: dict[tuple[str, int], str], found: Terms) -> None:
        """Sessions with the counselor chosen count nothing; anybody with bookings should have one."""
        many = sum(w.count for w in self.clinic.clients[client].sessions)
        theirs = {s: c for (name, s), c in self.week.counsels.items() if name == client}
        for staff, column in theirs.items():
            same = self.lines.column(many)
            self.lines.row({same: 1, column: -many}, high=0)
            self.lines.row(add({same: 1}, {c: -1.0 for (_, c), s in held.items() if s == staff}), high=0)
            found[same] = -3.0
        nobody = self.lines.column()
        found[nobody] = 5.0
        for (name, _), day in self.week.days.items():
            if name == client:
                self.lines.row({nobody: 1, day: -1} | dict.fromkeys(theirs.values(), 1.0), low=0)

    def series(self, found: Terms) -> None:
        sits: dict[tuple[str, str], list[int]] = defaultdict(list)
        for (client, group, _), column in self.week.seats.items():
            sits[client, self.clinic.groups[group].series or ""].append(column)
        led: dict[tuple[str, str], list[int]] = defaultdict(list)
        for (group, _, staff), column in self.week.leads.items():
            led[self.clinic.groups[group].series or "", staff].append(column)
        self.beyond_the_first({(c, s): cols for (c, s), cols in sits.items() if s}, found, 1.0)
        self.beyond_the_first({(s, staff): cols for (s, staff), cols in led.items() if s}, found, 2.0)

    def beyond_the_first(self, of: dict[tuple[str, str], list[int]], found: Terms, worth: float) -> None:
        """Of the first in each key how many of the second there are, beyond one."""
        marks: dict[str, list[int]] = defaultdict(list)
        for (who, _), columns in of.items():
            mark = self.lines.column()
            for column in columns:
                self.lines.row({mark: 1, column: -1}, low=0)
            marks[who].append(mark)
        for columns in marks.values():
            more = self.lines.column(len(columns))
            self.lines.row(add({more: 1}, dict.fromkeys(columns, -1.0)), low=-1)
            found[more] = worth

    def preference(self) -> Terms:
        clients = self.clinic.clients.values()
        slots = [(client, s) for client in clients for s in self.week.of_client[client.id]]
        return {s.column: float(cost) for client, s in slots if (cost := client.dislikes(s.start, s.end))}

    def idle(self) -> Terms:
        found: Terms = {}
        for (client, day), used in self.week.days.items():
            first, last, split = self.lines.column(WAITS), self.lines.column(WAITS), self.lines.column()
            waits: Terms = {last: 1, first: -1}
            for s in (s for s in self.week.of_client[client] if s.day == day):
                start, end = (s.start - day * DAY) // CELL, (s.end - day * DAY) // CELL
                self.lines.row({last: 1, s.column: -end}, low=0)
                self.lines.row({first: 1, s.column: WAITS - start}, high=WAITS)
                waits[s.column] = start - end
            wait = self.lines.column(WAITS)
            self.lines.row(add({wait: 1, used: -WAITS}, waits, -1), low=-WAITS)
            self.lines.row({wait: 1, split: -WAITS}, high=SPLIT - 1)
            found |= {wait: 1.0, split: float(SPLIT)}
        return found

    def load(self) -> Terms:
        most = self.lines.column(100)
        for name, slots in self.week.of_staff.items():
            held = {s.column: -100.0 * (s.end - s.start) for s in slots}
            self.lines.row(held | {most: max(1, self.clinic.staff[name].max_week)}, low=0)
        return {most: 1.0}


def plan_from(week: WeekProgram, values: Values) -> Plan:
    """The rows that the columns at 1 say; sessions get the first free office, and go without if there is none."""
    groups = []
    for (group, start), run in week.runs.items():
        if values[run] > 0.5:
            lead, co, room = (
                next((who for (g, s, who), c in table.items() if (g, s) == (group, start) and values[c] > 0.5), None)
                for table in (week.leads, week.cos, week.rooms)
            )
            members = [
                client for (client, g, s), c in week.seats.items() if (g, s) == (group, start) and values[c] > 0.5
            ]
            groups.append(GroupRow(group, start, room, lead or "", co, tuple(sorted(members))))
    chosen = {client: staff for (client, staff), c in week.counsels.items() if values[c] > 0.5}
    plan = Plan(tuple(groups), (), chosen)
    held = sorted((key for key, c in week.sessions.items() if values[c] > 0.5), key=lambda key: key[2])
    for client, kind, start, place, staff in held:
        row = SessionRow(
            client,
            kind,
            start,
            staff,
            None if place == TELEHEALTH else office(week.clinic, plan, client, kind, start, place),
        )
        if place == TELEHEALTH or row.room is not None:
            plan = Plan(plan.groups, (*plan.sessions, row), chosen)
    return plan


def office(clinic: Clinic, plan: Plan, client: str, kind: str, start: int, site: str) -> str | None:
    wish = next(w for w in clinic.clients[client].sessions if w.kind == kind)
    taken = bookings(clinic, plan).of_room
    doors = (r.id for r in clinic.offices(site, start, start + wish.takes))
    return next(
        (r for r in doors if not any(b.start < start + wish.takes and start < b.end for b in taken.get(r, ()))), None
    )
