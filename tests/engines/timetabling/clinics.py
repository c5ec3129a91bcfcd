"""Very small invented clinics: few enough plans that all of them can be tried, enough that the best is not plain.

Hypothesis draws the seed of each, not its parts: parts drawn one by one gave mostly clinics in which nothing can happen.
"""

import copy
from collections.abc import Callable
from itertools import islice
from random import Random
from typing import Any

from hypothesis import strategies as st

from .trying import Row, Tried

DAYS = ("mon", "tue", "wed")
KINDS = ("process", "education/sleep", "education/anger", "skills")
HOURS = ("09:00", "10:00", "11:00")
FEWEST, MOST = 60, 12_000  # plans before any rule is looked at


def some(rnd: Random, *choices: Any) -> Any:
    return rnd.choice(choices)


def few(rnd: Random, choices: Any, least: int, most: int) -> list[Any]:
    found = rnd.sample(list(choices), min(len(choices), rnd.randint(least, most)))
    return sorted(found, key=list(choices).index)


def drawn(make: Callable[[Random], Row]) -> st.SearchStrategy[Row]:
    return st.integers(0, 2**32 - 1).map(lambda seed: make(Random(seed)))


def clinic(rnd: Random) -> Row:
    """A clinic to plan from nothing."""
    while Tried(data := small_enough(any_clinic(rnd))).size < FEWEST:
        pass
    return data


def any_clinic(rnd: Random) -> Row:
    days = DAYS[: some(rnd, 1, 2, 2, 3)]
    sites = ["main", "side"][: some(rnd, 1, 1, 2)]
    staff = [clinician(rnd, f"st{i}", days, sites) for i in range(some(rnd, 1, 2, 2, 3))]
    names = [row["id"] for row in staff]
    data: Row = {
        "format": "middleground-timetable/1",
        "id": "tiny",
        "step": 60,
        "sites": [{"id": s, "open": [f"{d} 09:00-12:00" for d in days]} for s in sites],
        "travel": [{"between": sites, "minutes": some(rnd, 15, 60)}]
        if len(sites) > 1 and some(rnd, True, False)
        else [],
        "rooms": rooms(rnd, days, sites),
        "staff": staff,
        "groups": [group(rnd, f"g{i}", days, sites) for i in range(some(rnd, 1, 2, 3, 4))],
        "clients": [client(rnd, f"c{i}", days, sites, names) for i in range(some(rnd, 1, 2, 3, 4))],
    }
    data["apart"] = apart(rnd, data)
    return data


def rooms(rnd: Random, days: tuple[str, ...], sites: list[str]) -> list[Row]:
    found = []
    for site in sites:
        shut = some(rnd, [], [], [f"{days[0]} 09:00-10:15"])
        found.append({"id": f"{site}-hall", "site": site, "kind": "group", "seats": some(rnd, 3, 1, 2), "closed": shut})
        if site == "main" or some(rnd, True, False):
            found.append({"id": f"{site}-office", "site": site, "kind": "office", "seats": 2})
    return found


def clinician(rnd: Random, name: str, days: tuple[str, ...], sites: list[str]) -> Row:
    leads = some(rnd, few(rnd, ("process", "education/sleep", "skills"), 1, 2), ["process", "education", "skills"])
    return {
        "id": name,
        "leads": leads + some(rnd, ["individual", "family"], ["individual"], []),
        "credentials": some(rnd, ["lpc"], ["lpc"], []),
        "languages": some(rnd, ["en"], ["en", "es"]),
        "works": [
            {"at": f"{d} 09:00-12:00", "site": some(rnd, "main", "main", sites[-1], None)} for d in few(rnd, days, 2, 3)
        ],
        "off": some(rnd, [], [], [f"{days[0]} 10:00-10:45"]),
        "max_day": some(rnd, 180, 120),
        "max_week": some(rnd, 540, 240, 180),
        "caseload": some(rnd, 2, 1, 0),
        "break": {"every": some(rnd, 180, 120), "minutes": some(rnd, 0, 15, 30)},
    }


def group(rnd: Random, name: str, days: tuple[str, ...], sites: list[str]) -> Row:
    starts = few(rnd, [f"{d} {h}" for d in days for h in (*HOURS, "09:45")], 1, 2)
    return {
        "id": name,
        "series": some(rnd, "am", None, "pm"),
        "kind": some(rnd, *KINDS),
        "minutes": some(rnd, 50, 45, 85),
        "starts": starts,
        "place": some(rnd, "main", *sites, "telehealth"),
        "min": some(rnd, 1, 2, 0),
        "max": some(rnd, 4, 2),
        "co_above": some(rnd, 4, 1, 2),
        "credentials": some(rnd, [], [], ["lpc"]),
        "language": some(rnd, "en", "en", "en", "en", "en", "es"),
        "only": some(rnd, [], [], [], [], ["women"]),
    }


def client(rnd: Random, name: str, days: tuple[str, ...], sites: list[str], staff: list[str]) -> Row:
    free: list[Row] = []
    for day in few(rnd, days, 2, 3):
        halves = [
            {"at": f"{day} 08:30-10:30", "cost": some(rnd, 0, 1)},
            {"at": f"{day} 10:30-12:30", "cost": some(rnd, 0, 3)},
        ]
        free += some(rnd, halves, halves, halves[:1])
    return {
        "id": name,
        "languages": some(rnd, ["en"], ["en", "es"]),
        "tags": some(rnd, [], ["women"]),
        "counselor": some(rnd, None, *staff),
        "travel": {site: some(rnd, 20, 0, 30) for site in few(rnd, sites, 2 if some(rnd, 0, 1, 1) else 1, 2)},
        "telehealth_max": some(rnd, 0, 50, 200),
        "free": free,
        "busy": some(rnd, [], [], [{"at": f"{days[0]} 10:00-10:15", "what": "court"}]),
        "prescribed": some(rnd, 150, 100, 200, 270),
        "payer": {"minutes": some(rnd, 0, 95, 135), "days": some(rnd, 0, 1, 2)},
        "max_week": some(rnd, 400, 140, 180),
        "days_max": some(rnd, 3, 1, 2),
        "day": {"min": some(rnd, 0, 50, 95), "max": some(rnd, 240, 100, 140)},
        "mix": some(
            rnd,
            [],
            [{"kind": "education", "min": 1, "max": 1}],
            [{"kind": "process", "max": 1}],
            [{"kind": "skills", "min": 1}],
        ),
        "sessions": wishes(rnd, days),
        "done": some(rnd, [], [], ["education/sleep"]),
    }


def wishes(rnd: Random, days: tuple[str, ...]) -> list[Row]:
    found = [
        {"kind": "individual", "minutes": 50, "count": some(rnd, 1, 1, 2), "required": some(rnd, True, False)},
        {"kind": "family", "minutes": 45, "count": 1, "required": some(rnd, True, False)},
    ][: some(rnd, 1, 0, 1, 2)]
    if found and some(rnd, True, False):
        found[-1]["when"] = [f"{days[-1]} 09:00-11:15"]
    return found


def apart(rnd: Random, data: Row) -> list[Row]:
    names = [row["id"] for row in data["clients"]]
    others = [row["id"] for row in data["staff"]] + names
    found = []
    for _ in range(some(rnd, 0, 1, 2)):
        one = some(rnd, *names)
        found.append({"who": [one, some(rnd, *(o for o in others if o != one))], "where": some(rnd, "group", "site")})
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


def running_clinic(rnd: Random) -> Row:
    """A clinic with a plan in force (some valid plan, not the best one) to plan the next week from."""
    data = clinic(rnd)
    plans = list(islice(Tried(data).plans(), 200))
    plan = rnd.choice(plans)
    tried = Tried(data)
    return data | {"current": in_full(data, tried.answer(plan, tried.friendliest(plan)))}


def in_full(data: Row, plan: Row) -> Row:
    return {"format": "middleground-timetable-plan/1", "instance": data["id"], "question": "plan", **plan}


def broken_week(rnd: Random) -> Row:
    """A repair: one or two events in a running clinic, some time in its week."""
    data = running_clinic(rnd)
    day = data["sites"][0]["open"][-1][:3]
    data |= {"question": "repair", "now": some(rnd, "mon 00:00", "mon 09:15", f"{day} 08:00", f"{day} 10:30")}
    data["events"] = [event(rnd, data, i) for i in range(some(rnd, 1, 2))]
    return data


def event(rnd: Random, data: Row, number: int) -> Row:
    gone = {e["client"] for e in data.get("events", ()) if e["event"] == "client-leaves"}
    names = [row["id"] for row in data["clients"] if row["id"] not in gone]
    day = some(rnd, *(text[:3] for text in data["sites"][0]["open"]))
    at = f"{day} {some(rnd, '09:00-12:00', '10:00-11:00')}"
    what = some(rnd, "staff-off", "room-closed", "client-busy", "client-joins")
    if what == "staff-off":
        return {"event": what, "staff": some(rnd, *(row["id"] for row in data["staff"])), "at": at}
    if what == "room-closed":
        return {"event": what, "room": some(rnd, *(row["id"] for row in data["rooms"])), "at": at}
    if what == "client-busy":
        return {"event": what, "client": some(rnd, *names), "at": at}
    arrives = copy.deepcopy(data["clients"][0]) | {"id": f"new{number}", "sessions": [], "counselor": None}
    return {"event": what, "client": arrives}


def leaving_week(rnd: Random) -> Row:
    """A repair in which one client leaves."""
    data = running_clinic(rnd)
    leaves = {"event": "client-leaves", "client": some(rnd, *(row["id"] for row in data["clients"]))}
    return data | {"question": "repair", "now": "mon 00:00", "events": [leaves]}


def pinned_clinic(rnd: Random) -> Row:
    """A clinic with pins that can, or can't, all be kept."""
    data = clinic(rnd)
    tried = Tried(data)
    ways = [way[0] for slot in tried.slots for way in slot if len(way) == 1]
    pins = []
    for _ in range(some(rnd, 1, 2, 3) if ways else 0):
        row = tried.answer((rnd.choice(ways),), {})
        pins.append(group_pin(rnd, row["groups"][0]) if row["groups"] else session_pin(rnd, row["sessions"][0]))
    return data | {"pins": pins}


def group_pin(rnd: Random, row: Row) -> Row:
    return {key: row[key] for key in ("id", *few(rnd, ("start", "room", "lead", "co", "members"), 1, 3))}


def session_pin(rnd: Random, row: Row) -> Row:
    return {key: row[key] for key in ("client", "kind", *few(rnd, ("start", "staff", "room"), 0, 2))}


clinics, running_clinics, pinned_clinics = drawn(clinic), drawn(running_clinic), drawn(pinned_clinic)
broken_weeks, leaving_weeks = drawn(broken_week), drawn(leaving_week)
