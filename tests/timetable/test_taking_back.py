"""A planned week booked as a whole is taken back as a whole, as far as nobody changed anything since; what stays is named."""

from datetime import timedelta

import pytest

from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.kernel.errors import NotAllowed, Refused, Stale
from middleground.kernel.models import Cell, Notice
from middleground.program import actions as program
from middleground.program.models import Group, Membership, Session
from middleground.timetable.actions import book_whole_plan, look_at_week, move_group, undo_move, undo_whole_plan
from middleground.timetable.models import WeekPlan
from middleground.timetable.proposed import MOVE, Proposal
from tests import builders
from tests.timetable.repairs import answer_of, group_row, proposed
from tests.timetable.weeks import EVENINGS, an_evening, book, free, next_monday

pytestmark = [pytest.mark.django_db, pytest.mark.db_both, pytest.mark.usefixtures("monday_morning")]


@pytest.fixture
def evening(clinic, wren):
    """Wren in Recovery and Skills, of three evenings."""
    groups = an_evening(clinic)
    free(clinic, wren, *EVENINGS, "tue 08:00-18:00")
    book(clinic, wren, groups[:2], since=clock.today())
    return groups


@pytest.fixture
def lark(clinic, evening):
    """Lark in all three."""
    person = builders.a_client(clinic, "Lark", "Birch")
    free(clinic, person, *EVENINGS)
    book(clinic, person, evening, since=clock.today())
    return person


@pytest.fixture
def booked(clinic, wren, lark, evening):
    """Recovery and Process change places, Process with another leader; Skills stops; Wren goes to Process and has a talk."""
    dana = builders.a_second(clinic, "counselor", "dana")
    director = clinic.actor("program-director")
    week = look_at_week.run(director, site_id=clinic.site.pk, week=next_monday())
    answer = answer_of(week)
    recovery, skills, process = (group_row(answer, each) for each in evening)
    recovery["start"], process["start"] = process["start"], recovery["start"]
    process["lead"] = f"st{dana.pk}"
    process["members"] = [f"c{wren.pk}", f"c{lark.pk}"]
    answer["groups"].remove(skills)
    answer["sessions"].append(
        {
            "client": f"c{wren.pk}",
            "kind": "individual",
            "start": "tue 10:00",
            "staff": f"st{clinic.people['counselor'].pk}",
            "room": f"r{clinic.rooms[1].pk}",
        }  # fmt: skip
    )
    proposal = proposed(clinic, week, answer, "plan", keep="week")
    before = stands(clinic)
    book_whole_plan.run(director, proposal=proposal)
    assert stands(clinic) != before
    return proposal, before


def stands(clinic):
    """Groups, sessions, who is in what until when, weeks in force and what the ledger holds: all that booking a plan changes."""
    with everything("test"):
        return {
            "groups": list(
                Group.objects.order_by("pk").values_list("pk", "weekday", "start_time", "leader", "ends_on")
            ),
            "sessions": list(
                Session.objects.exclude(group=None)
                .order_by("pk")
                .values_list("pk", "start", "room", "leader", "status")
            ),
            "talks": Session.objects.filter(group=None, status="scheduled").count(),
            "members": sorted(Membership.objects.filter(until=None).values_list("client", "group")),
            "weeks": sorted(WeekPlan.objects.filter(status="booked").values_list("client", "pk")),
            "cells": sorted(Cell.objects.values_list("resource", "at")),
        }


def take_back(clinic, proposal, role="program-director", **facts):
    return undo_whole_plan.run(clinic.actor(role), proposal=proposal, **facts)


def test_all_of_it_is_as_it_was(clinic, wren, booked):
    proposal, before = booked
    reader = builders.client_user(clinic, wren)
    done = take_back(clinic, proposal, "intake-coordinator")
    assert (done.status, done.done["stays"]) == (Proposal.Status.UNDONE, [])
    assert stands(clinic) == before
    with everything("test"):
        assert {move.status for move in Proposal.objects.filter(question=MOVE)} == {Proposal.Status.UNDONE}
        assert wren.team.filter(user=clinic.people["counselor"], part="group-leader", until=None).exists()
        assert Notice.objects.filter(to=reader).exists()
    with pytest.raises(Refused, match="Only a plan that was booked as a whole"):
        take_back(clinic, proposal)


def test_a_group_that_was_moved_on_stays_and_is_named(clinic, evening, booked):
    proposal, before = booked
    room, leader = evening[0].room, evening[0].leader
    group = Group.objects.get(pk=evening[0].pk)
    at = group.start_time.replace(hour=17)
    move_group.run(
        clinic.actor("program-director"), group=group, weekday=4, start_time=at, room=room, leader=leader,
        since=next_monday(),
    )  # fmt: skip
    done = take_back(clinic, proposal)
    assert done.done["stays"] == [
        f"Recovery: moved again since, it is on Fridays at 5:00 pm in {room.name} with {leader.name}."
    ]
    now = stands(clinic)
    assert now["groups"][0] != before["groups"][0] and now["groups"][1:] == before["groups"][1:]
    assert now["members"] == before["members"] and now["weeks"] == before["weeks"] and now["talks"] == 0


def test_who_has_another_week_by_now_stays_there(clinic, wren, evening, booked):
    proposal, before = booked
    book(clinic, wren, [evening[2]], since=next_monday())
    with everything("test"):
        chosen = WeekPlan.objects.get(client=wren, status="booked").pk
    done = take_back(clinic, proposal)
    assert done.done["stays"] == [f"{wren.short}: another week was booked since."]
    now = stands(clinic)
    assert (wren.pk, chosen) in now["weeks"] and (wren.pk, evening[1].pk) not in now["members"]
    assert now["groups"] == before["groups"] and now["sessions"] == before["sessions"]


def test_an_appointment_that_was_moved_stays(clinic, wren, booked):
    proposal, before = booked
    with everything("test"):
        talk = Session.objects.get(client=wren)
    program.move_session.run(clinic.actor("program-director"), session=talk, start=talk.start + timedelta(hours=1))
    done = take_back(clinic, proposal)
    assert "somebody changed the appointment since" in done.done["stays"][0] and wren.short in done.done["stays"][0]
    now = stands(clinic)
    assert now["talks"] == 1 and now["sessions"] == before["sessions"]


def test_a_place_that_was_taken_meanwhile_keeps_the_group_where_it_is(clinic, wren, lark, evening, booked):
    """Skills stopped, and somebody has its room by now: it stays stopped, and so do those who were in it, but no more."""
    proposal, before = booked
    at = next(
        s for s in before["sessions"] if s[2] and s[0] in ids(evening[1]) and s[1] > clock.now() + timedelta(days=7)
    )
    robin = builders.a_client(clinic, "Robin", "Elm")
    dana = clinic.people["program-director"]
    program.schedule_session.run(
        clinic.actor("counselor"), client=robin, sort="individual", start=at[1], leader=dana, room=evening[1].room
    )
    done = take_back(clinic, proposal)
    told = " ".join(done.done["stays"])
    assert "Skills: " in told and evening[1].room.name in told
    assert f"{wren.short}: Skills is not held again." in told and f"{lark.short}: Skills is not held again." in told
    now = stands(clinic)
    assert now["groups"][1][4] is not None and (now["groups"][0], now["groups"][2]) == (
        before["groups"][0],
        before["groups"][2],
    )


def ids(group):
    with everything("test"):
        return set(Session.objects.filter(group=group).values_list("pk", flat=True))


def test_moves_taken_back_one_by_one_are_left_out(clinic, wren, booked):
    proposal, before = booked
    with everything("test"):
        moves = list(Proposal.objects.filter(question=MOVE))
    with pytest.raises(Refused):  # they changed places: neither goes back alone
        undo_move.run(clinic.actor("program-director"), move=moves[0])
    take_back(clinic, proposal)
    assert stands(clinic) == before


def test_who_may_and_until_when(clinic, booked):
    proposal, _ = booked
    with pytest.raises(NotAllowed):
        take_back(clinic, proposal, "counselor")
    with pytest.raises(Stale):
        take_back(clinic, proposal, seen_version=proposal.version + 9)
    with clock.at(clock.now() + timedelta(days=7)), pytest.raises(Refused, match="This week has begun"):
        take_back(clinic, proposal)
