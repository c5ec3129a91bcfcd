"""Two pieces planned anew at the same time, put together."""

from collections.abc import Collection
from dataclasses import replace

from ..plan import GroupRow, Plan


def merged(before: Plan, one: Plan, two: Plan, clients: Collection[str]) -> Plan:
    """`one` with what `two` gives to `clients`, both made from `before`. It may break rules: look before taking it."""
    chosen = set(clients)
    old = {row.id: row for row in before.groups}
    first = {row.id: row for row in one.groups}
    second = {row.id: row for row in two.groups}
    names = sorted({*first, *second})
    rows = (one_row(old.get(n), first.get(n), second.get(n), chosen) for n in names)
    sessions = [row for row in one.sessions if row.client not in chosen]
    sessions += [row for row in two.sessions if row.client in chosen]
    counselors = {c: s for c, s in one.counselors.items() if c not in chosen}
    counselors |= {c: s for c, s in two.counselors.items() if c in chosen}
    return Plan(tuple(row for row in rows if row is not None and row.members), tuple(sessions), counselors)


def one_row(old: GroupRow | None, one: GroupRow | None, two: GroupRow | None, chosen: set[str]) -> GroupRow | None:
    """Time, room and people from whoever changed them; members from each for their own."""
    mine = () if one is None else tuple(m for m in one.members if m not in chosen)
    theirs = () if two is None else tuple(m for m in two.members if m in chosen)
    base = two if one is None or (two is not None and shell(two) != (shell(old) if old else None)) else one
    return None if base is None else replace(base, members=tuple(sorted({*mine, *theirs})))


def shell(row: GroupRow) -> tuple[int, str | None, str, str | None]:
    return row.start, row.room, row.lead, row.co
