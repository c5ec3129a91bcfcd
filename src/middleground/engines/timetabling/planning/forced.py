"""How much of the plan in force can't stay as it is: a bound on the changes of any plan (level 4)."""

from ..bookings import wish_for
from ..plan import GroupRow, SessionRow
from ..times import TELEHEALTH
from .levels import LOST, OTHER_CO, OTHER_PERSON, OTHER_ROOM
from .possible import Possible


def forced_changes(possible: Possible) -> int:
    """Each group and session of the plan in force taken by itself: the least that has to change about it.

    Valid whatever else is planned, since no two of them share a calendar entry.
    """
    current = possible.clinic.current
    if current is None:
        return 0
    groups = sum(of_group(possible, row) for row in current.groups if row.id in possible.clinic.groups)
    return groups + sum(of_session(possible, row) for row in current.sessions)


def of_group(possible: Possible, row: GroupRow) -> int:
    here = [each for each in row.members if each in possible.clinic.clients]
    opening = possible.openings.get((row.id, row.start))
    if opening is None:
        return LOST * len(here)
    able = set(opening.members)
    gone = sum(each not in able for each in here)
    other = OTHER_PERSON * (row.lead not in opening.leads)
    other += OTHER_CO * (row.co is not None and row.co not in opening.assists)
    other += OTHER_ROOM * (row.room is not None and row.room not in {room.id for room in opening.rooms})
    return LOST * gone + min(other, LOST * (len(here) - gone))


def of_session(possible: Possible, row: SessionRow) -> int:
    clinic = possible.clinic
    if wish_for(clinic.clients.get(row.client), row.kind) is None:
        return 0
    ways = [
        visit
        for visit in possible.visits[row.client]
        if visit.group is None and (visit.kind, visit.start) == (row.kind, row.start)
    ]
    least = LOST
    for visit in ways:
        pool = possible.pools[row.client, row.kind]
        other = row.staff not in pool or not possible.at_work(row.staff, visit.start, visit.end, visit.place)
        least = min(least, OTHER_PERSON * other + OTHER_ROOM * (not same_room(possible, row, visit.place)))
    return least


def same_room(possible: Possible, row: SessionRow, place: str) -> bool:
    if row.room is None:
        return place == TELEHEALTH
    room = possible.clinic.rooms.get(row.room)
    end = row.start + next(wish.takes for wish in possible.clinic.clients[row.client].sessions if wish.kind == row.kind)
    return room is not None and room.site == place and not room.shut(row.start, end)
