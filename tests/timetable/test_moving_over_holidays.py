"""A weekly group leaves a day that is closed in some week: that week is held too, known before, checked like every other, and taken
back. The other way round it is said."""

from datetime import timedelta

import pytest
from django.utils import timezone

from middleground.clinic import actions as clinic_actions
from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.kernel.models import AuditEntry
from middleground.program import actions as program
from middleground.program.asking import Taken
from middleground.program.models import Session
from middleground.program.sheets import rosters
from middleground.records.actions import keep_apart
from middleground.timetable.actions import undo_move
from tests import builders
from tests.timetable.test_moving import cells, look, move, next_monday
from tests.timetable.weeks import a_group, a_track

pytestmark = [pytest.mark.django_db, pytest.mark.db_both, pytest.mark.usefixtures("monday_morning")]
TUE, WED = 1, 2


def closed(clinic, day):
    clinic_actions.close_day.run(clinic.actor("administrator"), on=day, why="Labor Day")
    return day


def called_off(clinic, group, day, reason="holiday"):
    session = next(s for s in rows(group) if on(s) == day)
    program.call_off_session.run(clinic.actor("program-director"), session=session, reason=reason)


def rows(group):
    with everything("test"):
        return list(Session.objects.filter(group=group).order_by("start", "pk"))


def on(session):
    return timezone.localdate(session.start)


def states(group):
    """Days after today, and whether it is held then."""
    return [((on(s) - clock.today()).days, s.status == "scheduled") for s in rows(group)]


@pytest.fixture(params=["before", "after"])
def mondays(request, clinic, wren):
    """Wren in a Monday group of four weeks, whose next Monday is closed: known before they were laid out, or only after."""
    track = a_track(clinic)
    if request.param == "before":
        closed(clinic, next_monday())
    group = a_group(clinic, track, "Recovery", 0, weeks=4)
    program.join_group.run(clinic.actor("program-director"), client=wren, group=group, since=clock.today())
    if request.param == "after":
        closed(clinic, next_monday())
        called_off(clinic, group, next_monday())
    return group


def test_the_week_of_the_closed_day_is_held_on_the_new_one(clinic, wren, mondays):
    wednesday = next_monday() + timedelta(days=2)
    assert look(clinic, mondays, weekday=WED).again == (wednesday,)
    told = f"{wednesday:%A, %B} {wednesday.day}"
    made = move(clinic, mondays, weekday=WED)
    assert states(mondays) == [(0, True), (9, True), (16, True), (23, True)]
    session = rows(mondays)[1]
    for key in (f"room:{clinic.rooms[0].pk}", f"staff:{clinic.people['counselor'].pk}", f"client:{wren.pk}"):
        assert cells(key, session.start) == 1
    assert rosters([session]) == {session.pk: [wren.pk]}
    assert (made.asked["again"], made.asked["shut"]) == (told, "")
    assert AuditEntry.objects.filter(verb="Move a group").last().words.endswith(f"on, also on {told}")


def test_taken_back_the_week_is_not_held_and_can_be_once_more(clinic, wren, mondays):
    made = move(clinic, mondays, weekday=WED)
    held = rows(mondays)[1].start
    undo_move.run(clinic.actor("program-director"), move=made)
    assert states(mondays) == [(0, True), (7, False), (14, True), (21, True)]
    assert cells(f"client:{wren.pk}", held) == cells(f"client:{wren.pk}", rows(mondays)[1].start) == 0
    assert look(clinic, mondays, weekday=WED).again == (next_monday() + timedelta(days=2),)
    move(clinic, mondays, weekday=TUE)
    assert states(mondays) == [(0, True), (8, True), (15, True), (22, True)]


def test_what_is_booked_in_that_week_is_known_before_and_refuses_it(clinic, wren, mondays):
    """Only then: the room by another group of one week, Wren by an appointment."""
    wednesday = next_monday() + timedelta(days=2)
    other = builders.a_second(clinic, "counselor", "dana")
    a_group(clinic, mondays.track, "Once", WED, 18, starts_on=wednesday, weeks=1, leader=other)
    found = look(clinic, mondays, weekday=WED).broken
    assert [(each.on, each.by) for each in found.by_room] == [(wednesday, "Once")]
    with pytest.raises(Taken, match="Maple is taken on Wednesday"):
        move(clinic, mondays, weekday=WED)
    start = rows(mondays)[0].start + timedelta(days=8)
    program.schedule_session.run(clinic.actor("counselor"), client=wren, sort="individual", leader=other, start=start)
    assert look(clinic, mondays, weekday=TUE).broken.busy == (wren.pk,)
    with pytest.raises(Taken, match="has something else"):
        move(clinic, mondays, weekday=TUE)
    assert all(s.status == "scheduled" for s in rows(mondays) if on(s) != next_monday())


def test_whoever_leads_is_there_on_the_first_day_it_is_held_again(clinic, mondays):
    first = next_monday() + timedelta(days=2)
    clinic_actions.record_staff_absence.run(
        clinic.actor("administrator"), user=clinic.people["counselor"], first=first, last=first
    )
    found = look(clinic, mondays, weekday=WED).broken
    assert found.absent and found.away == (first,)


def test_two_kept_apart_who_sit_in_it_already_come_along(clinic, wren, mondays):
    robin = builders.a_client(clinic, "Robin", "Birch")
    program.join_group.run(clinic.actor("program-director"), client=robin, group=mondays)
    keep_apart.run(clinic.actor("program-director"), client=wren, other=robin)
    assert look(clinic, mondays, weekday=WED).broken.clash == ()
    move(clinic, mondays, weekday=WED)
    assert sorted(rosters(rows(mondays))[rows(mondays)[1].pk]) == sorted([wren.pk, robin.pk])


def test_it_is_led_by_who_leads_by_now(clinic, mondays):
    """What was called off did not change hands with the rest."""
    dana = builders.a_second(clinic, "counselor", "dana")
    cover = {"session": rows(mondays)[0], "leader": dana, "following": True}
    program.cover_session.run(clinic.actor("program-director"), **cover)
    move(clinic, mondays, weekday=WED, leader=dana)
    assert {s.leader_id for s in rows(mondays)} == {dana.pk}


def test_nothing_comes_where_the_new_day_is_closed_too_and_a_later_move_heals_it(clinic, mondays):
    closed(clinic, next_monday() + timedelta(days=2))
    assert look(clinic, mondays, weekday=WED).again == ()
    move(clinic, mondays, weekday=WED)
    assert [held for at, held in states(mondays) if 7 <= at < 14] in ([], [False])
    move(clinic, mondays, weekday=3)
    assert states(mondays)[1] == (10, True)


def test_a_day_the_group_came_to_and_found_closed_is_held_by_the_next_move(clinic, wren):
    group = a_group(clinic, a_track(clinic), "Recovery", 0)
    tuesday = closed(clinic, next_monday() + timedelta(days=1))
    made = move(clinic, group, weekday=TUE)
    assert made.asked["shut"] == f"{tuesday:%A, %B} {tuesday.day}" and states(group)[1] == (8, False)
    move(clinic, group, weekday=WED)
    assert states(group) == [(0, True), (9, True), (16, True)]


def test_what_somebody_called_off_or_moved_on_its_own_is_left_alone(clinic):
    group = a_group(clinic, a_track(clinic), "Recovery", 0, weeks=4)
    called_off(clinic, group, next_monday(), "staff-ill")
    second = rows(group)[2]
    moved = second.start + timedelta(days=3)
    program.move_session.run(clinic.actor("program-director"), session=second, start=moved)
    closed(clinic, next_monday() + timedelta(days=7))
    assert look(clinic, group, weekday=WED).again == ()
    move(clinic, group, weekday=WED)
    assert states(group) == [(0, True), (7, False), (17, True), (23, True)]


def test_no_week_is_laid_out_beyond_those_there_are(clinic):
    """Nor one before the group begins or after it ends."""
    closed(clinic, next_monday())
    later = next_monday() + timedelta(days=7)
    group = a_group(clinic, a_track(clinic), "Recovery", 0, starts_on=later, weeks=2)
    closed(clinic, later + timedelta(days=14))
    move(clinic, group, weekday=WED)
    assert states(group) == [(16, True), (23, True)]
