"""Who has no primary counselor gets the one the planned week chose, shown before, when their week is booked."""

from datetime import timedelta

import pytest
from django.urls import reverse

from middleground.clinic import actions as clinic_actions
from middleground.kernel import clock
from middleground.kernel.context import everything, system
from middleground.kernel.errors import Refused
from middleground.kernel.models import AuditEntry, Notice
from middleground.program import actions as program
from middleground.program.models import Session
from middleground.records import actions as records
from middleground.records.models import CareTeamMember
from middleground.timetable.actions import (
    book_planned_week,
    book_whole_plan,
    set_availability,
    undo_whole_plan,
)
from middleground.timetable.whole_plan import whole
from tests import builders
from tests.faces.planners import counted, followed
from tests.timetable.repairs import group_row, next_week, proposed
from tests.timetable.weeks import EVENINGS, an_evening, book, free, next_monday

pytestmark = [pytest.mark.django_db, pytest.mark.db_both, pytest.mark.usefixtures("monday_morning")]
NEWS = "You have a new client on your caseload."


@pytest.fixture
def evening(clinic, wren):
    groups = an_evening(clinic)
    free(clinic, wren, *EVENINGS)
    book(clinic, wren, groups[:2], since=clock.today())
    return groups


def without_a_counselor(clinic, first, last):
    made = builders.a_client(clinic, first, last, admitted=False)
    builders._open.run(system("test"), client=made)
    times = [{"at": at, "cost": 0} for at in (*EVENINGS, "tue 08:00-20:00")]
    set_availability.run(clinic.actor("intake-coordinator"), client=made, intervals=times, travel={})
    return made


@pytest.fixture
def lark(clinic, evening):
    """Lark sits in Recovery and has no counselor."""
    made = without_a_counselor(clinic, "Lark", "Birch")
    with everything("test"):
        episode = made.episodes.get()
    program.join_group.run(system("test"), client=made, group=evening[0], since=clock.today(), episode=episode)
    return made


@pytest.fixture
def dana(clinic):
    return builders.a_second(clinic, "counselor", "dana")


def plan(clinic, chosen, keep="groups", joins=(), talks=()):
    """`chosen`: client -> the counselor the planner chose."""
    (week, answer), office = next_week(clinic), f"r{clinic.rooms[1].pk}"
    for client, group in joins:
        group_row(answer, group)["members"].append(f"c{client.pk}")
    answer["sessions"] = [
        {"client": f"c{client.pk}", "kind": "individual", "start": "tue 10:00", "staff": f"st{user.pk}", "room": office}
        for client, user in talks
    ]
    answer["counselors"] = {f"c{client.pk}": f"st{user.pk}" for client, user in chosen}
    return proposed(clinic, week, answer, "plan", keep=keep)


def book_it(clinic, proposal, client):
    return book_planned_week.run(clinic.actor("intake-coordinator"), proposal=proposal, client=client)


def book_whole(clinic, proposal):
    return book_whole_plan.run(clinic.actor("intake-coordinator"), proposal=proposal)


def counselors(client):
    with everything("test"):
        team = CareTeamMember.objects.filter(client=client, part="primary-counselor", until=None)
        return list(team.values_list("user_id", flat=True))


def team_of(client):
    with everything("test"):
        return list(client.team.values_list("user_id", "part", "until"))


def shown(browser, clinic, proposal):
    browser.force_login(clinic.people["intake-coordinator"])
    return counted(browser, reverse("planner-proposal", args=[proposal.pk]))


def told(user, words=NEWS):
    return Notice.objects.filter(to=user, words=words)


def test_the_instance_asks_for_one_among_those_who_work_as_counselor(clinic, lark, dana):
    week, _ = next_week(clinic)
    rows = {row["id"]: row for table in ("clients", "staff") for row in week.data[table]}
    assert rows[f"c{lark.pk}"]["counselor"] is None
    assert rows[f"st{dana.pk}"]["caseload"] == 20
    assert rows[f"st{clinic.people['program-director'].pk}"]["caseload"] == 0


def test_the_planner_chooses_one_and_the_page_says_so(client, clinic, lark):
    """Not the director, who may hold sessions and has nobody on the caseload."""
    client.force_login(clinic.people["intake-coordinator"])
    asked = {"site": clinic.site.pk, "week": next_monday().isoformat(), "keep": "groups"}
    page = followed(client, client.post(reverse("planner-week"), asked)).content.decode()
    assert "Primary counselor: Counselor Person.<br>" in page


def test_the_page_shows_who_is_chosen(client, clinic, lark, dana, evening):
    proposal = plan(clinic, [(lark, dana)], joins=[(lark, evening[2])], talks=[(lark, dana)])
    page = shown(client, clinic, proposal)
    assert "Joins Process, Thursday 6:00 pm.<br>" in page and "Primary counselor: Dana.<br>" in page
    assert "1 person with a primary counselor, who had none" in page


def test_a_week_that_is_booked_comes_with_the_counselor(client, clinic, lark, dana, evening):
    proposal = plan(clinic, [(lark, dana)], joins=[(lark, evening[2])], talks=[(lark, dana)])
    assert counselors(lark) == []
    done = book_it(clinic, proposal, lark)
    assert counselors(lark) == [dana.pk] and done.status == "applied"
    assert told(dana).get().url == f"/clients/{lark.pk}/"
    with everything("test"):
        entry = AuditEntry.objects.get(verb="Give a client a primary counselor")
        assert (entry.words, entry.client_id) == ("Dana became primary counselor", lark.pk)
        assert Session.objects.get(client=lark).leader_id == dana.pk
    assert "Primary counselor: Dana." in shown(client, clinic, done)


def test_a_counselor_may_be_all_that_a_plan_changes(client, clinic, lark, dana, evening):
    proposal = plan(clinic, [(lark, dana)])
    page = shown(client, clinic, proposal)
    assert "1 week changes." in page and f'value="{lark.pk}" checked' in page
    book_it(clinic, proposal, lark)
    assert counselors(lark) == [dana.pk]


@pytest.mark.parametrize("keep", ["groups", "week"])
def test_somebody_elses_client_by_now_stays_theirs(client, clinic, lark, dana, evening, keep):
    proposal = plan(clinic, [(lark, dana)], keep, joins=[(lark, evening[2])])
    other = clinic.people["counselor"]
    records.set_team.run(clinic.actor("program-director"), client=lark, primary_counselor=other)
    assert "Primary counselor" not in shown(client, clinic, proposal) and not whole(proposal).counselors
    if keep == "groups":
        book_it(clinic, proposal, lark)
    else:
        book_whole(clinic, proposal)
    assert counselors(lark) == [other.pk] and not told(dana).exists()


def test_who_must_not_meet_them_or_works_otherwise_by_now_is_not_given(client, clinic, lark, dana, evening):
    """And nothing says why: it is as if the plan had chosen nobody."""
    robin = without_a_counselor(clinic, "Robin", "Elm")
    other = builders.a_second(clinic, "counselor", "remy")
    proposal = plan(clinic, [(lark, dana), (robin, other)], joins=[(lark, evening[2]), (robin, evening[2])])
    records.keep_apart.run(clinic.actor("intake-coordinator"), client=lark, staff=dana)
    clinic_actions.set_roles.run(system("test"), user=other, roles=["prescriber"])
    assert "Primary counselor" not in shown(client, clinic, proposal)
    for person in (lark, robin):
        book_it(clinic, proposal, person)
        assert counselors(person) == []
    assert not told(dana).exists()


def test_who_has_nothing_in_the_week_gets_nobody(clinic, lark, dana, evening):
    robin = without_a_counselor(clinic, "Robin", "Elm")
    assert whole(plan(clinic, [(robin, dana)])).counselors == {}


def test_the_whole_plan_gives_counselors_and_takes_them_back(clinic, lark, dana, evening):
    proposal = plan(clinic, [(lark, dana)], "week", joins=[(lark, evening[2])])
    done = book_whole(clinic, proposal)
    assert counselors(lark) == [dana.pk] and told(dana).exists()
    assert done.done["counselors"] == [{"client": lark.pk, "user": dana.pk}]
    back = undo_whole_plan.run(clinic.actor("intake-coordinator"), proposal=done)
    assert (counselors(lark), back.done["stays"]) == ([], [])
    assert told(dana, "Your caseload changed. Please look at it.").exists()
    again = plan(clinic, [(lark, dana)], "week", joins=[(lark, evening[2])])
    book_whole(clinic, again)
    assert counselors(lark) == [dana.pk]


def test_only_counselors_are_a_plan_to_book_as_a_whole(clinic, lark, dana):
    done = book_whole(clinic, plan(clinic, [(lark, dana)], "week"))
    assert done.status == "applied" and counselors(lark) == [dana.pk]


def test_a_counselor_who_was_changed_since_stays(clinic, lark, dana, evening):
    done = book_whole(clinic, plan(clinic, [(lark, dana)], "week", joins=[(lark, evening[2])]))
    other = clinic.people["counselor"]
    records.set_team.run(clinic.actor("program-director"), client=lark, primary_counselor=other)
    back = undo_whole_plan.run(clinic.actor("intake-coordinator"), proposal=done)
    assert back.done["stays"] == [f"{lark.short}: somebody changed who their counselor is."]
    assert counselors(lark) == [other.pk]


def test_a_counselor_stays_with_the_appointment_that_stays(clinic, lark, dana, evening):
    done = book_whole(clinic, plan(clinic, [(lark, dana)], "week", joins=[(lark, evening[2])], talks=[(lark, dana)]))
    with everything("test"):
        talk = Session.objects.get(client=lark)
    program.move_session.run(clinic.actor("program-director"), session=talk, start=talk.start + timedelta(hours=1))
    back = undo_whole_plan.run(clinic.actor("intake-coordinator"), proposal=done)
    assert back.done["stays"][-1] == f"{lark.short}: so their counselor stays, too." and counselors(lark) == [dana.pk]


def test_one_is_given_only_where_there_is_none_and_to_no_one_else(clinic, wren, lark, dana):
    actor = clinic.actor("program-director")
    with pytest.raises(Refused, match="Wren has a primary counselor"):
        records.give_counselor.run(actor, client=wren, counselor=dana)
    with pytest.raises(Refused, match="does not work as counselor"):
        records.give_counselor.run(actor, client=lark, counselor=clinic.people["prescriber"])
    assert counselors(wren) == [clinic.people["counselor"].pk] and counselors(lark) == []
    before = set(team_of(wren))
    records.give_counselor.run(actor, client=lark, counselor=dana)
    assert counselors(lark) == [dana.pk] and set(team_of(wren)) == before
