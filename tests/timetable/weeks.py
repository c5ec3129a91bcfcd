"""A clinic with groups in its week, and clients who have said when they can come."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from middleground.clinic import actions as clinic_actions
from middleground.kernel import clock
from middleground.kernel.context import system
from middleground.program import actions as program
from middleground.program.models import Group, Track
from middleground.records.models import Client
from middleground.timetable import actions
from tests import builders

EVENINGS = ("mon 17:00-22:00", "wed 17:00-22:00", "thu 17:00-22:00")


@contextmanager
def monday_to_come() -> Iterator[datetime]:
    """Seven on the morning of the Monday after next, so that the ledger counts it as to come."""
    today = timezone.localdate()
    monday = today + timedelta(days=14 - today.weekday())
    with clock.at(timezone.make_aware(datetime.combine(monday, time(7, 0)))) as now:
        yield now


def next_monday() -> date:
    """Of a test that stands on a Monday."""
    return clock.today() + timedelta(days=7)


def a_track(clinic: builders.Clinic, name: str = "Evening") -> Track:
    return program.open_track.run(clinic.actor("program-director"), site=clinic.site, name=name, series=name.lower())


def a_group(clinic: builders.Clinic, track: Track, title: str, weekday: int, hour: int = 18, **facts: Any) -> Group:
    """A group from today on, laid out for three weeks."""
    told = {
        "minutes": 180,
        "session_kind": "group",
        "leader": clinic.people["counselor"],
        "room": clinic.rooms[0],
        "weeks": 3,
        "capacity": 8,
    } | facts
    return program.open_group.run(
        clinic.actor("program-director"), track=track, title=title, weekday=weekday, start_time=time(hour), **told
    )


def an_evening(clinic: builders.Clinic, **facts: Any) -> list[Group]:
    """Three evenings of three hours: 540 minutes on 3 days."""
    track = a_track(clinic)
    days = (("Recovery", 0), ("Skills", 2), ("Process", 3))
    return [a_group(clinic, track, title, day, **facts) for title, day in days]


def closed_on_sundays(clinic: builders.Clinic) -> None:
    """From now on; what is held on Sundays already stays."""
    hours = [f"{day} 07:00-22:00" for day in builders.DAYS[:6]]
    clinic_actions.set_hours.run(clinic.actor("administrator"), site=clinic.site, hours=hours)


def free(
    clinic: builders.Clinic, client: Client, *at: str, travel: int = 30, costs: dict[str, int] | None = None
) -> Any:
    intervals = [{"at": each, "cost": (costs or {}).get(each, 0)} for each in at]
    return actions.set_availability.run(
        clinic.actor("counselor"), client=client, intervals=intervals, travel={str(clinic.site.pk): travel}
    )


def book(clinic: builders.Clinic, client: Client, groups: list[Group], role: str = "counselor", **facts: Any) -> Any:
    from middleground.kernel.context import everything
    from middleground.records.queries import open_episode

    with everything("test"):
        episode = open_episode(client)
    told = {"since": clock.today() + timedelta(days=1)} | facts
    return actions.book_week.run(
        clinic.actor(role), client=client, episode=episode, groups=[g.pk for g in groups], **told
    )


def another_site(clinic: builders.Clinic) -> builders.Clinic:
    """A second site, open as the first, with rooms and a counselor of its own; its director is there for both."""
    boss = system("test")
    site = clinic_actions.open_site.run(boss, name="South", hours=[f"{day} 07:00-22:00" for day in builders.DAYS])
    rooms = [
        clinic_actions.add_room.run(boss, site=site, name="Cedar", use="group", seats=12),
        clinic_actions.add_room.run(boss, site=site, name="Office S", use="office", seats=4),
    ]
    own = {"counselor": [site.pk], "program-director": None}
    people = {
        role: clinic_actions.add_user.run(
            boss, username=f"south-{role}", name=f"South {role}", password=builders.PASSWORD, roles=[role], site_ids=at
        )
        for role, at in own.items()
    }
    return builders.Clinic(site, rooms, people)
