"""Calendar links: a secret of which the hash is kept, neutral words, taken back at once."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client as Browser
from django.urls import reverse
from django.utils.translation import trans_real
from scripts import compile_messages

from middleground.admissions import actions as admissions
from middleground.clinic.actions import set_language
from middleground.clinic.models import Site
from middleground.kernel import clock, guard
from middleground.kernel.context import everything
from middleground.kernel.models import AuditEntry
from middleground.timetable import actions, calendars
from middleground.timetable.ical import utc
from middleground.timetable.models import CalendarLink
from tests import builders
from tests.timetable.weeks import a_group, a_track, an_evening, book, monday_to_come

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
REVEALING = ("recovery", "skills", "process", "group", "alder", "wren", "middleground", "counsel", "clinic", "therapy")


@pytest.fixture
def wrens(clinic, wren):
    """Wren's sign-in; three evenings are booked."""
    book(clinic, wren, an_evening(clinic))
    with guard.opened("test"):
        Site.objects.update(address="12 Elm St, Austin")
    return builders.client_user(clinic, wren)


def fetched(link, **headers):
    return Browser(headers=headers).get(reverse("calendar-feed", args=[link.token]))


def test_a_clients_calendar_says_when_and_nothing_else(wrens):
    link = actions.make_calendar_link.run(wrens.actor())
    answer = fetched(link)
    text = answer.text
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert text.count("SUMMARY:Appointment\r\n") == text.count("BEGIN:VEVENT") >= 6
    assert "LOCATION" not in text
    assert [word for word in REVEALING if word in text.lower()] == []


def test_the_street_is_told_only_when_the_client_chose_it(wrens):
    text = fetched(actions.make_calendar_link.run(wrens.actor(), says_where=True)).text
    assert text.count("LOCATION:12 Elm St\\, Austin") == text.count("BEGIN:VEVENT")


def test_spanish_clients_read_spanish(wrens):
    compile_messages.main()
    trans_real._translations.clear()
    set_language.run(wrens.actor(), language="es")
    wrens.refresh_from_db()
    assert "SUMMARY:Cita\r\n" in fetched(actions.make_calendar_link.run(wrens.actor())).text


def test_staff_are_busy_and_no_client_or_group_is_named(clinic, wrens):
    text = fetched(actions.make_calendar_link.run(clinic.actor("counselor"))).text
    assert text.count("SUMMARY:Busy at work") == text.count("BEGIN:VEVENT") >= 6
    assert [word for word in REVEALING if word in text.lower()] == []


def test_only_the_hash_is_kept_and_a_new_link_ends_the_old_one(wrens):
    old = actions.make_calendar_link.run(wrens.actor())
    new = actions.make_calendar_link.run(wrens.actor())
    kept = list(CalendarLink.objects.values_list("token_hash", flat=True))
    assert len(new.token) >= 43 and new.token not in kept and calendars.hashed(new.token) in kept
    assert (fetched(old).status_code, fetched(new).status_code) == (404, 200)


def test_a_link_taken_back_is_not_found_and_so_is_that_of_somebody_who_left(clinic, wrens):
    link = actions.make_calendar_link.run(wrens.actor())
    actions.revoke_calendar_link.run(wrens.actor())
    assert fetched(link).status_code == 404
    again = actions.make_calendar_link.run(wrens.actor())
    with guard.opened("test"):
        type(wrens).objects.filter(pk=wrens.pk).update(is_active=False)
    assert fetched(again).status_code == 404
    assert Browser().get(reverse("calendar-feed", args=["guess"])).status_code == 404


def test_an_unchanged_calendar_is_not_sent_again_and_a_changed_one_is(clinic, wrens, wren):
    link = actions.make_calendar_link.run(wrens.actor())
    etag = fetched(link)["ETag"]
    same = fetched(link, **{"if-none-match": etag})
    assert (same.status_code, same.content) == (304, b"")
    other = a_group(clinic, a_track(clinic, "Noon"), "Noon skills", 1, hour=12)
    book(clinic, wren, [other])
    assert fetched(link, **{"if-none-match": etag}).status_code == 200


def stamps(text):
    return {line.removeprefix("DTSTAMP:") for line in text.split("\r\n") if line.startswith("DTSTAMP:")}


def test_a_calendar_is_stamped_when_what_stands_in_it_came_to_stand_there(clinic, wrens, wren):
    """Not with the making of the link, which is older than what was booked since; and the same bytes while nothing changes."""
    link = actions.make_calendar_link.run(wrens.actor())
    with monday_to_come() as first:
        text = fetched(link).text
    assert stamps(text) == {utc(first)}
    with clock.at(first + timedelta(minutes=30)):
        assert fetched(link).text == text
        book(clinic, wren, [a_group(clinic, a_track(clinic, "Noon"), "Noon skills", 1, hour=12)])
    with clock.at(first + timedelta(minutes=45)):
        changed = fetched(link).text
    assert stamps(changed) == {utc(first + timedelta(minutes=45))} and changed.count("VEVENT") != text.count("VEVENT")


def test_with_nothing_booked_it_is_a_calendar_still(clinic):
    text = fetched(actions.make_calendar_link.run(clinic.actor("biller"))).text
    assert "BEGIN:VEVENT" not in text and "BEGIN:VTIMEZONE\r\nTZID:America/Chicago\r\n" in text


@pytest.fixture
def asked_for(clinic):
    """Robin asked for help; nobody has met them yet."""
    given = {"first_name": "Robin", "phone": "555-0100", "site": clinic.site}
    return admissions.take_inquiry.run(clinic.actor("intake-coordinator"), **given)


def test_an_assessment_is_in_the_calendar_of_who_does_it_with_nothing_of_whom_it_is_about(clinic, asked_for):
    with guard.opened("test"):
        Site.objects.update(address="12 Elm St, Austin")
    link = actions.make_calendar_link.run(clinic.actor("counselor"), says_where=True)
    assert "BEGIN:VEVENT" not in fetched(link).text
    start, book_it = next_opening(), admissions.book_assessment.run
    told = {"inquiry": asked_for, "assessor": clinic.people["counselor"], "minutes": 60}
    book_it(clinic.actor("intake-coordinator"), at=start, room=clinic.rooms[1], **told)
    lines = fetched(link).text.split("\r\n")
    for each in (f"DTSTART:{utc(start)}", f"DTEND:{utc(start + timedelta(minutes=60))}", "SUMMARY:Busy at work"):
        assert lines.count(each) == 1
    assert "LOCATION:12 Elm St\\, Austin" in lines
    assert [word for word in (*REVEALING, "robin", "assess", "inquiry") if word in "".join(lines).lower()] == []
    (uid,) = [line for line in lines if line.startswith("UID:")]
    book_it(clinic.actor("intake-coordinator"), at=start + timedelta(hours=2), **told)
    again = fetched(link).text.split("\r\n")
    assert f"DTSTART:{utc(start + timedelta(hours=2))}" in again and f"DTSTART:{utc(start)}" not in again
    assert uid in again and not any(line.startswith("LOCATION") for line in again)
    assert "VEVENT" not in fetched(actions.make_calendar_link.run(clinic.actor("prescriber"))).text
    admissions.mark_lost.run(clinic.actor("intake-coordinator"), inquiry=asked_for, reason="schedule")
    assert "VEVENT" not in fetched(link).text


def next_opening():
    """Ten in the morning of a Monday to come."""
    with monday_to_come() as monday:
        return monday.replace(hour=10)


def test_the_last_use_is_noted_now_and_then(wrens):
    link = actions.make_calendar_link.run(wrens.actor())
    fetched(link)
    first = CalendarLink.objects.get(pk=link.pk).used_at
    fetched(link)
    assert first and CalendarLink.objects.get(pk=link.pk).used_at == first
    with clock.at(clock.now() + timedelta(hours=2)):
        fetched(link)
    assert CalendarLink.objects.get(pk=link.pk).used_at > first


def test_making_and_taking_back_are_audited_about_the_client(wrens, wren):
    actions.make_calendar_link.run(wrens.actor())
    actions.revoke_calendar_link.run(wrens.actor())
    with everything("test"):
        done = AuditEntry.objects.filter(client_id=wren.pk, actor_id=wrens.pk).values_list("verb", flat=True)
        assert {"Make a calendar link", "Take back a calendar link"} <= set(done)


def test_no_table_holds_the_secret(wrens):
    link = actions.make_calendar_link.run(wrens.actor())
    with everything("test"), connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 our own table names
            assert link.token not in repr(cursor.fetchall()), table


@pytest.mark.parametrize(("role", "name"), [("client", "portal-calendar"), ("counselor", "my-calendar")])
def test_the_page_shows_the_link_once_its_last_use_and_takes_it_back(clinic, wrens, role, name):
    browser = Browser()
    browser.force_login(wrens if role == "client" else clinic.people[role])
    assert "Make a link" in browser.get(reverse(name)).text
    made = browser.post(reverse(name), {"says_where": "on"})
    link = calendars.link_of(wrens.pk if role == "client" else clinic.people[role].pk)
    assert "/calendar/" in made.text and link.says_where
    again = browser.get(reverse(name)).text
    assert "/calendar/" not in again.replace("/me/calendar/", "").replace("/my/calendar/", "") and "not yet" in again
    browser.post(reverse(name), {"take-back": "1"})
    assert calendars.link_of(link.user_id) is None
