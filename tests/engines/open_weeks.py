"""Somebody who is free all day every day and needs many sessions, or a client whom no change brings what they ask for."""

from typing import Any

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def clinician(name: str, leads: list[str]) -> dict[str, Any]:
    return {
        "id": name,
        "leads": leads,
        "credentials": [],
        "languages": ["en"],
        "works": [{"at": f"{day} 08:00-20:00", "site": "main"} for day in WEEK],
        "max_day": 600,
        "max_week": 2400,
        "caseload": 10,
        "break": {"every": 300, "minutes": 15},
    }


def free_client(name: str, hours: str, kinds: int, count: int) -> dict[str, Any]:
    wished = [{"kind": f"k{i}", "minutes": 45 + 15 * i, "count": count, "required": True} for i in range(kinds)]
    return {
        "id": name,
        "languages": ["en"],
        "counselor": None,
        "travel": {"main": 0},
        "telehealth_max": 0,
        "free": [{"at": f"{day} {hours}"} for day in WEEK],
        "prescribed": 600,
        "payer": {"minutes": 0, "days": 0},
        "max_week": 1000,
        "days_max": 7,
        "day": {"min": 0, "max": 600},
        "mix": [],
        "sessions": wished,
    }


def open_clinic(kinds: int, count: int) -> dict[str, Any]:
    """An offer: nobody there yet, three clinicians and four offices, a step of a quarter hour."""
    leads = ["individual", *(f"k{i}" for i in range(kinds))]
    return {
        "format": "middleground-timetable/1",
        "id": "open",
        "question": "offer",
        "step": 15,
        "sites": [{"id": "main", "open": [f"{day} 08:00-20:00" for day in WEEK]}],
        "travel": [],
        "rooms": [{"id": f"office-{i}", "site": "main", "kind": "office", "seats": 2} for i in range(4)],
        "staff": [clinician(f"st{i}", leads) for i in range(3)],
        "groups": [],
        "clients": [],
        "apart": [],
        "current": {"groups": [], "sessions": []},
        "newcomers": [free_client("n0", "08:00-20:00", kinds, count)],
    }


def out_of_reach() -> dict[str, Any]:
    """An explanation: a client free two hours a day asks for much more than that, of many groups that don't run."""
    data = open_clinic(3, 3) | {"question": "explain"}
    data["staff"] = [clinician(f"st{i}", ["individual", "process", "k0", "k1", "k2"]) for i in range(3)]
    data["groups"] = [quiet_group(i) for i in range(30)]
    data["clients"] = [free_client("c", "10:00-12:00", 3, 3) | {"max_week": 100_000, "telehealth_max": 100_000}]
    data["asks"] = [{"client": "c", "target": 2000}, {"client": "c", "target": 1900}]
    del data["newcomers"]
    return data


def quiet_group(number: int) -> dict[str, Any]:
    limits = {"min": 1, "max": 8, "co_above": 8, "credentials": [], "language": "en"}
    starts = [f"{day} {9 + number % 8:02d}:00" for day in WEEK]
    return limits | {
        "id": f"g{number}",
        "kind": "process",
        "minutes": 50 + 5 * (number % 4),
        "starts": starts,
        "place": "main",
    }
