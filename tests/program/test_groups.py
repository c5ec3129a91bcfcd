"""Groups, who is in them as of a day, and what is booked for them."""

from datetime import time, timedelta

import pytest

from middleground.clinic import actions as clinic_actions
from middleground.kernel import clock, ledger
from middleground.kernel.context import everything
from middleground.kernel.errors import NotAllowed, Refused
from middleground.kernel.models import Cell
from middleground.program import actions, queries
from middleground.program.asking import Taken
from middleground.program.models import Session
from middleground.program.sheets import rosters
from middleground.records import actions as records
from middleground.records.models import CareTeamMember
from tests import builders
from tests.program import groups

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
WEEK = timedelta(days=7)


def sessions(group):
    with everything("test"):
        return list(Session.objects.filter(group=group).order_by("start"))


def booked(resource):
    with everything("test"):
        return Cell.objects.filter(resource=resource).count()


def test_opening_a_group_lays_out_weekly_sessions_with_topics_in_turn(evening):
    held = sessions(evening)
    assert len(held) == 3
    assert held[1].start - held[0].start == WEEK
    assert [s.topic_number for s in held] == [1, 2, 3]
    assert booked(f"room:{evening.room_id}") == 3 * 6


def test_a_closed_day_gets_no_session(clinic):
    clinic_actions.close_day.run(clinic.actor("administrator"), on=clock.today() + WEEK, why="Holiday")
    group = groups.a_group(clinic)
    assert len(sessions(group)) == 2


def test_the_taken_room_is_named(clinic, evening):
    other = builders.a_second(clinic, "counselor", "second")
    with pytest.raises(Taken, match="Maple is taken on"):
        groups.a_group(clinic, title="Another", leader=other)
    assert queries_of_groups(clinic) == ["Coping Skills"]


def queries_of_groups(clinic):
    with clinic.seen_by("program-director"):
        return [g.title for g in queries.groups()]


def test_the_taken_leader_is_named(clinic, evening):
    with pytest.raises(Taken, match="Counselor Person is taken"):
        groups.a_group(clinic, title="Another", room=None)


def test_a_group_larger_than_allowed_is_refused_by_kind(clinic):
    with pytest.raises(Refused, match="at most 16"):
        groups.a_group(clinic, capacity=17)
    assert groups.a_group(clinic, capacity=30, session_kind="education").capacity == 30


def test_a_biller_leads_no_group(clinic):
    with pytest.raises(Refused, match="does not lead"):
        groups.a_group(clinic, leader=clinic.people["biller"])


@pytest.mark.parametrize("role", ["counselor", "intake-coordinator", "biller", "case-manager"])
def test_only_planners_open_groups(clinic, role):
    track = groups.a_track(clinic)
    with pytest.raises(NotAllowed):
        actions.open_group.run(
            clinic.actor(role),
            track=track,
            title="X",
            session_kind="group",
            weekday=0,
            start_time=time(9),
            minutes=60,
            leader=clinic.people["counselor"],
        )


def test_the_roster_is_that_of_each_day(clinic, evening):
    wren, rae = builders.a_client(clinic, "Wren", "Alder"), builders.a_client(clinic, "Rae", "Birch")
    first, second, third = sessions(evening)
    member = actions.join_group.run(clinic.actor("counselor"), client=wren, group=evening)
    actions.join_group.run(clinic.actor("counselor"), client=rae, group=evening, since=clock.today() + WEEK)
    actions.leave_group.run(clinic.actor("counselor"), membership=member, last_day=clock.today() + WEEK)
    assert rosters([first, second, third]) == {first.pk: [wren.pk], second.pk: [wren.pk, rae.pk], third.pk: [rae.pk]}


def test_an_ended_episode_takes_the_client_off_later_rosters_only(clinic, evening):
    wren = groups.members(clinic, evening, 1)[0]
    _end_episode(wren, clock.today() + timedelta(days=3))
    first, second, _ = sessions(evening)
    assert rosters([first, second]) == {first.pk: [wren.pk], second.pk: []}


def _end_episode(client, on):
    from middleground.kernel.actions import action
    from middleground.kernel.who import system_only
    from middleground.records.actions import close_episode
    from middleground.records.models import Episode

    @action("End an episode for a test", by=system_only())
    def end(act) -> None:
        close_episode(act, Episode.objects.get(client=client), on, "completed")

    end.run(groups.SYSTEM)


def test_joining_takes_a_seat_in_every_coming_session_and_leaving_gives_back_those_after(clinic, evening):
    wren = builders.a_client(clinic, "Wren", "Alder")
    member = actions.join_group.run(clinic.actor("counselor"), client=wren, group=evening)
    assert booked(f"client:{wren.pk}") == 3 * 6
    actions.leave_group.run(clinic.actor("counselor"), membership=member, last_day=clock.today())
    assert booked(f"client:{wren.pk}") == 6


def test_a_full_group_says_so_and_nothing_is_half_done(clinic):
    group = groups.a_group(clinic, capacity=1)
    groups.members(clinic, group, 1)
    late = builders.a_client(clinic, "Late", "Comer")
    with pytest.raises(Taken, match="no free seat"):
        actions.join_group.run(clinic.actor("counselor"), client=late, group=group)
    assert booked(f"client:{late.pk}") == 0
    assert len(rosters(sessions(group))[sessions(group)[0].pk]) == 1


def test_nobody_joins_twice_or_before_admission(clinic, evening):
    wren = groups.members(clinic, evening, 1)[0]
    with pytest.raises(Refused, match="is in Coping Skills already"):
        actions.join_group.run(clinic.actor("counselor"), client=wren, group=evening)
    rae = builders.a_client(clinic, "Rae", "Birch")
    with pytest.raises(Refused, match="within the episode"):
        actions.join_group.run(
            clinic.actor("counselor"), client=rae, group=evening, since=clock.today() - timedelta(days=60)
        )


def test_the_leader_sees_the_members_of_the_group(clinic):
    leader = builders.a_second(clinic, "counselor", "leader")
    group = groups.a_group(clinic, leader=leader)
    wren = groups.members(clinic, group, 1)[0]
    clinic.people["leader"] = leader
    with clinic.seen_by("leader"):
        assert queries.roster(groups.first_session(group)) == [wren]


def test_more_weeks_keep_the_members_seats(clinic, evening):
    wren = groups.members(clinic, evening, 1)[0]
    actions.extend_group.run(clinic.actor("program-director"), group=evening, weeks=2)
    held = sessions(evening)
    assert len(held) == 5
    assert booked(f"client:{wren.pk}") == 5 * 6
    assert [s.topic_number for s in held] == [1, 2, 3, 4, 5]


def test_cover_books_the_new_leader_and_opens_the_record_to_them_for_days(clinic, evening):
    wren = groups.members(clinic, evening, 1)[0]
    stand_in = clinic.people["stand-in"] = builders.a_second(clinic, "counselor", "stand-in")
    session = groups.first_session(evening)
    actions.cover_session.run(clinic.actor("counselor"), session=session, leader=stand_in)
    assert booked(f"staff:{stand_in.pk}") == 6
    assert booked(f"staff:{clinic.people['counselor'].pk}") == 12
    with clinic.seen_by("stand-in"):
        assert queries.roster(session) == [wren]
    with clock.at(clock.now() + timedelta(days=5)), clinic.seen_by("stand-in"):
        assert queries.roster(session) == []


def test_cover_of_this_and_following(clinic, evening):
    stand_in = builders.a_second(clinic, "counselor", "stand-in")
    _, second, _ = sessions(evening)
    actions.cover_session.run(clinic.actor("program-director"), session=second, leader=stand_in, following=True)
    assert [s.leader_id == stand_in.pk for s in sessions(evening)] == [False, True, True]


def test_calling_off_frees_everything_and_marks_nobody_absent(clinic, evening):
    wren = groups.members(clinic, evening, 1)[0]
    session = groups.first_session(evening)
    actions.call_off_session.run(clinic.actor("counselor"), session=session, reason="weather")
    assert booked(f"client:{wren.pk}") == booked(f"room:{evening.room_id}") == 2 * 6
    assert groups.marks(session) == {}
    with pytest.raises(Refused, match="did not happen"):
        actions.record_attendance.run(
            clinic.actor("counselor"), session=session, marks=[{"client": wren.pk, "mark": "present"}]
        )


def test_moving_takes_room_leader_and_seats_along_or_names_who_is_busy(clinic, evening):
    wren = groups.members(clinic, evening, 1)[0]
    session = groups.first_session(evening)
    actions.schedule_session.run(
        clinic.actor("counselor"),
        client=wren,
        sort="individual",
        leader=clinic.people["case-manager"],
        start=groups.local(clock.today(), 15),
        minutes=60,
    )
    with pytest.raises(Refused, match="Wren A.|Aldera T."):
        actions.move_session.run(clinic.actor("counselor"), session=session, start=groups.local(clock.today(), 15, 30))
    moved = actions.move_session.run(clinic.actor("counselor"), session=session, start=groups.local(clock.today(), 16))
    assert moved.minutes == 90
    with everything("test"):
        assert ledger.taken([f"client:{wren.pk}"], moved.start, moved.end)


def test_an_appointment_books_client_staff_and_room_together(clinic, wren):
    noon = groups.local(clock.today(), 12)
    made = actions.schedule_session.run(
        clinic.actor("counselor"),
        client=wren,
        sort="individual",
        leader=clinic.people["counselor"],
        start=noon,
        room=clinic.rooms[1],
    )
    assert {booked(f"client:{wren.pk}"), booked(f"room:{clinic.rooms[1].pk}")} == {4}
    rae = builders.a_client(clinic, "Rae", "Birch")
    with pytest.raises(Taken, match="Counselor Person and Office 1 are taken|Office 1 and Counselor Person are taken"):
        actions.schedule_session.run(
            clinic.actor("counselor"),
            client=rae,
            sort="individual",
            leader=clinic.people["counselor"],
            start=noon,
            room=clinic.rooms[1],
        )
    assert rosters([made]) == {made.pk: [wren.pk]}


def test_what_comes_next_for_a_client(clinic, evening):
    wren = groups.members(clinic, evening, 1)[0]
    user = builders.client_user(clinic, wren)
    clinic.people["client"] = user
    with clinic.seen_by("client", "own-request"):
        assert [s.title for s in queries.upcoming(wren)] == ["Coping Skills", "Coping Skills"]


def test_a_leader_loses_the_record_some_days_after_the_client_left_their_last_group(clinic, evening):
    leader, stranger = clinic.people["counselor"], builders.a_client(clinic, "Sol", "Reed")
    records.set_team.run(
        clinic.actor("program-director"),
        client=stranger,
        primary_counselor=builders.a_second(clinic, "counselor", "other"),
    )
    membership = actions.join_group.run(clinic.actor("program-director"), client=stranger, group=evening)
    actions.leave_group.run(clinic.actor("program-director"), membership=membership, why="Moved to mornings")
    with everything("test"):
        relations = CareTeamMember.objects.filter(client=stranger, user=leader, until=None)
        assert list(relations) == []
