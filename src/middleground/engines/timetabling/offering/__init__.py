"""Offers: the best weeks for one new client in the timetable as it is, exactly, without saying who is in it.

Contract: timetabling, section 8. `current` is frozen; only free seats, clinicians' free time and free offices are given.
"""

from typing import Any

from ..clinic import Client, Clinic
from ..times import moment_text
from ..until import NEVER, TimeUp, Until
from .looking import best_weeks
from .newcomer import Newcomer
from .timetable import Frozen
from .weeks import Session, Week

__all__ = ["Session", "Timetable", "Week", "offer", "week_text"]


class Timetable:
    """The timetable in force, read once and asked by many newcomers. It never changes; build a new one after a booking.

    Raises `BadLine` ("bad-current") when the clinic has no timetable in force.
    """

    def __init__(self, clinic: Clinic) -> None:
        self.frozen = Frozen(clinic)

    def weeks(self, newcomer: Client, count: int = 5, until: Until = NEVER) -> list[Week]:
        """The best week of each shape, the first `count` of them by (vector, shape).

        A vector holds levels 1, 2, 3, 5 (the client's own part), 6 and 7. Of weeks equal in shape and vector the first by
        (sorted groups, sessions), a session as (kind, start, staff, room) with telehealth before any room. Once `until` is
        due, the best weeks found so far: each stands, there may be better ones.
        """
        try:
            asking = Newcomer(self.frozen, newcomer, until)
        except TimeUp:
            until.late = True
            return []
        if asking.counselors is None or count < 1:
            return []
        return best_weeks(asking, count, until)


def offer(clinic: Clinic, until: Until = NEVER) -> list[dict[str, Any]]:
    """For each newcomer of the instance, in its order, the weeks to offer: `{"client", "weeks": [...]}`, ready for JSON. Once
    `until` is due, none to the rest."""
    timetable = Timetable(clinic)

    def weeks(newcomer: Client, share: Until) -> dict[str, Any]:
        found = timetable.weeks(newcomer, clinic.count, share)
        return {"client": newcomer.id, "weeks": [week_text(week) for week in found]}

    return until.each(clinic.newcomers, weeks, lambda newcomer: {"client": newcomer.id, "weeks": []})


def week_text(week: Week) -> dict[str, Any]:
    """A week as the contract writes it; it names no member of any group."""
    return {
        "groups": list(week.groups),
        "sessions": [
            {"kind": each.kind, "start": moment_text(each.start), "staff": each.staff, "room": each.room}
            for each in week.sessions
        ],
        "counselor": week.counselor,
        "minutes": week.minutes,
        "days": len(week.shape),
        "vector": list(week.vector),
    }
