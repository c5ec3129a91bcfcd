"""Who is kept apart, as the clinic's instance says it. Secret: the solver reads it, no answer tells it."""

from collections.abc import Iterable
from typing import Any

from middleground.engines.timetabling.clinic import clinic_of
from middleground.engines.timetabling.plan import plan_of
from middleground.engines.timetabling.planning.apart import broken
from middleground.records.apart import Pair

Row = dict[str, Any]


def apart_rows(pairs: Iterable[Pair], data: Row) -> list[Row]:
    """Pairs of whom both are in the week, each once. Without those who are booked together already, so that the plan in force
    can be held: the client's own page tells of them, to those who may know."""
    known = {row["id"] for table in ("clients", "staff") for row in data[table]}
    found = {}
    for pair in pairs:
        who = sorted(each.replace("client:", "c").replace("staff:", "st") for each in (pair.one, pair.two))
        if known.issuperset(who):
            found[tuple(who)] = {"who": who, "where": "site" if pair.site else "group"}
    rows = [found[who] for who in sorted(found)]
    in_groups = [row | {"where": "group"} for row in rows]
    met, met_in_groups = (together(data, each) for each in (rows, in_groups))
    return [
        row if tuple(row["who"]) not in met else row | {"where": "group"}
        for row in rows
        if tuple(row["who"]) not in met_in_groups
    ]


def together(data: Row, rows: list[Row]) -> set[tuple[str, ...]]:
    """Those of the pairs whom the plan in force brings together."""
    if not rows:
        return set()
    return {
        (pair.one, pair.two) for pair in broken(clinic_of({**data, "apart": rows}, "plan"), plan_of(data["current"]))
    }
