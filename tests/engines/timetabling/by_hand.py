"""Small clinics written down by hand, and plans of them."""

from typing import Any

from middleground.engines.timetabling.clinic import Clinic, clinic_of
from middleground.engines.timetabling.planning import Limits, Solved, solve
from middleground.engines.timetabling.rules import faults
from middleground.engines.timetabling.worth import vector

from .rulebook import Row

MORNINGS = ("mon 09:00-13:00", "tue 09:00-13:00", "wed 09:00-13:00")
NO_BREAK = {"every": 15, "minutes": 0}


def staff(key: str, at: tuple[str, ...] = MORNINGS, **more: Any) -> Row:
    works = [{"at": each, "site": "main"} for each in at]
    limits = {"max_day": 1440, "max_week": 10080, "caseload": 9, "break": NO_BREAK}
    return (
        {"id": key, "leads": ["individual", "process"], "credentials": [], "languages": ["en"], "works": works}
        | limits
        | more
    )


def group(key: str, *starts: str, minutes: int = 60, **more: Any) -> Row:
    size = {"min": 1, "max": 8, "co_above": 8}
    row = {"id": key, "kind": "process", "minutes": minutes, "starts": list(starts), "place": "main"}
    return row | size | {"credentials": [], "language": "en"} | more


def client(key: str, at: tuple[str, ...] = MORNINGS, **more: Any) -> Row:
    row: Row = {"id": key, "languages": ["en"], "counselor": "ana", "travel": {"main": 0}, "telehealth_max": 0}
    row |= {"free": [{"at": each} for each in at], "prescribed": 300, "payer": {"minutes": 0, "days": 0}}
    return row | {"max_week": 3000, "days_max": 7, "day": {"min": 0, "max": 1440}, "mix": [], "sessions": []} | more


def hour(count: int = 1) -> Row:
    return {"kind": "individual", "minutes": 60, "count": count, "required": True}


def a_clinic(**more: Any) -> Row:
    rooms = [
        {"id": "hall", "site": "main", "kind": "group", "seats": 8},
        {"id": "office", "site": "main", "kind": "office", "seats": 2},
    ]
    sites = [{"id": "main", "open": list(more.pop("open", MORNINGS))}]
    row: Row = {"format": "middleground-timetable/1", "id": "t", "step": 15, "sites": sites, "rooms": rooms}
    return row | {"staff": [staff("ana")], "groups": [], "clients": []} | more


def planned(data: Row, **limits: Any) -> tuple[Clinic, Solved]:
    """A plan that keeps the rules and is worth what it says."""
    clinic = clinic_of(data)
    found = solve(clinic, Limits(**({"seconds": 20, "work": 5.0} | limits)))
    assert faults(clinic, found.plan) == []
    assert vector(clinic, found.plan) == found.objective
    return clinic, found
