"""Who hands a group over keeps its members' records for the last note, and no longer: unless they know them from elsewhere."""

from datetime import time, timedelta

import pytest

from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.program import actions
from middleground.program.models import Session
from middleground.program.rules import rule
from middleground.records import access
from middleground.records import actions as records
from middleground.records.models import CareTeamMember
from middleground.timetable.actions import move_group, undo_move
from tests import builders
from tests.program import groups

pytestmark = [pytest.mark.django_db, pytest.mark.db_both, pytest.mark.usefixtures("monday_morning")]


@pytest.fixture
def dana(clinic):
    return builders.a_second(clinic, "counselor", "dana")


@pytest.fixture
def robin(clinic):
    return builders.a_second(clinic, "counselor", "robin")


@pytest.fixture
def group(clinic, dana):
    """Mondays at six with Dana, from today."""
    return groups.a_group(clinic, leader=dana)


@pytest.fixture
def member(clinic, group):
    return groups.members(clinic, group, 1)[0]


def keeps(day):
    return day + timedelta(days=rule("cover")["keeps_days"])


def ends(client, user, part="group-leader"):
    """Until when somebody's relations of this part last; None: open."""
    with everything("test"):
        rows = CareTeamMember.objects.filter(client=client, user=user, part=part).order_by("pk")
        return list(rows.values_list("until", flat=True))


def knows(user, client, on):
    with clock.at(groups.local(on, 12)), everything("test"):
        return access.related(user.actor()).filter(client_id=client.pk).exists()


def cover(clinic, group, leader, at=0, following=True):
    with everything("test"):
        session = Session.objects.filter(group=group).order_by("start")[at]
    return actions.cover_session.run(
        clinic.actor("program-director"), session=session, leader=leader, following=following
    )


def move(clinic, group, leader, weekday=0):
    since = clock.today() + timedelta(days=7)
    told = {"weekday": weekday, "start_time": time(18), "room": clinic.rooms[0], "leader": leader, "since": since}
    return move_group.run(clinic.actor("program-director"), group=group, **told)


def test_the_relation_ends_some_days_after_the_last_session_that_was_theirs(clinic, group, member, dana, robin):
    today = clock.today()
    cover(clinic, group, robin, at=1)
    assert ends(member, dana) == [keeps(today)] and ends(member, robin) == [None]
    assert knows(dana, member, keeps(today)) and not knows(dana, member, keeps(today) + timedelta(days=1))
    assert knows(robin, member, keeps(today) + timedelta(days=1))


def test_handed_over_before_it_began_it_ends_some_days_from_today(clinic, group, member, dana, robin):
    cover(clinic, group, robin)
    assert ends(member, dana) == [keeps(clock.today())]


def test_covering_once_ends_nothing(clinic, group, member, dana, robin):
    cover(clinic, group, robin, following=False)
    assert ends(member, dana) == [None] and ends(member, robin, "cover") == [keeps(clock.today())]


def test_a_move_to_another_leader_ends_it_after_this_weeks_session(clinic, group, member, dana, robin):
    move(clinic, group, robin)
    assert ends(member, dana) == [keeps(clock.today())] and ends(member, robin) == [None]


def test_a_move_that_keeps_the_leader_ends_nothing(clinic, group, member, dana):
    move(clinic, group, dana, weekday=1)
    assert ends(member, dana) == [None]


def test_taken_back_they_know_each_other_again_and_the_other_no_longer(clinic, group, member, dana, robin):
    undo_move.run(clinic.actor("program-director"), move=move(clinic, group, robin))
    assert None in ends(member, dana) and ends(member, robin) == [keeps(clock.today())]


def test_a_session_moved_on_its_own_stays_with_them_and_so_does_the_record(clinic, group, member, dana, robin):
    with everything("test"):
        second = Session.objects.filter(group=group).order_by("start")[1]
    actions.move_session.run(clinic.actor("program-director"), session=second, start=second.start + timedelta(days=2))
    move(clinic, group, robin)
    assert ends(member, dana) == [keeps(clock.today() + timedelta(days=9))]


@pytest.mark.parametrize("second", [False, True])
def test_members_of_another_group_of_theirs_are_kept(clinic, group, member, dana, robin, second):
    led = {"leader": clinic.people["counselor"], "co_leader": dana} if second else {"leader": dana}
    other = groups.a_group(clinic, title="Other", weekday=2, **led)
    both, stranger = member, groups.members(clinic, group, 2)[1]
    actions.join_group.run(clinic.actor("program-director"), client=both, group=other)
    cover(clinic, group, robin)
    assert ends(both, dana) == [None] and ends(stranger, dana) == [keeps(clock.today())]


def test_a_counselor_of_their_own_stays_one(clinic, group, member, dana, robin):
    records.set_team.run(clinic.actor("program-director"), client=member, primary_counselor=dana)
    cover(clinic, group, robin)
    assert ends(member, dana, "primary-counselor") == [None] and ends(member, dana) == [keeps(clock.today())]
    assert knows(dana, member, clock.today() + timedelta(days=30))


def test_the_next_to_hand_it_over_is_let_go_in_turn(clinic, group, member, dana, robin):
    jo = builders.a_second(clinic, "counselor", "jo")
    cover(clinic, group, robin, at=1)
    with clock.at(clock.now() + timedelta(days=1)):
        cover(clinic, group, jo, at=2)
    assert ends(member, dana) == [keeps(clock.today())]
    assert ends(member, robin) == [keeps(clock.today() + timedelta(days=7))] and ends(member, jo) == [None]


def test_whose_member_left_before_is_not_asked_again(clinic, group, dana, robin):
    left, stays = groups.members(clinic, group, 2)
    with everything("test"):
        membership = left.memberships.get(group=group)
    actions.leave_group.run(clinic.actor("program-director"), membership=membership)
    until = ends(left, dana)
    with clock.at(clock.now() + timedelta(days=2)):
        cover(clinic, group, robin, at=1)
        assert ends(left, dana) == until and ends(stays, dana) == [keeps(clock.today())]
