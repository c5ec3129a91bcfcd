"""Moving a weekly group: sessions, seats and bookings go with it, everybody hears of it; the slower of two is told; taken back."""

from datetime import time, timedelta

import pytest
from django.utils import timezone

from middleground.clinic import actions as clinic_actions
from middleground.kernel import clock, gate
from middleground.kernel.context import everything, system
from middleground.kernel.errors import NotAllowed, Refused
from middleground.kernel.models import AuditEntry, Cell, Notice
from middleground.program import actions as program
from middleground.program.asking import Taken
from middleground.program.keeping import SiteClosed, StaffAway
from middleground.program.models import Group, Session
from middleground.timetable import move_facts, moving
from middleground.timetable.actions import GroupMoved, move_group, undo_move
from middleground.timetable.move_facts import Target
from tests import builders
from tests.timetable.weeks import EVENINGS, a_group, an_evening, book, closed_on_sundays, free, next_monday

pytestmark = [pytest.mark.django_db, pytest.mark.db_both, pytest.mark.usefixtures("monday_morning")]


@pytest.fixture
def evening(clinic, wren):
    groups = an_evening(clinic)
    free(clinic, wren, *EVENINGS)
    book(clinic, wren, groups, since=clock.today())
    return groups


def move(clinic, group, weekday=1, hour=18, role="intake-coordinator", **facts):
    told = {"room": clinic.rooms[0], "leader": clinic.people["counselor"], "since": next_monday()} | facts
    return move_group.run(clinic.actor(role), group=group, weekday=weekday, start_time=time(hour), **told)


def starts(group):
    with everything("test"):
        rows = Session.objects.filter(group=group).order_by("start")
        return [timezone.localtime(s.start) for s in rows]


def cells(key, at):
    with everything("test"):
        return Cell.objects.filter(resource=key, at=at).count()


def look(clinic, group, weekday=1, hour=18, role="intake-coordinator", leader=None, room=None):
    row = move_facts.group_of(group.pk, None)
    leaders = {u.pk: u for u in move_facts.leaders_at(clinic.site.pk)}
    target = Target(
        weekday, time(hour), room or clinic.rooms[0], leaders[(leader or clinic.people["counselor"]).pk], next_monday()
    )
    with gate.access(clinic.actor(role), "operations", "test"):
        return move_facts.preview(row, target)


def test_coming_sessions_seats_and_bookings_move_and_this_week_stays(clinic, wren, evening):
    user, before = builders.client_user(clinic, wren), starts(evening[0])
    move(clinic, evening[0])
    after = starts(evening[0])
    assert (
        after[0] == before[0] and [a - b for a, b in zip(after[1:], before[1:], strict=True)] == [timedelta(days=1)] * 2
    )
    for key in (f"room:{clinic.rooms[0].pk}", f"staff:{clinic.people['counselor'].pk}", f"client:{wren.pk}"):
        assert cells(key, after[1]) == 1 and cells(key, before[1]) == 0
    group = Group.objects.get(pk=evening[0].pk)
    assert (group.weekday, group.start_time) == (1, time(18))
    told = Notice.objects.filter(to=user).last().words
    assert told.startswith("A weekly session changed. The next one is on Tuesday") and "Recovery" not in told


def test_the_slower_of_two_is_told_what_changed_and_nothing_is_booked(clinic, wren, evening):
    seen = moving.seen_of(evening[0])
    move(clinic, evening[0], seen=seen)
    with pytest.raises(GroupMoved, match=r"Intake-Coordinator Person changed Recovery .* Tuesdays at 6:00 pm in Maple"):
        move(clinic, evening[0], weekday=4, role="program-director", seen=seen)
    assert all(at.weekday() == 1 for at in starts(evening[0])[1:])


def test_what_is_taken_is_refused_whole(clinic, wren, evening):
    before = starts(evening[0])
    with pytest.raises(Taken):
        move(clinic, evening[0], weekday=2)
    assert starts(evening[0]) == before and Group.objects.get(pk=evening[0].pk).weekday == 0
    assert moving.last_moves is not None and cells(f"client:{wren.pk}", before[1]) == 1


def test_a_client_with_an_appointment_then_refuses_it(clinic, wren, evening):
    start = starts(evening[0])[1] + timedelta(days=1)
    program.schedule_session.run(clinic.actor("counselor"), client=wren, sort="individual", start=start,
                                 leader=builders.a_second(clinic, "counselor", "dana"), room=clinic.rooms[1])  # fmt: skip
    found = look(clinic, evening[0])
    assert found.broken.busy == (wren.pk,) and found.broken.blocked and found.named([wren.pk])
    with pytest.raises(Taken, match="has something else"):
        move(clinic, evening[0])


def test_undo_puts_everything_back(clinic, wren, evening):
    before = starts(evening[0])
    made = move(clinic, evening[0], weekday=1, hour=17)
    undo_move.run(clinic.actor("program-director"), move=made)
    assert starts(evening[0]) == before and Group.objects.get(pk=evening[0].pk).start_time == time(18)
    assert (
        cells(f"client:{wren.pk}", before[1]) == 1
        and cells(f"room:{clinic.rooms[0].pk}", before[1] + timedelta(days=1)) == 0
    )
    with pytest.raises(Refused, match="already"):
        undo_move.run(clinic.actor("program-director"), move=made)


def test_undo_is_refused_once_somebody_changed_a_session(clinic, wren, evening):
    made = move(clinic, evening[0])
    with everything("test"):
        session = Session.objects.filter(group=evening[0]).order_by("start")[1]
    program.move_session.run(
        clinic.actor("program-director"), session=session, start=session.start - timedelta(hours=4)
    )
    with pytest.raises(GroupMoved, match="Somebody changed a session"):
        undo_move.run(clinic.actor("intake-coordinator"), move=made)


def test_a_session_moved_on_its_own_stays_where_it_was_put(clinic, wren, evening):
    with everything("test"):
        session = Session.objects.filter(group=evening[0]).order_by("start")[1]
    program.move_session.run(clinic.actor("program-director"), session=session, start=session.start + timedelta(days=4))
    alone = starts(evening[0])[1]
    move(clinic, evening[0])
    assert starts(evening[0])[1] == alone and starts(evening[0])[2].weekday() == 1


def test_a_closed_day_is_called_off_and_comes_back_by_undo(clinic, wren, evening):
    clinic_actions.close_day.run(clinic.actor("administrator"), on=next_monday() + timedelta(days=1), why="Holiday")
    found = look(clinic, evening[0])
    assert found.broken.shut == (next_monday() + timedelta(days=1),)
    made = move(clinic, evening[0])
    with everything("test"):
        states = list(Session.objects.filter(group=evening[0]).order_by("start").values_list("status", flat=True))
    assert states == ["scheduled", "did-not-happen", "scheduled"]
    undo_move.run(clinic.actor("intake-coordinator"), move=made)
    assert cells(f"client:{wren.pk}", starts(evening[0])[1]) == 1


def test_a_new_leader_sees_the_people_of_the_group(clinic, wren, evening):
    other = builders.a_second(clinic, "counselor", "dana")
    move(clinic, evening[0], weekday=0, leader=other)
    with everything("test"):
        assert wren.team.filter(user=other, part="group-leader").exists()


def test_what_a_move_would_break_is_known_before(clinic, wren, evening):
    closed_on_sundays(clinic)
    found = look(
        clinic, evening[0], weekday=1
    ).broken  # Wren is not free on Tuesdays and drops to 360 minutes on two days
    assert found.not_free == (wren.pk,) and found.below == (wren.pk,) and not found.blocked
    assert look(clinic, evening[0], weekday=6).broken.closed
    taken = look(clinic, evening[0], weekday=2).broken
    assert taken.by_room[0].by == "Skills" and taken.by_leader and taken.busy == (wren.pk,)
    assert look(clinic, evening[0], weekday=0, hour=19).broken.fine is False  # the way home no longer fits


def test_names_are_for_those_who_may_know_them(clinic, wren, evening):
    assert look(clinic, evening[0]).named([wren.pk]) == [wren.short]
    hidden = look(clinic, evening[0], role="administrator")
    assert hidden.named([wren.pk]) == [] and hidden.unnamed([wren.pk]) == 1


def test_only_planners_of_the_site_may(clinic, evening):
    with pytest.raises(NotAllowed):
        move(clinic, evening[0], role="counselor")
    elsewhere = clinic_actions.open_site.run(system("test"), name="South", hours=["mon 08:00-20:00"])
    other = clinic_actions.add_user.run(system("test"), username="south", name="South", password=builders.PASSWORD,
                                        roles=["intake-coordinator"], site_ids=[elsewhere.pk])  # fmt: skip
    with pytest.raises(Refused, match="this site"):
        move_group.run(other.actor(), group=evening[0], weekday=1, start_time=time(18), room=clinic.rooms[0],
                       leader=clinic.people["counselor"], since=next_monday())  # fmt: skip


def test_half_weeks_and_odd_minutes_are_refused(clinic, evening):
    with pytest.raises(Refused, match="Monday"):
        move(clinic, evening[0], since=clock.today() + timedelta(days=2))
    with pytest.raises(Refused, match="Nothing changes"):
        move(clinic, evening[0], weekday=0)


def away(person, first, last=None):
    clinic_actions.record_staff_absence.run(system("test"), user=person, first=first, last=last or first)


@pytest.mark.parametrize(("weekday", "hour"), [(6, 18), (1, 20), (1, 5)])
def test_a_group_moves_only_into_the_opening_hours(clinic, wren, evening, weekday, hour):
    closed_on_sundays(clinic)
    before = starts(evening[0])
    assert look(clinic, evening[0], weekday=weekday, hour=hour).broken.blocked
    with pytest.raises(SiteClosed, match="North is not open then: on"):
        move(clinic, evening[0], weekday=weekday, hour=hour)
    assert starts(evening[0]) == before and Group.objects.get(pk=evening[0].pk).weekday == 0
    assert cells(f"client:{wren.pk}", before[1]) == 1


def test_a_site_without_hours_on_file_is_open_for_a_move(clinic, evening):
    elsewhere = clinic_actions.open_site.run(system("test"), name="South")
    room = clinic_actions.add_room.run(system("test"), site=elsewhere, name="Elm", use="group", seats=12)
    track = program.open_track.run(clinic.actor("program-director"), site=elsewhere, name="South", series="south")
    group = a_group(clinic, track, "Circle", 0, 8, room=room)
    assert not look(clinic, group, weekday=6, hour=20, room=room).broken.closed
    told = {"room": room, "leader": clinic.people["counselor"], "since": next_monday()}
    move_group.run(system("test"), group=group, weekday=6, start_time=time(20), **told)
    assert starts(group)[1].weekday() == 6


def test_whoever_leads_is_there_the_first_time(clinic, wren, evening):
    first = next_monday() + timedelta(days=1)
    away(clinic.people["counselor"], first, first + timedelta(days=7))
    found = look(clinic, evening[0]).broken
    assert found.blocked and found.absent and found.away == (first, first + timedelta(days=7))
    before = starts(evening[0])
    with pytest.raises(StaffAway) as no:
        move(clinic, evening[0])
    days = [f"{day:%A, %B} {day.day}" for day in (first, first + timedelta(days=7))]
    assert no.value.message == (
        f"Counselor Person is away on {days[0]} and {days[1]}. Let the move begin later, or let somebody else lead."
    )
    assert no.value.field == "since" and starts(evening[0]) == before


def test_days_away_later_are_told_and_stop_nothing(clinic, wren, evening):
    later = next_monday() + timedelta(days=8)
    away(clinic.people["counselor"], later)
    found = look(clinic, evening[0]).broken
    assert found.away == (later,) and not found.blocked and not found.fine
    made = move(clinic, evening[0])
    told = f"Counselor Person is away on {later:%A, %B} {later.day}"
    assert made.asked["away"] == told and starts(evening[0])[2].weekday() == 1
    assert AuditEntry.objects.filter(verb="Move a group").last().words.endswith(f"on, but {told}")


def test_a_closed_first_day_leaves_it_to_the_second_whether_its_leader_is_there(clinic, evening):
    first = next_monday() + timedelta(days=1)
    away(clinic.people["counselor"], first)
    clinic_actions.close_day.run(clinic.actor("administrator"), on=first, why="Holiday")
    assert not look(clinic, evening[0]).broken.blocked
    assert move(clinic, evening[0]).asked["away"] == ""


def test_another_room_is_no_question_of_who_is_there_or_when_it_is_open(clinic, evening):
    sunday = a_group(clinic, evening[0].track, "Sunday", 6)
    closed_on_sundays(clinic)
    away(clinic.people["counselor"], next_monday() + timedelta(days=6))
    second = clinic_actions.add_room.run(system("test"), site=clinic.site, name="Birch", use="group", seats=12)
    assert not look(clinic, sunday, weekday=6, room=second).broken.blocked
    told = move(clinic, sunday, weekday=6, room=second).asked["away"]
    assert told.startswith("Counselor Person is away on Sunday") and Group.objects.get(pk=sunday.pk).room == second


def test_it_is_not_taken_back_to_where_the_site_has_closed_meanwhile(clinic, evening):
    made = move(clinic, evening[0])
    clinic_actions.close_day.run(clinic.actor("administrator"), on=next_monday(), why="Flood")
    with pytest.raises(SiteClosed, match="Flood"):
        undo_move.run(clinic.actor("program-director"), move=made)
    assert starts(evening[0])[1].weekday() == 1


def test_a_guest_of_one_session_comes_along_and_back(clinic, wren, evening):
    lark = builders.a_client(clinic, "Lark", "Birch")
    with everything("test"):
        session = Session.objects.filter(group=evening[0]).order_by("start")[1]
    program.add_walk_in.run(clinic.actor("program-director"), session=session, client=lark)
    made = move(clinic, evening[0])
    assert cells(f"client:{lark.pk}", starts(evening[0])[1]) == 1
    undo_move.run(clinic.actor("program-director"), move=made)
    assert cells(f"client:{lark.pk}", starts(evening[0])[1]) == 1


@pytest.mark.parametrize("moved_before", [True, False])
def test_a_guest_who_gave_the_seat_back_stays_away(clinic, wren, evening, moved_before):
    lark, boss = builders.a_client(clinic, "Lark", "Birch"), clinic.actor("program-director")
    with everything("test"):
        session = Session.objects.filter(group=evening[0]).order_by("start")[1]
    program.add_walk_in.run(boss, session=session, client=lark)
    made = move(clinic, evening[0]) if moved_before else None
    program.give_back_seat.run(boss, client=lark, session=session.pk)
    made = made or move(clinic, evening[0])
    assert cells(f"client:{lark.pk}", starts(evening[0])[1]) == 0
    undo_move.run(boss, move=made)
    assert cells(f"client:{lark.pk}", starts(evening[0])[1]) == 0
