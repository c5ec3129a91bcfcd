"""See your week: weeks for a visitor from the groups that run, without naming anything or keeping anything."""

import json
import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from middleground.admissions.models import Inquiry
from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.program import actions as program
from middleground.program.models import Membership
from middleground.timetable import previews
from tests import builders
from tests.asking import asked
from tests.timetable.weeks import a_group, a_track, an_evening

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
EVENINGS = [{"at": f"{day} 17:00-22:00", "cost": 0} for day in ("mon", "wed", "thu")]
ADDRESS = "/your-week/"


@pytest.fixture(autouse=True)
def afresh():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def visitor():
    return Browser(enforce_csrf_checks=True)


def ask(visitor, times=EVENINGS, **more):
    return visitor.post(ADDRESS, {"painted": json.dumps(times), **more})


def test_the_page_asks_when_one_is_free(clinic, visitor):
    page = visitor.get(ADDRESS)
    assert page.status_code == 200
    assert "When are you free?" in page.text and "Minutes to North" in page.text


def test_weeks_are_shown_by_kind_and_time_with_what_is_good_about_them(clinic, visitor):
    an_evening(clinic)
    page = ask(visitor).text
    assert "9 hours on 3 days" in page
    assert page.count("6:00 to 9:00 pm") >= 3
    assert "Group session" in page
    assert "All 9 hours of the program" in page and "Only times that are good for you" in page
    assert "the assessment, decides" in page


def test_who_reads_spanish_sees_groups_in_english_when_there_are_none_in_spanish(clinic, visitor):
    groups = an_evening(clinic)
    visitor.cookies["mg_language"] = "es"
    page = ask(visitor).text
    assert (
        "no hay una semana de grupos en español. Estos grupos son en inglés." in page
        and page.count("6:00 a 9:00 pm") >= 3
    )
    cache.clear()
    for weekday, group in zip((0, 2, 3), groups, strict=True):
        a_group(
            clinic, group.track, "Noches", weekday, room=clinic.rooms[1], leader=spoken(clinic, weekday), language="es"
        )
    page = ask(visitor).text
    assert "en inglés" not in page and page.count("6:00 a 9:00 pm") >= 3
    visitor.cookies["mg_language"] = "en"
    assert "in English" not in ask(visitor).text


def spoken(clinic, number):
    return builders.a_second(clinic, "counselor", f"leader{number}")


def test_nothing_shows_of_groups_or_of_who_is_in_them(clinic, wren, visitor):
    groups = an_evening(clinic, capacity=8)
    program.join_group.run(clinic.actor("program-director"), client=wren, group=groups[0])
    found = re.search(r'id="answer".*?</section>', ask(visitor).text, re.DOTALL)
    page = found.group()
    for secret in (
        "Recovery",
        "Skills",
        "Process",
        "Evening",
        "Counselor Person",
        "Alder",
        "Room",
        " of 8",
        "seats",
        "places left",
    ):
        assert secret not in page, secret
    assert not re.search(r"name=\"group|value=\"\d+\"", page.replace('name="carry" value="1"', ""))


def test_a_full_group_is_just_not_among_the_weeks(clinic, wren, visitor):
    track = a_track(clinic)
    only = a_group(clinic, track, "Recovery", 0, capacity=1)
    assert "3 hours on 1 day" in ask(visitor).text
    program.join_group.run(clinic.actor("program-director"), client=wren, group=only)
    cache.clear()
    page = ask(visitor).text
    assert "No week fits these times yet" in page and "full" not in page.lower().replace("carefully", "")


def test_times_one_would_rather_not_come_are_said(clinic, visitor):
    an_evening(clinic)
    times = [*EVENINGS[:2], {"at": "thu 17:00-22:00", "cost": 2}]
    assert "Uses times you marked" in ask(visitor, times).text


def test_a_site_left_empty_beside_a_filled_one_is_too_far(clinic, visitor):
    an_evening(clinic)
    assert "9 hours on 3 days" in ask(visitor, **{f"travel-{clinic.site.pk}": "45"}).text
    late = [{"at": "mon 18:00-21:00", "cost": 0}]
    assert "No week fits" in ask(visitor, late, **{f"travel-{clinic.site.pk}": "45"}).text


def test_nothing_is_kept_and_the_plain_fields_do_as_well(clinic, visitor):
    an_evening(clinic)
    with CaptureQueriesContext(connection) as seen:
        page = visitor.post(ADDRESS, {"mon": "evening", "wed": "evening", "thu": "evening"})
    assert "9 hours on 3 days" in page.text
    statements = asked(seen)
    assert not any(sql.lstrip().startswith(("INSERT", "UPDATE")) for sql in statements)
    assert len(statements) <= 8
    with everything("test"):
        assert not Inquiry.objects.exists() and not Membership.objects.exists()


def test_nothing_painted_or_nothing_readable_is_said_beside_it(clinic, visitor):
    assert ask(visitor, []).status_code == 422
    assert "Paint at least one time first." in ask(visitor, []).text
    broken = visitor.post(ADDRESS, {"painted": "[["})
    assert broken.status_code == 422 and "Please write the times." in broken.text


CRAFTED = {
    "too deep": "[" * 39_000,
    "without end": '[{"at": "mon 17:00-22:00", "cost": 1e999}]',
    "no number": '[{"at": "mon 17:00-22:00", "cost": NaN}]',
}


@pytest.mark.parametrize("painted", CRAFTED.values(), ids=CRAFTED.keys())
def test_what_no_browser_would_paint_is_refused_in_words_and_the_rest_stays(clinic, visitor, painted):
    way = f"travel-{clinic.site.pk}"
    answer = visitor.post(ADDRESS, {"painted": painted, way: "45"})
    assert answer.status_code == 422 and "Please write the times." in answer.text
    assert re.search(rf'name="{way}"[^>]*value="45"|value="45"[^>]*name="{way}"', answer.text)
    carried = Browser().post("/request-assessment/", {"carry": "1", "painted": painted, "week": "Monday 6:00 pm"})
    assert carried.status_code == 200 and "This week would suit me: Monday 6:00 pm" in carried.text
    sent = Browser().post("/request-assessment/", {"painted": painted, "first_name": "Rowan"})
    assert sent.status_code == 422 and "Please write the times." in sent.text and 'value="Rowan"' in sent.text


def test_what_can_not_be_read_counts_as_asking_too(clinic, visitor, monkeypatch):
    monkeypatch.setattr(previews, "rules", lambda: {"weeks": 5, "remembered": 30, "one_address": 2})
    answers = [visitor.post(ADDRESS, {"painted": "[["}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [422, 422, 429]
    assert "Please call us instead." in answers[-1].text


def test_an_address_that_asks_without_end_is_turned_to_the_phone(clinic, visitor, monkeypatch):
    monkeypatch.setattr(previews, "rules", lambda: {"weeks": 5, "remembered": 30, "one_address": 2})
    an_evening(clinic)
    assert [ask(visitor).status_code for _ in range(3)] == [200, 200, 429]
    assert visitor.get("/request-assessment/").status_code == 200


def test_the_week_one_liked_goes_along_into_the_request_and_stays_ones_own_to_change(clinic):
    browser = Browser()
    carried = {"carry": "1", "painted": json.dumps(EVENINGS), "week": "Monday 6:00 to 9:00 pm"}
    page = browser.post("/request-assessment/", carried)
    assert page.status_code == 200
    assert "This week would suit me: Monday 6:00 to 9:00 pm" in page.text
    assert "mon 17:00-22:00" in page.text
    for name, time in (("mon_from", "17:00"), ("mon_to", "22:00")):  # where no script runs they are the week
        assert re.search(rf'name="{name}"[^>]*value="{time}"|value="{time}"[^>]*name="{name}"', page.text)
    assert browser.post("/request-assessment/", {**carried, "painted": "]"}).status_code == 200
    with everything("test"):
        assert not Inquiry.objects.exists()


def test_a_day_painted_until_midnight_can_be_sent_in_the_plain_fields(clinic):
    painted = [{"at": "mon 18:15-24:00", "cost": 0}]
    page = Browser().post("/request-assessment/", {"carry": "1", "painted": json.dumps(painted)}).text
    shown = {}
    for name in ("mon_from", "mon_to"):
        tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', page).group()
        shown[name] = re.search(r'value="([^"]*)"', tag).group(1)
    assert shown == {"mon_from": "18:15", "mon_to": "00:00"}
    asked = {"first_name": "Rowan", "phone": "555-014-2777", "for_whom": "me", "language": "en"}
    Browser().post("/request-assessment/", {**asked, "pathway": "first-line", **shown})
    with everything("test"):
        assert Inquiry.objects.get().availability == ["mon 18:15-24:00"]


def test_a_painted_request_keeps_the_same_intervals_as_the_plain_one(clinic):
    asked = {
        "first_name": "Rowan",
        "phone": "555-014-2777",
        "for_whom": "me",
        "language": "en",
        "pathway": "first-line",
    }
    Browser().post("/request-assessment/", {**asked, "mon": "evening"})
    painted = [{"at": "mon 17:00-19:00", "cost": 0}, {"at": "mon 19:00-21:15", "cost": 2}]
    Browser().post("/request-assessment/", {**asked, "first_name": "Lee", "painted": json.dumps(painted)})
    with everything("test"):
        kept = dict(Inquiry.objects.values_list("first_name", "availability"))
    assert kept == {"Rowan": ["mon 17:00-21:15"], "Lee": ["mon 17:00-21:15"]}


def test_the_plain_fields_beside_a_painted_week_are_never_somebody_elses(clinic, visitor):
    an_evening(clinic)
    first = ask(visitor, mon="evening", mon_from="09:15", mon_to="10:15")
    second = ask(Browser())
    assert first.status_code == second.status_code == 200
    for page in (first.text, second.text):
        assert "09:15" not in page and not re.search(r'name="mon"[^>]*checked', page)


def test_groups_are_read_once_for_many_and_anew_when_the_moment_is_over(clinic, visitor):
    an_evening(clinic)
    ask(visitor)
    with CaptureQueriesContext(connection) as seen:
        ask(visitor)
    assert not any('FROM "program_group"' in q["sql"] for q in seen)
    with clock.at(clock.now() + timedelta(seconds=31)), CaptureQueriesContext(connection) as later:
        ask(visitor)
    assert any('FROM "program_group"' in q["sql"] for q in later)
