"""A repair for somebody who leaves, joins, or is out of one session of the week."""

from datetime import timedelta

import pytest

from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.kernel.errors import Refused
from middleground.kernel.models import Cell, Notice
from middleground.program import actions as program
from middleground.program.models import Membership, Session
from middleground.program.queries import upcoming
from middleground.program.sheets import rosters
from middleground.timetable.actions import WeekMoved, apply_repair, undo_repair
from middleground.timetable.queries import running
from tests import builders
from tests.timetable.repairs import answer_of, group_row, proposed, seen_week
from tests.timetable.weeks import EVENINGS, a_group, a_track, book, free

pytestmark = [pytest.mark.django_db, pytest.mark.db_both, pytest.mark.usefixtures("monday_morning")]


@pytest.fixture
def evening(clinic, wren):
    """Wren in two evenings of the counselor."""
    track = a_track(clinic)
    groups = [a_group(clinic, track, "Recovery", 0), a_group(clinic, track, "Skills", 2)]
    free(clinic, wren, *EVENINGS)
    book(clinic, wren, groups, since=clock.today())
    return groups


def session(group):
    with everything("test"):
        return Session.objects.filter(group=group).order_by("start").select_related("room").first()


def cells(key, at):
    with everything("test"):
        return Cell.objects.filter(resource=key, at=at).count()


def apply(clinic, proposal, role="program-director", end="hours"):
    return apply_repair.run(clinic.actor(role), proposal=proposal, end=end)


def without(answer, client):
    for row in answer["groups"]:
        row["members"] = [name for name in row["members"] if name != f"c{client.pk}"]


def test_who_leaves_gives_back_every_seat_to_come_and_gets_it_again_by_undo(clinic, wren, evening):
    week = seen_week(clinic)
    answer = answer_of(week)
    without(answer, wren)
    proposal = proposed(clinic, week, answer, sort="leaves", who=wren.pk)
    with everything("test"):
        starts = [s.start for s in Session.objects.filter(group__in=evening)]
    apply(clinic, proposal)
    assert [cells(f"client:{wren.pk}", at) for at in starts] == [0] * len(starts)
    undo_repair.run(clinic.actor("program-director"), proposal=proposal)
    assert [cells(f"client:{wren.pk}", at) for at in starts] == [1] * len(starts)


def test_who_joins_has_a_seat_every_week_unless_a_week_was_booked_meanwhile(clinic, wren, evening):
    lark = builders.a_client(clinic, "Lark", "Birch")
    week = seen_week(clinic)
    answer = answer_of(week)
    group_row(answer, evening[0])["members"].append(f"c{lark.pk}")
    proposal = proposed(clinic, week, answer, sort="joins", who=lark.pk)
    with everything("test"):
        starts = [s.start for s in Session.objects.filter(group=evening[0])]
    apply(clinic, proposal)
    assert [cells(f"client:{lark.pk}", at) for at in starts] == [1] * len(starts)
    undo_repair.run(clinic.actor("program-director"), proposal=proposal)
    assert [cells(f"client:{lark.pk}", at) for at in starts] == [0] * len(starts)
    again = proposed(clinic, week, answer, sort="joins", who=lark.pk)
    book(clinic, lark, [evening[1]], since=clock.today())
    with pytest.raises(Refused, match="booked meanwhile"):
        apply(clinic, again)


def expected(group):
    """For each of the group's sessions by time, the clients on its list."""
    with everything("test"):
        sessions = list(Session.objects.filter(group=group).order_by("start"))
    return [rosters(sessions)[each.pk] for each in sessions]


def left_out(clinic, wren, group):
    """The proposal that Wren is out of this week's session of a group, which is held without them."""
    week = seen_week(clinic)
    answer = answer_of(week)
    group_row(answer, group)["members"] = []
    return proposed(clinic, week, answer, sort="client", who=wren.pk)


def ahead(clinic, wren, group):
    with clinic.seen_by("counselor"):
        return [each.group_id for each in upcoming(wren)].count(group.pk)


def test_who_is_out_of_one_session_is_on_no_list_of_it_and_goes_on_after(clinic, wren, evening):
    proposal, booked = left_out(clinic, wren, evening[0]), ahead(clinic, wren, evening[0])
    reader = builders.client_user(clinic, wren)
    apply(clinic, proposal)
    first = session(evening[0])
    assert expected(evening[0]) == [[], [wren.pk], [wren.pk]]
    assert ahead(clinic, wren, evening[0]) == booked - 1
    assert cells(f"client:{wren.pk}", first.start) == 0
    assert cells(f"client:{wren.pk}", first.start + timedelta(days=7)) == 1
    assert "You are not expected" in Notice.objects.filter(to=reader).latest("pk").words


def test_a_day_left_out_counts_no_seat_twice(clinic, wren, evening):
    apply(clinic, left_out(clinic, wren, evening[1]))
    with clinic.seen_by("program-director", "operations"):
        (skills,) = (each for each in running(client=wren) if each.id == evening[1].pk)
    assert (skills.taken, skills.own) == (1, True)


def test_taken_back_they_are_on_the_list_again_and_have_their_seat(clinic, wren, evening):
    proposal = left_out(clinic, wren, evening[0])
    apply(clinic, proposal)
    undo_repair.run(clinic.actor("program-director"), proposal=proposal)
    assert expected(evening[0]) == [[wren.pk]] * 3
    assert cells(f"client:{wren.pk}", session(evening[0]).start) == 1
    with everything("test"):
        assert Membership.objects.filter(client=wren, group=evening[0], until=None).count() == 1


def test_who_left_the_group_meanwhile_is_not_brought_back(clinic, wren, evening):
    proposal = left_out(clinic, wren, evening[0])
    apply(clinic, proposal)
    with everything("test"):
        held = Membership.objects.get(client=wren, group=evening[0], until=None)
    program.leave_group.run(clinic.actor("counselor"), membership=held, last_day=clock.today() + timedelta(days=7))
    with pytest.raises(WeekMoved, match="groups of Wren were changed"):
        undo_repair.run(clinic.actor("program-director"), proposal=proposal)
    assert expected(evening[0]) == [[], [wren.pk], []]
