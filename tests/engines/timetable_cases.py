"""The contract's worked example (timetabling, section 5) as data, and ways to change a copy of it."""

import copy
from typing import Any

MORNINGS = [f"{day} 09:00-13:00" for day in ("mon", "tue", "wed")]
VECTOR = (0, 85, 0, 0, 2, 12, 2, 50)


def staff(who: str, leads: list[str], languages: list[str]) -> dict[str, Any]:
    return {
        "id": who,
        "leads": leads,
        "credentials": ["lpc"],
        "languages": languages,
        "works": [{"at": morning, "site": "main"} for morning in MORNINGS],
        "max_day": 240,
        "max_week": 600,
        "caseload": 2,
        "break": {"every": 240, "minutes": 15},
    }


def group(key: str, kind: str, start: str) -> dict[str, Any]:
    limits = {"min": 1, "max": 2, "co_above": 2}
    needs = {"credentials": ["lpc"], "language": "en"}
    return {"id": key, "series": "am", "kind": kind, "minutes": 85, "starts": [start], "place": "main"} | limits | needs


def client(who: str, free: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": who,
        "languages": ["en"],
        "counselor": "ana",
        "travel": {"main": 30},
        "telehealth_max": 0,
        "free": free,
        "prescribed": 305,
        "payer": {"minutes": 220, "days": 2},
        "max_week": 400,
        "days_max": 3,
        "day": {"min": 50, "max": 240},
        "mix": [{"kind": "education", "min": 1}],
        "sessions": [{"kind": "individual", "minutes": 50, "count": 1, "required": True}],
    }


def clinic() -> dict[str, Any]:
    """Ana and Ben, Eva and Max, a hall with two seats and an office."""
    eva = client("eva", [{"at": f"{day} 08:00-14:00"} for day in ("mon", "tue", "wed")])
    max_ = client("max", [{"at": "tue 09:00-14:00", "cost": 1}, {"at": "wed 08:00-14:00"}])
    return {
        "format": "middleground-timetable/1",
        "id": "tiny",
        "step": 30,
        "sites": [{"id": "main", "open": list(MORNINGS)}],
        "rooms": [
            {"id": "hall", "site": "main", "kind": "group", "seats": 2},
            {"id": "office", "site": "main", "kind": "office", "seats": 3},
        ],
        "staff": [
            staff("ana", ["individual", "process"], ["en", "es"]),
            staff("ben", ["individual", "education"], ["en"]),
        ],
        "groups": [
            group("p1", "process", "mon 09:30"),
            group("p2", "process", "tue 09:30"),
            group("e1", "education/sleep", "tue 11:00"),
        ],
        "clients": [eva, max_],
        "apart": [],
    }


def plan() -> dict[str, Any]:
    """The plan whose worth is VECTOR."""
    return {
        "groups": [
            row("p1", "mon 09:30", "ana", ["eva"]),
            row("p2", "tue 09:30", "ana", ["eva", "max"]),
            row("e1", "tue 11:00", "ben", ["eva", "max"]),
        ],
        "sessions": [hour("eva", "mon 11:30"), hour("max", "wed 10:00")],
    }


def row(key: str, start: str, lead: str, members: list[str]) -> dict[str, Any]:
    return {"id": key, "start": start, "room": "hall", "lead": lead, "co": None, "members": members}


def hour(who: str, start: str) -> dict[str, Any]:
    return {"client": who, "kind": "individual", "start": start, "staff": "ana", "room": "office"}


def repair() -> dict[str, Any]:
    """Ben is away on Tuesday."""
    event = {"event": "staff-off", "staff": "ben", "at": "tue 08:00-13:00"}
    return clinic() | {"question": "repair", "current": plan(), "now": "tue 08:00", "events": [event]}


def put(data: dict[str, Any], *path: Any) -> dict[str, Any]:
    """A copy of `data` in which the last of `path` stands at the place that the others lead to."""
    changed = copy.deepcopy(data)
    node: Any = changed
    for key in path[:-2]:
        node = node[key]
    node[path[-2]] = path[-1]
    return changed
