"""How much telehealth somebody may have: one rule for the weeks to choose from, for those who wait, and for the clinic's own week."""

from datetime import timedelta

import pytest

from middleground.engines.knowing import load
from middleground.engines.timetabling.clinic import clinic_of
from middleground.engines.timetabling.plan import plan_of
from middleground.engines.timetabling.rules import faults
from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.program import actions as program
from middleground.timetable import fitting, queries, waiting
from middleground.timetable.instance import clinic_week
from tests.timetable.weeks import a_group, a_track, book, free

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]
WEEK = 1140  # the longest week of knowledge/timetabling/clinic
TIMES = ("mon 08:00-22:00", "tue 08:00-22:00", "wed 08:00-22:00")


@pytest.fixture
def limit(monkeypatch):
    """A clinic that puts a number of its own."""
    return lambda minutes: monkeypatch.setitem(load("timetabling")["clinic"]["client"], "telehealth_max", minutes)


@pytest.fixture
def groups(clinic, wren):
    """One evening on site, two by telehealth."""
    track = a_track(clinic)
    free(clinic, wren, *TIMES)
    remote = [a_group(clinic, track, title, day, room=None) for title, day in (("Online", 1), ("Distant", 2))]
    return [a_group(clinic, track, "Recovery", 0), *remote]


def planned(client):
    """As the planner has it."""
    with everything("test"):
        made = clinic_week(clock.today())
    assert faults(clinic_of(made.data, "repair"), plan_of(made.current)) == []
    return next(row["telehealth_max"] for row in made.data["clients"] if row["id"] == f"c{client.pk}")


def offered(clinic, client):
    with clinic.seen_by("counselor"):
        return {each.name for each in queries.offers(client).weeks[0].groups}


def waits(clinic):
    with everything("test"):
        return waiting.newcomer(1, "en", ["tue 08:00-22:00"], clinic.site.pk)["telehealth_max"]


def a_talk(clinic, client):
    start = clock.now() + timedelta(hours=3)
    leader = clinic.people["counselor"]
    program.schedule_session.run(
        clinic.actor("counselor"), client=client, sort="individual", leader=leader, start=start, minutes=50
    )


@pytest.mark.parametrize(
    ("said", "booked", "may"),
    [(None, 0, 900), (180, 0, 180), (180, 300, 300), (1200, 0, 900), (0, 0, 0), (None, 990, 990)],
)
def test_what_the_clinic_says_and_never_less_than_is_booked(limit, said, booked, may):
    limit(said)
    assert fitting.telehealth_max(900, booked) == may


def test_whoever_said_no_limit_may_take_groups_by_telehealth_wherever_it_is_asked(clinic, wren, groups):
    assert (planned(wren), waits(clinic)) == (WEEK, WEEK)
    assert offered(clinic, wren) == {"Recovery", "Online", "Distant"}


def test_a_limit_holds_wherever_it_is_asked(clinic, wren, groups, limit):
    limit(180)
    assert (planned(wren), waits(clinic)) == (180, 180)
    assert len(offered(clinic, wren) & {"Online", "Distant"}) == 1


def test_nobody_loses_what_they_have(clinic, wren, groups, limit):
    limit(0)
    book(clinic, wren, groups[:2], since=clock.today())
    assert planned(wren) == 180
    assert offered(clinic, wren) == {"Recovery", "Online"} or offered(clinic, wren) == {"Recovery", "Distant"}


@pytest.mark.parametrize(("minutes", "most"), [(230, 1), (410, 2)])
def test_a_talk_by_video_is_part_of_it(clinic, wren, groups, limit, minutes, most):
    limit(minutes)
    a_talk(clinic, wren)
    assert planned(wren) == minutes
    assert len(offered(clinic, wren) & {"Online", "Distant"}) == most


def test_a_talk_does_not_become_room_for_a_group(clinic, wren, groups, limit):
    limit(180)
    a_talk(clinic, wren)
    assert offered(clinic, wren) == {"Recovery"}


def test_where_no_group_is_by_telehealth_talks_stay_what_they_are(clinic, wren):
    a_group(clinic, a_track(clinic), "Recovery", 0)
    assert planned(wren) == 0
    a_talk(clinic, wren)
    assert planned(wren) == 50
