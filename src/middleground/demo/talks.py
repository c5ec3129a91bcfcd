"""Talks in an office: each client about every second week with their counselor, now and then with their family. Held like every session."""

import random
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from middleground.clinic.models import User
from middleground.kernel import gate
from middleground.kernel.errors import Refused
from middleground.program import actions as program
from middleground.program.models import Session
from middleground.records.models import CareTeamMember, Client

from .calendar import Calendar
from .staffing import BOSS, House

BESIDE_MORNING, BESIDE_LATER = (14, 15, 16), (10, 11, 12)  # hours free of groups, for tracks before and after noon
LINES = {
    "individual": (
        "Looked back at two hard evenings and what carried through them.",
        "Weighed what staying the course gives and costs; wants to go on.",
        "Went through the plan's first objective; two of three steps are done.",
        "Spoke about sleep and work; chose one thing to change.",
        "Named a person to call before, not after.",
    ),
    "family": (
        "Said what helps at home and what does not; both listened.",
        "Agreed with the family on one quiet evening a week.",
        "Talked about trust and small signs of it.",
    ),
}
METHOD = {"individual": "motivational-interviewing", "family": "family-counseling"}


def enter(calendar: Calendar, house: House, begins: date, today: date) -> None:
    """Planned on each Monday for that week's past days; a few more for today and the days after."""
    for week in range((today - begins).days // 7 + 1):
        monday = begins + timedelta(weeks=week)
        calendar.enter(monday, 7, lambda monday=monday, week=week: _plan_week(house, monday, week, today))  # type: ignore[misc]
    calendar.enter(today - timedelta(days=1), 12, lambda: _coming(house, today))


def told(session: Session, marks: list[dict[str, Any]], there: list[int], chance: random.Random) -> dict[str, Any]:
    """A talk as it is written down afterwards."""
    said = chance.choice(LINES[session.sort])
    return {
        "session": session.pk,
        "marks": marks,
        "note": {"method": METHOD[session.sort]},
        "parts": [{"client": client, "response": said} for client in there],
        "sign": True,
    }


def pairs() -> list[tuple[Client, User]]:
    """Each client in care with their primary counselor."""
    with gate.everything("demo"):
        rows = CareTeamMember.objects.filter(part="primary-counselor", until=None, client__episodes__ended_on=None)
        return [(m.client, m.user) for m in rows.select_related("client", "user").distinct().order_by("pk")]


def _plan_week(house: House, monday: date, week: int, today: date) -> None:
    """On a day the counselor leads groups anyway, at an hour beside them; every other client this week, the rest next week."""
    leads = {leader.pk: house.groups[track] for track, leader in house.leaders.items()}
    turn: dict[int, int] = {}
    for number, (client, counselor) in enumerate(pairs()):
        if counselor.pk not in leads or number % 2 == week % 2:
            continue
        at = turn[counselor.pk] = turn.get(counselor.pk, -1) + 1
        groups = leads[counselor.pk]
        days = sorted({group.weekday for group in groups})
        hours = BESIDE_MORNING if groups[0].start_time.hour < 12 else BESIDE_LATER
        day = monday + timedelta(days=days[at % len(days)])
        if day < today:
            _schedule(house, client, counselor, day, time(hours[at // len(days) % len(hours)]), number)


def _coming(house: House, today: date) -> None:
    """A few talks today and in the next days."""
    known = pairs()
    for number, (client, counselor) in enumerate(known[: 4 + len(known) // 4]):
        ahead = number % 4 if counselor == house.staff["counselor"][0] else 1 + number % 3  # the others have today free
        _schedule(house, client, counselor, today + timedelta(days=ahead), time(8 + number % 3, 30), number)


def _schedule(house: House, client: Client, counselor: User, day: date, at: time, number: int) -> None:
    offices = house.offices[client.site_id]
    try:
        program.schedule_session.run(
            BOSS,
            client=client,
            sort="family" if number % 5 == 4 else "individual",
            leader=counselor,
            start=timezone.make_aware(datetime.combine(day, at)),
            minutes=50,
            room=offices[house.staff["counselor"].index(counselor) % len(offices)],
        )
    except Refused:
        return  # somebody has something else at that hour; the demo can do without this talk
