"""The week pages: say when a client can come, choose a week, book it; the board of the clinic's week."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.program.models import Membership
from middleground.timetable.models import Availability, WeekPlan
from tests import builders
from tests.asking import asked
from tests.timetable.weeks import EVENINGS, a_group, a_track, an_evening, book, free

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


@pytest.fixture
def counselor(client, clinic):
    client.force_login(clinic.people["counselor"])
    return client


def week_of(person):
    return reverse("chart-week", args=[person.pk])


def typed(*rows, travel="", site=1, **more):
    """The editor's form as a browser posts it."""
    data = {"rows-TOTAL_FORMS": len(rows), "rows-INITIAL_FORMS": 0, f"travel-{site}": travel, **more}
    for n, row in enumerate(rows):
        data |= {f"rows-{n}-{name}": value for name, value in zip(("day", "starts", "ends", "cost"), row, strict=False)}
    return data


def times(person):
    with everything("test"):
        return Availability.objects.filter(client_id=person.pk, until=None).values_list("intervals", flat=True).first()


def members(person):
    with everything("test"):
        return Membership.objects.filter(client_id=person.pk, until=None).count()


def queries_of(browser, url):
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(url).status_code == 200
    return asked(seen)


def test_without_anything_the_page_says_what_to_do(counselor, wren):
    page = counselor.get(week_of(wren)).content.decode()
    assert "No week is booked" in page
    assert "No group runs yet" in page
    assert page.count('class="time-row"') == 2


def test_times_are_typed_kept_and_the_fitting_weeks_appear(counselor, clinic, wren):
    an_evening(clinic)
    rows = [(day, "17:00", "22:00", "0") for day in ("mon", "wed", "thu")]
    done = counselor.post(week_of(wren), typed(*rows, ("", "", "", "0"), travel="30", site=clinic.site.pk), follow=True)
    assert times(wren) == [{"at": at, "cost": 0} for at in EVENINGS]
    page = done.content.decode()
    assert "9 h on 3 days" in page
    assert "Prescription reached" in page and "Payer&#x27;s rule met" in page or "Payer's rule met" in page


def test_midnight_is_the_end_of_the_day(counselor, wren):
    counselor.post(week_of(wren), typed(("sat", "20:00", "00:00", "1")))
    assert times(wren) == [{"at": "sat 20:00-24:00", "cost": 1}]
    assert 'value="00:00"' in counselor.get(week_of(wren)).content.decode()


@pytest.mark.parametrize(
    "row, says",
    [
        (("mon", "18:00", "17:00", "0"), "a start before its end"),
        (("mon", "18:05", "19:00", "0"), "quarter hour"),
        (("mon", "18:00", "", "0"), "both times"),
        (("mon", "evening", "19:00", "0"), "valid time"),
    ],
)
def test_a_wrong_time_is_named_beside_its_row_and_nothing_typed_is_lost(counselor, wren, row, says):
    answer = counselor.post(week_of(wren), typed(("tue", "09:00", "12:00", "2"), row))
    page = answer.content.decode()
    second = page[page.index("Time 2</legend>") :]
    assert (answer.status_code, times(wren)) == (422, None)
    assert says in second
    assert row[1] in second and 'value="09:00"' in page


def test_a_row_more_or_less_works_without_a_script_and_keeps_what_was_typed(counselor, wren):
    rows = [("mon", "08:00", "09:00", "0"), ("tue", "10:00", "11:00", "3")]
    more = counselor.post(week_of(wren), typed(*rows, more="1")).content.decode()
    less = counselor.post(week_of(wren), typed(*rows, remove="0")).content.decode()
    assert more.count('class="time-row"') == 3 and 'value="10:00"' in more
    assert less.count('class="time-row"') == 1 and 'value="10:00"' in less and 'value="08:00"' not in less
    assert times(wren) is None


def test_the_enter_key_keeps_the_times_and_removes_no_row(counselor, clinic, wren):
    free(clinic, wren, *EVENINGS)
    form = re.search(r"<form class=\"form\".*?</form>", counselor.get(week_of(wren)).content.decode(), re.S)[0]
    assert re.search(r"<button[^>]*>", form)[0].find('name="keep"') > 0


def test_a_chosen_week_is_confirmed_and_booked(counselor, clinic, wren):
    an_evening(clinic)
    free(clinic, wren, *EVENINGS)
    choose = re.search(r'href="([^"]*choose/[^"]*)"', counselor.get(week_of(wren)).content.decode())[1].replace(
        "&amp;", "&"
    )
    page = counselor.get(choose).content.decode()
    assert "Book this week for Wren" in page and "8 of 8 seats free" in page
    fields = {
        name: re.findall(rf'name="{name}" value="([^"]*)"', page) for name in ("group", "seen_plan", "request_key")
    }
    since = re.search(r'name="since" value="([^"]*)"', page)[1]
    done = counselor.post(choose, {**fields, "since": since}, follow=True)
    assert members(wren) == 3
    page = done.content.decode()
    assert (
        "The week is booked from" in page
        and "9 h a week in 3 groups" in page
        and "Planned, of what is prescribed" in page
    )


def test_the_slower_one_hears_which_seat_went_and_gets_other_weeks(counselor, clinic, wren):
    track = a_track(clinic)
    one = a_group(clinic, track, "Recovery", 0, capacity=1)
    a_group(clinic, track, "Skills", 1)
    free(clinic, wren, "mon 08:00-22:00", "tue 08:00-22:00")
    book(clinic, builders.a_client(clinic, "Ash", "Birch"), [one])
    late = counselor.post(
        reverse("week-plan", args=[wren.pk]),
        {"group": [one.pk], "since": clock.today() + timedelta(days=1), "seen_plan": "0"},
    )
    page = late.content.decode()
    assert (late.status_code, members(wren)) == (422, 0)
    assert "The last seat in Recovery (Monday 6:00 pm) was just taken." in page
    assert "Weeks that fit now" in page and "3 h on 1 day" in page


def test_a_day_in_the_past_is_refused_beside_its_field(counselor, clinic, wren):
    groups = an_evening(clinic)
    answer = counselor.post(
        reverse("week-plan", args=[wren.pk]), {"group": groups[0].pk, "since": "2020-01-01", "seen_plan": "0"}
    )
    assert answer.status_code == 422 and b"past" in answer.content and b"2020-01-01" in answer.content


def test_sending_the_form_twice_books_once(counselor, clinic, wren):
    groups = an_evening(clinic)
    sent = {
        "group": [g.pk for g in groups],
        "since": clock.today() + timedelta(days=1),
        "seen_plan": "0",
        "request_key": "k",
    }
    for _ in range(2):
        assert counselor.post(reverse("week-plan", args=[wren.pk]), sent).status_code == 302
    with everything("test"):
        assert WeekPlan.objects.count() == 1


@pytest.mark.parametrize("query", ["", "?group=abc", "?group=999"])
def test_no_choice_is_a_way_back_not_a_fault(counselor, wren, query):
    assert b"No week is chosen" in counselor.get(reverse("week-plan", args=[wren.pk]) + query).content


def test_before_admission_no_week_is_booked(client, clinic):
    person = builders.a_client(clinic, "Ash", "Birch", admitted=False)
    client.force_login(clinic.people["intake-coordinator"])
    assert client.get(week_of(person)).status_code == 200
    assert b"once the client is admitted" in client.get(reverse("week-plan", args=[person.pk]), follow=True).content


@pytest.mark.parametrize(
    "role, status",
    [
        ("counselor", 200),
        ("intake-coordinator", 200),
        ("case-manager", 200),
        ("program-director", 200),
        ("biller", 403),
        ("prescriber", 403),
        ("compliance-officer", 403),
        ("administrator", 403),
    ],
)
def test_who_opens_a_clients_week(client, clinic, wren, role, status):
    groups = an_evening(clinic)
    free(clinic, wren, *EVENINGS)
    book(clinic, wren, groups)
    client.force_login(clinic.people[role])
    assert client.get(week_of(wren)).status_code == status
    assert client.get(reverse("week-plan", args=[wren.pk]) + f"?group={groups[0].pk}").status_code == status


def test_a_counselor_without_a_relation_finds_no_such_client(client, clinic, wren):
    client.force_login(builders.a_second(clinic, "counselor", "stranger"))
    assert client.get(week_of(wren)).status_code == 404


def test_the_intake_coordinator_sees_what_is_planned_and_that_attendance_is_withheld(client, clinic, wren):
    book(clinic, wren, an_evening(clinic))
    client.force_login(clinic.people["intake-coordinator"])
    page = client.get(week_of(wren)).content.decode()
    assert (
        "Attendance is withheld from your role" in page and "Delivered, of" not in page and "With make-up" not in page
    )


def test_the_board_shows_the_week_and_its_seats_to_all_staff_and_to_nobody_else(client, clinic, wren):
    groups = an_evening(clinic, capacity=1)
    book(clinic, wren, groups[:1])
    for role in ("counselor", "biller", "administrator"):
        client.force_login(clinic.people[role])
        page = client.get(reverse("week-board")).content.decode()
        assert "0 of 1 seats taken" in page and "Full" in page and "6:00 to 9:00 pm" in page
        assert "Wren" not in page
    client.force_login(builders.client_user(clinic, wren))
    assert client.get(reverse("week-board")).status_code == 403


def test_the_board_says_what_to_do_when_empty(client, clinic):
    client.force_login(clinic.people["program-director"])
    assert b"No group runs yet" in client.get(reverse("week-board")).content


def test_pages_stay_within_twelve_queries_however_many_groups(counselor, clinic, wren):
    groups, track = an_evening(clinic), a_track(clinic, "Saturday")
    free(clinic, wren, *EVENINGS)
    book(clinic, wren, groups)
    choose = reverse("week-plan", args=[wren.pk]) + f"?group={groups[0].pk}"
    urls = [week_of(wren), choose, reverse("week-board")]
    before = [len(queries_of(counselor, url)) for url in urls]
    for n in range(6):
        a_group(clinic, track, f"Group {n}", 5, 8 + 2 * n, minutes=60)
    after = [len(queries_of(counselor, url)) for url in urls]
    assert max(after) <= 12, "\n".join(queries_of(counselor, urls[0]))
    assert after == before


def test_what_is_booked_outside_their_times_is_listed_until_it_fits_again(counselor, clinic, wren):
    book(clinic, wren, an_evening(clinic), since=clock.today())
    free(clinic, wren, *EVENINGS)
    assert "Booked outside" not in counselor.get(week_of(wren)).content.decode()
    rows = [(day, "17:00", "22:00", "0") for day in ("wed", "thu")]
    done = counselor.post(week_of(wren), typed(*rows, travel="30", site=clinic.site.pk), follow=True)
    for page in (done.content.decode(), counselor.get(week_of(wren)).content.decode()):
        assert "Booked outside the times they gave" in page
        assert "Mondays, 6:00 to 9:00 pm: <strong>Recovery</strong>" in page
        assert "Wednesdays" not in page and "book one of the weeks that fit" in page
        assert reverse("week-repair", args=[wren.pk]) not in page, "who plans no week is offered no repair"
    free(clinic, wren, *EVENINGS)
    assert "Booked outside" not in counselor.get(week_of(wren)).content.decode()


def test_the_list_asks_nothing_more_however_much_is_booked(counselor, clinic, wren):
    book(clinic, wren, an_evening(clinic), since=clock.today())
    free(clinic, wren, *EVENINGS)
    before = queries_of(counselor, week_of(wren))
    free(clinic, wren, "sat 09:00-12:00")
    assert len(queries_of(counselor, week_of(wren))) == len(before)
