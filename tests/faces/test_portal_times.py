"""A client's own times, the weeks that would fit, and make-up sessions, in the companion; the make-up page of the chart."""

import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from middleground.clinic.actions import set_language
from middleground.clinic.models import User
from middleground.faces.portal import my_times
from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.kernel.errors import Stale
from middleground.kernel.models import Notice
from middleground.program.models import Membership
from middleground.records import actions as records
from middleground.records.models import Task
from middleground.timetable.models import Availability
from tests import builders
from tests.asking import asked
from tests.timetable.test_make_up import LATE, first_of, missed  # noqa: F401 the fixture
from tests.timetable.weeks import EVENINGS, a_group, a_track, an_evening, book, free

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
PAINTED = [
    {"at": "mon 17:00-22:00", "cost": 0},
    {"at": "wed 17:00-22:00", "cost": 0},
    {"at": "thu 17:00-22:00", "cost": 2},
]
WEEK = "/me/week/"
TIMES = "/me/times/"


@pytest.fixture
def phone(clinic, wren):
    cache.clear()
    opened = Browser()
    opened.force_login(builders.client_user(clinic, wren))
    return opened


def kept(wren):
    with everything("test"):
        return Availability.objects.get(client=wren, until=None)


def post(phone, clinic, **told):
    return phone.post(TIMES, {"painted": json.dumps(PAINTED), f"travel-{clinic.site.pk}": "20", **told})


def queries_of(browser, url):
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(url).status_code == 200
    return asked(seen)


def test_painted_times_are_kept_with_travel_and_the_counselor_hears_of_it(clinic, wren, phone):
    assert post(phone, clinic).status_code == 302
    assert (kept(wren).intervals, kept(wren).travel) == (PAINTED, {str(clinic.site.pk): 20})
    told = Notice.objects.get(to=clinic.people["counselor"], words="Somebody changed when they can come.")
    assert told.url == f"/clients/{wren.pk}/week/"
    assert "mon 17:00-22:00" in phone.get(TIMES).text


def test_plain_rows_do_as_well_and_what_is_wrong_is_said_beside_them(clinic, wren, phone):
    rows = {
        "rows-TOTAL_FORMS": 1,
        "rows-INITIAL_FORMS": 0,
        "rows-0-day": "tue",
        "rows-0-starts": "09:00",
        "rows-0-ends": "12:00",
    }
    assert phone.post(TIMES, {**rows, f"travel-{clinic.site.pk}": ""}).status_code == 302
    assert kept(wren).intervals == [{"at": "tue 09:00-12:00", "cost": 0}]
    wrong = phone.post(TIMES, {**rows, "rows-0-ends": ""})
    assert wrong.status_code == 422 and "Give the day and both times" in wrong.text
    more = phone.post(TIMES, {**rows, "more": "1"})
    assert more.status_code == 200 and more.text.count('class="time-row"') == 2
    assert phone.post(TIMES, {"painted": "[{"}).status_code == 422


def test_weeks_that_would_fit_name_no_group_and_one_can_be_asked_for(clinic, wren, phone):
    an_evening(clinic)
    free(clinic, wren, "mon 17:00-22:00", "wed 17:00-22:00", "thu 17:00-22:00")
    page = phone.get(TIMES).text
    assert "9 hours on 3 days" in page and "Group session" in page
    assert not any(title in page for title in ("Recovery", "Skills", "Process"))
    with everything("test"):
        from middleground.program.models import Group

        ids = "-".join(str(pk) for pk in Group.objects.order_by("pk").values_list("pk", flat=True))
    assert f'value="{ids}"' in page
    phone.post(reverse("portal-ask-week"), {"groups": ids})
    with everything("test"):
        task = Task.objects.get(key=f"week:{wren.pk}")
        assert task.owner_id == clinic.people["counselor"].pk and "Recovery Monday 6:00 pm" in task.why
        assert not Membership.objects.filter(client=wren).exists()
    gone = phone.post(reverse("portal-ask-week"), {"groups": "999"}, follow=True)
    assert "no longer open" in gone.text


def test_of_two_weeks_asked_for_the_last_counts_and_the_counselor_hears_of_it(clinic, wren, phone):
    groups = an_evening(clinic)
    for pair in (groups[:2], groups[1:]):
        said = phone.post(reverse("portal-ask-week"), {"groups": "-".join(str(g.pk) for g in pair)}, follow=True).text
        assert "If you ask again, the last week counts." in said
    with everything("test"):
        task = Task.objects.get(key=f"week:{wren.pk}")
    assert "Process Thursday" in task.why and "Recovery" not in task.why
    told = Notice.objects.filter(to=task.owner, url="/tasks/").order_by("pk").values_list("words", flat=True)
    assert list(told)[-2:] == ["You have a new task.", "Something changed in a task of yours."]


def test_a_task_that_a_second_wish_changed_is_not_finished_unseen(clinic, wren, phone):
    groups = an_evening(clinic)
    phone.post(reverse("portal-ask-week"), {"groups": str(groups[0].pk)})
    with everything("test"):
        seen = Task.objects.get(key=f"week:{wren.pk}")
    phone.post(reverse("portal-ask-week"), {"groups": str(groups[1].pk)})
    with pytest.raises(Stale):
        records.finish_task.run(
            clinic.actor("counselor"), seen_version=seen.version, task=seen, outcome="Booked Recovery"
        )


def test_when_the_only_week_that_fits_is_booked_nothing_can_be_asked_for(clinic, wren, phone):
    book(clinic, wren, [a_group(clinic, a_track(clinic), "Recovery", 0)], since=clock.today())
    free(clinic, wren, *EVENINGS)
    page = phone.get(TIMES).text
    assert "Your week now" in page and "Right now no other week fits your times." in page
    assert "Ask for this week" not in page and 'type="radio"' not in page


def test_two_times_that_overlap_are_told_in_the_readers_language(clinic, wren, phone):
    with everything("test"):
        set_language.run(User.objects.get(client_id=wren.pk).actor(), language="es")
    rows = {"rows-TOTAL_FORMS": 2, "rows-INITIAL_FORMS": 0}
    for n, (starts, ends) in enumerate((("17:00", "18:00"), ("17:30", "00:00"))):
        rows |= {f"rows-{n}-day": "mon", f"rows-{n}-starts": starts, f"rows-{n}-ends": ends}
    wrong = phone.post(TIMES, rows)
    assert wrong.status_code == 422 and "Lunes 5:30 pm a medianoche se cruza con otra hora" in wrong.text


def test_a_missed_topic_is_shown_in_the_week_and_one_press_books_it(clinic, wren, phone, missed):  # noqa: F811
    session = first_of(missed)
    with clock.at(LATE):
        page = phone.get(WEEK).text
        assert f"You missed <strong>{session.topic_title}</strong>" in page and "I will come" in page
        assert "Coping again" not in page
        booked = phone.post(reverse("portal-make-up"), {"session": session.pk}, follow=True).text
        assert "Booked. See you there." in booked and "I will come" not in booked
        again = phone.post(reverse("portal-make-up"), {"session": session.pk}, follow=True).text
        assert "no longer open to you" in again
    with everything("test"):
        assert Membership.objects.filter(client=wren, session=session).count() == 1


def test_whoever_can_not_come_after_all_says_so_where_it_is_shown(clinic, wren, phone, missed):  # noqa: F811
    session = first_of(missed)
    address = reverse("portal-cant-come")
    with clock.at(LATE):
        phone.post(reverse("portal-make-up"), {"session": session.pk})
        pages = [phone.get(each).text for each in (WEEK, f"{WEEK}?week=next")]
        assert sum(page.count("Yes, I can't come") for page in pages) == 1
        assert any(f'name="session" value="{session.pk}"' in page for page in pages)
        for each in (WEEK, f"{WEEK}?week=next"):
            assert len(queries_of(phone, each)) <= 12
        done = phone.post(address, {"session": session.pk}, follow=True).text
        assert "You are not expected there any more." in done and "I will come" in done
        assert "Yes, I can" not in done + phone.get(f"{WEEK}?week=next").text
        phone.cookies["mg_language"] = "es"
        assert "No hay un lugar que devolver" in phone.post(address, {"session": session.pk}, follow=True).text
    assert phone.get(address).status_code == 302
    with everything("test"):
        assert not Membership.objects.filter(session=session, until__gte=session.start).exists()


def test_a_session_that_has_begun_offers_no_way_out_of_it(clinic, wren, phone, missed):  # noqa: F811
    session = first_of(missed)
    with clock.at(LATE):
        phone.post(reverse("portal-make-up"), {"session": session.pk})
    with clock.at(session.start):
        page = phone.get("/me/").text
        assert "Coping again" in page and "I can't come" not in page
    with clock.at(session.start - timedelta(minutes=1)):
        assert "I can't come" in phone.get("/me/").text


def test_the_week_shows_hours_planned_delivered_and_in_reach(clinic, wren, phone):
    book(clinic, wren, an_evening(clinic), since=clock.today())
    page = phone.get(WEEK).text
    assert "Your plan is 9 hours a week." in page
    assert "Hours you came for" in page and "Still in reach this week" in page


def test_the_pages_keep_to_their_queries(clinic, wren, phone, missed):  # noqa: F811
    with clock.at(LATE):
        for address in (WEEK, TIMES, "/me/calendar/"):
            asked = queries_of(phone, address)
            assert len(asked) <= 12, (address, len(asked), asked)


def test_a_counselor_books_from_the_chart_and_a_full_session_is_said(clinic, wren, missed):  # noqa: F811
    staff = Browser()
    staff.force_login(clinic.people["counselor"])
    address = reverse("make-up", args=[wren.pk])
    with clock.at(LATE):
        assert len(queries_of(staff, address)) <= 12
        page = staff.get(address).text
        assert first_of(missed).topic_title in page
        assert staff.post(address, {"session": "x"}).status_code == 409
        assert staff.post(address, {"session": first_of(missed).pk}).status_code == 302
        assert "Nothing to make up" in staff.get(address).text
    with clock.at(LATE + timedelta(days=20)):
        assert "Nothing to make up" in staff.get(address).text


def test_a_counselor_gives_the_seat_back_from_the_chart(clinic, wren, missed):  # noqa: F811
    staff, session = Browser(), first_of(missed)
    staff.force_login(clinic.people["counselor"])
    chart, address = reverse("chart-sessions", args=[wren.pk]), reverse("cant-come", args=[wren.pk])
    with clock.at(LATE):
        assert "Give the seat back" not in staff.get(chart).text
        staff.post(reverse("make-up", args=[wren.pk]), {"session": session.pk})
        assert staff.get(chart).text.count("Give the seat back") == 1
        done = staff.post(address, {"session": session.pk}, follow=True).text
        assert "Wren is not expected there any more." in done and "Give the seat back" not in done
        assert "no seat to give back" in staff.post(address, {"session": session.pk}, follow=True).text
        assert "Choose a session." in staff.post(address, {"session": "x"}, follow=True).text


def test_what_is_booked_outside_their_times_is_shown_and_the_counselor_told(clinic, wren, phone):
    book(clinic, wren, an_evening(clinic), since=clock.today())
    free(clinic, wren, "mon 17:00-22:00", "wed 17:00-22:00", "thu 17:00-22:00")
    assert "Booked outside" not in phone.get(TIMES).text
    done = phone.post(TIMES, {"painted": json.dumps(PAINTED[1:]), f"travel-{clinic.site.pk}": "20"}, follow=True).text
    assert "We told your counselor what is booked outside them." in done
    for page in (done, phone.get(TIMES).text):
        assert "Booked outside your times" in page and "Every Monday, 6:00 to 9:00 pm" in page and "Recovery" in page
        assert "Every Wednesday" not in page and "these stay booked" in page
    assert Notice.objects.filter(to=clinic.people["counselor"], words__endswith="1 of their bookings is outside them.")
    with everything("test"):
        assert Membership.objects.filter(client=wren, until=None).count() == 3
    with everything("test"):
        set_language.run(User.objects.get(client_id=wren.pk).actor(), language="es")
    page = phone.get(TIMES).text
    assert "Reservado fuera de sus horas" in page and "Cada lunes, " in page and "siguen reservadas" in page


def test_whoever_has_no_counselor_is_not_told_that_one_was(clinic, wren, phone, monkeypatch):
    book(clinic, wren, an_evening(clinic), since=clock.today())
    monkeypatch.setattr(my_times, "counselor_of", lambda client: None)
    done = phone.post(TIMES, {"painted": json.dumps(PAINTED[1:])}, follow=True).text
    assert "Booked outside your times" in done and "We told your counselor" not in done
