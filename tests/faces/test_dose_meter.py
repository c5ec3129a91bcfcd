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
from middleground.program.models import Session
from middleground.timetable import makeup
from middleground.timetable.makeup import Chance, Missed
from middleground.timetable.queries import Seen
from tests import builders
from tests.faces.test_web_week import queries_of
from tests.timetable.weeks import a_group, a_track, free

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
