"""The planner's pages: somebody is away, the week to come, who waits, what if, why not more hours."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.program.models import Membership, Session
from middleground.timetable import promising, runs
from middleground.timetable.actions import look_at_week
from middleground.timetable.proposed import Proposal
from tests import builders
from tests.faces.planners import away, counted, first_session, followed
from tests.timetable.repairs import answer_of, group_row, proposed, seen_week
from tests.timetable.weeks import EVENINGS, an_evening, book, free

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]


@pytest.fixture
def director(client, clinic):
    client.force_login(clinic.people["program-director"])
    return client


@pytest.fixture
def evening(clinic, wren):
    groups = an_evening(clinic)
    free(clinic, wren, *EVENINGS)
    book(clinic, wren, groups, since=clock.today())
    return groups


def test_a_sick_call_from_the_day_board_to_the_new_leader(director, clinic, wren, evening):
    other = builders.a_second(clinic, "counselor", "dana")
    board = director.get(reverse("day")).content.decode()
    assert reverse("planner-away") in board
    assert "Find a way" in counted(director, reverse("planner"))
    page = followed(director, director.post(reverse("planner-away"), away(clinic))).content.decode()
    assert "Counselor Person is away on Monday" in page
    assert "leads instead of Counselor Person" in page
    assert "Wren A." in page
    with everything("test"):
        proposal = Proposal.objects.get()
    url = reverse("planner-proposal", args=[proposal.pk])
    counted(director, url)
    done = director.post(url, {"do": "apply", "end": proposal.ends[0]}, follow=True).content.decode()
    assert "Everybody it touches has been told" in done
    assert first_session(evening[0]).leader_id in (other.pk, clinic.people["program-director"].pk)
    back = director.post(url, {"do": "undo"}, follow=True).content.decode()
    assert "Taken back" in back
    assert first_session(evening[0]).leader_id == clinic.people["counselor"].pk


def test_the_slower_coordinator_is_told_and_can_ask_again(director, client, clinic, wren, evening):
    from middleground.program import actions as program

    robin = builders.a_second(clinic, "counselor", "robin")
    week = seen_week(clinic)
    answer = answer_of(week)
    group_row(answer, evening[0])["lead"] = f"st{builders.a_second(clinic, 'counselor', 'dana').pk}"
    proposal = proposed(clinic, week, answer)
    program.cover_session.run(clinic.actor("program-director"), session=first_session(evening[0]), leader=robin)
    page = director.post(reverse("planner-proposal", args=[proposal.pk]), {"do": "apply", "end": "hours"})
    text = page.content.decode()
    assert page.status_code == 422
    assert "Somebody changed this week" in text
    assert "with Robin" in text
    assert "Work it out again" in text


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"who": ""}, "This field is required"),
        ({"on": "2020-01-01"}, "This day is over"),
        ({"starts": "10:00", "ends": "09:00"}, "before the beginning"),
        ({"on": "soon"}, "Enter a valid date"),
    ],
)
def test_what_was_typed_is_kept(director, clinic, evening, wrong, says):
    page = director.post(reverse("planner-away"), away(clinic, **wrong))
    assert page.status_code == 422
    assert says in page.content.decode()
    if wrong.get("starts"):
        assert 'value="10:00"' in page.content.decode()


def test_the_hours_that_are_over_are_refused(director, clinic, evening):
    page = director.post(reverse("planner-away"), away(clinic, starts="06:00", ends="06:30"))
    assert page.status_code == 422
    assert "These hours are over" in page.content.decode()


def test_midnight_ends_a_day_somebody_is_away(director, clinic, evening):
    page = director.post(reverse("planner-away"), away(clinic, on="2020-01-01", starts="18:00", ends="00:00"))
    assert "This day is over" in page.text and "before the beginning" not in page.text


def test_a_run_shows_how_far_it_is_and_stops(director, clinic, evening):
    week = (clock.today() + timedelta(days=7)).isoformat()
    answer = director.post(reverse("planner-week"), {"site": clinic.site.pk, "week": week, "keep": "week"})
    page = director.get(answer["Location"])
    if page.status_code == 200:
        assert "How far it is" in page.content.decode()
        part = director.get(answer["Location"], headers={"HX-Request": "true"})
        assert "<html" not in part.content.decode()
        director.post(answer["Location"])
    assert "Planned week of" in followed(director, answer).content.decode()
    again = director.get(answer["Location"], headers={"HX-Request": "true"})
    assert again["HX-Redirect"].startswith("/planner/proposals/")
    gone = director.get(reverse("planner-run", args=["nobodys"]), follow=True)
    assert "Nothing has changed" in gone.content.decode()


def test_people_are_booked_out_of_a_plan(director, clinic, wren, evening):
    """Lark has no week; the plan of the next week has one, and booking it is one click."""
    lark = builders.a_client(clinic, "Lark", "Birch")
    free(clinic, lark, *EVENINGS)
    week = (clock.today() + timedelta(days=7)).isoformat()
    answer = director.post(reverse("planner-week"), {"site": clinic.site.pk, "week": week, "keep": "groups"})
    page = followed(director, answer)
    assert "Lark B." in page.content.decode()
    with everything("test"):
        proposal = Proposal.objects.get()
    url = reverse("planner-proposal", args=[proposal.pk])
    counted(director, url)
    done = director.post(url, {"do": "book", "client": [lark.pk]}, follow=True).content.decode()
    assert "1 week is booked" in done
    with everything("test"):
        assert Membership.objects.filter(client=lark, until=None).count() == 3
        proposal.refresh_from_db()
    assert proposal.status == Proposal.Status.APPLIED
    again = director.post(url, {"do": "book", "client": [lark.pk]}, follow=True).content.decode()
    assert "closed already" in again


def test_a_plan_made_before_a_change_is_not_booked_over_it(director, clinic, wren, evening):
    lark = builders.a_client(clinic, "Lark", "Birch")
    week = seen_week(clinic)
    answer = answer_of(week)
    group_row(answer, evening[0])["members"].append(f"c{lark.pk}")
    proposal = proposed(clinic, week, answer, "plan", keep="groups")
    book(clinic, lark, [evening[1]], since=clock.today())
    page = director.post(
        reverse("planner-proposal", args=[proposal.pk]), {"do": "book", "client": [lark.pk]}, follow=True
    )
    assert "Someone else booked a week for this client" in page.content.decode()


def test_why_not_more_hours(client, clinic, wren, evening):
    client.force_login(clinic.people["counselor"])
    free(clinic, wren, "mon 17:00-22:00")
    url = reverse("chart-why", args=[wren.pk])
    assert "Look for the reasons" in counted(client, url)
    page = followed(client, client.post(url)).content.decode()
    assert "Out of reach" in page
    assert "One change helps most" in page and "Proved: no smaller set of reasons" in page
    assert not re.search(r"free:|place:|running:", page)


def test_what_to_tell_a_client_who_speaks_spanish_is_in_spanish(client, clinic, evening):
    luz = builders.a_client(clinic, "Luz", "Prado", language="es")
    free(clinic, luz, "mon 17:00-22:00")
    client.force_login(clinic.people["counselor"])
    page = followed(client, client.post(reverse("chart-why", args=[luz.pk]))).content.decode()
    assert "To tell the client, in Spanish" in page and '<p lang="es">Por ahora podemos planear' in page
    assert "Today&#x27;s timetable gives" in page and "Right now we can plan" not in page


def test_hours_in_reach_need_no_reasons(client, clinic, wren, evening):
    client.force_login(clinic.people["counselor"])
    page = followed(client, client.post(reverse("chart-why", args=[wren.pk]))).content.decode()
    assert "In reach" in page and "Your week can have all the hours you need." in page
    assert "smaller set of reasons" not in page and "Everybody else's week was left as it is." in page


def test_somebody_elses_client_has_no_reasons(client, clinic, wren, evening):
    client.force_login(builders.a_second(clinic, "counselor", "dana"))
    assert client.get(reverse("chart-why", args=[wren.pk])).status_code == 404
    assert client.post(reverse("chart-why", args=[wren.pk])).status_code == 404


def test_one_group_more_for_all_who_wait(director, clinic, wren, evening):
    for n in range(2):
        lark = builders.a_client(clinic, f"Lark{n}", "Birch")
        free(clinic, lark, "mon 17:00-22:00", "wed 17:00-22:00", "tue 17:00-22:00")
    page = followed(director, director.post(reverse("planner-waiting"), {"site": clinic.site.pk})).content.decode()
    assert "An evening group on Tuesday would place 2 of the 2 waiting" in page
    assert "Lark" not in page


def test_nobody_waits(director, clinic, wren, evening):
    page = director.post(reverse("planner-waiting"), {"site": clinic.site.pk}, follow=True).content.decode()
    assert "Nobody waits" in page


def test_what_if_a_track_opens(director, clinic, wren, evening):
    lark = builders.a_client(clinic, "Lark", "Birch")
    free(clinic, lark, "tue 08:00-14:00", "fri 08:00-14:00", "sat 08:00-14:00")
    rook = builders.a_client(clinic, "Rook", "Birch")
    free(clinic, rook, "tue 08:00-14:00", "fri 08:00-14:00", "sat 08:00-14:00")
    sam = builders.a_client(clinic, "Sam", "Birch")
    free(clinic, sam, "tue 08:00-14:00", "fri 08:00-14:00", "sat 08:00-14:00")
    assert "Too few people have begun" in counted(director, reverse("planner-what-if"))
    asked = {"site": clinic.site.pk, "change": "track", "days": ["tue", "fri", "sat"], "part": "morning"}
    page = followed(director, director.post(reverse("planner-what-if"), asked)).content.decode()
    assert "A morning track on Tuesday, Friday and Saturday" in page
    row = re.sub(r"<[^>]+>", " ", page[page.index("People who still wait") :])[:300].split()
    assert row[8:10] == ["3", "0"]
    with everything("test"):
        proposal = Proposal.objects.get()
    counted(director, reverse("planner-proposal", args=[proposal.pk]))
    director.post(reverse("planner-proposal", args=[proposal.pk]), {"do": "drop"})
    with everything("test"):
        proposal.refresh_from_db()
    assert proposal.status == Proposal.Status.DROPPED


def test_what_if_the_one_counselor_leaves(director, clinic, wren, evening):
    """Somebody else leads the groups, or nobody is there for them."""
    builders.a_client(clinic, "Lark", "Birch")
    asked = {"site": clinic.site.pk, "change": "lose", "who": clinic.people["counselor"].pk, "part": "evening"}
    page = followed(director, director.post(reverse("planner-what-if"), asked)).content.decode()
    assert "Without Counselor Person" in page
    assert "Before and after" in page
    asked |= {"change": "saturday", "starts": "08:00", "ends": "12:00"}
    page = followed(director, director.post(reverse("planner-what-if"), asked)).content.decode()
    assert "Saturday from 08:00 to 12:00 with Counselor Person" in page
    refused = director.post(reverse("planner-what-if"), asked | {"ends": "09:00"})
    assert "at least three hours" in refused.content.decode()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"change": "lose", "who": ""}, "Choose who it is"),
        ({"change": "track", "days": []}, "at least one day"),
        ({"change": "saturday", "starts": "12:00", "ends": "10:00"}, "a later end"),
    ],
)
def test_what_if_says_what_is_missing(director, clinic, evening, wrong, says):
    page = director.post(reverse("planner-what-if"), {"site": clinic.site.pk, "part": "evening", **wrong})
    assert page.status_code == 422
    assert says in page.content.decode()


def test_the_promise_reads_dates_alone(clinic, wren):
    with clinic.seen_by("program-director", "operations"):
        found = promising.promise(clinic.site.pk)
    assert (found.told, found.test.judged, found.ahead) == (None, 0, 0)


@pytest.mark.parametrize("role", ["counselor", "biller", "compliance-officer", "prescriber"])
def test_planning_is_for_planners(client, clinic, evening, role):
    client.force_login(clinic.people[role])
    for name in ("planner", "planner-away", "planner-week", "planner-waiting", "planner-what-if"):
        assert client.post(reverse(name)).status_code == 403
    assert reverse("planner-away") not in (client.get(reverse("day")).content.decode() if role == "counselor" else "")


def test_too_many_at_once_are_asked_to_wait(director, clinic, evening, monkeypatch):
    monkeypatch.setattr(runs, "MOST_RUNS", 0)
    page = director.post(reverse("planner-away"), away(clinic))
    assert page.status_code == 422
    assert "Try again in a minute" in page.content.decode()


def test_a_closed_room_moves_its_group(director, clinic, wren, evening):
    from middleground.clinic import actions as clinic_actions
    from middleground.kernel.context import system

    birch = clinic_actions.add_room.run(system("test"), site=clinic.site, name="Birch", use="group", seats=12)
    answer = director.post(reverse("planner-away"), away(clinic, who=f"room:{clinic.rooms[0].pk}"))
    page = followed(director, answer).content.decode()
    assert "Maple is closed on Monday" in page
    assert "In Birch instead of Maple" in page
    with everything("test"):
        proposal = Proposal.objects.get()
    director.post(reverse("planner-proposal", args=[proposal.pk]), {"do": "apply", "end": proposal.ends[0]})
    assert first_session(evening[0]).room_id == birch.pk


def moved_plan(clinic, group):
    week = look_at_week.run(
        clinic.actor("program-director"), site_id=clinic.site.pk, week=clock.today() + timedelta(days=7)
    )
    answer = answer_of(week)
    group_row(answer, group)["start"] = "mon 17:00"
    return proposed(clinic, week, answer, "plan", keep="week")


def test_a_plan_that_moves_a_group_is_shown_and_booked_as_a_whole(director, clinic, wren, evening):
    proposal = moved_plan(clinic, evening[0])
    url = reverse("planner-proposal", args=[proposal.pk])
    page = counted(director, url)
    assert "1 group with another time, room or leader for good" in page and "1 client to tell" in page
    assert "0 groups" not in page and "held no more" not in page and "changed in this week only" not in page
    assert "Moves to Monday 5:00 pm." in page and wren.short in page
    told = {"do": "book-whole", "seen_version": proposal.version, "request_key": "once-only"}
    assert director.post(url, {**told, "seen_version": 99, "request_key": "other"}).status_code == 422
    done = director.post(url, told, follow=True).content.decode()
    assert "Everything of this plan is booked." in done and "week board" in done and "Book the whole plan" not in done
    again = director.post(url, told, follow=True)
    assert again.status_code == 200
    evening[0].refresh_from_db()
    assert evening[0].start_time.hour == 17
    assert "Take the whole plan back" in done and "What somebody changed since stays, and is named." in done
    with everything("test"):
        proposal.refresh_from_db()
    back = {"do": "undo", "seen_version": proposal.version, "request_key": "back-once"}
    assert director.post(url, {**back, "seen_version": 99, "request_key": "back-else"}).status_code == 422
    page = director.post(url, back, follow=True).content.decode()
    assert "All of it is as it was before." in page and "Take the whole plan back" not in page
    evening[0].refresh_from_db()
    assert evening[0].start_time.hour == 18


def test_a_booked_plan_whose_week_has_begun_says_what_can_still_be_done(director, clinic, wren, evening):
    proposal = moved_plan(clinic, evening[0])
    url = reverse("planner-proposal", args=[proposal.pk])
    director.post(url, {"do": "book-whole"})
    with clock.at(clock.now() + timedelta(days=7)):
        page = director.get(url).content.decode()
        refused = director.post(url, {"do": "undo"})
    assert "Its week has begun" in page and "Take the whole plan back" not in page
    assert refused.status_code == 422 and "This week has begun." in refused.content.decode()


def test_who_goes_along_with_a_group_is_counted(director, clinic, wren, evening):
    """Recovery moves with Wren in it; Lark changes groups, once without and once with a group that stops."""
    lark = builders.a_client(clinic, "Lark", "Birch")
    free(clinic, lark, *EVENINGS)
    book(clinic, lark, evening[1:], since=clock.today())
    week = look_at_week.run(
        clinic.actor("program-director"), site_id=clinic.site.pk, week=clock.today() + timedelta(days=7)
    )
    answer = answer_of(week)
    group_row(answer, evening[0])["start"] = "mon 17:00"
    assert "Nobody joins or leaves a group.</strong> 1 client goes along" in shown(director, clinic, week, answer)
    group_row(answer, evening[1])["members"] = [f"c{wren.pk}"]
    page = shown(director, clinic, week, answer)
    assert "1 week changes.</strong> 1 client goes along with groups that change. Everybody else keeps theirs." in page
    answer["groups"].remove(group_row(answer, evening[2]))
    page = shown(director, clinic, week, answer)
    assert "2 weeks change.</strong> Everybody else keeps theirs." in page
    assert page.count(f"Leaves {evening[2].title}") == 2


def test_a_plan_from_nothing_is_not_compared_with_the_week_before(director, clinic, wren, evening):
    week = look_at_week.run(
        clinic.actor("program-director"), site_id=clinic.site.pk, week=clock.today() + timedelta(days=7)
    )
    answer = answer_of(week)
    group_row(answer, evening[0])["start"] = "mon 17:00"
    assert "Changes to people&#x27;s calendars" in shown(director, clinic, week, answer)
    page = shown(director, clinic, week, answer, keep="nothing")
    assert "Changes to people&#x27;s calendars" not in page and "Other faces" not in page
    assert "Quarter hours of waiting" in page


def shown(director, clinic, week, answer, keep="week"):
    proposal = proposed(clinic, week, answer, "plan", keep=keep)
    return counted(director, reverse("planner-proposal", args=[proposal.pk]))


def test_what_changed_since_the_plan_is_listed_and_what_cannot_be_booked_is_told(director, clinic, wren, evening):
    from middleground.program import actions as program

    proposal = moved_plan(clinic, evening[0])
    url = reverse("planner-proposal", args=[proposal.pk])
    with everything("test"):
        session = Session.objects.filter(group=evening[0]).order_by("start")[1]
    program.move_session.run(
        clinic.actor("program-director"), session=session, start=session.start - timedelta(hours=2)
    )
    page = director.post(url, {"do": "book-whole"})
    text = page.content.decode()
    assert page.status_code == 422 and "Nothing was booked" in text and "Recovery is now on" in text
    later = moved_plan(clinic, evening[0])
    text = director.get(reverse("planner-proposal", args=[later.pk])).content.decode()
    assert "be booked as a whole" in text and "was moved on its own in that week" in text
    assert "Book the whole plan" not in text
