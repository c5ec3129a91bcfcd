"""Hours planned, delivered, still in reach and what make-up sessions can add: the same on the client's phone and on the chart."""

import re
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.program import actions as program
from middleground.program import queries as program_queries
from middleground.program.models import Group, Session
from middleground.timetable import makeup, queries
from middleground.timetable.makeup import Chance, Missed
from middleground.timetable.queries import Seen
from tests import builders
from tests.faces.test_web_week import queries_of
from tests.timetable.weeks import a_group, a_track, book, free

pytestmark = [pytest.mark.django_db]
TUESDAY = timedelta(days=1)


@pytest.fixture
def monday(clinic, wren, monday_morning):
    """Wren has a group on Monday and one on Thursday; Monday's topic is taught again on Wednesday, and next week."""
    track = a_track(clinic)
    others = {"room": clinic.rooms[1], "leader": clinic.people["program-director"]}
    own = [a_group(clinic, track, "Coping", 0, component="cbt-skills"), a_group(clinic, track, "Process", 3)]
    a_group(clinic, track, "Coping again", 2, component="cbt-skills", minutes=120, **others)
    free(clinic, wren, *(f"{day} 08:00-22:00" for day in ("mon", "tue", "wed", "thu", "fri")), travel=30)
    for group in own:
        program.join_group.run(clinic.actor("program-director"), client=wren, group=group)
    with everything("test"):
        return Session.objects.filter(group=own[0]).earliest("start")


def missed(clinic, wren, session):
    marks = [{"client": wren.pk, "mark": "no-show"}]
    program.record_attendance.run(clinic.actor("counselor"), session=session, marks=marks)


def phone(clinic, wren):
    browser = Browser()
    browser.force_login(builders.client_user(clinic, wren))
    return browser


def chart(clinic):
    browser = Browser()
    browser.force_login(clinic.people["counselor"])
    return browser


def shown(browser, address):
    return " ".join(re.sub(r"<[^>]+>", " ", browser.get(address).text).split())


def test_the_client_sees_what_make_up_sessions_can_add_this_week(clinic, wren, monday):
    me = phone(clinic, wren)
    with clock.at(monday.start + TUESDAY):
        missed(clinic, wren, monday)
        page = shown(me, "/me/week/")
        assert "Planned hours: 6. Your plan is 9 hours a week." in page
        assert "Hours you came for 0 of 6 hours" in page and "Still in reach this week 3 of 6 hours" in page
        assert "With make-up sessions: up to 5 hours." in page and "Hours still missing: 6." in page
        me.cookies["mg_language"] = "es"
        page = shown(me, "/me/week/")
        assert "Horas planeadas: 6." in page and "Con sesiones de reposición: hasta 5 horas." in page
        assert len(queries_of(me, "/me/week/")) <= 12
        assert "reposición: hasta" not in shown(me, "/me/week/?week=next")


def test_the_chart_says_the_same_against_what_is_prescribed(clinic, wren, monday):
    with clock.at(monday.start + TUESDAY):
        missed(clinic, wren, monday)
        staff, address = chart(clinic), reverse("chart-week", args=[wren.pk])
        page = shown(staff, address)
        assert "Planned, of what is prescribed 6 of 9 h" in page
        assert "Delivered, of what is planned 0 of 6 h" in page
        assert "Still in reach, of what is planned 3 of 6 h" in page
        assert "Prescription out of reach with what is planned" in page
        more = reverse("make-up", args=[wren.pk])
        assert f'<div hx-get="{more}" hx-trigger="load">' in staff.get(address).text
        part = staff.get(more, headers={"HX-Request": "true"}).text
        assert "With make-up sessions this week: up to 5 h of 9 h prescribed." in " ".join(
            re.sub(r"<[^>]+>", "", part).split()
        )
        assert "<html" not in part and "With make-up sessions this week: up to 5 h of 9 h" in shown(staff, more)
        assert len(queries_of(staff, address)) <= 12 and len(queries_of(staff, more)) <= 12


def test_nothing_is_said_of_make_up_when_the_next_chance_is_next_week(clinic, wren, monday):
    me, staff = phone(clinic, wren), chart(clinic)
    with clock.at(monday.start + TUESDAY):
        missed(clinic, wren, monday)
        with everything("test"):
            soon = Session.objects.filter(group__title="Coping again").earliest("start")
        later = soon.start + timedelta(days=6)
        program.move_session.run(clinic.actor("program-director"), session=soon, start=later, room=soon.room)
        page = shown(me, "/me/week/")
        assert "It is taught again" in page and "With make-up sessions" not in page
        assert "With make-up" not in shown(staff, reverse("make-up", args=[wren.pk]))


def chance(number, start, hours=2, site=1, telehealth=False):
    return Chance(number, start, start + timedelta(hours=hours), "group", site, "North", telehealth)


def test_one_chance_for_each_topic_and_none_at_the_time_of_another(clinic, wren, monday):
    """The most there is: the two that can both be reached, not the longest with nothing beside it."""
    seen, at, site = Seen(wren), monday.start, clinic.site.pk
    free(clinic, wren, "mon 08:00-22:00", travel=30)
    end = timezone.localdate(at + timedelta(days=7))

    def most(*topics):
        with clinic.seen_by("counselor"):
            return makeup.open_minutes(seen, [Missed(f"t{n}", at.date(), each) for n, each in enumerate(topics)], end)

    here, later = chance(1, at, site=site), chance(2, at + timedelta(hours=2), site=site)
    assert most() == 0
    assert most((here, later)) == 120
    assert most((here,), (chance(3, at + timedelta(hours=1), hours=3, site=site),)) == 180
    assert most((here,), (chance(3, at + timedelta(hours=1), hours=3, site=site), later)) == 240
    assert most((here,), (chance(2, at + timedelta(hours=2), site=site, telehealth=True),)) == 120
    assert most((here,), (chance(2, at + timedelta(hours=2, minutes=30), site=site, telehealth=True),)) == 240
    assert most((chance(4, at + timedelta(days=7), site=site),)) == 0


def came(clinic, wren, session, sign=True):
    """She was there for all of it; with a signed note it is delivered."""
    told = {"marks": [{"client": wren.pk, "mark": "present"}], "sign": sign}
    note = {"shared": "We practiced naming high-risk moments and a plan for each.", "method": "cbt"}
    parts = [{"client": wren.pk, "response": "Named one moment and chose a next step."}]
    program.document_session.run(clinic.actor("counselor"), session=session, note=note, parts=parts, **told)


def test_what_one_came_for_this_morning_stays_when_another_week_begins_today(clinic, wren, monday):
    """Wednesday's and Thursday's groups instead of Monday's; she was there on Monday, and the payer counts that day."""
    with everything("test"):
        groups = list(Group.objects.exclude(pk=monday.group_id))
    me, staff = phone(clinic, wren), chart(clinic)
    with clock.at(monday.end + timedelta(minutes=30)):
        came(clinic, wren, monday)
        book(clinic, wren, groups, since=clock.today())
        page = shown(me, "/me/week/")
        assert "Planned hours: 8." in page and "Hours you came for 3 of 8 hours" in page
        page = shown(staff, reverse("chart-week", args=[wren.pk]))
        assert "5 h a week in 2 groups" in page and "Delivered, of what is planned 3 of 8 h" in page
        assert "Still in reach, of what is planned 8 of 8 h" in page
        with clinic.seen_by("counselor"):
            dose, made_up = queries.dose(wren), makeup.this_week(Seen(wren)).dose
            assert dose == made_up and dose.delivered == program_queries.delivered_minutes(wren, clock.today())
        assert (dose.days_counted, dose.days_reachable) == (1, 2)


def test_and_when_one_leaves_all_groups_from_today_on(clinic, wren, monday):
    me, staff, address = phone(clinic, wren), chart(clinic), reverse("chart-week", args=[wren.pk])
    with clock.at(monday.end + timedelta(minutes=30)):
        assert "This week so far" in shown(staff, address)
        came(clinic, wren, monday, sign=False)
        yesterday = clock.today() - timedelta(days=1)
        program.leave_all_groups.run(clinic.actor("program-director"), client=wren, last_day=yesterday)
        page = shown(me, "/me/week/")
        assert "Planned hours: 3." in page and "Hours you came for 3 of 3 hours" in page
        page = shown(staff, address)
        assert "No week is booked" in page and "180 minutes were attended and count when their note is signed." in page
        assert "Still in reach, of what is planned 3 of 3 h" in page
        assert len(queries_of(me, "/me/week/")) <= 12 and len(queries_of(staff, address)) <= 12
        nobody = builders.a_client(clinic, "Ash", "Birch")
        assert "This week so far" not in shown(staff, reverse("chart-week", args=[nobody.pk]))


def test_a_day_one_was_excused_from_beforehand_is_planned_no_more_once_one_has_left(clinic, wren, monday):
    me = phone(clinic, wren)
    with everything("test"):
        thursday = Session.objects.filter(group__title="Process").earliest("start")
    with clock.at(monday.start + TUESDAY):
        marks = [{"client": wren.pk, "mark": "excused", "reason": "illness"}]
        program.record_attendance.run(clinic.actor("counselor"), session=thursday, marks=marks)
        assert "Planned hours: 6." in shown(me, "/me/week/")
        program.leave_all_groups.run(clinic.actor("program-director"), client=wren, last_day=clock.today())
        assert "Planned hours: 3." in shown(me, "/me/week/")
