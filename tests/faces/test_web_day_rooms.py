"""The room-day board: what each room holds and what stays free, what is said of the day, and a repair applied where it is seen."""

from datetime import datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from middleground.admissions import actions as admissions
from middleground.clinic import actions as clinic_actions
from middleground.clinic.models import Site
from middleground.kernel import clock
from middleground.kernel.context import everything, system
from middleground.program import actions as program
from middleground.program.models import Session
from middleground.timetable.actions import move_group
from tests import builders
from tests.admissions.people import asking
from tests.asking import asked
from tests.timetable.repairs import answer_of, group_row, proposed, seen_week
from tests.timetable.weeks import EVENINGS, a_group, a_track, book, free

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]
URL = reverse("day-rooms")


@pytest.fixture
def evening(clinic, wren):
    """Wren in an evening of the counselor, in Maple from six to nine."""
    group = a_group(clinic, a_track(clinic), "Recovery", 0)
    free(clinic, wren, *EVENINGS)
    book(clinic, wren, [group], since=clock.today())
    return group


def board(client, clinic, role="intake-coordinator", **more):
    client.force_login(clinic.people[role])
    answer = client.get(URL, more)
    assert answer.status_code == 200
    return answer.content.decode()


def at(hour, minute=0):
    return timezone.make_aware(datetime.combine(clock.today(), time(hour, minute)))


def session(group):
    with everything("test"):
        return Session.objects.filter(group=group).order_by("start").first()


def a_repair(clinic, group, both=False, **what):
    """Dana leads instead; with `both` ends, the fewest changes are that it is called off."""
    week = seen_week(clinic)
    answer, fewest = answer_of(week), answer_of(week)
    dana = builders.a_second(clinic, "counselor", "dana")
    group_row(answer, group)["lead"] = f"st{dana.pk}"
    fewest["groups"] = [row for row in fewest["groups"] if row["id"] != f"g{group.pk}"]
    fewest["levels"][0]["value"] = 1
    day = {"start": at(0).isoformat(), "end": (at(0) + timedelta(days=1)).isoformat()}
    return proposed(clinic, week, answer, fewest=fewest if both else None, **(day | what)), dana


def test_a_room_with_nothing_in_it_is_free_all_day(client, clinic, evening):
    page = board(client, clinic)
    assert "Office 1" in page
    assert "<strong>Free</strong> 7:00 am to 10:00 pm" in page
    assert "1 room stays free" in page


def test_a_session_stands_in_its_room_with_leader_and_seats(client, clinic, evening):
    page = board(client, clinic)
    assert reverse("session", args=[session(evening).pk]) in page
    assert "Counselor Person · 1 of 8 seats" in page
    assert "<strong>Free</strong> 7:00 am to 6:00 pm, 9:00 to 10:00 pm" in page
    assert "Wren" not in page


@pytest.mark.parametrize("role", ["counselor", "program-director", "case-manager", "prescriber", "intake-coordinator"])
def test_whoever_sees_the_day_sees_its_rooms(client, clinic, evening, role):
    assert "Recovery" in board(client, clinic, role)
    assert URL in client.get(reverse("day")).content.decode()


@pytest.mark.parametrize("role", ["biller", "compliance-officer", "administrator"])
def test_others_are_turned_away(client, clinic, role):
    client.force_login(clinic.people[role])
    assert client.get(URL).status_code == 403


def test_what_is_held_by_video_has_a_lane_of_its_own(client, clinic, evening):
    assert "By video" not in board(client, clinic)
    for n in range(4):
        leader = builders.a_second(clinic, "counselor", f"leader{n}")
        a_group(clinic, a_track(clinic, f"Video {n}"), f"By screen {n}", 0, 10, room=None, leader=leader)
    page = board(client, clinic)
    assert "By video, 1" in page and "By video, 2" in page
    assert page.count("By screen") == 4


def test_called_off_held_and_changed_are_said_in_words(client, clinic, evening):
    robin = builders.a_second(clinic, "counselor", "robin")
    birch = clinic_actions.add_room.run(system("test"), site=clinic.site, name="Birch", use="group", seats=12)
    off = a_group(clinic, evening.track, "Noon", 0, 12, minutes=60, room=birch)
    program.call_off_session.run(clinic.actor("counselor"), session=session(off), reason="weather")
    program.cover_session.run(clinic.actor("program-director"), session=session(evening), leader=robin)
    page = board(client, clinic)
    assert "Called off" in page
    assert "Changed</span> usually led by Counselor Person" in page
    assert "Birch" in page and "2 rooms stay free" in page


def test_a_session_goes_on_now_and_is_held_once_somebody_is_marked(client, clinic, wren, evening):
    with clock.at(at(18, 30)):
        assert "<strong>now</strong>" in board(client, clinic)
        marks = [{"client": wren.pk, "mark": "present"}]
        program.record_attendance.run(clinic.actor("counselor"), session=session(evening), marks=marks)
        assert "Held</span>" in board(client, clinic)


def test_a_leader_who_is_away_is_marked(client, clinic, evening):
    assert "Leader away" not in board(client, clinic)
    today, counselor = clock.today(), clinic.people["counselor"]
    clinic_actions.record_staff_absence.run(clinic.actor("program-director"), user=counselor, first=today, last=today)
    page = board(client, clinic, "prescriber")
    assert "Leader away" in page and "Away</span> all day" in page


def test_a_closed_day_says_why(client, clinic, evening):
    clinic_actions.close_day.run(clinic.actor("program-director"), on=clock.today(), why="Flood", site=clinic.site)
    page = board(client, clinic)
    assert "North is closed on this day." in page and "Flood" in page
    assert "<strong>Free</strong>" not in page


def test_a_room_booked_for_an_assessment_is_not_free(client, clinic, evening):
    admissions.book_assessment.run(
        clinic.actor("intake-coordinator"),
        inquiry=asking(clinic),
        assessor=clinic.people["counselor"],
        at=at(8),
        room=clinic.rooms[1],
        minutes=60,
    )
    page = board(client, clinic)
    assert "<h3>Assessment</h3><p>8:00 to 9:00 am</p>" in page
    assert "<strong>Free</strong> 7:00 to 8:00 am, 9:00 am to 10:00 pm" in page


def test_away_and_closed_are_reported_with_one_link_each(client, clinic, evening):
    page = board(client, clinic)
    away = f"{reverse('planner-away')}?on={clock.today()}&amp;site={clinic.site.pk}"
    assert f"{away}&amp;who=staff:{clinic.people['counselor'].pk}" in page
    assert f"{away}&amp;who=room:{clinic.rooms[0].pk}" in page
    form = client.get(f"{away}&who=room:{clinic.rooms[0].pk}".replace("&amp;", "&"), follow=True).content.decode()
    assert f'value="room:{clinic.rooms[0].pk}" selected' in form
    assert reverse("planner-away") not in board(client, clinic, "counselor")
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    assert reverse("planner-away") not in board(client, clinic, on=yesterday)


def test_a_repair_is_applied_from_the_board_and_a_second_time_is_told_it_is_closed(client, clinic, wren, evening):
    proposal, dana = a_repair(clinic, evening)
    page = board(client, clinic)
    assert "Counselor Person is away on Monday" in page and "Dana leads instead of Counselor Person." in page
    assert "Tell Counselor Person, Dana and 1 client." in page and "Wren" not in page
    assert "Reported away" in page and "Leader away" in page and f'href="#repair-{proposal.pk}"' in page
    done = client.post(URL, {"proposal": proposal.pk, "end": "hours", "request_key": "once"}, follow=True)
    text = done.content.decode()
    assert "Everybody it touches has been told." in text and "See it, or take it back" in text
    assert session(evening).leader_id == dana.pk
    assert "usually led by Counselor Person" in text
    again = client.post(URL, {"proposal": proposal.pk, "end": "hours", "request_key": "twice"})
    assert again.status_code == 422
    assert "This proposal is closed already: applied." in again.content.decode()
    assert "Recovery" in again.content.decode()


def test_what_would_move_here_from_another_day_is_shown_and_the_rest_is_counted(client, clinic, evening):
    skills = a_group(clinic, evening.track, "Skills", 2)
    a_group(clinic, evening.track, "Process", 3)
    week = seen_week(clinic)
    answer = answer_of(week)
    group_row(answer, skills)["start"] = "mon 14:00"
    answer["groups"] = [row for row in answer["groups"] if row["start"] != "thu 18:00"]
    proposed(clinic, week, answer)
    page = board(client, clinic)
    assert "<strong>Skills</strong>, Wednesday 6:00 pm: Moves to Monday 2:00 pm." in page
    assert "2 sessions to change" in page and "1 of them on other days of the week." in page
    assert "Nothing changes on this day." in board(client, clinic, on=(clock.today() + timedelta(days=1)).isoformat())


def test_either_end_can_be_chosen(client, clinic, evening):
    proposal, _ = a_repair(clinic, evening, both=True)
    page = board(client, clinic)
    assert "Apply: most hours kept" in page and "Apply: fewest changes" in page
    client.post(URL, {"proposal": proposal.pk, "end": "changes"})
    assert session(evening).status == Session.Status.NOT_HELD
    assert "Called off" in board(client, clinic)


def test_a_week_that_moved_meanwhile_is_told_in_its_place_and_nothing_is_lost(client, clinic, evening):
    proposal, _ = a_repair(clinic, evening)
    robin = builders.a_second(clinic, "counselor", "robin")
    program.cover_session.run(clinic.actor("program-director"), session=session(evening), leader=robin)
    client.force_login(clinic.people["program-director"])
    answer = client.post(f"{URL}?on={clock.today()}", {"proposal": proposal.pk, "end": "hours"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Somebody changed this week since it was worked out" in page and "with Robin" in page
    assert "Work it out again" in page and "Dana leads instead" in page
    assert session(evening).leader_id == robin.pk


def test_who_does_not_plan_sees_no_proposal_and_applies_none(client, clinic, evening):
    proposal, _ = a_repair(clinic, evening)
    page = board(client, clinic, "counselor")
    assert "Apply" not in page and "Dana" not in page and "Leader away" not in page
    assert client.post(URL, {"proposal": proposal.pk, "end": "hours"}).status_code == 403
    assert session(evening).leader_id == clinic.people["counselor"].pk


def test_what_is_applied_is_so_for_everybody(client, clinic, evening):
    proposal, _ = a_repair(clinic, evening, sort="room", who=clinic.rooms[0].pk)
    assert "Reported closed" in board(client, clinic)
    client.post(URL, {"proposal": proposal.pk, "end": "hours"})
    page = board(client, clinic, "counselor")
    assert "Closed</span> all day" in page and "Room closed" in page and "Not free" in page


def test_a_room_closed_for_some_hours_is_free_before_and_after(client, clinic, evening):
    a_repair(clinic, evening, sort="room", who=clinic.rooms[0].pk, start=at(17).isoformat(), end=at(19).isoformat())
    page = board(client, clinic)
    assert "Reported closed</span> 5:00 to 7:00 pm" in page
    assert "<strong>Free</strong> 7:00 am to 5:00 pm, 9:00 to 10:00 pm" in page
    assert "<p>Reported closed 5:00 to 7:00 pm</p>" in page


def test_a_group_that_moves_from_a_later_week_on_is_not_changed_today(client, clinic, evening):
    move_group.run(
        clinic.actor("program-director"),
        group=evening,
        weekday=1,
        start_time=time(18),
        leader=evening.leader,
        room=evening.room,
        since=clock.today() + timedelta(days=7),
    )
    page = board(client, clinic)
    assert "Recovery" in page and "Changed</span>" not in page


def test_a_proposal_is_put_aside_here(client, clinic, evening):
    proposal, _ = a_repair(clinic, evening)
    client.force_login(clinic.people["intake-coordinator"])
    client.post(URL, {"proposal": proposal.pk, "do": "drop"})
    assert "Dana leads instead" not in board(client, clinic)


@pytest.mark.parametrize("number", ["", "x", "99999"])
def test_a_proposal_that_is_none_is_not_found(client, clinic, number):
    client.force_login(clinic.people["program-director"])
    assert client.post(URL, {"proposal": number, "end": "hours"}).status_code == 404


def test_a_planned_week_is_not_applied_as_a_repair(client, clinic, evening):
    week = seen_week(clinic)
    plan = proposed(clinic, week, answer_of(week), "plan", keep="week")
    client.force_login(clinic.people["program-director"])
    assert client.post(URL, {"proposal": plan.pk, "end": "plan"}).status_code == 404


def test_another_site_and_its_proposals_are_out_of_reach(client, clinic, evening):
    a_repair(clinic, evening)
    other = clinic_actions.open_site.run(system("test"), name="South", hours=["mon 08:00-12:00"])
    clinic_actions.add_room.run(system("test"), site=other, name="Fern", use="group", seats=6)
    assert Site.objects.count() == 2
    assert "Fern" not in board(client, clinic, site=other.pk)
    stranger = clinic_actions.add_user.run(
        system("test"),
        username="far",
        name="Far",
        password=builders.PASSWORD,
        roles=["intake-coordinator"],
        site_ids=[other.pk],
    )
    client.force_login(stranger)
    page = client.get(URL).content.decode()
    assert "Fern" in page and "Dana leads" not in page and "8:00 am to 12:00 pm" in page


def test_the_board_asks_the_database_no_more_for_more_rooms_and_repairs(client, clinic, evening):
    def count():
        board(client, clinic)
        with CaptureQueriesContext(connection) as seen:
            client.get(URL)
        return len(asked(seen))

    a_repair(clinic, evening)
    before = count()
    for n in range(4):
        room = clinic_actions.add_room.run(system("test"), site=clinic.site, name=f"Room {n}", use="group", seats=9)
        leader = builders.a_second(clinic, "counselor", f"leader{n}")
        a_group(clinic, evening.track, f"Group {n}", 0, 9 + n, minutes=60, room=room, leader=leader)
    week = seen_week(clinic)
    for _ in range(3):
        answer = answer_of(week)
        group_row(answer, evening)["lead"] = f"st{leader.pk}"
        proposed(clinic, week, answer)
    assert count() == before
    assert before <= 12
