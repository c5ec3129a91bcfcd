"""Booked sessions on the phone: today, the week with its hours, and what a family member may see of them."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from middleground.clinic.models import User
from middleground.family import actions as family
from middleground.kernel import clock
from middleground.program import actions as program
from middleground.program.models import Session
from tests import builders
from tests.asking import asked
from tests.faces.test_portal_client import MOST_QUERIES
from tests.program import groups
from tests.timetable.weeks import another_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def morning():
    """Monday at 9 in the clinic's zone."""
    monday = clock.today() - timedelta(days=clock.today().weekday())
    with clock.at(groups.local(monday, 9)) as at:
        yield at


@pytest.fixture
def me(morning, clinic, wren, client):
    """Wren on her phone, in a group this evening and on two days more."""
    user = builders.client_user(clinic, wren)
    for days, title in ((0, "Coping Skills"), (2, "Relapse Prevention"), (3, "Life Skills")):
        day = clock.today() + timedelta(days=days)
        group = groups.a_group(clinic, title=title, weekday=day.weekday(), starts_on=day, minutes=180)
        program.join_group.run(clinic.actor("program-director"), client=wren, group=group)
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def in_the_south(me, clinic, wren):
    """And a group at another site on Friday."""
    south = another_site(clinic)
    day = clock.today() + timedelta(days=4)
    track = groups.a_track(south, "South")
    group = groups.a_group(
        south, track=track, title="Sleep", weekday=day.weekday(), starts_on=day, room=south.rooms[0],
        leader=south.people["counselor"],
    )  # fmt: skip
    program.join_group.run(south.actor("program-director"), client=wren, group=group)
    return day


def test_a_session_says_its_site_where_they_are_at_several(me, clinic, wren, in_the_south):
    """Rooms are named by each site for itself."""
    week = words_of(me.get("/me/week/").text)
    assert "Counselor Person · North, Maple" in week and "South counselor · South, Cedar" in week
    assert "Counselor Person · North, Maple" in words_of(me.get("/me/").text)
    staff = Browser()
    staff.force_login(clinic.people["counselor"])
    with clock.at(groups.local(in_the_south, 9)):
        assert "South counselor · South, Cedar" in words_of(me.get("/me/").text)
        for name in ("chart-sessions", "chart"):
            chart = words_of(staff.get(reverse(name, args=[wren.pk])).text)
            assert "South, Cedar" in chart and "Maple" in chart and "North, Maple" not in chart


def test_a_session_at_the_own_site_says_its_room_alone(me):
    page = words_of(me.get("/me/week/").text)
    assert "Counselor Person · Maple" in page and "North" not in page


@pytest.mark.parametrize("address", ["/me/", "/me/week/"])
def test_booked_sessions_show_within_the_pages_queries(me, address):
    with CaptureQueriesContext(connection) as ran:
        page = me.get(address).text
    assert "Coping Skills" in page and "Counselor Person" in page and len(asked(ran)) <= MOST_QUERIES


def test_the_week_says_its_hours_in_words(me):
    page = me.get("/me/week/").text
    assert "Planned hours: 9." in page and "Your plan is 9 hours a week." in page
    assert "0 of 9 hours" in words_of(page) and "9 of 9 hours" in words_of(page)
    assert "That is all of your plan." in page and "With make-up sessions" not in page
    assert "Relapse Prevention" in page and "Nothing is booked" not in page


def test_planned_hours_are_those_laid_out_and_not_those_prescribed(me, clinic, wren):
    """One group of three is called off: it was planned, it can't be reached; next week another is planned as well."""
    with clinic.seen_by("program-director"):
        session = Session.objects.filter(group__title="Life Skills").earliest("start")
    program.call_off_session.run(clinic.actor("program-director"), session=session, reason="weather")
    page = me.get("/me/week/").text
    assert "Planned hours: 9." in page and "6 of 9 hours" in words_of(page)
    assert "Hours still missing: 3." in page
    more = groups.a_group(clinic, title="More", weekday=5, starts_on=clock.today() + timedelta(days=7), minutes=60)
    program.join_group.run(clinic.actor("program-director"), client=wren, group=more)
    page = me.get("/me/week/?week=next").text
    assert "Planned hours: 10." in page and "Your plan is 9 hours a week." in page


def test_hours_that_can_no_longer_be_reached_are_said_plainly(me, clinic, wren):
    """Nobody has said yet who came: these hours may still count. Missed, they can't."""
    with clock.at(clock.now() + timedelta(days=1)):
        page = me.get("/me/week/").text
        assert "Hours not marked yet: 3." in page and "Hours still missing" not in page
        marked(clinic, wren, "no-show")
        page = me.get("/me/week/").text
        assert "Hours still missing: 3." in page and "Hours not marked yet" not in page
        assert "0 of 9 hours" in words_of(page) and "6 of 9 hours" in words_of(page)


def test_hours_one_came_for_count_before_the_note_is_signed(me, clinic, wren):
    with clock.at(clock.now() + timedelta(days=1)):
        marked(clinic, wren, "present")
        page = words_of(me.get("/me/week/").text)
        assert "Hours you came for 3 of 9 hours" in page and "Still in reach this week 9 of 9 hours" in page


def marked(clinic, wren, mark):
    with clinic.seen_by("counselor"):
        session = Session.objects.filter(group__title="Coping Skills").earliest("start")
    program.record_attendance.run(clinic.actor("counselor"), session=session, marks=[{"client": wren.pk, "mark": mark}])


def words_of(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_a_missed_group_is_said_in_neutral_words(me, clinic, wren):
    with clinic.seen_by("counselor"):
        session = Session.objects.filter(group__title="Coping Skills").earliest("start")
    with clock.at(groups.local(clock.today(), 20)):
        program.record_attendance.run(
            clinic.actor("counselor"), session=session, marks=[{"client": wren.pk, "mark": "no-show"}]
        )
        page = me.get("/me/week/").text
        assert "Missed" in page and "No-show" not in page and "chip tone-danger" not in page
        me.cookies["mg_language"] = "es"
        assert "No asistió" in me.get("/me/week/").text


@pytest.fixture
def ana(me, clinic, wren):
    member = family.invite_family_member.run(me.user.actor(), client=wren, name="Ana Alder", relation="sibling")
    program.schedule_session.run(
        clinic.actor("counselor"), client=wren, sort="family", leader=clinic.people["counselor"],
        start=clock.now() + timedelta(hours=5), minutes=45, room=clinic.rooms[1],
    )  # fmt: skip
    browser = Browser()
    browser.force_login(User.objects.get(pk=member.user_id))
    browser.member = member
    return browser


def share(me, member, *kinds):
    ends = clock.today() + timedelta(days=30)
    return family.share_with_family.run(
        me.user.actor(), member=member, kinds=list(kinds), ends_on=ends, signed_name="Wren Alder"
    )


def test_without_a_consent_for_it_family_sees_no_session(me, ana):
    share(me, ana.member, "check-in")
    page = ana.get("/family/").text
    assert "Coping Skills" not in page and "2:00" not in page


def test_with_a_consent_family_sees_the_sessions_it_names(me, ana):
    share(me, ana.member, "schedule", "attendance", "plan", "check-in", "event", "medical", "family")
    with CaptureQueriesContext(connection) as ran:
        page = ana.get("/family/").text
    assert "Coping Skills" in page and "2:00" in page and len(asked(ran)) <= MOST_QUERIES
    assert "Ana Alder" in ana.get(f"/family/shared/{ana.member.client_id}/?kind=family").text


def test_a_kind_that_is_not_shared_cannot_be_asked_for(me, ana):
    share(me, ana.member, "check-in")
    page = ana.get(f"/family/shared/{ana.member.client_id}/?kind=schedule").text
    assert "Coping Skills" not in page and "Not shared" in page
