"""A plan in force that holds: rows that break a rule of the contract are taken out of it, told, and kept free around."""

from collections import Counter, defaultdict
from typing import Any

from middleground.engines.timetabling.bookings import bookings
from middleground.engines.timetabling.clinic import clinic_of
from middleground.engines.timetabling.plan import plan_of
from middleground.engines.timetabling.rules import faults, overworked
from middleground.engines.timetabling.times import CELL, DAY, interval_text, moment, occupied

from .taken import Taken

Row = dict[str, Any]
AFTER = ("events", "now")
WORDS = {
    **dict.fromkeys(("H1", "H2", "H3"), "its time or room can't be"),
    **dict.fromkeys(("H4", "H5", "H6", "H7"), "a clinician can't hold it"),
}
MOST_ROUNDS = 40


def make_honest(data: Row, warnings: list[str], taken: defaultdict[str, list[Taken]]) -> None:
    """Change `data` until its plan in force breaks no rule; say what was changed. What clients have in it all the same is
    `taken`."""
    ease_workloads(data, warnings)
    for _ in range(MOST_ROUNDS):
        clinic = clinic_of(before_events(data), "repair")
        found = faults(clinic, plan_of(data["current"]))
        if not found:
            return
        drop(data, {place(fault.where): fault.rule for fault in reversed(found)}, warnings, taken)


def before_events(data: Row) -> Row:
    return {key: value for key, value in data.items() if key not in AFTER}


def place(where: str) -> tuple[str, int]:
    """("groups", 3) of "/groups/3/room"; what points nowhere means the first group."""
    parts = where.split("/")
    return (parts[1], int(parts[2])) if len(parts) > 2 and parts[2].isdecimal() else ("groups", 0)


def drop(
    data: Row, broken: dict[tuple[str, int], str], warnings: list[str], taken: defaultdict[str, list[Taken]]
) -> None:
    """Take these rows out of the plan in force; who and what they hold stays taken."""
    kept: dict[str, list[Row]] = {"groups": [], "sessions": []}
    for table in kept:
        for i, row in enumerate(data["current"][table]):
            rule = broken.get((table, i))
            if rule is None:
                kept[table].append(row)
                continue
            name = row.get("id") or f"{row['client']} {row['kind']} {row['start']}"
            warnings.append(f"{name}: left out of the plan in force, {WORDS.get(rule, 'somebody has no place in it')}")
            keep_free(data, row, taken)
    data["current"] |= kept


def keep_free(data: Row, row: Row, taken: defaultdict[str, list[Taken]]) -> None:
    start, minutes = moment(row["start"]), minutes_of(data, row)
    end = min(start + occupied(minutes), (start // DAY + 1) * DAY)
    at = interval_text((start, end))
    people = {row.get("lead"), row.get("co"), row.get("staff")}
    clients = {*row.get("members", ()), row.get("client")}
    for each in data["staff"]:
        if each["id"] in people:
            each["off"].append(at)
    for each in data["rooms"]:
        if each["id"] == row["room"]:
            each["closed"].append(at)
    for each in data["clients"]:
        if each["id"] in clients:
            each["busy"].append({"at": at, "what": "taken"})
            taken[each["id"]].append(Taken(start, minutes, kind_of(data, row), "id" not in row, row["room"] is None))
    data["groups"] = [each for each in data["groups"] if each["id"] != row.get("id")]


def minutes_of(data: Row, row: Row) -> int:
    if "id" in row:
        return next((each["minutes"] for each in data["groups"] if each["id"] == row["id"]), CELL)
    own = next(each for each in data["clients"] if each["id"] == row["client"])
    return next((wish["minutes"] for wish in own["sessions"] if wish["kind"] == row["kind"]), CELL)


def kind_of(data: Row, row: Row) -> str:
    kinds = [each["kind"] for each in data["groups"] if each["id"] == row.get("id")]
    return str(row["kind"] if "kind" in row else kinds[0] if kinds else "")


def ease_workloads(data: Row, warnings: list[str]) -> None:
    """Whoever holds more than the limits is left at what they hold."""
    clinic = clinic_of(before_events(data), "repair")
    made = bookings(clinic, plan_of(data["current"]))
    for row in data["staff"]:
        own = made.of_staff.get(row["id"], [])
        if not own or not overworked(clinic.staff[row["id"]], own):
            continue
        days = Counter[int]()
        for booking in own:
            days[booking.day] += booking.held
        row["max_day"] = max(row["max_day"], *days.values())
        row["max_week"] = max(row["max_week"], sum(days.values()))
        row["break"] = row["break"] if rests(row, own, clinic) else {"every": CELL, "minutes": 0}
        warnings.append(
            f"{row['id']}: holds more this week, or with less rest, than the usual limits; they are widened"
        )


def rests(row: Row, own: list[Any], clinic: Any) -> bool:
    staff = clinic.staff[row["id"]]
    staff.max_day, staff.max_week = row["max_day"], row["max_week"]
    return not overworked(staff, own)


__all__ = ["make_honest"]
