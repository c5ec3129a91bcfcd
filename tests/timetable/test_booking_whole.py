"""A planned week booked as a whole: groups move for good and change places, people join and leave; all of it or nothing."""

from datetime import time, timedelta

import pytest

from middleground.clinic import actions as clinic_actions
from middleground.kernel import clock
from middleground.kernel.context import everything, system
from middleground.kernel.errors import NotAllowed, Refused, Stale
from middleground.kernel.models import Cell, Notice
from middleground.program import actions as program
from middleground.program.models import Group, Membership, Session
from middleground.timetable.actions import PlanOutdated, book_whole_plan, move_group, undo_move
from middleground.timetable.models import WeekPlan
from middleground.timetable.proposed import MOVE, Proposal
from middleground.timetable.whole_plan import whole
from tests import builders
from tests.timetable.repairs import group_row, next_week, proposed
from tests.timetable.weeks import EVENINGS, an_evening, book, free, next_monday

pytestmark = [pytest.mark.django_db, pytest.mark.db_both, pytest.mark.usefixtures("monday_morning")]


@pytest.fixture
def evening(clinic, wren):
    """Wren in two of three evenings."""
    groups = an_evening(clinic)
    free(clinic, wren, *EVENINGS)
    book(clinic, wren, groups[:2], since=clock.today())
    return groups


def plan(clinic, week, answer):
    return proposed(clinic, week, answer, "plan", keep="week")


def book_it(clinic, proposal, role="program-director", **facts):
    return book_whole_plan.run(clinic.actor(role), proposal=proposal, **facts)


def sessions(group):
    with everything("test"):
        return list(Session.objects.filter(group=group).order_by("start").select_related("room"))


def cells(key, at):
    with everything("test"):
        return Cell.objects.filter(resource=key, at=at).count()


def members(group):
    with everything("test"):
        return set(Membership.objects.filter(group=group, until=None).values_list("client_id", flat=True))


def test_groups_change_places_and_people_change_groups(clinic, wren, evening):
    """Recovery and Skills swap their days, which one move after the other could not; Wren goes to Process, Lark comes instead."""
    lark = builders.a_client(clinic, "Lark", "Birch")
    reader, dana = builders.client_user(clinic, wren), builders.a_second(clinic, "counselor", "dana")
    before = [sessions(each) for each in evening]
    week, answer = next_week(clinic)
    rows = [group_row(answer, each) for each in evening]
    rows[0]["start"], rows[1]["start"] = rows[1]["start"], rows[0]["start"]
    rows[2]["lead"], rows[2]["co"] = f"st{dana.pk}", rows[2]["lead"]
    rows[1]["members"], rows[2]["members"] = [f"c{lark.pk}"], [f"c{wren.pk}"]
    proposal = plan(clinic, week, answer)
    assert sessions(evening[0])[1].start == before[0][1].start, "a plan changes nothing until it is booked"
    done = book_it(clinic, proposal, "intake-coordinator", key="once")
    assert done.status == Proposal.Status.APPLIED
    held = [sessions(each) for each in evening]
    assert held[0][0].start == before[0][0].start and held[0][1].start == before[1][1].start
    assert held[1][1].start == before[0][1].start
    group = Group.objects.get(pk=evening[2].pk)
    assert (group.leader, group.co_leader_id) == (dana, clinic.people["counselor"].pk)
    assert held[2][1].leader_id == dana.pk and held[2][0].leader_id == clinic.people["counselor"].pk
    assert [members(each) for each in evening] == [{wren.pk}, {lark.pk}, {wren.pk}]
    for client, session in ((wren, held[0][1]), (lark, held[1][1]), (wren, held[2][1])):
        assert cells(f"client:{client.pk}", session.start) == 1
    with everything("test"):
        assert WeekPlan.objects.get(client=wren, status="booked").group_ids == [evening[0].pk, evening[2].pk]
        assert wren.team.filter(user=dana, part="group-leader").exists()
    told = list(Notice.objects.filter(to=reader).values_list("words", flat=True))
    assert any("A weekly session changed" in each for each in told) and not any("Recovery" in each for each in told)
    again = book_it(clinic, proposal, "intake-coordinator", key="once")
    assert again.pk == done.pk and members(evening[2]) == {wren.pk}
    with pytest.raises(Refused, match="closed already"):
        book_it(clinic, proposal)


def test_each_moved_group_is_taken_back_as_a_move(clinic, wren, evening):
    dana, before = builders.a_second(clinic, "counselor", "dana"), sessions(evening[0])[1].start
    week, answer = next_week(clinic)
    row = group_row(answer, evening[0])
    row["start"], row["co"] = "mon 17:00", f"st{dana.pk}"
    book_it(clinic, plan(clinic, week, answer))
    assert sessions(evening[0])[1].start == before - timedelta(hours=1)
    move = moves()[0]
    undo_move.run(clinic.actor("program-director"), move=move)
    group = Group.objects.get(pk=evening[0].pk)
    assert (group.start_time, group.co_leader) == (time(18), None)
    assert sessions(evening[0])[1].start == before and cells(f"client:{wren.pk}", before) == 1


def moves():
    with everything("test"):
        return list(Proposal.objects.filter(question=MOVE))


def test_a_group_that_stops_ends_and_gives_everything_back(clinic, wren, evening):
    week, answer = next_week(clinic)
    answer["groups"].remove(group_row(answer, evening[1]))
    proposal = plan(clinic, week, answer)
    assert whole(proposal).stops == [evening[1].pk] and whole(proposal).without == 0
    book_it(clinic, proposal)
    first, second = sessions(evening[1])[:2]
    assert (first.status, second.status) == ("scheduled", "did-not-happen")
    assert cells(f"room:{second.room_id}", second.start) == cells(f"client:{wren.pk}", second.start) == 0
    assert cells(f"client:{wren.pk}", first.start) == 1
    assert Group.objects.get(pk=evening[1].pk).ends_on == next_monday() - timedelta(days=1)
    assert members(evening[1]) == set()


def test_a_talk_of_the_week_is_made(clinic, wren, evening):
    week, answer = next_week(clinic)
    counselor = f"st{clinic.people['counselor'].pk}"
    answer["sessions"].append({"client": f"c{wren.pk}", "kind": "individual", "start": "tue 10:00", "staff": counselor,
                               "room": f"r{clinic.rooms[1].pk}"})  # fmt: skip
    book_it(clinic, plan(clinic, week, answer))
    with everything("test"):
        made = Session.objects.get(client=wren)
    assert made.start.date() == next_monday() + timedelta(days=1) and cells(f"client:{wren.pk}", made.start) == 1


def moved_plan(clinic, group, start="mon 17:00"):
    week, answer = next_week(clinic)
    group_row(answer, group)["start"] = start
    return plan(clinic, week, answer)


def nothing_changed(proposal, group):
    with everything("test"):
        proposal.refresh_from_db()
    assert proposal.is_open and Group.objects.get(pk=group.pk).start_time == time(18)
    assert not [move for move in moves() if move.asked["group"] == group.pk]


def test_what_somebody_changed_meanwhile_refuses_the_whole_and_is_told(clinic, wren, evening):
    proposal = moved_plan(clinic, evening[0])
    other = builders.a_second(clinic, "counselor", "robin")
    with everything("test"):
        session = sessions(evening[0])[1]
    program.cover_session.run(clinic.actor("program-director"), session=session, leader=other)
    lark = builders.a_client(clinic, "Lark", "Birch")
    book(clinic, lark, [evening[0]], since=clock.today())
    free(clinic, wren, *EVENINGS, "fri 17:00-21:00")
    with clock.at(clock.now() + timedelta(minutes=1)):
        free(clinic, wren, *EVENINGS)
    with pytest.raises(PlanOutdated) as no:
        book_it(clinic, proposal)
    told = " ".join(no.value.lines)
    assert "Recovery is now on" in told and "with Robin" in told
    assert "Recovery: 1 joined." in told and f"Other times were given for {wren.short}" in told
    nothing_changed(proposal, evening[0])


def test_what_the_ledger_holds_by_then_refuses_the_whole(clinic, wren, evening):
    """A room taken three weeks on, of which the plan of one week knows nothing, and a second change that would have fitted."""
    week, answer = next_week(clinic)
    group_row(answer, evening[0])["start"] = "mon 17:00"
    answer["groups"].remove(group_row(answer, evening[1]))
    proposal = plan(clinic, week, answer)
    later = sessions(evening[0])[2].start - timedelta(hours=1)
    dana = builders.a_second(clinic, "counselor", "dana")
    program.schedule_session.run(clinic.actor("counselor"), client=wren, sort="individual", start=later, leader=dana)
    with pytest.raises(PlanOutdated, match="has something else"):
        book_it(clinic, proposal)
    nothing_changed(proposal, evening[0])
    assert Group.objects.get(pk=evening[1].pk).ends_on is None and members(evening[1]) == {wren.pk}


def test_what_cannot_be_booked_is_known_before(clinic, wren, evening):
    with everything("test"):
        session = sessions(evening[0])[1]
    program.move_session.run(
        clinic.actor("program-director"), session=session, start=session.start - timedelta(hours=2)
    )
    covered, robin = sessions(evening[1])[1], builders.a_second(clinic, "counselor", "robin")
    program.cover_session.run(clinic.actor("program-director"), session=covered, leader=robin)
    week, answer = next_week(clinic)
    group_row(answer, evening[1])["lead"] = f"st{builders.a_second(clinic, 'counselor', 'dana').pk}"
    found = whole(plan(clinic, week, answer))
    assert "Skills: who leads it" in found.stays[0] and not found.blocked and not found.anything
    group_row(answer, evening[0])["start"] = "tue 17:00"
    blocked = plan(clinic, week, answer)
    assert "moved on its own" in whole(blocked).blocked[0]
    with pytest.raises(Refused, match="moved on its own"):
        book_it(clinic, blocked)
    answer["groups"].append({**group_row(answer, evening[2]), "id": "g99999"})
    assert any("opens a group" in each for each in whole(plan(clinic, week, answer)).blocked)


def test_who_may_and_when(clinic, wren, evening):
    proposal = moved_plan(clinic, evening[0])
    with pytest.raises(NotAllowed):
        book_it(clinic, proposal, "counselor")
    with pytest.raises(Stale):
        book_it(clinic, proposal, seen_version=proposal.version + 1)
    elsewhere = clinic_actions.open_site.run(system("test"), name="South", hours=["mon 08:00-20:00"])
    other = clinic_actions.add_user.run(system("test"), username="south", name="South", password=builders.PASSWORD,
                                        roles=["intake-coordinator"], site_ids=[elsewhere.pk])  # fmt: skip
    with pytest.raises(Refused):
        book_whole_plan.run(other.actor(), proposal=proposal)
    with clock.at(clock.now() + timedelta(days=7)), pytest.raises(Refused, match="has begun"):
        book_it(clinic, proposal)
    book_it(clinic, proposal, seen_version=proposal.version)
    assert move_group.might(clinic.actor("program-director")) == book_whole_plan.might(clinic.actor("program-director"))
