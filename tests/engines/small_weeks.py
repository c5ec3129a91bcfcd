"""Small random clinics with a timetable in force, and what else one client could book there, found by trying everything."""

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from middleground.engines.timetabling.bookings import bookings
from middleground.engines.timetabling.clinic import Client, Clinic, clinic_of
from middleground.engines.timetabling.plan import GroupRow, Plan, SessionRow, plan_of
from middleground.engines.timetabling.rules import faults
from middleground.engines.timetabling.worth import client_part

DAYS = ("mon", "tue", "wed")
KINDS = ("process", "education/sleep", "education/anger", "skills")


def clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def small_clinic(seed: int, newcomers: int = 1) -> dict[str, Any]:
    """An instance whose `current` breaks no rule; `newcomers` ask against it."""
    rnd = random.Random(seed)
    sites = ["main", "side"][: rnd.choice((1, 2))]
    data: dict[str, Any] = {
        "format": "middleground-timetable/1",
        "id": f"small-{seed}",
        "step": rnd.choice((30, 60, 60)),
        "sites": [{"id": s, "open": [f"{d} 09:00-13:00" for d in DAYS]} for s in sites],
        "travel": [{"between": ["main", "side"], "minutes": rnd.choice((15, 30))}] if rnd.random() < 0.7 else [],
        "rooms": rooms(rnd, sites),
        "staff": [clinician(rnd, f"st{i}", sites) for i in range(rnd.choice((2, 3)))],
        "groups": [group(rnd, f"g{i}", sites) for i in range(rnd.choice((3, 5, 6)))],
    }
    if len(sites) == 1:
        data["travel"] = []
    names = [row["id"] for row in data["staff"]]
    data["clients"] = [client(rnd, f"c{i}", sites, names, easy=True) for i in range(3)]
    data["newcomers"] = [client(rnd, f"n{i}", sites, names, easy=False) for i in range(newcomers)]
    if data["step"] < 60:
        data["newcomers"] = [{**row, "sessions": [{**row["sessions"][0], "count": 1}]} for row in data["newcomers"]]
    data["apart"] = apart(rnd, data)
    data["current"] = in_force(rnd, data)
    return data


def rooms(rnd: random.Random, sites: list[str]) -> list[dict[str, Any]]:
    found = []
    for site in sites:
        found.append({"id": f"{site}-hall", "site": site, "kind": "group", "seats": rnd.choice((2, 4))})
        for i in range(rnd.choice((1, 2))):
            closed = [f"{rnd.choice(DAYS)} 09:00-10:30"] if rnd.random() < 0.3 else []
            found.append({"id": f"{site}-office-{i}", "site": site, "kind": "office", "seats": 2, "closed": closed})
    return found


def clinician(rnd: random.Random, name: str, sites: list[str]) -> dict[str, Any]:
    works = [{"at": f"{d} 09:00-13:00", "site": rnd.choice((*sites, *sites, None))} for d in DAYS if rnd.random() < 0.8]
    return {
        "id": name,
        "leads": ["process", "education", "skills", *(["individual"] if rnd.random() < 0.8 else []), "family"],
        "credentials": [],
        "languages": rnd.choice((["en"], ["en", "es"])),
        "works": works,
        "off": ["tue 10:00-11:00"] if rnd.random() < 0.2 else [],
        "max_day": rnd.choice((120, 180, 240)),
        "max_week": rnd.choice((240, 300, 600)),
        "caseload": rnd.choice((0, 1, 2, 3)),
        "break": {"every": rnd.choice((120, 150)), "minutes": rnd.choice((0, 15, 30))},
    }


def group(rnd: random.Random, name: str, sites: list[str]) -> dict[str, Any]:
    starts = rnd.sample([f"{d} {clock(m)}" for d in DAYS for m in range(540, 700, 15)], rnd.choice((1, 2)))
    return {
        "id": name,
        "series": rnd.choice(("am", "pm", None)),
        "kind": rnd.choice(KINDS),
        "minutes": rnd.choice((45, 50, 85)),
        "starts": starts,
        "place": rnd.choice((*sites, *sites, "telehealth")),
        "min": 1,
        "max": rnd.choice((2, 3, 4)),
        "co_above": rnd.choice((1, 2, 4)),
        "credentials": [],
        "language": rnd.choice(("en", "en", "en", "es")),
        "only": rnd.choice(([], [], [], ["women"])),
    }


def client(rnd: random.Random, name: str, sites: list[str], staff: list[str], *, easy: bool) -> dict[str, Any]:
    free = []
    for day in DAYS:
        if easy or rnd.random() < 0.9:
            first, middle, last = 480 + 15 * rnd.randrange(5), 630 + 15 * rnd.randrange(3), 840 - 15 * rnd.randrange(8)
            free.append({"at": f"{day} {clock(first)}-{clock(middle)}", "cost": rnd.choice((0, 0, 1, 3))})
            free.append(
                {"at": f"{day} {clock(middle + rnd.choice((0, 0, 15)))}-{clock(last)}", "cost": rnd.choice((0, 2))}
            )
    busy = [{"at": f"{rnd.choice(DAYS)} 10:00-10:30", "what": "court"}] if rnd.random() < 0.3 and not easy else []
    wanted = [("individual", rnd.choice((1, 1, 2)), True), ("family", 1, False)][: rnd.choice((1, 1, 2))]
    sessions = [
        {"kind": k, "minutes": 50 if k == "individual" else 45, "count": n, "required": r} for k, n, r in wanted
    ]
    if rnd.random() < 0.4:
        sessions[-1]["when"] = [f"{rnd.choice(DAYS)} 09:00-12:00"]
    limits = {"max_week": 2000, "days_max": 7, "day": {"min": 0, "max": 600}, "mix": []} if easy else hard_limits(rnd)
    return {
        "id": name,
        "languages": rnd.choice((["en"], ["en", "es"])),
        "tags": rnd.choice(([], ["women"])),
        "counselor": rnd.choice((None, rnd.choice(staff))),
        "travel": {site: rnd.choice((0, 15, 20, 30)) for site in sites if rnd.random() < 0.9},
        "telehealth_max": rnd.choice((0, 60, 300)),
        "free": free,
        "busy": busy,
        "prescribed": rnd.choice((100, 200, 305)),
        "payer": {"minutes": rnd.choice((0, 135, 220)), "days": rnd.choice((0, 1, 2))},
        "sessions": sessions,
        "done": rnd.choice(([], [], ["education/sleep"])),
        **limits,
    }


def hard_limits(rnd: random.Random) -> dict[str, Any]:
    mix = [
        {"kind": "education", "min": rnd.choice((0, 1, 2)), **rnd.choice(({}, {"max": 1}, {"max": 2}))},
        {"kind": "process", "max": rnd.choice((0, 1, 3))},
    ]
    day = {"min": rnd.choice((0, 45, 50, 85, 95)), "max": rnd.choice((100, 140, 240))}
    return {
        "max_week": rnd.choice((180, 260, 400)),
        "days_max": rnd.choice((1, 2, 3)),
        "day": day,
        "mix": mix[: rnd.choice((0, 1, 2))],
    }


def apart(rnd: random.Random, data: dict[str, Any]) -> list[dict[str, Any]]:
    if rnd.random() < 0.5:
        return []
    one = rnd.choice([*data["newcomers"], *data["clients"]])["id"]
    others = [row["id"] for key in ("clients", "staff") for row in data[key] if row["id"] != one]
    who = [one, rnd.choice(others)]
    if rnd.random() < 0.3 and who[1].startswith("c"):
        who.reverse()
    return [{"who": who, "where": rnd.choice(("group", "site"))}]


def in_force(rnd: random.Random, data: dict[str, Any]) -> dict[str, Any]:
    """Rows tried one after the other, kept while the plan breaks no rule."""
    clinic = clinic_of(data)
    plan = Plan()
    for each in rnd.sample(list(clinic.groups.values()), len(clinic.groups)):
        for _ in range(20):
            room = None if each.telehealth else f"{each.place}-hall"
            members = tuple(sorted(rnd.sample(list(clinic.clients), rnd.choice((1, 1, 2)))))
            lead, co = rnd.sample(list(clinic.staff), 2)
            row = GroupRow(each.id, rnd.choice(each.starts), room, lead, rnd.choice((None, None, co)), members)
            trial = replace(plan, groups=(*plan.groups, row))
            if not faults(clinic, trial):
                plan = trial
                break
    for one in clinic.clients.values():
        for _ in range(10):
            rooms_ = [room.id for room in clinic.rooms.values() if room.office]
            start = rnd.randrange(3) * 1440 + 540 + 60 * rnd.randrange(4)
            row_ = SessionRow(one.id, "individual", start, rnd.choice(list(clinic.staff)), rnd.choice((None, *rooms_)))
            trial = replace(plan, sessions=(*plan.sessions, row_))
            if not faults(clinic, trial):
                plan = trial
                break
    return {**plan.rows(), "format": "middleground-timetable-plan/1"}


class Tried:
    """Every week a client could have in the timetable in force, by trying all sets of bookings under the rules of a plan."""

    def __init__(self, clinic: Clinic, newcomer: Client) -> None:
        self.clinic = replace(clinic, clients={**clinic.clients, newcomer.id: newcomer})
        assert clinic.current is not None
        self.plan, self.newcomer = clinic.current, newcomer
        self.counselors = self.possible_counselors()

    def possible_counselors(self) -> list[str | None]:
        if self.newcomer.counselor:
            return [self.newcomer.counselor]
        found: list[str | None] = []
        for name in sorted(self.clinic.staff):
            chosen = {**self.plan.counselors, self.newcomer.id: name}
            if not faults(self.clinic, replace(self.plan, counselors=chosen)):
                found.append(name)
        return found or [None]

    def items(self) -> Iterator[GroupRow | SessionRow]:
        yield from self.plan.groups
        for wish in self.newcomer.sessions:
            for start in range(0, 3 * 1440, 15):
                if 480 <= start % 1440 <= 780:
                    for staff in self.clinic.staff:
                        for room in (None, *self.clinic.rooms):
                            yield SessionRow(self.newcomer.id, wish.kind, start, staff, room)

    def laid(self, chosen: list[GroupRow | SessionRow], counselor: str | None = None) -> Plan:
        joined = {row.id for row in chosen if isinstance(row, GroupRow)}
        groups = tuple(
            replace(r, members=(*r.members, self.newcomer.id)) if r.id in joined else r for r in self.plan.groups
        )
        sessions = (*self.plan.sessions, *(row for row in chosen if isinstance(row, SessionRow)))
        extra = {self.newcomer.id: counselor} if counselor and not self.newcomer.counselor else {}
        return Plan(groups, sessions, {**self.plan.counselors, **extra})

    def broken(self, chosen: list[GroupRow | SessionRow]) -> set[str]:
        return {fault.rule for fault in faults(self.clinic, self.laid(chosen))}

    def weeks(
        self,
    ) -> Iterator[tuple[tuple[int, ...], tuple[tuple[int, int, int], ...], list[str], list[tuple[Any, ...]]]]:
        """(vector, shape, groups, sessions) of every valid week with a booking."""
        items = [item for item in self.items() if not self.broken([item]) - {"H12"}]
        clash = {(i, j) for i in range(len(items)) for j in range(i) if self.broken([items[j], items[i]]) - {"H12"}}
        stack: list[tuple[list[int], int]] = [([], 0)]
        while stack:
            picked, at = stack.pop()
            chosen = [items[i] for i in picked]
            rules = self.broken(chosen)
            if rules - {"H12"}:
                continue
            if chosen and not rules:
                yield self.worth(chosen)
            later = (i for i in range(at, len(items)) if not any((i, j) in clash for j in picked))
            stack += [([*picked, i], i + 1) for i in later]

    def worth(self, chosen: list[GroupRow | SessionRow]) -> tuple[Any, ...]:
        own = bookings(self.clinic, self.laid(chosen)).of(self.newcomer.id)
        best = None
        for counselor in self.counselors:
            vector = client_part(self.newcomer, own, counselor).vector()
            best = vector if best is None else min(best, vector)
        days = sorted({b.start // 1440 for b in own})
        shape = tuple(
            (d, min(b.start for b in own if b.start // 1440 == d), max(b.end for b in own if b.start // 1440 == d))
            for d in days
        )
        groups = sorted(row.id for row in chosen if isinstance(row, GroupRow))
        sessions = sorted((r.kind, r.start, r.staff, r.room or "") for r in chosen if isinstance(r, SessionRow))
        return best, shape, groups, sessions

    def best(self, count: int) -> list[tuple[Any, ...]]:
        """The best week of each shape, the first `count` of them."""
        shapes: dict[Any, tuple[Any, ...]] = {}
        for vector, shape, groups, sessions in self.weeks():
            key = (vector, shape, groups, sessions)
            if shape not in shapes or key < shapes[shape]:
                shapes[shape] = key
        return sorted(shapes.values())[:count]


def plan_in(data: dict[str, Any]) -> Plan:
    return plan_of(data["current"])
