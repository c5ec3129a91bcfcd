"""A dated session has the seats of its own room and its own co-leader, whatever the weekly group has: for those a repair brings,
for walk-ins, make-up sessions, who joins, and what the week board says."""

from datetime import timedelta

import pytest

from middleground.clinic import actions as clinic_actions
from middleground.kernel import clock
from middleground.kernel.context import everything, system
from middleground.program import actions as program
from middleground.program.asking import Taken
from middleground.program.models import Session
from middleground.timetable import makeup
from middleground.timetable.actions import apply_repair, move_group
from middleground.timetable.queries import Seen
from tests import builders
from tests.timetable.repairs import answer_of, group_row, proposed, seen_week
from tests.timetable.test_moving import look
from tests.timetable.weeks import a_group, a_track, free

pytestmark = [pytest.mark.django_db, pytest.mark.db_both, pytest.mark.usefixtures("monday_morning")]
BY_DAY = ("mon 07:00-21:00", "tue 07:00-21:00")


@pytest.fixture
def group(clinic):
    return a_group(clinic, a_track(clinic), "Recovery", 1)


def room(clinic, name, seats):
    return clinic_actions.add_room.run(system("test"), site=clinic.site, name=name, use="group", seats=seats)


def people(clinic, *names):
    return [builders.a_client(clinic, name, "Elm") for name in names]


def join(clinic, client, group):
    return program.join_group.run(clinic.actor("program-director"), client=client, group=group)


def walk_in(clinic, client, group):
    return program.add_walk_in.run(clinic.actor("program-director"), session=first(group), client=client)


def first(group):
    with everything("test"):
        return Session.objects.filter(group=group).order_by("start").first()


def repaired(clinic, group, **row):
    """This week's session of the group as a repair has it."""
    week = seen_week(clinic)
    answer = answer_of(week)
    group_row(answer, group).update(row)
    proposal = proposed(clinic, week, answer)
    return apply_repair.run(clinic.actor("program-director"), proposal=proposal, end="hours")


def test_in_a_smaller_room_walk_ins_and_joins_fill_its_seats_and_no_more(clinic, group):
    ash, brook, cedar = people(clinic, "Ash", "Brook", "Cedar")
    join(clinic, ash, group)
    repaired(clinic, group, room=f"r{room(clinic, 'Nook', 2).pk}")
    walk_in(clinic, brook, group)
    with pytest.raises(Taken, match="has no free seat"):
        walk_in(clinic, cedar, group)
    with pytest.raises(Taken, match="has no free seat"):
        join(clinic, cedar, group)
    later = first(group).start.date() + timedelta(days=1)
    program.join_group.run(clinic.actor("program-director"), client=cedar, group=group, since=later)


def test_who_stays_in_the_smaller_room_sits_there_whatever_seat_they_had(clinic, group):
    """The first two seats become free; the two who stay take both seats of the room all the same."""
    ash, brook, cedar, elder, fern = people(clinic, "Ash", "Brook", "Cedar", "Elder", "Fern")
    for each in (ash, brook, cedar, elder):
        join(clinic, each, group)
    stay = [f"c{each.pk}" for each in (cedar, elder)]
    repaired(clinic, group, room=f"r{room(clinic, 'Nook', 2).pk}", members=stay)
    with pytest.raises(Taken, match="has no free seat"):
        walk_in(clinic, fern, group)


def test_in_a_larger_room_a_repair_seats_those_it_brings(clinic):
    """The room of every week is full; the one of this week is not."""
    group = a_group(clinic, a_track(clinic), "Recovery", 1, room=room(clinic, "Nook", 2))
    ash, brook, cedar = people(clinic, "Ash", "Brook", "Cedar")
    for each in (ash, brook):
        join(clinic, each, group)
    everybody = [f"c{each.pk}" for each in (ash, brook, cedar)]
    done = repaired(clinic, group, room=f"r{clinic.rooms[0].pk}", members=everybody)
    assert len(done.done["walk_ins"]) == 1


def test_a_second_leader_of_one_session_opens_the_seats_that_need_one(clinic, group):
    ash, brook = people(clinic, "Ash", "Brook")
    join(clinic, ash, group)
    program.set_group_rules.run(clinic.actor("program-director"), group=group, co_leader_above=1)
    with pytest.raises(Taken):
        walk_in(clinic, brook, group)
    repaired(clinic, group, co=f"st{builders.a_second(clinic, 'counselor', 'dana').pk}")
    walk_in(clinic, brook, group)


def test_a_make_up_session_is_offered_only_where_its_own_room_has_a_seat(clinic, wren):
    track = a_track(clinic)
    own = a_group(clinic, track, "Coping", 0, 8, component="cbt-skills", minutes=60)
    other = a_group(clinic, track, "Coping again", 1, 8, component="cbt-skills", minutes=60)
    free(clinic, wren, *BY_DAY)
    join(clinic, wren, own)
    ash, brook = people(clinic, "Ash", "Brook")
    join(clinic, ash, other)
    repaired(clinic, other, room=f"r{room(clinic, 'Nook', 2).pk}")
    missed = first(own)
    with clock.at(missed.end):
        marks = [{"client": wren.pk, "mark": "no-show"}]
        program.record_attendance.run(clinic.actor("counselor"), session=missed, marks=marks)
        assert chances(clinic, wren) == {first(other).pk}
        walk_in(clinic, brook, other)
        assert chances(clinic, wren) == set()


def chances(clinic, client):
    with clinic.seen_by("counselor"):
        return {chance.session_id for each in makeup.missed(Seen(client)) for chance in each.again}


def test_the_board_counts_the_seats_of_each_session_as_the_move_does(clinic, group):
    """Three people come next week, when it is in a larger room for once; two after that, into the room of two."""
    ash, brook, cedar = people(clinic, "Ash", "Brook", "Cedar")
    nook, hall = room(clinic, "Nook", 2), room(clinic, "Hall", 8)
    monday = clock.today() + timedelta(days=7)
    join(clinic, ash, group)
    leaves = join(clinic, brook, group)
    program.leave_group.run(clinic.actor("program-director"), membership=leaves, last_day=monday + timedelta(days=3))
    program.join_group.run(clinic.actor("program-director"), client=cedar, group=group, since=monday)
    assert look(clinic, group, weekday=2, room=nook).broken.full == 1
    with everything("test"):
        session = Session.objects.filter(group=group).order_by("start")[1]
    program.move_session.run(clinic.actor("program-director"), session=session, start=session.start, room=hall)
    assert look(clinic, group, weekday=2, room=nook).broken.full == 0
    to = {"weekday": 2, "start_time": group.start_time, "leader": group.leader, "since": monday, "room": nook}
    move_group.run(clinic.actor("program-director"), group=group, **to)
    with everything("test"):
        rooms = Session.objects.filter(group=group).order_by("start").values_list("room", flat=True)
        assert list(rooms) == [clinic.rooms[0].pk, hall.pk, nook.pk]
