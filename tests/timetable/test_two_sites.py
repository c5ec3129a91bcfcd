"""Whoever has hours at two sites: what a plan of one of them books for them is booked there, and the rest stays."""

from datetime import timedelta

import pytest

from middleground.engines.knowing import load
from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.kernel.errors import Refused
from middleground.program import actions as program
from middleground.program.models import Membership, Session
from middleground.timetable.actions import book_planned_week, book_whole_plan, look_at_week
from middleground.timetable.models import WeekPlan
from tests.timetable.repairs import answer_of, group_row, proposed
from tests.timetable.weeks import a_group, a_track, an_evening, another_site, book, free

pytestmark = [pytest.mark.django_db, pytest.mark.db_both, pytest.mark.usefixtures("monday_morning")]
TIMES = ("mon 08:00-22:00", "tue 08:00-22:00", "wed 08:00-22:00", "thu 08:00-22:00", "fri 08:00-22:00")


@pytest.fixture
def south(clinic):
    return another_site(clinic)


@pytest.fixture
def evening(clinic):
    """Monday, Wednesday and Thursday from six to nine in the North."""
    return an_evening(clinic)


def in_the_south(south, title, weekday, hour=18, **facts):
    return a_group(south, a_track(south, title), title, weekday, hour, room=south.rooms[0], **facts)


def sits(clinic, south, client, groups):
    free(clinic, client, *TIMES)
    book(south, client, groups, role="program-director", since=clock.today())


def talk(south, client, **facts):
    """An appointment in the South with somebody of the North."""
    at = clock.now() + timedelta(hours=30)
    told = {"sort": "individual", "leader": south.people["counselor"], "start": at, "room": south.rooms[1]} | facts
    return program.schedule_session.run(south.actor("program-director"), client=client, **told)


def next_week(clinic):
    monday = clock.today() + timedelta(days=7)
    week = look_at_week.run(clinic.actor("program-director"), site_id=clinic.site.pk, week=monday)
    return week, answer_of(week)


def groups_of(client):
    with everything("test"):
        sits = Membership.objects.filter(client=client, session=None, until=None)
        return WeekPlan.objects.get(client=client, status="booked").group_ids, set(sits.values_list("group", flat=True))


@pytest.mark.parametrize("at_once", [True, False])
def test_a_plan_of_one_site_leaves_the_groups_of_the_other(clinic, south, wren, evening, at_once):
    """Also when whoever books it plans for this site only."""
    far = in_the_south(south, "Cedars", 4, 9)
    sits(clinic, south, wren, [*evening[:2], far])
    week, answer = next_week(clinic)
    group_row(answer, evening[1])["members"].remove(f"c{wren.pk}")
    group_row(answer, evening[2])["members"].append(f"c{wren.pk}")
    proposal, director = proposed(clinic, week, answer, "plan", keep="groups"), clinic.actor("program-director")
    if at_once:
        book_whole_plan.run(director, proposal=proposal)
    else:
        book_planned_week.run(director, proposal=proposal, client=wren)
    expected = sorted([evening[0].pk, evening[2].pk, far.pk])
    assert groups_of(wren) == (expected, set(expected))


def test_a_plan_books_a_talk_with_somebody_of_another_site(clinic, south, wren, evening, monkeypatch):
    """In the plan's own site and as long as it was planned."""
    (wish,) = load("timetabling")["clinic"]["sessions"]
    monkeypatch.setitem(load("timetabling")["clinic"], "sessions", [wish | {"minutes": 80}])
    sits(clinic, south, wren, [*evening[:2], in_the_south(south, "Cedars", 4, 9)])
    week, answer = next_week(south)
    new = {"client": f"c{wren.pk}", "kind": "individual", "start": "tue 10:00"}
    answer["sessions"].append(new | {"staff": f"st{south.people['counselor'].pk}", "room": f"r{south.rooms[1].pk}"})
    book_whole_plan.run(south.actor("program-director"), proposal=proposed(south, week, answer, "plan", keep="week"))
    with everything("test"):
        made = Session.objects.get(client=wren)
    assert (made.site_id, made.room_id, made.minutes) == (south.site.pk, south.rooms[1].pk, 80)


def test_by_hand_an_appointment_is_at_the_clients_own_site(clinic, south, wren):
    with pytest.raises(Refused, match="another site"):
        talk(south, wren)
    with pytest.raises(Refused, match="another site"):
        talk(south, wren, room=clinic.rooms[1], site=south.site)
