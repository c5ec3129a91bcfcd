"""Very small invented clinics, drawn by Hypothesis: few enough plans that all of them can be tried."""

import copy
from typing import Any

from hypothesis import strategies as st

from .trying import Row, Tried

DAYS = ("mon", "tue", "wed")
KINDS = ("process", "education/sleep", "education/anger", "skills")
HOURS = ("09:00", "10:00", "11:00")
MOST = 40_000  # plans, at most, before any rule is looked at
Draw = Any


def some(draw: Draw, *choices: Any) -> Any:
    return draw(st.sampled_from(choices))


def few(draw: Draw, choices: Any, least: int, most: int) -> list[Any]:
    return draw(st.lists(st.sampled_from(list(choices)), min_size=least, max_size=most, unique=True))


@st.composite
def clinics(draw: Draw) -> Row:
    """A clinic to plan from nothing."""
    days = DAYS[: some(draw, 2, 1, 3)]
    sites = ["main", "side"][: some(draw, 1, 1, 2)]
    staff = [clinician(draw, f"st{i}", days, sites) for i in range(some(draw, 2, 1, 3))]
    names = [row["id"] for row in staff]
    data: Row = {
        "format": "middleground-timetable/1",
        "id": "tiny",
        "step": 60,
        "sites": [{"id": s, "open": [f"{d} 09:00-12:00" for d in days]} for s in sites],
        "travel": [{"between": sites, "minutes": some(draw, 15, 60)}] if len(sites) > 1 and draw(st.booleans()) else [],
        "rooms": rooms(draw, days, sites),
        "staff": staff,
        "groups": [group(draw, f"g{i}", days, sites) for i in range(some(draw, 2, 1, 3, 4))],
        "clients": [client(draw, f"c{i}", days, sites, names) for i in range(some(draw, 2, 1, 3, 4))],
    }
    data["apart"] = apart(draw, data)
    return small_enough(data)


def rooms(draw: Draw, days: tuple[str, ...], sites: list[str]) -> list[Row]:
    found = []
    for site in sites:
        shut = some(draw, [], [], [f"{days[0]} 09:00-10:15"])
        found.append(
            {"id": f"{site}-hall", "site": site, "kind": "group", "seats": some(draw, 3, 1, 2), "closed": shut}
        )
        if site == "main" or draw(st.booleans()):
            found.append({"id": f"{site}-office", "site": site, "kind": "office", "seats": 2})
    return found


def clinician(draw: Draw, name: str, days: tuple[str, ...], sites: list[str]) -> Row:
    leads = few(draw, ("process", "education", "skills", "education/sleep"), 1, 3)
    return {
        "id": name,
        "leads": leads + some(draw, ["individual", "family"], ["individual"], []),
        "credentials": some(draw, ["lpc"], []),
        "languages": some(draw, ["en"], ["en", "es"]),
        "works": [
            {"at": f"{d} 09:00-12:00", "site": some(draw, "main", sites[-1], None)} for d in few(draw, days, 1, 3)
        ],
        "off": some(draw, [], [], [f"{days[0]} 10:00-10:45"]),
        "max_day": some(draw, 180, 120),
        "max_week": some(draw, 540, 240, 180),
        "caseload": some(draw, 2, 1, 0),
        "break": {"every": some(draw, 180, 120), "minutes": some(draw, 0, 15, 30)},
    }


def group(draw: Draw, name: str, days: tuple[str, ...], sites: list[str]) -> Row:
    starts = few(draw, [f"{d} {h}" for d in days for h in (*HOURS, "09:45")], 1, 2)
    return {
        "id": name,
        "series": some(draw, "am", None, "pm"),
        "kind": some(draw, *KINDS),
        "minutes": some(draw, 50, 45, 85),
        "starts": starts,
        "place": some(draw, *sites, "telehealth"),
        "min": some(draw, 1, 2, 0),
        "max": some(draw, 4, 2),
        "co_above": some(draw, 4, 1, 2),
        "credentials": some(draw, [], [], ["lpc"]),
        "language": some(draw, "en", "en", "en", "es"),
        "only": some(draw, [], [], ["women"]),
    }


def client(draw: Draw, name: str, days: tuple[str, ...], sites: list[str], staff: list[str]) -> Row:
    free: list[Row] = []
    for day in few(draw, days, 1, 3):
        halves = [
            {"at": f"{day} 08:30-10:30", "cost": some(draw, 0, 1)},
            {"at": f"{day} 10:30-12:30", "cost": some(draw, 0, 3)},
        ]
        free += some(draw, halves, halves, halves[:1])
    return {
        "id": name,
        "languages": some(draw, ["en"], ["en", "es"]),
        "tags": some(draw, [], ["women"]),
        "counselor": some(draw, None, *staff),
        "travel": {site: some(draw, 20, 0, 30) for site in few(draw, sites, 1, 2)},
        "telehealth_max": some(draw, 0, 50, 200),
        "free": free,
        "busy": some(draw, [], [], [{"at": f"{days[0]} 10:00-10:15", "what": "court"}]),
        "prescribed": some(draw, 150, 100, 200, 270),
        "payer": {"minutes": some(draw, 0, 95, 135), "days": some(draw, 0, 1, 2)},
        "max_week": some(draw, 400, 140, 180),
        "days_max": some(draw, 3, 1, 2),
        "day": {"min": some(draw, 0, 50, 95), "max": some(draw, 240, 100, 140)},
        "mix": some(
            draw,
            [],
            [{"kind": "education", "min": 1, "max": 1}],
            [{"kind": "process", "max": 1}],
            [{"kind": "skills", "min": 1}],
        ),
        "sessions": wishes(draw, days),
        "done": some(draw, [], [], ["education/sleep"]),
    }


def wishes(draw: Draw, days: tuple[str, ...]) -> list[Row]:
    found = [
        {"kind": "individual", "minutes": 50, "count": some(draw, 1, 1, 2), "required": draw(st.booleans())},
        {"kind": "family", "minutes": 45, "count": 1, "required": draw(st.booleans())},
    ][: some(draw, 1, 0, 1, 2)]
    if found and draw(st.booleans()):
        found[-1]["when"] = [f"{days[-1]} 09:00-11:15"]
    return found


def apart(draw: Draw, data: Row) -> list[Row]:
    names = [row["id"] for row in data["clients"]]
    others = [row["id"] for row in data["staff"]] + names
    found = []
    for _ in range(some(draw, 0, 1, 2)):
        one = some(draw, *names)
        found.append({"who": [one, some(draw, *(o for o in others if o != one))], "where": some(draw, "group", "site")})
    return found


def small_enough(data: Row) -> Row:
    """The same clinic with less to choose from, until its plans can all be tried."""
    while (tried := Tried(data)).size > MOST or len(tried.choices) > 30:
        if len(tried.choices) > 30:
            next(row for row in data["clients"] if row["counselor"] is None)["counselor"] = data["staff"][0]["id"]
            continue
        largest = max(range(len(tried.slots)), key=lambda i: len(tried.slots[i]))
        if largest < len(data["groups"]):
            row = data["groups"][largest]
            data["groups"].remove(row) if len(row["starts"]) == 1 else row["starts"].pop()
        else:
            client, wish = [(c, w) for c in data["clients"] for w in c["sessions"]][largest - len(data["groups"])]
            wish["count"] -= 1
            if wish["count"] == 0:
                client["sessions"].remove(wish)
    return data


@st.composite
def running_clinics(draw: Draw) -> Row:
    """A clinic with a plan in force (some valid plan, not the best one) to plan the next week from."""
    data = draw(clinics())
    plans = [plan for plan, _ in zip(Tried(data).plans(), range(200), strict=False)]
    plan = draw(st.sampled_from(plans))
    tried = Tried(data)
    return data | {"current": in_full(data, tried.answer(plan, tried.friendliest(plan)))}


def in_full(data: Row, plan: Row) -> Row:
    return {"format": "middleground-timetable-plan/1", "instance": data["id"], "question": "plan", **plan}


@st.composite
def broken_weeks(draw: Draw) -> Row:
    """A repair: one or two events in a running clinic, some time in its week."""
    data = draw(running_clinics())
    day = data["sites"][0]["open"][-1][:3]
    data |= {"question": "repair", "now": some(draw, "mon 00:00", "mon 09:15", f"{day} 08:00", f"{day} 10:30")}
    data["events"] = [event(draw, data, i) for i in range(some(draw, 1, 2))]
    return data


def event(draw: Draw, data: Row, number: int) -> Row:
    gone = {e["client"] for e in data.get("events", ()) if e["event"] == "client-leaves"}
    names = [row["id"] for row in data["clients"] if row["id"] not in gone]
    day = some(draw, *(text[:3] for text in data["sites"][0]["open"]))
    at = f"{day} {some(draw, '09:00-12:00', '10:00-11:00')}"
    what = some(draw, "staff-off", "room-closed", "client-busy", "client-joins")
    if what == "staff-off":
        return {"event": what, "staff": some(draw, *(row["id"] for row in data["staff"])), "at": at}
    if what == "room-closed":
        return {"event": what, "room": some(draw, *(row["id"] for row in data["rooms"])), "at": at}
    if what == "client-busy":
        return {"event": what, "client": some(draw, *names), "at": at}
    arrives = copy.deepcopy(data["clients"][0]) | {"id": f"new{number}", "sessions": [], "counselor": None}
    return {"event": what, "client": arrives}


@st.composite
def leaving_weeks(draw: Draw) -> Row:
    """A repair in which one client leaves."""
    data = draw(running_clinics())
    leaves = {"event": "client-leaves", "client": some(draw, *(row["id"] for row in data["clients"]))}
    return data | {"question": "repair", "now": "mon 00:00", "events": [leaves]}


@st.composite
def pinned_clinics(draw: Draw) -> Row:
    """A clinic with pins that can, or can't, all be kept."""
    data = draw(clinics())
    tried = Tried(data)
    ways = [way[0] for slot in tried.slots for way in slot if len(way) == 1]
    pins = []
    for _ in range(some(draw, 1, 2, 3) if ways else 0):
        row = tried.answer((draw(st.sampled_from(ways)),), {})
        pins.append(group_pin(draw, row["groups"][0]) if row["groups"] else session_pin(draw, row["sessions"][0]))
    return data | {"pins": pins}


def group_pin(draw: Draw, row: Row) -> Row:
    return {key: row[key] for key in ("id", *few(draw, ("start", "room", "lead", "co", "members"), 1, 3))}


def session_pin(draw: Draw, row: Row) -> Row:
    return {key: row[key] for key in ("client", "kind", *few(draw, ("start", "staff", "room"), 0, 2))}
