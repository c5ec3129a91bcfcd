"""Builders of this room: a group that meets, with members, at a chosen hour."""

from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from middleground.kernel import clock
from middleground.kernel.context import everything, system
from middleground.program import actions
from middleground.program.models import Attendance, Group, NotePart, Session, Track
from tests import builders

NAMES = [
    "Alder",
    "Birch",
    "Cedar",
    "Dogwood",
    "Elm",
    "Fir",
    "Gorse",
    "Hazel",
    "Ivy",
    "Juniper",
    "Kapok",
    "Larch",
    "Maple",
    "Nutmeg",
    "Oak",
    "Pine",
    "Quince",
    "Rowan",
    "Sumac",
]


def local(day: datetime | Any, hour: int, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


def next_weekday() -> date:
    """Tomorrow, or the Monday after a weekend: wholly to come by the real clock, and sites are open."""
    coming = (clock.today() + timedelta(days=ahead) for ahead in (1, 2, 3))
    return next(day for day in coming if day.weekday() < 5)


def a_track(clinic: Any, name: str = "Evening") -> Track:
    return actions.open_track.run(clinic.actor("program-director"), site=clinic.site, name=name, series=name.lower())


def a_group(clinic: Any, **facts: Any) -> Group:
    """A group that meets today at 6 pm and weekly from then on, led by the counselor."""
    today = clock.today()
    given = {
        "track": facts.pop("track", None) or Track.objects.first() or a_track(clinic),
        "title": "Coping Skills",
        "session_kind": "group",
        "weekday": today.weekday(),
        "start_time": time(18),
        "minutes": 90,
        "leader": clinic.people["counselor"],
        "room": clinic.rooms[0],
        "component": "cbt-skills",
        "starts_on": today,
        "weeks": 3,
        **facts,
    }
    return actions.open_group.run(clinic.actor("program-director"), **given)


def first_session(group: Group) -> Session:
    with everything("test"):
        return Session.objects.filter(group=group).order_by("start").first()


def members(clinic: Any, group: Group, count: int) -> list[Any]:
    """So many clients in care, in the group from today on."""
    people = [builders.a_client(clinic, f"{NAMES[n % 19]}{chr(97 + n // 19)}", "Testperson") for n in range(count)]
    for person in people:
        actions.join_group.run(clinic.actor("program-director"), client=person, group=group)
    return people


@contextmanager
def this_evening():
    """After the group, at 8 pm today."""
    with clock.at(local(clock.today(), 20)) as at:
        yield at


def documented(clinic: Any, session: Session, people: list[Any], sign: bool = True, **more: Any) -> Session:
    """Everyone present, with a shared part and a line each."""
    return actions.document_session.run(
        clinic.actor("counselor"),
        session=session,
        marks=[{"client": p.pk, "mark": "present"} for p in people],
        note={"shared": "We practiced naming high-risk moments and a plan for each.", "method": "cbt"},
        parts=[
            {"client": p.pk, "response": f"Named moment number {n} and chose step {n * 7}."}
            for n, p in enumerate(people)
        ],
        sign=sign,
        **more,
    )


def hashes(session: Session) -> dict[int, str]:
    with everything("test"):
        return dict(NotePart.objects.filter(session=session, superseded_at=None).values_list("client_id", "hash"))


def marks(session: Session) -> dict[int, tuple[str, int]]:
    with everything("test"):
        rows = Attendance.objects.filter(session=session, superseded_at=None)
        return {r.client_id: (r.mark, r.minutes) for r in rows}


def tomorrow():
    return clock.today() + timedelta(days=1)


SYSTEM = system("test")
