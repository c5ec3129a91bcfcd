"""Between a model's literals and a plan's rows: reading a solution, and telling the solver of a plan already found."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from ..clinic import Clinic
from ..plan import GroupRow, Plan, SessionRow
from ..times import DAY, TELEHEALTH
from .frame import session_end, session_place
from .levels import Worth
from .model import Model
from .possible import Possible

Truth = Callable[[Any], bool]
Told = dict[int, int]  # by a variable's index: its value


def plan_from(model: Model, worth: Worth, true: Truth, before: Plan | None = None) -> Plan:
    """The plan that a solution stands for: what the frame keeps and what was planned anew."""
    groups = groups_from(model, true)
    sessions = [*model.frame.sessions, *sessions_from(model, true)]
    if not model.exact_offices:
        sessions = in_offices(model.possible, sessions)
    plan = Plan(tuple(groups), tuple(sessions), dict(model.frame.counselors))
    give_counselors(model, worth, true, plan, before)
    return plan


def groups_from(model: Model, true: Truth) -> list[GroupRow]:
    taken: dict[tuple[str, int], list[str]] = defaultdict(list)
    for (client, group, start), lit in model.seats.items():
        if true(lit):
            taken[group, start].append(client)
    who = {key: {} for key in ("lead", "co", "room")}  # type: dict[str, dict[tuple[str, int], str]]
    for name, lits in (("lead", model.leads), ("co", model.cos), ("room", model.rooms)):
        for (group, start, one), lit in lits.items():
            if true(lit):
                who[name][group, start] = one
    rows = []
    for row in model.frame.groups.values():
        key = row.id, row.start
        if row.id in model.frame.loose and key in model.runs:
            continue
        members = tuple(sorted([*row.members, *taken[key]]))
        rows.append(GroupRow(row.id, row.start, row.room, row.lead, row.co or who["co"].get(key), members))
    for key, lit in model.runs.items():
        if true(lit):
            stay = model.frame.groups[key[0]].members if key[0] in model.frame.groups else ()
            members = tuple(sorted([*stay, *taken[key]]))
            rows.append(GroupRow(*key, who["room"].get(key), who["lead"][key], who["co"].get(key), members))
    return rows


def sessions_from(model: Model, true: Truth) -> list[SessionRow]:
    """Who sees whom: those held by a named clinician first, the rest of a pool in order. Without an office yet, `room` is
    the site."""
    held = {key[:4]: key[4] for key, lit in model.held.items() if true(lit)}
    offices = {key[:4]: key[4] for key, lit in model.offices.items() if true(lit)}
    rows = []
    for slot, wanted in model.pooled.items():
        pool, start, end, place = slot
        serving = [s for s in sorted(pool) if true(model.serves.get((s, pool, start, end, place), 0))]
        keys = [key for key, lit in wanted if true(lit)]
        own = {key: held[key] for key in keys if key in held}
        own |= usual(model, keys, set(serving) - set(own.values()), own)
        left = [s for s in serving if s not in own.values()]
        for key in keys:
            staff = own[key] if key in own else left.pop(0)
            room = None if place == TELEHEALTH else offices.get(key, place)
            rows.append(SessionRow(key[0], key[1], key[2], staff, room))
    return rows


def usual(model: Model, keys: list[Any], serving: set[str], own: dict[Any, str]) -> dict[Any, str]:
    """Their own counselor, where that one is among those who serve anyhow."""
    found: dict[Any, str] = {}
    for key in keys:
        counselor = model.clinic.clients[key[0]].counselor
        if key not in own and counselor in serving and counselor not in found.values():
            found[key] = counselor
    return found


def in_offices(possible: Possible, sessions: list[SessionRow]) -> list[SessionRow]:
    """Every on-site session in an office that is free for it. Offices without closings are alike, so the first free one
    in order of starts is always enough; a session still without one names its site as `room`."""
    clinic = possible.clinic
    until: dict[str, int] = {}
    rows = []
    for row in sorted(sessions, key=lambda row: (row.start, row.client, row.kind)):
        if row.room is None:
            rows.append(row)
            continue
        site = clinic.rooms[row.room].site if row.room in clinic.rooms else row.room
        rooms = [r.id for r in clinic.rooms.values() if r.office and r.site == site]
        room = next(r for r in rooms if until.get(r, 0) <= row.start)
        until[room] = session_end(possible, row)
        rows.append(SessionRow(row.client, row.kind, row.start, row.staff, room))
    return rows


def give_counselors(model: Model, worth: Worth, true: Truth, plan: Plan, before: Plan | None) -> None:
    """Those the model chose; else who was chosen before; else, of those with caseload left, who sees the client."""
    for (client, staff), lit in worth.chosen.items():
        if true(lit):
            plan.counselors[client] = staff
    if before is not None and not worth.chosen:
        load = caseloads(model.clinic, plan)
        for client, staff in before.counselors.items():
            if client in model.chosen and load.get(staff, 0) < model.clinic.staff[staff].caseload:
                plan.counselors[client] = staff
                load[staff] = load.get(staff, 0) + 1
    choose_counselors(model.possible, plan)


def choose_counselors(possible: Possible, plan: Plan) -> None:
    """Fill in counselors for booked clients who have none, within the caseloads (H14)."""
    clinic = possible.clinic
    load = caseloads(clinic, plan)
    seen = {row.client: row.staff for row in plan.sessions}
    booked = set(seen) | {member for row in plan.groups for member in row.members}
    for client in clinic.clients.values():
        if client.counselor is not None or client.id in plan.counselors or client.id not in booked:
            continue
        able = [s for s in possible.counselors(client) if load.get(s, 0) < clinic.staff[s].caseload]
        if able:
            staff = seen[client.id] if seen.get(client.id) in able else min(able, key=lambda s: load.get(s, 0))
            plan.counselors[client.id] = staff
            load[staff] = load.get(staff, 0) + 1


def caseloads(clinic: Clinic, plan: Plan) -> dict[str, int]:
    load: dict[str, int] = defaultdict(int)
    for client in clinic.clients.values():
        if counselor := client.counselor or plan.counselors.get(client.id):
            load[counselor] += 1
    return load


def hint(model: Model, told: Told) -> None:
    """Tell the solver where to begin."""
    model.cp.clear_hints()
    proto = model.cp.proto.solution_hint
    for index, value in told.items():
        proto.vars.append(index)
        proto.values.append(value)


def told_of(model: Model, worth: Worth, plan: Plan) -> Told:
    """The part of `plan` that the model may change."""
    told: Told = {}

    def say(lits: dict[Any, Any], true: set[Any]) -> None:
        for key, lit in lits.items():
            told[lit.index] = int(key in true)

    rows = {(row.id, row.start): row for row in plan.groups}
    say({key: lit for key, lit in model.runs.items() if key[0] not in model.frame.groups}, set(rows))
    say(model.leads, {(*key, row.lead) for key, row in rows.items()})
    say(model.cos, {(*key, row.co) for key, row in rows.items() if row.co})
    say(model.rooms, {(*key, row.room) for key, row in rows.items() if row.room})
    say(model.seats, {(member, *key) for key, row in rows.items() for member in row.members})
    visits, serves, held, offices = session_hints(model, plan)
    say(model.visits, visits)
    say(model.serves, serves)
    say(model.held, held)
    say(model.offices, offices)
    say(worth.chosen, set(plan.counselors.items()))
    days = defaultdict(set)
    for row in plan.groups:
        for member in row.members:
            days[member].add(row.start // DAY)
    for session in plan.sessions:
        days[session.client].add(session.start // DAY)
    for client, week in model.weeks.items():
        say(week.day, days[client])
    return told


def session_hints(model: Model, plan: Plan) -> tuple[set[Any], set[Any], set[Any], set[Any]]:
    visits, serves, held, offices = set(), set(), set(), set()
    for row in plan.sessions:
        if row.client not in model.chosen:
            continue
        place = session_place(model.possible, row)
        key = row.client, row.kind, row.start, place
        end = session_end(model.possible, row)
        visits.add(key)
        serves.add((row.staff, model.possible.pools[row.client, row.kind], row.start, end, place))
        held.add((*key, row.staff))
        offices.add((*key, row.room))
    return visits, serves, held, offices
