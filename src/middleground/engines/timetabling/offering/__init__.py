"""Offers: the best weeks for one new client in the timetable as it is, exactly, without saying who is in it.

Contract: timetabling, section 8. `current` is frozen; only free seats, clinicians' free time and free offices are given.
"""

from typing import Any

from ..clinic import Client, Clinic
from ..times import moment_text
from .days import Days
from .newcomer import Newcomer
from .shapes import Shapes
from .timetable import Frozen
from .weeks import Session, Week, Weeks

__all__ = ["Session", "Timetable", "Week", "offer", "week_text"]


class Timetable:
    """The timetable in force, read once and asked by many newcomers. It never changes; build a new one after a booking.

    Raises `BadLine` ("bad-current") when the clinic has no timetable in force.
    """

    def __init__(self, clinic: Clinic) -> None:
        self.frozen = Frozen(clinic)

    def weeks(self, newcomer: Client, count: int = 5) -> list[Week]:
        """The best week of each shape, the first `count` of them by (vector, shape).

        A vector holds levels 1, 2, 3, 5 (the client's own part), 6 and 7. Of weeks equal in shape and vector the first by
        (sorted groups, sessions), a session as (kind, start, staff, room) with telehealth before any room.
        """
        asking = Newcomer(self.frozen, newcomer)
        if asking.counselors is None or count < 1:
            return []
        days = Days(asking)
        weeks = Weeks(asking, days)
        keep, hope = count, None
        while True:
            shapes = Shapes(asking, days, keep, hope)
            ranked, hope = shapes.best(), shapes.hope
            found = sorted(
                (week for _, shape in ranked if (week := weeks.best(shape)) is not None),
                key=lambda week: (week.vector, week.shape),
            )
            if len(ranked) < keep:
                return found[:count]
            sure = [week for week in found if (week.vector, week.shape) <= ranked[-1]]
            if len(sure) >= count:
                return sure[:count]
            keep *= 4


def offer(clinic: Clinic) -> list[dict[str, Any]]:
    """For each newcomer of the instance, in its order, the weeks to offer: `{"client", "weeks": [...]}`, ready for JSON."""
    timetable = Timetable(clinic)
    return [
        {"client": each.id, "weeks": [week_text(week) for week in timetable.weeks(each, clinic.count)]}
        for each in clinic.newcomers
    ]


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
