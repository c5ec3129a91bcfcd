"""People's weeks booked out of a plan: they join and leave what it says, and everything it does not hold stays as it is."""

from datetime import timedelta

import pytest
from django.urls import reverse

from middleground.clinic import actions as clinic_actions
from middleground.kernel import clock
from middleground.kernel.context import everything, system
from middleground.kernel.errors import Refused
from middleground.kernel.models import Cell
from middleground.program import actions as program
from middleground.program.models import Membership, Session
from middleground.timetable.actions import book_planned_week, book_whole_plan
from middleground.timetable.models import WeekPlan
from middleground.timetable.whole_plan import whole
from tests import builders
from tests.timetable.repairs import group_row, next_week, proposed
from tests.timetable.weeks import EVENINGS, a_group, a_track, an_evening, another_site, book, free, next_monday

pytestmark = [pytest.mark.django_db, pytest.mark.db_both, pytest.mark.usefixtures("monday_morning")]


@pytest.fixture
def evening(clinic, wren):
    """Wren in Recovery and Skills, of three evenings."""
    groups = an_evening(clinic)
    free(clinic, wren, *EVENINGS, "tue 08:00-20:00")
    book(clinic, wren, groups[:2], since=clock.today())
    return groups


def sessions(group):
    with everything("test"):
        return list(Session.objects.filter(group=group).order_by("start"))


def led_by_somebody_away(clinic, wren):
    dana = builders.a_second(clinic, "counselor", "dana")
    group = a_group(clinic, a_track(clinic, "Midday"), "Tuesday", 1, hour=12, leader=dana, room=None)
    day = next_monday() + timedelta(days=1)
    clinic_actions.record_staff_absence.run(system("test"), user=dana, first=day, last=day)
    return group


def not_held_that_week(clinic, wren):
    group = a_group(clinic, a_track(clinic, "Midday"), "Tuesday", 1, hour=12)
    program.call_off_session.run(clinic.actor("program-director"), session=sessions(group)[1], reason="weather")
    return group


def at_another_site(clinic, wren):
    south = another_site(clinic)
    return a_group(south, a_track(south, "Midday"), "Tuesday", 1, hour=12, room=None)


BESIDE = [led_by_somebody_away, not_held_that_week, at_another_site]


def members(group):
    with everything("test"):
        return set(Membership.objects.filter(group=group, until=None).values_list("client_id", flat=True))


@pytest.fixture(params=BESIDE, ids=lambda each: each.__name__)
def beside(request, clinic, wren, evening):
    """A group of Wren's that next week's plan does not hold."""
    group = request.param(clinic, wren)
    with everything("test"):
        episode = wren.episodes.get()
    program.join_group.run(system("test"), client=wren, group=group, since=clock.today(), episode=episode)
    return group


def changing_groups(clinic, wren, evening, **asked):
    """Wren goes to Process instead of Skills."""
    week, answer = next_week(clinic)
    group_row(answer, evening[1])["members"], group_row(answer, evening[2])["members"] = [], [f"c{wren.pk}"]
    return proposed(clinic, week, answer, "plan", **{"keep": "groups"} | asked)


def test_groups_that_a_plan_does_not_hold_stay(clinic, wren, evening, beside):
    proposal = changing_groups(clinic, wren, evening)
    assert f"g{beside.pk}" not in {row["id"] for row in proposal.standing["current"]["groups"]}
    book_planned_week.run(clinic.actor("intake-coordinator"), proposal=proposal, client=wren)
    assert [wren.pk in members(each) for each in (*evening, beside)] == [True, False, True, True]
    with everything("test"):
        plan = WeekPlan.objects.get(client=wren, status="booked")
        held = Cell.objects.filter(resource=f"client:{wren.pk}", at=sessions(beside)[2].start)
        assert held.count() == 1 and plan.since == next_monday()
    assert plan.group_ids == [evening[0].pk, beside.pk, evening[2].pk] and plan.week["minutes"] == 540


def test_the_page_says_what_stays(client, clinic, wren, evening, beside):
    proposal = changing_groups(clinic, wren, evening)
    client.force_login(clinic.people["intake-coordinator"])
    page = client.get(reverse("planner-proposal", args=[proposal.pk])).content.decode()
    assert "Joins Process, Thursday 6:00 pm." in page and "Leaves Skills, Wednesday 6:00 pm." in page
    assert (page.count("Leaves"), page.count("Stays in")) == (1, 1)
    assert "Stays in Tuesday, Tuesday 12:00 pm, which is not in this plan." in page


def test_the_whole_plan_keeps_them_too_and_in_the_week_on_the_chart(clinic, wren, evening, beside):
    proposal = changing_groups(clinic, wren, evening, keep="week")
    book_whole_plan.run(clinic.actor("intake-coordinator"), proposal=proposal)
    assert [wren.pk in members(each) for each in (*evening, beside)] == [True, False, True, True]
    with everything("test"):
        plan = WeekPlan.objects.get(client=wren, status="booked")
    assert plan.group_ids == [evening[0].pk, beside.pk, evening[2].pk]


def test_whoever_stays_in_such_a_group_is_not_without_one(clinic, wren, evening, beside):
    week, answer = next_week(clinic)
    for each in evening:
        group_row(answer, each)["members"] = []
    proposal = proposed(clinic, week, answer, "plan", keep="groups")
    assert whole(proposal).without == 0
    book_planned_week.run(clinic.actor("intake-coordinator"), proposal=proposal, client=wren)
    assert [wren.pk in members(each) for each in (*evening, beside)] == [False, False, False, True]


def test_whoever_would_be_in_no_group_is_not_booked(clinic, wren, evening):
    week, answer = next_week(clinic)
    for each in evening:
        group_row(answer, each)["members"] = []
    proposal = proposed(clinic, week, answer, "plan", keep="groups")
    assert whole(proposal).without == 1
    with pytest.raises(Refused, match="The plan has no group for"):
        book_planned_week.run(clinic.actor("intake-coordinator"), proposal=proposal, client=wren)
    assert members(evening[0]) == {wren.pk}


def test_who_is_only_in_such_a_group_gets_the_appointment_of_the_plan(clinic, evening):
    lark = builders.a_client(clinic, "Lark", "Birch")
    free(clinic, lark, *EVENINGS, "tue 08:00-20:00")
    group = not_held_that_week(clinic, lark)
    book(clinic, lark, [group], since=clock.today())
    week, answer = next_week(clinic)
    counselor = f"st{clinic.people['counselor'].pk}"
    answer["sessions"] = [
        {"client": f"c{lark.pk}", "kind": "individual", "start": "tue 17:00", "staff": counselor, "room": None}
    ]
    proposal = proposed(clinic, week, answer, "plan", keep="groups")
    done = book_planned_week.run(clinic.actor("intake-coordinator"), proposal=proposal, client=lark)
    assert done.status == "applied" and members(group) == {lark.pk}
    with everything("test"):
        assert Session.objects.filter(client=lark).count() == 1


def test_who_has_nothing_in_the_plan_has_nothing_to_book(clinic, wren, evening):
    robin = builders.a_client(clinic, "Robin", "Elm")
    with pytest.raises(Refused, match="The plan has no group for Robin"):
        book_planned_week.run(
            clinic.actor("intake-coordinator"), proposal=changing_groups(clinic, wren, evening), client=robin
        )


def test_a_group_they_would_be_in_for_some_weeks_more_ends_when_the_plan_says_so(clinic, wren, evening):
    with everything("test"):
        episode = wren.episodes.get()
    program.join_group.run(
        clinic.actor("counselor"), client=wren, group=evening[2], since=clock.today(), episode=episode,
        until=next_monday() + timedelta(days=10),
    )  # fmt: skip
    week, answer = next_week(clinic)
    group_row(answer, evening[2])["members"] = []
    proposal = proposed(clinic, week, answer, "plan", keep="groups")
    book_planned_week.run(clinic.actor("intake-coordinator"), proposal=proposal, client=wren)
    with everything("test"):
        assert Membership.objects.get(group=evening[2]).until == next_monday() - timedelta(days=1)


def test_a_seat_that_the_plan_frees_is_taken(client, clinic, wren):
    """Skills has one seat: Lark goes there in Wren's place, though Wren sits there until Sunday, and is chosen before Wren."""
    recovery, skills, process = an_evening(clinic, capacity=1)
    lark = builders.a_client(clinic, "Lark", "Birch")
    for person, group in ((wren, skills), (lark, recovery)):
        free(clinic, person, *EVENINGS)
        book(clinic, person, [group], since=clock.today())
    week, answer = next_week(clinic)
    rows = [group_row(answer, each) for each in (recovery, skills, process)]
    rows[0]["members"], rows[1]["members"], rows[2]["members"] = [], [f"c{lark.pk}"], [f"c{wren.pk}"]
    proposal = proposed(clinic, week, answer, "plan", keep="groups")
    client.force_login(clinic.people["intake-coordinator"])
    url = reverse("planner-proposal", args=[proposal.pk])
    page = client.post(url, {"do": "book", "client": [lark.pk, wren.pk]}, follow=True).content.decode()
    assert "2 weeks are booked" in page
    assert [members(each) for each in (recovery, skills, process)] == [set(), {lark.pk}, {wren.pk}]
